//! Requests in, events out.
#![allow(
    clippy::disallowed_types,
    reason = "on the host web_time's Instant is std's own, and clippy can't tell them apart"
)]

use crate::{
    evidence::Examiner,
    grey::grey,
    import::{ImportFile, import},
    refusal::Refusal,
    training::{Training, model_info, warm_up},
};
use burn::tensor::Device;
use protocol::{
    Control, Event, Request, RequestId, SelfCheck, Start, TrainingSpec,
    evidence::{Evidence, Subject},
};
use std::time::Duration;
use vae::{
    Encoded, InferenceModel, KernelPath,
    train::GradientWorker,
    weights::{self, Card},
};
use web_time::Instant;

/// The most latent vectors in one [`Request::Decode`]: 4096 images are 3 MB of pixels.
pub const MAX_BATCH: usize = 4096;

/// A device, the model in use on it, and the training run, where there is one.
pub struct Session {
    device: Device,
    /// How the session's models compute.
    kernel_path: KernelPath,
    model: Option<Loaded>,
    /// What is kept for questions about this model.
    examiner: Examiner,
    training: Option<Training>,
}

#[derive(Debug)]
struct Loaded {
    prepared: InferenceModel,
    latent_size: usize,
    classes: usize,
}

impl Loaded {
    /// The class weights `[classes]` of a request, where they fit the model.
    fn check_condition(&self, condition: &[f32]) -> Result<(), Refusal> {
        let (found, classes) = (condition.len(), self.classes);
        if found != classes {
            return Err(Refusal::bad_request(match classes {
                0 => format!("there are {found} class weights; this model takes no label"),
                _ => format!("there are {found} class weights; this model needs {classes}"),
            }));
        }
        match condition.iter().find(|value| !value.is_finite()) {
            Some(bad) => Err(Refusal::bad_request(format!(
                "the class weights contain {bad}; they must be finite"
            ))),
            None => Ok(()),
        }
    }

    /// The page's own wish: the first class.
    fn any_condition(&self) -> Vec<f32> {
        (0..self.classes)
            .map(|class| if class == 0 { 1.0 } else { 0.0 })
            .collect()
    }
}

impl Session {
    /// A session without a model.
    pub fn new(device: Device) -> Self {
        Self {
            device,
            kernel_path: KernelPath::default(),
            model: None,
            examiner: Examiner::default(),
            training: None,
        }
    }

    /// Sets how the session's models compute; the default is [`KernelPath::Fused`].
    pub fn with_kernel_path(self, kernel_path: KernelPath) -> Self {
        Self {
            kernel_path,
            ..self
        }
    }

    /// Serves a request. The answer carries the request's id.
    pub async fn handle(&mut self, request: Request) -> Event {
        let id = request.id();
        let answer = match request {
            Request::LoadModel { card, weights, .. } => self.load(id, &card, &weights).await,
            Request::Decode { z, condition, .. } => self.decode(id, z, &condition).await,
            Request::Encode {
                images, condition, ..
            } => self.encode(id, &images, &condition).await,
            Request::Examine {
                subject, evidence, ..
            } => self.examine(id, subject, evidence).await,
            Request::SelfCheck { .. } => self.self_check(id).await,
            Request::TimeDecode { runs, .. } => self.time_decode(id, runs).await,
            Request::Import {
                name,
                weights,
                card,
                guess,
                ..
            } => {
                let file = ImportFile {
                    name,
                    weights: &weights,
                    card: card.as_deref(),
                };
                import(id, file, guess, &self.device).await
            }
            Request::Train {
                spec,
                start,
                images,
                ..
            } => self.train(id, spec, start, images),
            Request::ControlTraining { control, .. } => self.control(id, control),
            Request::WarmUp { .. } => match warm_up(&self.device, self.kernel_path).await {
                Ok(()) => Ok(Event::WarmedUp { id }),
                Err(error) => Err(Refusal::lost(error)),
            },
        };
        answer.unwrap_or_else(|refusal| refusal.answer(Some(id)))
    }

    /// Whether a training run makes steps whenever [`train_on`](Self::train_on) is called.
    pub fn is_training(&self) -> bool {
        self.training.as_ref().is_some_and(Training::is_running)
    }

    /// Trains for a moment and gives what the run has to say. To be called again and again, with a
    /// look at the requests between, while [`is_training`](Self::is_training). A helper computes half of each batch.
    pub async fn train_on(&mut self, helper: Option<&mut impl GradientWorker>) -> Vec<Event> {
        match &mut self.training {
            Some(training) => training.advance(helper).await,
            None => Vec::new(),
        }
    }

    /// How long a run in slow motion waits for its next step; none when there is work to do.
    pub fn rest(&self) -> Option<Duration> {
        self.training.as_ref().and_then(Training::rest)
    }

    fn train(
        &mut self,
        id: RequestId,
        spec: TrainingSpec,
        start: Start,
        images: Vec<u8>,
    ) -> Result<Event, Refusal> {
        let (training, started) =
            Training::start(id, spec, start, images, &self.device, self.kernel_path)?;
        self.training = Some(training);
        Ok(started)
    }

    fn control(&mut self, id: RequestId, control: Control) -> Result<Event, Refusal> {
        let training = self
            .training
            .as_mut()
            .ok_or_else(|| Refusal::bad_request("there is no training run"))?;
        let phase = training.control(control)?;
        Ok(Event::TrainingControlled { id, phase })
    }

    async fn load(&mut self, id: RequestId, card: &str, bytes: &[u8]) -> Result<Event, Refusal> {
        let card = Card::from_json(card).map_err(Refusal::bad_model)?;
        let vae = weights::load(&card, bytes, &self.device)
            .map_err(Refusal::bad_model)?
            .with_kernel_path(self.kernel_path);
        let loaded = Loaded {
            prepared: InferenceModel::new(vae),
            latent_size: card.architecture.latent_size,
            classes: card.architecture.classes,
        };
        // A first decode finds out here, not under the user's hand, whether the device can run it.
        let z = vec![0.0; loaded.latent_size];
        pixels(&loaded, z, &loaded.any_condition()).await?;
        self.model = Some(loaded);
        self.examiner = Examiner::default();
        Ok(Event::ModelLoaded {
            id,
            model: model_info(&card),
        })
    }

    async fn decode(
        &self,
        id: RequestId,
        z: Vec<f32>,
        condition: &[f32],
    ) -> Result<Event, Refusal> {
        let model = self.model()?;
        let latent = model.latent_size;
        if z.is_empty() || !z.len().is_multiple_of(latent) {
            return Err(Refusal::bad_request(format!(
                "z has {} numbers; this model needs {latent} for each image",
                z.len()
            )));
        }
        if z.len() / latent > MAX_BATCH {
            return Err(Refusal::bad_request(format!(
                "{} images were asked for at once; the limit is {MAX_BATCH}",
                z.len() / latent
            )));
        }
        if let Some(bad) = z.iter().find(|value| !value.is_finite()) {
            return Err(Refusal::bad_request(format!(
                "z contains {bad}; it must be finite"
            )));
        }
        model.check_condition(condition)?;
        Ok(Event::Decoded {
            id,
            pixels: pixels(model, z, condition).await?,
        })
    }

    async fn encode(
        &self,
        id: RequestId,
        images: &[u8],
        condition: &[f32],
    ) -> Result<Event, Refusal> {
        let model = self.model()?;
        let each = model.prepared.model().input_size();
        if images.is_empty() || !images.len().is_multiple_of(each) {
            return Err(Refusal::bad_request(format!(
                "the images have {} pixels; this model needs {each} for each",
                images.len()
            )));
        }
        let count = images.len() / each;
        if count > MAX_BATCH {
            return Err(Refusal::bad_request(format!(
                "{count} images were to be encoded at once; the limit is {MAX_BATCH}"
            )));
        }
        model.check_condition(condition)?;
        let grey = images.iter().map(|&byte| f32::from(byte) / 255.0).collect();
        let encoded = model.prepared.encode(grey, condition).await;
        let Encoded { mu, sigma } = encoded.map_err(Refusal::lost)?;
        Ok(Event::Encoded { id, mu, sigma })
    }

    async fn examine(
        &mut self,
        id: RequestId,
        subject: Subject,
        evidence: Evidence,
    ) -> Result<Event, Refusal> {
        let model = self.model.as_ref().ok_or_else(no_model)?;
        model.check_condition(&subject.condition)?;
        let found = self
            .examiner
            .examine(model.prepared.model(), subject, evidence, &self.device)
            .await?;
        Ok(Event::Examined { id, found })
    }

    async fn self_check(&self, id: RequestId) -> Result<Event, Refusal> {
        let found = vae::self_check(&self.device, self.kernel_path)
            .await
            .map_err(Refusal::lost)?;
        let check = SelfCheck {
            neg_elbo: found.neg_elbo,
            decoded: found.decoded,
            gradients: found.gradients,
        };
        Ok(Event::SelfChecked { id, check })
    }

    async fn time_decode(&self, id: RequestId, runs: u32) -> Result<Event, Refusal> {
        const WARM_UP: u32 = 3;
        const MAX_RUNS: u32 = 1000;
        if !(1..=MAX_RUNS).contains(&runs) {
            return Err(Refusal::bad_request(format!(
                "runs is {runs}; it must be from 1 to {MAX_RUNS}"
            )));
        }
        let model = self.model()?;
        let mut times = Vec::new();
        for run in 0..WARM_UP + runs {
            // Another z each time, as under a slider.
            let z = vec![(run as f32 / 10.0).sin(); model.latent_size];
            let start = Instant::now();
            pixels(model, z, &model.any_condition()).await?;
            if run >= WARM_UP {
                times.push(start.elapsed().as_secs_f64() * 1e3);
            }
        }
        times.sort_by(f64::total_cmp);
        Ok(Event::DecodeTimed {
            id,
            median_ms: times[times.len() / 2],
        })
    }

    fn model(&self) -> Result<&Loaded, Refusal> {
        self.model.as_ref().ok_or_else(no_model)
    }
}

fn no_model() -> Refusal {
    Refusal::bad_request("no model is loaded yet")
}

/// Grey values of the decoded means for `z`, `[n × latent]`, given class weights, `[classes]`.
async fn pixels(model: &Loaded, z: Vec<f32>, condition: &[f32]) -> Result<Vec<u8>, Refusal> {
    let means = model.prepared.decode(z, condition).await;
    Ok(means
        .map_err(Refusal::lost)?
        .into_iter()
        .map(grey)
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_lite::future::block_on;
    use protocol::{
        ErrorCode,
        evidence::{Found, Proposal},
    };
    use vae::{Activation, Likelihood, Vae, VaeConfig, weights::*};

    fn card_and_weights(classes: usize) -> (String, Vec<u8>) {
        let architecture = VaeConfig {
            input_size: 6,
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
            image: [2, 3],
            count: 0,
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
        let answer = block_on(session.handle(Request::LoadModel {
            id: 1,
            card,
            weights,
        }));
        let Event::ModelLoaded { id: 1, model } = answer else {
            panic!("{answer:?}")
        };
        assert_eq!(model.classes, classes);
        assert_eq!(
            (model.latent_size, model.image, model.name.as_str()),
            (2, [2, 3], "tiny")
        );
        session
    }

    fn refused(session: &mut Session, request: Request) -> (ErrorCode, String) {
        match block_on(session.handle(request)) {
            Event::Failed {
                id: Some(_),
                code,
                message,
            } => (code, message),
            other => panic!("must be refused: {other:?}"),
        }
    }

    #[test]
    fn decodes_batches_and_single_vectors_alike() {
        let mut session = session();
        let mut decode = |z: Vec<f32>| match block_on(session.handle(Request::Decode {
            id: 2,
            z,
            condition: vec![],
        })) {
            Event::Decoded { id: 2, pixels } => pixels,
            other => panic!("{other:?}"),
        };
        let (a, b) = (decode(vec![0.5, -1.0]), decode(vec![2.0, 0.0]));
        assert_eq!((a.len(), b.len()), (6, 6));
        assert_eq!(decode(vec![0.5, -1.0, 2.0, 0.0]), [a, b].concat());
    }

    #[test]
    fn encodes_images_one_by_one_or_together() {
        let mut session = session();
        let mut encode = |images: Vec<u8>| match block_on(session.handle(Request::Encode {
            id: 2,
            images,
            condition: vec![],
        })) {
            Event::Encoded { id: 2, mu, sigma } => (mu, sigma),
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

    fn examined(session: &mut Session, evidence: Evidence) -> Result<Found, String> {
        let request = Request::Examine {
            id: 4,
            subject: Subject {
                image: vec![0, 255, 255, 0, 255, 0],
                condition: vec![],
            },
            evidence,
        };
        match block_on(session.handle(request)) {
            Event::Examined { id: 4, found } => Ok(found),
            Event::Failed { message, .. } => Err(message),
            other => panic!("{other:?}"),
        }
    }

    /// The bound rises to the exact value, whichever way it is asked for.
    #[test]
    fn questions_about_the_evidence_agree() {
        let mut session = session();
        while let Found::Grid { done, of } =
            examined(&mut session, Evidence::Prepare).expect("two dimensions")
            && done < of
        {}
        let mut exact = None;
        for evidence in [Evidence::Exact, Evidence::Refine, Evidence::Refine] {
            match examined(&mut session, evidence).expect("prepared") {
                Found::Exact(found) => exact = Some(found),
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
        for from in [Proposal::Prior, Proposal::Posterior] {
            let weigh = |stream| Evidence::Weigh {
                from,
                count: 1_000,
                seed: 1,
                stream,
            };
            let Ok(Found::Weights { logs, .. }) = examined(&mut session, weigh(0)) else {
                panic!("a thousand samples")
            };
            let mean = logs.iter().map(|log| log.exp()).sum::<f64>() / 1_000.0;
            assert!(
                (mean.ln() - exact.log_evidence).abs() < 0.1,
                "{from:?}: {mean} {}",
                exact.log_evidence
            );
            assert_ne!(
                examined(&mut session, weigh(1)),
                examined(&mut session, weigh(0)),
                "streams are different draws"
            );
        }
    }

    #[test]
    fn a_question_that_can_not_be_answered_says_why() {
        let mut session = session();
        let weigh = |count| Evidence::Weigh {
            from: Proposal::Prior,
            count,
            seed: 1,
            stream: 0,
        };
        for (evidence, says) in [
            (Evidence::Exact, "not prepared"),
            (Evidence::Refine, "another image"),
            (weigh(1_001), "from 1 to 1000"),
            (weigh(0), "from 1 to 1000"),
            (Evidence::At { z: vec![0.0; 3] }, "needs 2"),
            (
                Evidence::At {
                    z: vec![0.0, f32::NAN],
                },
                "finite",
            ),
            (
                Evidence::Compare {
                    z: vec![0.0; 2],
                    sigma: 0.0,
                },
                "above 0",
            ),
        ] {
            let refused = examined(&mut session, evidence.clone()).expect_err(says);
            assert!(refused.contains(says), "{evidence:?}: {refused}");
        }
    }

    #[test]
    fn a_bad_request_says_what_is_needed() {
        let mut session = session();
        let decode = |z| Request::Decode {
            id: 3,
            z,
            condition: vec![],
        };
        assert_eq!(
            refused(&mut session, decode(vec![1.0; 3])),
            (
                ErrorCode::BadRequest,
                "z has 3 numbers; this model needs 2 for each image".into()
            )
        );
        assert!(
            refused(&mut session, decode(vec![0.0, f32::NAN]))
                .1
                .contains("finite")
        );
        assert!(
            refused(&mut session, decode(vec![0.0; 2 * MAX_BATCH + 2]))
                .1
                .contains("limit")
        );
        let encode = |pixels| Request::Encode {
            id: 3,
            images: vec![0; pixels],
            condition: vec![],
        };
        assert!(refused(&mut session, encode(7)).1.contains("needs 6"));
        assert!(refused(&mut session, encode(0)).1.contains("needs 6"));
        assert!(
            refused(&mut session, encode(6 * MAX_BATCH + 6))
                .1
                .contains("limit")
        );
        assert!(
            refused(&mut Session::new(Device::flex()), decode(vec![0.0; 2]))
                .1
                .contains("no model")
        );
    }

    #[test]
    fn a_bad_model_leaves_the_one_before_in_place() {
        let mut session = session();
        let (card, mut weights) = card_and_weights(0);
        weights.pop();
        let (code, message) = refused(
            &mut session,
            Request::LoadModel {
                id: 4,
                card,
                weights,
            },
        );
        assert_eq!(code, ErrorCode::BadModel);
        assert!(message.contains("cut off"), "{message}");
        let answer = block_on(session.handle(Request::Decode {
            id: 5,
            z: vec![0.0; 2],
            condition: vec![],
        }));
        assert!(matches!(answer, Event::Decoded { .. }));
    }

    #[test]
    fn checks_and_times_itself() {
        let mut session = session();
        let answer = block_on(session.handle(Request::SelfCheck { id: 6 }));
        let Event::SelfChecked { check, .. } = answer else {
            panic!("{answer:?}")
        };
        assert!(check.neg_elbo > 0.0 && check.gradients.iter().any(|g| *g != 0.0));
        assert_eq!(check.max_difference(&check), 0.0);
        let answer = block_on(session.handle(Request::TimeDecode { id: 7, runs: 5 }));
        assert!(matches!(answer, Event::DecodeTimed { median_ms, .. } if median_ms > 0.0));
        assert!(
            refused(&mut session, Request::TimeDecode { id: 8, runs: 0 })
                .1
                .contains("1 to 1000")
        );
    }

    #[test]
    fn a_conditional_model_decodes_and_encodes_given_the_label() {
        let mut session = session_with(3);
        let decode = |z: Vec<f32>, condition: &[f32]| Request::Decode {
            id: 2,
            z,
            condition: condition.to_vec(),
        };
        let mut decoded =
            |z: Vec<f32>, condition: &[f32]| match block_on(session.handle(decode(z, condition))) {
                Event::Decoded { pixels, .. } => pixels,
                other => panic!("{other:?}"),
            };
        let (a, b) = ([0.5, -1.0], [2.0, 0.0]);
        let label = [0.0, 0.25, 0.75];
        let pictures = [
            decoded(a.to_vec(), &label),
            decoded(b.to_vec(), &label),
            decoded(a.to_vec(), &[1.0, 0.0, 0.0]),
        ];
        assert_ne!(pictures[0], pictures[2], "the label is heeded");
        assert_eq!(
            decoded([a, b].concat(), &label),
            pictures[..2].concat(),
            "one label for the whole batch"
        );
        let encode = |condition: &[f32]| Request::Encode {
            id: 2,
            images: vec![100; 12],
            condition: condition.to_vec(),
        };
        let mut encoded = |condition| match block_on(session.handle(encode(condition))) {
            Event::Encoded { mu, .. } => mu,
            other => panic!("{other:?}"),
        };
        let mu = encoded(&[0.0, 1.0, 0.0]);
        assert_eq!((mu.len(), &mu[..2]), (4, &mu[2..]));
        assert_ne!(mu, encoded(&[0.0, 0.0, 1.0]));

        for bad in [&[][..], &[1.0, 0.0], &[1.0; 4]] {
            for request in [decode(vec![0.0; 2], bad), encode(bad)] {
                let (code, message) = refused(&mut session, request);
                assert_eq!(code, ErrorCode::BadRequest);
                assert!(message.contains("needs 3"), "{message}");
            }
        }
        let infinite = decode(vec![0.0; 2], &[0.0, f32::INFINITY, 0.0]);
        assert!(refused(&mut session, infinite).1.contains("finite"));
        let told = decode(vec![0.0; 2], &[1.0]);
        let (_, message) = refused(&mut session_with(0), told);
        assert!(message.contains("takes no label"), "{message}");
        let answer = block_on(session.handle(Request::TimeDecode { id: 7, runs: 1 }));
        assert!(matches!(answer, Event::DecodeTimed { .. }), "{answer:?}");
    }
}
