use super::{ControlledRun as _, Images, run::Training};
use burn::tensor::Device;
use futures_lite::future::block_on;
use protocol::{
    ChannelScales, ConvolutionConfig, Event, ImageShape, Likelihood, Objective, Response,
    TrainingControl, TrainingPhase, TrainingProgress, TrainingSpec, TrainingStart, VaeConfig,
};
use vae::{
    KernelPath,
    weights::{self, Card},
};

fn spec() -> TrainingSpec {
    TrainingSpec {
        name: "mine".into(),
        batch: 8,
        learning_rate: 5e-3,
        final_share: 0.1,
        beta: 1.0,
        warm_up_steps: 0,
        learn_sigma: false,
        shift: 1,
        warp_share: 0.3,
        seed: 3,
        held_out_share: 0.2,
        max_seconds: None,
        max_steps: Some(40),
        patience: None,
        ..TrainingSpec::default()
    }
}

fn scratch() -> TrainingStart {
    TrainingStart::Scratch {
        architecture: VaeConfig::symmetric(784, vec![16], 2, Likelihood::Bernoulli),
    }
}

/// Vertical and horizontal bars, which are easy to learn.
fn images() -> Vec<u8> {
    (0..40 * 784)
        .map(|i| {
            let (image, row, column) = (i / 784, i % 784 / 28, i % 28);
            let across = if image % 2 == 0 { row } else { column };
            if (10..14).contains(&across) { 255 } else { 0 }
        })
        .collect()
}

/// Grey images of 28×28 pixels.
fn digits(pixels: Vec<u8>) -> Images {
    Images {
        shape: ImageShape::MNIST,
        pixels,
    }
}

/// A convolutional model of colour images, and a multilayer perceptron of another shape.
#[test]
fn training_takes_images_of_any_shape() {
    let scales = ChannelScales::equal(0.2, 3);
    let color = ImageShape::color(8, 10);
    let convolution = ConvolutionConfig {
        image: color,
        channels: vec![4, 6],
    };
    let logistic = Likelihood::DiscretizedLogistic { scales };
    let grey = ImageShape::grey(9, 16);
    for (shape, architecture) in [
        (
            color,
            VaeConfig::convolutional(convolution, vec![8], 2, logistic),
        ),
        (
            grey,
            VaeConfig::symmetric(grey.values(), vec![8], 2, Likelihood::Bernoulli),
        ),
    ] {
        let pixels = (0..30 * shape.values()).map(|i| (i * 7 % 256) as u8);
        let images = Images {
            shape,
            pixels: pixels.collect(),
        };
        let start = TrainingStart::Scratch { architecture };
        let mut training =
            Training::start(spec(), start, images, &Device::flex(), KernelPath::Fused)
                .expect("starts");
        let events = to_the_end(&mut training);
        let mut models = events.iter().filter_map(|event| match event {
            Event::TrainingModel { model, .. } => Some(model),
            _ => None,
        });
        let model = models.next_back().expect("a model");
        assert_eq!(model.info.image, shape);
        let card = Card::from_json(&model.card).expect("a card");
        assert_eq!(card.data.image, shape);
        vae::weights::load(&card, &model.weights, &Device::flex()).expect("loads");
        let mut snapshots = events.iter().filter_map(|event| match event {
            Event::TrainingSnapshot(snapshot) => Some(snapshot),
            _ => None,
        });
        let last = snapshots.next_back().expect("a snapshot");
        assert!(last.originals.len().is_multiple_of(shape.values()));
        assert_eq!(last.originals.len(), last.reconstructions.len());
    }
}

/// Runs with other objectives report these beside the ELBO, and name them on the card.
#[test]
fn training_reports_what_it_maximizes() {
    for objective in [
        Objective::Elbo,
        Objective::ImportanceWeighted { samples: 4 },
        Objective::Exact { side: 16 },
    ] {
        let spec = TrainingSpec {
            objective,
            max_steps: Some(120),
            ..spec()
        };
        let mut training = start(spec, scratch());
        let events = to_the_end(&mut training);
        let values: Vec<(f64, f64)> = events
            .iter()
            .filter_map(|event| match event {
                Event::TrainingProgress(TrainingProgress {
                    objective: Some(objective),
                    training: Some(training),
                    ..
                }) => Some((*objective, -training.neg_elbo)),
                _ => None,
            })
            .collect();
        if objective == Objective::Elbo {
            assert_eq!(values, []);
            continue;
        }
        let [(first, _), .., (last, elbo)] = values[..] else {
            panic!("too few reports of {objective}: {values:?}")
        };
        assert!(last > first + 50.0, "{objective}: from {first} to {last}");
        // So few quantiles miss most of a narrow posterior, and the ELBO can be the better bound.
        if let Objective::ImportanceWeighted { .. } = objective {
            assert!(elbo < last + 1.0, "{objective}: {last}, ELBO {elbo}");
        }
        let recipe = events.iter().rev().find_map(|event| match event {
            Event::TrainingModel { model, .. } => {
                let card = Card::from_json(&model.card).expect("a card");
                Some(card.training.expect("how it was trained").recipe)
            }
            _ => None,
        });
        let recipe = recipe.expect("a model");
        assert!(recipe.contains(&objective.to_string()), "{recipe}");
    }
}

#[test]
fn training_by_quadrature_rejects_many_dimensions() {
    let spec = TrainingSpec {
        objective: Objective::Exact { side: 16 },
        ..spec()
    };
    let start = TrainingStart::Scratch {
        architecture: VaeConfig::symmetric(784, vec![16], 3, Likelihood::Bernoulli),
    };
    let device = Device::flex();
    let rejected = Training::start(spec, start, digits(images()), &device, KernelPath::Fused);
    let error = rejected.err().expect("rejected");
    assert!(error.message.contains("one or two"), "{}", error.message);
}

fn start(spec: TrainingSpec, start: TrainingStart) -> Training {
    let images = digits(images());
    let training =
        Training::start(spec, start, images, &Device::flex(), KernelPath::Fused).expect("starts");
    assert!(matches!(
        training.started(),
        Response::TrainingStarted {
            training_images: 32,
            held_out_images: 8,
            latent_size: 2,
            ..
        }
    ));
    training
}

fn advance(training: &mut Training) -> Vec<Event> {
    block_on(training.advance(None)).expect("a CPU does not fail")
}

fn to_the_end(training: &mut Training) -> Vec<Event> {
    let mut events = Vec::new();
    while training.is_running() {
        events.extend(advance(training));
    }
    events
}

fn progress(events: &[Event]) -> Vec<&TrainingProgress> {
    events
        .iter()
        .filter_map(|event| match event {
            Event::TrainingProgress(progress) => Some(progress),
            _ => None,
        })
        .collect()
}

fn last_model(events: &[Event]) -> Vec<u8> {
    events
        .iter()
        .rev()
        .find_map(|event| match event {
            Event::TrainingModel {
                is_final: true,
                model,
            } => Some(model.weights.clone()),
            _ => None,
        })
        .expect("a last model")
}

#[test]
fn training_lowers_the_loss_and_ends_with_a_model_that_loads() {
    let mut training = start(spec(), scratch());
    let events = to_the_end(&mut training);
    let reports = progress(&events);
    let held_out: Vec<f64> = reports
        .iter()
        .filter_map(|report| report.held_out.as_ref().map(|losses| losses.neg_elbo))
        .collect();
    assert!(held_out.last() < held_out.first(), "held out: {held_out:?}");
    let last = reports.last().expect("a report");
    assert_eq!(
        (last.phase, last.step, last.fraction),
        (TrainingPhase::Done, 40, 1.0)
    );
    let Some(Event::TrainingModel { model, .. }) = events
        .iter()
        .find(|event| matches!(event, Event::TrainingModel { is_final: true, .. }))
    else {
        panic!("no last model")
    };
    let card = Card::from_json(&model.card).expect("a card");
    assert_eq!(card.name, "mine");
    weights::load(&card, &model.weights, &Device::flex()).expect("loads");
    assert!(events.iter().any(|event| matches!(
        event,
        Event::TrainingSnapshot(snapshot)
            if snapshot.samples.len() == 32 * 784 && snapshot.plane.len() == 80
    )));
}

#[test]
fn training_paused_or_resumed_ends_with_the_weights_of_an_uninterrupted_run() {
    let straight = last_model(&to_the_end(&mut start(spec(), scratch())));

    let mut training = start(spec(), scratch());
    let mut paused = Vec::new();
    for _ in 0..10 {
        training.control(TrainingControl::StepOnce).expect("steps");
        paused.extend(advance(&mut training));
        assert!(!training.is_running());
        assert!(advance(&mut training).is_empty(), "it is paused");
    }
    assert_eq!(training.run.steps(), 10);
    training.control(TrainingControl::Resume).expect("resumes");
    assert_eq!(last_model(&to_the_end(&mut training)), straight);

    // The same from the checkpoint, as after a crash.
    let bytes = paused
        .iter()
        .rev()
        .find_map(|event| match event {
            Event::Checkpoint {
                step: 10, bytes, ..
            } => Some(bytes.clone()),
            _ => None,
        })
        .expect("a checkpoint when it was paused");
    let seconds = 2.0;
    let mut resumed = start(spec(), TrainingStart::Checkpoint { seconds, bytes });
    assert_eq!(resumed.run.steps(), 10);
    assert!(resumed.stopwatch.seconds() >= seconds);
    assert_eq!(last_model(&to_the_end(&mut resumed)), straight);
}

#[test]
fn control_stop_ends_the_run_with_its_best_model() {
    // Of a run with a limit, the last report says how much of it was made; without one it says nothing.
    for (max_steps, fraction) in [(None, 0.0), (Some(1000), 0.001)] {
        let mut training = start(
            TrainingSpec {
                max_steps,
                ..spec()
            },
            scratch(),
        );
        training.control(TrainingControl::StepOnce).expect("steps");
        advance(&mut training);
        training.control(TrainingControl::Stop).expect("stops");
        let events = to_the_end(&mut training);
        last_model(&events);
        assert_eq!(training.phase, TrainingPhase::Done);
        let last = progress(&events).pop().expect("a last report");
        assert_eq!((last.step, last.fraction), (1, fraction));
        assert!(training.control(TrainingControl::Resume).is_err());
    }
}

#[test]
fn start_holds_out_the_share_of_a_small_data_set() {
    for (count, share, expected) in [(15, 2.0 / 15.0, 2), (15, 0.0, 0), (40, 0.2, 8)] {
        let spec = TrainingSpec {
            held_out_share: share,
            ..spec()
        };
        let images = images()[..count * 784].to_vec();
        let images = digits(images);
        let training = Training::start(spec, scratch(), images, &Device::flex(), KernelPath::Fused)
            .expect("starts");
        let Response::TrainingStarted {
            training_images,
            held_out_images,
            ..
        } = training.started()
        else {
            panic!("another response")
        };
        assert_eq!(
            (training_images, held_out_images),
            (count - expected, expected)
        );
    }
}

#[test]
fn start_rejects_what_does_not_fit_with_a_reason() {
    let rejected = |spec: TrainingSpec, start: TrainingStart, images: Vec<u8>| {
        let error = Training::start(
            spec,
            start,
            digits(images),
            &Device::flex(),
            KernelPath::Fused,
        )
        .err()
        .expect("must be rejected");
        error.message
    };
    assert!(rejected(spec(), scratch(), vec![]).contains("at least one image"));
    assert!(rejected(spec(), scratch(), vec![0; 785]).contains("785 bytes"));
    let with = |change: fn(&mut TrainingSpec)| {
        let mut spec = spec();
        change(&mut spec);
        rejected(spec, scratch(), images())
    };
    assert!(with(|p| p.batch = 0).contains("the batch is 0"));
    assert!(with(|p| p.max_seconds = Some(f64::NAN)).contains("time limit"));
    assert!(with(|p| p.held_out_share = 0.9).contains("held-out share"));
    let broken = TrainingStart::Checkpoint {
        seconds: 0.0,
        bytes: vec![1, 2, 3],
    };
    assert!(rejected(spec(), broken, images()).contains("checkpoint"));
}
