//! ONNX and PyTorch: a model is downloaded as ONNX and imported again, and as a project.

use crate::{CALM, ensure_same, wait_for_digit};
use anyhow::{Context, Result, ensure};
use tests::browser::{CAPTURE_SAVED_FILES, Options, Tab, check};

/// Opens mnist-2d, and returns the image at a z.
async fn open(tab: &Tab, panel: &str) -> Result<Vec<u8>> {
    tab.open(&format!("?backend=flex&model=mnist-2d{panel}"))
        .await?;
    wait_for_digit(tab).await?;
    pixels_at_z(tab).await
}

async fn pixels_at_z(tab: &Tab) -> Result<Vec<u8>> {
    tab.set_z(0, 0.7).await?;
    tab.set_z(1, -0.4).await?;
    tab.settled_pixels(CALM).await
}

async fn saved(tab: &Tab, count: usize) -> Result<Vec<(String, Vec<u8>)>> {
    tab.until(format!("{count} files are saved"), async || {
        let files = tab.saved_files().await?;
        Ok((files.len() == count).then_some(files))
    })
    .await
}

fn capturing() -> Options {
    Options {
        before_page: Some(CAPTURE_SAVED_FILES),
        ..Options::default()
    }
}

#[tokio::test]
async fn onnx_decodes_the_same_after_download_and_import() {
    check(capturing(), async |tab, _| {
        let drawn = open(tab, "").await?;
        tab.click("model-menu").await?;
        tab.until("the menu is there", async || {
            Ok(tab.visible("menu-download-onnx").await?.then_some(()))
        })
        .await?;
        tab.click("menu-download-onnx").await?;
        let files = saved(tab, 2).await?;
        let names: Vec<_> = files.iter().map(|(name, _)| name.as_str()).collect();
        ensure!(
            names == ["mnist-2d-decoder.onnx", "mnist-2d-encoder.onnx"],
            "{names:?}"
        );
        let (name, bytes) = files.first().context("a decoder")?;
        tab.upload_files("import-weights", &[(name, bytes)]).await?;
        tab.until("the imported model is on the stage", async || {
            Ok((tab.value("model").await? != "mnist-2d").then_some(()))
        })
        .await?;
        let again = pixels_at_z(tab).await?;
        ensure_same("before and after", &drawn, &again)
    })
    .await;
}

#[tokio::test]
async fn project_is_an_archive_of_programs_and_model() {
    check(capturing(), async |tab, _| {
        open(tab, "&tab=train").await?;
        tab.click("export-project").await?;
        let files = saved(tab, 1).await?;
        let (name, bytes) = files.first().context("an archive")?;
        ensure!(name == "mnist-2d-pytorch.zip", "{name}");
        let archive = zip::ZipArchive::new(std::io::Cursor::new(bytes.as_slice()))?;
        for file in ["model.py", "train.py", "check.json", "model.safetensors"] {
            let path = format!("mnist-2d-pytorch/{file}");
            ensure!(archive.file_names().any(|name| name == path), "no {path}");
        }
        Ok(())
    })
    .await;
}
