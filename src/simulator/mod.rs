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
//! ACM, Route 53, SSM parameters and STS: states that take their time (`durations`), ECS that schedules tasks, rolls
//! deployments out and back, health checks, refusals of wrong names, limits, duplicates and deletions in the wrong order,
//! real pages. An image's tag can script its behaviour (`ecs::image`): `fails-to-pull`, `exits-1-after-5s`, `never-healthy`
//! and others; a certificate's domain, what comes of its request (`acm`).
//!
//! And its weather (`weather`): reads that lag behind writes, throttling by the published token buckets, faults on order or
//! by chance. It is calm unless ordered otherwise.
//!
//! People look at it in a browser (`listener`, `picture`), and may keep it in a file (`journal`).
//!
//! # What is not, yet
//!
//! Reads that lag behind//! Credentials and signatures are not checked. Rules whose source is not an AWS page say "(unverified)" where they stand.

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
