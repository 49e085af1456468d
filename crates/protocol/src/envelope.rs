//! The envelope that pairs a response with its request, and the messages of all workers.

use crate::Backend;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Identifies a request; its response repeats it. Each client counts its requests from 1; 0 is never used.
pub type RequestId = u32;

/// A request or a response, with the id of the request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Envelope<Body> {
    /// The id of the request.
    pub id: RequestId,
    /// The request or the response.
    pub body: Body,
}

/// A message of a worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum WorkerMessage<Response, Event> {
    /// The worker listens. Always the first message, and of the same shape in every version of the protocol.
    Hello {
        /// The worker's [`PROTOCOL_VERSION`](crate::PROTOCOL_VERSION).
        protocol: u32,
        /// The backend that an engine's bundle contains.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        backend: Option<Backend>,
    },
    /// The response to a request. Each request has exactly one.
    Response(Envelope<Result<Response, RequestError>>),
    /// Something happened that was not requested.
    Event(Event),
    /// The worker can't continue and must be replaced.
    Failed(RequestError),
}

/// Why a request failed, or why a worker can't continue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestError {
    /// The kind of failure, for the client to act on.
    pub code: ErrorCode,
    /// What happened and what to do, to be shown to the user.
    pub message: String,
}

/// Kinds of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorCode {
    /// The card or the weights are damaged, in an unsupported format, or do not belong together.
    BadModel,
    /// The request can't be served: a z of the wrong length, a setting out of range, an unreadable file.
    BadRequest,
    /// The backend could not be set up: no adapter, no device.
    BackendUnavailable,
    /// The backend failed while it was in use: device loss, a failed read, a panic. The worker must be replaced.
    BackendLost,
}

impl RequestError {
    /// The request can't be served.
    pub fn bad_request(message: impl fmt::Display) -> Self {
        Self::new(ErrorCode::BadRequest, message)
    }

    /// The card or the weights describe no usable model.
    pub fn bad_model(message: impl fmt::Display) -> Self {
        Self::new(ErrorCode::BadModel, message)
    }

    /// The backend could not be set up.
    pub fn backend_unavailable(message: impl fmt::Display) -> Self {
        Self::new(ErrorCode::BackendUnavailable, message)
    }

    /// The device failed to compute, or its memory could not be read back.
    pub fn backend_lost(message: impl fmt::Display) -> Self {
        Self::new(ErrorCode::BackendLost, message)
    }

    fn new(code: ErrorCode, message: impl fmt::Display) -> Self {
        Self {
            code,
            message: message.to_string(),
        }
    }

    /// Whether the worker must be replaced.
    pub fn is_fatal(&self) -> bool {
        matches!(
            self.code,
            ErrorCode::BackendUnavailable | ErrorCode::BackendLost
        )
    }
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for RequestError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EngineMessage, FileMessage};

    #[test]
    fn hello_is_readable_in_every_version() {
        // As versions before 11 sent it.
        let engine = r#"{"Hello": {"protocol": 9, "backend": "flex"}}"#;
        let read: EngineMessage = serde_json::from_str(engine).expect("parses");
        assert_eq!(
            read,
            WorkerMessage::Hello {
                protocol: 9,
                backend: Some(Backend::Flex)
            }
        );
        assert_eq!(
            serde_json::to_value(&read).expect("plain data"),
            serde_json::from_str::<serde_json::Value>(engine).expect("parses")
        );
        let reader = r#"{"Hello": {"protocol": 9}}"#;
        assert!(matches!(
            serde_json::from_str(reader).expect("parses"),
            FileMessage::Hello {
                protocol: 9,
                backend: None
            }
        ));
    }
}
