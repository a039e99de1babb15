//! Guests: services on the network of another, a service in its cluster. What they have there is no drift of the owner's,
//! and nothing is deleted under them; once they are gone, the owner goes too.

use std::future::Future;

use serde_json::{Value as Json, json};
use terraform_provider_fargate::simulator::observe;

use crate::inside::core::{Core, Said};
use crate::inside::{Inside, on_paused_clock};

fn owner(network: &Json) -> Json {
    json!({ "name": "owner", "image": "nginx:1.27", "network": network })
}

/// A second service, by the outputs of the first.
fn guest(owner: &Core) -> Json {
    let told = &owner.state.as_ref().expect("it stands").held.value;
    let ids = |name: &str| -> Vec<String> {
        told.member(name).parts().into_iter().filter_map(|id| Some(id.as_str()?.to_owned())).collect()
    };
    let network = json!({
        "vpc_id": told.member("vpc_id").as_str(),
        "public_subnet_ids": ids("public_subnet_ids"),
        "private_subnet_ids": ids("private_subnet_ids"),
    });
    json!({ "name": "guest", "image": "nginx:1.27", "network": network })
}

async fn done(core: &mut Core, config: &Json) {
    let said = core.apply(config).await;
    assert!(said.errors().is_empty(), "{:#?}", said.errors());
    assert_eq!(core.open(config).await, Vec::<String>::new());
}

fn told(said: &Said) -> String {
    said.errors().iter().map(|told| format!("{}\n{}\n", told.summary, told.detail)).collect()
}

/// It is refused, names the guest, and deletes nothing.
async fn refused(aws: &Inside, work: impl Future<Output = Said>, whom: &str) {
    let begun = aws.world().log.len();
    let told = told(&work.await);
    assert!(told.contains("Others still use the") && told.contains(whom), "{told}");
    let world = aws.world();
    let deleted = world.log.iter().skip(begun).find(|event| event.what.contains(":Delete"));
    assert!(deleted.is_none(), "{deleted:?}");
}

#[test]
fn an_owner_is_not_destroyed_under_a_service_on_its_network() {
    on_paused_clock(1, async {
        let aws = Inside::new(1);
        let (mut first, mut second) = (Core::new(&aws, None), Core::new(&aws, None));
        let mine = owner(&json!({ "availability_zone_count": 3 }));
        done(&mut first, &mine).await;
        let theirs = guest(&first);
        done(&mut second, &theirs).await;
        assert_eq!(first.open(&mine).await, Vec::<String>::new(), "a guest is no drift");
        assert_eq!(observe::serving(&aws.world()).iter().filter(|task| task.healthy && task.way_out).count(), 4);

        let before = observe::objects(&aws.world());
        refused(&aws, first.destroy(), "/guest").await;
        let fewer = owner(&json!({ "availability_zone_count": 2 }));
        refused(&aws, first.apply(&fewer), "/guest").await;
        let kept = |world: &std::collections::BTreeMap<String, String>| {
            world
                .iter()
                .filter(|(name, _)| !name.contains("ssm"))
                .map(|(k, v)| (k.clone(), v.clone()))
                .collect::<Vec<_>>()
        };
        assert_eq!(kept(&observe::objects(&aws.world())), kept(&before));
        assert_eq!(first.open(&mine).await, Vec::<String>::new(), "a refused deletion leaves all as it was");

        assert!(second.destroy().await.errors().is_empty());
        assert!(first.destroy().await.errors().is_empty());
        assert_eq!(observe::is_empty(&aws.world()), Vec::<String>::new());
    });
}

#[test]
fn a_service_that_somebody_has_put_into_the_cluster_keeps_it() {
    on_paused_clock(2, async {
        let aws = Inside::new(2);
        let mut core = Core::new(&aws, None);
        let mine = owner(&json!({}));
        done(&mut core, &mine).await;
        let state = core.state.clone().expect("it stands").held.value;
        let of = |name: &str| state.member(name).as_str().expect("an id").to_owned();
        let ecs = aws.session().aws.ecs;
        let subnet = state.member("private_subnet_ids").parts()[0].as_str().expect("an id").to_owned();
        let network = aws_sdk_ecs::types::AwsVpcConfiguration::builder().subnets(subnet);
        let network = network.security_groups(of("task_security_group_id")).build().expect("a network");
        let network = aws_sdk_ecs::types::NetworkConfiguration::builder().awsvpc_configuration(network).build();
        let ask = ecs.create_service().cluster(of("cluster_arn")).service_name("lodger");
        let ask = ask.task_definition(of("task_definition_arn")).desired_count(0).network_configuration(network);
        let ask = ask.launch_type(aws_sdk_ecs::types::LaunchType::Fargate);
        ask.send().await.expect("a service");
        tokio::time::sleep(std::time::Duration::from_secs(60)).await;
        assert_eq!(core.open(&mine).await, Vec::<String>::new(), "a guest is no drift");
        refused(&aws, core.destroy(), "the ECS service lodger").await;
        ecs.delete_service().cluster(of("cluster_arn")).service("lodger").force(true).send().await.expect("a deletion");
        assert!(core.destroy().await.errors().is_empty());
        assert_eq!(observe::is_empty(&aws.world()), Vec::<String>::new());
    });
}

#[test]
fn a_group_that_lets_the_tasks_in_is_named_before_anything_goes() {
    on_paused_clock(3, async {
        let aws = Inside::new(3);
        let mut core = Core::new(&aws, None);
        let mine = owner(&json!({}));
        done(&mut core, &mine).await;
        let state = core.state.clone().expect("it stands").held.value;
        let (vpc, tasks) = (state.member("vpc_id").as_str(), state.member("task_security_group_id").as_str());
        let ec2 = aws.session().aws.ec2;
        let ask =
            ec2.create_security_group().vpc_id(vpc.expect("an id")).group_name("database").description("Database");
        let database = ask.send().await.expect("a group").group_id().expect("an id").to_owned();
        let peer = aws_sdk_ec2::types::UserIdGroupPair::builder().group_id(tasks.expect("an id")).build();
        let permission = aws_sdk_ec2::types::IpPermission::builder().ip_protocol("tcp").from_port(5432).to_port(5432);
        let permission = permission.user_id_group_pairs(peer).build();
        let ask = ec2.authorize_security_group_ingress().group_id(&database).ip_permissions(permission);
        ask.send().await.expect("a rule");
        refused(&aws, core.destroy(), "database").await;
        ec2.delete_security_group().group_id(&database).send().await.expect("a deletion");
        assert!(core.destroy().await.errors().is_empty());
        assert_eq!(observe::is_empty(&aws.world()), Vec::<String>::new());
    });
}
