//! Why a request was not served.

use protocol::{ErrorCode, Event, RequestId};

/// A request that was not served; becomes [`Event::Failed`].
#[derive(Debug)]
pub(crate) struct Refusal {
    code: ErrorCode,
    message: String,
}

impl Refusal {
    /// The request does not fit.
    pub(crate) fn bad_request(message: impl ToString) -> Self {
        Self {
            code: ErrorCode::BadRequest,
            message: message.to_string(),
        }
    }

    /// The card or the weights are no model.
    pub(crate) fn bad_model(error: impl ToString) -> Self {
        Self {
            code: ErrorCode::BadModel,
            message: error.to_string(),
        }
    }

    /// The device computed nothing or did not hand it over.
    pub(crate) fn lost(error: impl ToString) -> Self {
        Self {
            code: ErrorCode::BackendLost,
            message: error.to_string(),
        }
    }

    /// The answer to the request.
    pub(crate) fn answer(self, id: Option<RequestId>) -> Event {
        Event::Failed {
            id,
            code: self.code,
            message: self.message,
        }
    }
}
