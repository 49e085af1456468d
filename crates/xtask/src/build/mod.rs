//! From sources to a folder that any web server can serve.

pub(crate) mod fuse;
pub(crate) mod optimise;
pub(crate) mod sizes;
pub(crate) mod trunk;
