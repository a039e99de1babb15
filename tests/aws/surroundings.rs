//! What the account has besides a service: things that a user brings along. A service leaves them as they were.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};
use terraform_provider_fargate::simulator::ask::Ask;
use terraform_provider_fargate::simulator::observe;
use terraform_provider_fargate::simulator::world::World;

use crate::inside::Inside;

/// How long they take until all of them can be used.
pub const SECONDS: u64 = 600;

/// Their ids, by what a configuration calls them: `${vpc_id}`.
#[derive(Clone, Default)]
pub struct Surroundings {
    ids: BTreeMap<String, String>,
}

/// Calls the simulated AWS; it must not refuse.
#[track_caller]
pub fn ask(world: &mut World, service: &str, action: &str, asked: Json) -> Json {
    let answer = world.call(service, action, &Ask(asked.clone()));
    answer.unwrap_or_else(|refusal| panic!("{service}:{action} {asked}: {refusal:?}"))
}

/// Everything that stands, with tags and settings, but what comes and goes by itself.
pub fn standing(world: &World) -> std::collections::BTreeSet<String> {
    let by_itself = |kind: &str| matches!(kind, "ec2 network interface" | "ecs task");
    let all = observe::standing(world).into_iter().filter(|one| !by_itself(one.kind));
    all.map(|one| format!("{} {} {:?} {}", one.kind, one.id, one.tags, one.settings)).collect()
}

impl Surroundings {
    /// None of them.
    pub fn none() -> Self {
        Self::default()
    }

    /// Makes all of them; they can be used after `SECONDS`.
    pub fn make(world: &mut World) -> Self {
        let mut made = Self::default();
        made.network(world, "", "10.9", &["a", "b", "c"]);
        made.network(world, "far_", "10.8", &["a", "b"]);
        made.names(world);
        made.containers(world);
        made.balancers(world);
        made
    }

    /// Makes all of them, and waits until they can be used.
    pub async fn ready(aws: &Inside) -> Self {
        let made = Self::make(&mut aws.world());
        tokio::time::sleep(Duration::from_secs(SECONDS)).await;
        made
    }

    /// The id of one of them.
    #[track_caller]
    pub fn id(&self, name: &str) -> &str {
        self.ids.get(name).unwrap_or_else(|| panic!("nothing around is called {name}"))
    }

    /// A value with every `${name}` replaced.
    pub fn fill(&self, value: &Json) -> Json {
        match value {
            Json::String(text) => {
                let mut filled = text.clone();
                while let Some((before, rest)) = filled.clone().split_once("${") {
                    let (name, after) = rest.split_once('}').expect("a name in ${}");
                    filled = format!("{before}{}{after}", self.id(name));
                }
                filled.into()
            }
            Json::Array(elements) => elements.iter().map(|element| self.fill(element)).collect(),
            Json::Object(members) => {
                let filled = members.iter().map(|(name, value)| (name.clone(), self.fill(value)));
                filled.collect::<serde_json::Map<_, _>>().into()
            }
            other => other.clone(),
        }
    }

    /// A call, whose answer has an id at this pointer.
    fn made(&mut self, world: &mut World, name: &str, call: (&str, &str), asked: Json, pointer: &str) -> String {
        let answer = ask(world, call.0, call.1, asked);
        let id = answer.pointer(pointer).and_then(Json::as_str).unwrap_or_else(|| panic!("no {pointer} in {answer}"));
        self.ids.insert(name.to_owned(), id.to_owned());
        id.to_owned()
    }

    /// A VPC with public and private subnets in several zones; the private ones lead out by a NAT gateway. What is in it is
    /// called by names that begin so.
    fn network(&mut self, world: &mut World, front: &str, block: &str, zones: &[&str]) {
        let asked = json!({ "CidrBlock": format!("{block}.0.0/16") });
        let vpc = self.made(world, &format!("{front}vpc_id"), ("ec2", "CreateVpc"), asked, "/vpc/vpcId");
        let gateway =
            ask(world, "ec2", "CreateInternetGateway", json!({}))["internetGateway"]["internetGatewayId"].take();
        ask(world, "ec2", "AttachInternetGateway", json!({ "InternetGatewayId": gateway, "VpcId": vpc }));
        let mut nat = Json::Null;
        for (kind, number) in [("public", 0), ("private", 100)] {
            for (zone, number) in zones.iter().zip(number..) {
                let place = json!({
                    "VpcId": vpc,
                    "CidrBlock": format!("{block}.{number}.0/24"),
                    "AvailabilityZone": format!("{}{zone}", world.region),
                });
                let name = format!("{front}{kind}_subnet_{zone}");
                let subnet = self.made(world, &name, ("ec2", "CreateSubnet"), place, "/subnet/subnetId");
                let table =
                    ask(world, "ec2", "CreateRouteTable", json!({ "VpcId": vpc }))["routeTable"]["routeTableId"].take();
                let mut route = json!({ "RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0" });
                match kind {
                    "public" => route["GatewayId"] = gateway.clone(),
                    _ => route["NatGatewayId"] = nat.clone(),
                }
                ask(world, "ec2", "CreateRoute", route);
                ask(world, "ec2", "AssociateRouteTable", json!({ "RouteTableId": table, "SubnetId": subnet }));
                if nat.is_null() {
                    let address =
                        ask(world, "ec2", "AllocateAddress", json!({ "Domain": "vpc" }))["allocationId"].take();
                    let place = json!({ "SubnetId": subnet, "AllocationId": address });
                    nat = ask(world, "ec2", "CreateNatGateway", place)["natGateway"]["natGatewayId"].take();
                }
            }
        }
        for name in ["security_group", "other_security_group"] {
            let group = json!({ "VpcId": vpc, "GroupName": name, "GroupDescription": "of the user" });
            self.made(world, &format!("{front}{name}"), ("ec2", "CreateSecurityGroup"), group, "/groupId");
        }
    }

    /// A hosted zone, and certificates.
    fn names(&mut self, world: &mut World) {
        // One name may have several zones.
        for (name, domain) in
            [("zone_id", "example.com"), ("inner_zone_id", "shop.example.com"), ("same_zone_id", "example.com")]
        {
            let zone = json!({ "Name": domain, "CallerReference": name });
            let id = self.made(world, name, ("route53", "CreateHostedZone"), zone, "/HostedZone/Id");
            self.ids.insert(name.to_owned(), id.trim_start_matches("/hostedzone/").to_owned());
        }
        for (name, domain) in [
            ("certificate_arn", "shop.example.com"),
            ("other_certificate_arn", "till.example.com"),
            ("third_certificate_arn", "third.example.com"),
        ] {
            let made = rcgen::generate_simple_self_signed([domain.to_owned()]).expect("a certificate");
            let pem = |text: String| STANDARD.encode(text);
            let asked =
                json!({ "Certificate": pem(made.cert.pem()), "PrivateKey": pem(made.signing_key.serialize_pem()) });
            self.made(world, name, ("acm", "ImportCertificate"), asked, "/CertificateArn");
        }
    }

    /// Two load balancers in the first network, which answer nobody: one for HTTP and HTTPS, one for HTTP only.
    fn balancers(&mut self, world: &mut World) {
        let (vpc, certificate) = (self.id("vpc_id").to_owned(), self.id("certificate_arn").to_owned());
        let group = json!({ "VpcId": vpc, "GroupName": "shared", "GroupDescription": "of the load balancers" });
        let group = self.made(world, "load_balancer_security_group", ("ec2", "CreateSecurityGroup"), group, "/groupId");
        for port in [80, 443] {
            let anybody = json!([{ "CidrIp": "0.0.0.0/0" }]);
            let permission = json!({ "IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": anybody });
            let asked = json!({ "GroupId": group, "IpPermissions": [permission] });
            ask(world, "ec2", "AuthorizeSecurityGroupIngress", asked);
        }
        let subnets: Json = ["a", "b", "c"].iter().map(|zone| self.id(&format!("public_subnet_{zone}"))).collect();
        let other = self.id("other_security_group").to_owned();
        let nothing = json!([{ "Type": "fixed-response", "FixedResponseConfig": { "StatusCode": "404" } }]);
        for (front, name, groups) in [("", "shared", json!([group, other])), ("other_", "other", json!([group]))] {
            let asked = json!({ "Name": name, "Subnets": subnets, "SecurityGroups": groups, "Type": "application" });
            let call = ("elasticloadbalancing", "CreateLoadBalancer");
            let balancer =
                self.made(world, &format!("{front}load_balancer_arn"), call, asked, "/LoadBalancers/0/LoadBalancerArn");
            let mut listener = |name: &str, more: Json| {
                let mut asked = json!({ "LoadBalancerArn": balancer, "DefaultActions": nothing });
                asked.as_object_mut().expect("members").extend(more.as_object().expect("members").clone());
                let call = ("elasticloadbalancing", "CreateListener");
                self.made(world, &format!("{front}{name}"), call, asked, "/Listeners/0/ListenerArn");
            };
            listener("http_listener_arn", json!({ "Protocol": "HTTP", "Port": 80 }));
            if front.is_empty() {
                let certificate = json!([{ "CertificateArn": certificate }]);
                let https = json!({ "Protocol": "HTTPS", "Port": 443, "Certificates": certificate });
                listener("https_listener_arn", https);
            }
        }
    }

    /// Secrets, roles, a cluster.
    fn containers(&mut self, world: &mut World) {
        for name in ["parameter", "other_parameter"] {
            let path = format!("/given/{name}");
            ask(world, "ssm", "PutParameter", json!({ "Name": path, "Value": "hidden", "Type": "SecureString" }));
            let arn = world.arn("ssm", &format!("parameter{path}"));
            self.ids.insert(format!("{name}_arn"), arn);
        }
        let secret = json!({ "Name": "given", "SecretString": r#"{"key":"hidden"}"# });
        self.made(world, "secret_arn", ("secretsmanager", "CreateSecret"), secret, "/ARN");
        for name in ["task_role", "other_task_role", "execution_role", "other_execution_role"] {
            let statement = json!({
                "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": { "Service": "ecs-tasks.amazonaws.com" },
            });
            let trust = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
            let role = json!({ "RoleName": name.replace('_', "-"), "AssumeRolePolicyDocument": trust });
            self.made(world, &format!("{name}_arn"), ("iam", "CreateRole"), role, "/Role/Arn");
            let allowed = json!({ "Effect": "Allow", "Action": "*", "Resource": "*" });
            let policy = json!({ "Version": "2012-10-17", "Statement": [allowed] }).to_string();
            let policy = json!({ "RoleName": name.replace('_', "-"), "PolicyName": "all", "PolicyDocument": policy });
            ask(world, "iam", "PutRolePolicy", policy);
        }
        for name in ["given", "other"] {
            let cluster = json!({ "clusterName": name, "capacityProviders": ["FARGATE", "FARGATE_SPOT"] });
            self.made(world, &format!("{name}_cluster_arn"), ("ecs", "CreateCluster"), cluster, "/cluster/clusterArn");
        }
        for (name, key) in [
            ("kms_key_arn", "1234abcd-12ab-34cd-56ef-1234567890ab"),
            ("other_kms_key_arn", "abcd1234-12ab-34cd-56ef-1234567890ab"),
        ] {
            self.ids.insert(name.to_owned(), world.arn("kms", &format!("key/{key}")));
        }
    }
}
