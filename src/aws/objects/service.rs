//! ECS service: keeps the wanted number of tasks running behind the target group, and rolls new revisions out.
//!
//! A rollout is done when its deployment is COMPLETED on the revision we asked for. Rolled back is failed.

use aws_sdk_ecs::types::{
    AssignPublicIp, AvailabilityZoneRebalancing, DeploymentCircuitBreaker, DeploymentRolloutState as RolloutState,
    LaunchType, PropagateTags, Service as Described, ServiceField,
};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::association::Association;
use super::capacity::Capacity;
use super::cluster::{Cluster, ClusterOutput};
use super::ecs_tags;
use super::gateway_endpoint::GatewayEndpoint;
use super::listener::Listener;
use super::listener_rule::ListenerRule;
use super::load_balancer::LoadBalancer;
use super::redeploy;
use super::rollout::{self, Rollout, Verdict, judge};
use super::route::Route;
use super::security_group::{SecurityGroup, SecurityGroupId};
use super::security_group_rule::SecurityGroupRule;
use super::service_overrides as overrides;
use super::subnet::{Subnet, SubnetId};
use super::target_group::{TargetGroup, TargetGroupArn};
use super::task_definition::{TaskDefinition, TaskDefinitionArn};
use crate::aws::client::Aws;
use crate::aws::document::Document;
use crate::aws::error::{Absent, Error, Result};
use crate::aws::graph::{After, AllOf, Ref};
use crate::aws::object::{Life, Object, Output, Outputs, Pace, Ready, Seen, Site};
use crate::aws::owner::{Owner, Tags};
use crate::aws::patch::Bodies;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceOutput {
    pub arn: String,
    pub cluster: String,
    /// The rollout that was asked for last; of this run alone, so not recorded.
    #[serde(skip)]
    pub rollout: Rollout,
}

impl Output for ServiceOutput {
    fn id(&self) -> &str {
        &self.arn
    }
}

impl ServiceOutput {
    /// `service/CLUSTER/SERVICE`.
    pub fn resource(&self) -> String {
        self.arn.rsplit(':').next().unwrap_or_default().to_owned()
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Service {
    pub desired_count: i32,
    /// Others set the number of tasks: ours is only the first. Ours alone: AWS doesn't know of it.
    #[serde(skip)]
    pub count_elsewhere: bool,
    pub container_port: i32,
    pub assign_public_ip: bool,
    /// Seconds during which a new task's failing health checks don't count.
    pub health_check_grace_period: i32,
    pub minimum_healthy_percent: i32,
    pub maximum_percent: i32,
    pub circuit_breaker: bool,
    pub rollback: bool,
    /// Whether ECS moves tasks to even the zones out. It refuses to where a rollout may start no task above the wanted number.
    pub availability_zone_rebalancing: bool,
    pub capacity: Capacity,
    /// Rolls the service out again when it changes; see `redeploy::mark`.
    pub redeploy_mark: Option<String>,
    /// Whether commands may be run in its containers. Tasks keep what they were started with.
    pub enable_execute_command: bool,
    /// A merge patch over the calls, for what no other member says; of what stands, that which is other than usual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overrides: Option<Document>,
    /// The last rollout failed, and ECS had nothing to go back to: it starts no more tasks. Never wanted.
    pub failed_rollout: bool,
    /// Whether to wait for the rollout. Ours alone: AWS doesn't know of it.
    #[serde(skip)]
    pub wait: bool,
}

impl PartialEq for Service {
    fn eq(&self, other: &Self) -> bool {
        let of_aws = |service: &Self| serde_json::to_value(service).ok();
        of_aws(self) == of_aws(other)
    }
}

impl Service {
    /// Its key, which names the cluster that the user gave: AWS cannot move a service. In the next one it stands before the
    /// one before goes, both behind the same target group.
    pub fn key(cluster: Option<&str>) -> String {
        match cluster.and_then(|arn| arn.rsplit('/').next()) {
            Some(name) => format!("service/{name}"),
            None => "service".into(),
        }
    }

    pub(super) fn name(owner: &Owner) -> &str {
        &owner.identity.name
    }

    /// The task definition that the service runs, if there is one.
    pub(super) async fn running(aws: &Aws, owner: &Owner) -> Result<Option<String>> {
        for cluster in Cluster::names(owner) {
            let found = Self::look(aws, &cluster, Self::name(owner)).await?;
            let found = found.filter(|found| found.status() == Some("ACTIVE"));
            let ours = found.filter(|found| owner.key_in(&ecs_tags::read(found.tags())).is_some());
            if let Some(arn) = ours.and_then(|found| found.task_definition) {
                return Ok(Some(arn));
            }
        }
        Ok(None)
    }

    /// The one in this cluster.
    async fn seen(aws: &Aws, owner: &Owner, cluster: &str) -> Result<Option<Seen<Self>>> {
        let Some((service, raw)) = Self::describe(aws, cluster, Self::name(owner)).await? else { return Ok(None) };
        let mut tags = ecs_tags::read(service.tags());
        let Some(key) = owner.key_in(&tags) else { return Ok(None) };
        let actual = Self { redeploy_mark: redeploy::take(&mut tags), ..Self::of(&service, &raw) };
        let rolling =
            rollout::primary(&service).and_then(|primary| primary.rollout_state()) == Some(&RolloutState::InProgress);
        let life = match service.status() {
            Some("ACTIVE") if rolling => Life::Rising,
            Some("ACTIVE") => Life::Standing,
            _ => Life::Gone,
        };
        let output = ServiceOutput {
            arn: Error::required(service.service_arn(), "serviceArn")?,
            cluster: Error::required(service.cluster_arn(), "clusterArn")?,
            rollout: Rollout { id: primary_id(Some(&service)), ..Rollout::default() },
        };
        Ok(Some(Seen { key, output, needs: needs_of(&service, cluster), life, actual, tags }))
    }

    /// Whether requests go on through the same target groups to another service of this owner.
    async fn is_succeeded(aws: &Aws, owner: &Owner, seen: &Seen<Self>) -> Result<bool> {
        let all = Self::observe(aws, owner).await?;
        let lives = |other: &Seen<Self>| other.life != Life::Gone && other.output.arn != seen.output.arn;
        Ok(all.iter().any(|other| lives(other) && other.needs.2 == seen.needs.2))
    }

    pub(super) async fn look(aws: &Aws, cluster: &str, service: &str) -> Result<Option<Described>> {
        Ok(Self::describe(aws, cluster, service).await?.map(|(described, _)| described))
    }

    /// Typed and raw.
    async fn describe(aws: &Aws, cluster: &str, service: &str) -> Result<Option<(Described, Json)>> {
        let bodies = Bodies::kept();
        let ask = aws.ecs.describe_services().cluster(cluster).services(service).include(ServiceField::Tags);
        let ask = || ask.clone().customize().interceptor(bodies.clone()).send();
        let found = aws.call("ecs:DescribeServices", ask).await.absent(&["ClusterNotFoundException"])?;
        let described = found.and_then(|found| found.services().first().cloned());
        Ok(described.map(|described| (described, bodies.answer()["services"][0].take())))
    }

    fn of(described: &Described, raw: &Json) -> Self {
        let network = described.network_configuration().and_then(|network| network.awsvpc_configuration());
        let deployment = described.deployment_configuration();
        let breaker = deployment.and_then(|deployment| deployment.deployment_circuit_breaker());
        Self {
            desired_count: described.desired_count(),
            count_elsewhere: false,
            container_port: described.load_balancers().first().and_then(|at| at.container_port()).unwrap_or_default(),
            assign_public_ip: network.and_then(|n| n.assign_public_ip()) == Some(&AssignPublicIp::Enabled),
            health_check_grace_period: described.health_check_grace_period_seconds().unwrap_or_default(),
            minimum_healthy_percent: deployment.and_then(|d| d.minimum_healthy_percent()).unwrap_or(100),
            maximum_percent: deployment.and_then(|d| d.maximum_percent()).unwrap_or(200),
            circuit_breaker: breaker.is_some_and(DeploymentCircuitBreaker::enable),
            rollback: breaker.is_some_and(DeploymentCircuitBreaker::rollback),
            availability_zone_rebalancing: match described.availability_zone_rebalancing() {
                Some(rebalancing) => *rebalancing == AvailabilityZoneRebalancing::Enabled,
                None => deployment.and_then(|d| d.maximum_percent()) != Some(100),
            },
            capacity: Capacity::read(described.capacity_provider_strategy()),
            redeploy_mark: None,
            enable_execute_command: described.enable_execute_command(),
            overrides: overrides::of_service(raw),
            failed_rollout: rollout::primary(described).and_then(|primary| primary.rollout_state())
                == Some(&RolloutState::Failed),
            wait: true,
        }
    }

    /// Writes down what the rollout was for.
    async fn remember(aws: &Aws, service: &ServiceOutput) -> Result<()> {
        match &service.rollout.mark {
            Some(mark) => redeploy::write(aws, &service.arn, Some(mark)).await,
            None => Ok(()),
        }
    }
}

fn primary_id(described: Option<&Described>) -> String {
    described.and_then(rollout::primary).and_then(|primary| primary.id()).unwrap_or_default().to_owned()
}

fn needs_of(described: &Described, cluster_name: &str) -> Outputs<Service> {
    let network = described.network_configuration().and_then(|network| network.awsvpc_configuration());
    let cluster =
        ClusterOutput { arn: described.cluster_arn().unwrap_or_default().to_owned(), name: cluster_name.to_owned() };
    let attachments = described.load_balancers().iter();
    let groups: Vec<&str> = attachments.filter_map(|at| at.target_group_arn()).collect();
    (
        cluster,
        TaskDefinitionArn(described.task_definition().unwrap_or_default().to_owned()),
        TargetGroupArn(groups.join(",")),
        network.map(|n| n.subnets()).unwrap_or_default().iter().map(|id| SubnetId(id.clone())).collect(),
        network.map(|n| n.security_groups()).unwrap_or_default().iter().map(|id| SecurityGroupId(id.clone())).collect(),
        (),
        (),
    )
}

impl Object for Service {
    const KIND: &'static str = "ECS service";
    type Needs = (
        Ref<Cluster>,
        Ref<TaskDefinition>,
        Ref<TargetGroup>,
        AllOf<Ref<Subnet>>,
        AllOf<Ref<SecurityGroup>>,
        // ECS refuses a target group that no listener uses.
        After<(AllOf<Ref<Listener>>, Option<Ref<ListenerRule>>)>,
        // Without a way out a task cannot pull its image; without the rules it is never healthy.
        After<(
            AllOf<Ref<Route>>,
            AllOf<Ref<Association>>,
            AllOf<Ref<SecurityGroupRule>>,
            Option<Ref<GatewayEndpoint>>,
        )>,
    );
    type Output = ServiceOutput;
    const SUCCEEDS: bool = true;
    const PACE: Pace = Pace::seconds(15, 5);

    async fn observe(aws: &Aws, owner: &Owner) -> Result<Vec<Seen<Self>>> {
        let clusters = Cluster::names(owner);
        let looks = clusters.iter().map(|cluster| Self::seen(aws, owner, cluster));
        Ok(futures::future::try_join_all(looks).await?.into_iter().flatten().collect())
    }

    async fn create(&self, site: Site<'_>, needs: &Outputs<Self>) -> Result<ServiceOutput> {
        let (cluster, definition, group, subnets, tasks, (), ()) = needs;
        let ask = site.aws.ecs.create_service().cluster(&cluster.arn).service_name(Self::name(site.owner));
        let ask = ask.task_definition(&definition.0).desired_count(self.desired_count);
        let ask = match self.capacity.is_plain() {
            true => ask.launch_type(LaunchType::Fargate),
            false => ask.set_capacity_provider_strategy(Some(self.capacity.strategy()?)),
        };
        let ask = ask.load_balancers(self.attachment(group)).network_configuration(self.network(subnets, tasks)?);
        let ask = ask.health_check_grace_period_seconds(self.health_check_grace_period);
        let ask = ask.deployment_configuration(self.deployment()).availability_zone_rebalancing(self.rebalancing());
        let ask = ask.propagate_tags(PropagateTags::Service).enable_ecs_managed_tags(true);
        let tags = ecs_tags::with(site, |tags| redeploy::put(tags, self.redeploy_mark.as_ref()));
        let ask = ask.enable_execute_command(self.enable_execute_command);
        let ask = ask.set_tags(tags).client_token(site.aws.token());
        let bodies = overrides::created(self.overrides.as_ref());
        let ask = || ask.clone().customize().interceptor(bodies.clone()).send();
        let made = match site.aws.call("ecs:CreateService", ask).await {
            Ok(made) => made,
            Err(error) => return Err(Self::refused(site, &cluster.arn, error).await),
        };
        let arn = Error::required(made.service().and_then(|service| service.service_arn()), "serviceArn")?;
        let unheeded = overrides::unheeded(self.overrides.as_ref(), &bodies.answer()["service"]);
        let rollout = Rollout { id: primary_id(made.service()), unheeded, ..Rollout::default() };
        Ok(ServiceOutput { arn, cluster: cluster.arn.clone(), rollout })
    }

    async fn settle(
        &self,
        site: Site<'_>,
        service: &ServiceOutput,
        needs: &Outputs<Self>,
        seen: Option<&Seen<Self>>,
    ) -> Result<ServiceOutput> {
        let (cluster, definition, group, subnets, tasks, (), ()) = needs;
        let Some(seen) = seen else { return Ok(service.clone()) };
        let other_mark = seen.actual.redeploy_mark != self.redeploy_mark;
        let redeploys = other_mark && self.redeploy_mark.is_some();
        if other_mark && !redeploys {
            redeploy::write(site.aws, &service.arn, None).await?;
        }
        let mut before = self.regard(site.owner, seen);
        before.actual.redeploy_mark.clone_from(&self.redeploy_mark);
        if before.actual == *self && before.needs == *needs && !redeploys {
            return Ok(service.clone());
        }
        let ask = site.aws.ecs.update_service().cluster(&cluster.arn).service(&service.arn);
        let ask = ask.set_task_definition((seen.needs.1 != *definition).then(|| definition.0.clone()));
        let ask = ask.set_desired_count((!self.count_elsewhere).then_some(self.desired_count));
        let ask = ask.health_check_grace_period_seconds(self.health_check_grace_period);
        let ask = ask.deployment_configuration(self.deployment()).availability_zone_rebalancing(self.rebalancing());
        // What is sent begins a new deployment even if it is the same, so send what differs.
        let other_target = seen.needs.2 != *group || seen.actual.container_port != self.container_port;
        let ask = ask.set_load_balancers(other_target.then(|| vec![self.attachment(group)]));
        let other_network =
            seen.needs.3 != *subnets || seen.needs.4 != *tasks || seen.actual.assign_public_ip != self.assign_public_ip;
        let network = other_network.then(|| self.network(subnets, tasks)).transpose()?;
        let ask = ask.set_network_configuration(network);
        // Another strategy alone begins none.
        let other_capacity = seen.actual.capacity != self.capacity;
        let ask = ask.set_capacity_provider_strategy(other_capacity.then(|| self.capacity.strategy()).transpose()?);
        let other_sessions = seen.actual.enable_execute_command != self.enable_execute_command;
        let ask = ask.set_enable_execute_command(other_sessions.then_some(self.enable_execute_command));
        let forced = seen.actual.failed_rollout || other_capacity || other_sessions || redeploys;
        let ask = ask.set_force_new_deployment(forced.then_some(true));
        let bodies = overrides::changed(self.overrides.as_ref(), seen.actual.overrides.as_ref());
        let ask = || ask.clone().customize().interceptor(bodies.clone()).send();
        let made = site.aws.call("ecs:UpdateService", ask).await?;
        let unheeded = overrides::unheeded(self.overrides.as_ref(), &bodies.answer()["service"]);
        let before = seen.output.rollout.id.clone();
        let (id, moves) = (primary_id(made.service()), other_target || other_network);
        let mark = self.redeploy_mark.clone().filter(|_| redeploys);
        let rollout = Rollout { id, before, moves, mark, unheeded };
        Ok(ServiceOutput { rollout, ..service.clone() })
    }

    fn regard(&self, _: &Owner, seen: &Seen<Self>) -> Seen<Self> {
        let mut seen = seen.clone();
        if self.count_elsewhere {
            seen.actual.desired_count = self.desired_count;
        }
        seen.actual.overrides = overrides::liken(self.overrides.as_ref(), seen.actual.overrides.as_ref());
        seen
    }

    async fn ready(&self, aws: &Aws, service: &ServiceOutput) -> Result<Ready> {
        rollout::is_heeded(&service.rollout)?;
        if !self.wait && !service.rollout.moves {
            return Self::remember(aws, service).await.map(|()| Ready::Yes);
        }
        let Some(found) = Self::look(aws, &service.cluster, &service.arn).await? else {
            return Ok(Ready::NotYet("the service is not visible yet".into()));
        };
        let (told, stopped) = match judge(&found, &service.rollout) {
            Verdict::Done => return Self::remember(aws, service).await.map(|()| Ready::Yes),
            Verdict::Failed => return Err(rollout::failed(aws, service, &found).await),
            Verdict::Going(told) => {
                // Tasks run, and yet it isn't done: behind a load balancer that failed it never will be.
                let groups = found.load_balancers().iter().filter_map(|at| at.target_group_arn());
                let waits = rollout::primary(&found).is_some_and(|one| one.running_count() >= one.desired_count());
                if waits {
                    LoadBalancer::of_groups_stand(aws, groups.map(str::to_owned).collect()).await?;
                }
                (told, Vec::new())
            }
            Verdict::Faltering(told) => (told, rollout::reasons(aws, service).await),
        };
        // Asked once: by the last look, whose answer is what the user reads.
        let sick = if aws.is_over() { rollout::unhealthy(aws, &found).await } else { Vec::new() };
        Ok(Ready::NotYet([vec![told], stopped, sick].concat().join("\n")))
    }

    async fn retag(aws: &Aws, service: &ServiceOutput, set: &Tags, remove: &[String]) -> Result<()> {
        ecs_tags::retag(aws, &service.arn, set, remove).await
    }

    async fn delete(aws: &Aws, owner: &Owner, seen: &Seen<Self>) -> Result<()> {
        const ABSENT: &[&str] = &["ServiceNotFoundException", "ServiceNotActiveException", "ClusterNotFoundException"];
        let (cluster, service) = (&seen.output.cluster, &seen.output.arn);
        // Where nothing is to be served any more, the tasks need not wait for requests to end.
        let succeeded = Self::is_succeeded(aws, owner, seen).await?;
        for group in seen.needs.2.0.split(',').filter(|arn| !arn.is_empty() && !succeeded) {
            let lowered = TargetGroup::set_deregistration_delay(aws, group, 0).await;
            lowered.absent(&["TargetGroupNotFound"])?;
        }
        let ask = || aws.ecs.delete_service().cluster(cluster).service(service).force(true).send();
        aws.call("ecs:DeleteService", ask).await.absent(ABSENT)?;
        aws.until(Self::PACE, || async {
            match Self::look(aws, cluster, service).await? {
                Some(found) if found.status() != Some("INACTIVE") => {
                    Ok(Ready::NotYet("the service drains its tasks".into()))
                }
                _ => Ok(Ready::Yes),
            }
        })
        .await
    }
}
