//! The provider block: which AWS account and region, reached how.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_config::sts::AssumeRoleProvider;
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_types::SdkConfig;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::{diagnose, duration};
use crate::aws::client::{Aws, Endpoints, time_outs};
use crate::aws::clock::Clock;
use crate::aws::error::Error as AwsError;
use crate::aws::owner::{Identity, Owner, Tags};
use crate::protocol::diagnostic::Diagnostic;
use crate::protocol::path::Path;

/// What the provider block takes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Config {
    /// AWS region. By default that of the environment (`AWS_REGION`) or of the profile.
    pub region: Option<String>,
    /// Profile of the shared AWS configuration files.
    pub profile: Option<String>,
    /// Access key; needs `secret_key`. Without them credentials come from the SDK's usual chain: environment, profile, SSO, web identity, container, instance.
    pub access_key: Option<String>,
    /// Secret key that belongs to `access_key`.
    #[schemars(extend("x-terraform" = ["sensitive"]))]
    pub secret_key: Option<String>,
    /// Session token of temporary credentials; needs `access_key` and `secret_key`.
    #[schemars(extend("x-terraform" = ["sensitive"]))]
    pub token: Option<String>,
    /// Role to assume.
    pub assume_role: Option<AssumeRole>,
    /// AWS accounts that may be worked in; any by default. Protects against the wrong credentials.
    pub allowed_account_ids: Option<BTreeSet<String>>,
    /// Tags of every AWS object of every service; a service's own `tags` win.
    pub default_tags: Option<Tags>,
    /// How often a call is sent again after a lost connection or an internal error of AWS, 0 to 100; 10 by default. Throttled calls slow down and are sent again for 15 minutes.
    pub max_retries: Option<u32>,
    /// URLs of single AWS services, by `acm`, `appautoscaling`, `cloudwatchlogs`, `ec2`, `ecs`, `elbv2`, `iam`, `route53`, `ssm` and `sts`.
    pub endpoints: Option<BTreeMap<String, String>>,
    /// URL of all AWS services that `endpoints` doesn't name, for emulators and private endpoints.
    pub endpoint_url: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AssumeRole {
    /// ARN of the role.
    pub role_arn: String,
    /// Name of the session, as it shows in CloudTrail; `terraform-provider-fargate` by default.
    pub session_name: Option<String>,
    /// External ID that the role's trust policy asks for.
    pub external_id: Option<String>,
    /// How long the credentials last, as a Go duration such as `1h`; 15 minutes to 12 hours.
    pub duration: Option<String>,
}

impl Endpoints for Config {
    fn of(&self, service: &str) -> Option<String> {
        self.endpoints.as_ref()?.get(service).cloned()
    }
}

/// A configured provider: AWS, and who we are there.
#[derive(Clone, Debug)]
pub struct Session {
    pub aws: Aws,
    pub account: String,
    pub region: String,
    pub partition: String,
    pub default_tags: Tags,
}

impl Session {
    /// Reaches AWS as configured, and asks it who we are.
    ///
    /// # Errors
    /// A diagnostic where the configuration doesn't lead to an account that may be used.
    pub async fn open(config: &Config, stop: &CancellationToken) -> Result<Self, Diagnostic> {
        let clock = Clock::from_environment()
            .map_err(|why| Diagnostic::error("Invalid environment variable FARGATE_TIME_SCALE", why))?;
        let shared = load(config).await?;
        let Some(region) = shared.region().map(ToString::to_string) else {
            let how = "Set region in the provider block, or AWS_REGION in the environment, or region in the profile.";
            return Err(Diagnostic::error("No AWS region", how).at("region"));
        };
        let aws = Aws::new(&shared, config, clock, config.max_retries.unwrap_or(10));
        let (account, partition) = identity(&aws.within(stop, Duration::from_secs(60))).await?;
        if config.allowed_account_ids.as_ref().is_some_and(|allowed| !allowed.contains(&account)) {
            let why = format!("The credentials lead to account {account}, which allowed_account_ids does not name.");
            return Err(Diagnostic::error("Wrong AWS account", why).at("allowed_account_ids"));
        }
        let default_tags = config.default_tags.clone().unwrap_or_default();
        Ok(Self { aws, account, region, partition, default_tags })
    }

    /// The session for a call that only looks: stopped by `stop`, and over after a while.
    #[must_use]
    pub fn looking(&self, stop: &CancellationToken) -> Self {
        Self { aws: self.aws.within(stop, Duration::from_secs(10 * 60)), ..self.clone() }
    }

    pub fn identity(&self, name: &str) -> Identity {
        Identity { account: self.account.clone(), region: self.region.clone(), name: name.to_owned() }
    }

    /// A service's tags over the provider's.
    pub fn tags_all(&self, tags: Option<&Tags>) -> Tags {
        let mut all = self.default_tags.clone();
        all.extend(tags.cloned().unwrap_or_default());
        all
    }

    pub fn owner(&self, name: &str, tags_all: Tags) -> Owner {
        let (identity, partition) = (self.identity(name), self.partition.clone());
        Owner { identity, partition, tags: tags_all, ..Owner::default() }
    }
}

async fn load(config: &Config) -> Result<SdkConfig, Diagnostic> {
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).timeout_config(time_outs());
    if let Some(region) = &config.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(profile) = &config.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(url) = &config.endpoint_url {
        loader = loader.endpoint_url(url);
    }
    if let (Some(access), Some(secret)) = (&config.access_key, &config.secret_key) {
        loader = loader.credentials_provider(Credentials::from_keys(access, secret, config.token.clone()));
    }
    let shared = loader.load().await;
    let Some(role) = &config.assume_role else { return Ok(shared) };
    let mut sts = shared.to_builder();
    if let Some(url) = config.of("sts") {
        sts.set_endpoint_url(Some(url));
    }
    let mut provider = AssumeRoleProvider::builder(&role.role_arn).configure(&sts.build());
    provider = provider.session_name(role.session_name.clone().unwrap_or_else(|| "terraform-provider-fargate".into()));
    if let Some(id) = &role.external_id {
        provider = provider.external_id(id);
    }
    if let Some(text) = &role.duration {
        let time = duration::parse(text);
        let time = time.map_err(|why| Diagnostic::error("Invalid duration", why).at("assume_role.duration"))?;
        provider = provider.session_length(time);
    }
    let provider = aws_credential_types::provider::SharedCredentialsProvider::new(provider.build().await);
    Ok(shared.to_builder().credentials_provider(provider).build())
}

/// Account and partition that the credentials lead to.
async fn identity(aws: &Aws) -> Result<(String, String), Diagnostic> {
    let asked = aws.call("sts:GetCallerIdentity", || aws.sts.get_caller_identity().send()).await;
    let answer = asked.map_err(|error| no_access(&error))?;
    let account = answer.account().unwrap_or_default().to_owned();
    let partition = answer.arn().and_then(|arn| arn.split(':').nth(1)).unwrap_or("aws").to_owned();
    Ok((account, partition))
}

fn no_access(error: &AwsError) -> Diagnostic {
    let hint = diagnose::hint(error).map(|hint| format!("\n\n{hint}")).unwrap_or_default();
    let detail = format!(
        "AWS could not be asked who we are: {error}{hint}\n\nCredentials come from the provider block (access_key, profile, \
         assume_role) or else from the environment, the shared files, SSO, a web identity, the container or the instance."
    );
    Diagnostic::error("No access to AWS", detail).at(Path::root())
}
