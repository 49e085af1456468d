//! The owner's side of a worker.

use crate::Bytes;

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

    /// Sends a request whose empty byte array at `path`, the names of the fields from the message inwards, is replaced by
    /// these bytes. They are copied once, and then change owner.
    ///
    /// # Errors
    /// As for [`post`](Self::post).
    fn post_with_bytes(
        &self,
        request: &Request,
        path: &[&str],
        bytes: &[Bytes],
    ) -> Result<(), String>;
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

/// The same for a worker that sends bytes beside its messages.
///
/// # Errors
/// Always.
#[cfg(not(target_arch = "wasm32"))]
pub fn spawn_with_bytes<Request, Message>(
    _url: &str,
    _name: &str,
    _on_message: OnMessage<(Message, Vec<Bytes>)>,
) -> Result<Box<dyn Port<Request>>, String> {
    Err("workers need a browser".to_owned())
}

/// Takes over no worker: natively there are none.
#[cfg(not(target_arch = "wasm32"))]
pub fn adopt<Request: 'static, Message: 'static>(
    _worker: Attachment,
    on_message: OnMessage<Message>,
) -> Box<dyn Port<Request>> {
    struct NoWorker<Message>(
        #[expect(dead_code, reason = "a port owns its listener")] OnMessage<Message>,
    );
    impl<Request, Message> Port<Request> for NoWorker<Message> {
        fn post(&self, _: &Request) -> Result<(), String> {
            Err("workers need a browser".to_owned())
        }

        fn post_with_bytes(&self, _: &Request, _: &[&str], _: &[Bytes]) -> Result<(), String> {
            Err("workers need a browser".to_owned())
        }
    }
    Box::new(NoWorker(on_message))
}

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
