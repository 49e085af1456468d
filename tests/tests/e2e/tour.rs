//! The tour of the page.

use crate::wait_for_digit;
use anyhow::{Result, ensure};
use fantoccini::key::Key;
use tests::browser::{Device, Options, Tab, check};

/// Whether the tour covers the image, the sliders or the plane.
async fn covers_the_stage(tab: &Tab) -> Result<bool> {
    let tour = tab.bounds("tour").await?;
    for id in ["decoded", "z-0", "latent-plane"] {
        let part = tab.bounds(id).await?;
        let apart = tour.y + tour.height <= part.y
            || part.y + part.height <= tour.y
            || tour.x + tour.width <= part.x
            || part.x + part.width <= tour.x;
        if !apart {
            return Ok(true);
        }
    }
    Ok(false)
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
                ensure!(
                    !covers_the_stage(tab).await?,
                    "step {step} covers the stage"
                );
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
