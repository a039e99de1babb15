//! Finds stacks of which no state is in hand: by their anchors, and by the traces of those whose anchor is gone.
//!
//! AWS has no one list of what wears a tag that is both complete and true (the tagging API still shows what was
//! deleted, and roles in one region only), so each service is asked in its own way for *names*; what a name
//! owns is then looked at as in every operation, by `Survey`. All kinds but task definitions show here themselves or hang
//! on one that does; a revision that is alone in the world costs nothing, and its service's next create adopts it.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::Filter;
use aws_sdk_ecs::types::{ClusterField, ServiceField};
use futures::stream::{self, StreamExt};

use super::client::Aws;
use super::error::Result;
use super::objects::anchor::{Anchor, Reading};
use super::objects::{KINDS, ecs_tags, elb_tags};
use super::observe::Survey;
use super::owner::{Identity, Owner, STACK_TAG};

/// A stack as it stands.
#[derive(Debug)]
pub struct Stack {
    pub owner: Owner,
    /// None where the anchor is gone.
    pub anchor: Option<Reading>,
    pub survey: Survey,
}

impl Stack {
    /// One stack, by its owner; none where nothing of it is left.
    ///
    /// # Errors
    /// Its anchor could not be read.
    pub async fn of(aws: &Aws, owner: Owner) -> Result<Option<Self>> {
        let anchor = Anchor::read(aws, &owner).await?;
        Ok(Self::with(aws, owner, anchor).await)
    }

    /// Whose anchor was read already.
    async fn with(aws: &Aws, mut owner: Owner, anchor: Option<Reading>) -> Option<Self> {
        owner.hosts.extend(anchor.iter().flat_map(|read| &read.record.hosts).cloned());
        let survey = Survey::of(aws, &owner, KINDS).await;
        Self { owner, anchor, survey }.if_any()
    }

    fn if_any(self) -> Option<Self> {
        let nothing = self.survey.found.is_empty() && self.survey.unseen.is_empty() && self.anchor.is_none();
        (!nothing).then_some(self)
    }
}

/// How many stacks are looked at at a time.
const AT_ONCE: usize = 4;

/// All stacks of an account and region, by name; `owner` makes the owner of a name.
///
/// # Errors
/// A service that could not be asked: the list would not be complete.
pub async fn all(aws: &Aws, owner: impl Fn(&str) -> Owner) -> Result<Vec<Stack>> {
    let mut anchors: BTreeMap<String, Reading> = Anchor::all(aws).await?.into_iter().collect();
    let here = owner("").identity;
    let mut names: BTreeSet<String> = traces(aws, &here).await?;
    names.extend(anchors.keys().cloned());
    let looks = names.iter().map(|name| Stack::with(aws, owner(name), anchors.remove(name)));
    let looks: Vec<_> = looks.collect();
    Ok(stream::iter(looks).buffered(AT_ONCE).filter_map(std::future::ready).collect().await)
}

/// The names of stacks that have left objects here.
async fn traces(aws: &Aws, here: &Identity) -> Result<BTreeSet<String>> {
    let (ec2, elb, ecs, iam, logs) =
        tokio::try_join!(in_ec2(aws), in_elb(aws), in_ecs(aws), in_iam(aws, here), in_logs(aws))?;
    let tagged = [ec2, elb, ecs].into_iter().flatten().filter_map(|tag| Identity::parse(&tag));
    let ours = tagged.filter(|identity| (&identity.account, &identity.region) == (&here.account, &here.region));
    Ok(ours.map(|identity| identity.name).chain(iam).chain(logs).collect())
}

/// One list tells the tags of all that EC2 has.
async fn in_ec2(aws: &Aws) -> Result<Vec<String>> {
    let filter = Filter::builder().name("key").values(STACK_TAG).build();
    let ask = || async {
        let pages = aws.ec2.describe_tags().filters(filter.clone()).into_paginator();
        pages.items().send().try_collect().await
    };
    let tags = aws.call("ec2:DescribeTags", ask).await?;
    Ok(tags.iter().filter_map(|tag| tag.value().map(str::to_owned)).collect())
}

async fn in_elb(aws: &Aws) -> Result<Vec<String>> {
    let ask = || async { aws.elb.describe_load_balancers().into_paginator().items().send().try_collect().await };
    let balancers = aws.call("elasticloadbalancing:DescribeLoadBalancers", ask).await?;
    let ask = || async { aws.elb.describe_target_groups().into_paginator().items().send().try_collect().await };
    let groups = aws.call("elasticloadbalancing:DescribeTargetGroups", ask).await?;
    let balancers = balancers.iter().filter_map(|balancer| balancer.load_balancer_arn());
    let arns = balancers.chain(groups.iter().filter_map(|group| group.target_group_arn())).map(str::to_owned);
    let tags = elb_tags::read(aws, arns.collect()).await?;
    Ok(tags.into_values().filter_map(|mut tags| tags.remove(STACK_TAG)).collect())
}

/// Clusters, and services in anybody's cluster.
async fn in_ecs(aws: &Aws) -> Result<Vec<String>> {
    let ask = || async { aws.ecs.list_clusters().into_paginator().items().send().try_collect().await };
    let clusters = aws.call("ecs:ListClusters", ask).await?;
    let mut found = Vec::new();
    for clusters in clusters.chunks(100) {
        let ask = aws.ecs.describe_clusters().set_clusters(Some(clusters.to_vec())).include(ClusterField::Tags);
        let described = aws.call("ecs:DescribeClusters", || ask.clone().send()).await?;
        let tags = described.clusters().iter().map(|cluster| ecs_tags::read(cluster.tags()));
        found.extend(tags.filter_map(|mut tags| tags.remove(STACK_TAG)));
    }
    for cluster in &clusters {
        let ask =
            || async { aws.ecs.list_services().cluster(cluster).into_paginator().items().send().try_collect().await };
        for services in aws.call("ecs:ListServices", ask).await?.chunks(10) {
            let ask = aws.ecs.describe_services().cluster(cluster).set_services(Some(services.to_vec()));
            let ask = ask.include(ServiceField::Tags);
            let described = aws.call("ecs:DescribeServices", || ask.clone().send()).await?;
            let tags = described.services().iter().map(|service| ecs_tags::read(service.tags()));
            found.extend(tags.filter_map(|mut tags| tags.remove(STACK_TAG)));
        }
    }
    Ok(found)
}

/// Roles live under a path of their stack's: `/fargate/REGION/NAME/`.
async fn in_iam(aws: &Aws, here: &Identity) -> Result<Vec<String>> {
    let path = format!("/fargate/{}/", here.region);
    let ask = || async { aws.iam.list_roles().path_prefix(&path).into_paginator().items().send().try_collect().await };
    let roles = aws.call("iam:ListRoles", ask).await?;
    let name = |of: &str| Some(of.strip_prefix(&path)?.strip_suffix('/')?.to_owned());
    Ok(roles.iter().filter_map(|role| name(role.path())).collect())
}

/// Log groups are named `/fargate/NAME`.
async fn in_logs(aws: &Aws) -> Result<Vec<String>> {
    let ask = || async {
        let pages = aws.logs.describe_log_groups().log_group_name_prefix("/fargate/").into_paginator();
        pages.items().send().try_collect().await
    };
    let groups = aws.call("logs:DescribeLogGroups", ask).await?;
    let name = |group: &str| group.strip_prefix("/fargate/").filter(|name| !name.contains('/')).map(str::to_owned);
    Ok(groups.iter().filter_map(|group| name(group.log_group_name()?)).collect())
}
