use super::*;
use crate::fake_browser::{Engine, FakeBrowser, poll};
use protocol::{
    Backend, Envelope, Event, Likelihood, PROTOCOL_VERSION, RequestError, WorkerMessage,
};

/// A client with its fake browser, and the changes that it published.
struct Page {
    browser: Rc<FakeBrowser>,
    client: EngineClient,
    changes: Rc<RefCell<Vec<Change>>>,
}

impl Page {
    /// A page that decodes on flex with the model `a`, of two dimensions.
    fn open() -> Self {
        let browser = Rc::new(FakeBrowser::default());
        let changes = Rc::<RefCell<Vec<Change>>>::default();
        let sink = changes.clone();
        let client = EngineClient::new(
            browser.clone(),
            |classes| vec![0.5; classes],
            move |change| sink.borrow_mut().push(change),
        );
        let page = Self {
            browser,
            client,
            changes,
        };
        page.client.load("a");
        page.client.choose(BackendChoice::Auto);
        page.client.decode(point(0.0));
        page.start_engine();
        page
    }

    /// Starts the newest worker, and responds until it has a model.
    fn start_engine(&self) {
        self.run();
        let engine = self.engine();
        engine.send(WorkerMessage::Hello {
            protocol: PROTOCOL_VERSION,
            backend: Some(Backend::Flex),
        });
        engine.send(WorkerMessage::Event(Event::Ready { device: None }));
        self.run();
        let request = self.next_request();
        assert!(
            matches!(request.body, Request::LoadModel { .. }),
            "{request:?}"
        );
        self.respond(request.id, Ok(Response::ModelLoaded(info())));
    }

    fn run(&self) {
        self.browser.run();
    }

    fn engine(&self) -> Engine {
        self.browser.engine()
    }

    /// The only request since the last call.
    fn next_request(&self) -> Envelope<Request> {
        let mut requests = self.engine().take_requests();
        assert_eq!(requests.len(), 1, "{requests:?}");
        requests.remove(0)
    }

    fn respond(&self, id: RequestId, body: Result<Response, RequestError>) {
        self.engine()
            .send(WorkerMessage::Response(Envelope { id, body }));
    }

    /// z of the frames that were published.
    fn frames(&self) -> Vec<f32> {
        let changes = self.changes.borrow();
        let frames = changes.iter().filter_map(|change| match change {
            Change::Frame(frame) => Some(frame.point.z[0]),
            _ => None,
        });
        frames.collect()
    }
}

fn info() -> ModelInfo {
    ModelInfo {
        name: "a".to_owned(),
        latent_size: 2,
        classes: 0,
        image: protocol::ImageShape::grey(1, 2),
        parameters: 1,
        binarized: false,
        likelihood: Likelihood::Bernoulli,
        test_neg_elbo: None,
        kl_per_dimension: vec![],
        class_means: vec![],
    }
}

fn point(z: f32) -> LatentPoint {
    LatentPoint {
        z: vec![z, 0.0],
        at: 0.0,
        by_user: true,
    }
}

fn pixels() -> Result<Response, RequestError> {
    Ok(Response::Decoded { pixels: vec![7, 8] })
}

fn decoded_z(request: &Envelope<Request>) -> f32 {
    match &request.body {
        Request::Decode { z, .. } => z[0],
        other => panic!("{other:?}"),
    }
}

#[test]
fn engine_client_decodes_the_newest_z_only() {
    let page = Page::open();
    let first = page.next_request();
    for z in [1.0, 2.0, 3.0] {
        page.client.decode(point(z));
    }
    assert!(page.engine().take_requests().is_empty(), "one at a time");
    page.respond(first.id, pixels());
    let newest = page.next_request();
    assert_eq!(decoded_z(&newest), 3.0);
    page.respond(newest.id, pixels());
    assert_eq!(page.frames(), [0.0, 3.0]);
}

#[test]
fn engine_client_runs_a_job_after_the_waiting_z() {
    let page = Page::open();
    let first = page.next_request();
    let mut batch = Box::pin(page.client.decode_batch(vec![9.0, 9.0]));
    page.client.decode(point(1.0));
    page.run();
    assert!(page.engine().take_requests().is_empty(), "z waits");
    page.respond(first.id, pixels());
    let [z, job] = page.engine().take_requests().try_into().expect("two");
    assert_eq!((decoded_z(&z), decoded_z(&job)), (1.0, 9.0));
    assert_eq!(poll(&mut batch), None);
    page.browser.now.set(5.0);
    page.respond(job.id, pixels());
    let batch = poll(&mut batch).expect("ready").expect("decoded");
    assert_eq!((batch.images, batch.ms), (vec![7, 8], 5.0));
    assert_eq!(batch.shape, protocol::ImageShape::grey(1, 2));
}

#[test]
fn engine_client_cancels_jobs_when_the_label_changes() {
    let page = Page::open();
    page.next_request();
    let mut batch = Box::pin(page.client.decode_batch(vec![9.0, 9.0]));
    page.run();
    let job = page.next_request();
    page.client.label_changed(1.0);
    assert_eq!(poll(&mut batch), Some(Err(JobError::Cancelled)));
    page.respond(job.id, pixels());
    assert!(page.frames().is_empty(), "a late response to a job");
}

#[test]
fn engine_client_reports_why_a_query_failed() {
    let page = Page::open();
    page.next_request();
    let mut query = Box::pin(page.client.query(vec![0, 0], EvidenceQuery::Quadrature));
    page.run();
    let request = page.next_request();
    let error = RequestError::bad_request("the grid is not decoded yet");
    page.respond(request.id, Err(error));
    let Some(Err(JobError::Failed(reason))) = poll(&mut query) else {
        panic!("must fail")
    };
    assert!(reason.contains("not decoded"), "{reason}");

    let mut query = Box::pin(page.client.query(vec![0, 0], EvidenceQuery::DecodeGrid));
    page.run();
    let grid = EvidenceResult::Grid { done: 1, total: 2 };
    page.respond(page.next_request().id, Ok(Response::Evidence(grid.clone())));
    assert_eq!(poll(&mut query), Some(Ok(grid)));
}

#[test]
fn engine_client_replaces_a_crashed_worker_and_drops_stale_responses() {
    let page = Page::open();
    let stale = page.next_request();
    let crashed = page.engine();
    crashed.crash("out of memory");
    page.run();
    assert!(crashed.is_terminated());
    page.start_engine();
    let again = page.next_request();
    assert_eq!(decoded_z(&again), 0.0, "the same z");
    assert!(again.id > stale.id);
    page.respond(stale.id, pixels());
    assert!(page.frames().is_empty(), "a stale response");
    page.respond(again.id, pixels());
    assert_eq!(page.frames(), [0.0]);
}

#[test]
fn engine_client_measures_latency_from_the_input() {
    let page = Page::open();
    let first = page.next_request();
    page.respond(first.id, pixels());
    page.browser.now.set(10.0);
    page.client.decode(LatentPoint {
        at: 4.0,
        ..point(1.0)
    });
    page.respond(page.next_request().id, pixels());
    let changes = page.changes.borrow().clone();
    let Some(Change::Frame(frame)) = changes.last() else {
        panic!("{changes:?}")
    };
    page.browser.now.set(12.0);
    assert_eq!(page.client.shown(frame), (8.0, true));
    assert_eq!(page.client.shown(frame), (8.0, false));
}
