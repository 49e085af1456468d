//! A model from an address: `?model=https://host/vae.safetensors`.

pub(crate) mod fetch;
pub(crate) mod location;
pub(crate) mod state;
pub(crate) mod view;
