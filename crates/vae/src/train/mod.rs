//! Training: a single step, the optimizer, and a run of many steps with its images and schedule. The native trainer
//! and the page's worker share it.

mod adam;
mod augment;
mod average;
mod batch_shard;
mod binarize;
mod checkpoint;
mod detached_layer;
mod detached_param;
mod gradient_graph;
mod gradient_worker;
mod images;
mod objective;
mod run;
mod step;

pub use adam::Adam;
pub use augment::{shift_images, warp_images};
pub use average::WeightAverage;
pub use batch_shard::{BatchShard, ShardError, ShardGradients};
pub use binarize::binarize;
pub use checkpoint::CheckpointError;
pub use gradient_worker::GradientWorker;
pub use images::{LabelCountError, TrainingImages};
pub use objective::{ObjectiveParts, exact_train_step, importance_train_step};
pub use run::{StepReport, TrainingError, TrainingRun};
pub use spec::{Objective, SettingError, TrainingSpec, UnsuitedObjective};
pub use step::{train_step, train_step_with};

#[cfg(test)]
mod probabilistic_pca;
