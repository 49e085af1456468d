//! What a run will cost, and what is recommended for the data set: shown before training starts.

use crate::dom::files::fetch_files;
use crate::features::dataset::image_set::{ImageSet, shape_text};
use crate::features::train::actions::TrainActions;
use crate::features::train::form::TrainingForm;
use crate::features::train::form::data::Data;
use crate::features::train::form::field::Field;
use crate::features::train::form::likelihood_choice::LikelihoodChoice;
use crate::features::train::speed_probe::SpeedProbe;
use crate::number::format;
use crate::state::engine_view::EngineView;
use crate::state::training::TrainingView;
use crate::ui::button::{Button, ButtonKind};
use client::run_supervisor::RunStatus;
use client::training_client::{InitialWeights, NewRun};
use leptos::prelude::*;
use protocol::{Backend, VaeConfig};
use serde::Deserialize;
use std::{collections::BTreeMap, time::Duration};

/// Time without a change after which the speed is measured.
const DELAY: Duration = Duration::from_millis(1500);
/// Steps of a run from which its own speed is known.
const MIN_STEPS: u64 = 50;
/// Bytes of a weight while it is trained and when it is saved.
const WEIGHT_BYTES: usize = 4;

/// Size, speed and recommendation.
#[component]
pub(crate) fn ModelSummary() -> impl IntoView {
    let actions = expect_context::<TrainActions>();
    let images = expect_context::<ImageSet>();
    let engine = expect_context::<EngineView>();
    let view = expect_context::<TrainingView>();
    let probe = actions.speed_probe();
    let backend = move || engine.active.get().unwrap_or(Backend::Flex);
    let run = Memo::new(move |_| actions.validate().ok());
    let live = Memo::new(move |_| view.status.get().is_live());
    let data = Memo::new(move |_| actions.data());
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let cancel_timer = move || {
        if let Some(handle) = timer.try_update_value(Option::take).flatten() {
            handle.clear();
        }
    };
    Effect::new(move |_| {
        cancel_timer();
        let (Some(run), backend) = (run.get(), backend()) else {
            return;
        };
        if live.get() || data.get().images == 0 || engine.frame.with(Option::is_none) {
            return;
        }
        // Once a measurement ends, that of newer settings may follow.
        if probe.is_running() || probe.speed(&SpeedProbe::key(&run, backend)).is_some() {
            return;
        }
        let measure = move || probe.measure(&run, &images.training_images(), backend);
        timer.set_value(set_timeout_with_handle(measure, DELAY).ok());
    });
    on_cleanup(move || {
        cancel_timer();
        probe.cancel();
    });
    // A run's own speed replaces the measurement.
    let own = StoredValue::new(None::<String>);
    Effect::new(move |_| {
        if live.get() {
            let key = run.with_untracked(|run| {
                run.as_ref()
                    .map(|run| SpeedProbe::key(run, untrack(backend)))
            });
            own.update_value(|own| *own = own.take().or(key));
        } else {
            own.set_value(None);
        }
    });
    Effect::new(move |_| {
        let speed = view.progress.with(|progress| {
            let progress = progress.as_ref()?;
            (progress.step >= MIN_STEPS).then_some(progress.steps_per_second)
        });
        let is_full_speed =
            view.status.get_untracked() == RunStatus::Running && !view.slow.get_untracked();
        if let (Some(speed), Some(key)) = (speed, own.get_value())
            && is_full_speed
        {
            probe.note(key, speed);
        }
    });
    let architecture = architecture_of(run);
    let size = move || {
        architecture.get().map(|architecture| {
            let parameters = architecture.parameter_count();
            format!(
                "{} parameters, {}",
                format::grouped(parameters),
                megabytes(parameters * WEIGHT_BYTES)
            )
        })
    };
    let speed = move || {
        let run = run.get()?;
        match probe.speed(&SpeedProbe::key(&run, backend())) {
            Some(speed) => Some(speed_text(&run, data.get(), speed)),
            None if probe.is_running() => Some("measuring the speed…".to_owned()),
            None => None,
        }
    };
    let recommendation = move || (data.get().images > 0).then(|| recommendation(data.get()));
    let differs = move || actions.form().with(TrainingForm::has_model_changes);
    view! {
        <div class="model-summary">
            <p data-testid="train-estimate">
                <span data-testid="train-size">{size}</span>
                {move || (size().is_some() && speed().is_some()).then_some(" · ")}
                <span data-testid="train-speed">{speed}</span>
            </p>
            <p class="hint">
                <span data-testid="train-recommendation">{recommendation}</span>
                <Show when=move || differs() && data.get().images != 0>
                    <Button
                        kind=ButtonKind::Quiet
                        test_id="train-recommend"
                        on_click=move |_| actions.form().update(TrainingForm::recommend_model)
                    >
                        "Use it"
                    </Button>
                </Show>
            </p>
        </div>
    }
}

/// The architecture of the model of a run; that of a pretrained model is in its card.
fn architecture_of(run: Memo<Option<NewRun>>) -> Memo<Option<VaeConfig>> {
    let cards = RwSignal::new(BTreeMap::<String, Option<VaeConfig>>::new());
    Effect::new(move |_| {
        let Some(InitialWeights::Pretrained(name)) = run.get().map(|run| run.initial_weights)
        else {
            return;
        };
        if cards.with_untracked(|cards| cards.contains_key(&name)) {
            return;
        }
        cards.update(|cards| {
            cards.insert(name.clone(), None);
        });
        wasm_bindgen_futures::spawn_local(async move {
            let path = format!("weights/{name}.json");
            let card = fetch_files(&[&path]).await.ok();
            let card = card.and_then(|files| files.into_iter().next());
            let card = card.and_then(|file| serde_json::from_slice::<Card>(&file.bytes).ok());
            // The panel may have been closed in the meantime.
            cards.try_update(|cards| cards.insert(name, card.map(|card| card.architecture)));
        });
    });
    Memo::new(move |_| match run.get()?.initial_weights {
        InitialWeights::Scratch(architecture) => Some(*architecture),
        InitialWeights::Pretrained(name) => cards.with(|cards| cards.get(&name).cloned().flatten()),
    })
}

#[derive(Deserialize)]
struct Card {
    architecture: VaeConfig,
}

fn megabytes(bytes: usize) -> String {
    match bytes as f64 / 1e6 {
        small if small < 0.1 => format!("{:.0} kB", bytes as f64 / 1e3),
        megabytes => format!("{megabytes:.1} MB"),
    }
}

/// "85 steps/s: 1 min is about 5,100 steps or 33 epochs".
fn speed_text(run: &NewRun, data: Data, speed: f64) -> String {
    let rate = format!("{} steps/s", format::rate(speed));
    let spec = &run.spec;
    let by_time = spec.max_seconds.map(|seconds| seconds * speed);
    let steps = match (by_time, spec.max_steps) {
        (Some(by_time), Some(limit)) => by_time.min(limit as f64),
        (Some(by_time), None) => by_time,
        (None, Some(limit)) => limit as f64,
        (None, None) => return rate,
    };
    let images = data.images as f64 * (1.0 - spec.held_out_share);
    let epochs = steps * spec.batch as f64 / images.max(1.0);
    // Two digits, because speed varies.
    let rounded = |value: f64| {
        let unit = 10_f64.powi(((value.max(1.0).log10() as i32) - 1).max(0));
        format::grouped(((value / unit).round() * unit) as usize)
    };
    let time = format::duration(steps / speed);
    format!(
        "{rate}: {time} is about {} steps or {} epochs",
        rounded(steps),
        rounded(epochs)
    )
}

/// What is recommended for a data set.
fn recommendation(data: Data) -> String {
    let form = TrainingForm::default();
    let text = |field| form.text(field, data);
    let images = match data.images {
        1 => "1 image".to_owned(),
        count => format!("{} images", format::grouped(count)),
    };
    let model = if form.is_pretrained(data) {
        "a pretrained model".to_owned()
    } else {
        let likelihood = LikelihoodChoice::from_name(&text(Field::Likelihood));
        let network = if form.is_convolutional(data) {
            "convolutional"
        } else {
            "fully connected"
        };
        let likelihood = match likelihood {
            Some(LikelihoodChoice::DiscretizedLogistic) => "discretized logistic",
            Some(choice) => choice.title(),
            None => "",
        };
        format!("{network}, {likelihood}")
    };
    format!(
        "Recommended for {images} of {}: {model}, latent size {}.",
        shape_text(data.shape),
        text(Field::Latent)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::{ImageShape, TrainingSpec};

    #[test]
    fn recommendation_depends_on_the_data_set() {
        assert_eq!(
            recommendation(Data::digits(40)),
            "Recommended for 40 images of 28×28 grey: a pretrained model, latent size 16."
        );
        let icons = Data::other(1_500, ImageShape::color(24, 32));
        assert_eq!(
            recommendation(icons),
            "Recommended for 1,500 images of 32×24 colour: convolutional, discretized logistic, latent size \
             16."
        );
    }

    #[test]
    fn speed_text_gives_steps_and_epochs() {
        let run = |max_seconds, max_steps| NewRun {
            spec: TrainingSpec {
                batch: 64,
                max_seconds,
                max_steps,
                held_out_share: 0.0,
                ..TrainingSpec::default()
            },
            initial_weights: InitialWeights::Pretrained("a".into()),
        };
        let text = |run| speed_text(&run, Data::digits(6_400), 83.2);
        assert_eq!(
            text(run(Some(60.0), None)),
            "83 steps/s: 1 min is about 5,000 steps or 50 epochs"
        );
        assert_eq!(
            text(run(Some(60.0), Some(832))),
            "83 steps/s: 10 s is about 830 steps or 8 epochs"
        );
        assert_eq!(text(run(None, None)), "83 steps/s");
        assert_eq!([900, 1_900_000].map(megabytes), ["1 kB", "1.9 MB"]);
    }
}
