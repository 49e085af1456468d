use super::*;
use futures_lite::future::block_on;
use protocol::{
    ErrorCode,
    evidence::{EvidenceResult, Proposal},
};
use vae::{Activation, Likelihood, Vae, VaeConfig, weights::*};

fn card_and_weights(classes: usize) -> (String, Vec<u8>) {
    let architecture = VaeConfig {
        input_size: 6,
        convolution: None,
        network: None,
        encoder_hidden: vec![5],
        decoder_hidden: vec![5],
        latent_size: 2,
        classes,
        activation: Activation::Relu,
        likelihood: Likelihood::Bernoulli,
    };
    let model = Vae::init(&architecture, 1, &Device::flex()).expect("valid");
    let (bytes, weights) = block_on(save(&model, StorageType::F32)).expect("saves");
    let data = DataCard {
        dataset: "none".into(),
        image: vae::ImageShape::grey(2, 3),
        count: 0,
        class_names: Vec::new(),
        binarized: false,
        convention: "none".into(),
    };
    let name = "tiny".to_owned();
    let card = Card {
        format: FORMAT,
        name,
        architecture,
        data,
        training: None,
        test: None,
        class_means: None,
        weights,
    };
    (card.to_json(), bytes)
}

fn session() -> Session {
    session_with(0)
}

fn session_with(classes: usize) -> Session {
    let mut session = Session::new(Device::flex());
    let (card, weights) = card_and_weights(classes);
    let answer = block_on(session.handle(Request::LoadModel { card, weights }));
    let Ok(Response::ModelLoaded(model)) = answer else {
        panic!("{answer:?}")
    };
    assert_eq!(model.classes, classes);
    assert_eq!(
        (model.latent_size, model.image, model.name.as_str()),
        (2, vae::ImageShape::grey(2, 3), "tiny")
    );
    session
}

fn rejected(session: &mut Session, request: Request) -> (ErrorCode, String) {
    match block_on(session.handle(request)) {
        Err(RequestError { code, message }) => (code, message),
        other => panic!("must be rejected: {other:?}"),
    }
}

#[test]
fn decode_gives_the_same_for_a_batch_and_single_vectors() {
    let mut session = session();
    let mut decode = |z: Vec<f32>| match block_on(session.handle(Request::Decode {
        z,
        conditioning: vec![],
    })) {
        Ok(Response::Decoded { pixels }) => pixels,
        other => panic!("{other:?}"),
    };
    let (a, b) = (decode(vec![0.5, -1.0]), decode(vec![2.0, 0.0]));
    assert_eq!((a.len(), b.len()), (6, 6));
    assert_eq!(decode(vec![0.5, -1.0, 2.0, 0.0]), [a, b].concat());
}

#[test]
fn encode_gives_the_same_for_a_batch_and_single_images() {
    let mut session = session();
    let mut encode = |images: Vec<u8>| match block_on(session.handle(Request::Encode {
        images,
        conditioning: vec![],
    })) {
        Ok(Response::Encoded { mu, sigma }) => (mu, sigma),
        other => panic!("{other:?}"),
    };
    let (dark, light) = (vec![0; 6], vec![255, 0, 128, 255, 7, 0]);
    let (mu_dark, sigma_dark) = encode(dark.clone());
    let (mu_light, sigma_light) = encode(light.clone());
    assert_ne!(mu_dark, mu_light);
    assert!(
        sigma_dark
            .iter()
            .chain(&sigma_light)
            .all(|&sigma| sigma > 0.0)
    );
    let (mu, sigma) = encode([dark, light].concat());
    assert_eq!(mu, [mu_dark, mu_light].concat());
    assert_eq!(sigma, [sigma_dark, sigma_light].concat());
}

fn queried(session: &mut Session, query: EvidenceQuery) -> Result<EvidenceResult, String> {
    let request = Request::Evidence {
        observation: Observation {
            image: vec![0, 255, 255, 0, 255, 0],
            conditioning: vec![],
        },
        query,
    };
    match block_on(session.handle(request)) {
        Ok(Response::Evidence(result)) => Ok(result),
        Err(error) => Err(error.message),
        other => panic!("{other:?}"),
    }
}

/// Importance sampling from prior and posterior agrees with quadrature.
#[test]
fn evidence_estimators_agree() {
    let mut session = session();
    while let EvidenceResult::Grid { done, total } =
        queried(&mut session, EvidenceQuery::DecodeGrid).expect("two dimensions")
        && done < total
    {}
    let mut exact = None;
    for query in [
        EvidenceQuery::Quadrature,
        EvidenceQuery::RefineQuadrature,
        EvidenceQuery::RefineQuadrature,
    ] {
        match queried(&mut session, query).expect("decoded") {
            EvidenceResult::Quadrature(found) => exact = Some(found),
            other => panic!("{other:?}"),
        }
    }
    let exact = exact.expect("three");
    assert!(exact.error < 1e-3 && exact.gap >= 0.0, "{exact:?}");
    let cells = exact.cells.as_chunks::<4>().0.iter();
    let mass: f64 = cells
        .map(|[_, _, width, log]| f64::from(width * width) * f64::from(*log).exp())
        .sum();
    assert!((mass - 1.0).abs() < 1e-3, "{mass}");
    for proposal in [Proposal::Prior, Proposal::Posterior] {
        let weigh = |stream| EvidenceQuery::ImportanceWeights {
            proposal,
            count: 1_000,
            seed: 1,
            stream,
        };
        let Ok(EvidenceResult::ImportanceWeights {
            log_weights: logs, ..
        }) = queried(&mut session, weigh(0))
        else {
            panic!("a thousand samples")
        };
        let mean = logs.iter().map(|log| log.exp()).sum::<f64>() / 1_000.0;
        assert!(
            (mean.ln() - exact.log_evidence).abs() < 0.1,
            "{proposal:?}: {mean} {}",
            exact.log_evidence
        );
        assert_ne!(
            queried(&mut session, weigh(1)),
            queried(&mut session, weigh(0)),
            "streams give different samples"
        );
    }
}

#[test]
fn evidence_rejects_a_query_with_the_reason() {
    let mut session = session();
    let weigh = |count| EvidenceQuery::ImportanceWeights {
        proposal: Proposal::Prior,
        count,
        seed: 1,
        stream: 0,
    };
    for (query, says) in [
        (EvidenceQuery::Quadrature, "not decoded"),
        (EvidenceQuery::RefineQuadrature, "another image"),
        (weigh(1_001), "from 1 to 1000"),
        (weigh(0), "from 1 to 1000"),
        (EvidenceQuery::LogLikelihood { z: vec![0.0; 3] }, "needs 2"),
        (
            EvidenceQuery::LogLikelihood {
                z: vec![0.0, f32::NAN],
            },
            "finite",
        ),
        (
            EvidenceQuery::CompareLikelihoods {
                z: vec![0.0; 2],
                sigma: 0.0,
            },
            "above 0",
        ),
    ] {
        let error = queried(&mut session, query.clone()).expect_err(says);
        assert!(error.contains(says), "{query:?}: {error}");
    }
}

#[test]
fn handle_rejects_a_bad_request_with_the_reason() {
    let mut session = session();
    let decode = |z| Request::Decode {
        z,
        conditioning: vec![],
    };
    assert_eq!(
        rejected(&mut session, decode(vec![1.0; 3])),
        (
            ErrorCode::BadRequest,
            "z has 3 numbers; this model needs 2 for each image".into()
        )
    );
    assert!(
        rejected(&mut session, decode(vec![0.0, f32::NAN]))
            .1
            .contains("finite")
    );
    assert!(
        rejected(&mut session, decode(vec![0.0; 2 * MAX_BATCH + 2]))
            .1
            .contains("limit")
    );
    let encode = |pixels| Request::Encode {
        images: vec![0; pixels],
        conditioning: vec![],
    };
    assert!(rejected(&mut session, encode(7)).1.contains("needs 6"));
    assert!(rejected(&mut session, encode(0)).1.contains("needs 6"));
    assert!(
        rejected(&mut session, encode(6 * MAX_BATCH + 6))
            .1
            .contains("limit")
    );
    assert!(
        rejected(&mut Session::new(Device::flex()), decode(vec![0.0; 2]))
            .1
            .contains("no model")
    );
}

#[test]
fn load_model_keeps_the_current_model_when_the_new_one_is_damaged() {
    let mut session = session();
    let (card, mut weights) = card_and_weights(0);
    weights.pop();
    let (code, message) = rejected(&mut session, Request::LoadModel { card, weights });
    assert_eq!(code, ErrorCode::BadModel);
    assert!(message.contains("cut off"), "{message}");
    let answer = block_on(session.handle(Request::Decode {
        z: vec![0.0; 2],
        conditioning: vec![],
    }));
    assert!(matches!(answer, Ok(Response::Decoded { .. })));
}

#[test]
fn self_check_and_time_decode_give_numbers() {
    let mut session = session();
    let answer = block_on(session.handle(Request::SelfCheck));
    let Ok(Response::SelfChecked(check)) = answer else {
        panic!("{answer:?}")
    };
    assert!(check.neg_elbo > 0.0 && check.gradients.iter().any(|g| *g != 0.0));
    assert_eq!(check.max_difference(&check), 0.0);
    let answer = block_on(session.handle(Request::TimeDecode { runs: 5 }));
    assert!(matches!(answer, Ok(Response::DecodeTimed { median_ms }) if median_ms > 0.0));
    assert!(
        rejected(&mut session, Request::TimeDecode { runs: 0 })
            .1
            .contains("1 to 1000")
    );
}

#[test]
fn conditional_model_decodes_and_encodes_given_the_label() {
    let mut session = session_with(3);
    let decode = |z: Vec<f32>, conditioning: &[f32]| Request::Decode {
        z,
        conditioning: conditioning.to_vec(),
    };
    let mut decoded =
        |z: Vec<f32>, conditioning: &[f32]| match block_on(session.handle(decode(z, conditioning)))
        {
            Ok(Response::Decoded { pixels }) => pixels,
            other => panic!("{other:?}"),
        };
    let (a, b) = ([0.5, -1.0], [2.0, 0.0]);
    let label = [0.0, 0.25, 0.75];
    let images = [
        decoded(a.to_vec(), &label),
        decoded(b.to_vec(), &label),
        decoded(a.to_vec(), &[1.0, 0.0, 0.0]),
    ];
    assert_ne!(images[0], images[2], "the label has an effect");
    assert_eq!(
        decoded([a, b].concat(), &label),
        images[..2].concat(),
        "one label for the whole batch"
    );
    let encode = |conditioning: &[f32]| Request::Encode {
        images: vec![100; 12],
        conditioning: conditioning.to_vec(),
    };
    let mut encoded = |conditioning| match block_on(session.handle(encode(conditioning))) {
        Ok(Response::Encoded { mu, .. }) => mu,
        other => panic!("{other:?}"),
    };
    let mu = encoded(&[0.0, 1.0, 0.0]);
    assert_eq!((mu.len(), &mu[..2]), (4, &mu[2..]));
    assert_ne!(mu, encoded(&[0.0, 0.0, 1.0]));

    for bad in [&[][..], &[1.0, 0.0], &[1.0; 4]] {
        for request in [decode(vec![0.0; 2], bad), encode(bad)] {
            let (code, message) = rejected(&mut session, request);
            assert_eq!(code, ErrorCode::BadRequest);
            assert!(message.contains("needs 3"), "{message}");
        }
    }
    let infinite = decode(vec![0.0; 2], &[0.0, f32::INFINITY, 0.0]);
    assert!(rejected(&mut session, infinite).1.contains("finite"));
    let conditioned = decode(vec![0.0; 2], &[1.0]);
    let (_, message) = rejected(&mut session_with(0), conditioned);
    assert!(message.contains("takes no label"), "{message}");
    let answer = block_on(session.handle(Request::TimeDecode { runs: 1 }));
    assert!(
        matches!(answer, Ok(Response::DecodeTimed { .. })),
        "{answer:?}"
    );
}
