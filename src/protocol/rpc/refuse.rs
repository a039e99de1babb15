//! Every answer can be nothing but a diagnostic: how each kind of answer carries it.

use crate::protocol::diagnostic::Diagnostic;
use crate::protocol::wire::tfplugin6 as wire;

pub trait Refuse: Default {
    fn refused(diagnostic: Diagnostic) -> Self;
}

macro_rules! refuse {
    ($($message:ident)*) => {$(
        impl Refuse for wire::$message::Response {
            fn refused(diagnostic: Diagnostic) -> Self {
                let mut answer = Self::default();
                answer.diagnostics.push(diagnostic.into());
                answer
            }
        }
    )*};
}

refuse! {
    get_metadata get_provider_schema get_resource_identity_schemas get_functions
    validate_provider_config configure_provider
    validate_resource_config upgrade_resource_state upgrade_resource_identity read_resource plan_resource_change
    apply_resource_change import_resource_state move_resource_state generate_resource_config
    validate_data_resource_config read_data_source
    validate_ephemeral_resource_config open_ephemeral_resource renew_ephemeral_resource close_ephemeral_resource
    validate_list_resource_config
    validate_state_store configure_state_store read_state_bytes write_state_bytes lock_state unlock_state get_states
    delete_state
    plan_action validate_action_config
}

impl Refuse for wire::call_function::Response {
    fn refused(diagnostic: Diagnostic) -> Self {
        let text = format!("{}\n\n{}", diagnostic.summary, diagnostic.detail).trim_end().to_owned();
        Self { result: None, error: Some(wire::FunctionError { text, function_argument: None }) }
    }
}

impl Refuse for wire::list_resource::Event {
    fn refused(diagnostic: Diagnostic) -> Self {
        Self { diagnostic: vec![diagnostic.into()], ..Self::default() }
    }
}

impl Refuse for wire::invoke_action::Event {
    fn refused(diagnostic: Diagnostic) -> Self {
        use wire::invoke_action::event::{Completed, Type};
        Self { r#type: Some(Type::Completed(Completed { diagnostics: vec![diagnostic.into()] })) }
    }
}
