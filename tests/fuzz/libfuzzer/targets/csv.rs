#![no_main]

use fuzz::{libfuzzer, readers::arrays::CSV};

libfuzzer_sys::fuzz_target!(init: libfuzzer::start(&CSV), |input: &[u8]| libfuzzer::run(&CSV, input));
