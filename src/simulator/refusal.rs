//! What AWS answers when it doesn't do what it was asked: an error code, a message, an HTTP status.

/// An error answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Refusal {
    pub status: u16,
    pub code: String,
    pub message: String,
}

impl Refusal {
    /// With HTTP status 400, as nearly all of them.
    #[track_caller]
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        #[cfg(test)]
        tests::met(std::panic::Location::caller());
        Self { status: 400, code: code.into(), message: message.into() }
    }

    #[must_use]
    pub fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }
}

/// The answer of an operation: the members of its output structure by their names on the wire.
pub type Answer = Result<serde_json::Value, Refusal>;

#[cfg(test)]
mod tests;
