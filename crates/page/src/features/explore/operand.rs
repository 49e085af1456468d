//! An operand of the latent arithmetic.

use crate::features::explore::pin_card::letter;
use crate::latent::class_names::ClassNames;

/// One of the three operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operand {
    /// The current z.
    Current,
    /// A pin.
    Pin(usize),
    /// The mean of μ over the digits of a class.
    ClassMean(usize),
}

impl Operand {
    /// The operands until others are chosen: the first pins if there are at least two, otherwise a 4 turned into a 7,
    /// or the first class into the last one if there are not ten.
    pub(crate) fn initial(pins: usize, classes: usize) -> [Self; 3] {
        match pins {
            0 | 1 if classes != 10 => [
                Self::Current,
                Self::ClassMean(0),
                Self::ClassMean(classes.saturating_sub(1)),
            ],
            0 | 1 => [Self::Current, Self::ClassMean(4), Self::ClassMean(7)],
            2 => [Self::Pin(0), Self::Pin(1), Self::Pin(0)],
            _ => [Self::Pin(0), Self::Pin(1), Self::Pin(2)],
        }
    }

    /// The value of the `<option>` element.
    pub(crate) fn value(self) -> String {
        match self {
            Self::Current => "current".to_owned(),
            Self::Pin(index) => index.to_string(),
            Self::ClassMean(class) => format!("mean-{class}"),
        }
    }

    /// The inverse of [`value`](Self::value).
    pub(crate) fn parse(value: &str) -> Option<Self> {
        match value.strip_prefix("mean-") {
            Some(class) => class.parse().ok().map(Self::ClassMean),
            None if value == "current" => Some(Self::Current),
            None => value.parse().ok().map(Self::Pin),
        }
    }

    /// The text of the `<option>` element.
    pub(crate) fn text(self, names: &ClassNames) -> String {
        match self {
            Self::Current => "current z".to_owned(),
            Self::Pin(index) => letter(index),
            Self::ClassMean(class) if names.are_digits() => format!("mean of the {class}s"),
            Self::ClassMean(class) => format!("mean of {}", names.name(class)),
        }
    }

    /// The text on the map; the current z and pins have markers of their own.
    pub(crate) fn map_text(self, names: &ClassNames) -> Option<String> {
        match self {
            Self::Current | Self::Pin(_) => None,
            Self::ClassMean(class) => Some(format!("mean {}", names.name(class))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operand_round_trips_through_its_value() {
        for operand in [Operand::Current, Operand::Pin(11), Operand::ClassMean(7)] {
            assert_eq!(Operand::parse(&operand.value()), Some(operand));
        }
        assert_eq!(Operand::parse("mean-x"), None);
        assert_eq!(Operand::parse(""), None);
    }

    #[test]
    fn operands_are_pins_once_there_are_two() {
        assert_eq!(Operand::initial(1, 10)[0], Operand::Current);
        assert_eq!(Operand::initial(2, 10)[2], Operand::Pin(0));
        assert_eq!(Operand::initial(3, 10)[2], Operand::Pin(2));
    }

    #[test]
    fn operand_text_has_the_name_of_the_class() {
        let flags = ClassNames::new(["Flags", "Food"].map(str::to_owned).into());
        let mean = Operand::ClassMean(1);
        assert_eq!(mean.text(&flags), "mean of Food");
        assert_eq!(mean.map_text(&flags).as_deref(), Some("mean Food"));
        assert_eq!(mean.text(&ClassNames::default()), "mean of the 1s");
    }

    #[test]
    fn operands_are_classes_of_the_model() {
        assert_eq!(Operand::initial(0, 10)[2], Operand::ClassMean(7));
        assert_eq!(
            Operand::initial(0, 3)[1..],
            [Operand::ClassMean(0), Operand::ClassMean(2)]
        );
    }
}
