//! Recommended settings for a data set.

use crate::features::train::form::data::Data;
use crate::features::train::form::field;
use crate::features::train::form::field::Field;
use crate::features::train::form::likelihood_choice::LikelihoodChoice;
use crate::features::train::form::objective_choice::ObjectiveChoice;
use protocol::ImageShape;

/// With fewer images, fine-tuning a model that was trained on sixty thousand gives better results.
const MIN_IMAGES_FOR_SCRATCH: usize = 1_000;

/// The same for a convolutional model.
const MIN_IMAGES_FOR_SLOW_SCRATCH: usize = 10_000;

/// The properties that the settings depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Conditions {
    /// The data set.
    pub(crate) data: Data,
    /// Whether a pretrained model is fine-tuned.
    pub(crate) pretrained: bool,
    /// Whether the latent space has two dimensions, which takes a deeper network.
    pub(crate) two_dimensional: bool,
    /// Whether the network is convolutional.
    pub(crate) convolutional: bool,
}

/// Pixels of a side from which a convolutional network is recommended for grey images, too: a fully connected one has
/// a weight for each pixel and unit.
const LARGE_SIDE: usize = 40;

/// The latent sizes of the included models that can be fine-tuned on images of a shape; the last is recommended.
pub(crate) fn pretrained_sizes(shape: ImageShape) -> &'static [&'static str] {
    const EMOJI: ImageShape = ImageShape::color(32, 32);
    match shape {
        ImageShape::MNIST => &["2", "16"],
        EMOJI => &["32"],
        _ => &[],
    }
}

/// Whether fine-tuning a pretrained model is recommended for a data set.
pub(crate) fn prefers_pretrained(data: Data) -> bool {
    // A convolutional model needs many more steps than a minute has.
    let is_slow = prefers_convolutions(data) && data.images < MIN_IMAGES_FOR_SLOW_SCRATCH;
    !pretrained_sizes(data.shape).is_empty() && (is_small(data.images) || is_slow)
}

fn is_small(images: usize) -> bool {
    images < MIN_IMAGES_FOR_SCRATCH
}

/// Whether a convolutional network is recommended for a data set.
pub(crate) fn prefers_convolutions(data: Data) -> bool {
    data.shape.is_color() || is_large(data)
}

fn is_large(data: Data) -> bool {
    data.shape.height.max(data.shape.width) >= LARGE_SIDE
}

/// The recommended text of a field.
pub(crate) fn text(field: Field, conditions: &Conditions) -> String {
    let Conditions {
        data,
        pretrained,
        two_dimensional,
        convolutional,
    } = *conditions;
    let images = data.images;
    let is_color = data.shape.is_color();
    match field {
        Field::Name => return format!("my-{}", data.kind.many()),
        Field::Origin if pretrained => field::PRETRAINED,
        Field::Origin => field::SCRATCH,
        Field::Latent if pretrained => pretrained_sizes(data.shape).last().unwrap_or(&"16"),
        Field::Latent if is_color => "16",
        Field::Latent => "8",
        Field::Architecture if prefers_convolutions(data) => field::CONV,
        Field::Architecture => field::MLP,
        Field::Channels if is_large(data) => "32, 64, 64",
        Field::Channels if is_color => "32, 64",
        Field::Channels => "16, 32",
        Field::Hidden if convolutional => "128",
        Field::Hidden if !data.are_digits() => "256, 128",
        // For two dimensions, depth lowers the loss more than width.
        Field::Hidden if two_dimensional => "160, 64, 32",
        Field::Hidden => "128, 64",
        Field::Likelihood if is_color => LikelihoodChoice::DiscretizedLogistic.name(),
        Field::Likelihood => LikelihoodChoice::Bernoulli.name(),
        Field::Sigma => "0.1",
        Field::Objective => ObjectiveChoice::Elbo.name(),
        Field::Beta => "1",
        // With the full KL term from the start, some dimensions collapse permanently.
        Field::WarmUp if pretrained => "0",
        Field::WarmUp => "600",
        // Half of a small data set, so that the gradients stay stochastic.
        Field::Batch => return (images / 2).clamp(8, 64).to_string(),
        // A high rate would destroy what the pretrained model has learned.
        Field::Rate if pretrained => "0.001",
        Field::Rate if convolutional => "0.002",
        Field::Rate if two_dimensional => "0.008",
        Field::Rate => "0.005",
        Field::Schedule => field::COSINE,
        // The corners of images whose ground is not black would be wrong.
        Field::Warp if data.are_digits() => field::ON,
        Field::Warp => field::OFF,
        // Images are centred when they are imported.
        Field::Shift => field::OFF,
        Field::Seed => "1",
        // About two hundred images show when the loss stops falling; more would be missing from training.
        Field::HeldOut => return (20_000 / images.max(1)).clamp(2, 10).to_string(),
        // Their steps take longer.
        Field::Seconds if convolutional => "180",
        Field::Seconds => "60",
        Field::Steps => "",
        // A small data set is soon memorized.
        Field::Patience if is_small(images) => "15",
        Field::Patience => "",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latent::class_names::ImageKind;

    #[test]
    fn text_depends_on_the_size_of_the_data_set() {
        let few = Conditions {
            data: Data::digits(40),
            pretrained: true,
            two_dimensional: false,
            convolutional: false,
        };
        assert_eq!(text(Field::Latent, &few), "16");
        assert_eq!(text(Field::Rate, &few), "0.001");
        assert_eq!(text(Field::Batch, &few), "20");
        assert_eq!(text(Field::Patience, &few), "15");
        assert_eq!(text(Field::HeldOut, &few), "10");
        let many = Conditions {
            data: Data::digits(10_000),
            pretrained: false,
            two_dimensional: false,
            convolutional: false,
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
        assert!(prefers_pretrained(Data::digits(999)));
        assert!(!prefers_pretrained(Data::digits(1_000)));
    }

    #[test]
    fn pretrained_sizes_are_those_of_the_included_models() {
        let catalog = crate::state::catalog::Catalog::built_in().expect("a catalog");
        for set in crate::features::dataset::sample_set::SampleSet::ALL {
            for size in pretrained_sizes(set.shape()) {
                let found = catalog.entries().iter().any(|entry| {
                    let of_set = entry
                        .data
                        .as_deref()
                        .and_then(crate::features::dataset::sample_set::SampleSet::find);
                    let fits = of_set.is_some_and(|of_set| of_set.shape() == set.shape());
                    fits && entry.classes == 0 && entry.latent_size.to_string() == *size
                });
                assert!(found, "{set:?} has a model with {size} dimensions");
            }
        }
    }

    #[test]
    fn text_depends_on_the_shape_of_the_images() {
        let with = |shape, field| {
            let data = Data::other(20, shape);
            let conditions = Conditions {
                data,
                pretrained: prefers_pretrained(data),
                two_dimensional: false,
                convolutional: prefers_convolutions(data),
            };
            text(field, &conditions)
        };
        let emoji = |field| with(ImageShape::color(32, 32), field);
        assert_eq!(emoji(Field::Origin), "pretrained");
        assert_eq!(emoji(Field::Latent), "32");
        let many = |images| Data::other(images, ImageShape::color(32, 32));
        assert!(prefers_pretrained(many(1_567)) && !prefers_pretrained(many(10_000)));
        let color = |field| with(ImageShape::color(32, 24), field);
        assert_eq!(color(Field::Origin), "scratch");
        assert_eq!(color(Field::Architecture), "conv");
        assert_eq!(color(Field::Channels), "32, 64");
        assert_eq!(color(Field::Hidden), "128");
        assert_eq!(color(Field::Likelihood), "discretized-logistic");
        assert_eq!(color(Field::Warp), "off");
        let small = |field| with(ImageShape::grey(16, 16), field);
        assert_eq!(small(Field::Architecture), "mlp");
        assert_eq!(small(Field::Likelihood), "bernoulli");
        let large = |field| with(ImageShape::grey(64, 64), field);
        assert_eq!(large(Field::Channels), "32, 64, 64");
    }

    #[test]
    fn text_names_the_model_after_what_the_images_show() {
        let name = |data: Data| {
            let conditions = Conditions {
                data,
                pretrained: false,
                two_dimensional: false,
                convolutional: false,
            };
            text(Field::Name, &conditions)
        };
        assert_eq!(name(Data::digits(20)), "my-digits");
        let letters = Data {
            kind: ImageKind::Letter,
            ..Data::digits(20)
        };
        assert_eq!(name(letters), "my-letters");
        assert_eq!(name(Data::other(20, ImageShape::MNIST)), "my-images");
    }
}
