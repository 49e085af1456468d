//! The page as `cargo xtask serve` builds it: `www/index.html`, with a profile that compiles fast, and with the programs
//! that are there. What the first image needs is built with the page; the reader of files and other engines follow while
//! the page is already served (`commands/later_programs.rs`), and the page is built again when one is ready.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::programs::LATER;

/// Set for trunk's hooks while it serves: the target folder.
pub(crate) const SERVED_BUILD: &str = "ELBO_ROOM_SERVED_BUILD";
/// The profile of the page and of all that its first image needs.
pub(crate) const PROFILE: &str = "serve";
/// The profile of the programs that follow.
pub(crate) const LATER_PROFILE: &str = "serve-later";
/// The page's source.
const SOURCE: &str = "www/index.html";
/// What trunk builds. Beside the source, because the addresses in it are relative. trunk must not watch it: the hook
/// before a build writes it.
pub(crate) const SERVED: &str = "www/served.html";
/// The later programs that are ready, one in a line. trunk watches this file; it does not watch the target folder.
const READY: &str = "www/ready-programs.txt";
/// Ends a link of trunk.
const END: &str = "/>";

/// The file that says that the page was built since [`reset`].
fn built(target: &Path) -> PathBuf {
    target.join("served-page-is-built")
}

/// Starts anew: the page is not built, and only the first programs are ready.
///
/// # Errors
///
/// If a file cannot be written or removed.
pub(crate) fn reset(root: &Path, target: &Path) -> Result<()> {
    if is_built(target) {
        std::fs::remove_file(built(target))?;
    }
    std::fs::write(root.join(READY), "")?;
    write(root)
}

/// Whether the page was built since [`reset`].
pub(crate) fn is_built(target: &Path) -> bool {
    built(target).exists()
}

/// Notes that the page is built.
///
/// # Errors
///
/// If the file cannot be written.
pub(crate) fn set_built(target: &Path) -> Result<()> {
    Ok(std::fs::write(built(target), "")?)
}

/// Notes that a later program is ready. trunk then builds the page again.
///
/// # Errors
///
/// If the file cannot be written.
pub(crate) fn add_program(root: &Path, name: &str) -> Result<()> {
    let path = root.join(READY);
    let ready = std::fs::read_to_string(&path).unwrap_or_default();
    std::fs::write(path, format!("{ready}{name}\n"))?;
    Ok(())
}

/// Writes the page that trunk builds.
///
/// # Errors
///
/// If a file cannot be read or written.
pub(crate) fn write(root: &Path) -> Result<()> {
    let source = root.join(SOURCE);
    let html = std::fs::read_to_string(&source)
        .with_context(|| format!("cannot read {}", source.display()))?;
    let ready = std::fs::read_to_string(root.join(READY)).unwrap_or_default();
    let html = served(&html, |name| ready.lines().any(|line| line == name))?;
    let path = root.join(SERVED);
    std::fs::write(&path, html).with_context(|| format!("cannot write {}", path.display()))
}

/// The page with the profile of each program set, and without the later programs that are not ready.
fn served(html: &str, is_ready: impl Fn(&str) -> bool) -> Result<String> {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find("<link") {
        let (before, link) = rest.split_at(start);
        let end = link.find('>').context("a link does not end")? + 1;
        let (link, after) = link.split_at(end);
        out.push_str(before);
        if is_program(link) {
            out.push_str(&program(link, &is_ready)?);
        } else {
            out.push_str(link);
        }
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

fn is_program(link: &str) -> bool {
    link.contains("data-trunk") && link.contains("rel=\"rust\"")
}

/// The link of a program; empty if it is not ready.
fn program(link: &str, is_ready: impl Fn(&str) -> bool) -> Result<String> {
    let later = LATER
        .iter()
        .find(|program| link.contains(&format!("data-bin=\"{}\"", program.name)));
    let profile = match later {
        None => PROFILE,
        Some(program) if is_ready(program.name) => LATER_PROFILE,
        Some(_) => return Ok(String::new()),
    };
    ensure!(
        link.ends_with(END),
        "a program's link does not end with {END}"
    );
    let link = link.replace("data-cargo-profile=\"page\"", "");
    let attributes = link.trim_end_matches(END).trim_end();
    Ok(format!(
        "{attributes} data-cargo-profile=\"{profile}\" {END}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE_PAGE: &str = include_str!("../../../../www/index.html");

    fn profiles(html: &str) -> Vec<(&str, &str)> {
        html.split("<link")
            .skip(1)
            .filter(|link| is_program(link))
            .map(|link| {
                (
                    attribute(link, "data-bin"),
                    attribute(link, "data-cargo-profile"),
                )
            })
            .collect()
    }

    fn attribute<'a>(link: &'a str, name: &str) -> &'a str {
        let start = format!("{name}=\"");
        let (_, rest) = link.split_once(&start).unwrap_or_default();
        rest.split('"').next().unwrap_or_default()
    }

    #[test]
    fn served_has_the_first_programs_first() {
        let html = served(SOURCE_PAGE, |_| false).unwrap();
        assert_eq!(
            profiles(&html),
            [
                ("page", "serve"),
                ("decoder", "serve"),
                ("engine-flex", "serve"),
            ]
        );
        assert!(html.contains("href=\"css/tokens.css\""), "other links stay");
    }

    #[test]
    fn served_adds_programs_that_are_ready() {
        let html = served(SOURCE_PAGE, |name| name == "engine-webgpu").unwrap();
        let added: Vec<_> = profiles(&html)
            .into_iter()
            .filter(|(_, profile)| *profile == LATER_PROFILE)
            .collect();
        assert_eq!(added, [("engine-webgpu", "serve-later")]);
        let all = served(SOURCE_PAGE, |_| true).unwrap();
        assert_eq!(profiles(&all).len(), profiles(SOURCE_PAGE).len());
    }

    #[test]
    fn is_built_is_false_after_reset() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        std::fs::create_dir(root.join("www")).unwrap();
        std::fs::write(root.join(SOURCE), SOURCE_PAGE).unwrap();
        set_built(root).unwrap();
        assert!(is_built(root));
        reset(root, root).unwrap();
        assert!(!is_built(root));
    }

    #[test]
    fn add_program_changes_what_write_writes() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        std::fs::create_dir(root.join("www")).unwrap();
        std::fs::write(root.join(SOURCE), SOURCE_PAGE).unwrap();
        let programs = || {
            let html = std::fs::read_to_string(root.join(SERVED)).unwrap();
            profiles(&html).len()
        };
        reset(root, root).unwrap();
        let first = programs();
        for program in LATER {
            add_program(root, program.name).unwrap();
        }
        write(root).unwrap();
        assert_eq!(programs(), first + LATER.len());
        reset(root, root).unwrap();
        assert_eq!(programs(), first);
    }
}
