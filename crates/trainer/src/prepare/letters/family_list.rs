//! The list of all families with their sources and licences: used ones, and why others are not.

use super::{package::Family, select};
use crate::prepare::split::Part;

/// What becomes of a family.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    /// Images of these styles are used.
    Used { part: Part, styles: Vec<String> },
    /// The licence is not among the accepted ones.
    Licence,
    /// The files are no valid fonts.
    Unreadable,
    /// The font lacks this letter.
    Missing(char),
    /// Two letters have the same glyph.
    RepeatedGlyph(char, char),
    /// Only so many letters look like letters.
    NotLetters(usize),
    /// The typeface is that of another family.
    SameAs(String),
}

impl Outcome {
    fn describe(&self) -> String {
        match self {
            Self::Used { part, .. } => part.name().to_owned(),
            Self::Licence => "not used: the licence is neither OFL nor Apache".into(),
            Self::Unreadable => "not used: the files can't be read".into(),
            Self::Missing(letter) => format!("not used: it lacks the letter {letter}"),
            Self::RepeatedGlyph(first, second) => {
                format!("not used: {first} and {second} have the same glyph")
            }
            Self::NotLetters(recognized) => format!(
                "not used: only {recognized} letters resemble those of other families, fewer than {}",
                select::MIN_RECOGNIZED
            ),
            Self::SameAs(other) => format!("not used: same typeface as {other}"),
        }
    }
}

/// The list as a table with tabs, one family a line.
pub(crate) fn text(families: &[Family], outcomes: &[Outcome]) -> String {
    let mut text = String::from(
        "package\tversion\tfamily\tcategory\tpart\tstyles\tlicence\tsource\tcopyright\n",
    );
    for (family, outcome) in families.iter().zip(outcomes) {
        let styles = match outcome {
            Outcome::Used { styles, .. } => styles.join(" "),
            _ => String::new(),
        };
        let fields = [
            format!("@fontsource/{}", family.id),
            family.version.clone(),
            family.name.clone(),
            family.category.clone(),
            outcome.describe(),
            styles,
            family.licence.clone(),
            family.source.clone(),
            family.copyright.clone(),
        ];
        // Copyright notices may have line breaks.
        let one_line = |field: &String| field.split_whitespace().collect::<Vec<_>>().join(" ");
        text += &fields.iter().map(one_line).collect::<Vec<_>>().join("\t");
        text.push('\n');
    }
    text
}
