//! Requests to an engine.

use super::weights::model;
use crate::Target;
use burn::tensor::Device;
use engine::Session;
use futures_lite::future::block_on;
use protocol::Request;
use std::sync::OnceLock;
use vae::weights::StorageType;

/// The most requests of an input that are served.
const MAX_REQUESTS: usize = 4;

/// JSON: a list of requests, which are served one after another, each with the tiny model in use at first.
pub const REQUEST: Target = Target {
    name: "request",
    run: |bytes| {
        let Ok(requests) = serde_json::from_slice::<Vec<Request>>(bytes) else {
            return;
        };
        let mut session = Session::new(Device::flex());
        static MODEL: OnceLock<(String, Vec<u8>)> = OnceLock::new();
        let (card, weights) = MODEL.get_or_init(|| model(0, StorageType::F32)).clone();
        let loaded = block_on(session.handle(Request::LoadModel { card, weights }));
        assert!(loaded.is_ok(), "{loaded:?}");
        for request in requests.into_iter().take(MAX_REQUESTS) {
            // Timing as many passes as a request may ask for takes its time.
            if matches!(request, Request::TimeDecode { .. } | Request::WarmUp) {
                continue;
            }
            if let Err(error) = block_on(session.handle(request)) {
                assert!(!error.message.is_empty());
            }
        }
    },
    seeds: || {
        let image: Vec<String> = (0..64).map(|at| (at * 4).to_string()).collect();
        let image = image.join(",");
        let (card, weights) = model(2, StorageType::F16);
        let card = serde_json::to_string(&card).unwrap_or_default();
        let weights: Vec<String> = weights.iter().map(u8::to_string).collect();
        let weights = weights.join(",");
        let evidence = |query: &str| {
            format!(
                r#"{{"Evidence":{{"observation":{{"image":[{image}],"conditioning":[]}},"query":{query}}}}}"#
            )
        };
        let texts = [
            r#"{"Decode":{"z":[0,0,0,63,0,0,128,191],"conditioning":[]}}"#.to_owned(),
            format!(r#"{{"Encode":{{"images":[{image}],"conditioning":[]}}}}"#),
            evidence(r#"{"LogLikelihood":{"z":[0,0,0,63,0,0,128,191]}}"#),
            evidence(r#"{"ImportanceWeights":{"proposal":"prior","count":3,"seed":1,"stream":2}}"#),
            evidence(
                r#"{"ImportanceWeights":{"proposal":"posterior","count":3,"seed":1,"stream":2}}"#,
            ),
            evidence(r#"{"CompareLikelihoods":{"z":[0,0],"sigma":0.5}}"#),
            evidence(r#"{"GradientEstimates":{"count":3,"seed":1,"stream":2}}"#),
            evidence(r#""Quadrature""#),
            evidence(r#""DecodeGrid""#),
            r#""SelfCheck""#.to_owned(),
            r#"{"ControlTraining":"Pause"}"#.to_owned(),
            r#"{"ControlTraining":{"LimitSpeed":{"steps_per_second":2.5}}}"#.to_owned(),
            format!(r#"{{"LoadModel":{{"card":{card},"weights":[{weights}]}}}}"#),
        ];
        texts
            .iter()
            .map(|text| format!("[{text}]").into_bytes())
            .collect()
    },
    memory_mb: 1024,
    max_bytes: 8 << 10,
    mutations: 400,
};
