//! The latent map: which part of the plane is in view, and what lies on it. Geometry, pictures and
//! points know nothing of the web; what they are drawn on is the stage's plane.

pub(crate) mod cells;
pub(crate) mod manifold;
pub(crate) mod points;
pub(crate) mod viewport;
