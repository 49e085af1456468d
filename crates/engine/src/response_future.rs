//! The type of a function's result where the function cannot be `async` itself.

use protocol::RequestError;
use std::pin::Pin;

/// A part of a response, as soon as it is there.
pub(crate) type ResponseFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, RequestError>> + 'a>>;
