//! Benchmarks the built page in a real browser, and measures its size.
//!
//! `cargo run --release -p tests --features e2e --bin bench`. `tests/bench/README.md` documents each
//! column. Results are printed as Markdown and written to `<target>/bench/latency.json`.

mod drag;
mod endurance;
mod evidence;
mod explore;
mod files;
mod first_digit;
mod learn;
mod lighthouse;
mod mnist;
mod networks;
mod objectives;
mod peers;
mod report;
mod sizes;
mod stats;
mod training;

use anyhow::{Context, Result, ensure};
use clap::{Parser, ValueEnum};
use serde::Serialize;
use std::{fs, path::PathBuf};
use tests::browser::{self, BrowserEngine, Compression, Driver, Gpu, Options, Server, Tab};

/// Benchmarks the built page in a real browser, and measures its size.
#[derive(Debug, Parser)]
struct Args {
    /// The built page [default: ELBO_DIST, or dist/].
    #[arg(long)]
    dist: Option<PathBuf>,
    /// What to measure. `training`, `memory` and `files` need --data.
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "first-digit,drag"
    )]
    parts: Vec<Part>,
    /// The pages of the peers, built by xtask [default: ELBO_BENCH_SITE, or target/bench/site].
    #[arg(long)]
    site: Option<PathBuf>,
    /// Contenders of `peers` [default: all that are built].
    #[arg(long, value_delimiter = ',')]
    contenders: Vec<String>,
    /// Rounds of `peers` [default: 7, quick 1].
    #[arg(long)]
    rounds: Option<usize>,
    /// A Python with PyTorch [default: python3, if it has PyTorch].
    #[arg(long)]
    python: Option<PathBuf>,
    /// Folder with MNIST's four files.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Further files of images to measure in `files`, such as EMNIST's gzip.zip.
    #[arg(long, value_delimiter = ',')]
    files: Vec<PathBuf>,
    /// A short run that only checks that everything works.
    #[arg(long)]
    quick: bool,
    /// Cold starts per compression [default: 7, quick 2; per peer 3, quick 1].
    #[arg(long)]
    runs: Option<usize>,
    /// Seconds of dragging per backend [default: 10, quick 2].
    #[arg(long)]
    seconds: Option<u64>,
    /// Minutes of the long run of `endurance` [default: 30, quick 1].
    #[arg(long)]
    minutes: Option<u64>,
    /// How often `endurance` opens all panels [default: 100, quick 5].
    #[arg(long)]
    openings: Option<usize>,
    /// Backends to measure.
    #[arg(long, value_delimiter = ',', default_value = "flex,ndarray,webgpu")]
    backends: Vec<String>,
    /// The model for `drag`.
    #[arg(long, default_value = "mnist-2d")]
    model: String,
    /// The GPU for the backend `webgpu`.
    #[arg(long, value_enum, default_value = "software")]
    gpu: GpuChoice,
}

/// A part of the benchmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Time from navigation to the first image.
    FirstDigit,
    /// Time to the first digit on slow networks.
    Networks,
    /// Lighthouse's scores on a phone.
    Lighthouse,
    /// Latency from input to pixels while dragging a slider.
    Drag,
    /// Latency from a stroke to q(z|x), and frame times while moving the map.
    Explore,
    /// Time to estimate log p(x) for several digits.
    Evidence,
    /// Loss after a minute of training, and slider latency meanwhile.
    Training,
    /// Memory during ten minutes of training.
    Memory,
    /// Time and memory that large files of images need.
    Files,
    /// Time until a chapter of Learn is shown, and latency of dragging inside one.
    Learn,
    /// Memory, elements and listeners over a long run, and over opening all panels many times.
    Endurance,
    /// Training steps for other objectives compared with those for the ELBO.
    Objectives,
    /// Our engine compared with other libraries; measured separately.
    Peers,
}

/// The GPU that the browser offers.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum GpuChoice {
    /// SwiftShader, in software.
    Software,
    /// The machine's GPU.
    Real,
}

/// A backend of the page whose latency is measured. Other libraries are in `peers`.
#[derive(Debug, Clone, Serialize)]
struct Contender {
    /// Name in the table.
    name: String,
    /// Query of the page's URL.
    address: String,
    /// Text of `backend-active` once the backend is running.
    active: String,
}

/// All results.
#[derive(Debug, Serialize)]
struct Report {
    browser: String,
    machine: String,
    gpu: String,
    quick: bool,
    sizes: Vec<sizes::FileSize>,
    first_digit: Vec<first_digit::FirstDigit>,
    networks: Vec<networks::SlowStart>,
    lighthouse: Vec<lighthouse::Audit>,
    drag: Vec<drag::Drag>,
    explore: Vec<explore::ExploreResult>,
    evidence: Vec<evidence::EvidenceResult>,
    training: Vec<training::TrainingResult>,
    /// Milliseconds from input to pixels while the backend trains.
    drag_while_training: Vec<(String, Option<stats::Stats>)>,
    memory: Vec<training::Memory>,
    files: Vec<files::FileResult>,
    learn: Vec<learn::LearnResult>,
    objectives: Vec<objectives::ObjectiveResult>,
    endurance: Vec<endurance::Endurance>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let args = Args::parse();
    let driver = Driver::start(BrowserEngine::Chromium)?;
    let options = Options {
        gpu: match args.gpu {
            GpuChoice::Software => Gpu::Software,
            GpuChoice::Real => Gpu::Real,
        },
        ..Options::default()
    };
    let wants = |part| args.parts.contains(&part);
    if wants(Part::Peers) {
        peers::run(&args, &driver, &options).await?;
        if args.parts.len() == 1 {
            return Ok(());
        }
    }

    let dist = args.dist.clone().unwrap_or_else(browser::dist);
    ensure!(
        dist.join("index.html").is_file(),
        "no page at {}: build it first",
        dist.display()
    );
    let runs = args.runs.unwrap_or(if args.quick { 2 } else { 7 });
    let seconds = args.seconds.unwrap_or(if args.quick { 2 } else { 10 });
    let raw = Server::start(&dist, Compression::None).await?;
    let gzip = Server::start(&dist, Compression::Gzip).await?;
    let brotli = Server::start(&dist, Compression::Brotli).await?;
    let sizes = if wants(Part::FirstDigit) {
        eprintln!("compressing the page");
        sizes::sizes(&raw, &gzip, &brotli)
    } else {
        Vec::new()
    };

    let (browser, gpu) = describe(&driver, &raw, &options).await?;
    let mut first_digit = Vec::new();
    let data = || args.data.as_deref().context("training needs --data DIR");
    for (server, name) in [(&brotli, "brotli"), (&gzip, "gzip")] {
        if !wants(Part::FirstDigit) {
            break;
        }
        eprintln!("first digit, {name}: {runs} cold starts");
        first_digit.push(first_digit::measure(&driver, server, &options, (name, ""), runs).await?);
    }

    let mut networks = Vec::new();
    if wants(Part::Networks) {
        // Compressed in advance, so that no reply waits for it.
        brotli.sizes_as_sent();
        networks = networks::measure(&driver, &brotli, &options, runs).await?;
    }

    let mut lighthouse = Vec::new();
    if wants(Part::Lighthouse) {
        let runs = args.runs.unwrap_or(if args.quick { 1 } else { 5 });
        eprintln!("Lighthouse: {runs} audits");
        lighthouse = lighthouse::measure(&brotli, runs).await?;
    }

    let mut drag = Vec::new();
    for backend in args.backends.iter().filter(|_| wants(Part::Drag)) {
        let contender = Contender {
            name: format!("ELBO Room, {backend}"),
            address: format!("?backend={backend}&model={}", args.model),
            active: backend.clone(),
        };
        eprintln!("{}: dragging for {seconds} s", contender.name);
        drag.push(drag::measure(&driver, &raw, &options, contender, seconds).await?);
    }

    let mut explore = Vec::new();
    for backend in args.backends.iter().filter(|_| wants(Part::Explore)) {
        eprintln!("{backend}: exploring for {seconds} s each");
        explore.push(explore::measure(&driver, &raw, &options, backend, seconds).await?);
    }

    let mut evidence = Vec::new();
    for backend in args.backends.iter().filter(|_| wants(Part::Evidence)) {
        for model in ["mnist-2d", "mnist-16d", "mnist-binary-20d"] {
            eprintln!("{backend}: log p(x) of digits under {model}");
            let rounds = if args.quick { 1 } else { 3 };
            let what = (backend.as_str(), model);
            evidence.push(evidence::measure(&driver, &raw, &options, what, rounds).await?);
        }
    }

    let (mut training, mut drag_while_training, mut memory) = (vec![], vec![], vec![]);
    for backend in args.backends.iter().filter(|_| wants(Part::Training)) {
        let minute = (backend.as_str(), if args.quick { 5 } else { 60 });
        training.extend(training::runs(&driver, &raw, &options, minute, data()?).await?);
        eprintln!("{backend}: dragging for {seconds} s while it trains");
        let dragged = (backend.as_str(), seconds);
        let found = training::drag_meanwhile(&driver, &raw, &options, dragged, data()?).await?;
        drag_while_training.push((backend.clone(), found));
    }
    for backend in args.backends.iter().filter(|_| wants(Part::Memory)) {
        eprintln!("{backend}: memory over a long run");
        let minutes: &[u64] = if args.quick { &[1] } else { &[1, 5, 10] };
        let minutes = (backend.as_str(), minutes);
        memory.extend(training::memory(&driver, &raw, &options, minutes, data()?).await?);
    }

    let mut files = Vec::new();
    if wants(Part::Files) {
        eprintln!("files of images");
        files = files::measure(&driver, &raw, &options, data()?, &args.files).await?;
    }

    let mut learn = Vec::new();
    for backend in args.backends.iter().filter(|_| wants(Part::Learn)) {
        eprintln!("{backend}: the chapters of Learn");
        let length = (if args.quick { 1 } else { 3 }, seconds);
        learn.push(learn::measure(&driver, &raw, &options, backend, length).await?);
    }

    let objectives = match wants(Part::Objectives) {
        true => objectives::measure(&args, &driver, &options).await?,
        false => Vec::new(),
    };

    let mut endurance = Vec::new();
    for backend in args.backends.iter().filter(|_| wants(Part::Endurance)) {
        let minutes = args.minutes.unwrap_or(if args.quick { 1 } else { 30 });
        let openings = args.openings.unwrap_or(if args.quick { 5 } else { 100 });
        eprintln!("{backend}: {minutes} minutes of training, dragging and walking");
        let length = (minutes, openings);
        endurance.push(endurance::measure(&driver, &raw, &options, backend, length).await?);
    }

    let report = Report {
        browser,
        machine: machine(),
        gpu,
        quick: args.quick,
        sizes,
        first_digit,
        networks,
        lighthouse,
        drag,
        explore,
        evidence,
        training,
        drag_while_training,
        memory,
        files,
        learn,
        objectives,
        endurance,
    };
    print!("{}", report::markdown(&report));
    let folder = browser::target_dir().join("bench");
    fs::create_dir_all(&folder)?;
    let file = folder.join("latency.json");
    let json = serde_json::to_string_pretty(&report)?;
    fs::write(&file, json).with_context(|| format!("writing {}", file.display()))?;
    eprintln!("also written to {}", file.display());
    Ok(())
}

/// The browser's version and its WebGPU adapter.
async fn describe(driver: &Driver, server: &Server, options: &Options) -> Result<(String, String)> {
    let tab = Tab::start(driver.url(), server, options).await?;
    let version = tab.cdp("Browser.getVersion", serde_json::json!({})).await?;
    // Any page in a secure context will do.
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

/// The processor and number of cores, without which times are meaningless.
fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("unknown processor", |(_, model)| model);
    format!("{model}, {cores} cores")
}
