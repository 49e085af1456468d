//! `trainer decoders`: writes the decoder files of the included models, which the page needs for its first image.

use anyhow::{Context, Result, ensure};
use decoder::{DecoderFile, IntegerLayer};
use std::{fs, path::PathBuf};
use vae::{
    Likelihood,
    weights::{Card, read_named},
};

/// Writes `NAME.decoder` beside the weights of models: their decoders with weights in few bits.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The models' names in the weights folder: fully connected, without labels, of grey pixels in [0, 1].
    #[arg(required = true)]
    names: Vec<String>,
    /// Folder with weights and cards.
    #[arg(long, default_value = "weights")]
    weights: PathBuf,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    for name in &args.names {
        let read = |extension: &str| {
            let path = args.weights.join(format!("{name}.{extension}"));
            fs::read(&path).with_context(|| format!("can't read {}", path.display()))
        };
        let card = Card::from_json(&String::from_utf8_lossy(&read("json")?))?;
        let bytes = decoder_file(&card, &read("safetensors")?)?.write();
        fs::write(args.weights.join(format!("{name}.decoder")), &bytes)?;
        println!("{name}: {} bytes", bytes.len());
    }
    Ok(())
}

/// The decoder of a model, with weights in few bits.
fn decoder_file(card: &Card, weights: &[u8]) -> Result<DecoderFile> {
    let config = &card.architecture;
    ensure!(
        config.convolution.is_none()
            && config.network.is_none()
            && config.classes == 0
            && card.data.image.channels == 1
            && config.likelihood == Likelihood::Bernoulli,
        "{}: decoder files are for fully connected decoders without labels, of grey pixels with Bernoulli likelihood",
        card.name
    );
    let parameters = read_named(weights, config)?;
    let values = |name: &str| {
        let found = parameters.iter().find(|parameter| parameter.name == name);
        found
            .map(|parameter| parameter.values.clone())
            .context("a tensor is missing")
    };
    let names = (0..config.decoder_hidden.len()).map(|index| format!("decoder.layers.{index}"));
    let layers = names.chain(["decoder.output".to_owned()]).map(|name| {
        let (weight, bias) = (
            values(&format!("{name}.weight"))?,
            values(&format!("{name}.bias"))?,
        );
        Ok(IntegerLayer::new(&weight, bias))
    });
    let image = [card.data.image.height, card.data.image.width].map(|size| size as u16);
    Ok(DecoderFile::new(
        config.activation,
        image,
        layers.collect::<Result<_>>()?,
    )?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;
    use decoder::{Decoder, grey};
    use futures_lite::future::block_on;
    use std::path::Path;
    use vae::{InferenceModel, weights};

    /// The largest difference between grey values, of 255.
    const TOLERANCE: u8 = 2;

    fn folder() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../weights")
    }

    /// The names of the models with a decoder file.
    fn names() -> Vec<String> {
        let files = fs::read_dir(folder()).expect("a folder");
        let paths = files.map(|file| file.expect("a file").path());
        let is_decoder = |path: &PathBuf| {
            path.extension()
                .is_some_and(|extension| extension == "decoder")
        };
        let name = |path: PathBuf| {
            path.file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned()
        };
        paths.filter(is_decoder).map(name).collect()
    }

    fn model(name: &str) -> (Card, Vec<u8>) {
        let read = |extension: &str| {
            fs::read(folder().join(format!("{name}.{extension}"))).expect("a file")
        };
        let card = Card::from_json(&String::from_utf8_lossy(&read("json"))).expect("a card");
        (card, read("safetensors"))
    }

    /// z on a grid over the range of the sliders for two dimensions; for more, in all directions, of lengths that
    /// p(z) gives and of longer ones.
    fn latent_vectors(size: usize) -> Vec<Vec<f32>> {
        if size == 2 {
            let steps = -30..=30_i16;
            let grid = steps
                .clone()
                .flat_map(|x| steps.clone().map(move |y| [x, y]));
            return grid
                .map(|at| at.map(|at| f32::from(at) / 10.0).to_vec())
                .collect();
        }
        let component = |row: usize, i: usize| {
            // Between −1 and 1, without a pattern.
            let sine = ((row * 31 + i * 17) as f32 * 12.9898).sin() * 43_758.547;
            2.0 * (sine - sine.floor()) - 1.0
        };
        let row = |row: usize| {
            let spread = [0.5, 1.7, 3.0][row % 3];
            (0..size).map(|i| spread * component(row, i)).collect()
        };
        (0..600).map(row).collect()
    }

    #[test]
    fn decoder_files_are_those_of_the_included_weights() {
        assert!(names().contains(&"mnist-2d".to_owned()), "{:?}", names());
        for name in names() {
            let (card, weights) = model(&name);
            let expected = decoder_file(&card, &weights).expect("a decoder").write();
            let found = fs::read(folder().join(format!("{name}.decoder"))).expect("a file");
            assert!(
                found == expected,
                "{name}: run `cargo run --release -p trainer -- decoders {name}`"
            );
        }
    }

    #[test]
    fn decoder_files_draw_the_pixels_of_the_full_models() {
        for name in names() {
            let (card, bytes) = model(&name);
            let full = weights::load(&card, &bytes, &Device::flex()).expect("valid");
            let full = InferenceModel::new(full);
            let small = fs::read(folder().join(format!("{name}.decoder"))).expect("a file");
            let small = Decoder::new(&DecoderFile::read(&small).expect("valid"));
            let mut largest = 0;
            for z in latent_vectors(card.architecture.latent_size) {
                let found = small.decode(&z).expect("z has the size of the model");
                let means = block_on(full.decode(z.clone(), &[])).expect("computes");
                let expected = means.into_iter().map(grey);
                let difference = found.into_iter().zip(expected).map(|(a, b)| a.abs_diff(b));
                let difference = difference.max().unwrap_or_default();
                assert!(difference <= TOLERANCE, "{name} at {z:?}: {difference}");
                largest = largest.max(difference);
            }
            println!("{name}: at most {largest} of 255");
        }
    }

    #[test]
    fn decoder_file_rejects_models_that_it_cannot_describe() {
        for name in ["emoji-32d", "letters-2d", "mnist-conditional"] {
            let (card, weights) = model(name);
            assert!(decoder_file(&card, &weights).is_err(), "{name}");
        }
    }
}
