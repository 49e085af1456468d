#![no_main]

use fuzz::{libfuzzer, readers::pictures::PNG};

libfuzzer_sys::fuzz_target!(init: libfuzzer::start(&PNG), |input: &[u8]| libfuzzer::run(&PNG, input));
