//! The state of the page that its address holds: `?model=mnist-2d&z=0.5,-1.2&backend=flex&tab=train`.

use crate::features::latent_map::scale::Scale;
use crate::features::latent_map::state::{Axes, LatentMapOptions};
use crate::features::latent_map::viewport::Viewport;
use crate::features::learn::state::LearnLink;
use crate::shell::tabs::tab::Tab;
use client::backend_choice::BackendChoice;

/// The state. Fields with the default value are not in the address.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct UrlState {
    /// The model's name; `None` for the default model.
    pub(crate) model: Option<String>,
    /// The address of a model's file, in place of a name.
    pub(crate) address: Option<String>,
    /// The latent vector for that model, whose latent size is not known yet, as it is in the address.
    pub(crate) address_z: Option<String>,
    /// The latent vector, of the model's latent size.
    pub(crate) z: Option<Vec<f32>>,
    /// The label of a conditional model.
    pub(crate) label: Option<f32>,
    /// The pins, each a latent vector.
    pub(crate) pins: Vec<Vec<f32>>,
    /// The visible part of the map; `None` for the default one.
    pub(crate) view: Option<Viewport>,
    /// The map's axes.
    pub(crate) axes: Axes,
    /// The scale of the map's axes.
    pub(crate) scale: Scale,
    /// The backend.
    pub(crate) backend: BackendChoice,
    /// The open panel.
    pub(crate) tab: Option<Tab>,
    /// The open screen of the course, with image and seed.
    pub(crate) learn: LearnLink,
    /// Unknown keys with their values, kept as they are.
    pub(crate) unknown: Vec<(String, String)>,
}

impl From<&UrlState> for LatentMapOptions {
    fn from(address: &UrlState) -> Self {
        Self {
            view: address.view,
            axes: address.axes,
            scale: address.scale,
        }
    }
}
