#![no_main]

use fuzz::{libfuzzer, readers::pictures::BITMAP};

libfuzzer_sys::fuzz_target!(init: libfuzzer::start(&BITMAP), |input: &[u8]| libfuzzer::run(&BITMAP, input));
