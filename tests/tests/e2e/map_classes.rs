//! The classes of the encoded images on the map: colours, names, and one class alone.

use crate::wait_for_digit;
use anyhow::{Context, Result, ensure};
use serde_json::json;
use std::collections::BTreeMap;
use tests::browser::{Options, Tab, check, log_line};

/// The painted pixels of the points: how many there are of each colour and opacity.
async fn painted(tab: &Tab) -> Result<BTreeMap<String, usize>> {
    let script = "const e = document.querySelector(\"[data-testid='map-points']\");
        const rgba = e.getContext('2d').getImageData(0, 0, e.width, e.height).data;
        const counts = {};
        for (let i = 0; i < rgba.length; i += 4) {
            if (rgba[i + 3]) {
                const key = `${[...rgba.slice(i, i + 3)].join()} ${rgba[i + 3] === 255}`;
                counts[key] = (counts[key] ?? 0) + 1;
            }
        }
        return counts;";
    Ok(serde_json::from_value(tab.script(script, vec![]).await?)?)
}

/// The colours that are opaque.
fn opaque(painted: &BTreeMap<String, usize>) -> Vec<&str> {
    let opaque = painted.keys().filter_map(|key| key.strip_suffix(" true"));
    opaque.collect()
}

/// The colour of a class in the legend: "1,2,3".
async fn legend_colour(tab: &Tab, class: usize) -> Result<String> {
    let script = "const e = document.querySelector(`[data-testid='class-${arguments[0]}'] span`);
        return getComputedStyle(e).backgroundColor.match(/\\d+/g).slice(0, 3).join();";
    let colour = tab.script(script, vec![json!(class)]).await?;
    Ok(colour.as_str().context("a colour")?.to_owned())
}

#[tokio::test]
async fn map_classes_are_named_and_one_can_be_isolated() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d&tab=explore&z=3,-3").await?;
        wait_for_digit(tab).await?;
        tab.set_value("map-points-of", "mnist").await?;
        tab.wait_text("map-status", "all are encoded", |text| text.starts_with("10000 of 10000"))
            .await?;
        let all = painted(tab).await?;
        log_line(format!("pixels by colour: {all:?}"));
        ensure!(opaque(&all).len() == 10, "ten classes, ten colours: {all:?}");
        let mut colours = Vec::new();
        for class in 0..10 {
            let colour = legend_colour(tab, class).await?;
            ensure!(opaque(&all).contains(&colour.as_str()), "{class}: {colour} is on the map");
            colours.push(colour);
        }

        let names = async || -> Result<Vec<String>> {
            let script = "return [...document.querySelectorAll('.class-labels text')].map((e) => e.textContent);";
            Ok(serde_json::from_value(tab.script(script, vec![]).await?)?)
        };
        let found = names().await?;
        let expected: Vec<String> = (0..10).map(|class| class.to_string()).collect();
        ensure!(found == expected, "each class has its name on the map: {found:?}");

        // The images are dimmed, and the circles of the prior are above the points.
        let style = tab
            .script(
                "const area = document.querySelector(\"[data-testid='latent-plane']\");
                const layers = document.querySelector('.map-layers');
                return [
                    Number(getComputedStyle(document.querySelector('.map-images')).opacity),
                    !!(layers.compareDocumentPosition(area) & Node.DOCUMENT_POSITION_FOLLOWING),
                    getComputedStyle(area.querySelector('.sigma')).stroke,
                ];",
                vec![],
            )
            .await?;
        ensure!(style[0].as_f64().is_some_and(|opacity| opacity < 0.6), "{style}");
        ensure!(style[1] == json!(true) && style[2] == json!("rgb(255, 255, 255)"), "{style}");

        tab.click("class-3").await?;
        let isolated = tab
            .until("one class is opaque", async || {
                let now = painted(tab).await?;
                Ok((opaque(&now).len() == 1).then_some(now))
            })
            .await?;
        ensure!(opaque(&isolated) == [colours[3].as_str()], "{isolated:?}");
        let own = format!("{} true", colours[3]);
        ensure!(isolated[&own] >= all[&own], "no point of the class is covered");
        ensure!(isolated.len() > 1, "the others are faint");
        ensure!(names().await? == ["3"], "one name is left");

        // Another class takes its place, and a second click shows all.
        tab.click("class-5").await?;
        tab.until("class 5 is shown", async || {
            Ok((opaque(&painted(tab).await?) == [colours[5].as_str()]).then_some(()))
        })
        .await?;
        tab.click("class-5").await?;
        tab.until("all are shown again", async || {
            Ok((painted(tab).await? == all).then_some(()))
        })
        .await
    })
    .await;
}

#[tokio::test]
async fn map_density_has_no_hue() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d&tab=explore&z=3,-3")
            .await?;
        wait_for_digit(tab).await?;
        tab.set_value("map-points-of", "mnist").await?;
        tab.click("map-density-on").await?;
        tab.wait_text("map-status", "all are encoded", |text| {
            text.starts_with("10000 of 10000")
        })
        .await?;
        let script = "const e = document.querySelector(\"[data-testid='map-density']\");
            const rgba = e.getContext('2d').getImageData(0, 0, e.width, e.height).data;
            let [drawn, coloured] = [0, 0];
            for (let i = 0; i < rgba.length; i += 4) {
                if (rgba[i + 3] > 20) {
                    drawn++;
                    if (rgba[i] !== rgba[i + 1] || rgba[i] !== rgba[i + 2]) coloured++;
                }
            }
            return drawn > 1000 && [drawn, coloured];";
        let found = tab.until_script("the density is drawn", script).await?;
        log_line(format!("drawn and coloured pixels: {found}"));
        ensure!(found[1] == json!(0), "{found}");
        Ok(())
    })
    .await;
}
