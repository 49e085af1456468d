//! Downloads the current model and the data set as a PyTorch project, for training outside of the browser.

mod check;

use crate::dom;
use crate::features::dataset::image_set::ImageSet;
use crate::features::train::actions::TrainActions;
use crate::features::train::form::validate::FieldErrors;
use crate::features::user_model::import::importer::ModelImporter;
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use crate::state::label::Label;
use crate::ui::button::Button;
use check::{Losses, Posterior};
use leptos::prelude::*;
use protocol::evidence::{EvidenceQuery, EvidenceResult};
use protocol::{
    FileRequest, ImageShape, ModelInfo, ProjectCheck, ProjectData, ProjectSettings, TrainingSpec,
};
use wasm_bindgen_futures::spawn_local;

/// Images that the loss is compared on.
const CHECKED: usize = 8;
/// Rows of z in one query.
const ROWS: usize = 128;
/// Passes over the images.
const EPOCHS: u64 = 20;

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
            title="The model on the stage, the settings of this form and the images as Python files: for a GPU, or several machines"
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
        let run = untrack(|| self.training.validate_settings());
        let in_form = |errors: FieldErrors| {
            let first = errors.into_values().next().unwrap_or_default();
            format!("a setting of the training form is wrong ({first})")
        };
        let training = run.map_err(in_form)?.spec;
        let objective = training.objective;
        if let Err(reason) = objective.check(info.latent_size, info.classes, &info.likelihood) {
            return Err(format!(
                "{reason}; choose another objective in the advanced settings, or another model"
            ));
        }
        let data = self.data(info.image);
        let images = data
            .as_ref()
            .map_or_else(Vec::new, |data| data.pixels.clone());
        let check = self.check(info, &images, &training).await?;
        Ok(FileRequest::ExportProject {
            card: files.card.clone(),
            weights: files.weights.clone(),
            settings: Box::new(ProjectSettings {
                epochs: EPOCHS,
                training,
            }),
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
    async fn check(
        self,
        info: &ModelInfo,
        images: &[u8],
        training: &TrainingSpec,
    ) -> Result<ProjectCheck, String> {
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
        let encoded = self.actions.encode_batch(images.clone(), None);
        let [mu, sigma] = encoded.await.map_err(|error| error.to_string())?;
        let (objective, latent) = (training.objective, info.latent_size);
        let samples = check::samples(objective);
        let eps = check::noise(mu.len() * samples);
        let grid = check::grid(objective, latent);
        let mut total = Losses::default();
        for (at, image) in images.chunks_exact(values).enumerate() {
            let posterior = Posterior {
                mu: &mu[at * latent..][..latent],
                sigma: &sigma[at * latent..][..latent],
                eps: &eps[at * samples * latent..][..samples * latent],
            };
            let logs = self.log_likelihood(image, &posterior.z(), latent).await?;
            let on_grid = self.log_likelihood(image, &grid, latent).await?;
            let losses = Losses::of(objective, training.beta, posterior, &logs, &on_grid);
            total.loss += losses.loss / CHECKED as f64;
            total.neg_elbo += losses.neg_elbo / CHECKED as f64;
        }
        let labels = if info.classes > 0 { label } else { 0 };
        Ok(ProjectCheck {
            labels: vec![labels as u8; CHECKED],
            images,
            eps,
            offsets: check::offsets(objective, latent).to_vec(),
            loss: total.loss,
            neg_elbo: total.neg_elbo,
        })
    }

    /// log p(x|z) of an image for each row of z, `[n × latent]`, in nats.
    async fn log_likelihood(
        self,
        image: &[u8],
        z: &[f32],
        latent: usize,
    ) -> Result<Vec<f64>, String> {
        let mut logs = Vec::with_capacity(z.len() / latent);
        // A query is not interrupted, and the image on the stage waits for it.
        for rows in z.chunks(ROWS * latent) {
            let query = EvidenceQuery::LogLikelihood { z: rows.to_vec() };
            let result = self.actions.query(image.to_vec(), query).await;
            match result.map_err(|error| error.to_string())? {
                EvidenceResult::LogLikelihood(values) => logs.extend(values),
                _ => return Err("another result was expected".to_owned()),
            }
        }
        Ok(logs)
    }
}
