//! What an emoji's name tells: its subject, and variants of it.

/// The category of people and their gestures.
const PEOPLE: &str = "People & Body";

/// Whether the drawing is a variant of skin tone: `waving-hand-medium-dark`, in some sets with `-skin-tone`. In other
/// categories, such as that of the traffic light, the words have other meanings.
pub(crate) fn has_skin_tone(name: &str, category: &str) -> bool {
    let mut words = name.split('-');
    category == PEOPLE && words.any(|word| ["light", "medium", "dark", "tone"].contains(&word))
}

/// Words that distinguish variants of one subject: who does it, in which direction, with which hair, in which colour.
const VARIANTS: [&str; 37] = [
    "man",
    "men",
    "woman",
    "women",
    "person",
    "people",
    "adult",
    "boy",
    "girl",
    "child",
    "mx",
    "mrs",
    "santa",
    "facing",
    "left",
    "right",
    "leftwards",
    "rightwards",
    "up",
    "down",
    "hair",
    "beard",
    "bald",
    "curly",
    "blond",
    "red",
    "orange",
    "yellow",
    "green",
    "blue",
    "purple",
    "brown",
    "black",
    "white",
    "pink",
    "grey",
    "light",
];

/// A name that all variants of a subject share, in all sets.
pub(crate) fn subject(name: &str) -> String {
    for (part, subject) in [
        ("o-clock", "clock face"),
        ("-thirty", "clock face"),
        ("keycap", "keycap"),
        ("moon", "moon"),
        ("family", "family"),
        ("couple", "couple"),
        ("kiss-", "couple"),
        ("holding-hands", "couple"),
    ] {
        if name.contains(part) {
            return subject.to_owned();
        }
    }
    let words: Vec<&str> = name
        .split('-')
        .filter(|word| !VARIANTS.contains(word))
        .collect();
    if words.is_empty() {
        // Only a variant: "man", "red-hair".
        "person".to_owned()
    } else {
        words.join("-")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subject_is_shared_by_variants() {
        for (variants, expected) in [
            (&["man-cook", "woman-cook", "cook"][..], "cook"),
            (&["blue-circle", "red-circle"], "circle"),
            (&["man", "woman-red-hair", "person-bald"], "person"),
            (&["three-o-clock", "twelve-thirty"], "clock face"),
            (&["person-running-facing-right", "man-running"], "running"),
        ] {
            for name in variants {
                assert_eq!(subject(name), expected, "{name}");
            }
        }
        assert_ne!(subject("cat-face"), subject("dog-face"));
    }

    #[test]
    fn has_skin_tone_finds_variants_only() {
        assert!(has_skin_tone("man-cook-medium-light-skin-tone", PEOPLE));
        assert!(has_skin_tone("police-officer-dark", PEOPLE));
        assert!(!has_skin_tone("police-officer", PEOPLE));
        assert!(!has_skin_tone("police-car-light", "Travel & Places"));
    }
}
