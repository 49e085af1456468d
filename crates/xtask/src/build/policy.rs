//! The Content-Security-Policy of the page.

use std::path::Path;

use anyhow::{Context, Result};

/// The policy; hosts can send the same one as a header.
const POLICY: &str = include_str!("../../../../www/content-security-policy.txt");

/// Adds the policy to `index.html` in `dist` as a meta element.
///
/// # Errors
///
/// If the file cannot be read or written, or has no head.
pub(crate) fn add(dist: &Path) -> Result<()> {
    let page = dist.join("index.html");
    let html = std::fs::read_to_string(&page)
        .with_context(|| format!("cannot read {}", page.display()))?;
    std::fs::write(&page, with_policy(&html)?)?;
    Ok(())
}

fn with_policy(html: &str) -> Result<String> {
    // After the encoding, which must be within the first 1,024 bytes, and before everything that it applies to.
    let encoding = "<meta charset=\"utf-8\" />";
    let start = html
        .find(encoding)
        .or_else(|| html.find("<meta charset=\"utf-8\">"))
        .context("index.html has no <meta charset>")?;
    let end = start + html[start..].find('>').unwrap_or_default() + 1;
    let policy = POLICY.split_whitespace().collect::<Vec<_>>().join(" ");
    Ok(format!(
        "{}\n    <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">{}",
        &html[..end],
        &html[end..]
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_policy_adds_one_meta_element() {
        let html = with_policy("<head><meta charset=\"utf-8\"><title>x</title></head>").unwrap();
        assert!(html.starts_with("<head><meta charset=\"utf-8\">\n    <meta http-equiv"));
        assert!(html.contains("default-src 'none'; script-src"));
        assert!(html.ends_with("\"><title>x</title></head>"));
        assert!(with_policy("<head></head>").is_err());
    }

    #[test]
    fn policy_allows_nothing_inline() {
        assert!(!POLICY.contains("unsafe-inline"));
        assert!(!POLICY.contains("'unsafe-eval'"));
    }
}
