//! Tests of the journal: a world had back is the world that went on.

use std::path::PathBuf;

use super::*;
use crate::simulator::weather::Fault;
use crate::simulator::wire::Reply;

/// A file of its own for each test, gone afterwards.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let place = std::env::temp_dir().join(format!("fargate-journal-{}-{name}", std::process::id()));
        let _ = std::fs::remove_file(&place);
        Self(place)
    }

    fn open(&self) -> Told {
        Journal::open(&self.0, 7, "eu-west-3").unwrap()
    }

    fn text(&self) -> String {
        std::fs::read_to_string(&self.0).unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn call(service: &str, body: &str) -> Deed {
    let scope =
        format!("AWS4-HMAC-SHA256 Credential=AKIDSECRET/20260101/eu-west-3/{service}/aws4_request, Signature=ab");
    let token = ("X-Amz-Security-Token".to_owned(), "TOKENSECRET".to_owned());
    let headers = vec![("Authorization".to_owned(), scope), token];
    let query = "X-Amz-Signature=SIGNSECRET&Version=2016-11-15".to_owned();
    let query = if service == "ec2" { query } else { String::new() };
    Deed::Call(Kept::of(&Request {
        method: "POST".into(),
        query,
        headers,
        body: body.as_bytes().to_vec(),
        ..Request::default()
    }))
}

fn done(world: &mut World, deed: &Deed) -> Option<Reply> {
    deed.carry_out(world).unwrap_or_default().and_then(|fate| fate.reply)
}

/// Anything that a client might do, some of it nonsense.
fn any(random: &mut fastrand::Rng, vpcs: &[String]) -> Deed {
    let vpc = vpcs.get(random.usize(..vpcs.len().max(1))).map_or("vpc-1", String::as_str);
    let number = random.u8(..8);
    match random.u8(..12) {
        0 | 1 => call("ec2", "Action=CreateVpc&CidrBlock=10.0.0.0%2F16"),
        2 | 3 => call("ec2", &format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock=10.0.{number}.0%2F24")),
        4 => call("ec2", &format!("Action=DeleteVpc&VpcId={vpc}")),
        5 => call("ec2", "Action=AllocateAddress&Domain=vpc"),
        6 => call("ec2", "Action=DescribeVpcs"),
        7 => call(
            "iam",
            &format!("Action=CreateRole&Version=2010-05-08&RoleName=r{number}&AssumeRolePolicyDocument=%7B%7D"),
        ),
        8 => call("ec2", "Action=CreateVpc&CidrBlock=%zz"),
        9 => Deed::Overlong(Kept::default()),
        10 => {
            Deed::Call(Kept::of(&Request { method: "POST".into(), body: vec![0xff, 0, number], ..Request::default() }))
        }
        _ => Deed::Order(Order { action: "ssm:*".into(), after: 1, times: 1, fault: Fault::Throttle }),
    }
}

#[test]
fn a_world_had_back_answers_as_one_that_went_on() {
    for seed in 0..20 {
        let place = Place::new(&format!("random-{seed}"));
        let mut random = fastrand::Rng::with_seed(seed);
        let mut went_on = World::new(7, "eu-west-3");
        let Told { mut journal, mut world, .. } = place.open();
        let mut now = Duration::ZERO;
        let mut vpcs = Vec::new();
        for step in 0..120 {
            now += Duration::from_nanos(random.u64(..40_000_000_000));
            let deed = any(&mut random, &vpcs);
            went_on.advance(now);
            let expected = done(&mut went_on, &deed);
            if random.u8(..20) == 0 {
                drop(journal);
                let told = place.open();
                assert_eq!((told.deeds, told.torn), (step, false));
                (journal, world) = (told.journal, told.world);
            }
            // It may pass in several steps, as while nobody calls.
            world.advance(world.now() + (now - world.now()) / 2);
            world.advance(now);
            journal.write(now, &deed).unwrap();
            assert_eq!(done(&mut world, &deed), expected, "seed {seed}, step {step}: {deed:?}");
            let body = expected.map(|reply| String::from_utf8(reply.body).unwrap()).unwrap_or_default();
            vpcs.extend(body.split_once("<vpcId>").map(|(_, rest)| rest[..21].to_owned()));
        }
        assert_eq!(world.log, place.open().world.log);
        assert_eq!(world.log, went_on.log);
        assert!(went_on.log.iter().any(|event| event.what == "ec2:CreateSubnet" && event.outcome.is_empty()));
    }
}

#[test]
fn credentials_are_not_written() {
    let place = Place::new("secret");
    let deed = call("ec2", "Action=DescribeVpcs");
    place.open().journal.write(Duration::from_secs(1), &deed).unwrap();
    assert!(!place.text().contains("SECRET"), "{}", place.text());
    assert!(!place.text().to_lowercase().contains("signature"), "{}", place.text());
    let reply = done(&mut World::new(1, "eu-west-3"), &deed).unwrap();
    assert_eq!(reply.status, 200);
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&place.0).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn a_torn_last_line_is_dropped() {
    let place = Place::new("torn");
    let Told { mut journal, .. } = place.open();
    journal.write(Duration::from_secs(5), &call("ec2", "Action=CreateVpc&CidrBlock=10.0.0.0%2F16")).unwrap();
    let whole = place.text();
    std::fs::write(&place.0, format!("{whole}{{\"at\":9000000000,\"deed\":{{\"ca")).unwrap();
    let told = place.open();
    assert_eq!((told.deeds, told.torn, told.world.now()), (1, true, Duration::from_secs(5)));
    assert_eq!(place.text(), whole);
    let told = place.open();
    assert!(!told.torn);
}

#[test]
fn another_world_and_another_file_are_refused() {
    let place = Place::new("other");
    drop(place.open());
    let wrong = |seed, region| Journal::open(&place.0, seed, region).unwrap_err().to_string();
    for (said, names) in
        [(wrong(8, "eu-west-3"), "seed 8, region eu-west-3"), (wrong(7, "us-east-1"), "region us-east-1")]
    {
        assert!(said.contains(names) && said.contains("seed 7, region eu-west-3"), "{said}");
    }
    let version = place.text().replace(env!("CARGO_PKG_VERSION"), "99.0.0");
    std::fs::write(&place.0, &version).unwrap();
    assert!(wrong(7, "eu-west-3").contains("version 99.0.0"));
    assert_eq!(place.text(), version, "nothing is written to it");
    for theirs in ["# my notes", "# my notes\nmore\n", "{}\n"] {
        std::fs::write(&place.0, theirs).unwrap();
        assert!(wrong(7, "eu-west-3").contains("no journal"));
        assert_eq!(place.text(), theirs);
    }
    let broken = format!("{}nonsense\n", {
        std::fs::remove_file(&place.0).unwrap();
        drop(place.open());
        place.text()
    });
    std::fs::write(&place.0, broken).unwrap();
    assert!(wrong(7, "eu-west-3").contains("line 2: "));
}
