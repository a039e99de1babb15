//! The simulated AWS behind its listener, within this process: the real terraform calls it over the loopback interface, and
//! the test looks at the world itself. Fast: two hundred seconds there are one here.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use serde_json::Value as Json;
use terraform_provider_fargate::simulator::ask::Ask;
use terraform_provider_fargate::simulator::listener;
use terraform_provider_fargate::simulator::observe;
use terraform_provider_fargate::simulator::weather::{self, Fault, Order};
use terraform_provider_fargate::simulator::world::World;
use tokio::sync::oneshot;

use crate::emulator::REGION;
use crate::stack::Stack;
use crate::terraform::Terraform;

/// Seconds of the world in a second.
const SPEED: u32 = 200;

/// A world with a door, which closes when this is dropped.
pub struct Rehearsal {
    pub url: String,
    world: Arc<Mutex<World>>,
    close: Option<oneshot::Sender<()>>,
    server: Option<JoinHandle<()>>,
}

impl Rehearsal {
    pub fn start() -> Self {
        let world = Arc::new(Mutex::new(World::new(7, REGION)));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let listening = listener::bind("127.0.0.1:0".parse().expect("an address"));
        let (socket, address) = runtime.block_on(listening).expect("a port");
        let (close, closed) = oneshot::channel::<()>();
        let stop = async {
            let _ = closed.await;
        };
        let serving = listener::serve_on(socket, f64::from(SPEED), Arc::clone(&world), stop);
        let server = std::thread::spawn(move || runtime.block_on(serving).expect("the door to stay open"));
        Self { url: format!("http://{address}"), world, close: Some(close), server: Some(server) }
    }

    /// A folder with this configuration, whose provider goes at the world's pace.
    pub fn terraform(&self, main: &str) -> Terraform {
        Terraform::reaching(&self.url, main).paced(SPEED)
    }

    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has the next call of an action refused with this code.
    pub fn refuse(&self, action: &str, times: u64, code: &str) {
        let fault = Fault::Refuse { code: code.into(), message: Some("refused for the test".into()), status: None };
        weather::order(&mut self.world(), Order { times, ..Order::new(action, fault) }).expect("an order");
    }

    /// A call behind everybody's back.
    pub fn call(&self, service: &str, action: &str, ask: Json) -> Json {
        let answer = self.world().call(service, action, &Ask(ask));
        answer.unwrap_or_else(|refusal| panic!("{service}:{action}: {}", refusal.code))
    }

    /// Calls that change something, until now.
    pub fn changes(&self) -> usize {
        let looks = |what: &str| ["Describe", "Get", "List"].iter().any(|verb| what.contains(&format!(":{verb}")));
        let world = self.world();
        world.log.iter().filter(|event| event.source == "call" && !looks(&event.what)).count()
    }

    /// All that stands, by kind: the ids.
    pub fn ids(&self, kind: &str) -> Vec<String> {
        let mut ids: Vec<String> =
            observe::standing(&self.world()).into_iter().filter(|one| one.kind == kind).map(|one| one.id).collect();
        ids.sort_unstable();
        ids
    }

    /// All that stands, but what comes and goes by itself.
    pub fn all(&self) -> BTreeSet<String> {
        let by_itself = |kind: &str| matches!(kind, "ec2 network interface" | "ecs task");
        let all = observe::standing(&self.world()).into_iter().filter(|one| !by_itself(one.kind));
        all.map(|one| format!("{} {}", one.kind, one.id)).collect()
    }

    /// The ids that a resumed creation must keep: each costs minutes, or is an address that others have written down.
    pub fn kept(&self) -> Vec<Vec<String>> {
        ["ec2 vpc", "ec2 nat gateway", "ec2 address", "ec2 subnet"].map(|kind| self.ids(kind)).into()
    }

    #[track_caller]
    pub fn is_empty(&self) {
        assert_eq!(observe::is_empty(&self.world()), Vec::<String>::new());
    }

    #[track_caller]
    pub fn has_no_twins(&self) {
        assert_eq!(observe::twins(&self.world(), &["fargate:stack", "fargate:node"]), Vec::<String>::new());
    }
}

impl Drop for Rehearsal {
    fn drop(&mut self) {
        drop(self.close.take());
        if let Some(server) = self.server.take() {
            let ended = server.join();
            assert!(ended.is_ok() || std::thread::panicking(), "the door broke");
        }
    }
}

/// A service that stands soon: without NAT gateways.
pub fn quick(name: &str) -> Stack {
    Stack::named(name).with("image", "\"nginx:1.27\"").with("network", "{ egress = \"public\" }")
}
