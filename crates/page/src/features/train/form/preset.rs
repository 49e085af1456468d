//! Recommended settings for a data set.

use crate::features::train::form::field;
use crate::features::train::form::field::Field;
use crate::features::train::form::likelihood_choice::LikelihoodChoice;

/// With fewer images, fine-tuning a model that was trained on sixty thousand gives better results.
const MIN_IMAGES_FOR_SCRATCH: usize = 1_000;

/// The properties that the settings depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Conditions {
    /// Number of images.
    pub(crate) images: usize,
    /// Whether a pretrained model is fine-tuned.
    pub(crate) pretrained: bool,
    /// Whether the latent space has two dimensions, which takes a deeper network.
    pub(crate) two_dimensional: bool,
}

/// Whether fine-tuning a pretrained model is recommended for a data set of `images` images.
pub(crate) fn prefers_pretrained(images: usize) -> bool {
    images < MIN_IMAGES_FOR_SCRATCH
}

/// The recommended text of a field.
pub(crate) fn text(field: Field, conditions: &Conditions) -> String {
    let Conditions {
        images,
        pretrained,
        two_dimensional,
    } = *conditions;
    match field {
        Field::Name => "my-digits",
        Field::Origin if pretrained => field::PRETRAINED,
        Field::Origin => field::SCRATCH,
        Field::Latent if pretrained => "16",
        Field::Latent => "8",
        // For two dimensions, depth lowers the loss more than width.
        Field::Hidden if two_dimensional => "160, 64, 32",
        Field::Hidden => "128, 64",
        Field::Likelihood => LikelihoodChoice::Bernoulli.name(),
        Field::Sigma => "0.1",
        Field::Beta => "1",
        // With the full KL term from the start, some dimensions collapse permanently.
        Field::WarmUp if pretrained => "0",
        Field::WarmUp => "600",
        // Half of a small data set, so that the gradients stay stochastic.
        Field::Batch => return (images / 2).clamp(8, 64).to_string(),
        // A high rate would destroy what the pretrained model has learned.
        Field::Rate if pretrained => "0.001",
        Field::Rate if two_dimensional => "0.008",
        Field::Rate => "0.005",
        Field::Schedule => field::COSINE,
        Field::Warp => field::ON,
        // Images are centred when they are imported.
        Field::Shift => field::OFF,
        Field::Seed => "1",
        // About two hundred images show when the loss stops falling; more would be missing from training.
        Field::HeldOut => return (20_000 / images.max(1)).clamp(2, 10).to_string(),
        Field::Seconds => "60",
        Field::Steps => "",
        // A small data set is soon memorized.
        Field::Patience if prefers_pretrained(images) => "15",
        Field::Patience => "",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_depends_on_the_size_of_the_data_set() {
        let few = Conditions {
            images: 40,
            pretrained: true,
            two_dimensional: false,
        };
        assert_eq!(text(Field::Latent, &few), "16");
        assert_eq!(text(Field::Rate, &few), "0.001");
        assert_eq!(text(Field::Batch, &few), "20");
        assert_eq!(text(Field::Patience, &few), "15");
        assert_eq!(text(Field::HeldOut, &few), "10");
        let many = Conditions {
            images: 10_000,
            pretrained: false,
            two_dimensional: false,
        };
        assert_eq!(text(Field::Latent, &many), "8");
        assert_eq!(text(Field::Hidden, &many), "128, 64");
        assert_eq!(text(Field::Batch, &many), "64");
        assert_eq!(text(Field::Rate, &many), "0.005");
        assert_eq!(text(Field::WarmUp, &many), "600");
        assert_eq!(text(Field::Patience, &many), "");
        assert_eq!(text(Field::HeldOut, &many), "2");
        let plane = Conditions {
            two_dimensional: true,
            ..many
        };
        assert_eq!(text(Field::Hidden, &plane), "160, 64, 32");
        assert!(prefers_pretrained(999) && !prefers_pretrained(1_000));
    }
}
