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
    /// The maximum.
    pub(crate) wanted: f64,
    /// Suffix of the numbers.
    pub(crate) unit: &'static str,
}

impl Target {
    /// Whether the target is met.
    pub(crate) fn verdict(&self) -> &'static str {
        match self.found {
            Some(found) if found <= self.wanted => "met",
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
            unit: " MB",
        })
        .collect()
}
