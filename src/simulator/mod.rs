//! ROOM 4. A simulated AWS on the wire, with time, refusals and faults. Knows none of the other rooms.
//!
//! One `world` holds everything, and time passes in it only when somebody says so: `World::advance` carries out what has
//! become due, in order. A door turns an HTTP request into a call (`wire::visit`), sets the clock, and writes the answer:
//! the `listener` on a socket, or a client within a process (the tests have one for the AWS SDK). Each service is a folder:
//! its state, its operations, and what happens in it by itself. The `weather` decides over what AWS does to callers beyond
//! refusing: reads that lag, throttling, faults; an `outage` takes a zone away for a while.
//!
//! The same seed and the same calls at the same times give the same world: maps are ordered, nothing asks the system.
//!
//! For those who look from outside: `observe` (who serves, what stands), `picture` (for the page), `World::lines` (the record).
//!
//! # What is simulated, and what is not
//!
//! `docs/guides/simulator.md` tells it service by service, with the sources of the rules. An operation that isn't there
//! answers `NotImplemented`. Credentials and signatures are not checked. Rules whose source is not an AWS page say
//! "(unverified)" where they stand.

pub mod acm;
pub mod ask;
pub mod autoscaling;
pub mod durations;
pub mod ec2;
pub mod ecr;
pub mod ecs;
pub mod elb;
pub mod iam;
pub mod journal;
pub mod listener;
pub mod logs;
pub mod observe;
pub mod outage;
pub mod picture;
pub mod quotas;
pub mod refusal;
pub mod route53;
pub mod secretsmanager;
pub mod ssm;
pub mod sts;
mod subject;
pub mod tags;
pub mod weather;
pub mod wire;
pub mod world;
