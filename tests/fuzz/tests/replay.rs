//! Replays the seeds and regressions of every target, and a fixed number of mutated ones: a short fuzzing run on the stable
//! toolchain, which is the same each time.

use fuzz::{Mutator, TARGETS, Target, check};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    time::Duration,
};

/// Ten times what an optimized build may take: the test is compiled without most optimizations.
const TIME_LIMIT: Duration = Duration::from_secs(20);

fn target(name: &str) -> &'static Target {
    let found = TARGETS.iter().find(|target| target.name == name);
    found.unwrap_or_else(|| panic!("there is no target {name}"))
}

/// Runs an input. A failing one is written to a file.
fn run(target: &Target, input: &[u8]) {
    let result = catch_unwind(AssertUnwindSafe(|| check(target, input, TIME_LIMIT)));
    if result.is_err() {
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("failed-{}", target.name));
        std::fs::write(&file, input).expect("the folder for temporary files can be written");
        panic!(
            "{} failed on {}; once it is repaired, keep the file in tests/fuzz/regressions/{}/",
            target.name,
            file.display(),
            target.name
        );
    }
}

fn regressions(target: &Target) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("regressions")
        .join(target.name);
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("readable").path())
        .collect();
    paths
        .iter()
        .map(|path| std::fs::read(path).expect("readable"))
        .collect()
}

fn replay(name: &str) {
    let target = target(name);
    let seeds = (target.seeds)();
    assert!(!seeds.is_empty(), "no seeds");
    let inputs = [seeds, regressions(target)].concat();
    inputs.iter().for_each(|input| run(target, input));
    let mut mutator = Mutator::new(1, inputs, target.max_bytes);
    for _ in 0..target.mutations {
        run(target, &mutator.mutate());
    }
}

macro_rules! replay_each {
    ($($name:ident),* $(,)?) => {
        const REPLAYED: &[&str] = &[$(stringify!($name)),*];

        $(
            #[test]
            fn $name() {
                replay(stringify!($name));
            }
        )*
    };
}

replay_each!(
    png,
    jpeg,
    webp,
    gif,
    tiff,
    bitmap,
    sheet,
    idx,
    numpy,
    csv,
    zip,
    tar,
    pickle,
    checkpoint,
    safetensors,
    recognition,
    onnx,
    graph,
    decoder,
    link,
    stored,
    message,
    weights,
    training,
    shard,
    request,
);

#[test]
fn targets_are_all_replayed_and_have_a_binary() {
    let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
    assert_eq!(names, REPLAYED);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("libfuzzer");
    let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).expect("readable");
    for name in names {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
        assert!(folder.join(format!("targets/{name}.rs")).exists(), "{name}");
    }
    let folders = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("regressions"));
    for entry in folders.expect("readable") {
        let name = entry.expect("readable").file_name();
        let name = name.to_string_lossy();
        assert!(
            REPLAYED.contains(&&*name) || name == "README.md",
            "{name} is no target"
        );
    }
}
