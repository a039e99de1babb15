//! The services on the wire: their protocol, and the names by which it calls them.
//!
//! A service may stand here and not be simulated: then its calls are answered `NotImplemented` in its own protocol.

/// How a service is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Form in, XML out, lists as `<item>`.
    Ec2,
    /// Form in, XML out, lists as `<member>`, answers in `<XResult>`.
    Query,
    /// XML in, XML out, the action in method and path; lists by names of their own (`rest`).
    RestXml,
    /// JSON in, JSON out, the action in `X-Amz-Target`; its version is `1.0` or `1.1`.
    Json(&'static str),
}

#[derive(Debug, PartialEq, Eq)]
pub struct Service {
    /// As in the credential scope, and in `World::call`.
    pub name: &'static str,
    pub protocol: Protocol,
    /// The API's version; that of a query service must be in each request.
    pub version: &'static str,
    /// The prefix of `X-Amz-Target`, or the XML namespace.
    pub namespace: &'static str,
}

const fn service(name: &'static str, protocol: Protocol, version: &'static str, namespace: &'static str) -> Service {
    Service { name, protocol, version, namespace }
}

/// From botocore's service models: `metadata` of each.
pub const SERVICES: &[Service] = &[
    service("ec2", Protocol::Ec2, "2016-11-15", "http://ec2.amazonaws.com/doc/2016-11-15/"),
    service(
        "elasticloadbalancing",
        Protocol::Query,
        "2015-12-01",
        "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
    ),
    service("iam", Protocol::Query, "2010-05-08", "https://iam.amazonaws.com/doc/2010-05-08/"),
    service("sts", Protocol::Query, "2011-06-15", "https://sts.amazonaws.com/doc/2011-06-15/"),
    service("route53", Protocol::RestXml, "2013-04-01", "https://route53.amazonaws.com/doc/2013-04-01/"),
    service("ecs", Protocol::Json("1.1"), "2014-11-13", "AmazonEC2ContainerServiceV20141113"),
    service("logs", Protocol::Json("1.1"), "2014-03-28", "Logs_20140328"),
    service("ssm", Protocol::Json("1.1"), "2014-11-06", "AmazonSSM"),
    service("acm", Protocol::Json("1.1"), "2015-12-08", "CertificateManager"),
    service("application-autoscaling", Protocol::Json("1.1"), "2016-02-06", "AnyScaleFrontendService"),
    service("ecr", Protocol::Json("1.1"), "2015-09-21", "AmazonEC2ContainerRegistry_V20150921"),
    service("secretsmanager", Protocol::Json("1.1"), "2017-10-17", "secretsmanager"),
    service("servicequotas", Protocol::Json("1.1"), "2019-06-24", "ServiceQuotasV20190624"),
];

/// Stands for a JSON service that isn't known.
pub const ANY_JSON: &Service = &service("unknown", Protocol::Json("1.1"), "", "");
/// Stands for a query service that isn't known.
pub const ANY_QUERY: &Service = &service("unknown", Protocol::Query, "", "https://aws.amazon.com/");

pub fn named(name: &str) -> Option<&'static Service> {
    SERVICES.iter().find(|service| service.name == name)
}

pub fn of_version(version: &str) -> Option<&'static Service> {
    SERVICES
        .iter()
        .find(|service| service.version == version && matches!(service.protocol, Protocol::Ec2 | Protocol::Query))
}

/// A REST service begins its paths with its version.
pub fn of_path(path: &str) -> Option<&'static Service> {
    let version = path.trim_start_matches('/').split('/').next();
    SERVICES.iter().find(|service| service.protocol == Protocol::RestXml && version == Some(service.version))
}

pub fn of_target(prefix: &str) -> Option<&'static Service> {
    SERVICES.iter().find(|service| service.namespace == prefix && matches!(service.protocol, Protocol::Json(_)))
}
