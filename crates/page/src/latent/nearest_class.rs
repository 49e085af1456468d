//! A guess at the class of a latent vector, and its text.

/// The class whose mean of μ is closest to z, by Euclidean distance; `None` without class means of z's size.
///
/// `class_means` is `[classes × latent]`.
pub(crate) fn nearest_class(z: &[f32], class_means: &[Vec<f32>]) -> Option<usize> {
    let squared_distance = |mean: &Vec<f32>| -> f32 {
        let squares = mean.iter().zip(z).map(|(mean, z)| (mean - z) * (mean - z));
        squares.sum()
    };
    class_means
        .iter()
        .enumerate()
        .filter(|(_, mean)| mean.len() == z.len())
        .min_by(|(_, a), (_, b)| squared_distance(a).total_cmp(&squared_distance(b)))
        .map(|(class, _)| class)
}

/// What is known about the class, and what is guessed: "Label: 3 (known). Nearest class mean: 5 (a guess, wrong
/// here)." Empty if there is neither.
pub(crate) fn class_text(label: Option<&str>, guess: Option<&str>) -> String {
    let known = label.map(|label| format!("Label: {label} (known)."));
    let guessed = guess.map(|guess| {
        let wrong = label.is_some_and(|label| label != guess);
        let note = if wrong { ", wrong here" } else { "" };
        format!("Nearest class mean: {guess} (a guess{note}).")
    });
    let parts: Vec<_> = known.into_iter().chain(guessed).collect();
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn class_text_marks_the_guess_and_says_when_it_is_wrong() {
        assert_eq!(
            class_text(Some("3"), Some("5")),
            "Label: 3 (known). Nearest class mean: 5 (a guess, wrong here)."
        );
        assert_eq!(
            class_text(Some("3"), Some("3")),
            "Label: 3 (known). Nearest class mean: 3 (a guess)."
        );
        assert_eq!(
            class_text(None, Some("8")),
            "Nearest class mean: 8 (a guess)."
        );
        assert_eq!(class_text(Some("3"), None), "Label: 3 (known).");
        assert_eq!(class_text(None, None), "");
    }

    #[test]
    fn nearest_class_has_the_closest_mean() {
        let means = vec![vec![0.0, 0.0], vec![2.0, 0.0], vec![0.0, -2.0]];
        assert_eq!(nearest_class(&[0.2, -0.3], &means), Some(0));
        assert_eq!(nearest_class(&[1.5, -0.3], &means), Some(1));
        assert_eq!(nearest_class(&[-0.5, -9.0], &means), Some(2));
    }

    #[test]
    fn nearest_class_is_none_without_matching_means() {
        assert_eq!(nearest_class(&[0.0, 0.0], &[]), None);
        assert_eq!(
            nearest_class(&[0.0, 0.0], &[vec![1.0; 16]]),
            None,
            "means of another model"
        );
    }
}
