//! Downloads the current model and the data set as a PyTorch project, for training outside of the browser.

use crate::dom;
use crate::features::dataset::image_set::ImageSet;
use crate::features::train::actions::TrainActions;
use crate::features::user_model::import::importer::ModelImporter;
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use crate::state::label::Label;
use crate::ui::button::Button;
use leptos::prelude::*;
use protocol::evidence::{EvidenceQuery, EvidenceResult};
use protocol::{
    FileRequest, ImageShape, ModelInfo, Objective, ProjectCheck, ProjectData, ProjectSettings,
    TrainingSpec,
};
use wasm_bindgen_futures::spawn_local;

/// Images that the loss is compared on.
const CHECKED: usize = 8;

/// The button. What went wrong is written to `error`, as a sentence.
#[component]
pub(crate) fn DownloadProject(error: RwSignal<Option<String>>) -> impl IntoView {
    let view = expect_context::<EngineView>();
    let importer = expect_context::<ModelImporter>();
    let source = Source {
        actions: expect_context::<Actions>(),
        training: expect_context::<TrainActions>(),
        dataset: expect_context::<ImageSet>(),
        label: expect_context::<Label>(),
    };
    let is_busy = RwSignal::new(false);
    let export = move |_| {
        let Some(info) = view.model.get_untracked() else {
            return error.set(Some("There is no model yet.".to_owned()));
        };
        error.set(None);
        is_busy.set(true);
        let name = format!("{}-pytorch.zip", info.name);
        spawn_local(async move {
            let done = move |archive: Result<Vec<u8>, String>| {
                let saved = archive.and_then(|bytes| {
                    dom::download(&name, &bytes).map_err(|cause| dom::describe(&cause))
                });
                let sentence = |cause| format!("{name} was not saved: {cause}.");
                error.set(saved.err().map(sentence));
                is_busy.set(false);
            };
            match source.request(&info).await {
                Ok(request) => importer.export_project(request, done),
                Err(cause) => done(Err(cause)),
            }
        });
    };
    view! {
        <Button
            test_id="export-project"
            title="Model, objective and images as Python files: for a GPU, or several machines"
            disabled=move || is_busy.get() || view.model.with(Option::is_none)
            on_click=export
        >
            "Download as a PyTorch project"
        </Button>
    }
}

/// Where the parts of a project come from.
#[derive(Clone, Copy)]
struct Source {
    actions: Actions,
    training: TrainActions,
    dataset: ImageSet,
    label: Label,
}

impl Source {
    /// The request for a project of the current model.
    async fn request(self, info: &ModelInfo) -> Result<FileRequest, String> {
        let files = self.actions.files().ok_or("there is no model yet")?;
        let run = untrack(|| self.training.validate()).ok();
        if run
            .as_ref()
            .is_some_and(|run| run.spec.objective != Objective::Elbo)
        {
            return Err(
                "the project trains the ELBO; choose this objective in the advanced settings first"
                    .to_owned(),
            );
        }
        let data = self.data(info.image);
        let images = data
            .as_ref()
            .map_or_else(Vec::new, |data| data.pixels.clone());
        let check = self.check(info, &images).await?;
        Ok(FileRequest::ExportProject {
            card: files.card.clone(),
            weights: files.weights.clone(),
            settings: settings(run.as_ref().map(|run| &run.spec)),
            data,
            check,
        })
    }

    /// The images of the data set, if they have the model's shape.
    fn data(self, shape: ImageShape) -> Option<ProjectData> {
        self.dataset.with_untracked(|list| {
            (list.len() > 0 && list.shape() == shape).then(|| ProjectData {
                shape,
                pixels: list.pixels(),
                labels: list.labels().to_vec(),
            })
        })
    }

    /// The engine's loss of the first images, or of a pattern if there are none.
    async fn check(self, info: &ModelInfo, images: &[u8]) -> Result<ProjectCheck, String> {
        let values = info.image.values();
        let images = match images.len() >= CHECKED * values {
            true => images[..CHECKED * values].to_vec(),
            false => (0..CHECKED * values)
                .map(|at| (at * 37 % 256) as u8)
                .collect(),
        };
        let label = self.label.rounded_untracked();
        let weights = self.label.weights_untracked(info.classes);
        if weights.iter().any(|&weight| weight != 0.0 && weight != 1.0) {
            return Err("the label is between two classes; choose one of them".to_owned());
        }
        let failed = |error: client::JobError| error.to_string();
        let encoded = self.actions.encode_batch(images.clone(), None);
        let [mu, sigma] = encoded.await.map_err(failed)?;
        // Any numbers of the size of noise.
        let eps: Vec<f32> = (0..mu.len()).map(|at| (1.7 * at as f32).sin()).collect();
        let latent = info.latent_size;
        let mut total = 0.0;
        for (at, image) in images.chunks_exact(values).enumerate() {
            let row = at * latent..(at + 1) * latent;
            let (mu, sigma, eps) = (&mu[row.clone()], &sigma[row.clone()], &eps[row]);
            let z = (0..latent).map(|at| mu[at] + sigma[at] * eps[at]);
            let query = EvidenceQuery::LogLikelihood { z: z.collect() };
            let result = self.actions.query(image.to_vec(), query).await;
            let EvidenceResult::LogLikelihood(log_likelihood) = result.map_err(failed)? else {
                return Err("another result was expected".to_owned());
            };
            let kl = mu.iter().zip(sigma).map(|(&mu, &sigma)| {
                let (mu, sigma) = (f64::from(mu), f64::from(sigma));
                0.5 * (mu * mu + sigma * sigma - 1.0) - sigma.ln()
            });
            total += kl.sum::<f64>() - log_likelihood.first().copied().unwrap_or(f64::NAN);
        }
        let labels = if info.classes > 0 { label } else { 0 };
        Ok(ProjectCheck {
            labels: vec![labels as u8; CHECKED],
            images,
            eps,
            loss: total / CHECKED as f64,
        })
    }
}

/// The settings of the form, or those of a first attempt if the form has an error.
fn settings(spec: Option<&TrainingSpec>) -> ProjectSettings {
    const EPOCHS: u64 = 20;
    match spec {
        Some(spec) => ProjectSettings {
            epochs: EPOCHS,
            batch: spec.batch,
            learning_rate: spec.learning_rate,
            beta: spec.beta,
            warm_up_steps: spec.warm_up_steps,
            binarize: spec.binarize,
        },
        None => ProjectSettings {
            epochs: EPOCHS,
            batch: 128,
            learning_rate: 1e-3,
            beta: 1.0,
            warm_up_steps: 0,
            binarize: false,
        },
    }
}
