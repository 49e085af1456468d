#![no_main]

use fuzz::{libfuzzer, readers::weights::TRAINING};

libfuzzer_sys::fuzz_target!(init: libfuzzer::start(&TRAINING), |input: &[u8]| libfuzzer::run(&TRAINING, input));
