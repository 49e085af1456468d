//! The owner's side of a worker.

/// Sends requests to a worker. Dropping it terminates the worker.
pub trait Port<Request> {
    /// Sends a request.
    ///
    /// # Errors
    /// Why it could not be sent; the worker can no longer be used.
    fn post(&self, request: &Request) -> Result<(), String>;

    /// Sends a request with browser objects, which are not serde types.
    ///
    /// # Errors
    /// As for [`post`](Self::post).
    fn post_with(&self, request: &Request, attachments: &[Attachment]) -> Result<(), String> {
        if attachments.is_empty() {
            self.post(request)
        } else {
            Err("this worker takes no attachments".to_owned())
        }
    }
}

/// A browser object that is sent beside a request, such as a `File`, which browsers pass without copying its content.
/// Natively there are none, and tests make empty ones.
#[derive(Debug, Clone, Default)]
pub struct Attachment(
    /// The object.
    #[cfg(target_arch = "wasm32")]
    pub wasm_bindgen::JsValue,
);

/// Receives what a worker sends; an error is the reason why the worker can no longer be used: it did not load, threw
/// an exception, or sent an unreadable message.
pub type OnMessage<Message> = Box<dyn Fn(Result<Message, String>)>;

/// Starts no worker: natively there are none. Tests use [`FakeWorker`](crate::FakeWorker).
///
/// # Errors
/// Always.
#[cfg(not(target_arch = "wasm32"))]
pub fn spawn<Request, Message>(
    _url: &str,
    _name: &str,
    _on_message: OnMessage<Message>,
) -> Result<Box<dyn Port<Request>>, String> {
    Err("workers need a browser".to_owned())
}
