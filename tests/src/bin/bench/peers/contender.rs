//! The contenders.

use serde::Serialize;
use serde_json::{Value, json};
use std::path::Path;

/// A column: a library on a backend, or our engine on one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Contender {
    /// Name in commands and in JSON.
    pub(crate) id: &'static str,
    /// Name in tables.
    pub(crate) title: &'static str,
    /// The module in `tests/bench/peers/contenders`.
    module: &'static str,
    /// For our engine: the JavaScript program, and its wasm module.
    program: Option<[&'static str; 2]>,
    /// Whether two workers share its training.
    two_workers: bool,
    /// Whether it runs on WebGPU: less precise, and very slow in software.
    pub(crate) gpu: bool,
    /// Whether it is measured on a real GPU only, unless it is asked for by name: in software its steps take minutes.
    pub(crate) needs_real_gpu: bool,
    /// Whether it trains.
    pub(crate) trains: bool,
}

/// The contenders in the browser, ours first.
pub(crate) const ALL: [Contender; 11] = [
    Contender::FLEX,
    ours(
        "flex-plain",
        "ours, flex, plain SIMD",
        ["contender-flex", "contender-flex"],
    ),
    Contender {
        two_workers: true,
        ..ours(
            "flex-two",
            "ours, flex, two workers",
            ["contender-flex", "contender-flex-fused"],
        )
    },
    ours(
        "ndarray",
        "ours, ndarray",
        ["contender-ndarray", "contender-ndarray-fused"],
    ),
    Contender {
        gpu: true,
        ..ours(
            "webgpu",
            "ours, WebGPU",
            ["contender-webgpu", "contender-webgpu"],
        )
    },
    peer("jax-wasm", "jax-js, WASM", false, true),
    Contender {
        needs_real_gpu: true,
        ..peer("jax-webgpu", "jax-js, WebGPU", true, true)
    },
    peer("tfjs-wasm", "TensorFlow.js, WASM", false, true),
    peer("tfjs-webgpu", "TensorFlow.js, WebGPU", true, true),
    peer("ort-wasm", "ONNX Runtime Web, WASM", false, false),
    peer("ort-webgpu", "ONNX Runtime Web, WebGPU", true, false),
];

const fn ours(id: &'static str, title: &'static str, program: [&'static str; 2]) -> Contender {
    Contender {
        id,
        title,
        module: "ours",
        program: Some(program),
        two_workers: false,
        gpu: false,
        needs_real_gpu: false,
        trains: true,
    }
}

const fn peer(id: &'static str, title: &'static str, gpu: bool, trains: bool) -> Contender {
    Contender {
        id,
        title,
        module: id,
        program: None,
        two_workers: false,
        gpu,
        needs_real_gpu: false,
        trains,
    }
}

impl Contender {
    /// Our engine on a CPU.
    pub(crate) const FLEX: Self = ours(
        "flex",
        "ours, flex",
        ["contender-flex", "contender-flex-fused"],
    );

    /// Whether it is our engine.
    pub(crate) fn is_ours(&self) -> bool {
        self.program.is_some()
    }

    /// Its description for the pages' scripts.
    pub(crate) fn variant(&self) -> Value {
        match self.program {
            Some([file, wasm]) => json!({
                "module": self.module, "file": file, "wasm": wasm, "twoWorkers": self.two_workers
            }),
            None => json!({ "module": self.module }),
        }
    }

    /// Whether its files are in `site`.
    pub(crate) fn is_built(&self, site: &Path) -> bool {
        let module = site.join("contenders").join(format!("{}.js", self.module));
        let program = self
            .program
            .is_none_or(|[_, wasm]| site.join("ours").join(format!("{wasm}_bg.wasm")).is_file());
        program && module.is_file()
    }
}
