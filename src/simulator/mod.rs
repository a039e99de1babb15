//! ROOM 4. A simulated AWS on the wire, with time. Knows none of the other rooms.
//!
//! One `world` holds everything, and time passes in it only when somebody says so: `World::advance` carries out what has
//! become due, in order. A door (the `listener`) turns an HTTP request into a call (`wire`), sets the clock, and writes the
//! answer. Each service is a folder: its state, its operations, and what happens in it by itself.
//!
//! The same seed and the same calls at the same times give the same world: maps are ordered, nothing asks the system.
//!
//! # What is simulated
//!
//! Every operation that the product calls, and their neighbours, of EC2 (networks), Elastic Load Balancing, ECS, IAM, Logs,
//! SSM parameters and STS: states that take their time (`durations`), ECS that schedules tasks, rolls deployments out and
//! back, health checks, refusals of wrong names, limits, duplicates and deletions in the wrong order, real pages. An image's
//! tag can script its behaviour (`ecs::image`): `fails-to-pull`, `exits-1-after-5s`, `never-healthy` and others.
//!
//! # What is not, yet
//!
//! Reads that lag behind, throttling, faults on order; certificates, Route 53, autoscaling, quotas
//! and policy simulation; an in-process door; a page for people. An operation that isn't there answers `NotImplemented`.
//! Credentials and signatures are not checked. Rules whose source is not an AWS page say "(unverified)" where they stand.

pub mod acm;
pub mod ask;
pub mod autoscaling;
pub mod durations;
pub mod ec2;
pub mod ecr;
pub mod ecs;
pub mod elb;
pub mod iam;
pub mod listener;
pub mod logs;
pub mod observe;
pub mod outage;
pub mod quotas;
pub mod refusal;
pub mod route53;
pub mod ssm;
pub mod sts;
pub mod tags;
pub mod weather;
pub mod wire;
pub mod world;
