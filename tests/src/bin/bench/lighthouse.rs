//! Audits the page with [Lighthouse](https://developer.chrome.com/docs/lighthouse), as on a phone: its default settings, which
//! simulate a line of 1.6 Mbit/s with 150 ms and a processor that is four times slower.

use ::tests::browser::{Server, target_dir};
use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, env, fs, process::Command};

/// The environment variable with the path of its program.
const PROGRAM: &str = "ELBO_LIGHTHOUSE";
/// The performance to reach; all other categories must have 100.
pub(crate) const PERFORMANCE: f64 = 95.0;

/// What is shown beside the scores, with its unit of milliseconds or none.
const METRICS: [&str; 5] = [
    "first-contentful-paint",
    "largest-contentful-paint",
    "speed-index",
    "total-blocking-time",
    "cumulative-layout-shift",
];

/// One audit.
#[derive(Debug, Serialize)]
pub(crate) struct Audit {
    /// 0 to 100, by category.
    pub(crate) scores: BTreeMap<String, f64>,
    /// In milliseconds, and the layout shift.
    pub(crate) metrics: BTreeMap<String, f64>,
    /// What takes points in other categories than performance.
    pub(crate) failed: Vec<String>,
}

/// The part of Lighthouse's report that is read.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    categories: BTreeMap<String, Category>,
    audits: BTreeMap<String, AuditResult>,
    runtime_error: Option<serde_json::Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Category {
    score: Option<f64>,
    audit_refs: Vec<AuditRef>,
}

#[derive(Debug, Deserialize)]
struct AuditRef {
    id: String,
    weight: f64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AuditResult {
    title: String,
    score: Option<f64>,
    numeric_value: Option<f64>,
}

/// Audits the page `runs` times, each with an empty cache. The reports are saved below the target folder.
pub(crate) async fn measure(server: &Server, runs: usize) -> Result<Vec<Audit>> {
    // Compressed in advance, so that no reply waits for it.
    server.sizes_as_sent();
    let mut audits = Vec::new();
    for run in 1..=runs {
        let address = server.url();
        let file = target_dir()
            .join("bench")
            .join(format!("lighthouse-{run}.json"));
        // On a thread of its own, because the server answers on this one.
        let json = tokio::task::spawn_blocking(move || {
            if let Some(folder) = file.parent() {
                fs::create_dir_all(folder)?;
            }
            let status = command()?
                .arg(address)
                .args(["--output=json", "--quiet"])
                .arg(format!("--output-path={}", file.display()))
                .arg("--chrome-flags=--headless=new --no-sandbox --disable-dev-shm-usage")
                .status()
                .context("Lighthouse did not start")?;
            ensure!(status.success(), "Lighthouse failed: {status}");
            fs::read_to_string(&file).with_context(|| file.display().to_string())
        })
        .await??;
        let audit = read(&json)?;
        eprintln!("  {audit:?}");
        audits.push(audit);
    }
    Ok(audits)
}

fn command() -> Result<Command> {
    let program = env::var_os(PROGRAM);
    let program = program.with_context(|| {
        format!(
            "{PROGRAM} is not the path of Lighthouse: run this by “cargo xtask bench -- --parts lighthouse”, which \
             installs it"
        )
    })?;
    let mut command = Command::new(program);
    // Otherwise Lighthouse searches for one.
    if let Some(browser) = env::var_os("CHROMIUM").or_else(|| env::var_os("CHROME")) {
        command.env("CHROME_PATH", browser);
    }
    Ok(command)
}

fn read(json: &str) -> Result<Audit> {
    let report: Report = serde_json::from_str(json).context("Lighthouse's report")?;
    if let Some(error) = report.runtime_error {
        anyhow::bail!("Lighthouse could not load the page: {error}");
    }
    let mut scores = BTreeMap::new();
    let mut failed = Vec::new();
    for (name, category) in &report.categories {
        let score = category
            .score
            .with_context(|| format!("no score for {name}"))?;
        scores.insert(name.clone(), 100.0 * score);
        let weighted = category
            .audit_refs
            .iter()
            .filter(|audit| audit.weight > 0.0);
        for audit in weighted.filter(|_| name != "performance") {
            let result = report
                .audits
                .get(&audit.id)
                .context("an audit is missing")?;
            if result.score.is_some_and(|score| score < 1.0) {
                failed.push(format!("{name}: {}", result.title));
            }
        }
    }
    let metrics = METRICS.into_iter().filter_map(|name| {
        let value = report.audits.get(name)?.numeric_value?;
        Some((name.to_owned(), value))
    });
    Ok(Audit {
        scores,
        metrics: metrics.collect(),
        failed,
    })
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn read_names_what_takes_points() {
        let json = r#"{
            "categories": {
                "performance": { "score": 0.955, "auditRefs": [{ "id": "total-blocking-time", "weight": 30 }] },
                "seo": { "score": 0.5, "auditRefs": [{ "id": "a", "weight": 1 }, { "id": "b", "weight": 1 }, { "id": "c", "weight": 0 }] }
            },
            "audits": {
                "total-blocking-time": { "title": "Total Blocking Time", "score": 0.9, "numericValue": 120.5 },
                "a": { "title": "It has a title", "score": 1 },
                "b": { "title": "It has no description", "score": 0 },
                "c": { "title": "Not weighted", "score": 0 }
            }
        }"#;
        let audit = read(json).unwrap();
        assert_eq!(audit.scores["performance"], 95.5);
        assert_eq!(audit.scores["seo"], 50.0);
        assert_eq!(audit.metrics["total-blocking-time"], 120.5);
        assert_eq!(audit.failed, ["seo: It has no description"]);
        let error =
            read(r#"{ "categories": {}, "audits": {}, "runtimeError": { "code": "NO_FCP" } }"#);
        assert!(error.unwrap_err().to_string().contains("NO_FCP"));
    }
}
