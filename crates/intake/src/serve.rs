//! Connects a file reader to the worker's owner, in a dedicated worker.

use crate::FileReader;
use protocol::{Envelope, FileMessage, FileRequest, PROTOCOL_VERSION, RequestError};
use worker::scope;

/// Starts serving the worker's owner.
///
/// # Panics
/// Outside a dedicated worker.
pub fn start() {
    std::panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        post(&FileMessage::Failed(RequestError::backend_lost(format!(
            "the worker panicked: {info}"
        ))));
    }));
    let mut reader = FileReader::default();
    scope::listen(move |request| {
        post(&match request {
            Ok(Envelope::<FileRequest> { id, body }) => FileMessage::Response(Envelope {
                id,
                body: reader.handle(body),
            }),
            Err(reason) => FileMessage::Failed(RequestError::bad_request(format!(
                "the page and its worker are of different versions ({reason}); reload the page"
            ))),
        });
    });
    post(&FileMessage::Hello {
        protocol: PROTOCOL_VERSION,
        backend: None,
    });
}

fn post(message: &FileMessage) {
    if let Err(error) = scope::post(message) {
        // The owner receives it as an error of this worker.
        wasm_bindgen::throw_str(&format!("a message could not be posted: {error}"));
    }
}
