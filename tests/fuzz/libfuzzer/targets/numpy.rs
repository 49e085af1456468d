#![no_main]

use fuzz::{libfuzzer, readers::arrays::NUMPY};

libfuzzer_sys::fuzz_target!(init: libfuzzer::start(&NUMPY), |input: &[u8]| libfuzzer::run(&NUMPY, input));
