#![no_main]

use fuzz::{libfuzzer, readers::onnx::GRAPH};

libfuzzer_sys::fuzz_target!(init: libfuzzer::start(&GRAPH), |input: &[u8]| libfuzzer::run(&GRAPH, input));
