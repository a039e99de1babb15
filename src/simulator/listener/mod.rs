//! The door on a socket: for terraform and boto3 (`visit`), and for people (`page`, `control`).
//!
//! The world's time is real time, times a speed. It passes before each call, and by itself when something becomes due.
//! `GET /` is a live page, `GET /healthz` says that the door is open, `/simulator/…` is for people too; all else is AWS's.

mod clock;
mod control;
mod guard;
mod page;
#[cfg(test)]
mod tests;
mod visit;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Response, StatusCode};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};

use super::journal::{Deed, Journal};
use super::wire::Fate;
use super::world::World;
use clock::Clock;

/// How long open requests may take once the door closes.
const GRACE: Duration = Duration::from_secs(2);

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

struct Door {
    world: Arc<Mutex<World>>,
    journal: Option<Mutex<Journal>>,
    clock: Clock,
    /// A call may have made something due.
    called: Notify,
    /// Somebody has begun to look.
    watched: Notify,
    /// The newest picture that anybody was shown, as an event for the page.
    pictures: watch::Sender<Arc<str>>,
    closed: watch::Receiver<bool>,
}

impl Door {
    /// The world as it is now. An operation that panicked leaves it as it was at that moment.
    fn world(&self) -> MutexGuard<'_, World> {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        world.advance(self.clock.now());
        world
    }

    /// Has something done now: written down first, so that what a client saw is never forgotten.
    ///
    /// # Errors
    /// The world refuses it, or it can't be written down; then it isn't done.
    fn carry_out(&self, deed: &Deed) -> Result<Option<Fate>, String> {
        let mut world = self.world();
        if let Some(journal) = &self.journal {
            journal.lock().unwrap_or_else(PoisonError::into_inner).write(world.now(), deed)?;
        }
        let done = deed.carry_out(&mut world);
        self.called.notify_one();
        done
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
    serve_kept(listener, speed, world, None, stop).await
}

/// The same, with all that is done written into a journal.
///
/// # Errors
/// The speed is none, or the socket fails.
pub async fn serve_kept(
    listener: TcpListener,
    speed: f64,
    world: Arc<Mutex<World>>,
    journal: Option<Journal>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let then = world.lock().unwrap_or_else(PoisonError::into_inner).now();
    let clock = Clock::start(then, speed)?;
    let (closing, mut closed) = watch::channel(false);
    let door = Arc::new(Door {
        world,
        journal: journal.map(Mutex::new),
        clock,
        called: Notify::new(),
        watched: Notify::new(),
        pictures: watch::Sender::new("".into()),
        closed: closed.clone(),
    });
    let app = Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/simulator/world", get(page::world))
        .route("/simulator/events", get(page::events))
        .route("/simulator/climate", post(control::climate))
        .route("/simulator/orders", post(control::order))
        .route("/simulator/zones", post(control::zone))
        .route("/simulator/loads", post(control::load))
        .route("/simulator/guardduty", post(control::monitoring))
        .fallback(visit::visit)
        .with_state(Arc::clone(&door));
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
        () = page::paint(&door) => Ok(()),
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

fn reply(status: u16, headers: &[(&str, String)], body: impl Into<Body>) -> Response<Body> {
    let response = Response::builder().status(status);
    let response = headers.iter().fold(response, |response, (name, value)| response.header(*name, value));
    response.body(body.into()).unwrap_or_else(|_| {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}
