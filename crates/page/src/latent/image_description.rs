//! What is shown, in a sentence for who can't see it.

use crate::latent::symbol;
use crate::number::format;

/// With more dimensions than these, only the farthest from zero are read out.
const READ_OUT: usize = 4;

/// "Looks like a 3, which is a guess. z = (0.50, −1.20)".
pub(crate) fn sentence(z: &[f32], guess: Option<usize>) -> String {
    let looks = match guess {
        // Said with the article that the digit takes.
        Some(8) => "Looks like an 8, which is a guess. ".to_owned(),
        Some(class) => format!("Looks like a {class}, which is a guess. "),
        None => String::new(),
    };
    if z.len() <= READ_OUT {
        return format!("{looks}z = {}", format::vector(z));
    }
    let mut farthest: Vec<usize> = (0..z.len()).collect();
    farthest.sort_by(|&a, &b| z[b].abs().total_cmp(&z[a].abs()));
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
    fn few_dimensions_are_all_read_out() {
        assert_eq!(sentence(&[0.5, -1.2], None), "z = (0.50, −1.20)");
        assert_eq!(
            sentence(&[0.5, -1.2], Some(3)),
            "Looks like a 3, which is a guess. z = (0.50, −1.20)"
        );
        assert!(sentence(&[0.0], Some(8)).starts_with("Looks like an 8,"));
    }

    #[test]
    fn of_many_the_farthest_are() {
        let mut z = [0.1; 16];
        (z[2], z[6]) = (-2.1, 1.4);
        assert_eq!(
            sentence(&z, None),
            "z has 16 dimensions; z₃ = −2.10 and z₇ = 1.40 are farthest from 0"
        );
    }
}
