//! A run: starting it, controlling it, and making its steps.
#![allow(
    clippy::disallowed_types,
    reason = "on the host web_time's Instant is std's own, and clippy can't tell them apart"
)]

use super::{
    clock::Stopwatch,
    data::{Data, Images},
    schedule::ReportSchedule,
    statistics::RecentSteps,
};
use crate::response_future::ResponseFuture;
use burn::tensor::Device;
use protocol::{
    Event, RequestError, Response, TrainingControl, TrainingPhase, TrainingSpec, TrainingStart,
};
use std::time::Duration;
use vae::{
    KernelPath, Vae,
    train::{GradientWorker, TrainingError, TrainingRun},
    weights::{self, Card},
};
use web_time::Instant;

/// Seconds for which steps are made before the worker checks for requests. It always makes at least one step.
const TIME_SLICE: f64 = 0.012;

/// A training run, as a session drives it.
///
/// An object, because the program of training is a chunk of the engine: only [`start`], which creates one, belongs to it.
pub(crate) trait ControlledRun {
    /// The response to the request that started the run.
    fn started(&self) -> Response;

    /// Whether the next [`advance`](Self::advance) makes steps.
    fn is_running(&self) -> bool;

    /// The time until the next step, in slow motion.
    fn delay(&self) -> Option<Duration>;

    /// Applies a control. [`TrainingControl::Stop`] takes effect in the next [`advance`](Self::advance), which
    /// reports the best model.
    ///
    /// # Errors
    /// When the run has ended, or the speed is not a positive number.
    fn control(&mut self, control: TrainingControl) -> Result<TrainingPhase, RequestError>;

    /// Makes steps for one time slice and returns the reports that are due. It returns after at most one step once
    /// the slice is over, so that requests never wait long. A gradient worker computes half of each batch.
    ///
    /// # Errors
    /// When the device fails. The run is then paused.
    fn advance<'a>(
        &'a mut self,
        gradient_worker: Option<&'a mut dyn GradientWorker>,
    ) -> ResponseFuture<'a, Vec<Event>>;
}

/// The type of [`start`].
pub(crate) type StartTraining = fn(
    TrainingSpec,
    TrainingStart,
    Images,
    &Device,
    KernelPath,
) -> Result<Box<dyn ControlledRun>, RequestError>;

/// Prepares a run, which makes its first step in the next [`advance`](ControlledRun::advance).
///
/// # Errors
/// When specification, start and images do not fit together.
pub(crate) fn start(
    spec: TrainingSpec,
    start: TrainingStart,
    images: Images,
    device: &Device,
    kernel_path: KernelPath,
) -> Result<Box<dyn ControlledRun>, RequestError> {
    let training = Training::start(spec, start, images, device, kernel_path)?;
    Ok(Box::new(training))
}

/// A run and the state of its reports.
pub(super) struct Training {
    pub(super) run: TrainingRun,
    pub(super) spec: TrainingSpec,
    pub(super) data: Data,
    pub(super) device: Device,
    pub(super) phase: TrainingPhase,
    /// Whether the user has ended the run.
    stopped: bool,
    /// Whether to pause after the next step.
    single_step: bool,
    /// The limit of slow motion.
    steps_per_second: Option<f64>,
    /// When the next step may be made, in slow motion.
    next_step: Instant,
    pub(super) stopwatch: Stopwatch,
    pub(super) recent: RecentSteps,
    /// Evaluations since the held-out loss last improved.
    pub(super) without_improvement: u32,
    pub(super) schedule: ReportSchedule,
    /// Whether steps were made since the last complete report.
    pub(super) unreported: bool,
}

impl Training {
    /// As [`start`].
    pub(super) fn start(
        spec: TrainingSpec,
        start: TrainingStart,
        images: Images,
        device: &Device,
        kernel_path: KernelPath,
    ) -> Result<Self, RequestError> {
        let data = Data::new(&spec, images)?;
        check_limits(&spec)?;
        let (run, seconds) = start_run(&spec, start, device, kernel_path)?;
        let (model, shape) = (run.averaged().config(), data.shape());
        let convolution = model.convolution.as_ref();
        let same_image = convolution.is_none_or(|config| config.image == shape);
        if model.input_size != shape.values() || !same_image {
            return Err(RequestError::bad_model(format!(
                "this model takes images of {} values, but the data set's have {} ({shape})",
                model.input_size,
                shape.values()
            )));
        }
        if run.averaged().classes() > 0 {
            return Err(RequestError::bad_model(
                "this model is conditional on a label; only unconditional models can be trained here, so start \
                 from another model or from scratch",
            ));
        }
        Ok(Self {
            phase: TrainingPhase::Running,
            stopped: false,
            single_step: false,
            steps_per_second: None,
            next_step: Instant::now(),
            stopwatch: Stopwatch::reading(seconds),
            recent: RecentSteps::default(),
            without_improvement: 0,
            schedule: ReportSchedule::new(),
            unreported: true,
            run,
            spec,
            data,
            device: device.clone(),
        })
    }

    async fn make_steps(
        &mut self,
        events: &mut Vec<Event>,
        mut gradient_worker: Option<&mut dyn GradientWorker>,
    ) -> Result<(), RequestError> {
        let slice = Instant::now();
        self.stopwatch.start();
        while self.is_running() && !self.is_over() {
            if Instant::now() < self.next_step {
                break;
            }
            let fraction = self.fraction();
            let images = &mut self.data.training;
            let worker = gradient_worker.as_deref_mut().map(|worker| worker as _);
            match self.run.step_with(images, fraction, worker).await {
                Ok(step) => self.recent.add(&step),
                Err(error @ TrainingError::Diverged { learning_rate, .. }) => {
                    events.push(Event::Diverged {
                        message: error.to_string(),
                        learning_rate,
                    });
                    self.pause();
                }
                Err(error) => return Err(RequestError::backend_lost(error)),
            }
            self.unreported = true;
            if let Some(speed) = self.steps_per_second {
                self.next_step = Instant::now() + Duration::from_secs_f64(1.0 / speed);
            }
            if self.single_step {
                self.pause();
            }
            if slice.elapsed().as_secs_f64() > TIME_SLICE {
                break;
            }
        }
        if self.is_running() && self.is_over() {
            self.pause();
            self.phase = TrainingPhase::Done;
            return self.report_end(events).await;
        }
        self.report(events).await
    }

    fn pause(&mut self) {
        self.phase = TrainingPhase::Paused;
        self.single_step = false;
        self.stopwatch.pause();
    }

    /// The fraction of the run that is complete, for the limit that comes first.
    pub(super) fn fraction(&self) -> f64 {
        let by_time = self
            .spec
            .max_seconds
            .map_or(0.0, |limit| self.stopwatch.seconds() / limit.max(1e-3));
        let by_steps = self
            .spec
            .max_steps
            .map_or(0.0, |limit| self.run.steps() as f64 / limit.max(1) as f64);
        by_time.max(by_steps).min(1.0)
    }

    fn is_over(&self) -> bool {
        let TrainingSpec {
            max_seconds,
            max_steps,
            patience,
            ..
        } = self.spec;
        self.stopped
            || max_seconds.is_some_and(|limit| self.stopwatch.seconds() >= limit)
            || max_steps.is_some_and(|limit| self.run.steps() >= limit)
            || patience.is_some_and(|patience| self.without_improvement >= patience)
    }
}

impl ControlledRun for Training {
    fn started(&self) -> Response {
        Response::TrainingStarted {
            training_images: self.data.training_count(),
            held_out_images: self.data.held_out_count(),
            latent_size: self.run.averaged().latent_size(),
            step: self.run.steps(),
            workers: 1,
        }
    }

    fn is_running(&self) -> bool {
        self.phase == TrainingPhase::Running
    }

    fn delay(&self) -> Option<Duration> {
        let delay = self.next_step.duration_since(Instant::now());
        (self.is_running() && !delay.is_zero()).then_some(delay)
    }

    fn control(&mut self, control: TrainingControl) -> Result<TrainingPhase, RequestError> {
        if self.phase == TrainingPhase::Done {
            return Err(RequestError::bad_request(
                "this training run has ended; start another",
            ));
        }
        match control {
            TrainingControl::Pause => self.pause(),
            TrainingControl::Resume => {
                self.single_step = false;
                self.phase = TrainingPhase::Running;
            }
            TrainingControl::StepOnce => {
                self.single_step = true;
                self.phase = TrainingPhase::Running;
            }
            TrainingControl::LimitSpeed { steps_per_second } => {
                if steps_per_second.is_some_and(|speed| !(speed > 0.0 && speed.is_finite())) {
                    return Err(RequestError::bad_request(
                        "the speed must be a number of steps per second above 0",
                    ));
                }
                self.steps_per_second = steps_per_second;
                self.next_step = Instant::now();
            }
            TrainingControl::Stop => {
                // The limits stay, so that the fraction still says how much of the run was made.
                self.stopped = true;
                self.phase = TrainingPhase::Running;
            }
        }
        Ok(self.phase)
    }

    fn advance<'a>(
        &'a mut self,
        gradient_worker: Option<&'a mut dyn GradientWorker>,
    ) -> ResponseFuture<'a, Vec<Event>> {
        Box::pin(async move {
            let mut events = Vec::new();
            let result = self.make_steps(&mut events, gradient_worker).await;
            if result.is_err() {
                self.pause();
            }
            result.map(|()| events)
        })
    }
}

/// The run that the specification describes, and the seconds for which it was trained before.
fn start_run(
    spec: &TrainingSpec,
    start: TrainingStart,
    device: &Device,
    kernel_path: KernelPath,
) -> Result<(TrainingRun, f64), RequestError> {
    let model = match start {
        TrainingStart::Checkpoint { seconds, bytes } => {
            let run = TrainingRun::resume(&bytes, device).map_err(RequestError::bad_model)?;
            return Ok((run.with_kernel_path(kernel_path), seconds));
        }
        TrainingStart::Pretrained { card, weights } => {
            let card = Card::from_json(&card).map_err(RequestError::bad_model)?;
            weights::load(&card, &weights, device).map_err(RequestError::bad_model)?
        }
        TrainingStart::Scratch { architecture } => {
            Vae::init(&architecture, spec.seed, device).map_err(RequestError::bad_request)?
        }
    };
    if model.config().network.is_some() {
        return Err(RequestError::bad_request(
            "this imported model has layers that can't be trained here; start from another model",
        ));
    }
    let model = model.with_kernel_path(kernel_path);
    let run = TrainingRun::new(spec.clone(), &model, device).map_err(RequestError::bad_request)?;
    Ok((run, 0.0))
}

fn check_limits(spec: &TrainingSpec) -> Result<(), RequestError> {
    if spec
        .max_seconds
        .is_some_and(|limit| !(limit > 0.0 && limit.is_finite()))
    {
        return Err(RequestError::bad_request(
            "the time limit must be a number of seconds above 0",
        ));
    }
    if spec.max_steps == Some(0) || spec.patience == Some(0) {
        return Err(RequestError::bad_request(
            "a limit of 0 would end the run before it begins; give at least 1",
        ));
    }
    Ok(())
}
