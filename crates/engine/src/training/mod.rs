//! A training run in the worker: makes steps, says how it goes, obeys.
#![allow(
    clippy::disallowed_types,
    reason = "on the host web_time's Instant is std's own, and clippy can't tell them apart"
)]

mod clock;
mod data;
mod report;
mod warm_up;

use crate::refusal::Refusal;
use burn::tensor::Device;
use clock::{Pulse, Stopwatch};
use data::Data;
use protocol::{Control, Event, Losses, Phase, RequestId, Start, TrainingSpec};
use report::Recent;
pub(crate) use report::model_info;
use std::time::Duration;
use vae::{
    ElboSummary, KernelPath, Vae,
    train::{GradientWorker, TrainingError, TrainingRun},
    weights::{self, Card},
};
pub use warm_up::warm_up;
use web_time::Instant;

/// Seconds for which steps are made before the worker looks for requests again. A step that takes
/// longer is a slice of its own.
const SLICE: f64 = 0.012;

/// A run and what the page was told of it.
pub(crate) struct Training {
    run: TrainingRun,
    spec: TrainingSpec,
    data: Data,
    device: Device,
    phase: Phase,
    /// Hold after the next step.
    single: bool,
    steps_per_second: Option<f64>,
    watch: Stopwatch,
    recent: Recent,
    /// Evaluations since the held-out loss last fell.
    without_gain: u32,
    due: Due,
    /// Whether the newest weights, pictures and numbers are still to be shown.
    unsaid: bool,
}

/// When each kind of report is due.
struct Due {
    progress: Pulse,
    held_out: Pulse,
    pictures: Pulse,
    model: Pulse,
    checkpoint: Pulse,
    next_step: Instant,
}

impl Training {
    /// Sets a run up; it makes steps from the next [`advance`](Self::advance) on.
    pub(crate) fn start(
        id: RequestId,
        spec: TrainingSpec,
        start: Start,
        images: Vec<u8>,
        device: &Device,
        kernel_path: KernelPath,
    ) -> Result<(Self, Event), Refusal> {
        let data = Data::new(&spec, images)?;
        limits(&spec)?;
        let (run, seconds) = run(&spec, start, device, kernel_path)?;
        let input = run.averaged().input_size();
        if input != data::IMAGE[0] * data::IMAGE[1] {
            return Err(Refusal::bad_model(format!(
                "this model takes images of {input} pixels; training needs 28×28 = 784"
            )));
        }
        if run.averaged().classes() > 0 {
            return Err(Refusal::bad_model(
                "this model takes a label with each image; training here goes without labels, so start \
                 from another model or from scratch",
            ));
        }
        let training = Self {
            phase: Phase::Running,
            single: false,
            steps_per_second: None,
            watch: Stopwatch::reading(seconds),
            recent: Recent::default(),
            without_gain: 0,
            due: Due {
                progress: Pulse::every(0.15),
                held_out: Pulse::every(1.0),
                pictures: Pulse::every(0.5),
                model: Pulse::after(0.5),
                checkpoint: Pulse::after(5.0),
                next_step: Instant::now(),
            },
            unsaid: true,
            run,
            spec,
            data,
            device: device.clone(),
        };
        let event = Event::TrainingStarted {
            id,
            training_images: training.data.training_count(),
            held_out_images: training.data.held_out_count(),
            latent_size: training.run.averaged().latent_size(),
            step: training.run.steps(),
            workers: 1,
        };
        Ok((training, event))
    }

    /// Whether there is work to be done in the next [`advance`](Self::advance).
    pub(crate) fn is_running(&self) -> bool {
        self.phase == Phase::Running
    }

    /// How long the run waits for its next step, in slow motion.
    pub(crate) fn rest(&self) -> Option<Duration> {
        let rest = self.due.next_step.duration_since(Instant::now());
        (self.is_running() && !rest.is_zero()).then_some(rest)
    }

    /// Does what is asked. [`Control::Stop`] takes effect, with the best model said, in the next
    /// [`advance`](Self::advance).
    pub(crate) fn control(&mut self, control: Control) -> Result<Phase, Refusal> {
        if self.phase == Phase::Done {
            return Err(Refusal::bad_request(
                "this training run has ended; start another",
            ));
        }
        match control {
            Control::Pause => self.hold(),
            Control::Resume => {
                self.single = false;
                self.phase = Phase::Running;
            }
            Control::StepOnce => {
                self.single = true;
                self.phase = Phase::Running;
            }
            Control::Pace { steps_per_second } => {
                if steps_per_second.is_some_and(|pace| !(pace > 0.0 && pace.is_finite())) {
                    return Err(Refusal::bad_request(
                        "the pace must be a number of steps a second above 0",
                    ));
                }
                self.steps_per_second = steps_per_second;
                self.due.next_step = Instant::now();
            }
            Control::Stop => {
                self.spec.max_steps = Some(self.run.steps());
                self.phase = Phase::Running;
            }
        }
        Ok(self.phase)
    }

    /// Makes steps for a moment and gives what is to be said. Returns after at most one step once
    /// the moment has passed, so that requests never wait long. A helper computes half of each batch.
    pub(crate) async fn advance(&mut self, helper: Option<&mut impl GradientWorker>) -> Vec<Event> {
        let mut events = Vec::new();
        if let Err(failure) = self.advance_into(&mut events, helper).await {
            self.hold();
            events.push(failure.answer(None));
        }
        events
    }

    async fn advance_into(
        &mut self,
        events: &mut Vec<Event>,
        mut helper: Option<&mut impl GradientWorker>,
    ) -> Result<(), Refusal> {
        let slice = Instant::now();
        self.watch.go();
        while self.is_running() && !self.is_over() {
            if Instant::now() < self.due.next_step {
                break;
            }
            let share = self.share();
            let images = &mut self.data.training;
            match self
                .run
                .step_with(images, share, helper.as_deref_mut())
                .await
            {
                Ok(step) => self.recent.add(&step),
                Err(error @ TrainingError::Diverged { learning_rate, .. }) => {
                    events.push(Event::Diverged {
                        message: error.to_string(),
                        learning_rate,
                    });
                    self.hold();
                }
                Err(error) => return Err(Refusal::lost(error)),
            }
            self.unsaid = true;
            if let Some(pace) = self.steps_per_second {
                let pause = Duration::from_secs_f64(1.0 / pace);
                self.due.next_step = Instant::now() + pause;
            }
            if self.single {
                self.hold();
            }
            if slice.elapsed().as_secs_f64() > SLICE {
                break;
            }
        }
        if self.is_running() && self.is_over() {
            return self.finish(events).await;
        }
        self.report(events).await
    }

    /// Says what is due; all that is still unsaid when the run holds.
    async fn report(&mut self, events: &mut Vec<Event>) -> Result<(), Refusal> {
        let holds = !self.is_running() && std::mem::take(&mut self.unsaid);
        let mut held_out = None;
        if self.due.held_out.is_due() || holds {
            let start = Instant::now();
            held_out = self.evaluate().await?;
            self.due.held_out.done(start);
        }
        if self.due.progress.is_due() || held_out.is_some() || holds {
            let start = Instant::now();
            events.push(Event::TrainingProgress(self.progress(held_out)));
            self.due.progress.done(start);
        }
        if self.due.pictures.is_due() || holds {
            let start = Instant::now();
            events.push(Event::TrainingPictures(self.pictures().await?));
            self.due.pictures.done(start);
        }
        if self.due.model.is_due() || holds {
            let start = Instant::now();
            let model = self.trained(self.run.averaged()).await?;
            events.push(Event::TrainingModel { last: false, model });
            self.due.model.done(start);
        }
        if self.due.checkpoint.is_due() || holds {
            let start = Instant::now();
            events.push(self.checkpoint().await?);
            self.due.checkpoint.done(start);
        }
        Ok(())
    }

    /// The last words of a run.
    async fn finish(&mut self, events: &mut Vec<Event>) -> Result<(), Refusal> {
        self.hold();
        self.phase = Phase::Done;
        let held_out = self.evaluate().await?;
        events.push(Event::TrainingPictures(self.pictures().await?));
        events.push(self.checkpoint().await?);
        let model = self.trained(self.run.best()).await?;
        events.push(Event::TrainingModel { last: true, model });
        events.push(Event::TrainingProgress(self.progress(held_out)));
        Ok(())
    }

    async fn checkpoint(&self) -> Result<Event, Refusal> {
        Ok(Event::Checkpoint {
            step: self.run.steps(),
            seconds: self.watch.seconds(),
            bytes: self.run.checkpoint().await.map_err(Refusal::lost)?,
        })
    }

    /// The held-out loss of the averaged weights, which also decides which ones are the best.
    async fn evaluate(&mut self) -> Result<Option<Losses>, Refusal> {
        if self.data.held_out.is_empty() {
            return Ok(None);
        }
        const SEED: u64 = 0;
        let found = vae::evaluate(
            self.run.averaged(),
            &self.data.held_out,
            &[],
            1,
            SEED,
            &self.device,
        );
        let found = found.await.map_err(Refusal::lost)?;
        if self.run.offer_best(found.elbo.neg_elbo()) {
            self.without_gain = 0;
        } else {
            self.without_gain += 1;
        }
        Ok(Some(losses(&found.elbo)))
    }

    fn hold(&mut self) {
        self.phase = Phase::Paused;
        self.single = false;
        self.watch.hold();
    }

    /// Share of the run that is done, by whichever limit comes first.
    fn share(&self) -> f64 {
        let by_time = self
            .spec
            .max_seconds
            .map_or(0.0, |limit| self.watch.seconds() / limit.max(1e-3));
        let by_steps = self
            .spec
            .max_steps
            .map_or(0.0, |limit| self.run.steps() as f64 / limit.max(1) as f64);
        by_time.max(by_steps).min(1.0)
    }

    fn is_over(&self) -> bool {
        self.spec
            .max_seconds
            .is_some_and(|limit| self.watch.seconds() >= limit)
            || self
                .spec
                .max_steps
                .is_some_and(|limit| self.run.steps() >= limit)
            || self
                .spec
                .patience
                .is_some_and(|patience| self.without_gain >= patience)
    }
}

/// The run that the spec describes, and the seconds that it has behind it.
fn run(
    spec: &TrainingSpec,
    start: Start,
    device: &Device,
    kernel_path: KernelPath,
) -> Result<(TrainingRun, f64), Refusal> {
    let model = match start {
        Start::Checkpoint { seconds, bytes } => {
            let run = TrainingRun::resume(&bytes, device).map_err(Refusal::bad_model)?;
            return Ok((run.with_kernel_path(kernel_path), seconds));
        }
        Start::Pretrained { card, weights } => {
            let card = Card::from_json(&card).map_err(Refusal::bad_model)?;
            weights::load(&card, &weights, device).map_err(Refusal::bad_model)?
        }
        Start::Scratch { architecture } => {
            Vae::init(&architecture, spec.seed, device).map_err(Refusal::bad_request)?
        }
    };
    let model = model.with_kernel_path(kernel_path);
    let run = TrainingRun::new(spec.clone(), &model, device).map_err(Refusal::bad_request)?;
    Ok((run, 0.0))
}

fn limits(spec: &TrainingSpec) -> Result<(), Refusal> {
    if spec
        .max_seconds
        .is_some_and(|limit| !(limit > 0.0 && limit.is_finite()))
    {
        return Err(Refusal::bad_request(
            "the time limit must be a number of seconds above 0",
        ));
    }
    if spec.max_steps == Some(0) || spec.patience == Some(0) {
        return Err(Refusal::bad_request(
            "a limit of 0 would end the run before it begins; give at least 1",
        ));
    }
    Ok(())
}

fn losses(elbo: &ElboSummary) -> Losses {
    Losses {
        neg_elbo: elbo.neg_elbo(),
        reconstruction: -elbo.reconstruction,
        kl_per_dimension: elbo.kl_per_dimension.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_lite::future::block_on;
    use protocol::{Likelihood, Progress, VaeConfig};
    use vae::train::NoGradientWorker;

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

    fn scratch() -> Start {
        Start::Scratch {
            architecture: VaeConfig::symmetric(784, vec![16], 2, Likelihood::Bernoulli),
        }
    }

    /// Bars, upright and lying: something that can be learnt.
    fn images() -> Vec<u8> {
        (0..40 * 784)
            .map(|i| {
                let (image, row, column) = (i / 784, i % 784 / 28, i % 28);
                let across = if image % 2 == 0 { row } else { column };
                if (10..14).contains(&across) { 255 } else { 0 }
            })
            .collect()
    }

    fn start(spec: TrainingSpec, start: Start) -> Training {
        let (training, event) =
            Training::start(1, spec, start, images(), &Device::flex(), KernelPath::Fused)
                .expect("starts");
        assert!(matches!(
            event,
            Event::TrainingStarted {
                training_images: 32,
                held_out_images: 8,
                latent_size: 2,
                ..
            }
        ));
        training
    }

    fn to_the_end(training: &mut Training) -> Vec<Event> {
        let mut events = Vec::new();
        while training.is_running() {
            events.extend(block_on(training.advance(None::<&mut NoGradientWorker>)));
        }
        events
    }

    fn progress(events: &[Event]) -> Vec<&Progress> {
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
                Event::TrainingModel { last: true, model } => Some(model.weights.clone()),
                _ => None,
            })
            .expect("a last model")
    }

    #[test]
    fn the_loss_falls_and_the_run_ends_with_a_model_that_loads() {
        let mut training = start(spec(), scratch());
        let events = to_the_end(&mut training);
        let reports = progress(&events);
        let held_out: Vec<f64> = reports
            .iter()
            .filter_map(|report| report.held_out.as_ref().map(|losses| losses.neg_elbo))
            .collect();
        assert!(held_out.last() < held_out.first(), "held out: {held_out:?}");
        let last = reports.last().expect("a report");
        assert_eq!((last.phase, last.step, last.share), (Phase::Done, 40, 1.0));
        let Some(Event::TrainingModel { model, .. }) = events
            .iter()
            .find(|event| matches!(event, Event::TrainingModel { last: true, .. }))
        else {
            panic!("no last model")
        };
        let card = Card::from_json(&model.card).expect("a card");
        assert_eq!(card.name, "mine");
        weights::load(&card, &model.weights, &Device::flex()).expect("loads");
        assert!(events.iter().any(|event| matches!(
            event,
            Event::TrainingPictures(pictures)
                if pictures.samples.len() == 32 * 784 && pictures.plane.len() == 80
        )));
    }

    #[test]
    fn a_pause_holds_and_going_on_ends_where_no_pause_would_have() {
        let straight = last_model(&to_the_end(&mut start(spec(), scratch())));

        let mut training = start(spec(), scratch());
        let mut paused = Vec::new();
        for _ in 0..10 {
            training.control(Control::StepOnce).expect("steps");
            paused.extend(block_on(training.advance(None::<&mut NoGradientWorker>)));
            assert!(!training.is_running());
            assert!(
                block_on(training.advance(None::<&mut NoGradientWorker>)).is_empty(),
                "it holds"
            );
        }
        assert_eq!(training.run.steps(), 10);
        training.control(Control::Resume).expect("goes on");
        assert_eq!(last_model(&to_the_end(&mut training)), straight);

        // And from the checkpoint, as after a crash.
        let bytes = paused
            .iter()
            .rev()
            .find_map(|event| match event {
                Event::Checkpoint {
                    step: 10, bytes, ..
                } => Some(bytes.clone()),
                _ => None,
            })
            .expect("a checkpoint when it held");
        let seconds = 2.0;
        let mut resumed = start(spec(), Start::Checkpoint { seconds, bytes });
        assert_eq!(resumed.run.steps(), 10);
        assert!(resumed.watch.seconds() >= seconds);
        assert_eq!(last_model(&to_the_end(&mut resumed)), straight);
    }

    #[test]
    fn stop_ends_the_run_and_keeps_the_best() {
        let mut training = start(
            TrainingSpec {
                max_steps: None,
                ..spec()
            },
            scratch(),
        );
        block_on(training.advance(None::<&mut NoGradientWorker>));
        training.control(Control::Stop).expect("stops");
        let events = to_the_end(&mut training);
        last_model(&events);
        assert_eq!(training.phase, Phase::Done);
        assert!(training.control(Control::Resume).is_err());
    }

    #[test]
    fn what_does_not_fit_is_refused_with_a_reason() {
        let refused = |spec: TrainingSpec, start: Start, images: Vec<u8>| {
            let refusal =
                Training::start(1, spec, start, images, &Device::flex(), KernelPath::Fused)
                    .err()
                    .expect("must be refused");
            match refusal.answer(Some(1)) {
                Event::Failed { message, .. } => message,
                other => panic!("{other:?}"),
            }
        };
        assert!(refused(spec(), scratch(), vec![]).contains("at least one image"));
        assert!(refused(spec(), scratch(), vec![0; 785]).contains("785 bytes"));
        let with = |change: fn(&mut TrainingSpec)| {
            let mut spec = spec();
            change(&mut spec);
            refused(spec, scratch(), images())
        };
        assert!(with(|p| p.batch = 0).contains("the batch is 0"));
        assert!(with(|p| p.max_seconds = Some(f64::NAN)).contains("time limit"));
        assert!(with(|p| p.held_out_share = 0.9).contains("held-out share"));
        let broken = Start::Checkpoint {
            seconds: 0.0,
            bytes: vec![1, 2, 3],
        };
        assert!(refused(spec(), broken, images()).contains("checkpoint"));
    }
}
