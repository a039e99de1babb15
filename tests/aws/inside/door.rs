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
use tokio_util::sync::CancellationToken;

/// When in a call's life the process that made it dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Nothing was sent.
    Before,
    /// AWS has carried it out; nobody hears of it.
    After,
    /// The answer was read.
    Replied,
}

/// The death of a process, at one of its mutating calls.
#[derive(Debug, Default)]
struct Fuse {
    /// Mutating calls so far: each one's action, or method.
    calls: Vec<String>,
    /// At which of them, when, and whom to tell.
    blows: Option<(usize, Moment, CancellationToken)>,
}

#[derive(Clone, Debug)]
pub struct Door {
    world: Arc<Mutex<World>>,
    fuse: Arc<Mutex<Fuse>>,
    /// When it was opened, by our clock, and by the world's.
    opened: (Instant, Duration),
}

impl Door {
    pub fn to(world: Arc<Mutex<World>>) -> Self {
        let now = world.lock().unwrap_or_else(PoisonError::into_inner).now();
        Self { world, fuse: Arc::default(), opened: (Instant::now(), now) }
    }

    /// Mutating calls so far.
    pub fn calls(&self) -> usize {
        self.fuse().calls.len()
    }

    /// What they were: each one's action, without its service, or method.
    pub fn changes(&self) -> Vec<String> {
        self.fuse().calls.clone()
    }

    /// The token is cancelled at the n-th mutating call from now (from 1); nothing more comes through for who made it.
    pub fn blow_at(&self, call: usize, moment: Moment) -> CancellationToken {
        let token = CancellationToken::new();
        let mut fuse = self.fuse();
        let at = fuse.calls.len() + call;
        fuse.blows = Some((at, moment, token.clone()));
        token
    }

    fn fuse(&self) -> MutexGuard<'_, Fuse> {
        self.fuse.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a call; whether, and when, the process dies at it.
    fn dies(&self, request: &wire::Request) -> Option<(Moment, CancellationToken)> {
        let mut fuse = self.fuse();
        fuse.calls.extend(change(request));
        let (at, moment, token) = fuse.blows.clone().filter(|(at, ..)| *at == fuse.calls.len())?;
        fuse.blows = None;
        drop(fuse);
        debug_assert!(at > 0);
        Some((moment, token))
    }

    /// The world as it is now.
    pub fn world(&self) -> MutexGuard<'_, World> {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        world.advance(self.opened.1 + self.opened.0.elapsed());
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
            let request = understood(&request);
            let death = door.dies(&request);
            if let Some((Moment::Before, token)) = &death {
                token.cancel();
                return std::future::pending().await;
            }
            let fate = wire::visit(&mut door.world(), &request);
            if let Some((moment, token)) = &death {
                token.cancel();
                if *moment == Moment::After {
                    return std::future::pending().await;
                }
            }
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

/// What a request may change something by: its action, judged by its verb, or its method. Called for each: it decodes nothing.
fn change(request: &wire::Request) -> Option<String> {
    let form = || {
        let rest = request.body.strip_prefix(b"Action=").and_then(|rest| std::str::from_utf8(rest).ok());
        rest.and_then(|rest| rest.split('&').next())
    };
    let target = request.header("x-amz-target").and_then(|target| target.split('.').next_back());
    let changes = match target.or_else(form) {
        Some(action) => Some(action).filter(|action| !looks(action)),
        None => Some(request.method.as_str()).filter(|method| *method != "GET"),
    };
    changes.map(str::to_owned)
}

/// Whether an action changes nothing.
pub fn looks(action: &str) -> bool {
    let verb = action.split(':').next_back().unwrap_or_default();
    ["Describe", "Get", "List"].iter().any(|word| verb.starts_with(word))
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
