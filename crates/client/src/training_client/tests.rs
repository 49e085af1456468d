use super::*;
use crate::fake_browser::FakeBrowser;
use protocol::{
    EngineMessage, Envelope, Event, Likelihood, ModelInfo, PROTOCOL_VERSION, Response,
    TrainedModel, TrainingSpec, WorkerMessage,
};

fn ready(browser: &FakeBrowser) {
    browser.run();
    let engine = browser.engine();
    engine.send(WorkerMessage::Hello {
        protocol: PROTOCOL_VERSION,
        backend: Some(Backend::Flex),
    });
    engine.send(WorkerMessage::Event(Event::Ready { device: None }));
}

/// The request to train that the newest worker received: its id and the start.
fn train_request(browser: &FakeBrowser) -> (RequestId, TrainingStart) {
    let requests = browser.engine().take_requests();
    let train = requests.into_iter().find_map(|request| match request.body {
        Request::Train { start, .. } => Some((request.id, start)),
        _ => None,
    });
    train.expect("a request to train")
}

type Changes = Rc<RefCell<Vec<RunChange>>>;

/// Two images of 2×1 pixels in colour, in two parts.
fn images() -> TrainingImages {
    TrainingImages {
        shape: protocol::ImageShape::color(2, 1),
        parts: vec![vec![1; 6].into(), vec![2; 6].into()],
    }
}

/// A client with the run of this specification, whose worker is ready to start it.
fn client_with_run(spec: TrainingSpec) -> (Rc<FakeBrowser>, TrainingClient, Changes) {
    let browser = Rc::new(FakeBrowser::default());
    let changes = Changes::default();
    let sink = changes.clone();
    let client = TrainingClient::new(browser.clone(), move |change| {
        sink.borrow_mut().push(change);
    });
    let run = NewRun {
        spec,
        initial_weights: InitialWeights::Pretrained("a".to_owned()),
    };
    client.start(run, images(), Backend::Flex, None);
    ready(&browser);
    (browser, client, changes)
}

#[test]
fn training_client_replaces_a_worker_that_does_not_respond() {
    let (browser, _client, changes) = client_with_run(TrainingSpec::default());
    let hung = browser.engine();
    for _ in 0..59 {
        browser.tick();
    }
    browser.run();
    assert!(!hung.is_terminated(), "a step may take a minute");
    browser.tick();
    browser.run();
    assert!(hung.is_terminated());
    let changes = changes.borrow();
    assert!(matches!(
        changes.iter().find(|change| matches!(change, RunChange::Notice(_))),
        Some(RunChange::Notice(text)) if text.contains("did not respond for 60 s")
    ));
}

#[test]
fn training_client_says_whether_images_are_augmented_and_which_model_is_final() {
    let (browser, _client, changes) = client_with_run(TrainingSpec {
        warp_share: 0.3,
        ..TrainingSpec::default()
    });
    let (id, _) = train_request(&browser);
    let engine = browser.engine();
    engine.send(started(id));
    for is_final in [false, true] {
        engine.send(WorkerMessage::Event(Event::TrainingModel {
            is_final,
            model: model(),
        }));
    }
    let changes = changes.borrow();
    let augmented = changes.iter().find_map(|change| match change {
        RunChange::Info(info) => Some(info.augmented),
        _ => None,
    });
    assert_eq!(augmented, Some(true));
    let models: Vec<_> = changes
        .iter()
        .filter_map(|change| match change {
            RunChange::Model {
                is_first, is_final, ..
            } => Some((*is_first, *is_final)),
            _ => None,
        })
        .collect();
    assert_eq!(models, [(true, false), (false, true)]);
}

fn model() -> TrainedModel {
    TrainedModel {
        info: ModelInfo {
            name: "mine".to_owned(),
            latent_size: 2,
            classes: 0,
            image: protocol::ImageShape::MNIST,
            parameters: 1,
            likelihood: Likelihood::Bernoulli,
            binarized: false,
            test_neg_elbo: None,
            kl_per_dimension: Vec::new(),
            class_means: Vec::new(),
        },
        card: "{}".to_owned(),
        weights: vec![1],
    }
}

/// The response to the request to train.
fn started(id: RequestId) -> EngineMessage {
    WorkerMessage::Response(Envelope {
        id,
        body: Ok(Response::TrainingStarted {
            training_images: 3,
            held_out_images: 0,
            latent_size: 2,
            step: 0,
            workers: 1,
        }),
    })
}

#[test]
fn training_client_resumes_from_the_newest_checkpoint_after_a_crash() {
    let (browser, _client, changes) = client_with_run(TrainingSpec::default());
    let (id, start) = train_request(&browser);
    assert!(
        matches!(start, TrainingStart::Pretrained { .. }),
        "{start:?}"
    );
    browser.engine().send(started(id));
    browser
        .engine()
        .send(WorkerMessage::Event(Event::Checkpoint {
            step: 10,
            seconds: 2.0,
            bytes: vec![1, 2],
        }));
    let crashed = browser.engine();
    crashed.crash("out of memory");
    ready(&browser);
    assert!(crashed.is_terminated());
    let (_, start) = train_request(&browser);
    assert_eq!(
        start,
        TrainingStart::Checkpoint {
            seconds: 2.0,
            bytes: vec![1, 2]
        }
    );
    let changes = changes.borrow();
    let waiting: Vec<_> = changes
        .iter()
        .filter_map(|change| match change {
            RunChange::WaitingFor(waiting_for) => Some(*waiting_for),
            _ => None,
        })
        .collect();
    let worker = Some(WaitingFor::Worker(Backend::Flex));
    assert_eq!(waiting, [Some(WaitingFor::Model), worker, None, worker]);
    assert!(matches!(
        changes.iter().find(|change| matches!(change, RunChange::Notice(_))),
        Some(RunChange::Notice(text)) if text.contains("checkpoint")
    ));
}

#[test]
fn training_client_sends_images_of_the_data_sets_shape() {
    let (browser, _client, changes) = client_with_run(TrainingSpec::default());
    let requests = browser.engine().take_requests();
    let train = requests.iter().find_map(|request| match &request.body {
        Request::Train { image, images, .. } => Some((request.id, *image, images.len())),
        _ => None,
    });
    let (id, shape, within) = train.expect("a request to train");
    assert_eq!((shape, within), (images().shape, 0));
    assert_eq!(browser.engine().bytes(), [[1; 6], [2; 6]].concat());
    assert_eq!(images().image(1), Some(vec![2; 6]));
    assert_eq!(images().image(2), None);
    assert_eq!(images().first(1).parts, images().parts[..1]);
    assert_eq!(images().first(9), images());
    browser.engine().send(started(id));
    let changes = changes.borrow();
    let info = changes.iter().find_map(|change| match change {
        RunChange::Info(info) => Some(info.image),
        _ => None,
    });
    assert_eq!(info, Some(images().shape));
}
