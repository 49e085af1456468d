//! `trainer evaluate --bounds`: how near the ELBO is to log p(x), by importance weights and, for two latent
//! dimensions, exactly.

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

/// K of the bounds between the ELBO and the largest.
const LADDER: [usize; 3] = [5, 50, 500];

/// An exact value may be so far off, in nats.
const ERROR: f64 = 1e-3;
/// Cells of a 256th of the width are smaller than any q(z|x).
const MOST_DIVISIONS: usize = 8;

/// What is to be measured on how many images.
#[derive(Debug, Clone, clap::Args)]
#[group(skip)]
pub(crate) struct Args {
    /// Measures importance-weighted bounds, too, and log p(x) itself where the model has two dimensions: on
    /// so many images of t10k, chosen by the seed. What is done is kept in target/bounds, and not done again.
    #[arg(long, value_name = "IMAGES")]
    bounds: Option<usize>,
    /// The largest K of the importance-weighted bounds.
    #[arg(long, default_value_t = 5000)]
    importance: usize,
    /// Cells along a side of the grid for the exact value, on [−6, 6]². They are divided, image by image,
    /// where the posterior lies, until that changes less than a thousandth of a nat.
    #[arg(long, default_value_t = 64)]
    grid: usize,
}

/// What is known of one image, in nats.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct OfImage {
    image: usize,
    /// L_K for each K of the ladder.
    bounds: Vec<f64>,
    /// Effective sample size of all importance weights.
    effective: f64,
    /// log p(x) by quadrature, and the error that it states.
    exact: Option<(f64, f64)>,
}

/// What is measured on what.
pub(crate) struct Subject<'a> {
    /// Name and digest of the weights: results of others are not taken for its own.
    pub(crate) name: &'a str,
    pub(crate) sha256: &'a str,
    pub(crate) model: &'a Vae,
    /// `[n × pixels]`, as the model takes them.
    pub(crate) pixels: &'a [f32],
    pub(crate) seed: u64,
}

/// Measures what is asked for, and prints it.
pub(crate) fn print(args: &Args, subject: &Subject<'_>, device: &Device) -> Result<()> {
    let Some(count) = args.bounds else {
        return Ok(());
    };
    if subject.model.classes() > 0 {
        println!("bounds of log p(x) are for models that are not told the label");
        return Ok(());
    }
    let each = subject.model.input_size();
    let all = subject.pixels.len() / each;
    let chosen = chosen(all, count, subject.seed);
    let ladder = ladder(args.importance);
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
                let found = measure(subject, image, x, &ladder, grid.as_ref(), device)?;
                writeln!(file, "{}", serde_json::to_string(&found)?)?;
                found
            }
        };
        results.push(of_image);
        bar.inc(1);
    }
    bar.finish_and_clear();
    report(&results, &ladder, args, subject.seed);
    Ok(())
}

/// The ladder of K up to the largest, the ELBO's 1 first.
fn ladder(largest: usize) -> Vec<usize> {
    let between = LADDER.into_iter().filter(|&k| k < largest);
    let mut ladder: Vec<usize> = [1].into_iter().chain(between).collect();
    if largest > 1 {
        ladder.push(largest);
    }
    ladder
}

/// So many different ones of `all`, by the seed, in rising order.
fn chosen(all: usize, count: usize, seed: u64) -> Vec<usize> {
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
    ladder: &[usize],
    grid: Option<&GridPass>,
    device: &Device,
) -> Result<OfImage> {
    // Each image has a stream of its own, whichever are measured beside it.
    let mut noise = Noise::seeded(subject.seed, 1 + image as u64);
    let most = ladder.last().copied().unwrap_or(1);
    let weights = LogWeights::from_posterior(subject.model, x, &[], most, &mut noise, device);
    let weights = read_sync(weights)?;
    let bounds = ladder.iter().map(|&k| Ok(weights.bound(k)?.value));
    let exact = grid
        .map(|grid| exactly(subject.model, grid, x, device))
        .transpose()?;
    Ok(OfImage {
        image,
        bounds: bounds.collect::<Result<_>>()?,
        effective: weights.all().effective_sample_size(),
        exact: exact.map(|exact| (exact.log_evidence, exact.error)),
    })
}

/// Divides the grid's cells until the error is small, or there is no getting nearer.
fn exactly(model: &Vae, grid: &GridPass, x: &[f32], device: &Device) -> Result<Exact> {
    let mut exact = read_sync(grid.exact(x))?;
    for _ in 0..MOST_DIVISIONS {
        if exact.error < ERROR {
            break;
        }
        read_sync(exact.refine(model, x, &[], None, device))?;
    }
    Ok(exact)
}

fn report(results: &[OfImage], ladder: &[usize], args: &Args, seed: u64) {
    let count = results.len();
    println!("bounds on {count} images of t10k, seed {seed}, in nats:");
    for (i, k) in ladder.iter().enumerate() {
        let (mean, error) = mean_and_error(results.iter().map(|result| -result.bounds[i]));
        let name = match k {
            1 => "−ELBO, by samples".to_owned(),
            k => format!("−L_K, K = {k}"),
        };
        println!("  {name:<20} {mean:8.3} ± {error:.3}");
    }
    let effective = results.iter().map(|result| result.effective);
    let (mean, _) = mean_and_error(effective);
    println!(
        "  effective sample size of {}: {mean:.1} in the mean",
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
        "    by {0}×{0} cells and divisions of them, off by less than {stated:.4} for each image",
        args.grid
    );
    let gaps = results
        .iter()
        .filter_map(|result| Some(result.exact?.0 - result.bounds[0]));
    let (gap, error) = mean_and_error(gaps);
    println!("  KL(q(z|x) ‖ p(z|x))  {gap:8.3} ± {error:.3}, the gap of the ELBO");
}

/// The mean and its standard error.
fn mean_and_error(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let n = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / n;
    let squares: f64 = values.map(|value| (value - mean).powi(2)).sum();
    (mean, (squares / (n - 1.0) / n).sqrt())
}

/// Where the results of these weights and settings are kept.
fn results_file(args: &Args, subject: &Subject<'_>) -> PathBuf {
    let digest = subject.sha256.get(..12).unwrap_or(subject.sha256);
    super::train::target_dir().join("bounds").join(format!(
        "{}-{digest}-k{}-g{}-s{}.jsonl",
        subject.name, args.importance, args.grid, subject.seed
    ))
}

/// What an earlier run has found; a last line that it did not finish is left out.
fn read_results(path: &Path) -> Result<Vec<OfImage>> {
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
        .filter(|line| serde_json::from_str::<OfImage>(line).is_ok())
        .collect();
    // So that the next line begins where a line begins.
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
    fn the_ladder_ends_with_what_was_asked_for() {
        assert_eq!(ladder(5000), [1, 5, 50, 500, 5000]);
        assert_eq!(ladder(50), [1, 5, 50]);
        assert_eq!(ladder(1), [1]);
    }

    #[test]
    fn a_seed_chooses_the_same_images_each_once() {
        let first = chosen(1000, 200, 3);
        assert_eq!(first, chosen(1000, 200, 3));
        assert_ne!(first, chosen(1000, 200, 4));
        assert!(first.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!((first.len(), chosen(10, 200, 3).len()), (200, 10));
    }

    #[test]
    fn an_interrupted_measurement_is_read_up_to_its_last_whole_line() {
        let path = std::env::temp_dir().join(format!("elbo-bounds-{}.jsonl", std::process::id()));
        let result = |image| OfImage {
            image,
            bounds: vec![-100.5, -99.25],
            effective: 3.5,
            exact: Some((-98.0, 0.001)),
        };
        let line = |image| serde_json::to_string(&result(image)).expect("plain data");
        fs::write(&path, format!("{}\n{}\n{{\"image\":9,", line(3), line(7))).expect("writes");
        let read = read_results(&path).expect("reads");
        assert_eq!(read, [result(3), result(7)]);
        let text = fs::read_to_string(&path).expect("is there");
        fs::remove_file(&path).expect("deletes");
        assert_eq!(text, format!("{}\n{}\n", line(3), line(7)));
    }
}
