#![no_main]

use fuzz::{libfuzzer, readers::pictures::WEBP};

libfuzzer_sys::fuzz_target!(init: libfuzzer::start(&WEBP), |input: &[u8]| libfuzzer::run(&WEBP, input));
