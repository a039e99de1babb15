//! The gRPC service: each call is decode → ask → encode, without logic of its own.
//!
//! Handlers cannot answer with a gRPC error at all. Terraform would store nothing then, not even what was created;
//! so a failure is an answer like any other, with a diagnostic in it.

mod absent;
mod apply;
mod configure;
mod data_source;
mod refuse;
mod resource;
mod schema;
mod upgrade;
mod values;

use std::sync::Arc;
use std::time::Instant;

use tokio_stream::{Once, once};
use tonic::{Request, Response, Status, Streaming};
use tracing::field::Empty;

use self::absent::absent;
use self::refuse::Refuse;
use super::diagnostic::Diagnostic;
use super::guard::Guard;
use super::provider::{Context, DataSource, Provider, Resource};
use super::wire::tfplugin6 as wire;
use super::wire::tfplugin6::provider_server::ProviderServer;

/// tonic stops at 4 MiB, which a large state exceeds. This is what providers written in Go allow.
const LARGEST: usize = 256 << 20;

/// The service, its work kept by `guard`.
pub fn service(provider: Arc<dyn Provider>, guard: Arc<Guard>) -> ProviderServer<impl wire::provider_server::Provider> {
    ProviderServer::new(Rpc { provider, guard }).max_decoding_message_size(LARGEST).max_encoding_message_size(LARGEST)
}

struct Rpc {
    provider: Arc<dyn Provider>,
    guard: Arc<Guard>,
}

/// What a handler works with.
struct Call {
    provider: Arc<dyn Provider>,
    context: Context,
}

impl Call {
    fn resource(&self, type_name: &str) -> Result<&dyn Resource, Diagnostic> {
        tracing::Span::current().record("resource", type_name);
        let resource = self.provider.resources().get(type_name).map(Box::as_ref);
        resource.ok_or_else(|| Diagnostic::error(format!("This provider has no resource type {type_name:?}"), ""))
    }

    fn data_source(&self, type_name: &str) -> Result<&dyn DataSource, Diagnostic> {
        tracing::Span::current().record("resource", type_name);
        let source = self.provider.data_sources().get(type_name).map(Box::as_ref);
        source.ok_or_else(|| Diagnostic::error(format!("This provider has no data source {type_name:?}"), ""))
    }
}

impl Rpc {
    async fn answer<Q, A, F>(&self, rpc: &'static str, handler: impl FnOnce(Call, Q) -> F + Send, request: Q) -> A
    where
        Q: Send,
        A: Refuse + Send + 'static,
        F: Future<Output = Result<A, Diagnostic>> + Send + 'static,
    {
        let span = tracing::info_span!("rpc", rpc, resource = Empty);
        let provider = self.provider.clone();
        let begun = Instant::now();
        let outcome = self.guard.run(span, |context| handler(Call { provider, context }, request)).await;
        tracing::debug!(rpc, milliseconds = begun.elapsed().as_millis() as u64, "answered");
        outcome.flatten().unwrap_or_else(A::refused)
    }
}

/// One event, then the end.
type Single<T> = Once<Result<T, Status>>;

macro_rules! service {
    (
        answered { $($answered:ident: $handler:path,)* }
        absent { $($absent:ident: $family:literal,)* }
        irregular { $($irregular:tt)* }
    ) => {
        #[tonic::async_trait]
        impl wire::provider_server::Provider for Rpc {
            $(async fn $answered(
                &self,
                request: Request<wire::$answered::Request>,
            ) -> Result<Response<wire::$answered::Response>, Status> {
                Ok(Response::new(self.answer(stringify!($answered), $handler, request.into_inner()).await))
            })*
            $(async fn $absent(
                &self,
                _: Request<wire::$absent::Request>,
            ) -> Result<Response<wire::$absent::Response>, Status> {
                Ok(absent($family))
            })*
            $($irregular)*
        }
    };
}

service! {
    answered {
        get_metadata: schema::metadata,
        get_provider_schema: schema::provider,
        get_resource_identity_schemas: schema::identities,
        get_functions: schema::functions,
        validate_provider_config: configure::validate,
        configure_provider: configure::configure,
        validate_resource_config: resource::validate,
        upgrade_resource_state: upgrade::upgrade,
        read_resource: resource::read,
        plan_resource_change: resource::plan,
        apply_resource_change: apply::apply,
        import_resource_state: resource::import,
        validate_data_resource_config: data_source::validate,
        read_data_source: data_source::read,
    }
    absent {
        upgrade_resource_identity: "resource identities",
        move_resource_state: "moves from other resource types",
        generate_resource_config: "generated configuration",
        validate_ephemeral_resource_config: "ephemeral resources",
        open_ephemeral_resource: "ephemeral resources",
        renew_ephemeral_resource: "ephemeral resources",
        close_ephemeral_resource: "ephemeral resources",
        validate_list_resource_config: "lists",
        call_function: "functions",
        configure_state_store: "state stores",
        lock_state: "state stores",
        unlock_state: "state stores",
        get_states: "state stores",
        delete_state: "state stores",
        plan_action: "actions",
        validate_action_config: "actions",
    }
    irregular {
        /// Not a handler: it must not wait in line behind what it stops.
        async fn stop_provider(
            &self,
            _: Request<wire::stop_provider::Request>,
        ) -> Result<Response<wire::stop_provider::Response>, Status> {
            self.guard.stop();
            tracing::info!("asked to stop");
            Ok(Response::new(wire::stop_provider::Response::default()))
        }

        async fn validate_state_store_config(
            &self,
            _: Request<wire::validate_state_store::Request>,
        ) -> Result<Response<wire::validate_state_store::Response>, Status> {
            Ok(absent("state stores"))
        }

        async fn write_state_bytes(
            &self,
            _: Request<Streaming<wire::write_state_bytes::RequestChunk>>,
        ) -> Result<Response<wire::write_state_bytes::Response>, Status> {
            Ok(absent("state stores"))
        }

        type ReadStateBytesStream = Single<wire::read_state_bytes::Response>;

        async fn read_state_bytes(
            &self,
            _: Request<wire::read_state_bytes::Request>,
        ) -> Result<Response<Self::ReadStateBytesStream>, Status> {
            Ok(absent("state stores").map(|event| once(Ok(event))))
        }

        type ListResourceStream = Single<wire::list_resource::Event>;

        async fn list_resource(
            &self,
            _: Request<wire::list_resource::Request>,
        ) -> Result<Response<Self::ListResourceStream>, Status> {
            Ok(absent("lists").map(|event| once(Ok(event))))
        }

        type InvokeActionStream = Single<wire::invoke_action::Event>;

        async fn invoke_action(
            &self,
            _: Request<wire::invoke_action::Request>,
        ) -> Result<Response<Self::InvokeActionStream>, Status> {
            Ok(absent("actions").map(|event| once(Ok(event))))
        }
    }
}
