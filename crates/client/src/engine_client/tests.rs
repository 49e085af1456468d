use super::*;
use crate::fake_browser::{Engine, FakeBrowser, poll};
use protocol::{
    Backend, DecoderMessage, Envelope, Event, Likelihood, PROTOCOL_VERSION, RequestError,
    WorkerMessage,
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
        let page = Self::before_engine(None);
        page.start_engine();
        page
    }

    /// A page whose engine has not started, with a decoder worker for this model.
    fn before_engine(decoder_of: Option<&str>) -> Self {
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
        page.browser
            .decoder_of
            .replace(decoder_of.map(str::to_owned));
        page.client.take_decoder();
        page.client.load("a");
        page.client.choose(BackendChoice::Auto);
        page.client.decode(point(0.0));
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

/// The reply of the decoder worker to its newest request, whose z is returned.
fn decoder_replies(page: &Page) -> f32 {
    let requests = page.browser.decoder().take_requests();
    let request = requests.last().expect("a request");
    decoder_replies_to(page, request.id);
    request.z[0]
}

fn decoder_replies_to(page: &Page, id: u32) {
    page.browser.decoder().send(DecoderMessage::Decoded {
        id,
        height: 1,
        width: 2,
        pixels: vec![5, 6],
    });
}

fn errors(page: &Page) -> Vec<EngineError> {
    let changes = page.changes.borrow();
    let errors = changes.iter().filter_map(|change| match change {
        Change::Error(error) => error.clone(),
        _ => None,
    });
    errors.collect()
}

#[test]
fn engine_client_decodes_with_the_decoder_worker_until_an_engine_does() {
    let page = Page::before_engine(Some("a"));
    assert_eq!(decoder_replies(&page), 0.0);
    page.client.decode(point(1.0));
    page.client.decode(point(2.0));
    page.client.decode(point(3.0));
    assert_eq!(decoder_replies(&page), 1.0, "one at a time");
    assert_eq!(decoder_replies(&page), 3.0, "and then the newest");
    assert_eq!(page.frames(), [0.0, 1.0, 3.0]);

    page.client.decode(point(4.0));
    page.start_engine();
    assert_eq!(decoder_replies(&page), 4.0);
    assert_eq!(page.frames(), [0.0, 1.0, 3.0], "the engine draws it");
    let request = page.next_request();
    assert_eq!(decoded_z(&request), 4.0, "the same z");
    assert!(!page.browser.decoder().is_terminated());
    page.respond(request.id, pixels());
    page.run();
    assert_eq!(page.frames(), [0.0, 1.0, 3.0, 4.0]);
    assert!(page.browser.decoder().is_terminated());
}

#[test]
fn engine_client_ignores_replies_to_requests_of_the_decoder_workers_first_owner() {
    let page = Page::before_engine(Some("a"));
    decoder_replies_to(&page, 4);
    assert!(page.frames().is_empty());
    decoder_replies_to(&page, 5);
    assert_eq!(page.frames(), [0.0]);
}

#[test]
fn engine_client_draws_without_a_decoder_worker_that_fails() {
    for fails in [
        |page: &Page| page.browser.decoder().crash("it crashed"),
        |page: &Page| {
            page.browser
                .decoder()
                .send(DecoderMessage::Failed("no file".to_owned()))
        },
        |page: &Page| {
            page.browser.decoder().send(DecoderMessage::Decoded {
                id: 5,
                height: 9,
                width: 9,
                pixels: vec![],
            });
        },
    ] {
        let page = Page::before_engine(Some("a"));
        fails(&page);
        page.run();
        assert!(page.browser.decoder().is_terminated());
        page.client.decode(point(1.0));
        page.start_engine();
        let request = page.next_request();
        page.respond(request.id, pixels());
        assert_eq!(page.frames(), [1.0]);
        assert!(errors(&page).is_empty());
    }
}

#[test]
fn engine_client_goes_on_with_the_decoder_worker_if_no_backend_works() {
    let page = Page::before_engine(Some("a"));
    while errors(&page).is_empty() {
        page.run();
        page.engine().crash("it crashed");
    }
    assert!(matches!(errors(&page)[0], EngineError::NoBackend { .. }));
    assert_eq!(decoder_replies(&page), 0.0);
    page.client.decode(point(1.0));
    assert_eq!(decoder_replies(&page), 1.0);
    assert_eq!(page.frames(), [0.0, 1.0]);
}

#[test]
fn engine_client_drops_the_decoder_worker_of_another_model() {
    let page = Page::before_engine(Some("a"));
    page.client.load("b");
    page.run();
    assert!(page.browser.decoder().is_terminated());
    let page = Page::before_engine(Some("b"));
    page.run();
    assert!(page.browser.decoder().is_terminated());
    assert!(page.frames().is_empty());
}

#[test]
fn engine_client_probes_webgpu_after_the_first_image_of_an_engine() {
    let page = Page::before_engine(Some("a"));
    decoder_replies(&page);
    let frame = |page: &Page| {
        let changes = page.changes.borrow();
        let mut frames = changes.iter().filter_map(|change| match change {
            Change::Frame(frame) => Some(frame.clone()),
            _ => None,
        });
        frames.next_back().expect("a frame")
    };
    let attempts = |page: &Page| {
        let changes = page.changes.borrow();
        let is_webgpu = |change: &&Change| matches!(change, Change::Attempt(attempt) if attempt.backend == Backend::WebGpu);
        changes.iter().filter(is_webgpu).count()
    };
    assert!(page.client.shown(&frame(&page)).1, "the first image");
    page.start_engine();
    let request = page.next_request();
    page.respond(request.id, pixels());
    page.run();
    assert_eq!(attempts(&page), 0);
    assert!(!page.client.shown(&frame(&page)).1);
    page.run();
    assert_eq!(attempts(&page), 1, "the fake browser has no adapter");
}
