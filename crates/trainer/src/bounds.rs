//! `trainer evaluate --bounds`: the gap between the ELBO and log p(x), by importance-weighted bounds and, for two
//! latent dimensions, by quadrature.

use anyhow::{Context, Result};
use burn::tensor::{Device, read_sync};
use indicatif::{ProgressBar, ProgressStyle};
use serde::{Deserialize, Serialize};
use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};
use vae::{
    Noise, Vae,
    evidence::{Exact, GridPass, LatentGrid, LogWeights},
};

/// Values of K between that of the ELBO, 1, and the largest.
const INTERMEDIATE_K: [usize; 3] = [5, 50, 500];

/// Tolerated quadrature error, in nats.
const MAX_QUADRATURE_ERROR: f64 = 1e-3;
/// Largest number of refinements. After eight, a cell's width is 1/256 of the initial one, smaller than any q(z|x).
const MAX_REFINEMENTS: usize = 8;

/// Which bounds to compute, and on how many images.
#[derive(Debug, Clone, clap::Args)]
#[group(skip)]
pub(crate) struct Args {
    /// Also computes importance-weighted bounds, and log p(x) itself if the model has two latent dimensions, on this
    /// many images of t10k, chosen by the seed. Results are cached in target/bounds.
    #[arg(long, value_name = "IMAGES")]
    bounds: Option<usize>,
    /// The largest K of the importance-weighted bounds.
    #[arg(long, default_value_t = 5000)]
    importance: usize,
    /// Cells along each side of the quadrature grid on [−6, 6]². For each image, cells near the posterior are
    /// subdivided until the result changes by less than a thousandth of a nat.
    #[arg(long, default_value_t = 64)]
    grid: usize,
}

/// The results for one image, in nats.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct ImageBounds {
    image: usize,
    /// L_K for each K (Burda et al. 2015, Equation 8).
    bounds: Vec<f64>,
    /// Effective sample size of all importance weights; a number, not in nats.
    effective: f64,
    /// log p(x) by quadrature, and its error estimate.
    exact: Option<(f64, f64)>,
}

/// The model and the images.
pub(crate) struct Subject<'a> {
    /// Name and digest of the weights, which identify cached results.
    pub(crate) name: &'a str,
    pub(crate) sha256: &'a str,
    pub(crate) model: &'a Vae,
    /// The model's input, `[n, pixels]`.
    pub(crate) pixels: &'a [f32],
    pub(crate) seed: u64,
}

/// Computes the requested bounds and prints them.
pub(crate) fn print(args: &Args, subject: &Subject<'_>, device: &Device) -> Result<()> {
    let Some(count) = args.bounds else {
        return Ok(());
    };
    if subject.model.classes() > 0 {
        println!("bounds of log p(x) are only available for unconditional models");
        return Ok(());
    }
    let bounds = compute(args, count, subject, device)?;
    report(&bounds.results, &bounds.ks, args, subject.seed);
    Ok(())
}

/// A mean in nats per image, and its standard error.
pub(crate) type Mean = (f64, f64);

/// Bounds of log p(x) of some images.
pub(crate) struct Bounds {
    results: Vec<ImageBounds>,
    ks: Vec<usize>,
}

impl Bounds {
    /// −log p(x), if the model has two latent dimensions.
    pub(crate) fn exact(&self) -> Option<Mean> {
        let values = self.results.iter().filter_map(|result| result.exact);
        let values: Vec<f64> = values.map(|(log_p, _)| -log_p).collect();
        (!values.is_empty()).then(|| mean_and_error(values.iter().copied()))
    }

    /// −L_K of the largest K, and K.
    pub(crate) fn tightest(&self) -> Option<(usize, Mean)> {
        let k = *self.ks.last()?;
        let values = self
            .results
            .iter()
            .filter_map(|result| result.bounds.last());
        Some((k, mean_and_error(values.map(|bound| -bound))))
    }
}

/// The settings of a table: all images that there are, or `images` of them, and L₅₀₀₀.
pub(crate) fn table_settings(images: Option<usize>) -> Args {
    Args {
        bounds: images,
        importance: 5000,
        grid: 64,
    }
}

/// Bounds of `count` images. Cached results are read, new ones are added to them.
pub(crate) fn compute(
    args: &Args,
    count: usize,
    subject: &Subject<'_>,
    device: &Device,
) -> Result<Bounds> {
    let each = subject.model.input_size();
    let all = subject.pixels.len() / each;
    let chosen = random_subset(all, count, subject.seed);
    let ks = k_values(args.importance);
    let grid = (subject.model.latent_size() == 2)
        .then(|| grid_pass(subject.model, args.grid, device))
        .transpose()?;
    let path = results_file(args, subject);
    let mut done = read_results(&path)?;
    let mut file = fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .with_context(|| format!("can't write {}", path.display()))?;
    let bar = ProgressBar::new(chosen.len() as u64).with_style(ProgressStyle::with_template(
        "{bar:30} {pos}/{len} images, {eta} left",
    )?);
    let mut results = Vec::new();
    for &image in &chosen {
        let of_image = match done.iter().position(|result| result.image == image) {
            Some(at) => done.swap_remove(at),
            None => {
                let x = &subject.pixels[image * each..(image + 1) * each];
                let found = measure(subject, image, x, &ks, grid.as_ref(), device)?;
                writeln!(file, "{}", serde_json::to_string(&found)?)?;
                found
            }
        };
        results.push(of_image);
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(Bounds { results, ks })
}

/// The values of K up to the largest; the first is that of the ELBO, 1.
fn k_values(largest: usize) -> Vec<usize> {
    let between = INTERMEDIATE_K.into_iter().filter(|&k| k < largest);
    let mut ks: Vec<usize> = [1].into_iter().chain(between).collect();
    if largest > 1 {
        ks.push(largest);
    }
    ks
}

/// `count` distinct indices below `all`, chosen by the seed, in ascending order.
fn random_subset(all: usize, count: usize, seed: u64) -> Vec<usize> {
    let mut noise = Noise::seeded(seed, 0);
    let mut keyed: Vec<(f32, usize)> = noise.values(all).into_iter().zip(0..).collect();
    keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut chosen: Vec<usize> = keyed.into_iter().take(count).map(|(_, i)| i).collect();
    chosen.sort_unstable();
    chosen
}

fn grid_pass(model: &Vae, side: usize, device: &Device) -> Result<GridPass> {
    let grid = LatentGrid::new(side, LatentGrid::REACH)?;
    let mut pass = GridPass::new(model, grid, device)?;
    while !pass.is_done() {
        read_sync(pass.advance(model, &[]))?;
    }
    Ok(pass)
}

fn measure(
    subject: &Subject<'_>,
    image: usize,
    x: &[f32],
    ks: &[usize],
    grid: Option<&GridPass>,
    device: &Device,
) -> Result<ImageBounds> {
    // Each image has its own random stream, so its result does not depend on the other images.
    let mut noise = Noise::seeded(subject.seed, 1 + image as u64);
    let most = ks.last().copied().unwrap_or(1);
    let weights = LogWeights::from_posterior(subject.model, x, &[], most, &mut noise, device);
    let weights = read_sync(weights)?;
    let bounds = ks.iter().map(|&k| Ok(weights.bound(k)?.value));
    let exact = grid
        .map(|grid| quadrature(subject.model, grid, x, device))
        .transpose()?;
    Ok(ImageBounds {
        image,
        bounds: bounds.collect::<Result<_>>()?,
        effective: weights.all().effective_sample_size(),
        exact: exact.map(|exact| (exact.log_evidence, exact.error)),
    })
}

/// Refines the grid's cells until the error is small enough, or the maximum number of refinements is reached.
fn quadrature(model: &Vae, grid: &GridPass, x: &[f32], device: &Device) -> Result<Exact> {
    let mut exact = read_sync(grid.exact(x))?;
    for _ in 0..MAX_REFINEMENTS {
        if exact.error < MAX_QUADRATURE_ERROR {
            break;
        }
        read_sync(exact.refine(model, x, &[], None, device))?;
    }
    Ok(exact)
}

fn report(results: &[ImageBounds], ks: &[usize], args: &Args, seed: u64) {
    let count = results.len();
    println!("bounds on {count} images of t10k, seed {seed}, in nats:");
    for (i, k) in ks.iter().enumerate() {
        let (mean, error) = mean_and_error(results.iter().map(|result| -result.bounds[i]));
        let name = match k {
            1 => "−ELBO, by sampling".to_owned(),
            k => format!("−L_K, K = {k}"),
        };
        println!("  {name:<20} {mean:8.3} ± {error:.3}");
    }
    let effective = results.iter().map(|result| result.effective);
    let (mean, _) = mean_and_error(effective);
    println!(
        "  effective sample size of {}: {mean:.1} on average",
        args.importance
    );
    let exact: Vec<_> = results.iter().filter_map(|result| result.exact).collect();
    if exact.is_empty() {
        return;
    }
    let (mean, error) = mean_and_error(exact.iter().map(|(log_p, _)| -log_p));
    let stated = exact.iter().map(|(_, error)| *error).fold(0.0, f64::max);
    println!("  −log p(x), exact     {mean:8.3} ± {error:.3}");
    println!(
        "    by adaptive quadrature from {0}×{0} cells, estimated error per image below {stated:.4}",
        args.grid
    );
    let gaps = results
        .iter()
        .filter_map(|result| Some(result.exact?.0 - result.bounds[0]));
    let (gap, error) = mean_and_error(gaps);
    println!("  KL(q(z|x) ‖ p(z|x))  {gap:8.3} ± {error:.3}, the gap of the ELBO");
}

/// The mean and its standard error.
fn mean_and_error(values: impl Iterator<Item = f64> + Clone) -> Mean {
    let n = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / n;
    let squares: f64 = values.map(|value| (value - mean).powi(2)).sum();
    (mean, (squares / (n - 1.0) / n).sqrt())
}

/// The file with cached results of these weights and settings.
fn results_file(args: &Args, subject: &Subject<'_>) -> PathBuf {
    let digest = subject.sha256.get(..12).unwrap_or(subject.sha256);
    crate::folders::target().join("bounds").join(format!(
        "{}-{digest}-k{}-g{}-s{}.jsonl",
        subject.name, args.importance, args.grid, subject.seed
    ))
}

/// Cached results; an incomplete last line is dropped.
fn read_results(path: &Path) -> Result<Vec<ImageBounds>> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("can't create {}", folder.display()))?;
    }
    if !path.exists() {
        return Ok(Vec::new());
    }
    let text =
        fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))?;
    let whole: Vec<&str> = text
        .lines()
        .filter(|line| serde_json::from_str::<ImageBounds>(line).is_ok())
        .collect();
    // Without the incomplete line, so that the next result starts on a line of its own.
    fs::write(
        path,
        whole
            .iter()
            .map(|line| format!("{line}\n"))
            .collect::<String>(),
    )?;
    whole
        .into_iter()
        .map(|line| Ok(serde_json::from_str(line)?))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn k_values_end_with_the_largest() {
        assert_eq!(k_values(5000), [1, 5, 50, 500, 5000]);
        assert_eq!(k_values(50), [1, 5, 50]);
        assert_eq!(k_values(1), [1]);
    }

    #[test]
    fn random_subset_is_deterministic_and_has_no_duplicates() {
        let first = random_subset(1000, 200, 3);
        assert_eq!(first, random_subset(1000, 200, 3));
        assert_ne!(first, random_subset(1000, 200, 4));
        assert!(first.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!((first.len(), random_subset(10, 200, 3).len()), (200, 10));
    }

    #[test]
    fn read_results_drops_an_incomplete_last_line() {
        let path = std::env::temp_dir().join(format!("elbo-bounds-{}.jsonl", std::process::id()));
        let result = |image| ImageBounds {
            image,
            bounds: vec![-100.5, -99.25],
            effective: 3.5,
            exact: Some((-98.0, 0.001)),
        };
        let line = |image| serde_json::to_string(&result(image)).expect("plain data");
        fs::write(&path, format!("{}\n{}\n{{\"image\":9,", line(3), line(7))).expect("writes");
        let read = read_results(&path).expect("reads");
        assert_eq!(read, [result(3), result(7)]);
        let text = fs::read_to_string(&path).expect("exists");
        fs::remove_file(&path).expect("deletes");
        assert_eq!(text, format!("{}\n{}\n", line(3), line(7)));
    }
}
