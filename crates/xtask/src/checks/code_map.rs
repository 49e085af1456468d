//! Reads the rules about dependencies from ARCHITECTURE.md.
//!
//! The code map is a table with the columns *crate*, *what it is*, *must not depend on*. A cell of the last
//! column is one of
//!
//! - a list of what is forbidden, separated by commas: crates in backticks (`*` at the end stands for any
//!   suffix), and groups in plain text, which the table with the columns *group* and *crates* defines;
//! - `anything but` and a list of all permitted dependencies;
//! - empty: no rule.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};

/// What a package may depend on.
#[derive(Debug, PartialEq)]
pub(super) enum Rule {
    /// Not these, directly or through another package of the workspace.
    Forbid(Vec<Pattern>),
    /// Only these, directly.
    AllowOnly(Vec<Pattern>),
}

/// A crate's name, or the beginning of one followed by `*`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pattern(String);

impl Pattern {
    /// Whether the pattern stands for this crate.
    pub(super) fn matches(&self, name: &str) -> bool {
        match self.0.strip_suffix('*') {
            Some(prefix) => name.starts_with(prefix),
            None => name == self.0,
        }
    }
}

/// The rule of each folder in the code map, such as `crates/vae`.
pub(super) fn parse(markdown: &str) -> Result<BTreeMap<String, Rule>> {
    let groups: BTreeMap<String, Vec<Pattern>> = table(markdown, &["group", "crates"])?
        .into_iter()
        .map(|row| {
            let crates = list(&row[1], &BTreeMap::new())?;
            Ok((row[0].clone(), crates))
        })
        .collect::<Result<_>>()?;
    table(markdown, &["crate", "what it is", "must not depend on"])?
        .into_iter()
        .filter_map(|row| {
            let folder = unquote(&row[0])?.trim_end_matches('/').to_owned();
            let rule = rule(&row[2], &groups).with_context(|| format!("the row of `{folder}`"));
            Some(rule.map(|rule| (folder, rule)))
        })
        .collect()
}

fn rule(cell: &str, groups: &BTreeMap<String, Vec<Pattern>>) -> Result<Rule> {
    Ok(match cell.strip_prefix("anything but ") {
        Some(allowed) => Rule::AllowOnly(list(allowed, groups)?),
        None => Rule::Forbid(list(cell, groups)?),
    })
}

fn list(cell: &str, groups: &BTreeMap<String, Vec<Pattern>>) -> Result<Vec<Pattern>> {
    let mut patterns = Vec::new();
    for item in cell
        .split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty())
    {
        match (unquote(item), groups.get(item)) {
            (Some(name), _) => patterns.push(Pattern(name.to_owned())),
            (None, Some(group)) => patterns.extend_from_slice(group),
            (None, None) => bail!("neither a crate in backticks nor a defined group: {item}"),
        }
    }
    Ok(patterns)
}

fn unquote(cell: &str) -> Option<&str> {
    cell.strip_prefix('`')?.strip_suffix('`')
}

/// The rows of the table with this header, each with one cell per column.
fn table(markdown: &str, header: &[&str]) -> Result<Vec<Vec<String>>> {
    let mut lines = markdown
        .lines()
        .skip_while(|line| cells(line).as_deref() != Some(header));
    lines
        .next()
        .with_context(|| format!("there is no table with the columns {}", header.join(", ")))?;
    // The line of dashes.
    lines.next();
    lines
        .map_while(cells)
        .map(|row| {
            if row.len() != header.len() {
                bail!("a row has {} cells instead of {}", row.len(), header.len());
            }
            Ok(row.into_iter().map(str::to_owned).collect())
        })
        .collect()
}

fn cells(line: &str) -> Option<Vec<&str>> {
    let row = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    Some(row.split('|').map(str::trim).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAP: &str = "\
| crate | what it is | must not depend on |
| --- | --- | --- |
| `crates/a` | a | the web, `burn*` |
| `crates/b` | b | anything but `serde` |
| `tests/` | tests | |
| www | no crate | |

| group | crates |
| --- | --- |
| the web | `web-sys`, `leptos` |
";

    fn patterns(names: &[&str]) -> Vec<Pattern> {
        names
            .iter()
            .map(|name| Pattern((*name).to_owned()))
            .collect()
    }

    #[test]
    fn parse_reads_all_kinds_of_cells() {
        let rules = parse(MAP).unwrap();
        assert_eq!(rules.len(), 3);
        assert_eq!(
            rules["crates/a"],
            Rule::Forbid(patterns(&["web-sys", "leptos", "burn*"]))
        );
        assert_eq!(rules["crates/b"], Rule::AllowOnly(patterns(&["serde"])));
        assert_eq!(rules["tests"], Rule::Forbid(Vec::new()));
    }

    #[test]
    fn parse_rejects_undefined_groups_and_missing_tables() {
        let error = parse(&MAP.replace("the web, ", "the sea, ")).unwrap_err();
        assert!(format!("{error:#}").contains("the sea"), "{error:#}");
        assert!(parse("no table").is_err());
    }

    #[test]
    fn pattern_matches_names_and_prefixes() {
        let [exact, prefix] = ["burn", "burn-*"].map(|text| Pattern(text.to_owned()));
        assert!(exact.matches("burn") && !exact.matches("burn-core"));
        assert!(prefix.matches("burn-core") && !prefix.matches("burn"));
    }
}
