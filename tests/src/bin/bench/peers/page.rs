//! Time from navigation to the first digit, and bytes: each contender's minimal page, and ELBO Room's page.

use super::{
    Plan,
    contender::Contender,
    report::{MinimalPage, Report},
};
use crate::{
    Args,
    first_digit::{self, FirstDigit},
};
use anyhow::Result;
use serde::Serialize;
use std::{collections::BTreeMap, path::Path};
use tests::browser::{self, Compression, Driver, Options, Server};

/// ELBO Room's published page.
#[derive(Debug, Serialize)]
pub(crate) struct Page {
    pub(crate) first: FirstDigit,
    /// Bytes of each engine as sent, JavaScript and wasm; the fused wasm module if there is one.
    pub(crate) engines: BTreeMap<String, usize>,
}

pub(crate) async fn measure(
    args: &Args,
    driver: &Driver,
    options: &Options,
    site: &Path,
    contenders: &[Contender],
    plan: &Plan,
    report: &mut Report,
) -> Result<()> {
    // Brotli at its highest level takes minutes for some of the peers' modules; results are cached.
    let (compression, name) = if args.quick {
        (Compression::Gzip, "gzip")
    } else {
        (Compression::Brotli, "brotli")
    };
    eprintln!("compressing the pages");
    let server = Server::start(site, compression).await?;
    let sent = server.sizes_as_sent();
    let raw: BTreeMap<&str, usize> = server.files().map(|(path, b)| (path, b.len())).collect();
    for contender in contenders {
        eprintln!("{}: first digit, {name}", contender.title);
        let variant = contender.variant().to_string();
        let query: String = url::form_urlencoded::byte_serialize(variant.as_bytes()).collect();
        let address = format!("first.html?variant={query}");
        let what = (name, address.as_str());
        let first = first_digit::measure(driver, &server, options, what, plan.starts).await?;
        let library = first.files.iter().filter(|file| is_library(file));
        let library: Vec<&str> = library.map(String::as_str).collect();
        report.first_digit.insert(
            contender.id,
            MinimalPage {
                bundle: library.iter().filter_map(|file| sent.get(*file)).sum(),
                bundle_raw: library.iter().filter_map(|file| raw.get(file)).sum(),
                first,
            },
        );
    }
    let dist = args.dist.clone().unwrap_or_else(browser::dist);
    if dist.join("index.html").is_file() {
        eprintln!("ELBO Room's page: first digit, {name}");
        let server = Server::start(&dist, compression).await?;
        let sent = server.sizes_as_sent();
        let what = (name, "");
        let first = first_digit::measure(driver, &server, options, what, plan.starts).await?;
        report.page = Some(Page {
            first,
            engines: engines(&sent),
        });
    }
    Ok(())
}

/// Whether a file belongs to the library, not to the page, its script, the weights or the browser.
fn is_library(file: &str) -> bool {
    ["contenders/", "ours/", "ort/", "tfjs/"]
        .iter()
        .any(|folder| file.starts_with(folder))
}

fn engines(sent: &BTreeMap<String, usize>) -> BTreeMap<String, usize> {
    ["flex", "ndarray", "webgpu"]
        .into_iter()
        .filter_map(|backend| {
            let program = sent.get(&format!("engine-{backend}.js"))?;
            let module = sent
                .get(&format!("engine-{backend}-fused_bg.wasm"))
                .or_else(|| sent.get(&format!("engine-{backend}_bg.wasm")))?;
            Some((backend.to_owned(), program + module))
        })
        .collect()
}
