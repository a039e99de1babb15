//! A simulated AWS on a socket of this process: the test can look into the world that Terraform works in, and lay out
//! beforehand what a user brings along.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use terraform_provider_fargate::simulator::listener;
use terraform_provider_fargate::simulator::world::World;
use tokio::runtime::Runtime;

use crate::emulator::REGION;
use crate::simulated::Witness;
use crate::surroundings::{self, Surroundings};

/// Served until dropped. Sixty seconds there are one here.
pub struct Served {
    /// Tells before the world is gone.
    witness: Witness,
    world: Arc<Mutex<World>>,
    pub around: Surroundings,
    _runtime: Runtime,
}

impl Served {
    /// A world with what a user brings along.
    pub fn start() -> Self {
        let mut world = World::new(7, REGION);
        let around = Surroundings::make(&mut world);
        world.advance(Duration::from_secs(surroundings::SECONDS));
        let world = Arc::new(Mutex::new(world));
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let here = SocketAddr::from(([127, 0, 0, 1], 0));
        let (socket, address) = runtime.block_on(listener::bind(here)).expect("a port");
        let forever = std::future::pending::<()>();
        runtime.spawn(listener::serve_on(socket, 60.0, Arc::clone(&world), forever));
        Self { witness: Witness::before(&format!("http://{address}")), world, around, _runtime: runtime }
    }

    /// The door for a provider, through its witness.
    pub fn url(&self) -> &str {
        &self.witness.url
    }

    /// The world as the last call left it.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
