//! HTTPS listeners: their certificates and security policies.

use super::*;

/// An imported certificate.
fn certificate(world: &mut World) -> String {
    let (certificate, key) = (
        "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCkFBQUEKLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo=",
        "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCkFBQUEKLS0tLS1FTkQgUFJJVkFURSBLRVktLS0tLQo=",
    );
    let ask = Ask(json!({ "Certificate": certificate, "PrivateKey": key }));
    world.call("acm", "ImportCertificate", &ask).unwrap()["CertificateArn"].as_str().unwrap().to_owned()
}

fn safe(balancer: &str, group: &str, certificate: &str) -> Json {
    let safe = json!({ "Port": 443, "Protocol": "HTTPS", "Certificates": [{ "CertificateArn": certificate }] });
    with(port_80(balancer, group), safe)
}

fn delete(world: &mut World, arn: &str) -> Result<Json, String> {
    world.call("acm", "DeleteCertificate", &Ask(json!({ "CertificateArn": arn }))).map_err(|refusal| refusal.code)
}

fn arns(certificates: &[String]) -> Json {
    certificates.iter().map(|arn| json!({ "CertificateArn": arn })).collect()
}

#[test]
fn certificates_must_be_issued_here() {
    let mut world = world();
    let (balancer, group, _) = serving(&mut world);
    let good = certificate(&mut world);
    let pending = Ask(json!({ "DomainName": "a.com", "ValidationMethod": "DNS" }));
    let pending = world.call("acm", "RequestCertificate", &pending).unwrap()["CertificateArn"].clone();
    for (arn, code) in [
        (pending.as_str().unwrap(), "UnsupportedCertificate"),
        (&good.replace("us-east-1", "us-east-2"), "CertificateNotFound"),
        ("arn:aws:acm:us-east-1:123456789012:certificate/1", "CertificateNotFound"),
    ] {
        assert_eq!(refused(&mut world, "CreateListener", safe(&balancer, &group, arn)), code, "{arn}");
    }
    let two = with(safe(&balancer, &group, &good), json!({ "Certificates": arns(&[good.clone(), good.clone()]) }));
    assert_eq!(refused(&mut world, "CreateListener", two), "ValidationError");
    let odd = with(safe(&balancer, &group, &good), json!({ "SslPolicy": "ELBSecurityPolicy-odd" }));
    assert_eq!(refused(&mut world, "CreateListener", odd), "SSLPolicyNotFound");
    let made = call(&mut world, "CreateListener", safe(&balancer, &group, &good)).unwrap();
    assert_eq!(made["Listeners"][0]["SslPolicy"], "ELBSecurityPolicy-2016-08");
    let change = json!({ "ListenerArn": made["Listeners"][0]["ListenerArn"], "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09" });
    let changed = call(&mut world, "ModifyListener", change).unwrap();
    assert_eq!(changed["Listeners"][0]["SslPolicy"], "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09");
    assert_eq!(changed["Listeners"][0]["Certificates"], arns(&[good]));
}

#[test]
fn a_listener_has_more_certificates() {
    let mut world = world();
    let (balancer, group, plain) = serving(&mut world);
    let all: Vec<String> = (0..27).map(|_| certificate(&mut world)).collect();
    let https = listener(&mut world, safe(&balancer, &group, &all[0]));
    let ask = |certificates: &[String]| json!({ "ListenerArn": https, "Certificates": arns(certificates) });
    call(&mut world, "AddListenerCertificates", ask(&all[1..3])).unwrap();
    call(&mut world, "AddListenerCertificates", ask(&all[1..2])).unwrap();
    let seen = |world: &mut World| {
        let seen = call(world, "DescribeListenerCertificates", json!({ "ListenerArn": https })).unwrap();
        seen["Certificates"].as_array().unwrap().clone()
    };
    assert_eq!(seen(&mut world).len(), 3);
    let default = seen(&mut world).into_iter().find(|one| one["IsDefault"] == true).unwrap();
    assert_eq!(default["CertificateArn"], all[0].as_str());
    call(&mut world, "AddListenerCertificates", ask(&all[..1])).unwrap();
    let page =
        call(&mut world, "DescribeListenerCertificates", json!({ "ListenerArn": https, "PageSize": 3 })).unwrap();
    let rest = json!({ "ListenerArn": https, "Marker": page["NextMarker"] });
    let rest = call(&mut world, "DescribeListenerCertificates", rest).unwrap();
    assert_eq!(
        (page["Certificates"].as_array().unwrap().len(), rest["Certificates"].as_array().unwrap().len()),
        (3, 1)
    );
    call(&mut world, "RemoveListenerCertificates", ask(&all[..2])).unwrap();
    assert_eq!(seen(&mut world).len(), 2);
    assert_eq!(refused(&mut world, "RemoveListenerCertificates", ask(&all[..1])), "OperationNotPermitted");
    assert_eq!(refused(&mut world, "RemoveListenerCertificates", ask(&[])), "ValidationError");
    call(&mut world, "AddListenerCertificates", ask(&all[1..26])).unwrap();
    assert_eq!(refused(&mut world, "AddListenerCertificates", ask(&all[26..])), "TooManyCertificates");
    assert_eq!(refused(&mut world, "AddListenerCertificates", ask(&[])), "ValidationError");
    assert_eq!(refused(&mut world, "AddListenerCertificates", ask(&["arn:x".into()])), "CertificateNotFound");
    let default = json!({ "ListenerArn": https, "Certificates": [{ "CertificateArn": all[1], "IsDefault": "true" }] });
    assert_eq!(refused(&mut world, "AddListenerCertificates", default), "ValidationError");
    let on_plain = json!({ "ListenerArn": plain, "Certificates": arns(&all[1..2]) });
    assert_eq!(refused(&mut world, "AddListenerCertificates", on_plain), "ValidationError");
    let gone = json!({ "ListenerArn": format!("{https}0"), "Certificates": arns(&all[1..2]) });
    for action in ["AddListenerCertificates", "RemoveListenerCertificates", "DescribeListenerCertificates"] {
        assert_eq!(refused(&mut world, action, gone.clone()), "ListenerNotFound");
    }
    let http = json!({ "ListenerArn": https, "Protocol": "HTTP" });
    call(&mut world, "ModifyListener", http).unwrap();
    assert!(seen(&mut world).is_empty());
}

#[test]
fn a_certificate_in_use_stays() {
    let mut world = world();
    let (balancer, group, _) = serving(&mut world);
    let (first, second) = (certificate(&mut world), certificate(&mut world));
    let https = listener(&mut world, safe(&balancer, &group, &first));
    let more = json!({ "ListenerArn": https, "Certificates": arns(std::slice::from_ref(&second)) });
    call(&mut world, "AddListenerCertificates", more.clone()).unwrap();
    for arn in [&first, &second] {
        let seen = world.call("acm", "DescribeCertificate", &Ask(json!({ "CertificateArn": arn }))).unwrap();
        assert_eq!(seen["Certificate"]["InUseBy"], json!([balancer]));
        assert_eq!(delete(&mut world, arn), Err("ResourceInUseException".into()));
    }
    call(&mut world, "RemoveListenerCertificates", more).unwrap();
    assert_eq!(delete(&mut world, &second), Err("ResourceInUseException".into()));
    pass(&mut world, 180.0);
    delete(&mut world, &second).unwrap();
    call(&mut world, "DeleteLoadBalancer", json!({ "LoadBalancerArn": balancer })).unwrap();
    pass(&mut world, 4.0);
    assert_eq!(delete(&mut world, &first), Err("ResourceInUseException".into()));
    pass(&mut world, 176.0);
    assert!(crate::simulator::elb::uses_certificate(&world, &first).is_empty());
    delete(&mut world, &first).unwrap();
}

#[test]
fn policies_are_described() {
    let mut world = world();
    let all = call(&mut world, "DescribeSSLPolicies", json!({})).unwrap();
    let all = all["SslPolicies"].as_array().unwrap();
    assert!(all.is_sorted_by_key(|policy| policy["Name"].as_str().unwrap().to_owned()));
    let page = call(&mut world, "DescribeSSLPolicies", json!({ "PageSize": 30 })).unwrap();
    let rest = call(&mut world, "DescribeSSLPolicies", json!({ "Marker": page["NextMarker"] })).unwrap();
    assert_eq!(30 + rest["SslPolicies"].as_array().unwrap().len(), all.len());
    let names = ["ELBSecurityPolicy-TLS13-1-2-2021-06", "ELBSecurityPolicy-TLS13-1-3-FIPS-2023-04"];
    let some = call(&mut world, "DescribeSSLPolicies", json!({ "Names": names })).unwrap();
    let counts = |at: usize| some["SslPolicies"][at]["Ciphers"].as_array().unwrap().len();
    assert_eq!((counts(0), counts(1)), (3 + 8, 2));
    assert_eq!(some["SslPolicies"][0]["SslProtocols"], json!(["TLSv1.3", "TLSv1.2"]));
    assert_eq!(refused(&mut world, "DescribeSSLPolicies", json!({ "Names": ["x"] })), "SSLPolicyNotFound");
    assert_eq!(refused(&mut world, "DescribeSSLPolicies", json!({ "LoadBalancerType": "x" })), "ValidationError");
    let gateway = call(&mut world, "DescribeSSLPolicies", json!({ "LoadBalancerType": "gateway" })).unwrap();
    assert_eq!(gateway["SslPolicies"], json!([]));
}
