//! The latent map: a slice of the latent space with decoded images, encoded images and densities.
//!
//! `plane` draws it and handles gestures; the other modules are geometry and state without web types.

pub(crate) mod aggregate_posterior;
pub(crate) mod axes_control;
pub(crate) mod classes;
pub(crate) mod controls;
pub(crate) mod encode_points;
pub(crate) mod label_placement;
pub(crate) mod latent_slice;
pub(crate) mod legend;
pub(crate) mod paint_points;
pub(crate) mod plane;
pub(crate) mod points;
pub(crate) mod principal_components;
pub(crate) mod scale;
pub(crate) mod section;
pub(crate) mod state;
pub(crate) mod tile_cache;
pub(crate) mod tiles;
pub(crate) mod viewport;
