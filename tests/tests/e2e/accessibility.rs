//! Accessibility of the panels, checked with axe-core.

use crate::wait_for_digit;
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::{env, fs};
use tests::browser::{Device, Options, Tab, check, log_line};

/// The source of axe-core, which `cargo xtask test` installs.
fn axe() -> Result<String> {
    let file = env::var_os("ELBO_AXE").context(
        "ELBO_AXE must name axe-core's axe.min.js; cargo xtask test installs it and sets this",
    )?;
    fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))
}

/// Serious and critical violations, each with the elements that cause it.
async fn violations(tab: &Tab, axe: &str) -> Result<Vec<String>> {
    tab.script(axe, vec![]).await?;
    let found = tab
        .script(
            "return axe.run(document, { resultTypes: ['violations'] }).then((all) => all.violations
                .filter((v) => ['serious', 'critical'].includes(v.impact))
                .map((v) => `${v.id} (${v.impact}): ${v.nodes.map((n) => n.target.join(' ')
                    + ' [' + n.any.map((a) => a.message).join('; ') + ']').join(', ')}`));",
            vec![],
        )
        .await?;
    match found {
        Value::Array(_) => Ok(serde_json::from_value(found)?),
        other => anyhow::bail!("axe-core gave {other}"),
    }
}

async fn ensure_no_violations(device: Device, panels: &'static [&'static str]) {
    let options = Options {
        device,
        ..Options::default()
    };
    check(options, async |tab, _| {
        let axe = axe()?;
        let mut all = Vec::new();
        for panel in panels {
            tab.open(&format!("?backend=flex&{panel}")).await?;
            wait_for_digit(tab).await?;
            for dark in [false, true] {
                tab.set_dark(dark).await?;
                let theme = if dark { "dark" } else { "light" };
                for violation in violations(tab, &axe).await? {
                    log_line(format!("{panel}, {theme}: {violation}"));
                    all.push(violation);
                }
            }
        }
        ensure!(all.is_empty(), "{} violations: {all:#?}", all.len());
        Ok(())
    })
    .await;
}

const PANELS: &[&str] = &[
    "model=mnist-2d&z=0,0",
    "model=mnist-2d&z=0,0&tab=explore&pins=1,1;-1,0",
    "model=mnist-16d&tab=explore",
    "model=mnist-2d&z=0,0&tab=train",
    "model=mnist-2d&z=0,0&tab=evidence",
    "model=mnist-16d&tab=evidence",
    "model=mnist-2d&z=0,0&tab=learn",
    "learn=2.1",
    "learn=4.2",
    "learn=7.4",
];

#[tokio::test]
async fn axe_finds_nothing_serious_on_desktop() {
    ensure_no_violations(Device::Desktop, PANELS).await;
}

#[tokio::test]
async fn axe_finds_nothing_serious_on_a_phone() {
    ensure_no_violations(Device::Phone, PANELS).await;
}

#[tokio::test]
async fn labels_hold_no_other_controls_and_all_fields_have_a_name() {
    check(Options::default(), async |tab, _| {
        for panel in PANELS {
            tab.open(&format!("?backend=flex&{panel}")).await?;
            wait_for_digit(tab).await?;
            tab.script(
                "document.querySelectorAll('details').forEach((e) => { e.open = true; });",
                vec![],
            )
            .await?;
            let problems = tab
                .script(
                    "const problems = [];
                    for (const e of document.querySelectorAll('label, legend')) {
                        const others = e.querySelectorAll('button, a[href], [tabindex]').length;
                        const fields = e.querySelectorAll('input, select, textarea').length;
                        if (others || fields > 1) problems.push(`a control in “${e.textContent}”`);
                    }
                    for (const e of document.querySelectorAll('input, select, textarea')) {
                        const ids = (e.getAttribute('aria-labelledby') ?? '').split(' ').filter(Boolean);
                        const own = [...ids.map((id) => document.getElementById(id)), ...(e.labels ?? [])]
                            .map((label) => label?.textContent ?? '')
                            .join('');
                        if (!(e.getAttribute('aria-label') || own).trim()) {
                            problems.push(`no name: ${e.outerHTML}`);
                        }
                    }
                    return problems;",
                    vec![],
                )
                .await?;
            ensure!(problems == serde_json::json!([]), "{panel}: {problems}");
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn map_points_of_has_a_name_of_its_own() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d&z=0,0&tab=explore")
            .await?;
        wait_for_digit(tab).await?;
        let names = tab
            .script(
                "return [...document.querySelector(\"[data-testid='map-points-of']\").labels]
                    .map((label) => label.textContent);",
                vec![],
            )
            .await?;
        ensure!(
            names == serde_json::json!(["Show encoded digits, at μ"]),
            "{names}"
        );
        // The explanation is a button beside it, which is named after it.
        let help = tab
            .script(
                "const e = document.querySelector('.field-inline .help');
                return e.getAttribute('aria-labelledby').split(' ')
                    .map((id) => document.getElementById(id))
                    .map((e) => e.getAttribute('aria-label') ?? e.textContent)
                    .join(' ');",
                vec![],
            )
            .await?;
        ensure!(
            help == serde_json::json!("Explanation: Show encoded digits, at μ"),
            "{help}"
        );
        Ok(())
    })
    .await;
}
