//! The side services of go-plugin: only `Shutdown` does anything.
//!
//! The two streams must be answered and stay open, and must end at shutdown: a graceful end waits for open streams.

use futures::StreamExt;
use futures::stream::{self, BoxStream};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};

use super::wire::plugin::grpc_broker_server::GrpcBroker;
use super::wire::plugin::grpc_controller_server::GrpcController;
use super::wire::plugin::grpc_stdio_server::GrpcStdio;
use super::wire::plugin::{ConnInfo, Empty, StdioData};

/// All three services; cancels `ending` when Terraform is done with this process.
#[derive(Clone)]
pub struct Plugin {
    pub ending: CancellationToken,
}

#[tonic::async_trait]
impl GrpcController for Plugin {
    async fn shutdown(&self, _: Request<Empty>) -> Result<Response<Empty>, Status> {
        self.ending.cancel();
        Ok(Response::new(Empty {}))
    }
}

#[tonic::async_trait]
impl GrpcStdio for Plugin {
    type StreamStdioStream = BoxStream<'static, Result<StdioData, Status>>;

    /// Quiet: Terraform logs whatever comes here as a warning about unexpected data.
    async fn stream_stdio(&self, _: Request<()>) -> Result<Response<Self::StreamStdioStream>, Status> {
        Ok(Response::new(stream::pending().take_until(self.ending.clone().cancelled_owned()).boxed()))
    }
}

#[tonic::async_trait]
impl GrpcBroker for Plugin {
    type StartStreamStream = BoxStream<'static, Result<ConnInfo, Status>>;

    /// Brokers nothing, and listens until Terraform hangs up.
    async fn start_stream(
        &self,
        request: Request<Streaming<ConnInfo>>,
    ) -> Result<Response<Self::StartStreamStream>, Status> {
        let silence = request.into_inner().filter_map(|_| async { None });
        Ok(Response::new(silence.take_until(self.ending.clone().cancelled_owned()).boxed()))
    }
}
