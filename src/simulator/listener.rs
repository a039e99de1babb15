//! The door on a socket: for terraform, boto3 and people.
//!
//! The world's time is real time, times a speed. It passes before each call, and by itself when something becomes due.
//! `GET /` is an overview, `GET /healthz` says that the door is open; all else is AWS's.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{Request, Response, StatusCode, header};
use axum::routing::get;
use serde_json::{Value as Json, json};
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use super::refusal::Refusal;
use super::wire;
use super::world::{Event, World};

/// Larger than any request that AWS takes in these services.
const BODY: usize = 4 << 20;
/// How many of the last events the overview shows.
const LAST: usize = 50;
/// How long open requests may take once the door closes.
const GRACE: Duration = Duration::from_secs(2);
/// A task that waits is woken at the latest after this, whatever the clock says.
const LONGEST: Duration = Duration::from_secs(3600);
/// Beyond this the clock would be too coarse to mean anything.
const FASTEST: f64 = 1e6;

#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    pub listen: SocketAddr,
    /// Seconds of the world in a second.
    pub speed: f64,
    pub seed: u64,
    pub region: String,
}

impl Options {
    /// The world that these options describe.
    pub fn world(&self) -> Arc<Mutex<World>> {
        Arc::new(Mutex::new(World::new(self.seed, &self.region)))
    }
}

/// The world's time: what it was when the door opened, and real time since then, times the speed.
struct Clock {
    opened: Instant,
    then: Duration,
    speed: f64,
}

impl Clock {
    fn now(&self) -> Duration {
        self.then.saturating_add(scaled(self.opened.elapsed(), self.speed))
    }

    /// When the world's time will be `at`.
    fn real(&self, at: Duration) -> Instant {
        let wait = scaled(at.saturating_sub(self.now()), 1.0 / self.speed);
        Instant::now() + wait.clamp(Duration::from_millis(1), LONGEST)
    }
}

fn scaled(time: Duration, factor: f64) -> Duration {
    Duration::try_from_secs_f64(time.as_secs_f64() * factor).unwrap_or(Duration::MAX)
}

struct Door {
    world: Arc<Mutex<World>>,
    clock: Clock,
    /// A call may have made something due.
    called: Notify,
}

impl Door {
    /// The world as it is now. An operation that panicked leaves it as it was at that moment.
    fn world(&self) -> MutexGuard<'_, World> {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        world.advance(self.clock.now());
        world
    }
}

/// Serves the world until `stop`.
///
/// # Errors
/// The address can't be had, or the speed is none.
pub async fn serve(
    options: Options,
    world: Arc<Mutex<World>>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (listener, _) = bind(options.listen).await?;
    serve_on(listener, options.speed, world, stop).await
}

/// Takes an address, and tells which one: port 0 asks for any.
///
/// # Errors
/// The address can't be had.
pub async fn bind(listen: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(listen).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Serves the world on an address already taken, until `stop`.
///
/// # Errors
/// The speed is none, or the socket fails.
pub async fn serve_on(
    listener: TcpListener,
    speed: f64,
    world: Arc<Mutex<World>>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    if !(speed > 0.0 && speed <= FASTEST) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("the speed must be in 0 to {FASTEST}: {speed}"),
        ));
    }
    let then = world.lock().unwrap_or_else(PoisonError::into_inner).now();
    let clock = Clock { opened: Instant::now(), then, speed };
    let door = Arc::new(Door { world, clock, called: Notify::new() });
    let app = Router::new().route("/healthz", get(async || "ok\n")).fallback(visit).with_state(Arc::clone(&door));
    let (closing, mut closed) = watch::channel(false);
    let stopped = async move {
        stop.await;
        closing.send_replace(true);
    };
    let server = async { axum::serve(listener, app).with_graceful_shutdown(stopped).await };
    // Who keeps a connection busy doesn't keep the door open.
    let patience = async {
        if closed.wait_for(|closing| *closing).await.is_ok() {
            tokio::time::sleep(GRACE).await;
        } else {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        served = server => served,
        () = patience => Ok(()),
        () = live(&door) => Ok(()),
    }
}

/// Lets happen what becomes due while nobody calls. Never ends.
async fn live(door: &Door) {
    loop {
        let next = door.world().next_due();
        let due = async {
            match next {
                Some(at) => tokio::time::sleep_until(door.clock.real(at)).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = due => {}
            () = door.called.notified() => {}
        }
    }
}

/// Everything but the health check.
async fn visit(State(door): State<Arc<Door>>, request: Request<Body>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let text = |value: &axum::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let mut request = wire::Request {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
        body: Vec::new(),
    };
    if head.method == "GET" && head.uri.path() == "/" && !request.query.contains("Action=") {
        return reply(
            200,
            &[(header::CONTENT_TYPE.as_str(), "application/json".into())],
            overview(&door).to_string().into(),
        );
    }
    let body = to_bytes(body, BODY).await;
    let fate = match body {
        Ok(body) => {
            request.body = body.into();
            wire::visit(&mut door.world(), &request)
        }
        Err(_) => {
            let refusal = Refusal::new("RequestEntityTooLarge", format!("The request is longer than {BODY} bytes"));
            let reply = wire::refuse(&mut door.world(), &request, refusal.with_status(413));
            wire::Fate { delay: Duration::ZERO, reply: Some(reply) }
        }
    };
    door.called.notify_one();
    if !fate.delay.is_zero() {
        tokio::time::sleep(scaled(fate.delay, 1.0 / door.clock.speed)).await;
    }
    match fate.reply {
        Some(answer) => reply(answer.status, &answer.headers, answer.body),
        None => reset(),
    }
}

/// An answer of which the client sees nothing but the connection's end: its body fails before the head was sent.
fn reset() -> Response<Body> {
    Response::new(Body::from_stream(tokio_stream::once(Err::<Vec<u8>, _>(io::Error::other("reset on order")))))
}

fn reply(status: u16, headers: &[(&str, String)], body: Vec<u8>) -> Response<Body> {
    let response = Response::builder().status(status);
    let response = headers.iter().fold(response, |response, (name, value)| response.header(*name, value));
    response.body(Body::from(body)).unwrap_or_else(|_| {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}

/// The world's identity and what happened last, newest first.
fn overview(door: &Door) -> Json {
    let world = door.world();
    let event = |event: &Event| {
        json!({
            "seconds": event.at.as_secs_f64(),
            "source": event.source,
            "what": event.what,
            "subject": event.subject,
            "outcome": event.outcome,
        })
    };
    json!({ "world": world.about(), "last": world.log.iter().rev().take(LAST).map(event).collect::<Json>() })
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use super::*;
    use crate::simulator::weather::{self, Fault, Order};

    #[tokio::test(start_paused = true)]
    async fn the_clock_runs_at_its_speed() {
        let clock = Clock { opened: Instant::now(), then: Duration::from_secs(5), speed: 60.0 };
        assert_eq!(clock.now(), Duration::from_secs(5));
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(clock.now(), Duration::from_secs(125));
        assert_eq!(clock.real(Duration::from_secs(185)), Instant::now() + Duration::from_secs(1));
        assert_eq!(clock.real(Duration::ZERO), Instant::now() + Duration::from_millis(1));
        assert_eq!(clock.real(Duration::MAX), Instant::now() + LONGEST);
    }

    /// What a client sees of one call, and how long it waited, where the next call is struck.
    async fn seen(fault: Fault) -> (String, Duration) {
        let (listener, address) = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let world = Arc::new(Mutex::new(World::new(1, "eu-west-1")));
        weather::order(&mut world.lock().unwrap(), Order::new("*", fault)).unwrap();
        let server = tokio::spawn(serve_on(listener, 60.0, Arc::clone(&world), std::future::pending()));
        let (mut stream, asked) = (TcpStream::connect(address).await.unwrap(), Instant::now());
        let body = "Action=GetCallerIdentity&Version=2011-06-15";
        let head = format!("POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
        stream.write_all((head + body).as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        server.abort();
        assert_eq!(world.lock().unwrap().weather.strikes.len(), 1);
        (String::from_utf8(answer).unwrap(), asked.elapsed())
    }

    #[tokio::test]
    async fn a_lost_reply_is_a_connection_that_ends_and_a_late_one_comes_late() {
        assert_eq!(seen(Fault::ReplyLost).await.0, "");
        assert_eq!(seen(Fault::ResetBefore).await.0, "");
        let (answer, waited) = seen(Fault::Delay { seconds: 6.0 }).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
        assert!(waited >= Duration::from_millis(100), "{waited:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_due_happens_while_nobody_calls() {
        let mut world = World::new(1, "eu-west-3");
        world.call("ec2", "CreateVpc", &crate::simulator::ask::Ask(json!({ "CidrBlock": "10.0.0.0/16" }))).unwrap();
        let due = world.next_due().unwrap();
        let clock = Clock { opened: Instant::now(), then: Duration::ZERO, speed: 2.0 };
        let door = Door { world: Arc::new(Mutex::new(world)), clock, called: Notify::new() };
        let happened = || door.world.lock().unwrap().log.iter().any(|event| event.what.ends_with(" is available"));
        // Half the world's time passes outside.
        let before = due / 2 - Duration::from_millis(2);
        assert!(tokio::time::timeout(before, live(&door)).await.is_err() && !happened());
        assert!(tokio::time::timeout(Duration::from_millis(10), live(&door)).await.is_err() && happened());
    }
}
