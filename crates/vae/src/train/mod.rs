//! Training: the step that trainer and worker share, and what it is fed.

mod augment;
mod average;
mod schedule;
mod step;

pub use augment::shift_images;
pub use average::WeightAverage;
pub use schedule::LearningRate;
pub use step::{adam, train_step};
