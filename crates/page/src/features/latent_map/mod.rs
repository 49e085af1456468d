//! The latent map: which part of the plane is in view, and what lies on it. Geometry, pictures and
//! points know nothing of the web; what they are to_svg on is the stage's plane.

pub(crate) mod aggregate_posterior;
pub(crate) mod axes_control;
pub(crate) mod controls;
pub(crate) mod encode_points;
pub(crate) mod latent_slice;
pub(crate) mod normal_cdf;
pub(crate) mod plane;
pub(crate) mod points;
pub(crate) mod principal_components;
pub(crate) mod section;
pub(crate) mod state;
pub(crate) mod tile_cache;
pub(crate) mod tiles;
pub(crate) mod viewport;
