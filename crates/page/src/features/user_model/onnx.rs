//! ONNX: downloads the current model in this format, and shows how to write it in PyTorch.

use crate::dom;
use crate::features::user_model::import::importer::ModelImporter;
use crate::state::actions::Actions;
use crate::ui::button::{Button, ButtonKind};
use leptos::prelude::*;
use protocol::NamedFile;
use wasm_bindgen_futures::spawn_local;

/// The line of Python that exports a decoder.
const EXPORT_LINE: &str = "torch.onnx.export(model.decoder.eval(), torch.zeros(1, latent_size), \"decoder.onnx\", input_names=[\"z\"], output_names=[\"image\"], dynamic_axes={\"z\": {0: \"n\"}, \"image\": {0: \"n\"}})";

/// Downloads the current model as `NAME-decoder.onnx` and, with an encoder, `NAME-encoder.onnx`. What went wrong is
/// written to `error`, as a sentence.
#[component]
pub(crate) fn DownloadOnnx(error: RwSignal<Option<String>>) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let importer = expect_context::<ModelImporter>();
    let export = move |_| {
        let Some(files) = actions.files() else {
            return error.set(Some("There is no model yet.".to_owned()));
        };
        error.set(None);
        let name = files.name.clone();
        let done = move |result: Result<Vec<NamedFile>, String>| {
            let saved = result.and_then(|written| save(&name, &written));
            error.set(saved.err());
        };
        importer.export_onnx(files.card.clone(), files.weights.to_vec(), done);
    };
    view! {
        <Button
            kind=ButtonKind::Quiet
            test_id="menu-download-onnx"
            title="Decoder and encoder for ONNX Runtime"
            on_click=export
        >
            "Download as ONNX"
        </Button>
    }
}

fn save(model: &str, files: &[NamedFile]) -> Result<(), String> {
    for file in files {
        let name = format!("{model}-{}", file.name);
        dom::download(&name, &file.bytes).map_err(|cause| {
            let cause = dom::describe(&cause);
            format!("The browser did not save {name} ({cause}).")
        })?;
    }
    Ok(())
}

/// How to write an ONNX file that can be imported: a line of Python, to copy.
#[component]
pub(crate) fn OnnxHelp() -> impl IntoView {
    let copied = RwSignal::new(false);
    let copy = move |_| {
        spawn_local(async move {
            copied.set(dom::copy_text(EXPORT_LINE).await.is_some());
        });
    };
    view! {
        <details class="onnx-help" data-testid="onnx-help">
            <summary>"Which files can be imported?"</summary>
            <p>
                "Weights of PyTorch (.pt, .pth, .ckpt, .bin, .safetensors), and ONNX: a decoder, encoder and decoder in one \
                 file, or a whole VAE. Other architectures than fully connected and convolutional ones need ONNX:"
            </p>
            <pre data-testid="onnx-line"><code>{EXPORT_LINE}</code></pre>
            <Button kind=ButtonKind::Quiet test_id="onnx-copy" on_click=copy>
                {move || if copied.get() { "Copied" } else { "Copy this line" }}
            </Button>
        </details>
    }
}
