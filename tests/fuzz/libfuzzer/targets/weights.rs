#![no_main]

use fuzz::{libfuzzer, readers::weights::WEIGHTS};

libfuzzer_sys::fuzz_target!(init: libfuzzer::start(&WEIGHTS), |input: &[u8]| libfuzzer::run(&WEIGHTS, input));
