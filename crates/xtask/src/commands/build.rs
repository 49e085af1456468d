//! `cargo xtask build`: the page for publication, in dist/.

use anyhow::Result;

use crate::build::{fuse, optimize, service_worker, sizes, trunk};
use crate::paths::Paths;
use crate::process;
use crate::setup::{self, wasm_opt, wasm_target};

/// How to build.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The URL below which the page is served; the default works below any URL
    #[arg(long, default_value = "./")]
    public_url: String,
    /// Skip wasm-opt: minutes faster, a third larger
    #[arg(long)]
    no_wasm_opt: bool,
}

impl Default for Args {
    fn default() -> Self {
        Self {
            public_url: "./".to_owned(),
            no_wasm_opt: false,
        }
    }
}

/// Builds and optimizes the page, compresses its files, and prints the sizes.
pub(crate) fn run(paths: &Paths, args: &Args) -> Result<()> {
    wasm_target::ensure(paths)?;
    let trunk = setup::trunk::ensure(paths)?;
    let wasm_opt = if args.no_wasm_opt {
        None
    } else {
        wasm_opt::ensure(paths)
            .inspect_err(|error| {
                eprintln!("warning: building without wasm-opt: {error:#}");
            })
            .ok()
    };
    let dist = paths.dist();
    process::run(
        trunk::command(paths, &trunk, "build")?
            .args(["--public-url", &args.public_url])
            .arg("--dist")
            .arg(&dist),
    )?;
    if let Some(wasm_opt) = wasm_opt {
        optimize::run(paths, &dist, &wasm_opt)?;
        // Again: trunk's hook contracted the unoptimized modules.
        fuse::run(&dist)?;
    }
    service_worker::write(&dist)?;
    println!("{}", sizes::Table::compress(&dist)?);
    Ok(())
}
