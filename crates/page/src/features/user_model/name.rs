//! Names of user models.

/// Longer names do not fit the model list.
const MAX_LENGTH: usize = 40;

/// Checks that a name is valid and not taken; returns it without surrounding spaces.
///
/// # Errors
///
/// Returns what is wrong with the name.
pub(crate) fn check(name: &str, taken: &[String]) -> Result<String, String> {
    let name = name.trim();
    if name.is_empty() {
        return Err("enter a name, like my-digits".to_owned());
    }
    if name.chars().count() > MAX_LENGTH {
        return Err(format!("use at most {MAX_LENGTH} characters"));
    }
    // The name becomes a file name and part of the address.
    if !name
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
    {
        return Err("use only letters, digits, - and _".to_owned());
    }
    if taken.iter().any(|other| other == name) {
        return Err(format!(
            "there is already a model named {name}; try {}",
            free_name(name, taken)
        ));
    }
    Ok(name.to_owned())
}

/// The name if it is free, else with the first number that makes it so.
pub(crate) fn free_name(name: &str, taken: &[String]) -> String {
    let is_free = |name: &String| !taken.contains(name);
    let stem = match name.rsplit_once('-') {
        Some((stem, number)) if number.parse::<u32>().is_ok() => stem,
        _ => name,
    };
    std::iter::once(name.to_owned())
        .chain((2_u32..).map(|number| format!("{stem}-{number}")))
        .find(is_free)
        .unwrap_or_else(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_accepts_short_plain_names_that_are_not_taken() {
        let taken = ["mnist-2d".to_owned(), "mine".to_owned()];
        assert_eq!(check(" Ziffern_é-7 ", &taken), Ok("Ziffern_é-7".to_owned()));
        assert!(check("", &taken).is_err());
        assert!(check("../secret", &taken).is_err());
        assert!(check("my digits", &taken).is_err());
        assert!(check(&"x".repeat(41), &taken).is_err());
        assert!(check("mine", &taken).unwrap_err().ends_with("try mine-2"));
        assert!(check("mnist-2d", &taken).is_err());
    }

    #[test]
    fn free_name_adds_the_next_number() {
        let taken = ["a".to_owned(), "a-2".to_owned()];
        assert_eq!(free_name("b", &taken), "b");
        assert_eq!(free_name("a", &taken), "a-3");
        assert_eq!(free_name("a-2", &taken), "a-3");
    }
}
