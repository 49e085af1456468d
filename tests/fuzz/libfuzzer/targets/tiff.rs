#![no_main]

use fuzz::{libfuzzer, readers::pictures::TIFF};

libfuzzer_sys::fuzz_target!(init: libfuzzer::start(&TIFF), |input: &[u8]| libfuzzer::run(&TIFF, input));
