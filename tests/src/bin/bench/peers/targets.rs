//! Performance targets, compared with the results.

use super::{
    report::Report,
    row::{Row, Size},
};

/// A target and its result.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) what: String,
    /// The result; `None` if it was not measured.
    pub(crate) found: Option<f64>,
    /// The maximum, or the minimum.
    pub(crate) wanted: f64,
    /// Whether it is a minimum.
    pub(crate) at_least: bool,
    /// Suffix of the numbers.
    pub(crate) unit: &'static str,
}

impl Target {
    /// Whether the target is met.
    pub(crate) fn verdict(&self) -> &'static str {
        match self.found {
            Some(found) if self.at_least && found >= self.wanted => "met",
            Some(found) if !self.at_least && found <= self.wanted => "met",
            Some(_) => "missed",
            None => "not measured",
        }
    }
}

/// All targets.
pub(crate) fn of(report: &Report) -> Vec<Target> {
    let median = |id: &str, row, size| report.median(id, row, size);
    let ratio = |ours: Option<f64>, theirs: Option<f64>| Some(ours? / theirs?);
    let compared = |ours: &str, theirs: &str, row: Row, size| {
        ratio(median(ours, row, size), median(theirs, row, size))
    };
    let mut targets = Vec::new();
    let mut push = |what: String, found, wanted| {
        targets.push(Target {
            what,
            found,
            wanted,
            at_least: false,
            unit: "",
        });
    };
    let both = [Size::S, Size::L];

    push(
        "training step L, flex / TensorFlow.js WASM".to_owned(),
        compared("flex", "tfjs-wasm", Row::Step, Size::L),
        0.07,
    );
    push(
        "training step L, flex / PyTorch, one thread".to_owned(),
        compared("flex", "pytorch-1", Row::Step, Size::L),
        1.5,
    );
    push(
        "training step L, flex with two workers / PyTorch, one thread".to_owned(),
        compared("flex-two", "pytorch-1", Row::Step, Size::L),
        1.0,
    );
    for size in both {
        let best = report
            .contenders
            .iter()
            .filter(|contender| !contender.is_ours())
            .filter_map(|contender| median(contender.id, Row::Decode1, size))
            .reduce(f64::min);
        push(
            format!("decode 1 {}, flex / best peer in the browser", size.name()),
            ratio(median("flex", Row::Decode1, size), best),
            0.7,
        );
    }
    for size in both {
        push(
            format!("decode 400 {}, flex / ONNX Runtime Web WASM", size.name()),
            compared("flex", "ort-wasm", Row::Decode400, size),
            0.6,
        );
    }
    for row in [Row::Step, Row::Decode400] {
        for size in both {
            let what = format!("{} {}", row.title(), size.name());
            push(
                format!("{what}, WebGPU / TensorFlow.js WebGPU"),
                compared("webgpu", "tfjs-webgpu", row, size),
                0.8,
            );
        }
    }
    for size in both {
        let first = report
            .start("flex", size)
            .and_then(|start| start.first_step.as_ref());
        push(
            format!(
                "first training step {} after load, flex / median",
                size.name()
            ),
            ratio(first.map(|ms| ms.median), median("flex", Row::Step, size)),
            2.0,
        );
    }
    for (peer, title, wanted) in [
        ("jax-wasm", "jax-js WASM", 0.6),
        ("tfjs-wasm", "TensorFlow.js WASM", 0.3),
    ] {
        push(
            format!("training step C, flex / {title}"),
            compared("flex", peer, Row::Step, Size::C),
            wanted,
        );
    }
    push(
        "training step C, WebGPU / TensorFlow.js WebGPU".to_owned(),
        compared("webgpu", "tfjs-webgpu", Row::Step, Size::C),
        0.8,
    );
    targets.push(Target {
        what: "decode 1 C, flex".to_owned(),
        found: median("flex", Row::Decode1, Size::C),
        wanted: 4.0,
        at_least: false,
        unit: " ms",
    });
    let limit = report.limits.gmacs;
    let rate = |ms: f64| Row::Step.multiply_adds(Size::C) as f64 / ms / 1e6;
    targets.push(Target {
        what: "training step C, flex: multiply-adds, as a share of the limit of a thread"
            .to_owned(),
        found: median("flex", Row::Step, Size::C).map(|ms| rate(ms) / limit),
        wanted: 0.55,
        at_least: true,
        unit: "",
    });
    targets.extend(bundles(report));
    targets
}

/// Sizes of the engines. Targets are for brotli, so quick runs, which use gzip, do not measure them.
fn bundles(report: &Report) -> Vec<Target> {
    let engines = report.page.as_ref().map(|page| &page.engines);
    [("flex", 0.35), ("ndarray", 0.35), ("webgpu", 1.1)]
        .into_iter()
        .map(|(backend, wanted)| Target {
            what: format!("{backend} bundle of the page, brotli"),
            found: engines
                .and_then(|engines| engines.get(backend))
                .filter(|_| !report.quick)
                .map(|bytes| *bytes as f64 / 1e6),
            wanted,
            at_least: false,
            unit: " MB",
        })
        .collect()
}
