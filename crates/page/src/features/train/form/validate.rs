//! From a draft to something that can be trained.

use crate::features::dataset::image_list::PIXELS;
use crate::features::train::form::field::Field;
use crate::features::train::form::{Draft, field, name};
use protocol::{Likelihood, TrainingSpec, VaeConfig};
use std::collections::BTreeMap;

/// The most digits that a run takes.
const MOST_DIGITS: usize = 60_000;
/// The share of the digits that are turned and slanted, when some are.
const WARP_SHARE: f64 = 0.3;
/// The last learning rate of the cosine, as a share of the first.
const COSINE_END: f64 = 0.01;

/// What is known of the digits and models when a draft is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Digits {
    /// Number of digits.
    pub(crate) count: usize,
    /// Models that can be fine-tuned, with their latent sizes.
    pub(crate) pretrained: Vec<(String, usize)>,
    /// Names that are taken.
    pub(crate) taken: Vec<String>,
}

/// What to train and how.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Recipe {
    /// The plan.
    pub(crate) plan: TrainingSpec,
    /// What to start from.
    pub(crate) start: RecipeStart,
}

/// What a recipe starts from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum RecipeStart {
    /// Fresh weights.
    Scratch(VaeConfig),
    /// The model of this name in `weights/`.
    Pretrained(String),
}

/// What is wrong with which field.
pub(crate) type Problems = BTreeMap<Field, String>;

/// Reads a draft.
///
/// # Errors
///
/// Says what is wrong with each field that is.
pub(crate) fn read(draft: &Draft, digits: &Digits) -> Result<Recipe, Problems> {
    let mut form = Form {
        draft,
        digits: digits.count,
        problems: Problems::new(),
    };
    let name = match name::check(&form.text(Field::Name), &digits.taken) {
        Ok(name) => name,
        Err(problem) => form.wrong(Field::Name, problem),
    };
    let latent_size = form.whole(Field::Latent, 1..=64, "a whole number from 1 to 64");
    let start = if draft.is_pretrained(digits.count) {
        let found = digits
            .pretrained
            .iter()
            .find(|(_, size)| *size as u64 == latent_size);
        match found {
            Some((name, _)) => RecipeStart::Pretrained(name.clone()),
            None => {
                let sizes: Vec<_> = digits
                    .pretrained
                    .iter()
                    .map(|(_, size)| size.to_string())
                    .collect();
                form.wrong::<()>(
                    Field::Latent,
                    format!(
                        "pretrained models have {} dimensions; for another number start from \
                         scratch",
                        sizes.join(" or ")
                    ),
                );
                RecipeStart::Pretrained(String::new())
            }
        }
    } else {
        RecipeStart::Scratch(VaeConfig::symmetric(
            PIXELS,
            form.widths(),
            latent_size as usize,
            form.likelihood(),
        ))
    };
    let plan = TrainingSpec {
        name,
        batch: form.whole(Field::Batch, 1..=1024, "a whole number from 1 to 1024") as usize,
        learning_rate: form.number(Field::Rate, 1e-6..=1.0, "a number from 0.000001 to 1"),
        final_share: if form.text(Field::Schedule) == field::CONSTANT {
            1.0
        } else {
            COSINE_END
        },
        beta: form.number(Field::Beta, 0.0..=1000.0, "a number from 0 to 1000"),
        warm_up_steps: form.whole(
            Field::WarmUp,
            0..=1_000_000,
            "a whole number of steps, 0 for none",
        ),
        learn_sigma: form.text(Field::Likelihood) == field::LEARNED_GAUSSIAN,
        shift: usize::from(form.text(Field::Shift) == field::ON),
        warp_share: if form.text(Field::Warp) == field::ON {
            WARP_SHARE
        } else {
            0.0
        },
        seed: form.whole(
            Field::Seed,
            0..=u64::from(u32::MAX),
            "a whole number from 0 to 4294967295",
        ),
        held_out_share: form.number(Field::HeldOut, 0.0..=50.0, "per cent, from 0 to 50") / 100.0,
        max_seconds: form.unless_empty(Field::Seconds, |form, field| {
            form.number(field, 1.0..=86_400.0, "seconds from 1 to 86400, or nothing")
        }),
        max_steps: form.unless_empty(Field::Steps, |form, field| {
            form.whole(
                field,
                1..=100_000_000,
                "a whole number of steps, or nothing",
            )
        }),
        patience: form.unless_empty(Field::Patience, |form, field| {
            let needed = "a whole number of evaluations from 1 to 10000, or nothing";
            form.whole(field, 1..=10_000, needed) as u32
        }),
        ..TrainingSpec::default()
    };
    if form.problems.is_empty() {
        Ok(Recipe { plan, start })
    } else {
        Err(form.problems)
    }
}

/// Says what is missing before anything can be trained on so many digits.
pub(crate) fn lack_of_digits(count: usize) -> Option<String> {
    match count {
        0 => Some(
            "Training needs digits: draw or load some above, or use the sample digits.".to_owned(),
        ),
        1..=MOST_DIGITS => None,
        _ => Some(format!(
            "There are {count} digits; training takes at most {MOST_DIGITS}."
        )),
    }
}

/// Reads fields and gathers what is wrong with them; a field that is wrong reads as a default.
struct Form<'a> {
    draft: &'a Draft,
    digits: usize,
    problems: Problems,
}

impl Form<'_> {
    fn text(&self, field: Field) -> String {
        self.draft.text(field, self.digits)
    }

    fn wrong<T: Default>(&mut self, field: Field, problem: impl Into<String>) -> T {
        self.problems.insert(field, problem.into());
        T::default()
    }

    fn number(&mut self, field: Field, range: std::ops::RangeInclusive<f64>, needed: &str) -> f64 {
        match decimal(&self.text(field)) {
            Some(value) if range.contains(&value) => value,
            _ => self.wrong(field, needed),
        }
    }

    fn whole(&mut self, field: Field, range: std::ops::RangeInclusive<u64>, needed: &str) -> u64 {
        match self.text(field).trim().parse() {
            Ok(value) if range.contains(&value) => value,
            _ => self.wrong(field, needed),
        }
    }

    fn unless_empty<T>(
        &mut self,
        field: Field,
        read: impl FnOnce(&mut Self, Field) -> T,
    ) -> Option<T> {
        (!self.text(field).trim().is_empty()).then(|| read(self, field))
    }

    fn widths(&mut self) -> Vec<usize> {
        const NEEDED: &str = "one to six layers of 1 to 1024 units, like 128, 64";
        let text = self.text(Field::Hidden);
        let widths: Result<Vec<usize>, _> = text
            .split([',', ';', ' '])
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(str::parse)
            .collect();
        match widths {
            Ok(widths)
                if (1..=6).contains(&widths.len())
                    && widths.iter().all(|width| (1..=1024).contains(width)) =>
            {
                widths
            }
            _ => self.wrong(Field::Hidden, NEEDED),
        }
    }

    fn likelihood(&mut self) -> Likelihood {
        match self.text(Field::Likelihood).as_str() {
            field::GAUSSIAN | field::LEARNED_GAUSSIAN => Likelihood::Gaussian {
                sigma: self.number(Field::Sigma, 0.01..=10.0, "a number from 0.01 to 10"),
            },
            field::CONTINUOUS_BERNOULLI => Likelihood::ContinuousBernoulli,
            _ => Likelihood::Bernoulli,
        }
    }
}

/// A finite number, with a dot or a comma for its decimals: "0.003", "3e-3", "0,5".
fn decimal(text: &str) -> Option<f64> {
    let plain = text.trim().replace(',', ".").replace(['−', '–'], "-");
    plain.parse().ok().filter(|value: &f64| value.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits(count: usize) -> Digits {
        Digits {
            count,
            pretrained: vec![("mnist-2d".into(), 2), ("mnist-16d".into(), 16)],
            taken: vec!["mnist-2d".into(), "mnist-16d".into()],
        }
    }

    fn draft(typed: &[(Field, &str)]) -> Draft {
        let mut draft = Draft::default();
        for (field, text) in typed {
            draft.set(*field, *text);
        }
        draft
    }

    #[test]
    fn the_presets_can_be_trained() {
        let few = read(&Draft::default(), &digits(40)).unwrap();
        assert_eq!(few.start, RecipeStart::Pretrained("mnist-16d".into()));
        assert_eq!(few.plan.learning_rate, 1e-3);
        assert_eq!(few.plan.patience, Some(15));
        assert_eq!((few.plan.shift, few.plan.warp_share), (0, 0.3));

        let many = read(&Draft::default(), &digits(10_000)).unwrap();
        let RecipeStart::Scratch(architecture) = many.start else {
            panic!("{:?}", many.start)
        };
        assert_eq!(architecture.encoder_hidden, [128, 64]);
        assert_eq!(architecture.latent_size, 8);
        assert_eq!(architecture.likelihood, Likelihood::Bernoulli);
        assert_eq!(
            many.plan,
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
    fn what_was_typed_is_read_leniently() {
        let draft = draft(&[
            (Field::Origin, field::SCRATCH),
            (Field::Hidden, "256 128,64"),
            (Field::Likelihood, field::GAUSSIAN),
            (Field::Sigma, "0,2"),
            (Field::Rate, "2e-3"),
            (Field::Schedule, field::CONSTANT),
            (Field::Seconds, " "),
            (Field::Steps, "500"),
        ]);
        let recipe = read(&draft, &digits(10)).unwrap();
        let RecipeStart::Scratch(architecture) = recipe.start else {
            panic!("{:?}", recipe.start)
        };
        assert_eq!(architecture.encoder_hidden, [256, 128, 64]);
        assert_eq!(architecture.likelihood, Likelihood::Gaussian { sigma: 0.2 });
        assert_eq!(recipe.plan.learning_rate, 2e-3);
        assert!(!recipe.plan.learn_sigma);
        assert_eq!(recipe.plan.final_share, 1.0);
        assert_eq!(recipe.plan.max_seconds, None);
        assert_eq!(recipe.plan.max_steps, Some(500));
    }

    #[test]
    fn sigma_can_be_learnt() {
        let learned = draft(&[
            (Field::Origin, field::SCRATCH),
            (Field::Likelihood, field::LEARNED_GAUSSIAN),
        ]);
        let recipe = read(&learned, &digits(10)).unwrap();
        assert!(recipe.plan.learn_sigma);
        let RecipeStart::Scratch(architecture) = recipe.start else {
            panic!("{:?}", recipe.start)
        };
        assert_eq!(architecture.likelihood, Likelihood::Gaussian { sigma: 0.1 });
    }

    #[test]
    fn each_wrong_field_is_named_and_all_at_once() {
        for (field, text) in [
            (Field::Name, "mnist-2d"),
            (Field::Latent, "0"),
            (Field::Hidden, "128, x"),
            (Field::Hidden, ""),
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
            let problems = read(&draft(&[(field, text)]), &digits(5_000)).unwrap_err();
            assert_eq!(problems.keys().collect::<Vec<_>>(), [&field], "{text}");
        }
        let both = draft(&[(Field::Beta, "x"), (Field::Batch, "x")]);
        assert_eq!(read(&both, &digits(5_000)).unwrap_err().len(), 2);
    }

    #[test]
    fn only_sizes_that_are_shipped_can_be_fine_tuned() {
        let two = draft(&[(Field::Latent, "2")]);
        assert_eq!(
            read(&two, &digits(10)).unwrap().start,
            RecipeStart::Pretrained("mnist-2d".into())
        );
        let eight = draft(&[(Field::Latent, "8")]);
        let problems = read(&eight, &digits(10)).unwrap_err();
        assert!(problems[&Field::Latent].contains("2 or 16"));
        // What a pretrained model brings along is not asked for.
        let hidden = draft(&[(Field::Hidden, "x")]);
        assert!(read(&hidden, &digits(10)).is_ok());
    }

    #[test]
    fn without_digits_there_is_no_training() {
        assert!(lack_of_digits(0).is_some());
        assert_eq!(lack_of_digits(1), None);
        assert!(lack_of_digits(60_001).is_some());
    }
}
