//! AWS as this room sees it: one SDK client per service, and the one way through which every call goes.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::DateTime;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::sdk_config::{SharedTimeSource, StalledStreamProtectionConfig};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::budget::Budgets;
use super::clock::Clock;
use super::error::{Error, Reach, Result};
use super::glance::Glance;
use super::lease;
use super::object::{Pace, Ready};
use super::others::Others;
use super::owner::Owner;
use super::retry::{self, Again};
use super::safeguard::Safeguard;

/// The SDK clients of one account and region, with the clock and the patience they are used with. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Aws {
    pub acm: aws_sdk_acm::Client,
    pub ec2: aws_sdk_ec2::Client,
    pub ecs: aws_sdk_ecs::Client,
    pub elb: aws_sdk_elasticloadbalancingv2::Client,
    pub iam: aws_sdk_iam::Client,
    pub logs: aws_sdk_cloudwatchlogs::Client,
    pub route53: aws_sdk_route53::Client,
    pub scaling: aws_sdk_applicationautoscaling::Client,
    pub ssm: aws_sdk_ssm::Client,
    pub sts: aws_sdk_sts::Client,
    pub clock: Clock,
    /// What calls are signed by.
    time: Option<SharedTimeSource>,
    /// Shared by all operations.
    budgets: Arc<Budgets>,
    /// How often a call is sent again after a lost connection or an internal error of AWS.
    pub max_retries: u32,
    /// Once cancelled, nothing is waited for any more; a call in flight is let finish.
    pub stop: CancellationToken,
    /// When the operation's time is over.
    pub deadline: Option<Instant>,
    /// The operation's token, by which it holds a stack.
    pub holder: String,
    /// The stack that the operation works on.
    lease: Option<Owner>,
    /// Cancelled, before `stop` is, if somebody else has taken the stack.
    lost: CancellationToken,
    /// What was asked already, while all of a stack's objects are looked at.
    glance: Option<Arc<Glance>>,
    /// Shared by all operations too.
    pub(super) others: Arc<Others>,
    /// For what AWS takes one change of at a time. Held for the call, never for what comes of it.
    pub(super) one_by_one: Arc<tokio::sync::Mutex<()>>,
    /// None outside the bench.
    off: Option<Safeguard>,
}

/// Endpoints other than AWS's own, by service.
pub trait Endpoints {
    /// The URL for a service, by its name in the `endpoints` attribute.
    fn of(&self, service: &str) -> Option<String>;
}

/// The services called, as the `endpoints` attribute names them.
pub const SERVICES: &[&str] =
    &["acm", "appautoscaling", "cloudwatchlogs", "ec2", "ecs", "elbv2", "iam", "route53", "ssm", "sts"];

macro_rules! client {
    ($sdk:ident, $shared:expr, $url:expr) => {{
        let mut config = $sdk::config::Builder::from($shared);
        if let Some(url) = $url {
            config.set_endpoint_url(Some(url));
        }
        $sdk::Client::from_conf(config.build())
    }};
}

impl Aws {
    pub fn new(shared: &SdkConfig, endpoints: &impl Endpoints, clock: Clock, max_retries: u32) -> Self {
        let shared = shared.to_builder().retry_config(RetryConfig::disabled()).timeout_config(time_outs());
        let shared = &shared.stalled_stream_protection(StalledStreamProtectionConfig::disabled()).build();
        Self {
            acm: client!(aws_sdk_acm, shared, endpoints.of("acm")),
            ec2: client!(aws_sdk_ec2, shared, endpoints.of("ec2")),
            ecs: client!(aws_sdk_ecs, shared, endpoints.of("ecs")),
            elb: client!(aws_sdk_elasticloadbalancingv2, shared, endpoints.of("elbv2")),
            iam: client!(aws_sdk_iam, shared, endpoints.of("iam")),
            logs: client!(aws_sdk_cloudwatchlogs, shared, endpoints.of("cloudwatchlogs")),
            route53: client!(aws_sdk_route53, shared, endpoints.of("route53")),
            scaling: client!(aws_sdk_applicationautoscaling, shared, endpoints.of("appautoscaling")),
            ssm: client!(aws_sdk_ssm, shared, endpoints.of("ssm")),
            sts: client!(aws_sdk_sts, shared, endpoints.of("sts")),
            clock,
            time: shared.time_source(),
            budgets: Arc::new(Budgets::new(clock)),
            max_retries,
            stop: CancellationToken::new(),
            deadline: None,
            holder: String::new(),
            lease: None,
            lost: CancellationToken::new(),
            glance: None,
            others: Arc::default(),
            one_by_one: Arc::default(),
            off: None,
        }
    }

    /// The same AWS with other budgets.
    #[must_use]
    pub fn on(self, budgets: Budgets) -> Self {
        Self { budgets: Arc::new(budgets), ..self }
    }

    /// The same AWS with one safeguard switched off, for the bench, which shows by it that each is needed.
    #[must_use]
    pub fn without(self, safeguard: Safeguard) -> Self {
        Self { off: Some(safeguard), ..self }
    }

    /// Now, as AWS counts: whole seconds since 1970.
    pub(super) fn epoch(&self) -> i64 {
        let now = self.time.as_ref().map_or_else(SystemTime::now, SharedTimeSource::now);
        DateTime::from(now).secs()
    }

    /// Whether a safeguard is on.
    pub fn guards(&self, safeguard: Safeguard) -> bool {
        self.off != Some(safeguard)
    }

    /// The same AWS for one operation: stopped by `stop`, its waits over after `time`.
    #[must_use]
    pub fn within(&self, stop: &CancellationToken, time: Duration) -> Self {
        let (stop, lost, holder) = (stop.child_token(), CancellationToken::new(), self.token());
        let deadline = Some(Instant::now() + self.clock.budget(time));
        Self { stop, deadline, holder, lost, ..self.clone() }
    }

    /// The same AWS for an operation that works on this stack, and may make nothing unless it holds it.
    #[must_use]
    pub fn holding(self, owner: &Owner) -> Self {
        Self { lease: Some(owner.clone()), ..self }
    }

    /// The same operation, with time for what must be done at its end: a little if it was stopped.
    #[must_use]
    pub fn once_more(&self) -> Self {
        let time = Duration::from_secs(if self.stop.is_cancelled() { 20 } else { 15 * 60 });
        Self { stop: CancellationToken::new(), deadline: Some(Instant::now() + time), ..self.clone() }
    }

    /// The same AWS for one look at all objects of one owner.
    #[must_use]
    pub(super) fn at_a_glance(&self) -> Self {
        Self { glance: Some(Arc::default()), ..self.clone() }
    }

    /// The answer to a question that several kinds ask: within one look at all objects it is asked once.
    ///
    /// # Errors
    /// Those of asking.
    pub(super) async fn once<T, F>(&self, question: &str, ask: impl FnOnce() -> F) -> Result<T>
    where
        T: Clone + Send + Sync + 'static,
        F: Future<Output = Result<T>> + Send,
    {
        match &self.glance {
            Some(glance) => glance.once(question, ask).await,
            // Questions lead to questions: one future for all would be a great one.
            None => Box::pin(ask()).await,
        }
    }

    /// Somebody else has taken the stack: nothing more is done.
    pub fn lose(&self) {
        self.lost.cancel();
        self.stop.cancel();
    }

    fn stopped(&self) -> Error {
        match self.lost.is_cancelled() {
            true => Error::Held("it was taken over by another operation, which saw no sign of life of this one".into()),
            false => Error::Stopped,
        }
    }

    /// Sends a call, again where that is right (see `retry`). `action` is IAM's name of it.
    ///
    /// # Errors
    /// The last attempt's error; `Stopped` or `TimedOut` where the operation ended while we waited to ask again.
    pub async fn call<T, E, F>(&self, action: &'static str, ask: impl Fn() -> F) -> Result<T>
    where
        F: Future<Output = std::result::Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let begun = Instant::now();
        let (mut attempt, mut counted) = (1, 0);
        loop {
            self.turn(action).await?;
            if let Some(owner) = self.lease.as_ref().filter(|_| retry::MAKES_TWO.contains(&action)) {
                Box::pin(lease::check(self, owner)).await?;
            }
            let asked = tokio::select! {
                biased;
                asked = ask() => asked,
                () = self.stop.cancelled(), if looks(action) => return Err(self.stopped()),
            };
            let error = match asked {
                Ok(answer) => {
                    tracing::debug!(action, attempt, "call answered");
                    return Ok(answer);
                }
                Err(error) => Error::of_call(action, &error),
            };
            let go_on = match retry::again(action, &error) {
                Again::Never if self.guards(Safeguard::NoBlindRepeat) || error.reach() != Some(Reach::Unclear) => false,
                // As it would be for a create that AWS carries out once.
                Again::Never => attempt == 1,
                Again::Counted => {
                    counted += 1;
                    counted <= self.max_retries
                }
                Again::Until(time) => Instant::now() < begun + self.clock.budget(time),
            };
            tracing::debug!(action, attempt, %error, again = go_on, "call failed");
            if error.reach() == Some(Reach::Throttled) {
                self.budgets.empty(action);
            }
            if !go_on {
                return Err(error);
            }
            self.pause(retry::pause(attempt), &error).await?;
            attempt += 1;
        }
    }

    /// Waits for the call's turn among all that this process sends.
    async fn turn(&self, action: &str) -> Result<()> {
        let Some(turn) = self.budgets.turn(action) else { return Ok(()) };
        tokio::select! {
            () = self.stop.cancelled() => Err(self.stopped()),
            () = tokio::time::sleep_until(turn) => Ok(()),
        }
    }

    /// A client token, new for each create. A repeated call of the same create carries the same token; a later create
    /// never does, or AWS would answer with the object that failed or was deleted.
    pub fn token(&self) -> String {
        format!("{:032x}", fastrand::u128(..))
    }

    /// Looks, at once and then at this pace, until it is ready.
    pub async fn until<F: Future<Output = Result<Ready>>>(&self, pace: Pace, look: impl Fn() -> F) -> Result<()> {
        let mut pause = pace.first;
        while let Ready::NotYet(what) = look().await? {
            tracing::debug!(what, "waiting");
            self.pause(pause, &what).await?;
            pause = pace.then;
        }
        Ok(())
    }

    /// Lets a new role or policy spread through IAM before it is used: nothing tells when it has. AWS says "within
    /// seconds"; a task that starts too early fails, and counts for the circuit breaker.
    pub async fn settle_iam(&self) -> Result<()> {
        self.pause(Duration::from_secs(10), &"IAM has to spread a new role or policy").await
    }

    /// Whether the operation's time is over: nothing more is waited for.
    pub fn is_over(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// Waits, unless the operation is stopped or its time over: then the error tells what was waited for.
    pub async fn pause(&self, time: Duration, for_what: &(dyn std::fmt::Display + Sync)) -> Result<()> {
        if self.is_over() {
            return Err(Error::TimedOut(for_what.to_string()));
        }
        tokio::select! {
            () = self.stop.cancelled() => Err(self.stopped()),
            () = self.clock.pass(time) => Ok(()),
        }
    }
}

/// A call that changes nothing, and may be left alone in the middle.
pub(super) fn looks(action: &str) -> bool {
    let verb = action.split(':').next_back().unwrap_or_default();
    ["Describe", "Get", "List"].iter().any(|word| verb.starts_with(word))
}

/// How long one sending of a call may take. Real time, never scaled.
///
/// What the SDK is told, and why. *Retries: off.* The SDK sends a create again whose answer was lost, and makes two; and it
/// takes `LimitExceededException`, a quota, for throttling. What is sent again stands in `retry`, how fast in `budget`.
/// *Connect, 5 s*: a dead address is noticed before the user wonders. *Read, 30 s*: AWS's slowest answers (a cluster, a
/// role) take a few seconds. *Attempt, 60 s*: the whole exchange, signing, connection and body included; with retries off it
/// is also the operation's. *Stalled stream protection: off.* Our bodies are a few kilobytes, read as one within the
/// attempt's minute; the protection's clock would only add a second way to lose an answer.
///
/// Credentials (STS, SSO, the instance's metadata) are fetched by the SDK's own clients, with the SDK's own retries.
pub fn time_outs() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5))
        .read_timeout(Duration::from_secs(30))
        .operation_attempt_timeout(Duration::from_secs(60))
        .build()
}
