//! Runs one browser test at a time, skips it without a browser, and saves diagnostics when it fails.

use super::{
    driver::{Driver, Missing},
    paths,
    server::{Compression, Server},
    tab::{Options, Severity, Tab},
};
use anyhow::{Context, Result, ensure};
use futures_util::FutureExt;
use std::{any::Any, env, fmt::Display, io::Write, panic::AssertUnwindSafe};
use tokio::sync::Mutex;

/// Allows one browser at a time: two that render in software on two cores would slow each other down.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// Prints a line for a test, directly to stderr, because libtest hides the output of passing tests.
pub fn log_line(what: impl Display) {
    let _ = writeln!(std::io::stderr(), "    {what}");
}

/// Runs a test against the built page: a server, a browser with a fresh profile, the test.
///
/// The test also fails if a request went to another origin or, unless it expects errors, if there are
/// errors in the console. When it fails, a screenshot, the console and the requests are saved below the
/// target folder, and their path is printed.
///
/// # Panics
///
/// If the test fails; in CI (the environment variable `CI` is set) also if a prerequisite is missing.
pub async fn check<F>(options: Options, test: F)
where
    F: AsyncFnOnce(&Tab, &Server) -> Result<()>,
{
    let name = test_name(&test);
    let _turn = ONE_AT_A_TIME.lock().await;
    let _ = writeln!(std::io::stderr(), "{name}");
    if let Err(error) = run(&name, options, test).await {
        match error.downcast_ref::<Missing>() {
            Some(missing) if env::var_os("CI").is_none() => {
                log_line(format!("SKIPPED, nothing was tested: {missing}"));
            }
            _ => panic!("{name}: {error:?}"),
        }
    }
}

async fn run<F>(name: &str, options: Options, test: F) -> Result<()>
where
    F: AsyncFnOnce(&Tab, &Server) -> Result<()>,
{
    let dist = paths::dist();
    if !dist.join("index.html").is_file() {
        let place = dist.display();
        let why = format!("no page at {place}: build it, or set ELBO_DIST");
        return Err(Missing(why).into());
    }
    let server = Server::start(&dist, Compression::None).await?;
    let driver = Driver::shared(options.engine)?;
    let tab = Tab::start(&driver, &server, &options).await?;
    let outcome = AssertUnwindSafe(async {
        test(&tab, &server).await?;
        afterwards(&tab, &server, &options).await
    })
    .catch_unwind()
    .await;
    let outcome = outcome.unwrap_or_else(|panic| Err(anyhow::anyhow!(panic_text(&*panic))));
    let outcome = match outcome {
        Err(error) if error.downcast_ref::<Missing>().is_none() => {
            let kept = save_diagnostics(name, &tab, &server).await;
            let kept = kept.unwrap_or_else(|why| format!("no diagnostics saved: {why:#}"));
            Err(error.context(kept))
        }
        other => other,
    };
    let closed = tab.close().await;
    outcome.and(closed)
}

/// Checks that apply after every test.
async fn afterwards(tab: &Tab, server: &Server, options: &Options) -> Result<()> {
    let foreign = server.foreign();
    ensure!(
        foreign.is_empty(),
        "requests to other origins: {:?}",
        foreign.iter().map(|r| &r.path).collect::<Vec<_>>()
    );
    if !options.expects_errors {
        let console = tab.console().await?;
        let errors: Vec<_> = console
            .iter()
            .filter(|(severity, _)| *severity == Severity::Error)
            .map(|(_, text)| text)
            .collect();
        ensure!(errors.is_empty(), "errors in the console: {errors:#?}");
    }
    Ok(())
}

async fn save_diagnostics(name: &str, tab: &Tab, server: &Server) -> Result<String> {
    let folder = paths::target_dir().join("e2e").join(name);
    std::fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    let mut seen = vec![format!("address: {}", tab.url().await?)];
    for id in ["backend-active", "latency", "error"] {
        seen.push(format!("{id}: {:?}", tab.text(id).await?));
    }
    seen.push(format!("elements: {:?}", tab.ids().await?));
    seen.push("console:".to_owned());
    for (severity, text) in tab.console().await? {
        seen.push(format!("  {severity:?} {text}"));
    }
    seen.push("requests:".to_owned());
    for request in server.requests().into_iter().chain(server.foreign()) {
        let super::Request {
            path,
            status,
            bytes,
            ..
        } = request;
        seen.push(format!("  {status} {path} ({bytes} bytes)"));
    }
    std::fs::write(folder.join("seen.txt"), seen.join("\n") + "\n")?;
    tab.save_screenshot(&folder.join("screen.png")).await?;
    Ok(format!("screen.png and seen.txt in {}", folder.display()))
}

/// The test's name. libtest names the thread after it; if all tests run on the main thread, the path of
/// the closure is used instead.
fn test_name<F>(test: &F) -> String {
    let thread = std::thread::current();
    match thread.name() {
        Some(name) if name != "main" => name.replace("::", "-"),
        _ => std::any::type_name_of_val(test)
            .split("::")
            .filter(|part| !part.starts_with('{'))
            .skip(1)
            .collect::<Vec<_>>()
            .join("-"),
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "the test panicked".to_owned())
}
