//! The simulated AWS's door without sockets: an HTTP client for the AWS SDK, and the clock that the SDK goes by.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use aws_smithy_async::time::TimeSource;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use terraform_provider_fargate::simulator::wire::{self, Reply};
use terraform_provider_fargate::simulator::world::World;
use tokio::time::Instant;

#[derive(Clone, Debug)]
pub struct Door {
    world: Arc<Mutex<World>>,
    /// When the world began.
    opened: Instant,
}

impl Door {
    pub fn to(world: Arc<Mutex<World>>) -> Self {
        Self { world, opened: Instant::now() }
    }

    /// The world as it is now.
    pub fn world(&self) -> MutexGuard<'_, World> {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        world.advance(self.opened.elapsed());
        world
    }
}

impl HttpClient for Door {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Door {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let door = self.clone();
        HttpConnectorFuture::new(async move {
            let fate = wire::visit(&mut door.world(), &understood(&request));
            if fate.delay > Duration::ZERO {
                tokio::time::sleep(fate.delay).await;
            }
            let reset = || std::io::Error::from(std::io::ErrorKind::ConnectionReset);
            response(fate.reply.ok_or_else(|| ConnectorError::io(reset().into()))?)
        })
    }
}

/// The signature's time follows the world's.
impl TimeSource for Door {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs_f64(self.world().epoch())
    }
}

fn understood(request: &HttpRequest) -> wire::Request {
    let uri = request.uri();
    let after_scheme = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    let target = after_scheme.find('/').map_or("/", |at| &after_scheme[at..]);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers = request.headers().iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    let body = request.body().bytes().unwrap_or_default().to_vec();
    let (method, path, query) = (request.method().to_owned(), path.to_owned(), query.to_owned());
    wire::Request { method, path, query, headers: headers.collect(), body }
}

fn response(reply: Reply) -> Result<HttpResponse, ConnectorError> {
    let status = reply.status.try_into().map_err(|error| ConnectorError::other(Box::new(error), None))?;
    let mut response = HttpResponse::new(status, SdkBody::from(reply.body));
    for (name, value) in reply.headers {
        response.headers_mut().insert(name, value);
    }
    Ok(response)
}
