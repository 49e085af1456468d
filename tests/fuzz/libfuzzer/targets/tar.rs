#![no_main]

use fuzz::{libfuzzer, readers::archives::TAR};

libfuzzer_sys::fuzz_target!(init: libfuzzer::start(&TAR), |input: &[u8]| libfuzzer::run(&TAR, input));
