//! What the service, its scaling and its logs may be.

use crate::protocol::diagnostic::Diagnostic;
use crate::protocol::value::Value;
use crate::provider::rules::Rule;

/// The periods that CloudWatch Logs knows (API reference, PutRetentionPolicy).
const RETENTION: &[i64] =
    &[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

#[rustfmt::skip]
pub const RULES: &[(&str, Rule)] = &[
    ("desired_count", Rule::Whole(0..=5000)),
    ("logs.retention_in_days", Rule::OneOf(RETENTION)),
];

/// What needs several good attributes.
pub fn cross(_: &Value) -> Vec<Diagnostic> {
    Vec::new()
}
