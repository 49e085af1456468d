//! The tour of the page.

use crate::wait_for_digit;
use anyhow::{Result, ensure};
use fantoccini::key::Key;
use tests::browser::{Device, Options, Tab, check};

/// Whether the tour overlaps the image, or something covers what the step is about.
async fn covers_the_stage(tab: &Tab) -> Result<bool> {
    let script = "const [tour, image] = ['tour', 'decoded']
            .map((id) => document.querySelector(`[data-testid='${id}']`).getBoundingClientRect());
        const apart = tour.bottom <= image.top || image.bottom <= tour.top
            || tour.right <= image.left || image.right <= tour.left;
        const target = document.querySelector('.tour-target');
        const at = target.getBoundingClientRect();
        const inside = (x, y) => target.contains(document.elementFromPoint(x, y));
        const x = (at.left + at.right) / 2;
        // All of it, not only its centre.
        const seen = inside(x, at.top + 3) && inside(x, at.bottom - 3);
        return !apart || !seen;";
    Ok(tab.script(script, vec![]).await? == serde_json::json!(true))
}

#[tokio::test]
async fn tour_leads_through_the_page_and_never_covers_the_image() {
    for device in [Device::Desktop, Device::Phone] {
        let options = Options {
            device,
            ..Options::default()
        };
        check(options, async |tab, _| {
            tab.open("?backend=flex&tour=on").await?;
            wait_for_digit(tab).await?;
            for step in 1..=6 {
                let count = format!("{step} of 6");
                tab.wait_text("tour", &count, |text| text.contains(&count))
                    .await?;
                tab.until(format!("step {step} is in view"), async || {
                    Ok((!covers_the_stage(tab).await?).then_some(()))
                })
                .await?;
                let marked = tab
                    .script(
                        "return document.querySelectorAll('.tour-target').length;",
                        vec![],
                    )
                    .await?;
                ensure!(marked == 1, "step {step} marks {marked} elements");
                tab.click("tour-next").await?;
            }
            tab.until("the tour is over", async || {
                Ok((!tab.visible("tour").await?).then_some(()))
            })
            .await?;

            let focused = "return document.activeElement.dataset.testid === 'tour-again';";
            tab.until_script("the focus is on what starts it again", focused)
                .await?;

            // It can be started again, ends with Escape, and is not shown at the next visit.
            tab.click("tour-again").await?;
            tab.wait_text("tour", "it starts again", |text| text.contains("1 of 6"))
                .await?;
            tab.click("tour-next").await?;
            tab.click("tour-back").await?;
            tab.wait_text("tour", "back again", |text| text.contains("1 of 6"))
                .await?;
            tab.press("tour-next", Key::Escape, 1).await?;
            tab.until("Escape ends it", async || {
                Ok((!tab.visible("tour").await?).then_some(()))
            })
            .await
        })
        .await;
    }
}

#[tokio::test]
async fn tour_opens_on_the_first_visit_only() {
    check(Options::default(), async |tab, _| {
        // Automated browsers get no tour, so this one claims not to be automated.
        let person =
            "Object.defineProperty(Navigator.prototype, 'webdriver', { get: () => false });";
        let source = serde_json::json!({ "source": person });
        tab.cdp("Page.addScriptToEvaluateOnNewDocument", source)
            .await?;
        tab.open("").await?;
        tab.wait_text("tour", "the first visit has a tour", |text| {
            text.contains("1 of 6")
        })
        .await?;
        tab.click("tour-skip").await?;
        tab.open("").await?;
        wait_for_digit(tab).await?;
        ensure!(!tab.visible("tour").await?, "the tour is shown again");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn tour_pauses_the_motion_and_leaves_the_panels_in_view() {
    let options = Options {
        motion: true,
        ..Options::default()
    };
    check(options, async |tab, _| {
        tab.open("?backend=flex&tour=on").await?;
        let still = wait_for_digit(tab).await?;
        for (width, height) in [(1280, 800), (1024, 768), (1920, 1080)] {
            let metrics = serde_json::json!({
                "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false,
            });
            tab.cdp("Emulation.setDeviceMetricsOverride", metrics)
                .await?;
            for name in ["explore", "train", "evidence"] {
                let place = tab.bounds(&format!("tab-{name}")).await?;
                ensure!(
                    place.y + place.height <= f64::from(height),
                    "{name} is below the first screen of {width}×{height}: {place:?}"
                );
            }
        }
        tab.click("tour-skip").await?;
        // Nobody has moved z, so it moves by itself as on a visit without a tour.
        tab.changed_pixels(&still).await?;
        Ok(())
    })
    .await;
}
