//! The bundle of the decoder worker; `www/decoder-worker.js` calls its bindings.

// Links the bindings.
use decoder as _;

fn main() {}
