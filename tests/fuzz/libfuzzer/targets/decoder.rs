#![no_main]

use fuzz::{libfuzzer, readers::decoder::DECODER};

libfuzzer_sys::fuzz_target!(init: libfuzzer::start(&DECODER), |input: &[u8]| libfuzzer::run(&DECODER, input));
