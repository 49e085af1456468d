//! The Evidence panel: its numbers equal those of the native estimators and agree with the theory.

use crate::{page_text, wait_for_digit};
use anyhow::{Context, Result, ensure};
use burn::tensor::{Device, Tensor, TensorData};
use tests::{
    browser::{Device as Screen, Options, Tab, check, dist, log_line},
    native_decode::model_in,
};
use vae::{
    Condition, Noise, Vae,
    evidence::{GridPass, LatentGrid, LogWeights, PlanePosterior},
};

/// Opens the panel, and waits for its first digit.
async fn open(tab: &Tab, model: &str) -> Result<()> {
    tab.open(&format!("?backend=flex&model={model}&tab=evidence"))
        .await?;
    wait_for_digit(tab).await?;
    tab.until("a digit is encoded", async || {
        Ok(tab.visible("encoded-image").await?.then_some(()))
    })
    .await
}

/// The first number of an element's text, when it has one.
async fn number(tab: &Tab, test_id: &str) -> Result<Option<f64>> {
    let text = tab.text(test_id).await?.unwrap_or_default();
    let text = text.replace('−', "-").replace(',', "");
    Ok(text
        .split_whitespace()
        .next()
        .and_then(|word| word.parse().ok()))
}

/// Waits until all samples are drawn.
async fn all_drawn(tab: &Tab) -> Result<()> {
    tab.until("20,000 samples from the prior", async || {
        Ok((number(tab, "prior-mc-count").await? == Some(20_000.0)).then_some(()))
    })
    .await
}

async fn shown(tab: &Tab, test_id: &str) -> Result<f64> {
    number(tab, test_id)
        .await?
        .with_context(|| format!("{test_id} has no number"))
}

/// The native estimates for one image, with the page's seeds.
struct Native {
    reconstruction: f64,
    kl: f64,
    weighted: f64,
    naive: f64,
    exact: Option<(f64, f64)>,
}

async fn natively(model: &Vae, image: &[u8]) -> Result<Native> {
    let device = Device::flex();
    let x: Vec<f32> = image.iter().map(|&grey| f32::from(grey) / 255.0).collect();
    let mut weights = LogWeights::default();
    for count in [vec![100, 400], vec![500; 9]].concat() {
        let mut noise = Noise::seeded(1, weights.logs().len() as u64);
        weights
            .extend(LogWeights::from_posterior(model, &x, &[], count, &mut noise, &device).await?);
    }
    let mut naive = LogWeights::default();
    while naive.logs().len() < 20_000 {
        let mut noise = Noise::seeded(2, naive.logs().len() as u64);
        naive.extend(LogWeights::from_prior(model, &x, &[], 500, &mut noise, &device).await?);
    }
    let rows = TensorData::new(x.clone(), [1, x.len()]);
    let q = model
        .encoder
        .forward(Tensor::from_data(rows, &device), &Condition::none());
    let kl: f64 = q.kl_from_prior().into_data().iter::<f64>().sum();
    let exact = if model.latent_size() == 2 {
        let grid = LatentGrid::new(64, LatentGrid::REACH)?;
        let mut pass = GridPass::new(model, grid, &device)?;
        while !pass.is_done() {
            pass.advance(model, &[]).await?;
        }
        let mut exact = pass.exact(&x).await?;
        let pair = |tensor: Tensor<2>| -> Vec<f64> { tensor.into_data().iter().collect() };
        let (mu, log_var) = (pair(q.mu), pair(q.log_var));
        let q = PlanePosterior {
            mu: [mu[0], mu[1]],
            log_var: [log_var[0], log_var[1]],
        };
        while exact.error >= 2e-3 {
            exact.refine(model, &x, &[], Some(q), &device).await?;
        }
        Some((exact.log_evidence, exact.kl_from(q.mu, q.log_var)))
    } else {
        None
    };
    let log_likelihood = weights.log_likelihood();
    Ok(Native {
        reconstruction: log_likelihood.iter().sum::<f64>() / log_likelihood.len() as f64,
        kl,
        weighted: weights.bound(5_000)?.value,
        naive: naive.all().log_mean(),
        exact,
    })
}

/// In nats. Both numbers are rounded to a hundredth, and single precision adds an error of the same size.
fn same(what: &str, shown: f64, native: f64) -> Result<()> {
    log_line(format!("{what}: {shown} on the page, {native:.4} natively"));
    ensure!(
        (shown - native).abs() < 0.03,
        "{what}: {shown} and {native}"
    );
    Ok(())
}

async fn numbers_are_native(tab: &Tab, name: &str) -> Result<Native> {
    open(tab, name).await?;
    all_drawn(tab).await?;
    let image = tab
        .canvas_pixels("[data-testid='encoded-image']", [0, 0])
        .await?;
    let image = image.context("a digit of 28 × 28")?;
    let native = natively(
        &model_in(&dist().join("weights"), name, &Device::flex())?,
        &image,
    )
    .await?;
    same(
        "E[log p(x|z)]",
        shown(tab, "reconstruction").await?,
        native.reconstruction,
    )?;
    same("KL", shown(tab, "kl").await?, native.kl)?;
    same(
        "ELBO",
        shown(tab, "elbo").await?,
        native.reconstruction - native.kl,
    )?;
    same("L_5000", shown(tab, "log-px-iwae").await?, native.weighted)?;
    same("naive", shown(tab, "log-px-prior-mc").await?, native.naive)?;
    Ok(native)
}

#[tokio::test]
async fn evidence_in_2d_matches_native_and_estimates_agree() {
    check(Options::default(), async |tab, _| {
        let native = numbers_are_native(tab, "mnist-2d").await?;
        let (log_evidence, gap) = native.exact.context("two dimensions")?;
        same("log p(x)", shown(tab, "log-px-exact").await?, log_evidence)?;
        same(
            "the gap, integrated",
            shown(tab, "gap-integrated").await?,
            gap,
        )?;
        let text = tab.text("gap-agrees").await?;
        ensure!(text.as_deref() == Some("yes"), "{text:?}");
        let elbo = shown(tab, "elbo").await?;
        let weighted = shown(tab, "log-px-iwae").await?;
        ensure!(elbo < weighted + 0.1 && weighted < log_evidence + 0.1);
        // In two dimensions twenty thousand prior samples are enough.
        let naive = shown(tab, "log-px-prior-mc").await?;
        ensure!((naive - log_evidence).abs() < 0.6, "{naive} {log_evidence}");
        let heat = tab
            .script(
                "const paths = document.querySelectorAll(\"[data-testid='true-posterior'] path\");
                return [...paths].filter((path) => path.getAttribute('d')).length;",
                vec![],
            )
            .await?;
        ensure!(heat.as_u64() > Some(1), "{heat}");
        // The numbers for z change with z.
        let before = shown(tab, "at-z").await?;
        tab.set_z(0, -2.5).await?;
        tab.until("log p(x|z) of another z", async || {
            Ok(number(tab, "at-z")
                .await?
                .filter(|at| (at - before).abs() > 1.0))
        })
        .await?;
        // Another image has another log p(x).
        tab.click("evidence-digit-1").await?;
        tab.until("log p(x) of another digit", async || {
            Ok(number(tab, "log-px-exact")
                .await?
                .filter(|log| (log - log_evidence).abs() > 1.0))
        })
        .await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn evidence_in_16d_explains_why_the_naive_estimate_fails() {
    let options = Options {
        device: Screen::Phone,
        ..Options::default()
    };
    check(options, async |tab, _| {
        numbers_are_native(tab, "mnist-16d").await?;
        ensure!(tab.visible("no-exact").await?);
        let weighted = shown(tab, "log-px-iwae").await?;
        let naive = shown(tab, "log-px-prior-mc").await?;
        ensure!(naive < weighted - 5.0, "{naive} {weighted}");
        ensure!(shown(tab, "prior-mc-effective").await? < 20.0);
        ensure!(page_text(tab).await?.contains("few lucky draws"));
        // More samples on request.
        tab.click("prior-mc-more").await?;
        tab.until("more samples", async || {
            Ok(number(tab, "prior-mc-count")
                .await?
                .filter(|count| *count > 20_000.0))
        })
        .await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn evidence_likelihoods_collapse_and_samples_respond_to_controls() {
    check(Options::default(), async |tab, _| {
        open(tab, "mnist-2d").await?;
        let gaussian = tab
            .until("the Gaussian's density", async || {
                number(tab, "as-gaussian").await
            })
            .await?;
        tab.set_value("likelihood-sigma", "-1.5").await?;
        tab.until("another density", async || {
            Ok(number(tab, "as-gaussian")
                .await?
                .filter(|value| (value - gaussian).abs() > 1.0))
        })
        .await?;
        // On binarized pixels log p(x|z) is the logarithm of a probability, so at most 0.
        tab.click("evidence-binarize").await?;
        tab.until("binary pixels", async || {
            let image = tab
                .canvas_pixels("[data-testid='encoded-image']", [0, 0])
                .await?;
            Ok(image.filter(|image| image.iter().all(|grey| [0, 255].contains(grey))))
        })
        .await?;
        ensure!(shown(tab, "as-bernoulli").await? < 0.0);

        let draws = "[data-testid='prior-draws']";
        let drawn = tab
            .until("binary samples", async || {
                let part = tab.canvas_pixels(draws, [0, 0]).await?;
                Ok(part.filter(|part| part.contains(&255)))
            })
            .await?;
        ensure!(drawn.iter().all(|grey| [0, 255].contains(grey)));
        tab.click("prior-again").await?;
        tab.until("other draws", async || {
            Ok(tab
                .canvas_pixels(draws, [0, 0])
                .await?
                .filter(|other| *other != drawn))
        })
        .await?;

        tab.click("collapse-encode").await?;
        tab.until("both dimensions are active", async || {
            Ok((number(tab, "active-units").await? == Some(2.0)).then_some(()))
        })
        .await?;
        // The kept numbers stay beside those of another model.
        tab.click("collapse-keep").await?;
        tab.set_value("model", "mnist-16d").await?;
        tab.wait_text(
            "active-units",
            "counts those of sixteen dimensions",
            |text| text.parse::<usize>().is_ok_and(|active| active > 2),
        )
        .await?;
        tab.wait_text("collapse-before", "names the kept model", |text| {
            text.contains("Before (mnist-2d): 2 of 2 dimensions were active")
        })
        .await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn evidence_mcmc_finds_the_posterior_and_reparameterization_has_least_variance() {
    check(Options::default(), async |tab, _| {
        open(tab, "mnist-2d").await?;
        all_drawn(tab).await?;
        // A chain that starts at μ with steps of about σ.
        tab.set_value("chain-step", "-1.5").await?;
        tab.click("chain-begin").await?;
        tab.until("the chain has ended", async || {
            Ok((number(tab, "chain-count").await? == Some(5_000.0)).then_some(()))
        })
        .await?;
        for dimension in 0..2 {
            let said = tab.text(&format!("chain-mean-{dimension}")).await?;
            let said = said.unwrap_or_default().replace('−', "-");
            let (mean, error) = said.split_once(" ± ").context("a mean and its error")?;
            let (mean, error): (f64, f64) = (mean.parse()?, error.parse()?);
            let exact = shown(tab, &format!("exact-mean-{dimension}")).await?;
            log_line(format!("z{dimension}: {mean} ± {error} by the chain, {exact} by quadrature"));
            ensure!((mean - exact).abs() < 4.0 * error + 0.002);
        }
        ensure!(shown(tab, "chain-decodes").await? >= 5_000.0);
        let drawn = tab
            .script(
                "return document.querySelector(\"[data-testid='chain-path'] path\").getAttribute('d').length;",
                vec![],
            )
            .await?;
        ensure!(drawn.as_u64() > Some(100), "{drawn}");

        tab.click("chain-hamiltonian").await?;
        tab.click("chain-begin").await?;
        tab.until("some Hamiltonian transitions", async || {
            Ok(number(tab, "chain-count").await?.filter(|count| *count >= 50.0))
        })
        .await?;
        tab.click("chain-hold").await?;
        ensure!(shown(tab, "chain-acceptance").await? > 30.0);

        tab.click("gradients-begin").await?;
        let score = tab
            .until("the score function’s ratio, of the largest set", async || {
                let idle = tab.text("gradients-begin").await?;
                let done = idle.is_some_and(|text| text.starts_with("Estimate the"));
                Ok(number(tab, "ratio-score").await?.filter(|_| done))
            })
            .await?;
        let baseline = shown(tab, "ratio-baseline").await?;
        log_line(format!("variance ratios: score {score}, with a baseline {baseline}"));
        ensure!(score > baseline && baseline > 1.0 && score > 50.0);
        Ok(())
    })
    .await;
}
