//! A model's two files: weights, and the card beside them.

use anyhow::{Context, Result};
use burn::tensor::Device;
use std::{fs, path::Path};
use vae::{
    KernelPath, Vae, VaeConfig,
    weights::{self, Card},
};

/// What computes a model natively. For fully connected layers burn's operations, which use wider SIMD registers and all
/// threads, while this project's kernels are for 128-bit SIMD on one thread, as in a browser. Convolutions are several
/// times as fast by the kernels; [`GradientThreads`](crate::gradient_threads::GradientThreads) share their batches.
pub(crate) fn kernel_path(architecture: &VaeConfig) -> KernelPath {
    match architecture.convolution {
        None => KernelPath::Reference,
        Some(_) => KernelPath::Fused,
    }
}

/// Loads the weights that belong to a card, for computing natively.
pub(crate) fn load(card: &Card, bytes: &[u8], device: &Device) -> Result<Vae> {
    Ok(weights::load(card, bytes, device)?.with_kernel_path(kernel_path(&card.architecture)))
}

/// Reads a model and its card.
pub(crate) fn read(folder: &Path, name: &str, device: &Device) -> Result<(Card, Vae)> {
    let read = |extension: &str| {
        let path = folder.join(format!("{name}.{extension}"));
        fs::read(&path).with_context(|| format!("can't read {}", path.display()))
    };
    let card = Card::from_json(&String::from_utf8_lossy(&read("json")?))?;
    let model = load(&card, &read("safetensors")?, device)?;
    Ok((card, model))
}

/// Writes weights and card, and prints the card's test results.
pub(crate) fn write(card: &Card, weights: &[u8], folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("can't create {}", folder.display()))?;
    fs::write(folder.join(format!("{}.safetensors", card.name)), weights)?;
    fs::write(folder.join(format!("{}.json", card.name)), card.to_json())?;
    if let Some(test) = &card.test {
        println!(
            "{}: −ELBO {:.3} ± {:.3} nats on t10k (reconstruction {:.3}, KL {:.3}), {} active \
             units, quantization cost {:+.4} nats, {} bytes",
            card.name,
            test.neg_elbo,
            test.standard_error,
            test.reconstruction,
            test.kl,
            test.active_units,
            test.storage_loss.unwrap_or_default(),
            weights.len()
        );
    }
    Ok(())
}
