//! Settings that suit the digits there are.

use crate::features::train::form::field;
use crate::features::train::form::field::Field;

/// With fewer digits than this, a model that has seen sixty thousand is the better start.
const ENOUGH_FOR_SCRATCH: usize = 1_000;

/// What the settings depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Basis {
    /// Number of digits.
    pub(crate) digits: usize,
    /// Whether a model is fine-tuned.
    pub(crate) pretrained: bool,
    /// Whether the latent space is a plane, which takes a deeper network to fold digits into.
    pub(crate) plane: bool,
}

/// Whether so few digits do better with a pretrained model.
pub(crate) fn suits_pretrained(digits: usize) -> bool {
    digits < ENOUGH_FOR_SCRATCH
}

/// What the field says as long as nobody says otherwise.
pub(crate) fn text(field: Field, basis: &Basis) -> String {
    let Basis {
        digits,
        pretrained,
        plane,
    } = *basis;
    match field {
        Field::Name => "my-digits",
        Field::Origin if pretrained => field::PRETRAINED,
        Field::Origin => field::SCRATCH,
        Field::Latent if pretrained => "16",
        Field::Latent => "8",
        // Depth folds digits into a plane better than width does.
        Field::Hidden if plane => "160, 64, 32",
        Field::Hidden => "128, 64",
        Field::Likelihood => field::BERNOULLI,
        Field::Sigma => "0.1",
        Field::Beta => "1",
        // The KL divergence at full weight from the start puts dimensions to sleep for good.
        Field::WarmUp if pretrained => "0",
        Field::WarmUp => "600",
        // Half of very few, so that the noise of the batches stays.
        Field::Batch => return (digits / 2).clamp(8, 64).to_string(),
        // What is learnt already is not to be shaken off.
        Field::Rate if pretrained => "0.001",
        Field::Rate if plane => "0.008",
        Field::Rate => "0.005",
        Field::Schedule => field::COSINE,
        Field::Warp => field::ON,
        // Digits are centred when they come in; the model need not learn others.
        Field::Shift => field::OFF,
        Field::Seed => "1",
        // Two hundred tell when the loss stops falling; what is held out beyond that is lost to training.
        Field::HeldOut => return (20_000 / digits.max(1)).clamp(2, 10).to_string(),
        Field::Seconds => "60",
        Field::Steps => "",
        // Few digits are soon learnt by heart.
        Field::Patience if suits_pretrained(digits) => "15",
        Field::Patience => "",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_digits_fine_tune_and_many_start_afresh() {
        let few = Basis {
            digits: 40,
            pretrained: true,
            plane: false,
        };
        assert_eq!(text(Field::Latent, &few), "16");
        assert_eq!(text(Field::Rate, &few), "0.001");
        assert_eq!(text(Field::Batch, &few), "20");
        assert_eq!(text(Field::Patience, &few), "15");
        assert_eq!(text(Field::HeldOut, &few), "10");
        let many = Basis {
            digits: 10_000,
            pretrained: false,
            plane: false,
        };
        assert_eq!(text(Field::Latent, &many), "8");
        assert_eq!(text(Field::Hidden, &many), "128, 64");
        assert_eq!(text(Field::Batch, &many), "64");
        assert_eq!(text(Field::Rate, &many), "0.005");
        assert_eq!(text(Field::WarmUp, &many), "600");
        assert_eq!(text(Field::Patience, &many), "");
        assert_eq!(text(Field::HeldOut, &many), "2");
        let plane = Basis {
            plane: true,
            ..many
        };
        assert_eq!(text(Field::Hidden, &plane), "160, 64, 32");
        assert!(suits_pretrained(999) && !suits_pretrained(1_000));
    }
}
