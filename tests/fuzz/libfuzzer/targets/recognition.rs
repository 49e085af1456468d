#![no_main]

use fuzz::{libfuzzer, readers::recognition::RECOGNITION};

libfuzzer_sys::fuzz_target!(init: libfuzzer::start(&RECOGNITION), |input: &[u8]| libfuzzer::run(&RECOGNITION, input));
