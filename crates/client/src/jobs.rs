//! Jobs at low priority: batches to decode and encode for maps and grids, and queries about log p(x). One job runs at
//! a time, and only when no urgent request waits.
//!
//! A job is for the model and the label that are current when it is added. When those change, all jobs are cancelled,
//! and a caller that still needs a result adds a new job.

use futures_channel::oneshot;
use protocol::{
    Request, RequestId, Response,
    evidence::{EvidenceQuery, Observation},
};
use std::{collections::VecDeque, fmt};

/// A job of the worker.
#[derive(Debug)]
pub(crate) enum Job {
    /// Decode latent vectors, `[n × latent]`.
    Decode(Vec<f32>),
    /// Encode images, `[n, height, width, channels]`, of this class; of the current label if there is none.
    Encode(Vec<u8>, Option<usize>),
    /// Evaluate a query about an image, `[height, width, channels]`.
    Query(Vec<u8>, EvidenceQuery),
}

/// Why a job has no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobError {
    /// Model, weights, worker or label changed.
    Cancelled,
    /// The worker rejected it, for this reason.
    Failed(String),
}

impl fmt::Display for JobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cancelled => f.write_str("the model has changed"),
            Self::Failed(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for JobError {}

/// The result of a job, and its duration in milliseconds without the time in the queue.
pub(crate) type JobResult = Result<(Response, f64), JobError>;

/// Jobs that wait, and the one in progress. A job is cancelled by dropping its sender.
#[derive(Debug, Default)]
pub(crate) struct JobQueue {
    waiting: VecDeque<(Job, oneshot::Sender<JobResult>)>,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    request: RequestId,
    started: f64,
    sender: oneshot::Sender<JobResult>,
}

impl Job {
    /// The request to the worker, given the class weights of the current label.
    pub(crate) fn into_request(self, conditioning: Vec<f32>) -> Request {
        match self {
            Self::Decode(z) => Request::Decode { z, conditioning },
            Self::Encode(images, class) => Request::Encode {
                images,
                conditioning: match class.filter(|class| *class < conditioning.len()) {
                    Some(class) => one_hot(class, conditioning.len()),
                    None => conditioning,
                },
            },
            Self::Query(image, query) => Request::Evidence {
                observation: Observation {
                    image,
                    conditioning,
                },
                query,
            },
        }
    }
}

/// The class weights of one class, `[classes]`.
fn one_hot(class: usize, classes: usize) -> Vec<f32> {
    let weight = |other| if other == class { 1.0 } else { 0.0 };
    (0..classes).map(weight).collect()
}

impl JobQueue {
    /// Adds a job; its result is sent to the receiver.
    pub(crate) fn add(&mut self, job: Job) -> oneshot::Receiver<JobResult> {
        let (sender, receiver) = oneshot::channel();
        self.waiting.push_back((job, sender));
        receiver
    }

    /// The next job to send, if none is in progress. It becomes the one in progress, as this request.
    pub(crate) fn start(&mut self, request: RequestId, now: f64) -> Option<Job> {
        if self.running.is_some() {
            return None;
        }
        // A job whose receiver was dropped is skipped.
        let (job, sender) = loop {
            let next = self.waiting.pop_front()?;
            if !next.1.is_canceled() {
                break next;
            }
        };
        self.running = Some(Running {
            request,
            started: now,
            sender,
        });
        Some(job)
    }

    /// Completes the job in progress, if this request belongs to it.
    pub(crate) fn complete(
        &mut self,
        request: RequestId,
        result: Result<Response, String>,
        now: f64,
    ) {
        if let Some(running) = self.running.take_if(|running| running.request == request) {
            let result = result
                .map(|response| (response, now - running.started))
                .map_err(JobError::Failed);
            // The receiver may have been dropped.
            running.sender.send(result).ok();
        }
    }

    /// Cancels all jobs.
    pub(crate) fn cancel(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encode_job_is_of_its_class_or_of_the_current_label() {
        let conditioning = |class, current: &[f32]| {
            let request = Job::Encode(vec![0], class).into_request(current.to_vec());
            match request {
                Request::Encode { conditioning, .. } => conditioning,
                _ => panic!("another request"),
            }
        };
        assert_eq!(conditioning(Some(2), &[0.5, 0.5, 0.0]), [0.0, 0.0, 1.0]);
        assert_eq!(conditioning(None, &[0.5, 0.5, 0.0]), [0.5, 0.5, 0.0]);
        // Not a class of the model, as of images of another data set.
        assert_eq!(conditioning(Some(3), &[1.0, 0.0, 0.0]), [1.0, 0.0, 0.0]);
        assert!(conditioning(Some(1), &[]).is_empty());
    }

    #[test]
    fn job_queue_runs_one_job_at_a_time_and_skips_those_without_a_receiver() {
        let mut queue = JobQueue::default();
        let mut first = queue.add(Job::Decode(vec![1.0]));
        drop(queue.add(Job::Decode(vec![2.0])));
        let mut third = queue.add(Job::Decode(vec![3.0]));
        assert!(matches!(queue.start(1, 10.0), Some(Job::Decode(z)) if z == [1.0]));
        assert!(queue.start(2, 11.0).is_none(), "one at a time");
        queue.complete(7, Ok(Response::WarmedUp), 12.0);
        assert_eq!(first.try_recv(), Ok(None), "another request");
        queue.complete(1, Ok(Response::WarmedUp), 14.0);
        assert_eq!(
            first.try_recv(),
            Ok(Some(Ok((Response::WarmedUp, 4.0)))),
            "measured from the start"
        );
        assert!(matches!(queue.start(2, 15.0), Some(Job::Decode(z)) if z == [3.0]));
        queue.cancel();
        assert!(third.try_recv().is_err(), "cancelled");
    }
}
