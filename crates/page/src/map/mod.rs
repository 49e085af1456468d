//! The latent map: which part of the plane is in view, and what lies on it. Geometry, pictures and
//! points know nothing of the web; what they are drawn on is the stage's plane.

pub(crate) mod cells;
pub(crate) mod chart;
pub(crate) mod density;
pub(crate) mod manifold;
mod normal;
pub(crate) mod points;
pub(crate) mod principal;
pub(crate) mod viewport;
