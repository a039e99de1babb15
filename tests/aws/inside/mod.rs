//! The product within this process: the resource under a Terraform of our own, the simulated AWS behind the SDK, on
//! tokio's paused clock. No sockets, and minutes pass at once; what happens is a pure function of the seed.

pub mod core;
pub mod crash;
pub mod door;
pub mod life;
pub mod scenario;
pub mod schedule;
pub mod stage;
pub mod standing;
pub mod user;
pub mod work;

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_types::SdkConfig;
use terraform_provider_fargate::aws::client::Aws;
use terraform_provider_fargate::aws::clock::Clock;
use terraform_provider_fargate::aws::owner::Tags;
use terraform_provider_fargate::aws::safeguard::Safeguard;
use terraform_provider_fargate::provider::config::{Config, Session};
use terraform_provider_fargate::simulator::world::World;
use tokio_util::sync::CancellationToken;

use self::door::{Door, Moment};
use self::standing::Strangers;

pub const REGION: &str = "eu-west-3";

/// A simulated AWS, and the way there. Lives on the runtime of `on_paused_clock`.
#[derive(Clone)]
pub struct Inside {
    world: Arc<Mutex<World>>,
    door: Door,
    /// The safeguard that the provider does without.
    off: Option<Safeguard>,
    /// What the user has besides the service.
    besides: Arc<Strangers>,
}

impl Inside {
    pub fn new(seed: u64) -> Self {
        Self::of(World::new(seed, REGION))
    }

    /// In a world that has begun already.
    pub fn of(world: World) -> Self {
        let world = Arc::new(Mutex::new(world));
        Self { door: Door::to(Arc::clone(&world)), world, off: None, besides: Arc::default() }
    }

    /// The same, for a provider that lacks a safeguard.
    pub fn without(self, safeguard: Option<Safeguard>) -> Self {
        Self { off: safeguard, ..self }
    }

    /// With what the user has besides the service.
    pub fn beside(self, besides: Arc<Strangers>) -> Self {
        Self { besides, ..self }
    }

    /// The same world through another door, whose calls are counted apart.
    pub fn aside(&self) -> Self {
        drop(self.world());
        Self { door: Door::to(Arc::clone(&self.world)), ..self.clone() }
    }

    /// The world as it is now.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.door.world()
    }

    /// Mutating calls so far.
    pub fn calls(&self) -> usize {
        self.door.calls()
    }

    /// What they were, without the services' names.
    pub fn changes(&self) -> Vec<String> {
        self.door.changes()
    }

    /// Does the work of a process that dies at its n-th mutating call (from 1). Gives what it did if it came to its end.
    pub async fn killed<T>(&self, call: usize, moment: Moment, work: impl Future<Output = T>) -> Option<T> {
        let dead = self.door.blow_at(call, moment);
        tokio::select! {
            biased;
            () = dead.cancelled() => None,
            done = work => Some(done),
        }
    }

    /// Cancelled once the n-th mutating call from now (from 1) was carried out; who made it lives on.
    pub fn reached(&self, call: usize) -> CancellationToken {
        self.door.blow_at(call, Moment::Replied)
    }

    /// A provider's session in this world: a process's worth of clients.
    pub fn session(&self) -> Session {
        let shared = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(REGION))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::from_keys(
                "simulated",
                "simulated",
                None,
            )))
            .http_client(self.door.clone())
            .time_source(self.door.clone())
            .sleep_impl(TokioSleep::new())
            .build();
        let clock = Clock::new(1.0).expect("a scale above 0");
        let account = self.world.lock().unwrap_or_else(PoisonError::into_inner).account.clone();
        let mut aws = Aws::new(&shared, &Config::default(), clock, 10);
        if let Some(safeguard) = self.off {
            aws = aws.without(safeguard);
        }
        Session { aws, account, region: REGION.into(), partition: "aws".into(), default_tags: Tags::new() }
    }
}

/// The identity of the one service there is.
pub fn identity(aws: &Inside) -> String {
    format!("{}/{REGION}/{}", aws.world().account, scenario::NAME)
}

/// Runs on a runtime of its own, with one thread and a clock that jumps to the next thing that is waited for. All chance
/// of the product (tokens, jitter) follows from the seed.
pub fn on_paused_clock<T>(seed: u64, work: impl Future<Output = T>) -> T {
    fastrand::seed(seed);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime").block_on(work)
}
