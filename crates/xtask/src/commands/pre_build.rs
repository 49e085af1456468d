//! `cargo xtask pre-build`: the hook that Trunk.toml runs before each build. It writes the page of `cargo xtask serve`
//! anew, since `www/index.html` may have changed; other builds need nothing.

use anyhow::Result;

use crate::build::served_page;
use crate::paths;

/// Writes the served page, if it is that which trunk builds.
pub(crate) fn run() -> Result<()> {
    if std::env::var_os(served_page::SERVED_BUILD).is_none() {
        return Ok(());
    }
    served_page::write(&paths::workspace_root()?)
}
