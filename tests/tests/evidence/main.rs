//! Estimates of log p(x) on MNIST digits with included weights: the bounds are ordered as in theory, and quadrature,
//! importance sampling and sampling from the prior agree.

mod gap_split;

use anyhow::{Context, Result, ensure};
use burn::tensor::{Device, read_sync};
use estimate::{LogSum, mean_and_error};
use flate2::read::GzDecoder;
use rand::{SeedableRng as _, rngs::StdRng};
use std::{f64::consts::TAU, fs::File, io::Read as _};
use tests::native_decode::model_in;
use vae::{
    Noise, Vae,
    evidence::{Exact, GridPass, LatentGrid, LogWeights, log_likelihood},
    train::binarize,
};

const MODEL: &str = "mnist-binary-2d";
const PIXELS: usize = 28 * 28;
const SEED: u64 = 1;
const SAMPLE_COUNTS: [usize; 4] = [1, 5, 50, 500];

fn root() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The first `count` (at most 200) test digits, binarized with the seed.
fn digits(count: usize) -> Result<Vec<Vec<f32>>> {
    let path = root().join("tests/fixtures/t10k-200-images-idx3-ubyte.gz");
    let file = File::open(&path).with_context(|| path.display().to_string())?;
    let mut bytes = Vec::new();
    GzDecoder::new(file).read_to_end(&mut bytes)?;
    let pixels = bytes.get(16..).context("an IDX file of images")?;
    let mut rng = StdRng::seed_from_u64(SEED);
    let images = pixels.chunks_exact(PIXELS).take(count).map(|image| {
        let mut pixels: Vec<f32> = image.iter().map(|&grey| f32::from(grey) / 255.0).collect();
        binarize(&mut pixels, &mut rng);
        pixels
    });
    Ok(images.collect())
}

fn model() -> Result<Vae> {
    model_in(&root().join("weights"), MODEL, &Device::flex())
}

fn pass(model: &Vae, side: usize) -> Result<GridPass> {
    let grid = LatentGrid::new(side, LatentGrid::REACH)?;
    let mut pass = GridPass::new(model, grid, &Device::flex())?;
    while !pass.is_done() {
        read_sync(pass.advance(model, &[]))?;
    }
    Ok(pass)
}

/// log p(x) by adaptive quadrature, to a thousandth of a nat.
fn refined(model: &Vae, pass: &GridPass, x: &[f32]) -> Result<Exact> {
    let mut exact = read_sync(pass.exact(x))?;
    for _ in 0..12 {
        if exact.error < 1e-3 {
            break;
        }
        read_sync(exact.refine(model, x, &[], None, &Device::flex()))?;
    }
    ensure!(exact.error < 1e-3, "the error may be {}", exact.error);
    Ok(exact)
}

fn weights(model: &Vae, x: &[f32], image: usize, prior: Option<usize>) -> Result<LogWeights> {
    let device = Device::flex();
    let mut noise = Noise::seeded(SEED, image as u64);
    let found = match prior {
        Some(n) => read_sync(LogWeights::from_prior(
            model,
            x,
            &[],
            n,
            &mut noise,
            &device,
        )),
        None => read_sync(LogWeights::from_posterior(
            model,
            x,
            &[],
            SAMPLE_COUNTS[3],
            &mut noise,
            &device,
        )),
    };
    Ok(found?)
}

#[test]
fn bound_rises_with_k_and_stays_below_the_exact_value() -> Result<()> {
    let model = model()?;
    let grid = pass(&model, 64)?;
    let mut differences: Vec<Vec<f64>> = vec![Vec::new(); SAMPLE_COUNTS.len()];
    for (image, x) in digits(200)?.iter().enumerate() {
        let weights = weights(&model, x, image, None)?;
        let exact = refined(&model, &grid, x)?.log_evidence;
        let mut bounds = Vec::new();
        for k in SAMPLE_COUNTS {
            bounds.push(weights.bound(k)?.value);
        }
        bounds.push(exact);
        for (difference, pair) in differences.iter_mut().zip(bounds.windows(2)) {
            difference.push(pair[1] - pair[0]);
        }
    }
    for (k, values) in SAMPLE_COUNTS.iter().zip(&differences) {
        let (rise, error) = mean_and_error(values);
        println!("next bound − L_{k}: {rise:.3} ± {error:.3} nats");
        ensure!(rise > -2.0 * error, "L_{k} is above the next bound");
    }
    // The ELBO is not tight in two dimensions.
    ensure!(mean_and_error(&differences[0]).0 > 0.1);
    Ok(())
}

#[test]
fn prior_samples_agree_with_the_exact_value() -> Result<()> {
    let model = model()?;
    let grid = pass(&model, 64)?;
    let mut compared = 0;
    for (image, x) in digits(5)?.iter().enumerate() {
        let exact = refined(&model, &grid, x)?.log_evidence;
        let mut naive = LogSum::default();
        for batch in 0..20 {
            let some = weights(&model, x, 1000 * image + batch, Some(5_000))?;
            some.logs().iter().for_each(|&log| naive.add(log));
        }
        let (value, error) = (naive.log_mean(), naive.standard_error());
        let effective = naive.effective_sample_size();
        println!("{value:.3} ± {error:.3} by {effective:.0} effective samples, {exact:.3} exact");
        // With fewer effective samples, the standard error is unreliable.
        if effective > 20.0 {
            compared += 1;
            ensure!((value - exact).abs() < 4.0 * error, "{value} and {exact}");
        }
    }
    ensure!(
        compared >= 3,
        "only {compared} digits have enough effective samples"
    );
    Ok(())
}

/// log p(x) by a uniform lattice over a rectangle, with the spacing of 3000² cells on [−6, 6]²: the narrowest
/// posteriors are narrower than a cell of a 1000² lattice.
fn on_a_lattice(model: &Vae, x: &[f32], low: [f64; 2], high: [f64; 2]) -> Result<f64> {
    const STEP: f64 = 12.0 / 3000.0;
    let count = [0, 1].map(|i| ((high[i] - low[i]) / STEP).ceil() as usize);
    let points = (0..count[0] * count[1]).map(|at| {
        let at = [at % count[0], at / count[0]];
        [0, 1].map(|i| low[i] + (at[i] as f64 + 0.5) * STEP)
    });
    let points: Vec<[f64; 2]> = points.collect();
    let device = Device::flex();
    let mut sum = LogSum::default();
    for points in points.chunks(4_000) {
        let z = points.iter().flatten().map(|&z| z as f32).collect();
        let logs = read_sync(log_likelihood(model, x, &[], z, &device))?;
        for (log, z) in logs.iter().zip(points) {
            let log_prior = -0.5 * (z[0] * z[0] + z[1] * z[1]) - TAU.ln();
            sum.add(log + log_prior);
        }
    }
    Ok(sum.log_mean() + (points.len() as f64).ln() + 2.0 * STEP.ln())
}

#[test]
fn adaptive_quadrature_agrees_with_a_fine_lattice() -> Result<()> {
    let model = model()?;
    let grid = pass(&model, 64)?;
    for x in digits(12)? {
        let exact = refined(&model, &grid, &x)?;
        // Only the part with posterior mass: the full lattice would need nine million decoder evaluations per digit.
        let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
        for (cell, log) in exact.posterior() {
            if log + cell.log_area() > 1e-7_f64.ln() {
                for i in 0..2 {
                    low[i] = low[i].min(cell.z[i] - cell.width / 2.0);
                    high[i] = high[i].max(cell.z[i] + cell.width / 2.0);
                }
            }
        }
        let lattice = on_a_lattice(&model, &x, low, high)?;
        let adaptive = exact.log_evidence;
        println!("{adaptive:.4} by adaptive quadrature, {lattice:.4} on a lattice");
        ensure!(
            (adaptive - lattice).abs() < 0.02,
            "{adaptive} and {lattice}"
        );
    }
    Ok(())
}
