//! Finds encoder, heads and decoder of a VAE among the tensors of a state dict.
//!
//! A state dict has names and shapes, but neither the order of the layers nor what happens between them. Shapes are
//! constraints: each layer must fit the one before it. Names, prefixes and the order of the file are evidence: they rank
//! what fits. Each [`Candidate`] describes its layers, says why it was ranked so, and asks what the file cannot tell;
//! [`Candidate::apply`] makes a model of it, given answers.
//!
//! Depends on neither burn nor the web: tensors in, an architecture with its parameters out.

mod build;
mod candidate;
mod chain;
mod error;
mod geometry;
mod layer;
mod matrix;
mod name_evidence;
mod natural;
mod norm;
mod question;

pub use build::{Model, Parameter};
pub use candidate::{
    Candidate, LayerDescription, candidates, candidates_in_order, image_shapes, shape_value,
};
pub use error::RecognitionError;
pub use name_evidence::{is_location, is_spread, spread};
pub use question::{Answers, Choice, Question, QuestionId, with_implied};
