//! Description of the decoded image for screen readers.

use crate::latent::{argsort::argsort_descending, symbol};
use crate::number::format;

/// Up to this many dimensions all are read out; otherwise only the two largest in magnitude.
const MAX_READ_OUT: usize = 4;

/// For example "Looks like a 3 (a guess). z = (0.50, −1.20)". `guess` is the closest class.
pub(crate) fn describe(z: &[f32], guess: Option<usize>) -> String {
    let looks = match guess {
        // "an eight"
        Some(8) => "Looks like an 8 (a guess). ".to_owned(),
        Some(class) => format!("Looks like a {class} (a guess). "),
        None => String::new(),
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

    #[test]
    fn describe_reads_out_all_of_a_few_dimensions() {
        assert_eq!(describe(&[0.5, -1.2], None), "z = (0.50, −1.20)");
        assert_eq!(
            describe(&[0.5, -1.2], Some(3)),
            "Looks like a 3 (a guess). z = (0.50, −1.20)"
        );
        assert!(describe(&[0.0], Some(8)).starts_with("Looks like an 8 "));
    }

    #[test]
    fn describe_reads_out_the_largest_of_many_dimensions() {
        let mut z = [0.1; 16];
        (z[2], z[6]) = (-2.1, 1.4);
        assert_eq!(
            describe(&z, None),
            "z has 16 dimensions; z₃ = −2.10 and z₇ = 1.40 are farthest from 0"
        );
    }
}
