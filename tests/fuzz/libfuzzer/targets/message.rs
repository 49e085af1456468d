#![no_main]

use fuzz::{libfuzzer, readers::messages::MESSAGE};

libfuzzer_sys::fuzz_target!(init: libfuzzer::start(&MESSAGE), |input: &[u8]| libfuzzer::run(&MESSAGE, input));
