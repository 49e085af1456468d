//! The owner's side of a worker.

/// Sends requests to a worker. Dropping it terminates the worker.
pub trait Port<Request> {
    /// Sends a request.
    ///
    /// # Errors
    /// Why it could not be sent; the worker can no longer be used.
    fn post(&self, request: &Request) -> Result<(), String>;
}

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
