//! Chains against moments that are known in closed form or by quadrature.

use super::*;
use crate::{
    Activation, Likelihood, Vae, VaeConfig,
    evidence::{
        GridPass, LatentGrid,
        linear_gaussian::{X, closed_form, model, now},
    },
};
use burn::tensor::Device;
use estimate::{ChainMean, geweke};

const METROPOLIS: McmcKernel = McmcKernel::Metropolis { step: 0.6 };
const HAMILTONIAN: McmcKernel = McmcKernel::Hamiltonian {
    step: 0.2,
    leapfrog_steps: 3,
};

/// A decoder with a hidden layer and weights large enough for a non-Gaussian posterior.
fn nonlinear_model(device: &Device) -> Vae {
    let config = VaeConfig {
        input_size: 9,
        convolution: None,
        network: None,
        encoder_hidden: vec![],
        decoder_hidden: vec![7],
        latent_size: 2,
        classes: 0,
        activation: Activation::Tanh,
        likelihood: Likelihood::Bernoulli,
    };
    let model = Vae::init(&config, 21, device).expect("valid");
    model.map_parameters(|weight| weight.mul_scalar(3.0), |bias| bias)
}

const BINARY_IMAGE: [f32; 9] = [1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0];

fn joint(model: &Vae, image: &[f32], device: &Device) -> LogJoint {
    LogJoint::new(model, image, &[], device).expect("fits")
}

/// Asserts that the means and covariances of a two-dimensional chain are within 4 standard errors of the expected ones,
/// and that the chain has converged.
fn assert_moments(path: &ChainPath, mean: [f64; 2], covariance: [[f64; 2]; 2]) {
    let near = |what: String, series: Vec<f64>, expected: f64| {
        let found = ChainMean::of(&series);
        let off = found.mean - expected;
        assert!(
            off.abs() < 4.0 * found.standard_error,
            "{what}: {off} {found:?}"
        );
        // The standard error is small enough for the comparison to be meaningful.
        assert!(found.effective_sample_size > 300.0, "{what}: {found:?}");
    };
    for i in 0..2 {
        let series = path.series(|z| f64::from(z[i]));
        let score = geweke(&series);
        assert!(score.abs() < 4.0, "z{i}: {score}");
        near(format!("z{i}"), series, mean[i]);
        for j in 0..2 {
            let products =
                path.series(|z| (f64::from(z[i]) - mean[i]) * (f64::from(z[j]) - mean[j]));
            near(format!("z{i} z{j}"), products, covariance[i][j]);
        }
    }
}

#[test]
fn chain_moments_agree_with_the_closed_form() {
    let device = Device::flex();
    let (_, mean, covariance) = closed_form();
    let joint = joint(&model(&device), &X, &device);
    for (kernel, transitions) in [(METROPOLIS, 8_000), (HAMILTONIAN, 1_500)] {
        let mut noise = Noise::seeded(31, 0);
        let path = now(joint.chain(&[0.5, 0.0], kernel, transitions, &mut noise)).expect("runs");
        assert_eq!(path.len(), transitions);
        assert_moments(&path, mean, covariance);
        let share = path.accepted as f64 / transitions as f64;
        match kernel {
            McmcKernel::Metropolis { .. } => {
                assert!((0.2..0.8).contains(&share), "{share}");
                assert_eq!((path.decodes, path.gradients), (transitions + 1, 0));
            }
            McmcKernel::Hamiltonian { leapfrog_steps, .. } => {
                assert!(share > 0.9, "{share}");
                let cost = leapfrog_steps * transitions + 1;
                assert_eq!((path.decodes, path.gradients), (cost, cost));
            }
        }
    }
}

#[test]
fn chain_moments_agree_with_quadrature() {
    let device = Device::flex();
    let model = nonlinear_model(&device);
    let grid = LatentGrid::new(96, LatentGrid::REACH).expect("in bounds");
    let mut pass = GridPass::new(&model, grid, &device).expect("2-D");
    while !pass.is_done() {
        now(pass.advance(&model, &[])).expect("decodes");
    }
    let truth = now(pass.exact(&BINARY_IMAGE)).expect("done");
    let joint = joint(&model, &BINARY_IMAGE, &device);
    for (kernel, transitions) in [
        (McmcKernel::Metropolis { step: 1.2 }, 8_000),
        (
            McmcKernel::Hamiltonian {
                step: 0.35,
                leapfrog_steps: 3,
            },
            1_500,
        ),
    ] {
        let mut noise = Noise::seeded(32, 0);
        let path = now(joint.chain(&[0.0, 0.0], kernel, transitions, &mut noise)).expect("runs");
        assert_moments(&path, truth.mean(), truth.covariance());
    }
}

/// For a fixed trajectory length the energy error is of order step² (Neal 2011, section 5.2.3.4): a quarter at half the
/// step.
#[test]
fn leapfrog_integrator_is_of_second_order() {
    let device = Device::flex();
    let joint = joint(&model(&device), &X, &device);
    let error = |leapfrog_steps: usize| {
        let kernel = McmcKernel::Hamiltonian {
            step: 1.6 / leapfrog_steps as f64,
            leapfrog_steps,
        };
        // The same momenta for each step size: one transition per chain.
        let errors = (0..30).map(|seed| {
            let mut noise = Noise::seeded(33, seed);
            let path = now(joint.chain(&[0.5, 0.0], kernel, 1, &mut noise)).expect("runs");
            path.log_ratios[0].abs()
        });
        errors.sum::<f64>() / 30.0
    };
    let errors = [5, 10, 20].map(error);
    for pair in errors.windows(2) {
        let ratio = pair[0] / pair[1];
        assert!((3.4..4.8).contains(&ratio), "{errors:?}");
    }
}

/// ∇ log p(x, z) of a linear-Gaussian model is Σ⁻¹(m − z), with mean m and covariance Σ of the posterior.
#[test]
fn log_joint_gradient_agrees_with_the_closed_form() {
    let device = Device::flex();
    let (_, mean, s) = closed_form();
    let joint = joint(&model(&device), &X, &device);
    let z = [[0.5, -1.0], [2.0, 0.25], [0.0, 0.0]];
    let flat: Vec<f32> = z.iter().flatten().map(|&z| z as f32).collect();
    let results = now(joint.log_joint_with_gradient(&flat)).expect("decodes");
    let logs = now(joint.log_joint(&flat)).expect("decodes");
    let det = s[0][0] * s[1][1] - s[0][1] * s[1][0];
    for (row, z) in z.iter().enumerate() {
        let off = [mean[0] - z[0], mean[1] - z[1]];
        let expected = [
            (s[1][1] * off[0] - s[0][1] * off[1]) / det,
            (s[0][0] * off[1] - s[1][0] * off[0]) / det,
        ];
        for (found, expected) in results[row].gradient.iter().zip(expected) {
            let bound = 1e-4 * (1.0 + expected.abs());
            assert!((found - expected).abs() < bound, "{found} {expected}");
        }
        assert!((results[row].value - logs[row]).abs() < 1e-4);
    }
}

#[test]
fn chain_is_deterministic_and_continues_across_calls() {
    let device = Device::flex();
    let joint = joint(&nonlinear_model(&device), &BINARY_IMAGE, &device);
    for kernel in [METROPOLIS, HAMILTONIAN] {
        let run = |from: &[f32], transitions, noise: &mut Noise| {
            now(joint.chain(from, kernel, transitions, noise)).expect("runs")
        };
        let start = [0.25, -0.5];
        let whole = run(&start, 60, &mut Noise::seeded(34, 0));
        assert_eq!(whole, run(&start, 60, &mut Noise::seeded(34, 0)));
        assert_ne!(whole, run(&start, 60, &mut Noise::seeded(35, 0)));
        let mut noise = Noise::seeded(34, 0);
        let first = run(&start, 25, &mut noise);
        let last = first.rows().last().expect("25 of them");
        let second = run(last, 35, &mut noise);
        assert_eq!([first.z, second.z].concat(), whole.z);
        assert_eq!(
            [first.log_joint, second.log_joint].concat(),
            whole.log_joint
        );
        assert_eq!(first.accepted + second.accepted, whole.accepted);
    }
}

#[test]
fn chain_runs_for_every_likelihood_and_condition() {
    let device = Device::flex();
    for (likelihood, classes) in Likelihood::of_each_kind(0.3)
        .into_iter()
        .zip([3, 0, 2].into_iter().cycle())
    {
        let config = VaeConfig {
            input_size: 6,
            convolution: None,
            network: None,
            encoder_hidden: vec![],
            decoder_hidden: vec![5],
            latent_size: 4,
            classes,
            activation: Activation::Gelu,
            likelihood,
        };
        let model = Vae::init(&config, 22, &device).expect("valid");
        let mut weights = vec![0.0; classes];
        weights.iter_mut().take(1).for_each(|weight| *weight = 1.0);
        let image = [0.1, 0.9, 0.5, 0.0, 1.0, 0.3];
        let joint = LogJoint::new(&model, &image, &weights, &device).expect("fits");
        for kernel in [METROPOLIS, HAMILTONIAN] {
            let mut noise = Noise::seeded(36, 0);
            let path = now(joint.chain(&[0.0; 4], kernel, 40, &mut noise)).expect("runs");
            assert!(path.accepted > 10, "{likelihood}: {}", path.accepted);
            assert_eq!(path.z.len(), 160);
            let last = path.rows().last().expect("40 of them");
            let log = now(joint.log_joint(last)).expect("decodes")[0];
            assert!((log - path.log_joint[39]).abs() < 1e-4, "{likelihood}");
        }
    }
}

/// Proposals so far away that the energy overflows leave the chain unchanged.
#[test]
fn chain_rejects_divergent_proposals() {
    let device = Device::flex();
    let joint = joint(&model(&device), &X, &device);
    for kernel in [
        McmcKernel::Metropolis { step: 1e38 },
        McmcKernel::Hamiltonian {
            step: 1e30,
            leapfrog_steps: 5,
        },
    ] {
        let mut noise = Noise::seeded(37, 0);
        let path = now(joint.chain(&[0.5, 0.0], kernel, 20, &mut noise)).expect("runs");
        assert_eq!(path.accepted, 0);
        assert!(path.rows().all(|z| z == [0.5, 0.0]));
        assert!(path.log_ratios.iter().all(|&log| log == f64::NEG_INFINITY));
    }
    // A chain that starts that far away stays there until a proposal is finite.
    let mut noise = Noise::seeded(38, 0);
    let far = [3e38, 3e38];
    let path = now(joint.chain(&far, McmcKernel::Metropolis { step: 1e38 }, 5, &mut noise));
    assert_eq!(path.expect("runs").accepted, 0);
}

#[test]
fn chain_rejects_invalid_settings_and_starts() {
    let device = Device::flex();
    let model = model(&device);
    let joint = joint(&model, &X, &device);
    let rejected = |z: &[f32], kernel, transitions| {
        let mut noise = Noise::seeded(39, 0);
        let rejected = now(joint.chain(z, kernel, transitions, &mut noise));
        rejected.expect_err("must be rejected").to_string()
    };
    let start = [0.0, 0.0];
    for step in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        for kernel in [
            McmcKernel::Metropolis { step },
            McmcKernel::Hamiltonian {
                step,
                leapfrog_steps: 3,
            },
        ] {
            assert!(rejected(&start, kernel, 5).starts_with("the step size is "));
        }
    }
    let still = McmcKernel::Hamiltonian {
        step: 0.1,
        leapfrog_steps: 0,
    };
    assert!(rejected(&start, still, 5).contains("leapfrog steps is 0; it must be from 1 to 1000"));
    assert!(rejected(&start, METROPOLIS, 0).contains("transitions is 0"));
    assert!(rejected(&[0.0], METROPOLIS, 5).contains("start has 1 values; this model needs 2"));
    assert!(rejected(&[0.0, f32::NAN], HAMILTONIAN, 5).contains("coordinate of NaN"));
    let labelled = LogJoint::new(&model, &X, &[1.0], &device).expect_err("takes no label");
    assert!(labelled.to_string().contains("class weights has 1 values"));
    let ragged = now(joint.log_joint(&[0.0; 3])).expect_err("a row and a half");
    assert!(ragged.to_string().contains("last row of z has 1"));
}
