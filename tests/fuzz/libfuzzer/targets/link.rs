#![no_main]

use fuzz::{libfuzzer, readers::page::LINK};

libfuzzer_sys::fuzz_target!(init: libfuzzer::start(&LINK), |input: &[u8]| libfuzzer::run(&LINK, input));
