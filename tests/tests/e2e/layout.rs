//! Layout on a desktop and on a phone, colour scheme and labels.

use crate::wait_for_digit;
use anyhow::{Result, ensure};
use serde_json::json;
use std::time::Duration;
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

#[tokio::test]
async fn stage_shrinks_to_a_strip_that_still_sets_z() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d&z=0,0&tab=evidence")
            .await?;
        wait_for_digit(tab).await?;
        // Evidence encodes its digit, and z moves to the mean.
        tab.until("z has moved to the digit", async || {
            Ok((tab.z().await? != [0.0, 0.0]).then_some(()))
        })
        .await?;
        let full = tab.bounds("decoded").await?;
        tab.script("scrollTo(0, 1000)", vec![]).await?;
        let strip = "return !!document.querySelector('main.in-strip')";
        tab.until_script("the stage is a strip", strip).await?;
        tab.painted().await?;
        for id in ["decoded", "latent-plane", "tab-explore", "tab-evidence"] {
            let place = tab.bounds(id).await?;
            log_line(format!("{id} in the strip: {place:?}"));
            ensure!(
                place.y >= 0.0 && place.y + place.height <= 120.5 && place.height >= 36.0,
                "{id} is not in a strip of 120 px: {place:?}"
            );
        }
        // The panel begins where the strip ends: nothing of the stage covers it.
        let cover =
            "return document.elementFromPoint(innerWidth / 2, 124)?.closest('.panel') !== null";
        ensure!(
            tab.script(cover, vec![]).await? == json!(true),
            "the stage is higher than 120 px"
        );
        let map = tab.bounds("latent-plane").await?;
        let at = (map.x + 0.75 * map.width, map.y + 0.25 * map.height);
        tab.drag(&[at, at], Duration::from_millis(20)).await?;
        let z = tab.z().await?;
        ensure!(
            z.iter().all(|z| (z - 1.5).abs() < 0.1),
            "a press on the small map sets z to {z:?}"
        );
        // A hidden control that gets the focus is shown.
        let focus = "document.querySelector(`[data-testid='z-0']`).focus()";
        tab.script(focus, vec![]).await?;
        tab.until("the slider is in view", async || {
            let place = tab.bounds("z-0").await?;
            Ok((place.y > 0.0).then_some(()))
        })
        .await?;
        tab.until("the image has its size again", async || {
            let again = tab.bounds("decoded").await?;
            Ok(((again.width - full.width).abs() < 1.0).then_some(()))
        })
        .await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn phone_has_sliders_below_the_map_and_a_bar_with_tabs() {
    let options = Options {
        device: Device::Phone,
        ..Options::default()
    };
    check(options, async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d").await?;
        wait_for_digit(tab).await?;
        tab.click("tab-explore").await?;
        // The panel is scrolled into view, and the map joins the image.
        let strip = "return !!document.querySelector('main.map-in-strip')";
        tab.until_script("the map is beside the image", strip)
            .await?;
        let script =
            "const at = (selector) => document.querySelector(selector).getBoundingClientRect();
            return [at('.panel h2').top, at('.image-frame').bottom, at('.tabs').top, innerHeight,
                at('.plane-square').bottom];";
        let places: Vec<f64> = serde_json::from_value(tab.script(script, vec![]).await?)?;
        log_line(format!(
            "heading, end of the strip, bar, screen, map: {places:?}"
        ));
        ensure!(
            places[0] >= places[1] && places[0] < places[2] && places[1] <= 120.5,
            "the panel is not in view: {places:?}"
        );
        ensure!(
            places[4] <= places[1],
            "the map is not in the strip: {places:?}"
        );
        tab.script("scrollTo(0, 0)", vec![]).await?;
        let back = "return !document.querySelector('main.map-in-strip')";
        tab.until_script("the map is back", back).await?;
        let script =
            "const at = (selector) => document.querySelector(selector).getBoundingClientRect();
            return [at('.plane').bottom, at('#z-0').top, at('#z-1').bottom, at('.panel').top];";
        let order: Vec<f64> = serde_json::from_value(tab.script(script, vec![]).await?)?;
        ensure!(
            order.is_sorted() && order[1] - order[0] < 60.0,
            "map, sliders, panel: {order:?}"
        );
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn skip_link_is_first_and_leads_to_the_panel() {
    check(Options::default(), async |tab, _| {
        for (address, target) in [("", "tab-explore"), ("&tab=train", "panel-train")] {
            tab.open(&format!("?backend=flex{address}")).await?;
            wait_for_digit(tab).await?;
            let first = "return document.querySelector('a[href], button, input, select').className";
            ensure!(
                tab.script(first, vec![]).await? == json!("skip-link"),
                "the skip link is not the first control"
            );
            tab.script("document.querySelector('.skip-link').click()", vec![])
                .await?;
            let focused = tab
                .script("return document.activeElement.id", vec![])
                .await?;
            ensure!(focused == json!(target), "the focus is on {focused}");
        }
        let heading = "return document.querySelector('.panel h2')?.textContent";
        ensure!(
            tab.script(heading, vec![]).await? == json!("Train"),
            "the panel has no heading"
        );
        Ok(())
    })
    .await;
}
