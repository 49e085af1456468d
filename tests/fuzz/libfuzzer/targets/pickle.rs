#![no_main]

use fuzz::{libfuzzer, readers::checkpoints::PICKLE};

libfuzzer_sys::fuzz_target!(init: libfuzzer::start(&PICKLE), |input: &[u8]| libfuzzer::run(&PICKLE, input));
