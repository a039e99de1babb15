//! HTTPS, and the names that lead here.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use crate::surface::place::{At, Place};
use crate::surface::row::{Removal, Row, row};

pub fn rows() -> Vec<Row> {
    let given = || json!({ "https": { "certificate_arn": "${certificate_arn}" } });
    let listener = &["elasticloadbalancing:ModifyListener"];
    vec![
        row("https.certificate_arn", "${certificate_arn}", "${other_certificate_arn}")
            .at(Place::Own(default_certificate, Some(serve)))
            .calls(SWITCH)
            .removal(Removal::WithParent),
        row(
            "https.additional_certificate_arns",
            json!(["${other_certificate_arn}"]),
            json!(["${third_certificate_arn}"]),
        )
        .with(given())
        .at(Place::Own(further_certificates, Some(serve_no_more)))
        .calls(&["elasticloadbalancing:AddListenerCertificates", "elasticloadbalancing:RemoveListenerCertificates"]),
        row("https.ssl_policy", "ELBSecurityPolicy-TLS13-1-2-2021-06", "ELBSecurityPolicy-TLS13-1-3-2021-06")
            .with(given())
            .at(Place::Own(|at| at.listener("HTTPS")["SslPolicy"].take(), Some(allow)))
            .calls(listener),
        row("https.redirect_http", false, true).with(given()).at(Place::Own(redirects, Some(redirect))).calls(listener),
        row("domain.name", "www.example.com", "app.example.com")
            .with(json!({ "domain": { "zone_id": "${zone_id}" } }))
            .at(Place::Own(|at| at.certificate()["DomainName"].take(), None))
            .calls(SWITCH)
            .removal(Removal::WithParent),
        row("domain.additional_names", json!(["a.example.com"]), json!(["*.example.com"]))
            .with(json!({ "domain": { "name": "www.example.com", "zone_id": "${zone_id}" } }))
            .at(Place::Own(additional_names, None))
            .calls(SWITCH),
        row("domain.zone_id", "${zone_id}", "${inner_zone_id}")
            .with(json!({ "domain": { "name": "www.shop.example.com" } }))
            .at(Place::Own(zone, None))
            .calls(SWITCH)
            .removal(Removal::Kept),
    ]
}

/// What may be called while HTTPS and its names come, change and go.
const SWITCH: &[&str] = &[
    "acm:DeleteCertificate",
    "acm:RequestCertificate",
    "ec2:AuthorizeSecurityGroupIngress",
    "ec2:RevokeSecurityGroupIngress",
    "elasticloadbalancing:CreateListener",
    "elasticloadbalancing:DeleteListener",
    "elasticloadbalancing:ModifyListener",
    "route53:ChangeResourceRecordSets",
];

impl At<'_> {
    /// The load balancer's listener of this protocol; null if there is none.
    fn listener(&mut self, protocol: &str) -> Json {
        let asked = json!({ "LoadBalancerArn": self.told["load_balancer_arn"] });
        let found = self.ask("elasticloadbalancing", "DescribeListeners", asked)["Listeners"].take();
        found.as_array().into_iter().flatten().find(|one| one["Protocol"] == protocol).cloned().unwrap_or_default()
    }

    fn modify_listener(&mut self, protocol: &str, mut asked: Json) {
        asked["ListenerArn"] = self.listener(protocol)["ListenerArn"].take();
        self.ask("elasticloadbalancing", "ModifyListener", asked);
    }

    /// The certificate that is served; null if there is none.
    fn certificate(&mut self) -> Json {
        match default_certificate(self) {
            Json::Null => Json::Null,
            arn => self.ask("acm", "DescribeCertificate", json!({ "CertificateArn": arn }))["Certificate"].take(),
        }
    }
}

fn default_certificate(at: &mut At<'_>) -> Json {
    at.listener("HTTPS").pointer("/Certificates/0/CertificateArn").cloned().unwrap_or_default()
}

fn serve(at: &mut At<'_>, arn: &Json) {
    at.modify_listener("HTTPS", json!({ "Certificates": [{ "CertificateArn": arn }] }));
}

fn further_certificates(at: &mut At<'_>) -> Json {
    let asked = json!({ "ListenerArn": at.listener("HTTPS")["ListenerArn"] });
    let found = at.ask("elasticloadbalancing", "DescribeListenerCertificates", asked)["Certificates"].take();
    let further = found.as_array().into_iter().flatten().filter(|one| one["IsDefault"] == false);
    further.map(|one| one["CertificateArn"].clone()).collect()
}

/// Takes them all away: what others attach besides is theirs.
fn serve_no_more(at: &mut At<'_>, _: &Json) {
    let arns = further_certificates(at);
    let certificates: Json =
        arns.as_array().into_iter().flatten().map(|arn| json!({ "CertificateArn": arn })).collect();
    let asked = json!({ "ListenerArn": at.listener("HTTPS")["ListenerArn"], "Certificates": certificates });
    at.ask("elasticloadbalancing", "RemoveListenerCertificates", asked);
}

fn allow(at: &mut At<'_>, policy: &Json) {
    at.modify_listener("HTTPS", json!({ "SslPolicy": policy }));
}

fn redirects(at: &mut At<'_>) -> Json {
    json!(at.listener("HTTP")["DefaultActions"][0]["Type"] == "redirect")
}

fn redirect(at: &mut At<'_>, wanted: &Json) {
    assert_eq!(*wanted, true);
    let config = json!({
        "Protocol": "HTTPS", "Port": "443", "Host": "#{host}", "Path": "/#{path}", "Query": "#{query}",
        "StatusCode": "HTTP_301",
    });
    at.modify_listener("HTTP", json!({ "DefaultActions": [{ "Type": "redirect", "RedirectConfig": config }] }));
}

fn additional_names(at: &mut At<'_>) -> Json {
    let certificate = at.certificate();
    let all = certificate["SubjectAlternativeNames"].as_array().cloned().unwrap_or_default();
    let others: BTreeSet<String> = all
        .iter()
        .filter(|name| **name != certificate["DomainName"])
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect();
    json!(others)
}

/// The zone that has the alias record.
fn zone(at: &mut At<'_>) -> Json {
    let zones = at.ask("route53", "ListHostedZones", json!({}))["HostedZones"].take();
    let has = |at: &mut At<'_>, id: &str| {
        let records = at.ask("route53", "ListResourceRecordSets", json!({ "HostedZoneId": id }));
        records["ResourceRecordSets"].as_array().into_iter().flatten().any(|record| record["Type"] == "A")
    };
    let ids: Vec<String> = zones
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|zone| Some(zone["Id"].as_str()?.trim_start_matches("/hostedzone/").to_owned()))
        .collect();
    ids.into_iter().find(|id| has(at, id)).into()
}
