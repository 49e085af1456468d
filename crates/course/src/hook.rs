//! What a chapter does to the page.

use serde::{Deserialize, Serialize};

/// Actions on three occasions.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Hooks {
    /// When the reader arrives.
    pub enter: Vec<Action>,
    /// When the reader leaves.
    pub leave: Vec<Action>,
    /// When all its questions are answered correctly.
    pub complete: Vec<Action>,
}

/// An action on the page. The reader can change everything afterwards.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// `model NAME`: selects a model.
    Model(String),
    /// `z 0.5,-1.2`: sets the latent vector.
    Z(Vec<f32>),
    /// `digit CLASS [INDEX]`: encodes an MNIST digit, unless the reader has chosen an image.
    Digit(usize, usize),
    /// `play`: moves z along the default path.
    Play,
    /// `stop`: stops z.
    Stop,
    /// `follow`: z moves to the encoder's mean of each new image. On entering a chapter only.
    Follow,
    /// `say TEXT`: shows a message for a few seconds.
    Say(String),
}
