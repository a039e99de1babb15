//! Where AWS shows an attribute: how to look at it there, and how somebody changes it behind the provider's back. Asked of
//! the simulated AWS in its own words, past the provider.

use serde_json::{Value as Json, json};
use terraform_provider_fargate::simulator::world::World;

use super::row::EXTRA;
use crate::surroundings;

/// A world to look into, with what the provider tells of the service in it.
pub struct At<'a> {
    pub world: &'a mut World,
    /// The attributes in the state.
    pub told: &'a Json,
}

/// A place on AWS.
#[derive(Clone, Copy)]
pub enum Place {
    /// AWS doesn't know of it.
    Nowhere,
    /// In the definition of the service's container.
    Container(&'static str),
    /// In the definition of the sidecar `row::EXTRA`.
    Sidecar(&'static str),
    /// In the task definition itself.
    Definition(&'static str),
    /// In the service; the name of the member serves for the update too.
    Service(&'static str),
    /// In the service's deployment configuration.
    Deployment(&'static str),
    /// A member of the target group.
    TargetGroup(&'static str),
    /// An attribute, as the load balancing API calls it, of the target group.
    TargetGroupAttribute(&'static str),
    LoadBalancerAttribute(&'static str),
    /// What has no such place: how to look, and how to change it from outside where AWS can.
    Own(fn(&mut At<'_>) -> Json, Option<fn(&mut At<'_>, &Json)>),
}

use Place::{
    Container, Definition, Deployment, LoadBalancerAttribute, Nowhere, Own, Service, Sidecar, TargetGroup,
    TargetGroupAttribute,
};

/// What a new revision takes of the one before it.
const REGISTERED: &[&str] = &[
    "containerDefinitions",
    "cpu",
    "ephemeralStorage",
    "executionRoleArn",
    "family",
    "memory",
    "networkMode",
    "requiresCompatibilities",
    "runtimePlatform",
    "taskRoleArn",
    "volumes",
];

impl Place {
    /// What AWS says; null if it says nothing.
    pub fn look(self, at: &mut At<'_>) -> Json {
        let here = |tree: &Json, pointer: &str| tree.pointer(pointer).cloned().unwrap_or_default();
        match self {
            Nowhere => Json::Null,
            Container(pointer) => here(&at.container("app"), pointer),
            Sidecar(pointer) => here(&at.container(EXTRA), pointer),
            Definition(pointer) => here(&at.definition(), pointer),
            Service(member) => at.service()[member].take(),
            Deployment(pointer) => here(&at.service()["deploymentConfiguration"], pointer),
            TargetGroup(pointer) => here(&at.target_group(), pointer),
            TargetGroupAttribute(key) => {
                let asked = json!({ "TargetGroupArn": at.told["target_group_arn"] });
                attribute(&at.ask("elasticloadbalancing", "DescribeTargetGroupAttributes", asked), key)
            }
            LoadBalancerAttribute(key) => {
                let asked = json!({ "LoadBalancerArn": at.told["load_balancer_arn"] });
                attribute(&at.ask("elasticloadbalancing", "DescribeLoadBalancerAttributes", asked), key)
            }
            Own(look, _) => look(at),
        }
    }

    /// Whether anybody but the provider can change it.
    pub fn drifts(self) -> bool {
        !matches!(self, Nowhere | Own(_, None))
    }

    /// Somebody sets it to this, in AWS's words.
    pub fn meddle(self, at: &mut At<'_>, value: &Json) {
        match self {
            Nowhere | Own(_, None) => {}
            Container(pointer) => at.revise_container("app", pointer, value),
            Sidecar(pointer) => at.revise_container(EXTRA, pointer, value),
            Definition(pointer) => at.revise(pointer, value),
            Service(member) => at.update_service(json!({ member: value })),
            Deployment(pointer) => {
                let mut configuration = at.service()["deploymentConfiguration"].take();
                plant(&mut configuration, pointer, value);
                at.update_service(json!({ "deploymentConfiguration": configuration }));
            }
            TargetGroup(pointer) => {
                let mut asked = json!({ "TargetGroupArn": at.told["target_group_arn"] });
                plant(&mut asked, pointer, value);
                at.ask("elasticloadbalancing", "ModifyTargetGroup", asked);
            }
            TargetGroupAttribute(key) => {
                let attributes = json!([{ "Key": key, "Value": value }]);
                let asked = json!({ "TargetGroupArn": at.told["target_group_arn"], "Attributes": attributes });
                at.ask("elasticloadbalancing", "ModifyTargetGroupAttributes", asked);
            }
            LoadBalancerAttribute(key) => {
                let attributes = json!([{ "Key": key, "Value": value }]);
                let asked = json!({ "LoadBalancerArn": at.told["load_balancer_arn"], "Attributes": attributes });
                at.ask("elasticloadbalancing", "ModifyLoadBalancerAttributes", asked);
            }
            Own(_, Some(meddle)) => meddle(at, value),
        }
    }
}

impl At<'_> {
    /// Calls the simulated AWS; it must not refuse.
    #[track_caller]
    pub fn ask(&mut self, service: &str, action: &str, asked: Json) -> Json {
        surroundings::ask(self.world, service, action, asked)
    }

    pub fn service(&mut self) -> Json {
        let asked = json!({ "cluster": self.told["cluster_arn"], "services": [self.told["service_arn"]] });
        self.ask("ecs", "DescribeServices", asked)["services"][0].take()
    }

    /// The revision that the service runs.
    pub fn definition(&mut self) -> Json {
        let asked = json!({ "taskDefinition": self.service()["taskDefinition"] });
        self.ask("ecs", "DescribeTaskDefinition", asked)["taskDefinition"].take()
    }

    fn index(&mut self, container: &str) -> usize {
        let all = self.definition()["containerDefinitions"].take();
        let place = all.as_array().into_iter().flatten().position(|one| one["name"] == container);
        place.unwrap_or(usize::MAX)
    }

    fn container(&mut self, name: &str) -> Json {
        let index = self.index(name);
        self.definition()["containerDefinitions"].get_mut(index).map(Json::take).unwrap_or_default()
    }

    pub fn target_group(&mut self) -> Json {
        let asked = json!({ "TargetGroupArns": [self.told["target_group_arn"]] });
        self.ask("elasticloadbalancing", "DescribeTargetGroups", asked)["TargetGroups"][0].take()
    }

    pub fn load_balancer(&mut self) -> Json {
        let asked = json!({ "LoadBalancerArns": [self.told["load_balancer_arn"]] });
        self.ask("elasticloadbalancing", "DescribeLoadBalancers", asked)["LoadBalancers"][0].take()
    }

    /// The service's subnets, as EC2 describes them.
    pub fn subnets(&mut self) -> Vec<Json> {
        let network = self.service()["networkConfiguration"]["awsvpcConfiguration"].take();
        let asked = json!({ "SubnetId": network["subnets"] });
        self.ask("ec2", "DescribeSubnets", asked)["subnetSet"].as_array().cloned().unwrap_or_default()
    }

    pub fn update_service(&mut self, mut changed: Json) {
        changed["cluster"] = self.told["cluster_arn"].clone();
        changed["service"] = self.told["service_arn"].clone();
        self.ask("ecs", "UpdateService", changed);
    }

    fn revise_container(&mut self, name: &str, pointer: &str, value: &Json) {
        let index = self.index(name);
        self.revise(&format!("/containerDefinitions/{index}{pointer}"), value);
    }

    /// Registers another revision, which differs in one place, and has the service run it.
    fn revise(&mut self, pointer: &str, value: &Json) {
        let arn = self.register(&[(pointer, value)]);
        self.update_service(json!({ "taskDefinition": arn }));
    }

    /// Registers another revision, which differs in these places.
    pub fn register(&mut self, changes: &[(&str, &Json)]) -> Json {
        let before = self.definition();
        let asked = json!({ "resourceArn": before["taskDefinitionArn"] });
        let tags = self.ask("ecs", "ListTagsForResource", asked)["tags"].take();
        let mut asked = json!({ "tags": tags });
        for member in REGISTERED.iter().filter(|member| !before[**member].is_null()) {
            asked[*member] = before[*member].clone();
        }
        for (pointer, value) in changes {
            plant(&mut asked, pointer, value);
        }
        self.ask("ecs", "RegisterTaskDefinition", asked)["taskDefinition"]["taskDefinitionArn"].take()
    }
}

/// Puts a value at a pointer, making objects on the way.
fn plant(tree: &mut Json, pointer: &str, value: &Json) {
    let mut here = tree;
    for step in pointer.split('/').skip(1) {
        here = match step.parse::<usize>() {
            Ok(index) if here.is_array() => &mut here[index],
            _ => &mut here[step],
        };
    }
    *here = value.clone();
}

fn attribute(answer: &Json, key: &str) -> Json {
    let all = answer["Attributes"].as_array().into_iter().flatten();
    all.filter(|one| one["Key"] == key).map(|one| one["Value"].clone()).next().unwrap_or_default()
}
