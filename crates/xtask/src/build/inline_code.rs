//! Moves the inline styles and scripts of a built page to files, as a strict Content-Security-Policy requires.
//!
//! trunk writes styles, and the script that starts the page, into `index.html`. A policy without `'unsafe-inline'`
//! blocks both.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

/// An inline element: its attributes, as written, and its content.
struct Inline<'a> {
    attributes: &'a str,
    content: &'a str,
}

/// Moves the inline styles of `index.html` in `dist` to one file, and each inline script to a file of its own.
///
/// # Errors
///
/// If a file cannot be read or written, or an element is not closed.
pub(crate) fn run(dist: &Path) -> Result<()> {
    let page = dist.join("index.html");
    let html = std::fs::read_to_string(&page)
        .with_context(|| format!("cannot read {}", page.display()))?;
    let (html, files) = extract(&html)?;
    for (name, content) in &files {
        std::fs::write(dist.join(name), content)?;
    }
    std::fs::write(&page, html)?;
    Ok(())
}

/// The page without inline code, and the files it refers to instead: name and content.
fn extract(html: &str) -> Result<(String, Vec<(String, String)>)> {
    let mut files = Vec::new();
    let mut styles = Vec::new();
    let html = replace(html, "style", |style| {
        styles.push(style.content.to_owned());
        // The first one stands for all, so their order is kept.
        Some(if styles.len() == 1 { STYLES } else { "" }.to_owned())
    })?;
    let html = match styles.is_empty() {
        true => html,
        false => {
            let (name, content) = file("style", "css", &styles.join("\n"));
            let link = format!("<link rel=\"stylesheet\" href=\"./{name}\">");
            files.push((name, content));
            html.replacen(STYLES, &link, 1)
        }
    };
    let html = replace(&html, "script", |script| {
        if script.attributes.contains("src=") {
            return None;
        }
        let (name, content) = file("script", "js", script.content);
        let element = format!(
            "<script{} src=\"./{name}\"></script>",
            script.attributes.trim_end()
        );
        files.push((name, content));
        Some(element)
    })?;
    Ok((html, files))
}

/// Stands for the link to the stylesheet, until its name is known.
const STYLES: &str = "<!-- styles -->";

/// Replaces each `<tag …>…</tag>` by what `replacement` returns; `None` keeps it.
fn replace(
    html: &str,
    tag: &str,
    mut replacement: impl FnMut(Inline<'_>) -> Option<String>,
) -> Result<String> {
    let (open, close) = (format!("<{tag}"), format!("</{tag}>"));
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find(&open) {
        let (before, element) = rest.split_at(start);
        let content = element.find('>').context("an opening tag does not end")?;
        let attributes = &element[open.len()..content];
        ensure!(
            attributes.is_empty() || attributes.starts_with(char::is_whitespace),
            "unexpected element: {open}{attributes}>"
        );
        let end = element
            .find(&close)
            .with_context(|| format!("{close} is missing"))?;
        let after = end + close.len();
        out.push_str(before);
        let inline = Inline {
            attributes,
            content: &element[content + 1..end],
        };
        match replacement(inline) {
            Some(new) => out.push_str(&new),
            None => out.push_str(&element[..after]),
        }
        rest = &element[after..];
    }
    out.push_str(rest);
    Ok(out)
}

/// A file whose name has a hash of its content, so that browsers never mix two builds.
fn file(stem: &str, extension: &str, content: &str) -> (String, String) {
    let hash: String = Sha256::digest(content)
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    (
        format!("{stem}-{hash}.{extension}"),
        content.trim_start_matches('\n').to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<head><style>a { b: c }</style>\n<style media=\"x\">d {}</style>\n\
        <script src=\"kept.js\"></script><script type=\"module\">\nimport 'x';\n</script></head>";

    #[test]
    fn extract_moves_styles_to_one_file_and_each_script_to_its_own() {
        let (html, files) = extract(PAGE).unwrap();
        let [(style, css), (script, js)] = files.as_slice() else {
            panic!("{files:?}");
        };
        assert_eq!(css, "a { b: c }\nd {}");
        assert_eq!(js, "import 'x';\n");
        assert_eq!(
            html,
            format!(
                "<head><link rel=\"stylesheet\" href=\"./{style}\">\n\n<script src=\"kept.js\"></script>\
                 <script type=\"module\" src=\"./{script}\"></script></head>"
            )
        );
        assert!(extract(&html).unwrap().1.is_empty(), "nothing is left");
    }

    #[test]
    fn extract_names_files_by_their_content() {
        let name = |html| extract(html).unwrap().1[0].0.clone();
        assert_eq!(name("<style>a</style>"), name("<p><style>a</style>"));
        assert_ne!(name("<style>a</style>"), name("<style>b</style>"));
    }

    #[test]
    fn extract_rejects_an_element_that_does_not_end() {
        assert!(extract("<script>").is_err());
        assert!(extract("<styles></styles>").is_err());
    }
}
