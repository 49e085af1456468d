//! Fetches the card and the weights of an included model.

use crate::dom::describe;
use client::model_files::ModelFiles;
use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

/// A file of a model could not be fetched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FetchError {
    /// The request failed, for example offline.
    #[error("{file} could not be fetched ({why}). Check the connection and try again.")]
    RequestFailed {
        /// The file's address.
        file: String,
        /// The browser's message.
        why: String,
    },
    /// The server answered with an error.
    #[error("the server has no {file} (status {status}). Try again, or pick another model.")]
    Status {
        /// The file's address.
        file: String,
        /// The HTTP status.
        status: u16,
    },
}

/// Fetches both files of a model, concurrently.
///
/// # Errors
///
/// When one of them can't be fetched.
pub(crate) async fn fetch_model(name: &str) -> Result<ModelFiles, FetchError> {
    let card = PendingFile::request(format!("weights/{name}.json"));
    let weights = PendingFile::request(format!("weights/{name}.safetensors"));
    let card = card.bytes().await?;
    let weights = weights.bytes().await?;
    Ok(ModelFiles {
        name: name.to_owned(),
        // The worker rejects a card that is not UTF-8.
        card: String::from_utf8_lossy(&card).into_owned(),
        weights,
    })
}

/// A fetch in progress.
struct PendingFile {
    path: String,
    response: Option<JsFuture>,
}

impl PendingFile {
    fn request(path: String) -> Self {
        let response = web_sys::window()
            .map(|window| JsFuture::from(window.fetch_with_str(&format!("./{path}"))));
        Self { path, response }
    }

    async fn bytes(self) -> Result<Vec<u8>, FetchError> {
        let file = self.path;
        let request_failed = |error: JsValue| FetchError::RequestFailed {
            file: file.clone(),
            why: describe(&error),
        };
        let response = self
            .response
            .ok_or_else(|| request_failed("there is no window".into()))?;
        let response: Response = response.await.map_err(request_failed)?.unchecked_into();
        if !response.ok() {
            return Err(FetchError::Status {
                file,
                status: response.status(),
            });
        }
        let buffer = response.array_buffer().map_err(request_failed)?;
        let buffer = JsFuture::from(buffer).await.map_err(request_failed)?;
        Ok(Uint8Array::new(&buffer).to_vec())
    }
}
