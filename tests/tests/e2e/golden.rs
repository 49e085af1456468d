//! The map, a traversal and the plane on flex, compared with the approved images in `tests/golden/`.

use crate::{CALM, wait_for_digit};
use anyhow::Result;
use std::time::Duration;
use tests::{
    browser::{Options, Tab, check},
    golden_image::{GoldenImage, Tolerance, canvas, ensure_golden, seen},
};

/// For decoded pixels: only rounding may differ.
const DECODED: Tolerance = Tolerance {
    level: 2,
    share: 0.0,
};
/// For what the browser paints: the edges of lines and letters may differ.
const DRAWN: Tolerance = Tolerance {
    level: 40,
    share: 0.02,
};

/// A canvas, once it has stayed the same for a second: it is filled in batches.
async fn settled(tab: &Tab, selector: &str) -> Result<GoldenImage> {
    let what = format!("{selector} stays the same");
    tab.settled(Duration::from_secs(1), what, async || {
        Ok(Some(canvas(tab, selector).await?))
    })
    .await
}

#[tokio::test]
async fn golden_map_traversal_and_plane() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d&tab=explore&z=0.5,1")
            .await?;
        wait_for_digit(tab).await?;
        let map = settled(tab, "[data-testid='map-pictures']").await?;
        ensure_golden("map", &map, DECODED)?;
        let strip = settled(tab, "[data-testid='traversal-0'] canvas").await?;
        ensure_golden("traversal", &strip, DECODED)?;

        // The posterior of an image that is always the same: a straight stroke downwards.
        tab.click("map-pictures-on").await?;
        tab.drag_in(
            "encode-pad",
            &[(0.5, 0.2), (0.5, 0.5), (0.5, 0.8)],
            Duration::ZERO,
        )
        .await?;
        tab.until("its posterior is shown", async || {
            Ok(tab.visible("posterior").await?.then_some(()))
        })
        .await?;
        tab.settled_pixels(CALM).await?;
        // At its full size, as long as the stage is not a strip.
        tab.script("scrollTo(0, 0)", vec![]).await?;
        let full = "return !document.querySelector('main.collapsing')";
        tab.until_script("the stage is whole", full).await?;
        let plane = seen(tab, "latent-plane").await?;
        ensure_golden("plane", &plane, DRAWN)
    })
    .await;
}
