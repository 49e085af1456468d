//! Decoding with a decoder file.

use crate::file::DecoderFile;
use kernels::{likelihood::mean_in_place, mlp::PackedMlp};
use spec::Likelihood;

/// A decoder with packed weights.
#[derive(Debug)]
pub struct Decoder {
    network: PackedMlp,
    latent_size: usize,
    image: [u16; 2],
}

impl Decoder {
    /// A decoder with the weights of this file.
    pub fn new(file: &DecoderFile) -> Self {
        let mut layers: Vec<_> = file.layers.iter().map(|layer| layer.pack()).collect();
        let output = layers.split_off(layers.len() - 1);
        Self {
            network: PackedMlp::new(layers, output, file.activation),
            latent_size: file.layers[0].inputs,
            image: file.image,
        }
    }

    /// Number of latent dimensions.
    pub fn latent_size(&self) -> usize {
        self.latent_size
    }

    /// Height and width of an image in pixels.
    pub fn image(&self) -> [u16; 2] {
        self.image
    }

    /// The mean of p(x|z) in grey values, `[height × width]`; `None` unless z has `latent_size` finite components.
    pub fn decode(&self, z: &[f32]) -> Option<Vec<u8>> {
        if z.len() != self.latent_size || !z.iter().all(|value| value.is_finite()) {
            return None;
        }
        let mut means = self.network.forward(z.to_vec(), 1).pop()?;
        mean_in_place(Likelihood::Bernoulli, &mut means);
        Some(means.into_iter().map(grey).collect())
    }
}

/// A mean in `[0, 1]` as a grey value, rounded as an engine does.
pub fn grey(mean: f32) -> u8 {
    (mean.clamp(0.0, 1.0) * 255.0 + 0.5) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::tests::small;

    #[test]
    fn decode_computes_the_network() {
        let file = small();
        let decoder = Decoder::new(&file);
        assert_eq!((decoder.latent_size(), decoder.image()), (2, [2, 2]));
        let z = [0.8_f32, -0.4];
        // By plain loops, with the weights as stored; GELU by its definition.
        let mut values = z.to_vec();
        for (i, layer) in file.layers.iter().enumerate() {
            let rows = layer
                .weight
                .chunks(layer.inputs)
                .zip(&layer.scale)
                .zip(&layer.bias);
            values = rows
                .map(|((row, scale), bias)| {
                    let products = row
                        .iter()
                        .zip(&values)
                        .map(|(&w, x)| f32::from(w) * scale * x);
                    let sum = products.sum::<f32>() + bias;
                    if i == 0 { gelu(sum) } else { sum }
                })
                .collect();
        }
        let expected: Vec<u8> = values
            .iter()
            .map(|logit| grey(1.0 / (1.0 + (-logit).exp())))
            .collect();
        assert_eq!(decoder.decode(&z), Some(expected));
    }

    /// x Φ(x), Φ by the trapezoidal rule.
    fn gelu(x: f32) -> f32 {
        let density = |t: f64| (-t * t / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
        let steps = 10_000;
        let width = f64::from(x) / f64::from(steps);
        let inner: f64 = (1..steps).map(|i| density(f64::from(i) * width)).sum();
        let area = (inner + (density(0.0) + density(f64::from(x))) / 2.0) * width;
        (f64::from(x) * (0.5 + area)) as f32
    }

    #[test]
    fn decode_rejects_a_z_of_another_length_or_without_a_value() {
        let decoder = Decoder::new(&small());
        assert_eq!(decoder.decode(&[0.0]), None);
        assert_eq!(decoder.decode(&[0.0, f32::NAN]), None);
        assert_eq!(
            decoder.decode(&[0.0, 3.0]).map(|pixels| pixels.len()),
            Some(4)
        );
    }
}
