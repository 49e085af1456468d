//! Lines of the form `key: value`.

/// The key and value of a line, if its key is one of these.
pub(super) fn field<'a>(line: &'a str, keys: &[&'a str]) -> Option<(&'a str, &'a str)> {
    let (key, value) = line.split_once(':')?;
    keys.contains(&key).then(|| (key, value.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_reads_known_keys_only() {
        assert_eq!(field("kind: choice", &["kind"]), Some(("kind", "choice")));
        assert_eq!(field("Note: this", &["kind"]), None);
        assert_eq!(field("kind", &["kind"]), None);
    }
}
