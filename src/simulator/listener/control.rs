//! Steering the world: its climate, faults on order, zones that go down. JSON in, JSON out.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{Request, Response};
use serde::de::DeserializeOwned;

use super::{Door, guard, reply};
use crate::simulator::ec2::Monitoring;
use crate::simulator::journal::{Deed, Load, Outage};

const BODY: usize = 64 << 10;

pub async fn climate(State(door): State<Arc<Door>>, request: Request<Body>) -> Response<Body> {
    steer(&door, request, Deed::Climate).await
}

pub async fn order(State(door): State<Arc<Door>>, request: Request<Body>) -> Response<Body> {
    steer(&door, request, Deed::Order).await
}

/// `{"zone": "eu-west-3a", "down_seconds": 300}`
pub async fn zone(State(door): State<Arc<Door>>, request: Request<Body>) -> Response<Body> {
    steer(&door, request, |outage: Outage| Deed::Outage(outage)).await
}

/// `{"cluster": "web", "service": "web", "metric": "ECSServiceAverageCPUUtilization", "value": 90}`
pub async fn load(State(door): State<Arc<Door>>, request: Request<Body>) -> Response<Body> {
    steer(&door, request, |load: Load| Deed::Load(load)).await
}

/// `{"runtime_monitoring": true}`
pub async fn monitoring(State(door): State<Arc<Door>>, request: Request<Body>) -> Response<Body> {
    steer(&door, request, |monitoring: Monitoring| Deed::Monitoring(monitoring)).await
}

/// 400 with what is wrong, 403 and 415 for what this page didn't send, else 200.
async fn steer<T: DeserializeOwned>(door: &Door, request: Request<Body>, deed: fn(T) -> Deed) -> Response<Body> {
    let (head, body) = request.into_parts();
    if let Err(refusal) = guard::trusted(&head.headers) {
        return *refusal;
    }
    let Ok(body) = to_bytes(body, BODY).await else {
        return *guard::refusal(413, format!("The body is longer than {BODY} bytes.\n"));
    };
    let done = serde_json::from_slice(&body).map_err(|error| error.to_string());
    match done.and_then(|asked| door.carry_out(&deed(asked))) {
        Ok(_) => reply(200, &[("content-type", "application/json".into())], "{}\n"),
        Err(why) => *guard::refusal(400, format!("{why}\n")),
    }
}
