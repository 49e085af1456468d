//! A training run as the page requests it from a worker: the loss decreases, pausing works, a resumed checkpoint
//! ends with the same loss, and stopping takes effect at once.

use crate::{log_line, on_backend, open_device};
use engine::Session;
use protocol::{
    Backend, Event, ImageShape, Likelihood, Request, Response, TrainingControl, TrainingPhase,
    TrainingProgress, TrainingSpec, TrainingStart, VaeConfig,
};
use tests::images::bars;

const PAUSED_AT: u64 = 3;

fn spec(steps: u64) -> TrainingSpec {
    TrainingSpec {
        name: "bars".into(),
        batch: 16,
        learning_rate: 2e-2,
        final_share: 0.1,
        beta: 1.0,
        warm_up_steps: 0,
        learn_sigma: false,
        shift: 0,
        warp_share: 0.3,
        seed: 1,
        held_out_share: 0.2,
        max_seconds: None,
        max_steps: Some(steps),
        patience: None,
        ..TrainingSpec::default()
    }
}

/// A worker's session with a training run, and its events so far.
struct Run {
    session: Session,
    events: Vec<Event>,
}

impl Run {
    async fn begin(session: Session, steps: u64, start: TrainingStart) -> Self {
        let mut run = Self {
            session,
            events: Vec::new(),
        };
        let (spec, images) = (spec(steps), bars(60));
        let request = Request::Train {
            spec: Box::new(spec),
            start,
            image: ImageShape::MNIST,
            images,
        };
        let response = run.session.handle(request).await;
        assert!(
            matches!(response, Ok(Response::TrainingStarted { .. })),
            "{response:?}"
        );
        run
    }

    /// Trains until the run pauses or ends.
    async fn train_until_paused(&mut self) {
        while self.session.is_training() {
            let events = self.session.train(None).await.expect("the device computes");
            self.events.extend(events);
        }
    }

    async fn control(&mut self, control: TrainingControl) {
        let request = Request::ControlTraining(control);
        let response = self.session.handle(request).await;
        assert!(
            matches!(response, Ok(Response::TrainingControlled { .. })),
            "{response:?}"
        );
    }

    fn reports(&self) -> impl DoubleEndedIterator<Item = &TrainingProgress> {
        self.events.iter().filter_map(|event| match event {
            Event::TrainingProgress(progress) => Some(progress),
            _ => None,
        })
    }

    fn last(&self) -> Option<&TrainingProgress> {
        self.reports().next_back()
    }

    /// −ELBO of the held-out images in nats per image, for each evaluation.
    fn held_out(&self) -> Vec<f64> {
        self.reports()
            .filter_map(|report| report.held_out.as_ref())
            .map(|losses| losses.neg_elbo)
            .collect()
    }
}

/// Trains for `steps` steps; an emulated GPU is slow, so it makes fewer.
async fn check_training(backend: Backend, steps: u64) {
    let Some((device, _)) = open_device(backend).await else {
        return;
    };
    let scratch = || TrainingStart::Scratch {
        architecture: VaeConfig::symmetric(784, vec![32], 2, Likelihood::Bernoulli),
    };
    let mut run = Run::begin(Session::new(device.clone()), steps, scratch()).await;
    for _ in 0..PAUSED_AT {
        run.control(TrainingControl::StepOnce).await;
        run.train_until_paused().await;
    }
    let paused = run.last().expect("a report").clone();
    assert_eq!(
        (paused.phase, paused.step),
        (TrainingPhase::Paused, PAUSED_AT)
    );
    for _ in 0..3 {
        let events = run.session.train(None).await.expect("the device computes");
        run.events.extend(events);
    }
    let still = run.last().map(|last| (last.phase, last.step));
    assert_eq!(
        still,
        Some((TrainingPhase::Paused, PAUSED_AT)),
        "no step while paused"
    );
    let checkpoint = run.events.iter().rev().find_map(|event| match event {
        Event::Checkpoint {
            step,
            seconds,
            bytes,
        } if *step == paused.step => Some(TrainingStart::Checkpoint {
            seconds: *seconds,
            bytes: bytes.clone(),
        }),
        _ => None,
    });

    run.control(TrainingControl::Resume).await;
    run.train_until_paused().await;
    let held_out = run.held_out();
    let (first, last) = (held_out[0], held_out[held_out.len() - 1]);
    log_line(&format!(
        "{backend}: held-out −ELBO from {first:.1} to {last:.1} nats in {steps} steps"
    ));
    // Evaluations use the same ε, so only the model changes.
    assert!(last < first - 5.0, "{held_out:?}");
    assert_eq!(run.last().map(|last| last.phase), Some(TrainingPhase::Done));

    let checkpoint = checkpoint.expect("a checkpoint when paused");
    let mut resumed = Run::begin(Session::new(device.clone()), steps, checkpoint).await;
    resumed.train_until_paused().await;
    let again = *resumed.held_out().last().expect("an evaluation");
    assert_eq!(resumed.last().map(|last| last.step), Some(steps));
    assert!(
        (again - last).abs() < 1e-3 * last,
        "the resumed run ends at {again}, the uninterrupted one at {last}"
    );

    let mut stopped = Run::begin(Session::new(device), steps, scratch()).await;
    stopped.control(TrainingControl::StepOnce).await;
    stopped.train_until_paused().await;
    stopped.control(TrainingControl::Stop).await;
    stopped.train_until_paused().await;
    let ended = stopped.last().map(|last| (last.phase, last.step));
    assert_eq!(
        ended,
        Some((TrainingPhase::Done, 1)),
        "no step after stopping"
    );
}

on_backend!("flex", training_on_flex, check_training(Backend::Flex, 60));
on_backend!(
    "ndarray",
    training_on_ndarray,
    check_training(Backend::NdArray, 60)
);
on_backend!(
    "webgpu",
    training_on_webgpu,
    check_training(Backend::WebGpu, 16)
);
