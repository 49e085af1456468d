#![no_main]

use fuzz::{libfuzzer, readers::arrays::IDX};

libfuzzer_sys::fuzz_target!(init: libfuzzer::start(&IDX), |input: &[u8]| libfuzzer::run(&IDX, input));
