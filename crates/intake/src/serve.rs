//! Connects a file reader to the worker's owner, in a dedicated worker.

use crate::{FileReader, Outcome, Undecoded, blob::BlobSource, browser_decoder};
use images::Source;
use protocol::{Envelope, FileMessage, FileResponse, PROTOCOL_VERSION, RequestError, RequestId};
use std::{cell::RefCell, rc::Rc};
use worker::{Bytes, scope};

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
    let reader = Rc::new(RefCell::new(FileReader::default()));
    scope::listen_with_attachments(move |request, attachments| {
        let Envelope { id, body } = match request {
            Ok(request) => request,
            Err(reason) => {
                return post(&FileMessage::Failed(RequestError::bad_request(format!(
                    "the page and its worker are of different versions ({reason}); reload the page"
                ))));
            }
        };
        let files: Vec<BlobSource> = attachments
            .into_iter()
            .map(|attachment| BlobSource::new(attachment.0))
            .collect();
        let files: Vec<&dyn Source> = files.iter().map(|file| file as &dyn Source).collect();
        let outcome = FileReader::handle(&mut reader.borrow_mut(), body, &files);
        match outcome {
            Ok(Outcome::Ready(response)) => respond(id, Ok(response)),
            Ok(Outcome::Decode(undecoded)) => decode(reader.clone(), id, *undecoded),
            Err(error) => respond(id, Err(error)),
        }
    });
    post(&FileMessage::Hello {
        protocol: PROTOCOL_VERSION,
        backend: None,
    });
}

/// Responds once the browser has decoded the images. Other requests are served meanwhile.
fn decode(reader: Rc<RefCell<FileReader>>, id: RequestId, undecoded: Undecoded) {
    wasm_bindgen_futures::spawn_local(async move {
        let mut decoded = Vec::new();
        for image in &undecoded.images {
            decoded.push(browser_decoder::decode(image).await);
        }
        let response = reader.borrow_mut().decoded(undecoded, decoded);
        respond(id, Ok(response));
    });
}

/// Responds. Images are sent beside the message, block by block, each of which is freed here before the next.
fn respond(id: RequestId, mut body: Result<FileResponse, RequestError>) {
    let blocks = match &mut body {
        Ok(FileResponse::Images(images)) => std::mem::take(&mut images.blocks),
        _ => Vec::new(),
    };
    let blocks: Vec<Bytes> = blocks
        .into_iter()
        .map(|block| Bytes::from(block.into_vec()))
        .collect();
    let message = FileMessage::Response(Envelope { id, body });
    check(scope::post_with(&message, &blocks));
}

fn post(message: &FileMessage) {
    check(scope::post(message));
}

fn check(posted: Result<(), String>) {
    if let Err(error) = posted {
        // The owner receives it as an error of this worker.
        wasm_bindgen::throw_str(&format!("a message could not be posted: {error}"));
    }
}
