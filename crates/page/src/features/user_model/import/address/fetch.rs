//! Fetches a file piece by piece, so that its size is known early, and the user can stop it.

use crate::dom::describe;
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, ReadableStreamDefaultReader, ReferrerPolicy, RequestCredentials, RequestInit,
    Response,
};

/// The largest file that is fetched, in bytes; the limit of ONNX models, which are the largest that are read.
pub(crate) const MAX_BYTES: u64 = 100_000_000;

/// How far a fetch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Progress {
    /// Bytes that have arrived.
    pub(crate) received: u64,
    /// All bytes, if the host says it. With compression on the way, it may say less than arrives.
    pub(crate) total: Option<u64>,
}

/// Why there is no file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FetchError {
    /// The browser did not get an answer, or may not show it.
    #[error(
        "the browser got no answer that this page may read ({0}). Either the host can't be reached, or it does not send \
         the header “Access-Control-Allow-Origin: *” with the file, which it must for pages of other hosts. Without that, \
         download the file and import it"
    )]
    NotAllowed(String),
    /// The host answered with an error.
    #[error("the host answered with the status {0}{1}")]
    Status(u16, &'static str),
    /// Larger than [`MAX_BYTES`].
    #[error("the file has {0} MB; up to {limit} MB are fetched", limit = MAX_BYTES / 1_000_000)]
    TooLarge(u64),
    /// The connection broke.
    #[error("the connection broke after {0} bytes ({1}); try again")]
    Broken(u64, String),
    /// The user has stopped it.
    #[error("it was stopped")]
    Stopped,
}

/// Fetches a file. `progress` is called as pieces arrive. No cookies are sent, and no referrer.
///
/// # Errors
///
/// [`FetchError`].
pub(crate) async fn fetch(
    address: &str,
    stop: &AbortController,
    mut progress: impl FnMut(Progress),
) -> Result<Vec<u8>, FetchError> {
    let init = RequestInit::new();
    init.set_signal(Some(&stop.signal()));
    init.set_credentials(RequestCredentials::Omit);
    init.set_referrer_policy(ReferrerPolicy::NoReferrer);
    let is_stopped = || stop.signal().aborted();
    let not_allowed = |error: JsValue| match is_stopped() {
        true => FetchError::Stopped,
        false => FetchError::NotAllowed(describe(&error)),
    };
    let window = web_sys::window().ok_or_else(|| not_allowed("there is no window".into()))?;
    let response = JsFuture::from(window.fetch_with_str_and_init(address, &init));
    let response: Response = response.await.map_err(not_allowed)?.unchecked_into();
    if !response.ok() {
        let status = response.status();
        let what = match status {
            404 => ": there is no such file",
            401 | 403 => ": the file is not public",
            _ => "",
        };
        return Err(FetchError::Status(status, what));
    }
    let total = response.headers().get("content-length").ok().flatten();
    let total: Option<u64> = total.and_then(|total| total.parse().ok());
    if let Some(total) = total.filter(|total| *total > MAX_BYTES) {
        stop.abort();
        return Err(FetchError::TooLarge(total.div_ceil(1_000_000)));
    }
    progress(Progress { received: 0, total });
    let Some(body) = response.body() else {
        return Ok(Vec::new());
    };
    let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    let mut bytes: Vec<u8> = Vec::new();
    loop {
        let received = bytes.len() as u64;
        let piece = JsFuture::from(reader.read()).await.map_err(|error| {
            if is_stopped() {
                FetchError::Stopped
            } else {
                FetchError::Broken(received, describe(&error))
            }
        })?;
        let is_done = Reflect::get(&piece, &"done".into()).is_ok_and(|done| done.is_truthy());
        let value = Reflect::get(&piece, &"value".into()).unwrap_or(JsValue::UNDEFINED);
        if let Some(piece) = value.dyn_ref::<Uint8Array>() {
            let received = received + u64::from(piece.length());
            if received > MAX_BYTES {
                stop.abort();
                return Err(FetchError::TooLarge(received.div_ceil(1_000_000)));
            }
            bytes.extend(piece.to_vec());
            progress(Progress { received, total });
        }
        if is_done {
            return Ok(bytes);
        }
    }
}
