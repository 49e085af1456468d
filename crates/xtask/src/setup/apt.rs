//! Debian packages: installed if the user is root; otherwise the error names the command to run.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::announce;
use crate::process;

/// Whether the system is Debian or derived from it, and has `apt-get`.
pub(super) fn is_debian_like() -> bool {
    std::fs::read_to_string("/etc/os-release").is_ok_and(|text| is_debian(&text))
        && Path::new("/usr/bin/apt-get").exists()
}

fn is_debian(os_release: &str) -> bool {
    os_release
        .lines()
        .filter_map(|line| line.split_once('='))
        .filter(|(key, _)| matches!(*key, "ID" | "ID_LIKE"))
        .any(|(_, value)| {
            value
                .trim_matches('"')
                .split_whitespace()
                .any(|id| id == "debian")
        })
}

/// Installs the missing ones of `packages`.
///
/// # Errors
///
/// Names the command to run if the user is not root.
pub(super) fn ensure(packages: &[&str]) -> Result<()> {
    let missing = missing(packages);
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    if !is_root() {
        bail!("packages are missing; install them with: sudo apt-get install {list}");
    }
    announce(format_args!("installing Debian packages: {list}"));
    // The lists of an image of the system can be months old, and so would be the browsers. Without a network, what is
    // listed may still be in apt's cache.
    if let Err(error) = process::output(apt_get().arg("update")) {
        eprintln!("warning: the lists of packages are not updated: {error:#}");
    }
    install(&missing).with_context(|| format!("cannot install {list}"))?;
    Ok(())
}

fn install(packages: &[&str]) -> Result<String> {
    process::output(
        apt_get()
            .args(["install", "--yes", "--no-install-recommends"])
            .args(packages),
    )
}

fn apt_get() -> Command {
    let mut command = process::command("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

fn missing<'a>(packages: &[&'a str]) -> Vec<&'a str> {
    packages
        .iter()
        .copied()
        .filter(|package| {
            let status = process::output(
                process::command("dpkg-query")
                    .args(["--show", "--showformat=${db:Status-Abbrev}"])
                    .arg(package),
            );
            // The query fails for a package that dpkg does not know.
            !status.is_ok_and(|status| status.starts_with("ii"))
        })
        .collect()
}

fn is_root() -> bool {
    process::output(process::command("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

#[cfg(test)]
mod tests {
    use super::is_debian;

    #[test]
    fn is_debian_accepts_derived_distributions() {
        assert!(is_debian("NAME=\"Debian GNU/Linux\"\nID=debian\n"));
        assert!(is_debian("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n"));
        assert!(!is_debian(
            "ID=fedora\nHOME_URL=\"https://debian.example\"\n"
        ));
    }
}
