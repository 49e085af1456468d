#![no_main]

use fuzz::{libfuzzer, readers::archives::ZIP};

libfuzzer_sys::fuzz_target!(init: libfuzzer::start(&ZIP), |input: &[u8]| libfuzzer::run(&ZIP, input));
