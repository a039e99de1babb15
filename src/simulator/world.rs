//! The world: the state of every service, the time, what is due, and the record of all that happened.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::ask::Ask;
use super::durations::{Span, Tail};
use super::refusal::{Answer, Refusal};
use super::{
    acm, autoscaling, ec2, ecr, ecs, elb, iam, logs, outage, quotas, route53, secretsmanager, ssm, sts, subject,
    weather,
};

/// What an operation is.
pub type Operation = fn(&mut World, &Ask) -> Answer;

/// Something that will happen by itself.
#[derive(Clone, Debug, PartialEq)]
pub enum Due {
    Acm(acm::Due),
    Autoscaling(autoscaling::Due),
    Ec2(ec2::Due),
    Ecs(ecs::Due),
    Elb(elb::Due),
    Outage(outage::Due),
    Route53(route53::Due),
}

/// One line of the record.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub at: Duration,
    /// `call` or `world`.
    pub source: &'static str,
    /// `ec2:CreateVpc`, or what happened.
    pub what: String,
    /// The id or name that it was about, as far as that can be told.
    pub subject: String,
    /// What the weather did to it and the error code, or nothing.
    pub outcome: String,
}

impl Event {
    /// For a file: time, source, what, subject, outcome.
    pub fn line(&self) -> String {
        let (at, Self { source, what, subject, outcome, .. }) = (self.at.as_secs_f64(), self);
        format!("{at:10.3}  {source:5}  {what:40}  {subject:30}  {outcome}").trim_end().to_owned()
    }
}

/// How many events are remembered, at least; the oldest are forgotten.
const REMEMBERED: usize = 100_000;

/// Those that are simulated, as in `World::call`.
pub const SERVICES: &[&str] = &[
    "acm",
    "application-autoscaling",
    "ec2",
    "ecr",
    "ecs",
    "elasticloadbalancing",
    "iam",
    "logs",
    "route53",
    "secretsmanager",
    "servicequotas",
    "ssm",
    "sts",
];

/// None if it isn't simulated.
pub fn operation(service: &str, action: &str) -> Option<Operation> {
    match service {
        "acm" => acm::operation(action),
        "application-autoscaling" => autoscaling::operation(action),
        "ec2" => ec2::operation(action),
        "ecr" => ecr::operation(action),
        "ecs" => ecs::operation(action),
        "elasticloadbalancing" => elb::operation(action),
        "iam" => iam::operation(action),
        "logs" => logs::operation(action),
        "route53" => route53::operation(action),
        "secretsmanager" => secretsmanager::operation(action),
        "servicequotas" => quotas::operation(action),
        "ssm" => ssm::operation(action),
        "sts" => sts::operation(action),
        _ => None,
    }
}

/// A simulated AWS of one account and region.
#[derive(Clone, Debug)]
pub struct World {
    pub account: String,
    pub region: String,
    now: Duration,
    random: fastrand::Rng,
    due: BTreeMap<(Duration, u64), Due>,
    count: u64,
    pub log: Vec<Event>,
    pub weather: weather::State,
    pub acm: acm::State,
    pub autoscaling: autoscaling::State,
    pub ec2: ec2::State,
    pub ecr: ecr::State,
    pub ecs: ecs::State,
    pub elb: elb::State,
    pub iam: iam::State,
    pub logs: logs::State,
    pub outage: outage::State,
    pub quotas: quotas::State,
    pub route53: route53::State,
    pub secretsmanager: secretsmanager::State,
    pub ssm: ssm::State,
}

impl World {
    pub fn new(seed: u64, region: &str) -> Self {
        Self {
            account: "123456789012".into(),
            region: region.into(),
            now: Duration::ZERO,
            random: fastrand::Rng::with_seed(seed),
            due: BTreeMap::new(),
            count: 0,
            log: Vec::new(),
            weather: weather::State::new(seed),
            acm: acm::State::default(),
            autoscaling: autoscaling::State::default(),
            ec2: ec2::State::new(region),
            ecr: ecr::State::default(),
            ecs: ecs::State::default(),
            elb: elb::State::default(),
            iam: iam::State::default(),
            logs: logs::State::default(),
            outage: outage::State::default(),
            quotas: quotas::State::default(),
            route53: route53::State::default(),
            secretsmanager: secretsmanager::State::default(),
            ssm: ssm::State::default(),
        }
    }

    /// The same world, its further ids and durations drawn from another seed; its weather is calm.
    #[must_use]
    pub fn reseeded(self, seed: u64) -> Self {
        Self { random: fastrand::Rng::with_seed(seed), weather: weather::State::new(seed), ..self }
    }

    /// Time since the world began.
    pub fn now(&self) -> Duration {
        self.now
    }

    /// The time as seconds since 1970, for answers: the world began on 1 January 2026.
    pub fn epoch(&self) -> f64 {
        1_767_225_600.0 + self.now.as_secs_f64()
    }

    /// The same as ISO 8601 text, as the XML protocols write it.
    pub fn iso(&self) -> String {
        iso(self.epoch())
    }

    /// Lets time pass until `now`: what has become due happens, in order, each at its own time.
    pub fn advance(&mut self, now: Duration) {
        while let Some((&(at, number), _)) = self.due.first_key_value()
            && at <= now
            && let Some(due) = self.due.remove(&(at, number))
        {
            self.now = self.now.max(at);
            match due {
                Due::Acm(due) => acm::happen(self, due),
                Due::Autoscaling(due) => autoscaling::happen(self, due),
                Due::Ec2(due) => ec2::happen(self, due),
                Due::Ecs(due) => ecs::happen(self, due),
                Due::Elb(due) => elb::happen(self, due),
                Due::Outage(due) => outage::happen(self, due),
                Due::Route53(due) => route53::happen(self, due),
            }
        }
        self.now = self.now.max(now);
    }

    /// When the next thing will happen by itself.
    pub fn next_due(&self) -> Option<Duration> {
        self.due.first_key_value().map(|((at, _), _)| *at)
    }

    /// Makes something happen after a time drawn from `span`.
    pub fn after(&mut self, span: Span, due: Due) {
        let seconds = self.draw(span);
        self.in_seconds(seconds, due);
    }

    pub fn in_seconds(&mut self, seconds: f64, due: Due) {
        self.count += 1;
        self.due.insert((self.now + Duration::from_secs_f64(seconds.max(0.0)), self.count), due);
    }

    /// Draws from a triangular distribution.
    pub fn draw(&mut self, Span(low, usual, high): Span) -> f64 {
        let (at, turn) = (self.random.f64(), (usual - low) / (high - low));
        match at < turn {
            true => low + (at * (high - low) * (usual - low)).sqrt(),
            false => high - ((1.0 - at) * (high - low) * (high - usual)).sqrt(),
        }
    }

    /// Draws from an exponential distribution, cut at its longest.
    pub fn draw_tail(&mut self, Tail(mean, longest): Tail) -> f64 {
        (-mean * (1.0 - self.random.f64()).ln()).clamp(0.0, longest)
    }

    /// A new id such as `vpc-0123456789abcdef0`.
    pub fn id(&mut self, prefix: &str) -> String {
        format!("{prefix}-{:017x}", self.random.u128(..) >> 60)
    }

    /// So many random hexadecimal digits.
    pub fn hex(&mut self, digits: usize) -> String {
        (0..digits).map(|_| char::from_digit(self.random.u32(0..16), 16).unwrap_or('0')).collect()
    }

    pub fn uuid(&mut self) -> String {
        let hex = self.hex(32);
        format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }

    pub fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:aws:{service}:{}:{}:{resource}", self.region, self.account)
    }

    /// Notes something that happened by itself.
    pub fn note(&mut self, what: impl Into<String>) {
        self.record("world", what.into(), String::new(), String::new());
    }

    /// Carries a call out.
    ///
    /// # Errors
    /// What AWS would answer; `NotImplemented` for an operation that isn't simulated.
    pub fn call(&mut self, service: &str, action: &str, ask: &Ask) -> Answer {
        self.weather.passed();
        let answer = match operation(service, action) {
            Some(operation) => weather::pass(self, &weather::Call { service, action, ask, operation }),
            None => {
                let why = format!("{service}:{action} is not simulated");
                Err(Refusal::new("NotImplemented", why).with_status(501))
            }
        };
        let code = answer.as_ref().err().map(|refusal| refusal.code.as_str());
        let outcome = self.weather.struck().iter().copied().chain(code).collect::<Vec<_>>().join(" ");
        self.record("call", format!("{service}:{action}"), subject::of(action, ask, &answer), outcome);
        answer
    }

    /// Writes into the record.
    pub fn record(&mut self, source: &'static str, what: String, subject: String, outcome: String) {
        if self.log.len() >= REMEMBERED + REMEMBERED / 10 {
            self.log.drain(..REMEMBERED / 10);
        }
        self.log.push(Event { at: self.now, source, what, subject, outcome });
    }

    /// The record, a line for each event.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.log.iter().map(Event::line)
    }

    /// The world's identity, for people.
    pub fn about(&self) -> Json {
        json!({ "account": self.account, "region": self.region, "seconds": self.now.as_secs_f64() })
    }
}

/// ISO 8601 of seconds since 1970, to the millisecond.
pub fn iso(epoch: f64) -> String {
    let (seconds, millis) = (epoch.floor() as i64, (epoch.fract() * 1000.0) as i64);
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Days to a civil date, after Howard Hinnant's algorithm.
    let z = days + 719_468;
    let (era, doe) = (z.div_euclid(146_097), z.rem_euclid(146_097));
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let (day, month) = (doy - (153 * mp + 2) / 5 + 1, if mp < 10 { mp + 3 } else { mp - 9 });
    let year = yoe + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (rest / 3600, rest % 3600 / 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
}
