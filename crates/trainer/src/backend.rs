//! What computes: the CPU, or a GPU by way of wgpu (Vulkan, Metal, DirectX 12).

use anyhow::Result;
use burn::tensor::Device;

/// A backend of the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(crate) enum Backend {
    /// The CPU, with this workspace's kernels.
    #[default]
    Flex,
    /// A GPU. Needs a build with the feature `wgpu`.
    Wgpu,
}

impl Backend {
    /// Opens the device. Call it once in a process: burn opens a GPU only once.
    ///
    /// # Errors
    /// If the program was built without the backend, or there is no adapter; the message says what to do.
    pub(crate) fn open(self) -> Result<Device> {
        match self {
            Self::Flex => Ok(Device::flex()),
            Self::Wgpu => gpu(),
        }
    }
}

#[cfg(not(feature = "wgpu"))]
fn gpu() -> Result<Device> {
    anyhow::bail!(
        "this program was built without wgpu; build it with `cargo run --release -p trainer --features wgpu -- …`"
    )
}

#[cfg(feature = "wgpu")]
fn gpu() -> Result<Device> {
    use burn::tensor::read_sync;
    let opened = read_sync(Device::wgpu_options().init_with_setup_async());
    let (device, setup) = opened.map_err(|error| {
        anyhow::anyhow!(
            "there is no GPU that wgpu can use ({error}); it needs a driver of Vulkan, Metal or DirectX 12. Train with \
             --backend flex"
        )
    })?;
    let info = setup.adapter.get_info();
    eprintln!("wgpu: {} ({:?})", info.name, info.backend);
    Ok(device)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Without the feature, or without an adapter, the message says what to do.
    #[cfg(not(feature = "wgpu"))]
    #[test]
    fn open_of_a_backend_that_is_not_built_says_how_to_build_it() {
        let error = Backend::Wgpu.open().expect_err("not built");
        assert!(error.to_string().contains("--features wgpu"), "{error}");
        assert!(Backend::Flex.open().is_ok());
    }

    /// −ELBO of the first steps agrees with that of the CPU: noise and initial weights are the same, and only the order of
    /// sums differs.
    #[cfg(feature = "wgpu")]
    #[test]
    fn training_on_wgpu_agrees_with_the_cpu() {
        use crate::model_io;
        use burn::tensor::read_sync;
        use vae::{
            ImageShape, Likelihood, Vae, VaeConfig,
            train::{TrainingImages, TrainingRun, TrainingSpec},
        };
        const STEPS: usize = 25;
        let losses = |device: &Device| -> Vec<f64> {
            let image = ImageShape::grey(12, 12);
            let config =
                VaeConfig::symmetric(image.values(), vec![32, 16], 2, Likelihood::Bernoulli);
            let model = Vae::init(&config, 1, device).expect("valid");
            let model = model.with_kernel_path(model_io::kernel_path(&config));
            let spec = TrainingSpec {
                batch: 16,
                learning_rate: 1e-2,
                ramp_steps: 1,
                ..TrainingSpec::default()
            };
            let mut run = TrainingRun::new(spec, &model, device).expect("valid");
            // Light above, dark below, with noise.
            let pixels = (0..48 * image.values()).map(|i| {
                let is_above = i % image.values() < image.values() / 2;
                (i * i % 31) as u8 + if is_above { 220 } else { 0 }
            });
            let mut images = TrainingImages::new(image, pixels.collect());
            let steps = (0..STEPS).map(|_| {
                let report = read_sync(run.step(&mut images, 0.0));
                report.expect("trains").elbo.neg_elbo()
            });
            steps.collect()
        };
        let gpu = match Backend::Wgpu.open() {
            Ok(gpu) => gpu,
            Err(error) => {
                println!("SKIPPED: {error:#}");
                assert!(
                    std::env::var_os("CI").is_none(),
                    "CI requires an adapter: {error:#}"
                );
                assert!(error.to_string().contains("--backend flex"));
                return;
            }
        };
        let (found, expected) = (losses(&gpu), losses(&Device::flex()));
        assert!(expected[STEPS - 1] < 0.95 * expected[0], "{expected:?}");
        for (step, (found, expected)) in found.iter().zip(&expected).enumerate() {
            let off = (found - expected).abs() / expected.abs();
            assert!(off < 2e-3, "step {step}: {found}, not {expected}");
        }
    }
}
