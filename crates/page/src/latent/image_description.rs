//! Description of the decoded image for screen readers.

use crate::latent::class_names::ImageKind;
use crate::latent::{argsort::argsort_descending, symbol};
use crate::number::format;
use protocol::ImageShape;

/// Up to this many dimensions all are read out; otherwise only the two largest in magnitude.
const MAX_READ_OUT: usize = 4;

/// For example "Looks like a 3 (a guess). z = (0.50, −1.20)", or "An image, 32×32, colour; closest class: Flags (a
/// guess). z = …". `guess` is the closest class, by its name.
pub(crate) fn describe(
    z: &[f32],
    kind: ImageKind,
    shape: ImageShape,
    guess: Option<&str>,
) -> String {
    let looks = match (kind, guess) {
        (ImageKind::Image, None) => format!("An image, {shape}. "),
        (ImageKind::Image, Some(class)) => {
            format!("An image, {shape}; closest class: {class} (a guess). ")
        }
        (ImageKind::Letter, Some(class)) => format!("Looks like the letter {class} (a guess). "),
        // "an eight"
        (ImageKind::Digit, Some("8")) => "Looks like an 8 (a guess). ".to_owned(),
        (ImageKind::Digit, Some(class)) => format!("Looks like a {class} (a guess). "),
        (ImageKind::Letter, None) => "A letter. ".to_owned(),
        (ImageKind::Digit, None) => String::new(),
    };
    if z.len() <= MAX_READ_OUT {
        return format!("{looks}z = {}", format::vector(z));
    }
    let magnitudes: Vec<f64> = z.iter().map(|z| f64::from(z.abs())).collect();
    let farthest = argsort_descending(&magnitudes);
    let named = |at: usize| format!("{} = {}", symbol(at), format::latent(z[at]));
    format!(
        "{looks}z has {} dimensions; {} and {} are farthest from 0",
        z.len(),
        named(farthest[0]),
        named(farthest[1])
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digit(z: &[f32], guess: Option<&str>) -> String {
        describe(z, ImageKind::Digit, ImageShape::MNIST, guess)
    }

    #[test]
    fn describe_names_size_and_class_of_other_images() {
        let shape = ImageShape::color(32, 32);
        let said = |kind, guess| describe(&[0.0], kind, shape, guess);
        assert_eq!(
            said(ImageKind::Image, Some("Flags")),
            "An image, 32×32, colour; closest class: Flags (a guess). z = (0.00)"
        );
        assert_eq!(
            said(ImageKind::Image, None),
            "An image, 32×32, colour. z = (0.00)"
        );
        assert!(said(ImageKind::Letter, Some("A")).starts_with("Looks like the letter A (a "));
    }

    #[test]
    fn describe_reads_out_all_of_a_few_dimensions() {
        assert_eq!(digit(&[0.5, -1.2], None), "z = (0.50, −1.20)");
        assert_eq!(
            digit(&[0.5, -1.2], Some("3")),
            "Looks like a 3 (a guess). z = (0.50, −1.20)"
        );
        assert!(digit(&[0.0], Some("8")).starts_with("Looks like an 8 "));
    }

    #[test]
    fn describe_reads_out_the_largest_of_many_dimensions() {
        let mut z = [0.1; 16];
        (z[2], z[6]) = (-2.1, 1.4);
        assert_eq!(
            digit(&z, None),
            "z has 16 dimensions; z₃ = −2.10 and z₇ = 1.40 are farthest from 0"
        );
    }
}
