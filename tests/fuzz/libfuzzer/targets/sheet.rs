#![no_main]

use fuzz::{libfuzzer, readers::pictures::SHEET};

libfuzzer_sys::fuzz_target!(init: libfuzzer::start(&SHEET), |input: &[u8]| libfuzzer::run(&SHEET, input));
