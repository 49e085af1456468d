#![no_main]

use fuzz::{libfuzzer, readers::pictures::GIF};

libfuzzer_sys::fuzz_target!(init: libfuzzer::start(&GIF), |input: &[u8]| libfuzzer::run(&GIF, input));
