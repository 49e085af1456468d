//! `cargo xtask build`: the page as it is published, in dist/.

use anyhow::Result;

use crate::build::{fuse, optimise, sizes, trunk};
use crate::places::Places;
use crate::process;
use crate::setup::{tools, wasm_opt, wasm_target};

/// How to build.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The URL that the page will be served from; the default works below any
    #[arg(long, default_value = "./")]
    public_url: String,
    /// Leave out wasm-opt: minutes quicker, a third larger
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

/// Builds, optimises, and prints the sizes.
pub(crate) fn run(places: &Places, args: &Args) -> Result<()> {
    wasm_target::ensure(places)?;
    let tools = tools::ensure(places)?;
    let wasm_opt = if args.no_wasm_opt {
        None
    } else {
        wasm_opt::ensure(places)
            .inspect_err(|error| {
                eprintln!("warning: building without wasm-opt: {error:#}");
            })
            .ok()
    };
    let dist = places.dist();
    process::run(
        trunk::command(places, &tools, "build")?
            .args(["--public-url", &args.public_url])
            .arg("--dist")
            .arg(&dist),
    )?;
    if let Some(wasm_opt) = wasm_opt {
        optimise::run(places, &dist, &wasm_opt)?;
        // Once more, since trunk's hook contracted what was not optimised yet.
        fuse::run(&dist)?;
    }
    println!("{}", sizes::Table::of(&dist)?);
    Ok(())
}
