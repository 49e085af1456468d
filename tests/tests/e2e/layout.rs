//! Layout on a desktop and on a phone, colour scheme and labels.

use crate::wait_for_digit;
use anyhow::{Result, ensure};
use serde_json::json;
use tests::browser::{Device, Options, Tab, check, log_line};

async fn no_sideways_scrolling(tab: &Tab) -> Result<()> {
    let script = "const root = document.documentElement;
        const wide = [...document.querySelectorAll('body *')]
            .filter((e) => e.checkVisibility() && e.getBoundingClientRect().right > innerWidth + 1)
            .map((e) => e.dataset.testid || e.tagName + '.' + e.className);
        return [root.scrollWidth, root.clientWidth, innerWidth, wide.slice(0, 5)];";
    let seen = tab.script(script, vec![]).await?;
    log_line(format!(
        "width of the content, the page, the screen: {seen}"
    ));
    ensure!(
        seen[0].as_f64() <= seen[1].as_f64() && seen[1].as_f64() <= seen[2].as_f64(),
        "the page is wider than the screen: {seen}"
    );
    Ok(())
}

/// Fails unless the image is entirely visible and large enough.
async fn image_in_view(tab: &Tab, when: &str) -> Result<()> {
    let place = tab.bounds("decoded").await?;
    let size = tab
        .script("return [innerWidth, innerHeight]", vec![])
        .await?;
    log_line(format!("{when}: image at {place:?}"));
    let (width, height) = (
        size[0].as_f64().unwrap_or_default(),
        size[1].as_f64().unwrap_or_default(),
    );
    ensure!(
        place.x >= -0.5
            && place.y >= -0.5
            && place.x + place.width <= width + 0.5
            && place.y + place.height <= height + 0.5,
        "{when}: the image is out of view at {place:?} on {width}×{height}"
    );
    ensure!(
        place.width >= 112.0 && (place.width - place.height).abs() < 1.0,
        "{when}: the image is small or not square: {place:?}"
    );
    Ok(())
}

#[tokio::test]
async fn layout_fits_a_desktop() {
    check(Options::default(), async |tab, _| {
        for model in ["mnist-2d", "mnist-16d"] {
            tab.open(&format!("?backend=flex&model={model}")).await?;
            wait_for_digit(tab).await?;
            no_sideways_scrolling(tab).await?;
            image_in_view(tab, model).await?;
            let crisp = "return getComputedStyle(
                document.querySelector(`[data-testid='decoded']`)).imageRendering";
            let crisp = tab.script(crisp, vec![]).await?;
            ensure!(crisp == json!("pixelated"), "image-rendering is {crisp}");
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn layout_fits_a_phone_and_the_image_stays_visible() {
    let options = Options {
        device: Device::Phone,
        ..Options::default()
    };
    check(options, async |tab, _| {
        for model in ["mnist-2d", "mnist-16d"] {
            tab.open(&format!("?backend=flex&model={model}")).await?;
            wait_for_digit(tab).await?;
            no_sideways_scrolling(tab).await?;
            image_in_view(tab, model).await?;
            let last = if model == "mnist-2d" { "z-1" } else { "z-15" };
            tab.scroll_to(last).await?;
            image_in_view(tab, &format!("{model}, scrolled to {last}")).await?;
            let control = tab.bounds(last).await?;
            let image = tab.bounds("decoded").await?;
            ensure!(
                control.y >= image.y + image.height || control.x >= image.x + image.width,
                "{last} at {control:?} lies under the image at {image:?}"
            );
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn theme_follows_the_colour_scheme() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex").await?;
        wait_for_digit(tab).await?;
        let colours = async || {
            let script = "const s = getComputedStyle(document.body);
                const root = getComputedStyle(document.documentElement);
                return [s.color, s.backgroundColor, root.backgroundColor].join(' / ');";
            tab.script(script, vec![]).await
        };
        let light = colours().await?;
        tab.set_dark(true).await?;
        let dark = colours().await?;
        log_line(format!("light {light}, dark {dark}"));
        ensure!(light != dark, "light and dark look the same: {light}");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn controls_have_labels() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex").await?;
        wait_for_digit(tab).await?;
        let script = "return [...document.querySelectorAll(
                'input, select, button, textarea, [tabindex], [role=button], a[href]')]
            .filter((e) => e.checkVisibility() && e.type !== 'hidden')
            .filter((e) => !(e.labels?.length || e.ariaLabel || e.title || e.innerText?.trim()
                || e.getAttribute('aria-labelledby')))
            .map((e) => e.outerHTML.slice(0, 120));";
        let nameless = tab.script(script, vec![]).await?;
        ensure!(
            nameless == json!([]),
            "controls without a name: {nameless:#}"
        );
        Ok(())
    })
    .await;
}
