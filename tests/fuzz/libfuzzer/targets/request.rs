#![no_main]

use fuzz::{libfuzzer, readers::engine::REQUEST};

libfuzzer_sys::fuzz_target!(init: libfuzzer::start(&REQUEST), |input: &[u8]| libfuzzer::run(&REQUEST, input));
