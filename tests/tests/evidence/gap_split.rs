//! The best axis-aligned Gaussian for a digit, fitted by its ELBO alone, agrees with quadrature.

use crate::{digits, model, pass};
use anyhow::{Context as _, Result, ensure};
use burn::tensor::{Device, Tensor, TensorData, read_sync};
use estimate::{Fitted, GaussianFit, PlaneGaussian};
use vae::{
    Condition, Vae,
    evidence::{Exact, PlanePosterior, log_likelihood},
};

/// Half the smallest log σ² of an encoder.
const MIN_LOG_SIGMA: f64 = -4.999;

/// Runs the search with the decoder's log p(x|z).
fn run(model: &Vae, x: &[f32], mut fit: GaussianFit) -> Result<Fitted> {
    while !fit.is_done() {
        let logs = read_sync(log_likelihood(model, x, &[], fit.points(), &Device::flex()))?;
        fit.advance(&logs);
    }
    fit.result().context("finite values")
}

fn encode(model: &Vae, x: &[f32]) -> Result<PlaneGaussian> {
    let rows = Tensor::from_data(TensorData::new(x.to_vec(), [1, x.len()]), &Device::flex());
    let q = model.encoder.forward(rows, &Condition::none());
    let pair = |tensor: Tensor<2>| -> Result<[f64; 2]> {
        let values: Vec<f64> = tensor.into_data().iter().collect();
        values.try_into().ok().context("two dimensions")
    };
    Ok(PlaneGaussian {
        mu: pair(q.mu)?,
        sigma: pair(q.log_var)?.map(|log_var| (0.5 * log_var).exp()),
    })
}

fn log_var(q: PlaneGaussian) -> [f64; 2] {
    q.sigma.map(|sigma| 2.0 * sigma.ln())
}

/// Quadrature on cells that resolve the posterior and q.
fn refined_for(model: &Vae, exact: &Exact, x: &[f32], q: PlaneGaussian) -> Result<Exact> {
    let mut exact = exact.clone();
    let plane = PlanePosterior {
        mu: q.mu,
        log_var: log_var(q),
    };
    for _ in 0..12 {
        read_sync(exact.refine(model, x, &[], Some(plane), &Device::flex()))?;
        if exact.error < 1e-3 {
            break;
        }
    }
    ensure!(exact.error < 1e-3, "the error may be {}", exact.error);
    Ok(exact)
}

#[test]
fn gaussian_fit_agrees_with_quadrature_and_splits_the_gap() -> Result<()> {
    let model = model()?;
    let grid = pass(&model, 64)?;
    let (mut sums, mut compared) = ([0.0; 3], 0);
    for x in digits(12)? {
        let q = encode(&model, &x)?;
        let coarse = read_sync(grid.exact(&x))?;
        let shifted = run(&model, &x, GaussianFit::new(q, false))?;
        let best = run(&model, &x, GaussianFit::new(shifted.q, true))?;
        let mut gaps = [0.0; 3];
        let all = [run(&model, &x, GaussianFit::evaluation(q))?, shifted, best];
        for (gap, found) in gaps.iter_mut().zip(all) {
            let exact = refined_for(&model, &coarse, &x, found.q)?;
            *gap = exact.log_evidence - found.elbo;
            let by_cells = exact.kl_from(found.q.mu, log_var(found.q));
            println!("{gap:.4} by the ELBO, {by_cells:.4} by quadrature");
            // Quadrature limits σ as the encoder does; the best Gaussian may be narrower.
            if found.q.sigma.iter().all(|sigma| sigma.ln() > MIN_LOG_SIGMA) {
                compared += 1;
                ensure!((*gap - by_cells).abs() < 0.01, "{gap} {by_cells}");
            }
        }
        // Each further freedom makes the gap smaller; the result is a maximum of the ELBO.
        let parts = [gaps[0] - gaps[1], gaps[1] - gaps[2], gaps[2]];
        println!(
            "shift {:.3}, scale {:.3}, shape {:.3}",
            parts[0], parts[1], parts[2]
        );
        ensure!(parts.iter().all(|part| *part > -2e-3), "{parts:?}");
        for i in 0..2 {
            for change in [-0.2, 0.2] {
                let (mut moved, mut scaled) = (best.q, best.q);
                moved.mu[i] += change * best.q.sigma[i];
                scaled.sigma[i] *= 1.0 + change;
                for other in [moved, scaled] {
                    let other = run(&model, &x, GaussianFit::evaluation(other))?;
                    ensure!(other.elbo < best.elbo + 1e-3, "{other:?} {best:?}");
                }
            }
        }
        (0..3).for_each(|part| sums[part] += parts[part]);
    }
    println!("over 12 digits: {sums:?}");
    ensure!(compared > 30, "only {compared} were compared");
    // Neither the encoder nor the family is perfect.
    ensure!(sums[0] > 0.01 && sums[2] > 0.1, "{sums:?}");
    Ok(())
}
