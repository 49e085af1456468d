//! The natural order of names, in which fc9 comes before fc10.

/// A sort key that compares the numbers in a name as numbers.
pub(crate) fn natural_key(name: &str) -> Vec<(String, u64)> {
    let mut parts = vec![(String::new(), 0_u64)];
    let mut in_number = false;
    for character in name.chars() {
        let last = parts.len() - 1;
        match character.to_digit(10) {
            Some(digit) => {
                let (_, number) = &mut parts[last];
                *number = number.saturating_mul(10).saturating_add(digit.into());
                in_number = true;
            }
            None if in_number => {
                parts.push((character.to_string(), 0));
                in_number = false;
            }
            None => parts[last].0.push(character),
        }
    }
    parts
}

/// The index at the end of a name, and what is before it: ("decoder", 2) for "decoder.2".
pub(crate) fn module_index(name: &str) -> Option<(&str, usize)> {
    let (parent, last) = match name.rsplit_once('.') {
        Some((parent, last)) => (parent, last),
        None => ("", name),
    };
    Some((parent, last.parse().ok()?))
}

/// Modules between two modules of one `Sequential`: 1 between "decoder.0" and "decoder.2".
pub(crate) fn modules_between(before: &str, after: &str) -> Option<usize> {
    let (one, first) = module_index(before)?;
    let (other, second) = module_index(after)?;
    (one == other)
        .then(|| second.checked_sub(first + 1))
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn natural_key_orders_numbers_as_numbers() {
        assert!(natural_key("fc9.weight") < natural_key("fc10.weight"));
        assert!(natural_key("a.2.b") < natural_key("a.2.c"));
    }

    #[test]
    fn modules_between_counts_within_one_sequential() {
        assert_eq!(modules_between("decoder.0", "decoder.3"), Some(2));
        assert_eq!(modules_between("decoder.0", "decoder.1"), Some(0));
        assert_eq!(modules_between("decoder.3", "decoder.0"), None);
        assert_eq!(modules_between("encoder.0", "decoder.2"), None);
        assert_eq!(modules_between("fc1", "fc2"), None);
        assert_eq!(modules_between("0", "2"), Some(1));
    }
}
