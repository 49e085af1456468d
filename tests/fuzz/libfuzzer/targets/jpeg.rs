#![no_main]

use fuzz::{libfuzzer, readers::pictures::JPEG};

libfuzzer_sys::fuzz_target!(init: libfuzzer::start(&JPEG), |input: &[u8]| libfuzzer::run(&JPEG, input));
