//! From the training form to a training specification.

use crate::features::dataset::image_list::ImageList;
use crate::features::train::form::data::Data;
use crate::features::train::form::field::Field;
use crate::features::train::form::likelihood_choice::LikelihoodChoice;
use crate::features::train::form::objective_choice::ObjectiveChoice;
use crate::features::train::form::{TrainingForm, field, held_out};
use crate::features::user_model::name;
use client::training_client::InitialWeights;
pub(crate) use client::training_client::NewRun;
use protocol::{ConvolutionConfig, Likelihood, Objective, TrainingSpec, VaeConfig};
use std::collections::BTreeMap;

/// The share of the images that are rotated and sheared, if any are.
const WARP_SHARE: f64 = 0.3;
/// The last learning rate of the cosine schedule, as a share of the first.
const COSINE_END: f64 = 0.01;

/// What the form is checked against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FormContext {
    /// The data set.
    pub(crate) data: Data,
    /// Models that can be fine-tuned on images of the data set's shape, with their latent sizes.
    pub(crate) pretrained: Vec<(String, usize)>,
    /// Names that are taken.
    pub(crate) taken_names: Vec<String>,
}

/// The errors of the form, by field.
pub(crate) type FieldErrors = BTreeMap<Field, String>;

/// Checks the form and converts it.
///
/// # Errors
///
/// Returns the errors of all fields that are wrong.
pub(crate) fn validate(form: &TrainingForm, context: &FormContext) -> Result<NewRun, FieldErrors> {
    let mut form = FormReader {
        form,
        data: context.data,
        errors: FieldErrors::new(),
    };
    let name = match name::check(&form.text(Field::Name), &context.taken_names) {
        Ok(name) => name,
        Err(error) => form.reject(Field::Name, error),
    };
    let likelihood_choice = form.likelihood_choice();
    let latent_size = form.integer(Field::Latent, 1..=64, "a whole number from 1 to 64");
    let initial_weights = if form.is_pretrained() {
        let found = context
            .pretrained
            .iter()
            .find(|(_, size)| *size as u64 == latent_size);
        match found {
            Some((name, _)) => InitialWeights::Pretrained(name.clone()),
            None => {
                let sizes: Vec<_> = context
                    .pretrained
                    .iter()
                    .map(|(_, size)| size.to_string())
                    .collect();
                form.reject::<()>(
                    Field::Latent,
                    format!(
                        "pretrained models have {} dimensions; for other sizes start from \
                         scratch",
                        sizes.join(" or ")
                    ),
                );
                InitialWeights::Pretrained(String::new())
            }
        }
    } else {
        let hidden = form.hidden_widths();
        let likelihood = form.likelihood(likelihood_choice);
        let latent_size = latent_size as usize;
        let shape = context.data.shape;
        let architecture = if form.is_convolutional() {
            let convolution = ConvolutionConfig {
                image: shape,
                channels: form.channels(),
            };
            VaeConfig::convolutional(convolution, hidden, latent_size, likelihood)
        } else {
            VaeConfig::symmetric(shape.values(), hidden, latent_size, likelihood)
        };
        // Fields with errors of their own have values that no model can have.
        if form.errors.is_empty()
            && let Err(error) = architecture.validate()
        {
            form.reject::<()>(Field::Hidden, error.to_string());
        }
        InitialWeights::Scratch(Box::new(architecture))
    };
    let objective_choice = form.objective_choice();
    let objective = form.objective(objective_choice, latent_size, likelihood_choice);
    let spec = TrainingSpec {
        name,
        objective,
        batch: form.integer(Field::Batch, 1..=1024, "a whole number from 1 to 1024") as usize,
        learning_rate: form.number(Field::Rate, 1e-6..=1.0, "a number from 0.000001 to 1"),
        final_share: if form.text(Field::Schedule) == field::CONSTANT {
            1.0
        } else {
            COSINE_END
        },
        beta: match objective_choice.has_beta() {
            true => form.number(Field::Beta, 0.0..=1000.0, "a number from 0 to 1000"),
            false => 1.0,
        },
        warm_up_steps: match objective_choice.has_beta() {
            true => form.integer(
                Field::WarmUp,
                0..=1_000_000,
                "a whole number of steps, 0 for none",
            ),
            false => 0,
        },
        learn_sigma: likelihood_choice.learns_scale(),
        shift: usize::from(form.text(Field::Shift) == field::ON),
        warp_share: if form.text(Field::Warp) == field::ON {
            WARP_SHARE
        } else {
            0.0
        },
        seed: form.integer(
            Field::Seed,
            0..=u64::from(u32::MAX),
            "a whole number from 0 to 4294967295",
        ),
        held_out_share: form.held_out_share(),
        max_seconds: form.optional(Field::Seconds, |form, field| {
            form.number(field, 1.0..=86_400.0, "seconds from 1 to 86400, or empty")
        }),
        max_steps: form.optional(Field::Steps, |form, field| {
            form.integer(field, 1..=100_000_000, "a whole number of steps, or empty")
        }),
        patience: form.optional(Field::Patience, |form, field| {
            let needed = "a whole number of evaluations from 1 to 10000, or empty";
            form.integer(field, 1..=10_000, needed) as u32
        }),
        ..TrainingSpec::default()
    };
    if form.errors.is_empty() {
        Ok(NewRun {
            spec,
            initial_weights,
        })
    } else {
        Err(form.errors)
    }
}

/// Why a data set cannot be trained on.
pub(crate) fn dataset_error(data: Data) -> Option<String> {
    let (images, limit) = (data.images, ImageList::limit(data.shape));
    match images {
        0 => Some(
            "Training needs images: draw or upload some above, or use the sample digits."
                .to_owned(),
        ),
        _ if images <= limit => None,
        _ => Some(format!(
            "There are {images} images; training takes at most {limit}."
        )),
    }
}

/// Parses fields and collects errors. A field with an error parses to a default value.
struct FormReader<'a> {
    form: &'a TrainingForm,
    data: Data,
    errors: FieldErrors,
}

impl FormReader<'_> {
    fn is_pretrained(&self) -> bool {
        self.form.is_pretrained(self.data)
    }

    fn text(&self, field: Field) -> String {
        self.form.text(field, self.data)
    }

    fn reject<T: Default>(&mut self, field: Field, error: impl Into<String>) -> T {
        self.errors.insert(field, error.into());
        T::default()
    }

    fn number(&mut self, field: Field, range: std::ops::RangeInclusive<f64>, needed: &str) -> f64 {
        match decimal(&self.text(field)) {
            Some(value) if range.contains(&value) => value,
            _ => self.reject(field, needed),
        }
    }

    fn integer(&mut self, field: Field, range: std::ops::RangeInclusive<u64>, needed: &str) -> u64 {
        match self.text(field).trim().parse() {
            Ok(value) if range.contains(&value) => value,
            _ => self.reject(field, needed),
        }
    }

    fn optional<T>(&mut self, field: Field, read: impl FnOnce(&mut Self, Field) -> T) -> Option<T> {
        (!self.text(field).trim().is_empty()).then(|| read(self, field))
    }

    fn is_convolutional(&self) -> bool {
        self.form.is_convolutional(self.data)
    }

    fn hidden_widths(&mut self) -> Vec<usize> {
        const NEEDED: &str = "one to six layers of 1 to 1024 units, like 128, 64";
        self.sizes(Field::Hidden, 6, 1024, NEEDED)
    }

    fn channels(&mut self) -> Vec<usize> {
        const NEEDED: &str = "one to four convolutions of 1 to 512 channels, like 32, 64";
        let (layers, channels) = (
            ConvolutionConfig::MAX_LAYERS,
            ConvolutionConfig::MAX_CHANNELS,
        );
        self.sizes(Field::Channels, layers, channels, NEEDED)
    }

    /// Numbers from 1 to `largest`, at most `count` of them.
    fn sizes(
        &mut self,
        field: Field,
        count: usize,
        largest: usize,
        needed: &'static str,
    ) -> Vec<usize> {
        let text = self.text(field);
        let sizes: Result<Vec<usize>, _> = text
            .split([',', ';', ' '])
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(str::parse)
            .collect();
        match sizes {
            Ok(sizes)
                if (1..=count).contains(&sizes.len())
                    && sizes.iter().all(|size| (1..=largest).contains(size)) =>
            {
                sizes
            }
            _ => self.reject(field, needed),
        }
    }

    fn held_out_share(&mut self) -> f64 {
        let per_cent = self.number(Field::HeldOut, 0.0..=50.0, "per cent, from 0 to 50");
        held_out::share(self.data.images, per_cent / 100.0)
    }

    fn objective_choice(&mut self) -> ObjectiveChoice {
        ObjectiveChoice::from_name(&self.text(Field::Objective)).unwrap_or_else(|| {
            self.reject::<()>(Field::Objective, "choose one from the list");
            ObjectiveChoice::Elbo
        })
    }

    fn objective(
        &mut self,
        choice: ObjectiveChoice,
        latent_size: u64,
        likelihood: LikelihoodChoice,
    ) -> Objective {
        let is_from_scratch = !self.is_pretrained();
        let logistic = is_from_scratch && likelihood == LikelihoodChoice::DiscretizedLogistic;
        if choice == ObjectiveChoice::Exact && logistic {
            let needed = "quadrature needs another likelihood than the discretized logistic";
            return self.reject(Field::Objective, needed);
        }
        match choice.objective(latent_size) {
            Ok(objective) => objective,
            Err(needed) => self.reject(Field::Objective, needed),
        }
    }

    fn likelihood_choice(&mut self) -> LikelihoodChoice {
        LikelihoodChoice::from_name(&self.text(Field::Likelihood)).unwrap_or_else(|| {
            self.reject::<()>(Field::Likelihood, "choose one from the list");
            LikelihoodChoice::Bernoulli
        })
    }

    fn likelihood(&mut self, choice: LikelihoodChoice) -> Likelihood {
        let channels = self.data.shape.channels;
        choice.likelihood(channels, || {
            self.number(Field::Sigma, 0.01..=10.0, "a number from 0.01 to 10")
        })
    }
}

/// A finite number with a decimal point or comma: "0.003", "3e-3", "0,5".
pub(super) fn decimal(text: &str) -> Option<f64> {
    let plain = text.trim().replace(',', ".").replace(['−', '–'], "-");
    plain.parse().ok().filter(|value: &f64| value.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::ImageShape;

    fn context(images: usize) -> FormContext {
        FormContext {
            data: Data::digits(images),
            pretrained: vec![("mnist-2d".into(), 2), ("mnist-16d".into(), 16)],
            taken_names: vec!["mnist-2d".into(), "mnist-16d".into()],
        }
    }

    fn form(typed: &[(Field, &str)]) -> TrainingForm {
        let mut form = TrainingForm::default();
        for (field, text) in typed {
            form.set(*field, *text);
        }
        form
    }

    #[test]
    fn validate_accepts_the_presets() {
        let few = validate(&TrainingForm::default(), &context(40)).unwrap();
        assert_eq!(
            few.initial_weights,
            InitialWeights::Pretrained("mnist-16d".into())
        );
        assert_eq!(few.spec.learning_rate, 1e-3);
        assert_eq!(few.spec.patience, Some(15));
        assert_eq!((few.spec.shift, few.spec.warp_share), (0, 0.3));

        let many = validate(&TrainingForm::default(), &context(10_000)).unwrap();
        let InitialWeights::Scratch(architecture) = many.initial_weights else {
            panic!("{:?}", many.initial_weights)
        };
        assert_eq!(architecture.encoder_hidden, [128, 64]);
        assert_eq!(architecture.latent_size, 8);
        assert_eq!(architecture.likelihood, Likelihood::Bernoulli);
        assert_eq!(
            many.spec,
            TrainingSpec {
                name: "my-digits".into(),
                batch: 64,
                learning_rate: 5e-3,
                final_share: 0.01,
                beta: 1.0,
                warm_up_steps: 600,
                learn_sigma: false,
                shift: 0,
                warp_share: 0.3,
                seed: 1,
                held_out_share: 0.02,
                max_seconds: Some(60.0),
                max_steps: None,
                patience: None,
                ..TrainingSpec::default()
            }
        );
    }

    #[test]
    fn validate_accepts_variants_of_notation() {
        let typed = form(&[
            (Field::Origin, field::SCRATCH),
            (Field::Hidden, "256 128,64"),
            (Field::Likelihood, LikelihoodChoice::FixedGaussian.name()),
            (Field::Sigma, "0,2"),
            (Field::Rate, "2e-3"),
            (Field::Schedule, field::CONSTANT),
            (Field::Seconds, " "),
            (Field::Steps, "500"),
        ]);
        let run = validate(&typed, &context(10)).unwrap();
        let InitialWeights::Scratch(architecture) = run.initial_weights else {
            panic!("{:?}", run.initial_weights)
        };
        assert_eq!(architecture.encoder_hidden, [256, 128, 64]);
        assert_eq!(architecture.likelihood, Likelihood::Gaussian { sigma: 0.2 });
        assert_eq!(run.spec.learning_rate, 2e-3);
        assert!(!run.spec.learn_sigma);
        assert_eq!(run.spec.final_share, 1.0);
        assert_eq!(run.spec.max_seconds, None);
        assert_eq!(run.spec.max_steps, Some(500));
    }

    #[test]
    fn validate_reads_the_objective() {
        let typed = |latent: &str, objective: ObjectiveChoice| {
            form(&[
                (Field::Origin, field::SCRATCH),
                (Field::Latent, latent),
                (Field::Objective, objective.name()),
                (Field::WarmUp, "300"),
            ])
        };
        let run = validate(&typed("2", ObjectiveChoice::Exact), &context(10_000)).unwrap();
        assert_eq!(run.spec.objective, Objective::Exact { side: 32 });
        assert_eq!((run.spec.beta, run.spec.warm_up_steps), (1.0, 0));
        assert_eq!(run.spec.validate(), Ok(()));
        let run = validate(
            &typed("8", ObjectiveChoice::ImportanceWeighted),
            &context(10_000),
        );
        assert_eq!(
            run.unwrap().spec.objective,
            Objective::ImportanceWeighted { samples: 8 }
        );
        let errors = validate(&typed("8", ObjectiveChoice::Exact), &context(10_000)).unwrap_err();
        assert!(errors[&Field::Objective].contains("1 or 2"), "{errors:?}");
    }

    #[test]
    fn validate_holds_out_at_least_two_images() {
        let share = |images| {
            let run = validate(&TrainingForm::default(), &context(images)).unwrap();
            run.spec.held_out_share
        };
        assert_eq!(share(10), 0.2);
        assert_eq!(share(15), 0.1, "which is 1.5 images, rounded to two");
        assert_eq!(share(40), 0.1);
        assert_eq!(share(5), 0.0);
    }

    #[test]
    fn validate_reads_a_learned_sigma() {
        let learned = form(&[
            (Field::Origin, field::SCRATCH),
            (Field::Likelihood, LikelihoodChoice::LearnedGaussian.name()),
        ]);
        let run = validate(&learned, &context(10)).unwrap();
        assert!(run.spec.learn_sigma);
        let InitialWeights::Scratch(architecture) = run.initial_weights else {
            panic!("{:?}", run.initial_weights)
        };
        assert_eq!(architecture.likelihood, Likelihood::Gaussian { sigma: 0.1 });
    }

    #[test]
    fn validate_returns_the_errors_of_all_fields() {
        for (field, text) in [
            (Field::Name, "mnist-2d"),
            (Field::Latent, "0"),
            (Field::Hidden, "128, x"),
            (Field::Hidden, ""),
            (Field::Likelihood, "poisson"),
            (Field::Beta, "-1"),
            (Field::Beta, "NaN"),
            (Field::WarmUp, "1.5"),
            (Field::Batch, "0"),
            (Field::Rate, "0"),
            (Field::Seed, "-3"),
            (Field::HeldOut, "80"),
            (Field::Seconds, "inf"),
            (Field::Steps, "0"),
            (Field::Patience, "soon"),
        ] {
            let problems = validate(&form(&[(field, text)]), &context(5_000)).unwrap_err();
            assert_eq!(problems.keys().collect::<Vec<_>>(), [&field], "{text}");
        }
        let both = form(&[(Field::Beta, "x"), (Field::Batch, "x")]);
        assert_eq!(validate(&both, &context(5_000)).unwrap_err().len(), 2);
    }

    #[test]
    fn validate_fine_tunes_only_the_sizes_of_included_models() {
        let two = form(&[(Field::Latent, "2")]);
        assert_eq!(
            validate(&two, &context(10)).unwrap().initial_weights,
            InitialWeights::Pretrained("mnist-2d".into())
        );
        let eight = form(&[(Field::Latent, "8")]);
        let problems = validate(&eight, &context(10)).unwrap_err();
        assert!(problems[&Field::Latent].contains("2 or 16"));
        // The layers are the pretrained model's.
        let hidden = form(&[(Field::Hidden, "x")]);
        assert!(validate(&hidden, &context(10)).is_ok());
    }

    #[test]
    fn validate_builds_models_of_colour_images() {
        let shape = ImageShape::color(32, 24);
        let icons = FormContext {
            data: Data::other(5_000, shape),
            ..context(0)
        };
        let architecture =
            |typed: &[(Field, &str)]| match validate(&form(typed), &icons).unwrap().initial_weights
            {
                InitialWeights::Scratch(architecture) => architecture,
                other => panic!("{other:?}"),
            };
        let recommended = architecture(&[]);
        let convolution = recommended.convolution.expect("convolutional");
        assert_eq!(
            (convolution.image, convolution.channels),
            (shape, vec![32, 64])
        );
        let Likelihood::DiscretizedLogistic { scales } = recommended.likelihood else {
            panic!("{}", recommended.likelihood)
        };
        assert_eq!(scales.len(), 3);
        let mlp = architecture(&[(Field::Architecture, field::MLP), (Field::Hidden, "64")]);
        assert_eq!(mlp.validate(), Ok(()));
        assert_eq!((mlp.input_size, mlp.convolution), (32 * 24 * 3, None));
        let wrong = form(&[(Field::Channels, "32, 64, 64, 64, 64")]);
        let errors = validate(&wrong, &icons).unwrap_err();
        assert_eq!(errors.keys().collect::<Vec<_>>(), [&Field::Channels]);
    }

    #[test]
    fn dataset_error_requires_a_number_of_images() {
        assert!(dataset_error(Data::digits(0)).is_some());
        assert_eq!(dataset_error(Data::digits(1)), None);
        assert!(dataset_error(Data::digits(160_001)).is_some());
    }
}
