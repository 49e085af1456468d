#![no_main]

use fuzz::{libfuzzer, readers::page::STORED};

libfuzzer_sys::fuzz_target!(init: libfuzzer::start(&STORED), |input: &[u8]| libfuzzer::run(&STORED, input));
