#![no_main]

use fuzz::{libfuzzer, readers::checkpoints::CHECKPOINT};

libfuzzer_sys::fuzz_target!(init: libfuzzer::start(&CHECKPOINT), |input: &[u8]| libfuzzer::run(&CHECKPOINT, input));
