//! A run's files on disk, from which it resumes after an interruption.

use crate::{model_io::kernel_path, recipe::Recipe};
use anyhow::{Context, Result, ensure};
use burn::tensor::{Device, read_sync};
use serde::{Deserialize, Serialize};
use std::{
    fs,
    path::{Path, PathBuf},
};
use vae::{Vae, train::TrainingRun};

/// A training run by a recipe, between two epochs.
pub(crate) struct RecipeRun {
    pub(crate) training: TrainingRun,
    pub(crate) progress: Progress,
}

/// What is stored beside the checkpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Progress {
    pub(crate) recipe: Recipe,
    /// Number of completed epochs.
    pub(crate) epochs: usize,
    /// Seconds that these epochs took, if all were measured.
    #[serde(default)]
    pub(crate) seconds: Option<f64>,
}

impl RecipeRun {
    /// A run that starts from this model, or from randomly initialized weights.
    pub(crate) fn new(recipe: Recipe, start: Option<Vae>, device: &Device) -> Result<Self> {
        let model = match start {
            Some(model) => model,
            None => Vae::init(&recipe.architecture, recipe.training.seed, device)?
                .with_kernel_path(kernel_path(&recipe.architecture)),
        };
        Ok(Self {
            training: TrainingRun::new(recipe.training.clone(), &model, device)?,
            progress: Progress {
                recipe,
                epochs: 0,
                seconds: Some(0.0),
            },
        })
    }

    /// Writes the run into `dir`. `progress.json` is replaced last and refers to a checkpoint that is completely
    /// written, so an interruption leaves the previous one valid.
    pub(crate) fn save(&self, dir: &Path) -> Result<()> {
        fs::create_dir_all(dir).with_context(|| format!("can't create {}", dir.display()))?;
        let file = run_file(dir, self.progress.epochs);
        fs::write(&file, read_sync(self.training.checkpoint())?)
            .with_context(|| format!("can't write {}", file.display()))?;
        let scratch = dir.join("progress.json.new");
        fs::write(&scratch, serde_json::to_string_pretty(&self.progress)?)?;
        fs::rename(scratch, progress_file(dir))?;
        for old in fs::read_dir(dir)?.flatten().map(|entry| entry.path()) {
            let is_checkpoint = old.extension().is_some_and(|e| e == "safetensors");
            if is_checkpoint && old != file {
                fs::remove_file(&old)?;
            }
        }
        Ok(())
    }

    /// The newest run in `dir`, if any.
    pub(crate) fn load(dir: &Path, device: &Device) -> Result<Option<Self>> {
        let path = progress_file(dir);
        if !path.is_file() {
            return Ok(None);
        }
        let progress: Progress = serde_json::from_str(&fs::read_to_string(&path)?)
            .with_context(|| format!("{} can't be read; --fresh starts over", path.display()))?;
        let file = run_file(dir, progress.epochs);
        let bytes = fs::read(&file).with_context(|| format!("can't read {}", file.display()))?;
        let training = TrainingRun::resume(&bytes, device)
            .with_context(|| format!("{}; --fresh starts over", file.display()))?
            .with_kernel_path(kernel_path(&progress.recipe.architecture));
        Ok(Some(Self { training, progress }))
    }

    /// As [`load`](Self::load); an error if the run has another recipe.
    pub(crate) fn resume(dir: &Path, recipe: &Recipe, device: &Device) -> Result<Option<Self>> {
        let run = Self::load(dir, device)?;
        if let Some(run) = &run {
            ensure!(
                run.progress.recipe == *recipe,
                "{} contains a run of another recipe; --fresh deletes it and starts over",
                dir.display()
            );
        }
        Ok(run)
    }
}

fn progress_file(dir: &Path) -> PathBuf {
    dir.join("progress.json")
}

fn run_file(dir: &Path, epochs: usize) -> PathBuf {
    dir.join(format!("epoch-{epochs}.safetensors"))
}
