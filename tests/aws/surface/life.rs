//! What becomes of one attribute: set at create, changed, left out, changed by somebody else, imported. The simulated AWS is
//! asked after each step, and its record of calls tells what was touched.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use serde_json::Value as Json;
use terraform_provider_fargate::simulator::world::World;

use super::place::At;
use super::row::{Effect, Removal, Row};
use crate::inside::core::Core;
use crate::inside::{Inside, REGION, on_paused_clock};
use crate::surroundings::{self, Surroundings};

/// The name of the service in every row but that of the name.
pub const NAME: &str = "surface";

/// Its record and its lease are kept by every operation.
const ALWAYS: &[&str] = &["ssm:PutParameter"];

/// An object of every service, whose id AWS draws.
const OWN: &str = "security_group/task";

/// How each column of the table came out, in the words of the documentation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    pub create: &'static str,
    pub change: &'static str,
    pub remove: &'static str,
    pub drift: &'static str,
    pub import: &'static str,
}

/// One service in one world, step by step.
struct Life<'a> {
    row: &'a Row,
    aws: Inside,
    core: Core,
    around: Surroundings,
}

/// Proves a row.
///
/// # Errors
/// The first step that came out otherwise.
pub fn prove(row: &Row) -> Result<Proven, String> {
    on_paused_clock(1, async {
        let default = default(row).await.map_err(|why| format!("without it: {why}"))?;
        let mut life = Life::begin(row).await;
        let before = life.standing();
        let create = life.create().await.map_err(|why| format!("create: {why}"))?;
        let change = life.change().await.map_err(|why| format!("change: {why}"))?;
        let remove = life.remove(default).await.map_err(|why| format!("remove: {why}"))?;
        let drift = life.drift().await.map_err(|why| format!("drift: {why}"))?;
        let import = life.import().await.map_err(|why| format!("import: {why}"))?;
        life.end(&before).await.map_err(|why| format!("destroy: {why}"))?;
        Ok(Proven { create, change, remove, drift, import })
    })
}

/// What AWS shows where a service was created without the attribute; none if it must be given. Rows whose services are then
/// alike share it.
async fn default(row: &Row) -> Result<Option<Json>, String> {
    static MADE: Mutex<BTreeMap<String, (World, Json)>> = Mutex::new(BTreeMap::new());
    if row.removal == Removal::Required {
        return Ok(None);
    }
    let config = row.config(None).to_string();
    let made = MADE.lock().expect("no panic").get(&config).cloned();
    let (mut world, told) = match made {
        Some(made) => made,
        None => {
            let mut life = Life::begin(row).await;
            life.reach(None).await?;
            let made = (life.aws.world().clone(), life.core.told());
            MADE.lock().expect("no panic").insert(config, made.clone());
            made
        }
    };
    Ok(Some(row.place.look(&mut At { world: &mut world, told: &told })))
}

impl<'a> Life<'a> {
    async fn begin(row: &'a Row) -> Self {
        let aws = Inside::new(1);
        let mut around = Surroundings::none();
        if row.needs_surroundings() {
            around = Surroundings::ready(&aws).await;
        }
        let core = Core::new(&aws, None);
        Self { row, aws, core, around }
    }

    async fn create(&mut self) -> Result<&'static str, String> {
        self.reach(Some(&self.row.set)).await?;
        self.shows(&self.row.set)?;
        Ok(if self.row.effect == Effect::Nothing { "taken" } else { "set" })
    }

    async fn change(&mut self) -> Result<&'static str, String> {
        self.step(Some(&self.row.change)).await?;
        self.shows(&self.row.change)?;
        Ok(match self.row.effect {
            Effect::InPlace => "in place",
            Effect::Anew(_) => "made anew, then moved over",
            Effect::Replaces => "replaces the service",
            Effect::Nothing => "nothing on AWS",
        })
    }

    async fn remove(&mut self, default: Option<Json>) -> Result<&'static str, String> {
        let Some(default) = default else { return Ok("must be given") };
        let before = self.look();
        match self.row.removal {
            Removal::Replaces => self.reach(None).await?,
            _ => self.step(None).await?,
        }
        let found = self.look();
        match self.row.removal {
            // Ids of what is new in each world.
            Removal::Replaces if found == before => return Err(format!("AWS still shows {found}")),
            Removal::Replaces => {}
            Removal::Kept => equal(&before, &found)?,
            _ => equal(&default, &found)?,
        }
        Ok(match self.row.removal {
            Removal::Kept => "AWS's value stays",
            Removal::Replaces => "replaces the service",
            _ => "default again",
        })
    }

    /// Somebody changes it on AWS: the plan shows that, and the apply puts it right.
    async fn drift(&mut self) -> Result<&'static str, String> {
        self.reach(Some(&self.row.set)).await?;
        if !self.row.place.drifts() {
            return Ok(if self.row.effect == Effect::Nothing { "not on AWS" } else { "AWS cannot change it" });
        }
        let other = (self.row.wire)(&self.filled(&self.row.change));
        self.at(|at, row| row.place.meddle(at, &other));
        if self.look() == (self.row.wire)(&self.filled(&self.row.set)) {
            return Err("nobody could change it from outside".into());
        }
        let open = self.core.open(&self.config(Some(&self.row.set))).await;
        if open.is_empty() {
            return Err("the plan doesn't show it".into());
        }
        self.step(Some(&self.row.set)).await?;
        self.shows(&self.row.set)?;
        Ok("shown, healed")
    }

    /// A provider without state takes the service over, as AWS shows it.
    async fn import(&mut self) -> Result<&'static str, String> {
        let state = self.core.state.take();
        self.core = Core::new(&self.aws, None);
        let config = self.config(Some(&self.row.set));
        let name = config["name"].as_str().unwrap_or_default().to_owned();
        let id = format!("{}/{REGION}/{name}", self.aws.world().account);
        let told = self.core.import(&id).await;
        if !told.is_empty() {
            return Err(format!("{told:?}"));
        }
        let open = self.core.open(&config).await;
        let root = self.row.path.split('.').next().unwrap_or_default();
        let this = open.iter().all(|line| line.starts_with(&format!("{root}: ")));
        match (self.row.unseen, open.is_empty()) {
            (false, true) => Ok("read"),
            (true, false) if this => {
                self.core = Core::new(&self.aws, state);
                Ok("not on AWS")
            }
            _ => Err(format!("then the plan is {open:#?}")),
        }
    }

    async fn end(mut self, before: &BTreeSet<String>) -> Result<(), String> {
        if self.row.removal != Removal::Required {
            self.reach(None).await?;
        }
        let said = self.core.destroy().await;
        if !said.errors().is_empty() {
            return Err(format!("{:#?}", said.errors()));
        }
        let left: Vec<String> = self.standing().difference(before).cloned().collect();
        let lost: Vec<String> = before.difference(&self.standing()).cloned().collect();
        if left.is_empty() && lost.is_empty() { Ok(()) } else { Err(format!("left {left:#?}, lost {lost:#?}")) }
    }

    /// A change that touches nothing but what the row says.
    async fn step(&mut self, value: Option<&Json>) -> Result<(), String> {
        let (ids, mark) = (self.ids(), self.aws.world().log.len());
        self.reach(value).await?;
        let called = called(&self.aws.world(), mark);
        if self.row.effect != Effect::Replaces {
            let allowed = |call: &String| ALWAYS.iter().chain(self.row.calls).any(|allowed| call == allowed);
            let others: Vec<_> = called.iter().filter(|call| !allowed(call)).collect();
            if !others.is_empty() {
                return Err(format!("these were called too: {others:?}"));
            }
        }
        self.same_objects(&ids)
    }

    /// Applies, and the next plan is empty.
    async fn reach(&mut self, value: Option<&Json>) -> Result<(), String> {
        let config = self.config(value);
        let said = self.core.apply(&config).await;
        if !said.errors().is_empty() {
            return Err(format!("{config} fails: {:#?}", said.errors()));
        }
        let open = self.core.open(&config).await;
        if open.is_empty() { Ok(()) } else { Err(format!("after {config} the plan is {open:#?}")) }
    }

    fn same_objects(&self, before: &BTreeMap<String, String>) -> Result<(), String> {
        let after = self.ids();
        let both = before.iter().filter_map(|(key, id)| Some((key, id, after.get(key)?)));
        let moved: BTreeSet<&str> = both.filter(|(_, one, other)| one != other).map(|(key, ..)| key.as_str()).collect();
        let may = |key: &str| match self.row.effect {
            Effect::InPlace => key == "task_definition",
            Effect::Anew(front) => key == "task_definition" || key.starts_with(front),
            Effect::Replaces => true,
            Effect::Nothing => false,
        };
        match moved.iter().find(|key| !may(key)) {
            Some(key) => Err(format!("{key} is another object now")),
            None if self.row.effect == Effect::Replaces && before.get(OWN) == after.get(OWN) => {
                Err("the service was not replaced".into())
            }
            None => Ok(()),
        }
    }

    fn shows(&self, value: &Json) -> Result<(), String> {
        let wanted = (self.row.wire)(&self.filled(value));
        if self.row.effect == Effect::Nothing { Ok(()) } else { equal(&wanted, &self.look()) }
    }

    fn look(&self) -> Json {
        self.at(|at, row| row.place.look(at))
    }

    fn at<T>(&self, look: impl FnOnce(&mut At<'_>, &Row) -> T) -> T {
        let told = self.core.told();
        look(&mut At { world: &mut self.aws.world(), told: &told }, self.row)
    }

    fn ids(&self) -> BTreeMap<String, String> {
        let objects = self.core.told()["objects"].take();
        let entries = objects.as_object().into_iter().flatten();
        entries.map(|(key, entry)| (key.clone(), entry["id"].as_str().unwrap_or_default().to_owned())).collect()
    }

    fn config(&self, value: Option<&Json>) -> Json {
        self.filled(&self.row.config(value))
    }

    fn filled(&self, value: &Json) -> Json {
        self.around.fill(value)
    }

    fn standing(&self) -> BTreeSet<String> {
        surroundings::standing(&self.aws.world())
    }
}

/// The mutating calls since this place in the record.
fn called(world: &World, mark: usize) -> BTreeSet<String> {
    let reads = |what: &str| {
        let action = what.rsplit(':').next().unwrap_or_default();
        ["Describe", "Get", "List"].iter().any(|verb| action.starts_with(verb))
    };
    let calls = world.log[mark..].iter().filter(|event| event.source == "call" && !reads(&event.what));
    calls.map(|event| event.what.clone()).collect()
}

/// Lists whose order AWS doesn't keep are the business of who looks.
fn equal(wanted: &Json, found: &Json) -> Result<(), String> {
    if wanted == found { Ok(()) } else { Err(format!("AWS shows {found} instead of {wanted}")) }
}
