//! Builds the page: a folder of static files for any web server.

pub(crate) mod bindings;
pub(crate) mod chunks;
pub(crate) mod first_digit;
pub(crate) mod fuse;
pub(crate) mod inline_code;
pub(crate) mod optimize;
pub(crate) mod policy;
pub(crate) mod programs;
pub(crate) mod served_page;
pub(crate) mod service_worker;
pub(crate) mod sizes;
pub(crate) mod trunk;
