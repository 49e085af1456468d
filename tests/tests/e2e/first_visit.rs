//! Opening the page: it shows a digit without interaction, and no request fails.

use crate::{CALM, ink, wait_for_digit};
use anyhow::ensure;
use tests::browser::{Options, check, log_line};

#[tokio::test]
async fn page_shows_a_digit_without_interaction() {
    check(Options::default(), async |tab, server| {
        tab.open("").await?;
        let pixels = wait_for_digit(tab).await?;
        let ink = ink(&pixels);
        ensure!(
            (0.02..0.6).contains(&ink),
            "a digit covers some of the image, not {ink}"
        );
        let latency = tab
            .wait_text("latency", "gives milliseconds", |text| {
                text.chars().any(|c| c.is_ascii_digit())
            })
            .await?;
        log_line(format!("latency: {latency}"));
        ensure!(latency.contains("ms"), "a time has a unit: {latency:?}");
        let mark = "return performance.getEntriesByName('first-digit')[0]?.startTime ?? 0";
        let first = tab.until_script("the page marks its first digit", mark);
        log_line(format!("first digit after {} ms", first.await?));

        let requests = server.requests();
        for request in &requests {
            log_line(format!(
                "{} {} {} B",
                request.status, request.path, request.bytes
            ));
        }
        let failed: Vec<_> = requests.iter().filter(|r| r.status != 200).collect();
        ensure!(failed.is_empty(), "requests that failed: {failed:?}");

        let font = requests.iter().find(|r| r.path.contains("fonts/"));
        ensure!(font.is_none(), "the math font is for equations: {font:?}");
        tab.click("tab-evidence").await?;
        let loaded = "return [...document.fonts].some((font) => font.status === 'loaded')";
        tab.until_script("the equations' font", loaded).await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn page_opens_on_a_repeat_visit() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex").await?;
        let first = wait_for_digit(tab).await?;
        tab.open("?backend=flex").await?;
        let second = wait_for_digit(tab).await?;
        ensure!(
            first == second,
            "a bare address always opens the same digit"
        );
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn playback_runs_until_the_user_moves_z() {
    let options = Options {
        motion: true,
        ..Options::default()
    };
    check(options, async |tab, _| {
        tab.open("?backend=flex").await?;
        let first = tab.changed_pixels(&[]).await?;
        let second = tab.changed_pixels(&first).await?;
        tab.changed_pixels(&second).await?;
        log_line(format!("moving, z is {:?} now", tab.z().await?));
        tab.set_z(0, 0.5).await?;
        tab.settled_pixels(CALM).await?;
        let z = tab.z().await?;
        log_line(format!("still after an input, z is {z:?}"));
        ensure!(z[0] == 0.5, "z-0 was set to 0.5 and is {}", z[0]);
        Ok(())
    })
    .await;
}
