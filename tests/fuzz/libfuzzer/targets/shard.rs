#![no_main]

use fuzz::{libfuzzer, readers::weights::SHARD};

libfuzzer_sys::fuzz_target!(init: libfuzzer::start(&SHARD), |input: &[u8]| libfuzzer::run(&SHARD, input));
