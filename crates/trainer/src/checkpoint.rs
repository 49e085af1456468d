//! What a run keeps on disk, so that it can go on after an interruption.

use crate::recipe::Recipe;
use anyhow::{Context, Result, ensure};
use burn::{
    module::Module,
    optim::ModuleOptimizer,
    store::ModuleRecord,
    tensor::{Bytes, Device},
};
use serde::{Deserialize, Serialize};
use std::{
    fs,
    path::{Path, PathBuf},
};
use vae::{
    Vae,
    train::{WeightAverage, adam},
};

/// A run between two epochs.
pub(crate) struct Run {
    pub(crate) model: Vae,
    pub(crate) optimizer: ModuleOptimizer,
    pub(crate) average: WeightAverage,
    /// The averaged model with the lowest held-out −ELBO so far.
    pub(crate) best: Vae,
    pub(crate) progress: Progress,
}

/// The numbers of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Progress {
    pub(crate) recipe: Recipe,
    /// Epochs done.
    pub(crate) epochs: usize,
    /// Updates that the average has seen.
    pub(crate) average_steps: usize,
    /// Epoch of the best model and its held-out −ELBO in nats.
    pub(crate) best: Option<(usize, f64)>,
}

impl Run {
    /// A run that has not begun.
    pub(crate) fn new(recipe: Recipe, device: &Device) -> Result<Self> {
        let model = recipe
            .architecture
            .init(recipe.seed, &device.clone().autodiff())?;
        let average = WeightAverage::new(&model, recipe.average_decay);
        Ok(Self {
            optimizer: adam(),
            best: model.valid(),
            average,
            model,
            progress: Progress {
                recipe,
                epochs: 0,
                average_steps: 0,
                best: None,
            },
        })
    }

    /// Writes the run into `dir`. The newest complete one counts: the files go into a folder of
    /// their own, and only then does `progress.json` name it.
    pub(crate) fn save(&mut self, dir: &Path) -> Result<()> {
        let folder = dir.join(format!("epoch-{}", self.progress.epochs));
        fs::create_dir_all(&folder)
            .with_context(|| format!("can't create {}", folder.display()))?;
        save_module(&self.model.valid(), &folder.join("model.bpk"))?;
        save_module(self.average.model(), &folder.join("average.bpk"))?;
        save_module(&self.best, &folder.join("best.bpk"))?;
        fs::write(
            folder.join("optimizer.bpk"),
            &self.optimizer.into_bytes()?[..],
        )?;
        self.progress.average_steps = self.average.steps();
        let scratch = dir.join("progress.json.new");
        fs::write(&scratch, serde_json::to_string_pretty(&self.progress)?)?;
        fs::rename(scratch, progress_file(dir))?;
        for old in fs::read_dir(dir)?.flatten().map(|entry| entry.path()) {
            if old.is_dir() && old != folder {
                fs::remove_dir_all(&old)?;
            }
        }
        Ok(())
    }

    /// The newest run in `dir`, if there is one.
    pub(crate) fn load(dir: &Path, device: &Device) -> Result<Option<Self>> {
        let path = progress_file(dir);
        if !path.is_file() {
            return Ok(None);
        }
        let progress: Progress = serde_json::from_str(&fs::read_to_string(&path)?)
            .with_context(|| format!("{} can't be read; --fresh starts anew", path.display()))?;
        let folder = dir.join(format!("epoch-{}", progress.epochs));
        let fresh = progress.recipe.architecture.init(0, device)?;
        let read = |name: &str| load_module(fresh.clone(), &folder.join(name));
        let optimizer = fs::read(folder.join("optimizer.bpk"))?;
        Ok(Some(Self {
            model: read("model.bpk")?
                .to_device(&device.clone().autodiff())
                .train(),
            optimizer: adam().from_bytes(Bytes::from_bytes_vec(optimizer))?,
            average: WeightAverage::resumed(
                read("average.bpk")?,
                progress.recipe.average_decay,
                progress.average_steps,
            ),
            best: read("best.bpk")?,
            progress,
        }))
    }

    /// As [`load`](Self::load), for a run that must be of this recipe.
    pub(crate) fn resume(dir: &Path, recipe: &Recipe, device: &Device) -> Result<Option<Self>> {
        let run = Self::load(dir, device)?;
        if let Some(run) = &run {
            ensure!(
                run.progress.recipe == *recipe,
                "{} holds a run of another recipe; --fresh deletes it and starts anew",
                dir.display()
            );
        }
        Ok(run)
    }
}

fn progress_file(dir: &Path) -> PathBuf {
    dir.join("progress.json")
}

fn save_module(model: &Vae, path: &Path) -> Result<()> {
    let bytes = model.clone().into_record().into_bytes()?;
    fs::write(path, &bytes[..]).with_context(|| format!("can't write {}", path.display()))
}

fn load_module(model: Vae, path: &Path) -> Result<Vae> {
    let bytes = fs::read(path).with_context(|| format!("can't read {}", path.display()))?;
    Ok(model.try_load_record(ModuleRecord::from_bytes(Bytes::from_bytes_vec(bytes))?)?)
}
