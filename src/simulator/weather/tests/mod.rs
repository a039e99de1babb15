//! Tests of the weather, through the world's calls as everybody makes them.

use serde_json::{Value as Json, json};

use super::*;

mod buckets;
mod faults;
mod replicas;

pub fn world() -> World {
    World::new(7, "eu-west-1")
}

pub fn call(world: &mut World, action: &str, ask: Json) -> Answer {
    let (service, action) = action.split_once(':').unwrap();
    world.call(service, action, &Ask(ask))
}

pub fn ok(world: &mut World, action: &str, ask: Json) -> Json {
    call(world, action, ask).unwrap_or_else(|refusal| panic!("{action}: {refusal}"))
}

pub fn code(world: &mut World, action: &str, ask: Json) -> String {
    call(world, action, ask).map_or_else(|refusal| refusal.code, |_| String::new())
}

pub fn vpc(world: &mut World) -> String {
    let made = ok(world, "ec2:CreateVpc", json!({"CidrBlock": "10.0.0.0/16"}));
    made["vpc"]["vpcId"].as_str().unwrap().to_owned()
}

pub fn wait(world: &mut World, seconds: f64) {
    let then = world.now() + Duration::from_secs_f64(seconds);
    world.advance(then);
}

pub fn strikes(world: &World, kind: &str) -> u64 {
    world.weather.strikes.get(kind).copied().unwrap_or_default()
}

/// The outcome of the last call, as it stands in the record.
pub fn outcome(world: &World) -> &str {
    &world.log.iter().rev().find(|event| event.source == "call").unwrap().outcome
}

#[test]
fn a_climate_out_of_range_and_an_order_that_could_never_strike_are_refused() {
    let mut world = world();
    for (stale, lag, faults) in [(1.1, 0.0, 0.0), (0.0, -1.0, 0.0), (0.0, 1e9, 0.0), (0.0, 0.0, f64::NAN)] {
        assert!(climate(&mut world, Climate { stale, lag, faults, throttling: false }).is_err());
    }
    assert_eq!(world.weather.climate, Climate::default());
    let fair: Climate = serde_json::from_value(json!({"stale": 0.05, "lag": 5})).unwrap();
    climate(&mut world, fair.clone()).unwrap();
    assert_eq!(world.weather.climate, fair);
    assert!(serde_json::from_value::<Climate>(json!({"wind": 1})).is_err());

    let delay = |seconds| Fault::Delay { seconds };
    let refuse = |code: &str, status| Fault::Refuse { code: code.into(), message: None, status };
    let wrong = [
        ("s3:*", Fault::Throttle),
        ("ec2:CreateVcp", Fault::Throttle),
        ("CreateVpc", Fault::Throttle),
        ("ec2:DescribeVpcs", Fault::Quota),
        ("ec2:CreateVpc", Fault::LoadBalancerFails),
        ("ec2:CreateVpc", Fault::AttachesLate { seconds: 1.0 }),
        ("*", Fault::AttachesLate { seconds: -1.0 }),
        ("*", delay(-1.0)),
        ("*", delay(f64::INFINITY)),
        ("*", refuse("", None)),
        ("*", refuse("a b", None)),
        ("*", refuse("Some", Some(200))),
        ("*", Fault::NatFails { code: "Nonsense".into() }),
    ];
    for (action, fault) in wrong {
        let asked = Order::new(action, fault);
        assert!(order(&mut world, asked.clone()).is_err(), "{asked:?}");
    }
    assert!(order(&mut world, Order { times: 0, ..Order::new("*", Fault::Throttle) }).is_err());
    assert!(world.weather.orders.is_empty());
    for action in ["*", "mutating", "ec2:*", "ec2:mutating", "ec2:Create*", "ec2:CreateVpc"] {
        order(&mut world, Order::new(action, Fault::Throttle)).unwrap();
    }
}
