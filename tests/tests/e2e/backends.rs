//! Backends: each can be selected, all decode the same image, and a missing one is replaced.

use crate::{CALM, CALM_GPU, difference, ensure_same, page_text, wait_for_digit};
use anyhow::{Result, ensure};
use serde_json::json;
use tests::browser::{Gpu, Missing, Options, Tab, check, log_line};

/// Skips the test where the browser has no adapter although it should.
async fn need_adapter(tab: &Tab) -> Result<()> {
    // Only a secure context has WebGPU. The page may still be loading.
    let script = "return navigator.gpu
        ? navigator.gpu.requestAdapter().then((a) => a ? [a.info.vendor, a.info.architecture].join(' ') : null)
        : null;";
    let adapter = tab.script(script, vec![]).await?;
    let Some(adapter) = adapter.as_str() else {
        let why = "the browser offers no WebGPU adapter, not even in software";
        return Err(Missing(why.to_owned()).into());
    };
    log_line(format!("adapter: {adapter}"));
    Ok(())
}

async fn selected_by_url(backend: &'static str) {
    check(Options::default(), async |tab, _| {
        tab.open(&format!("?backend={backend}&model=mnist-2d"))
            .await?;
        if backend == "webgpu" {
            need_adapter(tab).await?;
        }
        tab.wait_backend(Some(backend)).await?;
        let before = wait_for_digit(tab).await?;
        ensure!(
            tab.value("backend").await? == backend,
            "the picker does not show the backend of the address"
        );
        tab.set_z(0, 1.0).await?;
        tab.changed_pixels(&before).await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn backend_flex_is_selected_by_url() {
    selected_by_url("flex").await;
}

#[tokio::test]
async fn backend_ndarray_is_selected_by_url() {
    selected_by_url("ndarray").await;
}

#[tokio::test]
async fn fused_engine_can_be_disabled_and_decodes_the_same() {
    for backend in ["flex", "ndarray"] {
        check(Options::default(), async |tab, server| {
            let address = format!("?backend={backend}&model=mnist-16d");
            tab.open(&address).await?;
            tab.click("reset-z").await?;
            let fused = wait_for_digit(tab).await?;
            let fetched = |name: &str| {
                let name = format!("engine-{backend}{name}_bg.wasm");
                server.requests().iter().any(|r| r.path.contains(&name))
            };
            ensure!(
                fetched("-fused") && !fetched(""),
                "this browser has relaxed SIMD"
            );
            server.forget();
            tab.open(&format!("{address}&fast=off")).await?;
            tab.click("reset-z").await?;
            let plain = wait_for_digit(tab).await?;
            ensure!(
                fetched("") && !fetched("-fused"),
                "fast=off selects the plain module"
            );
            ensure_same("fused and plain", &fused, &plain)
        })
        .await;
    }
}

#[tokio::test]
async fn backend_webgpu_is_selected_by_url() {
    selected_by_url("webgpu").await;
}

#[tokio::test]
async fn backend_picker_keeps_model_and_z() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-16d").await?;
        need_adapter(tab).await?;
        wait_for_digit(tab).await?;
        tab.set_z(2, 1.8).await?;
        tab.set_z(9, -2.2).await?;
        let flex = tab.settled_pixels(CALM).await?;
        let z = tab.z().await?;
        for backend in ["ndarray", "webgpu", "flex"] {
            tab.set_value("backend", backend).await?;
            tab.wait_backend(Some(backend)).await?;
            let calm = if backend == "webgpu" { CALM_GPU } else { CALM };
            let shown = tab.settled_pixels(calm).await?;
            ensure!(tab.z().await? == z, "{backend} changed z");
            ensure!(
                tab.value("model").await? == "mnist-16d",
                "{backend} changed the model"
            );
            ensure_same(&format!("{backend} and flex"), &flex, &shown)?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn backend_auto_never_blocks_and_logs_its_attempts() {
    check(Options::default(), async |tab, _| {
        tab.open("").await?;
        let mut shown = wait_for_digit(tab).await?;
        // Moves z repeatedly while the page tries backends: each move must change the image.
        let mut seen = Vec::new();
        for i in 0..24 {
            tab.set_z(0, if i % 2 == 0 { 1.9 } else { -1.9 }).await?;
            tab.changed_pixels(&shown).await?;
            let active = tab.text("backend-active").await?.unwrap_or_default();
            if seen.last() != Some(&active) {
                seen.push(active);
            }
            shown = tab.settled_pixels(CALM).await?;
        }
        log_line(format!("backends in turn while z moved: {seen:?}"));
        let console = tab.console().await?;
        let ladder: Vec<_> = console
            .iter()
            .map(|(_, text)| text.as_str())
            .filter(|text| {
                ["webgpu", "ndarray", "flex"]
                    .iter()
                    .any(|b| text.contains(b))
            })
            .collect();
        for line in &ladder {
            log_line(line);
        }
        ensure!(
            !ladder.is_empty(),
            "the console does not list the backends tried"
        );
        Ok(())
    })
    .await;
}

/// Selects WebGPU where it is missing: the page must report this and use the CPU.
async fn falls_back_to_the_cpu(gpu: Gpu) {
    let options = Options {
        gpu,
        expects_errors: true,
        ..Options::default()
    };
    check(options, async |tab, _| {
        tab.open("?backend=webgpu&model=mnist-2d").await?;
        let script = "return navigator.gpu
            ? navigator.gpu.requestAdapter().then((a) => a ? 'adapter' : 'no adapter')
            : 'absent';";
        let offered = tab.script(script, vec![]).await?;
        log_line(format!("WebGPU here: {offered}"));
        ensure!(
            offered != json!("adapter"),
            "WebGPU could not be turned off, so this tests nothing"
        );
        let before = wait_for_digit(tab).await?;
        let active = tab.text("backend-active").await?.unwrap_or_default();
        ensure!(
            active == "flex" || active == "ndarray",
            "{active:?} can't be active here"
        );
        let text = page_text(tab).await?;
        let messages: Vec<_> = text.lines().filter(|l| l.contains("WebGPU")).collect();
        log_line(format!("messages of the page: {messages:?}"));
        ensure!(
            messages.iter().any(|line| line.len() > "WebGPU".len() + 8),
            "the page does not report that WebGPU is missing: {text}"
        );
        tab.set_z(0, 1.7).await?;
        tab.changed_pixels(&before).await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn webgpu_without_an_adapter_falls_back_to_the_cpu() {
    falls_back_to_the_cpu(Gpu::NoAdapter).await;
}

#[tokio::test]
async fn webgpu_in_an_older_browser_falls_back_to_the_cpu() {
    falls_back_to_the_cpu(Gpu::Absent).await;
}

#[tokio::test]
async fn backend_unknown_in_url_means_auto() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=cuda&model=mnist-2d").await?;
        wait_for_digit(tab).await?;
        ensure!(
            tab.value("backend").await? == "auto",
            "an unknown backend means auto"
        );
        Ok(())
    })
    .await;
}

/// Compares the page's images with those that the same weights give natively.
#[cfg(feature = "flex")]
async fn decodes_like_native(backend: &'static str) {
    use tests::{browser::dist, native_decode::native_decode};

    let many = [
        -1.3, 0.4, 2.2, -0.7, 1.1, 0.0, -2.9, 0.3, 0.9, -1.8, 0.5, 1.6, -0.2, 0.8, -1.0, 2.0,
    ];
    let cases = [
        ("mnist-2d", vec![0.0, 0.0]),
        ("mnist-2d", vec![-1.25, 0.85]),
        ("mnist-2d", vec![3.0, -3.0]),
        ("mnist-16d", vec![0.0; 16]),
        ("mnist-16d", many.to_vec()),
    ];
    check(Options::default(), async |tab, _| {
        for (model, z) in &cases {
            // z comes from the address, because the page's controls would round it.
            let address: Vec<_> = z.iter().map(f32::to_string).collect();
            let address = address.join(",");
            tab.open(&format!("?backend={backend}&model={model}&z={address}"))
                .await?;
            if backend == "webgpu" {
                need_adapter(tab).await?;
            }
            tab.wait_backend(Some(backend)).await?;
            let expected = native_decode(&dist().join("weights"), model, z)?;
            let calm = if backend == "webgpu" { CALM_GPU } else { CALM };
            // Another backend may have decoded the image that is shown when this one takes over.
            let drawn_by = format!(
                "return document.querySelector(`[data-testid='decoded']`).dataset.backend === '{backend}'"
            );
            tab.until_script("the image is this backend's", &drawn_by)
                .await?;
            let shown = tab.settled_pixels(calm).await?;
            ensure_same(
                &format!("{model} at {address} on {backend}"),
                &expected,
                &shown,
            )?;
        }
        Ok(())
    })
    .await;
}

#[cfg(feature = "flex")]
#[tokio::test]
async fn backend_flex_decodes_like_native() {
    decodes_like_native("flex").await;
}

#[cfg(feature = "flex")]
#[tokio::test]
async fn backend_ndarray_decodes_like_native() {
    decodes_like_native("ndarray").await;
}

#[cfg(feature = "flex")]
#[tokio::test]
async fn backend_webgpu_decodes_like_native() {
    decodes_like_native("webgpu").await;
}

#[tokio::test]
async fn backends_decode_alike() {
    check(Options::default(), async |tab, _| {
        for (model, z) in [
            ("mnist-2d", vec![-1.2, 0.8]),
            ("mnist-16d", vec![0.7, -1.1, 1.9]),
        ] {
            let mut reference: Option<Vec<u8>> = None;
            for backend in ["flex", "ndarray", "webgpu"] {
                tab.open(&format!("?backend={backend}&model={model}"))
                    .await?;
                if backend == "webgpu" {
                    need_adapter(tab).await?;
                }
                tab.wait_backend(Some(backend)).await?;
                let opened = wait_for_digit(tab).await?;
                for (i, &z) in z.iter().enumerate() {
                    tab.set_z(i, z).await?;
                }
                tab.changed_pixels(&opened).await?;
                let calm = if backend == "webgpu" { CALM_GPU } else { CALM };
                let shown = tab.settled_pixels(calm).await?;
                match &reference {
                    None => reference = Some(shown),
                    Some(flex) => {
                        let (worst, _) = difference(flex, &shown, 2);
                        log_line(format!("{model} on {backend}: worst {worst}/255 from flex"));
                        ensure_same(&format!("{model} on {backend} and flex"), flex, &shown)?;
                    }
                }
            }
        }
        Ok(())
    })
    .await;
}
