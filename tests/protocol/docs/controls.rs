//! The table of the security guide: controls of AWS Security Hub (FSBP), Checkov and Trivy, and what meets each. Whether an
//! option is there yet is read from the schema.

use terraform_provider_fargate::protocol::path::Path;
use terraform_provider_fargate::protocol::schema::Schema;

pub const GUIDE: &str = "docs/guides/security.md";

/// What meets a control.
enum By {
    /// Nothing that the user has to say.
    Default(&'static str),
    /// An attribute, and what it has to be; to come while the schema doesn't have it.
    Option(&'static str, &'static str),
    /// Nothing, and why.
    None(&'static str),
}

use By::{Default, Option};

#[rustfmt::skip]
const CONTROLS: &[(&str, &str, By)] = &[
    ("Invalid header fields are dropped", "ELB.4, CKV_AWS_131, AWS-0052", Default("the load balancer drops them")),
    ("Desync mitigation is defensive or strictest", "ELB.12, CKV_AWS_328", Default("AWS's own default, `defensive`, is kept")),
    ("The load balancer is in two zones or more", "ELB.13", Default("two zones; one is refused")),
    ("Requests come over HTTPS; HTTP is redirected", "ELB.1, ELB.18, CKV_AWS_2, CKV2_AWS_20, AWS-0054", Option("https", "a certificate; or `domain`")),
    ("The TLS policy is a current one", "ELB.17, CKV_AWS_103, CKV2_AWS_74, AWS-0047", Option("https", "its default policy")),
    ("Certificates log transparency, are renewed, have no wildcard", "ACM.1, CKV_AWS_233, CKV_AWS_234, CKV2_AWS_71", Option("domain", "made and renewed by ACM")),
    ("Deletion protection is on", "ELB.6, CKV_AWS_150", Option("load_balancer.deletion_protection", "`true`; off by default, so that a destroy works")),
    ("Access logs are written", "ELB.5, CKV_AWS_91", Option("load_balancer.access_logs", "a bucket")),
    ("A web ACL is in front", "ELB.16, CKV2_AWS_28", Option("load_balancer.web_acl_arn", "a web ACL")),
    ("The load balancer is not public", "AWS-0053", Option("load_balancer.internal", "`true`; public by intention otherwise")),
    ("Health checks are encrypted", "ELB.21", Option("health_check.protocol", "`HTTPS`, where the container speaks it")),
    ("Traffic to the tasks is encrypted", "ELB.22, CKV_AWS_378", Option("load_balancer.target_protocol", "`HTTPS`")),
    ("The target group has a health check", "CKV_AWS_261", Default("`health_check`")),
    ("Tasks have no public address", "ECS.2, ECS.16, CKV_AWS_333", Default("they are in private subnets, unless `network.egress` is `public`")),
    ("Containers are not privileged and share no processes", "ECS.3, ECS.4, CKV_AWS_334, CKV_AWS_335", Default("Fargate has neither, and none is asked for")),
    ("Containers don't run as root", "ECS.1", Option("user", "a user of the image that is not root")),
    ("The root file system is read-only", "ECS.5, CKV_AWS_336", Option("readonly_root_filesystem", "`true`; off by default, as most images write")),
    ("No secrets in environment variables", "ECS.8, AWS-0036", Option("secrets", "references, in place of `environment`")),
    ("Containers log", "ECS.9", Default("to the service's log group")),
    ("The platform version is the latest", "ECS.10, CKV_AWS_332", Default("`LATEST`")),
    ("Container Insights are on", "ECS.12, CKV_AWS_65, AWS-0034", Option("cluster.container_insights", "`enabled`, as it is by default, or `enhanced`, which costs more")),
    ("Services, clusters and task definitions are tagged", "ECS.13, ECS.14, ECS.15", Default("every object carries `fargate:stack`, `fargate:node` and your tags")),
    ("Commands executed in tasks are logged", "CKV_AWS_223, CKV_AWS_224", Default("nobody can execute any")),
    ("Roles are separate and narrow, without `*` actions", "IAM.1, IAM.21, CKV_AWS_60, CKV_AWS_61, CKV_AWS_62, CKV_AWS_63, CKV_AWS_249, CKV_AWS_290, CKV_AWS_355, AWS-0057, AWS-0342", Default("an execution role for one log group and one repository, a task role without rights; only ECS tasks of this account and region may assume them")),
    ("Logs are kept for a time", "CKV_AWS_66", Default("30 days")),
    ("Logs are kept for a year", "CloudWatch.16, CKV_AWS_338", Option("logs.retention_in_days", "`365` or more")),
    ("Logs are encrypted with a key of your own", "CKV_AWS_158, AWS-0017", Option("logs.kms_key_arn", "the key")),
    ("Subnets give no public addresses by themselves", "EC2.15, CKV_AWS_130, AWS-0164", Default("none does, the public ones neither")),
    ("The VPC's default security group is closed", "EC2.2, CKV2_AWS_12, AWS-0173", Default("its rules are removed")),
    ("Flow logs are on", "EC2.6, CKV2_AWS_11, AWS-0178", Option("network.flow_logs", "a log group")),
    ("Rules are described, and open no port for administration", "EC2.13, EC2.14, EC2.18, EC2.19, EC2.53, EC2.54, CKV_AWS_23, CKV_AWS_24, CKV_AWS_25, CKV_AWS_260, CKV_AWS_277, AWS-0099, AWS-0107", Default("the load balancer's port is open to `load_balancer.allowed_cidr_blocks`, the tasks' to the load balancer alone")),
    ("Egress of the tasks is limited", "CKV_AWS_382, AWS-0104", By::None("tasks may reach everything: images, logs and what they work with. `network.egress = \"none\"` leaves them no way out of the VPC")),
    ("Addresses and security groups are in use", "EC2.12, CKV2_AWS_5, CKV2_AWS_19", Default("each is attached, and goes with the service")),
];

/// The guide with its table written anew.
pub fn written(text: &str, schema: &Schema) -> String {
    const MARK: &str = "<!-- controls -->\n";
    let (before, rest) = text.split_once(MARK).expect("the mark of the table");
    let after = rest.split_once("\n\n").map_or("", |(_, after)| after);
    let mut table = "| control | named | met by |\n|---|---|---|".to_owned();
    for (topic, names, by) in CONTROLS {
        let met = match by {
            Default(how) => format!("the defaults: {how}"),
            Option(path, how) if schema.at(&Path::from(*path)).is_some() => format!("`{path}`: {how}"),
            Option(..) => "nothing yet; an option is to come".to_owned(),
            By::None(why) => format!("nothing: {why}"),
        };
        table += &format!("\n| {topic} | {names} | {met} |");
    }
    format!("{before}{MARK}{table}\n\n{after}")
}
