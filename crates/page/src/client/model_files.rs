//! Fetches the card and the weights of a shipped model.

use crate::dom::describe;
use client::model_files::ModelFiles;
use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

/// A file of a model could not be fetched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FetchError {
    /// No answer: offline, or the server is away.
    #[error("{file} could not be fetched ({why}). Check the connection and try again.")]
    NoAnswer {
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
    let card = File::request(format!("weights/{name}.json"));
    let weights = File::request(format!("weights/{name}.safetensors"));
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
struct File {
    path: String,
    answer: Option<JsFuture>,
}

impl File {
    fn request(path: String) -> Self {
        let answer = web_sys::window()
            .map(|window| JsFuture::from(window.fetch_with_str(&format!("./{path}"))));
        Self { path, answer }
    }

    async fn bytes(self) -> Result<Vec<u8>, FetchError> {
        let file = self.path;
        let no_answer = |error: JsValue| FetchError::NoAnswer {
            file: file.clone(),
            why: describe(&error),
        };
        let answer = self
            .answer
            .ok_or_else(|| no_answer("there is no window".into()))?;
        let response: Response = answer.await.map_err(no_answer)?.unchecked_into();
        if !response.ok() {
            return Err(FetchError::Status {
                file,
                status: response.status(),
            });
        }
        let buffer = response.array_buffer().map_err(no_answer)?;
        let buffer = JsFuture::from(buffer).await.map_err(no_answer)?;
        Ok(Uint8Array::new(&buffer).to_vec())
    }
}
