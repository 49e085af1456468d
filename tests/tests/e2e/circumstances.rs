//! What browsers, systems and other pages do to this one: translation, contrast themes, zoom, background tabs, frames, the
//! back/forward cache, a hand beside the pen.

use super::{
    dataset::{bars, wait_count},
    training::{step, wait_status, wait_step},
};
use crate::{CALM, wait_for_digit};
use anyhow::{Result, ensure};
use serde_json::json;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use tests::browser::{Options, Tab, check, log_line};

const PANELS: [&str; 4] = ["explore", "train", "evidence", "learn"];

/// What a browser's translator does: each piece of text goes into `<font>` elements in place of the text node, text that
/// is added later, too, except where the page says `translate="no"`.
const TRANSLATE: &str = "
    const wrap = (text) => {
        const kept = '[translate=\"no\"], script, style, textarea, font';
        if (!text.data.trim() || !text.parentNode || text.parentElement?.closest(kept)) return;
        const outer = document.createElement('font');
        const inner = document.createElement('font');
        inner.append(document.createTextNode(text.data));
        outer.append(inner);
        text.replaceWith(outer);
    };
    const wrapAll = (root) => {
        const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
        const found = [];
        while (walker.nextNode()) found.push(walker.currentNode);
        found.forEach(wrap);
    };
    wrapAll(document.body);
    new MutationObserver((changes) => {
        for (const { addedNodes } of changes) {
            for (const node of addedNodes) {
                if (node.nodeType === Node.TEXT_NODE) wrap(node);
                else if (node.nodeType === Node.ELEMENT_NODE) wrapAll(node);
            }
        }
    }).observe(document.body, { childList: true, subtree: true });";

/// The tab as behind others: hidden, no animation frames, timers at most once a second. `showAgain()` ends it.
const HIDE: &str = "
    let hidden = true;
    const frame = requestAnimationFrame.bind(window);
    const timer = setTimeout.bind(window);
    const held = [];
    const define = (name, get) => Object.defineProperty(document, name, { configurable: true, get });
    define('hidden', () => hidden);
    define('visibilityState', () => hidden ? 'hidden' : 'visible');
    window.requestAnimationFrame = (callback) => hidden ? held.push(callback) : frame(callback);
    window.setTimeout = (callback, wait = 0, ...rest) =>
        timer(callback, hidden ? Math.max(1000, wait) : wait, ...rest);
    document.dispatchEvent(new Event('visibilitychange'));
    window.showAgain = () => {
        hidden = false;
        document.dispatchEvent(new Event('visibilitychange'));
        held.splice(0).forEach((callback) => frame(callback));
    };";

async fn start_training(tab: &Tab) -> Result<()> {
    tab.upload_files("upload", &[("bars-idx3-ubyte", &bars(200))])
        .await?;
    wait_count(tab, 200).await?;
    tab.click("train-start").await?;
    wait_status(tab, "running").await
}

#[tokio::test]
async fn page_that_is_translated_shows_numbers_that_change() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&tab=train").await?;
        wait_for_digit(tab).await?;
        start_training(tab).await?;
        let before = wait_step(tab, 5).await?;
        tab.script(TRANSLATE, vec![]).await?;
        let translated = "return document.querySelectorAll('font').length > 50";
        tab.until_script("the page is translated", translated)
            .await?;
        let step = wait_step(tab, before + 20).await?;
        wait_step(tab, step + 20).await?;
        tab.set_z(0, -1.1).await?;
        let caption = "return document.querySelector('.caption-z').textContent.includes('−1.10')";
        tab.until_script("the caption shows z", caption).await?;
        tab.click("train-stop").await?;
        wait_status(tab, "done").await?;
        for panel in PANELS {
            tab.click(&format!("tab-{panel}")).await?;
            let opened = format!(
                "return document.querySelector('main').dataset.panel === '{panel}' \
                 && document.querySelector('.panel').innerText.length > 100"
            );
            tab.until_script("the panel opens", &opened).await?;
        }
        // Sliders of another number, and back.
        tab.set_value("model", "mnist-16d").await?;
        tab.until("the sliders of 16 dimensions", async || {
            Ok((tab.z().await?.len() == 16).then_some(()))
        })
        .await?;
        tab.set_value("model", "mnist-2d").await?;
        tab.until("the sliders of two dimensions", async || {
            Ok((tab.z().await?.len() == 2).then_some(()))
        })
        .await?;
        ensure!(!tab.visible("error").await?, "the page stops");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn page_with_the_colours_of_the_system_shows_values_and_choices() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&tab=train").await?;
        wait_for_digit(tab).await?;
        let features = json!([
            { "name": "forced-colors", "value": "active" },
            { "name": "prefers-color-scheme", "value": "dark" },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        tab.cdp("Emulation.setEmulatedMedia", json!({ "features": features })).await?;
        let script = "
            if (!matchMedia('(forced-colors: active)').matches) return 'not emulated';
            const ground = (selector) => getComputedStyle(document.querySelector(selector)).backgroundColor;
            const chosen = ground('.tab[aria-selected=\"true\"]');
            const other = ground('.tab[aria-selected=\"false\"]');
            if (chosen === other) return `the open tab looks like the others: ${chosen}`;
            const segment = ground('.segment input:checked + span');
            if (segment === ground('.segment input:not(:checked) + span')) return `segments: ${segment}`;
            const slider = getComputedStyle(document.querySelector('[data-testid=\"z-0\"]'));
            if (slider.forcedColorAdjust !== 'none') return 'the track of a slider has no ground';
            return '';";
        let problem = tab.script(script, vec![]).await?;
        ensure!(problem == json!(""), "{problem}");
        Ok(())
    })
    .await;
}

/// A window of 1280×800 at 200 % is one of 640×400 CSS pixels.
#[tokio::test]
async fn page_at_200_percent_fits_its_window() {
    check(Options::default(), async |tab, _| {
        let metrics =
            json!({ "width": 640, "height": 400, "deviceScaleFactor": 2, "mobile": false });
        tab.cdp("Emulation.setDeviceMetricsOverride", metrics)
            .await?;
        for panel in PANELS {
            tab.open(&format!("?backend=flex&tab={panel}")).await?;
            wait_for_digit(tab).await?;
            let script = "const page = document.documentElement;
                return [page.scrollWidth, page.clientWidth];";
            let widths: [f64; 2] = serde_json::from_value(tab.script(script, vec![]).await?)?;
            ensure!(
                widths[0] <= widths[1],
                "{panel} is {} wide of {}",
                widths[0],
                widths[1]
            );
            for control in ["z-0", "sample-prior", &format!("tab-{panel}")] {
                tab.scroll_to(control).await?;
                ensure!(
                    tab.visible(control).await?,
                    "{panel}: {control} is not visible"
                );
                let bounds = tab.bounds(control).await?;
                let fits = bounds.x >= 0.0 && bounds.x + bounds.width <= 640.0;
                ensure!(fits, "{panel}: {control} is at {bounds:?}");
            }
        }
        Ok(())
    })
    .await;
}

/// `Options::default` reports `prefers-reduced-motion`.
#[tokio::test]
async fn page_with_reduced_motion_moves_nothing_by_itself() {
    check(Options::default(), async |tab, _| {
        for panel in PANELS {
            tab.open(&format!("?backend=flex&tab={panel}")).await?;
            let first = wait_for_digit(tab).await?;
            let script = "return document.getAnimations()
                .filter((animation) => animation.playState === 'running')
                .map((animation) => animation.animationName ?? animation.transitionProperty);";
            let running = tab.script(script, vec![]).await?;
            ensure!(running == json!([]), "{panel}: {running}");
            ensure!(tab.settled_pixels(CALM).await? == first, "{panel}: z moves");
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn training_goes_on_in_a_background_tab() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&tab=train").await?;
        wait_for_digit(tab).await?;
        start_training(tab).await?;
        wait_step(tab, 5).await?;
        tab.script(HIDE, vec![]).await?;
        let hidden_at = step(tab).await?;
        let later = wait_step(tab, hidden_at + 60).await?;
        log_line(format!("hidden at step {hidden_at}, now {later}"));
        tab.script("showAgain()", vec![]).await?;
        wait_step(tab, later + 20).await?;
        tab.click("train-stop").await?;
        wait_status(tab, "done").await
    })
    .await;
}

/// Serves a document to the first request, and returns its address. Browsers keep documents without a server from framing
/// local servers.
fn serve_once(html: String) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = format!("http://{}/", listener.local_addr()?);
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept()?;
        // The request is not needed, but a connection with unread bytes would be reset.
        let mut request = [0; 4096];
        let _ = stream.read(&mut request)?;
        let length = html.len();
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {length}\r\n\r\n"
        );
        stream.write_all(head.as_bytes())?;
        stream.write_all(html.as_bytes())
    });
    Ok(address)
}

#[tokio::test]
async fn page_in_a_sandbox_without_its_origin_says_what_is_missing() {
    let options = Options {
        expects_errors: true,
        ..Options::default()
    };
    check(options, async |tab, server| {
        let frame = format!(
            "<!doctype html><iframe sandbox=allow-scripts src={}></iframe>",
            server.url()
        );
        tab.goto(&serve_once(frame)?).await?;
        tab.enter_frame(0).await?;
        tab.wait_text("error", "names the permission", |text| {
            text.contains("allow-same-origin")
        })
        .await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn page_works_after_the_back_forward_cache() {
    let options = Options {
        // The other page does not exist.
        expects_errors: true,
        ..Options::default()
    };
    check(options, async |tab, server| {
        tab.open("?backend=flex").await?;
        wait_for_digit(tab).await?;
        tab.set_z(0, 1.5).await?;
        tab.settled_pixels(CALM).await?;
        let leave = format!(
            "setTimeout(() => location.href = '{}no-such-file')",
            server.url()
        );
        tab.script(&leave, vec![]).await?;
        tab.until_script(
            "another page is shown",
            "return !document.getElementById('app')",
        )
        .await?;
        tab.script("setTimeout(() => history.back())", vec![])
            .await?;
        tab.until_script(
            "the page is back",
            "return !!document.getElementById('app')",
        )
        .await?;
        tab.wait_backend(Some("flex")).await?;
        tab.until("z is as it was", async || {
            Ok((tab.z().await?.first() == Some(&1.5)).then_some(()))
        })
        .await?;
        let before = tab.settled_pixels(CALM).await?;
        tab.set_z(0, -1.5).await?;
        tab.changed_pixels(&before).await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn pen_draws_beside_a_hand_that_rests() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&tab=explore").await?;
        wait_for_digit(tab).await?;
        tab.scroll_to("encode-pad").await?;
        let script = "
            const pad = document.querySelector('[data-testid=\"encode-pad\"]');
            const box = pad.getBoundingClientRect();
            const send = (type, pointerId, pointerType, x, y) => pad.dispatchEvent(new PointerEvent(type, {
                bubbles: true, cancelable: true, pointerId, pointerType, button: 0, buttons: 1, pressure: 0.5,
                clientX: box.left + box.width * x, clientY: box.top + box.height * y,
            }));
            // The hand rests at the lower right, the pen draws a line at the left.
            send('pointerdown', 2, 'touch', 0.9, 0.9);
            send('pointerdown', 5, 'pen', 0.3, 0.2);
            for (let i = 0; i <= 10; i++) {
                send('pointermove', 5, 'pen', 0.3, 0.2 + 0.05 * i);
                send('pointermove', 2, 'touch', 0.9 - 0.01 * i, 0.9);
            }
            send('pointerup', 5, 'pen', 0.3, 0.7);
            send('pointerup', 2, 'touch', 0.8, 0.9);
            const { width, height } = pad;
            const rgba = pad.getContext('2d').getImageData(0, 0, width, height).data;
            const ink = (x, y) => rgba[4 * (Math.round(y * height) * width + Math.round(x * width))];
            return [ink(0.3, 0.5), ink(0.9, 0.9), ink(0.85, 0.9)];";
        let ink = tab.script(script, vec![]).await?;
        ensure!(ink == json!([255, 0, 0]), "pen, hand, and where the hand moved: {ink}");
        Ok(())
    })
    .await;
}
