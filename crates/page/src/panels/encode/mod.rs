//! Putting a digit in: where it comes from, how the encoder sees it, and z that goes where it lies. Explore and
//! Evidence begin with it.

mod follow;
mod input;
mod original;

pub(super) use follow::{place, z_follows_mu};
pub(super) use input::Input;
pub(super) use original::Original;
