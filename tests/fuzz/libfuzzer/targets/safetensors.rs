#![no_main]

use fuzz::{libfuzzer, readers::checkpoints::SAFETENSORS};

libfuzzer_sys::fuzz_target!(init: libfuzzer::start(&SAFETENSORS), |input: &[u8]| libfuzzer::run(&SAFETENSORS, input));
