//! The first digit, drawn by the decoder worker before the page's program and an engine have arrived.

use crate::{difference, wait_for_digit};
use anyhow::{Context, Result, ensure};
use serde_json::json;
use tests::{
    browser::{Options, Reply, Tab, check, dist, log_line},
    native_decode::native_decode,
};

/// A line on which the page's program needs seconds. Nothing is compressed in tests.
async fn slow_line(tab: &Tab, megabits: f64) -> Result<()> {
    let bytes_per_second = megabits * 1e6 / 8.0;
    let line = json!({
        "offline": false,
        "latency": 50,
        "downloadThroughput": bytes_per_second,
        "uploadThroughput": bytes_per_second,
    });
    tab.cdp("Network.enable", json!({})).await?;
    tab.cdp("Network.emulateNetworkConditions", line).await?;
    Ok(())
}

/// The line as it is.
async fn fast_line(tab: &Tab) -> Result<()> {
    let line = json!({
        "offline": false, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1,
    });
    tab.cdp("Network.emulateNetworkConditions", line).await?;
    Ok(())
}

/// Waits for the controls that are shown before the page's program has arrived.
async fn wait_for_first_controls(tab: &Tab) -> Result<()> {
    let script = "return !!document.querySelector('[data-testid=\"z-0\"]') \
        && !document.querySelector('[data-testid=\"model\"]')";
    tab.until_script("z can be moved before the page's program is there", script)
        .await?;
    Ok(())
}

/// Waits until the image is that of this z by the full model, up to two grey levels.
async fn wait_for_image_of(tab: &Tab, model: &str, z: &[f32]) -> Result<()> {
    let expected = native_decode(&dist().join("weights"), model, z)?;
    let what = format!("the image is that of z {z:?}");
    tab.until(what, async || {
        let found = tab.pixels().await?;
        Ok(found.and_then(|found| (difference(&found, &expected, 2).1 == 0).then_some(())))
    })
    .await
}

#[tokio::test]
async fn first_digit_can_be_moved_before_the_page_arrives_which_keeps_z() {
    check(Options::default(), async |tab, _| {
        slow_line(tab, 3.0).await?;
        tab.open("?backend=flex").await?;
        wait_for_first_controls(tab).await?;
        let start = tab.z().await?;
        wait_for_image_of(tab, "mnist-2d", &start).await?;
        tab.set_z(0, 0.5).await?;
        tab.set_z(1, -1.2).await?;
        wait_for_image_of(tab, "mnist-2d", &[0.5, -1.2]).await?;
        let early = tab.visible("model").await?;
        ensure!(!early, "the page's program must still be on its way");
        let slider = "document.querySelector('[data-testid=\"z-1\"]')";
        tab.script(&format!("{slider}.focus()"), vec![]).await?;

        fast_line(tab).await?;
        tab.wait_backend(Some("flex")).await?;
        ensure!(tab.z().await? == [0.5, -1.2], "z is {:?}", tab.z().await?);
        let focused = format!("return document.activeElement === {slider}");
        let focused = tab.script(&focused, vec![]).await?;
        ensure!(focused == json!(true), "the slider has lost the focus");
        let drawn = "return document.querySelector('[data-testid=\"decoded\"]')?.dataset.backend === 'flex'";
        tab.until_script("the engine has drawn", drawn).await?;
        wait_for_image_of(tab, "mnist-2d", &[0.5, -1.2]).await?;
        tab.set_z(0, -0.7).await?;
        wait_for_image_of(tab, "mnist-2d", &[-0.7, -1.2]).await
    })
    .await;
}

#[tokio::test]
async fn first_digit_is_that_of_the_address() {
    check(Options::default(), async |tab, _| {
        let z: Vec<f32> = (0..16_i16).map(|i| f32::from(i % 5 - 2) / 2.0).collect();
        let text: Vec<_> = z.iter().map(ToString::to_string).collect();
        slow_line(tab, 3.0).await?;
        tab.open(&format!(
            "?backend=flex&model=mnist-16d&z={}",
            text.join(",")
        ))
        .await?;
        wait_for_first_controls(tab).await?;
        ensure!(tab.z().await? == z, "z is {:?}", tab.z().await?);
        wait_for_image_of(tab, "mnist-16d", &z).await?;
        fast_line(tab).await?;
        tab.wait_backend(Some("flex")).await?;
        wait_for_image_of(tab, "mnist-16d", &z).await
    })
    .await;
}

#[tokio::test]
async fn page_draws_the_same_digit_without_the_decoder() {
    let options = Options {
        expects_errors: true,
        ..Options::default()
    };
    check(options, async |tab, server| {
        slow_line(tab, 3.0).await?;
        tab.open("?backend=flex").await?;
        wait_for_first_controls(tab).await?;
        let z = tab.z().await?;
        fast_line(tab).await?;
        for missing in [
            "decoder_bg.wasm",
            "decoder.js",
            "decoder-worker.js",
            ".decoder",
        ] {
            server.replace(move |path| path.contains(missing), Reply::NotFound);
            tab.open("?backend=flex").await?;
            wait_for_digit(tab).await?;
            ensure!(
                tab.z().await? == z,
                "without {missing}: z {:?}",
                tab.z().await?
            );
            ensure!(!tab.visible("error").await?, "without {missing}: an error");
            wait_for_image_of(tab, "mnist-2d", &z).await?;
            server.restore();
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn decoder_is_fetched_before_the_page_and_only_for_its_models() {
    check(Options::default(), async |tab, server| {
        tab.open("?backend=flex").await?;
        wait_for_digit(tab).await?;
        let requests = server.requests();
        let at = |part: &str| {
            let found = requests.iter().find(|request| request.path.contains(part));
            found
                .map(|request| request.at_ms)
                .with_context(|| format!("{part} is not fetched"))
        };
        let ahead = at("page-")? - at("mnist-2d.decoder")?;
        log_line(format!(
            "the decoder is requested {ahead:.0} ms before the page"
        ));
        ensure!(ahead > 0.0, "the page is fetched first");
        server.forget();
        tab.open("?backend=flex&model=letters-2d").await?;
        wait_for_digit(tab).await?;
        let unused = server
            .requests()
            .into_iter()
            .find(|request| request.path.contains("decoder"));
        ensure!(unused.is_none(), "letters have no decoder file: {unused:?}");
        Ok(())
    })
    .await;
}
