//! Decoder files, of the first digit.

use crate::Target;
use decoder::{Decoder, DecoderFile, IntegerLayer};
use spec::Activation;

/// Decoder files.
pub const DECODER: Target = Target {
    name: "decoder",
    run: |bytes| match DecoderFile::read(bytes) {
        Err(error) => assert!(!error.to_string().is_empty()),
        Ok(file) => {
            let decoder = Decoder::new(&file);
            let pixels: usize = decoder.image().map(usize::from).iter().product();
            for value in [0.0, 1.5] {
                let image = decoder.decode(&vec![value; decoder.latent_size()]);
                assert_eq!(image.map(|image| image.len()), Some(pixels));
            }
        }
    },
    seeds: || {
        let small = |activation, hidden: usize, image: [u16; 2]| {
            let weights = |count: usize| -> Vec<f32> {
                (0..count).map(|at| (at % 11) as f32 / 5.0 - 1.0).collect()
            };
            let pixels = usize::from(image[0]) * usize::from(image[1]);
            let layers = vec![
                IntegerLayer::new(&weights(2 * hidden), weights(hidden)),
                IntegerLayer::new(&weights(hidden * pixels), weights(pixels)),
            ];
            DecoderFile::new(activation, image, layers).map(|file| file.write())
        };
        let all = [
            small(Activation::Gelu, 2, [2, 2]),
            small(Activation::Relu, 5, [8, 9]),
            small(Activation::Tanh, 16, [28, 28]),
        ];
        all.into_iter().flatten().collect()
    },
    memory_mb: 16,
    max_bytes: 32 << 10,
    mutations: 3000,
};
