//! Calls for what this provider doesn't have. Terraform knows from the schema and never makes them; still, they get an
//! answer that a user can read.

use tonic::Response;

use super::refuse::Refuse;
use crate::protocol::diagnostic::Diagnostic;

pub fn absent<A: Refuse>(family: &str) -> Response<A> {
    Response::new(A::refused(Diagnostic::error(format!("This provider has no {family}"), "")))
}
