//! A provider process from its first line to its end, as Terraform (by way of go-plugin) expects it.
//!
//! The order matters: signals are out of the way before Terraform learns that we stand, and nothing but the handshake
//! ever goes to stdout.

mod connection;
mod handshake;
mod lifetime;
mod listener;

use std::io;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tonic::transport::Server;
use tonic_health::ServingStatus;

use self::listener::Listener;
use super::guard::{self, Guard};
use super::plugin::Plugin;
use super::provider::Provider;
use super::tls::{self, Tls};
use super::wire::plugin::grpc_broker_server::GrpcBrokerServer;
use super::wire::plugin::grpc_controller_server::GrpcControllerServer;
use super::wire::plugin::grpc_stdio_server::GrpcStdioServer;
use super::{log, rpc};

#[derive(Clone, Debug)]
pub struct Options {
    /// Started by a developer, who hands the printed line to Terraform; without TLS, until Ctrl-C.
    pub debug: bool,
    /// `registry.terraform.io/namespace/name`
    pub address: &'static str,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(
        "This program is a Terraform provider: it isn't meant to be run by itself.\n\
         Name it under required_providers in a configuration, and `terraform init` and `terraform plan` do the rest.\n\
         To debug it, start it with --debug and give Terraform the line that it prints."
    )]
    NotTerraform,
    #[error("can't listen for Terraform: {0}")]
    Listen(#[source] io::Error),
    #[error("can't handle signals: {0}")]
    Signals(#[source] io::Error),
    #[error("can't tell Terraform where to find this provider: {0}")]
    Announce(#[source] io::Error),
    #[error(transparent)]
    Tls(#[from] tls::Error),
    #[error("the connection to Terraform failed: {0}")]
    Serve(#[from] tonic::transport::Error),
}

/// Serves until Terraform is done with this process, or gone.
///
/// The caller should end the process right after: work that didn't end in time is still running.
pub async fn serve(provider: Arc<dyn Provider>, options: Options) -> Result<(), Error> {
    if !options.debug {
        handshake::check_cookie()?;
    }
    guard::print_panics();
    log::start(options.address.rsplit('/').next().unwrap_or_default());
    if !options.debug {
        lifetime::ignore_interrupts().map_err(Error::Signals)?;
    }

    let listener = Listener::bind().await.map_err(Error::Listen)?;
    let tls = match std::env::var("PLUGIN_CLIENT_CERT") {
        Ok(client) if !client.is_empty() && !options.debug => Some(Tls::pinned(&client)?),
        _ => None,
    };
    let first_line = if options.debug {
        handshake::reattach(options.address, &listener.address)
    } else {
        handshake::line(&listener.address, tls.as_ref().map(Tls::printed).as_deref())
    };

    let guard = Arc::new(Guard::default());
    let ending = CancellationToken::new();
    let plugin = Plugin { ending: ending.clone() };
    let (health, health_service) = tonic_health::server::health_reporter();
    health.set_service_status("plugin", ServingStatus::Serving).await;
    let server = Server::builder()
        .add_service(rpc::service(provider, guard.clone()))
        .add_service(GrpcControllerServer::new(plugin.clone()))
        .add_service(GrpcStdioServer::new(plugin.clone()))
        .add_service(GrpcBrokerServer::new(plugin))
        .add_service(health_service)
        .serve_with_incoming_shutdown(listener.connections(tls), ending.clone().cancelled_owned());
    let mut server = std::pin::pin!(server);

    handshake::announce(&first_line).map_err(Error::Announce)?;
    let end = async {
        if options.debug {
            lifetime::until_interrupted().await.map_err(Error::Signals)
        } else {
            Ok(lifetime::as_child(&ending).await)
        }
    };
    let patience = tokio::select! {
        biased;
        patience = end => patience?,
        outcome = &mut server => return Ok(outcome?),
    };

    ending.cancel();
    guard.stop();
    // The server ends when its last answer is out, the guard when all work is; then `listener` takes the socket along.
    match tokio::time::timeout(patience, async { tokio::join!(server, guard.settled()) }).await {
        Ok((outcome, ())) => Ok(outcome?),
        Err(_) => {
            tracing::warn!("ending with work in flight");
            Ok(())
        }
    }
}
