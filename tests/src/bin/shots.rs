//! Takes screenshots of the page for review: desktop and phone, light and dark, each model and panel.
//!
//! `cargo run -p tests --features e2e --bin shots -- --out DIR`

use anyhow::{Result, ensure};
use clap::Parser;
use std::{
    path::{Path, PathBuf},
    time::Duration,
};
use tests::browser::{self, BrowserEngine, Compression, Device, Driver, Options, Server, Tab};

/// Takes screenshots of the page: desktop and phone, light and dark, each model and panel.
#[derive(Debug, Parser)]
struct Args {
    /// Output folder.
    #[arg(long)]
    out: PathBuf,
    /// The built page [default: ELBO_DIST, or dist/].
    #[arg(long)]
    dist: Option<PathBuf>,
    /// Models to show.
    #[arg(long, value_delimiter = ',', default_value = "mnist-2d,mnist-16d")]
    models: Vec<String>,
    /// Panels to open; `none` is the page without a panel, `compare` two models side by side and the user's own models.
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "none,explore,train,evidence"
    )]
    panels: Vec<String>,
    /// Files of models of other programs to import, each by itself.
    #[arg(long, value_delimiter = ',')]
    imports: Vec<PathBuf>,
    /// The backend; CPU backends give the same image each time.
    #[arg(long, default_value = "flex")]
    backend: String,
}

#[tokio::main]
async fn main() -> Result<()> {
    let args = Args::parse();
    let dist = args.dist.clone().unwrap_or_else(browser::dist);
    ensure!(
        dist.join("index.html").is_file(),
        "no page at {}: build it first",
        dist.display()
    );
    let server = Server::start(&dist, Compression::None).await?;
    let driver = Driver::start(BrowserEngine::Chromium)?;
    for (device, size) in [(Device::Desktop, "1280x800"), (Device::Phone, "360x740")] {
        for (dark, scheme) in [(false, "light"), (true, "dark")] {
            let options = Options {
                device,
                dark,
                ..Options::default()
            };
            let tab = Tab::start(driver.url(), &server, &options).await?;
            let save = async |name: &str| -> Result<()> {
                let file = args.out.join(format!("{name}-{size}-{scheme}.png"));
                tab.save_full_screenshot(&file).await?;
                println!("{}", file.display());
                Ok(())
            };
            let backend = &args.backend;
            // First, so that the table of one's own models has rows.
            for file in &args.imports {
                tab.open(&format!("?backend={backend}&model=mnist-2d"))
                    .await?;
                import(&tab, file).await?;
                let name = file.file_name().unwrap_or_default().to_string_lossy();
                save(&format!("import-{name}")).await?;
                tab.click("import-keep").await?;
                saved(&tab).await?;
            }
            for model in &args.models {
                for panel in &args.panels {
                    tab.open(&address(backend, model, panel)).await?;
                    tab.settled_pixels(Duration::from_secs(1)).await?;
                    match panel.as_str() {
                        "evidence" => {
                            tab.settled(Duration::from_secs(1), "the ELBO is stable", async || {
                                tab.text("elbo").await
                            })
                            .await?;
                        }
                        "compare" => compare(&tab, &args.models).await?,
                        _ => {}
                    }
                    save(&format!("{model}-{panel}")).await?;
                }
            }
            tab.close().await?;
        }
    }
    Ok(())
}

fn address(backend: &str, model: &str, panel: &str) -> String {
    let model = format!("?backend={backend}&model={model}");
    match panel {
        "none" => model,
        "compare" => format!("{model}&tab=explore"),
        _ => format!("{model}&tab={panel}"),
    }
}

/// Imports a file, and opens the diagram of its layers.
async fn import(tab: &Tab, file: &Path) -> Result<()> {
    tab.settled_pixels(Duration::from_secs(1)).await?;
    tab.upload_paths("import-weights", &[file.to_owned()])
        .await?;
    tab.until("it is imported", async || {
        Ok(tab.visible("import-keep").await?.then_some(()))
    })
    .await?;
    let open = "document.querySelectorAll('.import details').forEach((e) => { e.open = true; });";
    tab.script(open, vec![]).await?;
    tab.settled(
        Duration::from_secs(2),
        "the report is complete",
        async || tab.text("import-report").await,
    )
    .await?;
    Ok(())
}

/// Waits until the kept model is stored.
async fn saved(tab: &Tab) -> Result<()> {
    tab.until("all is saved", async || {
        let is_open = tab.visible("import-report").await?;
        let unsaved = tab.text("save-state").await?;
        let is_saved = unsaved.is_none_or(|text| text == "Saved");
        Ok((!is_open && is_saved).then_some(()))
    })
    .await
}

/// Opens the comparison of the current model with the last one.
async fn compare(tab: &Tab, models: &[String]) -> Result<()> {
    let open = "const section = document.querySelector('[data-testid=compare]');
        if (section) section.open = true;
        return !!document.querySelector('[data-testid=compare-with]');";
    tab.until_script("the comparison is open", open).await?;
    if let Some(last) = models.last() {
        tab.set_value("compare-with", last).await?;
    }
    tab.settled(
        Duration::from_secs(3),
        "the figures are stable",
        async || tab.text("compare").await,
    )
    .await?;
    Ok(())
}
