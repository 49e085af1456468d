//! Takes screenshots of the page for review: desktop and phone, light and dark, each model and panel.
//!
//! `cargo run -p tests --features e2e --bin shots -- --out DIR`

use anyhow::{Result, ensure};
use clap::Parser;
use std::{path::PathBuf, time::Duration};
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
    /// Panels to open; `none` is the page without a panel.
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "none,explore,train,evidence"
    )]
    panels: Vec<String>,
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
            for model in &args.models {
                for panel in &args.panels {
                    let backend = &args.backend;
                    let mut address = format!("?backend={backend}&model={model}");
                    if panel != "none" {
                        address.push_str(&format!("&tab={panel}"));
                    }
                    tab.open(&address).await?;
                    tab.settled_pixels(Duration::from_secs(1)).await?;
                    if panel == "evidence" {
                        tab.settled(Duration::from_secs(1), "the ELBO is stable", async || {
                            tab.text("elbo").await
                        })
                        .await?;
                    }
                    let file = args
                        .out
                        .join(format!("{model}-{panel}-{size}-{scheme}.png"));
                    tab.save_full_screenshot(&file).await?;
                    println!("{}", file.display());
                }
            }
            tab.close().await?;
        }
    }
    Ok(())
}
