//! Where the page is served from: strict policies, and no server at all.

use anyhow::ensure;
use serde_json::json;
use tests::browser::{Options, check, dist};

/// Every end-to-end test runs under the policy, and a violation in the console fails it. This one checks that the page
/// brings the policy with it, and that it would apply.
#[tokio::test]
async fn page_has_a_strict_policy_and_nothing_inline() {
    let options = Options {
        expects_errors: true,
        ..Options::default()
    };
    check(options, async |tab, server| {
        tab.open("?backend=flex&tab=evidence").await?;
        tab.wait_backend(Some("flex")).await?;
        let policy = "return document.querySelector(\
            'meta[http-equiv=\"Content-Security-Policy\"]')?.content ?? ''";
        let policy = tab.script(policy, vec![]).await?;
        let policy = policy.as_str().unwrap_or_default();
        ensure!(policy.contains("default-src 'none'"), "policy: {policy:?}");
        ensure!(!policy.contains("unsafe-inline"), "policy: {policy:?}");
        let index = server
            .files()
            .find(|(path, _)| *path == "index.html")
            .map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned())
            .unwrap_or_default();
        let scripts = index.split("<script").skip(1);
        let without_source = scripts
            .filter(|script| !script.split('>').next().unwrap_or_default().contains(" src="))
            .count();
        ensure!(without_source == 0, "{without_source} inline scripts");
        for inline in ["<style", " style=", " onclick=", " onload=", " onerror="] {
            ensure!(!index.contains(inline), "index.html has {inline}");
        }
        // The policy is in force: an inline script does not run.
        let run = "const script = document.createElement('script');
            try { script.textContent = 'globalThis.ran = true'; document.body.append(script); } catch {}
            return globalThis.ran ?? false;";
        let blocked = "globalThis.violations = 0;
            addEventListener('securitypolicyviolation', () => violations++);";
        tab.script(blocked, vec![]).await?;
        let ran = tab.script(run, vec![]).await?;
        ensure!(ran == json!(false), "an inline script ran");
        tab.until_script("the violation is reported", "return globalThis.violations > 0")
            .await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn page_opened_as_a_file_says_how_to_serve_it() {
    let options = Options {
        expects_errors: true,
        ..Options::default()
    };
    check(options, async |tab, _| {
        let file = format!("file://{}", dist().join("index.html").display());
        tab.goto(&file).await?;
        let message = tab
            .wait_text("error", "says what to do", |text| {
                text.contains("web server")
            })
            .await?;
        ensure!(message.contains("cargo xtask serve"), "{message}");
        Ok(())
    })
    .await;
}
