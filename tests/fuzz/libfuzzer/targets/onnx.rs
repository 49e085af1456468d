#![no_main]

use fuzz::{libfuzzer, readers::onnx::ONNX};

libfuzzer_sys::fuzz_target!(init: libfuzzer::start(&ONNX), |input: &[u8]| libfuzzer::run(&ONNX, input));
