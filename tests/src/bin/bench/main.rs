//! Times the built page in a real browser, and counts its bytes.
//!
//! `cargo run --release -p tests --features e2e --bin bench`. What each column means is in
//! `tests/bench/README.md`; the numbers go to standard output as Markdown and to
//! `<target>/bench/latency.json`.

mod drag;
mod first_digit;
mod report;
mod sizes;
mod stats;

use anyhow::{Context, Result, ensure};
use clap::{Parser, ValueEnum};
use serde::Serialize;
use std::{fs, path::PathBuf};
use tests::browser::{self, Compression, Driver, Gpu, Options, Server, Tab};

/// Times the built page in a real browser, and counts its bytes.
#[derive(Debug, Parser)]
struct Args {
    /// The built page [default: ELBO_DIST, or dist/].
    #[arg(long)]
    dist: Option<PathBuf>,
    /// A short run, to see whether everything works.
    #[arg(long)]
    quick: bool,
    /// Cold starts for each kind of compression [default: 7, quick 2].
    #[arg(long)]
    runs: Option<usize>,
    /// Seconds of dragging for each backend [default: 10, quick 2].
    #[arg(long)]
    seconds: Option<u64>,
    /// Backends to drag on.
    #[arg(long, value_delimiter = ',', default_value = "flex,ndarray,webgpu")]
    backends: Vec<String>,
    /// The model to drag on.
    #[arg(long, default_value = "mnist-2d")]
    model: String,
    /// The GPU for the backend `webgpu`.
    #[arg(long, value_enum, default_value = "software")]
    gpu: GpuChoice,
}

/// The GPU that the browser offers.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum GpuChoice {
    /// SwiftShader, on the CPU.
    Software,
    /// The machine's own.
    Real,
}

/// Something whose latency is measured: one of the page's backends, later also other libraries, each
/// on a page of its own that uses the same marks and `data-testid`s.
#[derive(Debug, Clone, Serialize)]
struct Contender {
    /// Its name in the table.
    name: String,
    /// What follows the page's address.
    address: String,
    /// What `backend-active` says once it is up.
    active: String,
}

/// All that was measured.
#[derive(Debug, Serialize)]
struct Report {
    browser: String,
    machine: String,
    gpu: String,
    quick: bool,
    sizes: Vec<sizes::FileSize>,
    first_digit: Vec<first_digit::FirstDigit>,
    drag: Vec<drag::Drag>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let args = Args::parse();
    let dist = args.dist.clone().unwrap_or_else(browser::dist);
    ensure!(
        dist.join("index.html").is_file(),
        "no page at {}: build it first",
        dist.display()
    );
    let runs = args.runs.unwrap_or(if args.quick { 2 } else { 7 });
    let seconds = args.seconds.unwrap_or(if args.quick { 2 } else { 10 });
    let driver = Driver::start()?;
    let options = Options {
        gpu: match args.gpu {
            GpuChoice::Software => Gpu::Software,
            GpuChoice::Real => Gpu::Real,
        },
        ..Options::default()
    };

    eprintln!("compressing the page");
    let raw = Server::start(&dist, Compression::None).await?;
    let gzip = Server::start(&dist, Compression::Gzip).await?;
    let brotli = Server::start(&dist, Compression::Brotli).await?;
    let sizes = sizes::sizes(&raw, &gzip, &brotli);

    let (browser, gpu) = describe(&driver, &raw, &options).await?;
    let mut first_digit = Vec::new();
    for (server, name) in [(&brotli, "brotli"), (&gzip, "gzip")] {
        eprintln!("first digit, {name}: {runs} cold starts");
        first_digit.push(first_digit::measure(&driver, server, &options, name, runs).await?);
    }

    let mut drag = Vec::new();
    for backend in &args.backends {
        let contender = Contender {
            name: format!("ELBO Room, {backend}"),
            address: format!("?backend={backend}&model={}", args.model),
            active: backend.clone(),
        };
        eprintln!("{}: dragging for {seconds} s", contender.name);
        drag.push(drag::measure(&driver, &raw, &options, contender, seconds).await?);
    }

    let report = Report {
        browser,
        machine: machine(),
        gpu,
        quick: args.quick,
        sizes,
        first_digit,
        drag,
    };
    print!("{}", report::markdown(&report));
    let folder = browser::target_dir().join("bench");
    fs::create_dir_all(&folder)?;
    let file = folder.join("latency.json");
    let json = serde_json::to_string_pretty(&report)?;
    fs::write(&file, json).with_context(|| format!("writing {}", file.display()))?;
    eprintln!("also in {}", file.display());
    Ok(())
}

/// The browser's version and its WebGPU adapter, in words.
async fn describe(driver: &Driver, server: &Server, options: &Options) -> Result<(String, String)> {
    let tab = Tab::start(driver.url(), server, options).await?;
    let version = tab.cdp("Browser.getVersion", serde_json::json!({})).await?;
    // A page that need not work, only be in a secure context.
    tab.goto(&format!("{}no-such-file", server.url())).await?;
    let script = "return (async () => {
        const a = await navigator.gpu?.requestAdapter();
        return a ? [a.info.vendor, a.info.architecture].join(' ') : 'none';
    })();";
    let gpu = tab.script(script, vec![]).await?;
    tab.close().await?;
    let product = version["product"].as_str().unwrap_or("unknown").to_owned();
    Ok((product, gpu.as_str().unwrap_or("unknown").to_owned()))
}

/// The machine, in words: a time without it says nothing.
fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("unknown processor", |(_, model)| model);
    format!("{model}, {cores} cores")
}
