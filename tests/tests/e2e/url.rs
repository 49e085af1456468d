//! The address: it contains model and z, and invalid parts are reported.

use crate::{CALM, ensure_same, page_text, wait_for_digit};
use anyhow::ensure;
use tests::browser::{Options, check, log_line};

#[tokio::test]
async fn url_restores_model_and_z() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex").await?;
        wait_for_digit(tab).await?;
        tab.set_value("model", "mnist-16d").await?;
        tab.until("there are 16 sliders", async || {
            Ok((tab.z().await?.len() == 16).then_some(()))
        })
        .await?;
        tab.set_z(0, -1.37).await?;
        tab.set_z(7, 2.11).await?;
        let shown = tab.settled_pixels(CALM).await?;
        let z = tab.z().await?;
        // The address follows a moment later: browsers limit how often it may change.
        let address = tab
            .until("the address carries z", async || {
                let address = tab.url().await?;
                Ok((address.contains("1.37") && address.contains("2.11")).then_some(address))
            })
            .await?;
        log_line(format!("address: {address}"));
        ensure!(address.contains("mnist-16d"), "no model in {address}");
        tab.reload().await?;
        let again = wait_for_digit(tab).await?;
        ensure!(tab.z().await? == z, "z after reload: {:?}", tab.z().await?);
        ensure_same("before and after reload", &shown, &again)?;
        // As a shared link.
        tab.goto(&address).await?;
        let shared = wait_for_digit(tab).await?;
        ensure_same("as a shared link", &shown, &shared)
    })
    .await;
}

#[tokio::test]
async fn url_z_out_of_range_is_clamped_and_reported() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d&z=6,-6").await?;
        let border = wait_for_digit(tab).await?;
        ensure!(!page_text(tab).await?.contains("clamped to the range"));
        tab.open("?backend=flex&model=mnist-2d&z=99,-6.5").await?;
        let shown = wait_for_digit(tab).await?;
        ensure_same("beyond the border and on it", &border, &shown)?;
        ensure!(
            page_text(tab)
                .await?
                .contains("clamped to the range from −6 to 6: (6.00, −6.00)")
        );
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn url_with_invalid_z_opens_the_defaults_and_is_reported() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex").await?;
        let defaults = wait_for_digit(tab).await?;
        let calm_text = page_text(tab).await?;
        tab.set_z(0, 1.23).await?;
        let address = tab
            .until("the address carries z", async || {
                let address = tab.url().await?;
                Ok(address.contains("1.23").then_some(address))
            })
            .await?;
        for broken in ["oops", "NaN", "1e99"] {
            let address = address.replacen("1.23", broken, 1);
            tab.goto(&address).await?;
            let shown = wait_for_digit(tab).await?;
            ensure_same(&address, &defaults, &shown)?;
            let text = page_text(tab).await?;
            let new: Vec<_> = text
                .lines()
                .filter(|line| line.chars().filter(|c| c.is_alphabetic()).count() > 12)
                .filter(|line| !calm_text.contains(line))
                .collect();
            log_line(format!("the page adds: {new:?}"));
            ensure!(
                !new.is_empty(),
                "the page does not report that {address} is invalid"
            );
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn share_says_what_the_link_holds() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d&tab=evidence")
            .await?;
        wait_for_digit(tab).await?;
        let choose = "const digit = document.querySelector('.sample-digit'); digit?.click(); return !!digit;";
        tab.until_script("digits to choose from", choose).await?;
        let encoded = "return !!document.querySelector(`[data-testid='elbo']`)";
        tab.until_script("the digit is encoded", encoded).await?;
        tab.click("share").await?;
        tab.wait_text("notice", "says what is missing", |text| {
            text.contains("z, pins, map view and panel") && text.contains("without the encoded image")
        })
        .await?;
        Ok(())
    })
    .await;
}
