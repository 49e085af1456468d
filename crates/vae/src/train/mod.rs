//! Training: the step that trainer and worker share, the run that makes many of them, and what it
//! is fed.

mod adam;
mod augment;
mod average;
mod binarize;
mod checkpoint;
mod images;
mod run;
mod share;
mod step;
mod taken;
mod taken_layer;

pub use adam::Adam;
pub use augment::{shift_images, warp_images};
pub use average::WeightAverage;
pub use binarize::binarize;
pub use checkpoint::CheckpointError;
pub use images::{LabelCountError, TrainingImages};
pub use run::{StepReport, TrainingError, TrainingRun};
pub use share::{Helper, NoHelper, Share, ShareError, ShareGradients};
pub use spec::{SettingError, TrainingSpec};
pub use step::{train_step, train_step_with};

#[cfg(test)]
mod probabilistic_pca;
