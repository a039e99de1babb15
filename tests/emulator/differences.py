"""Where moto and the simulator answer differently, and why: `reason: [(where, moto's value, the simulator's value)]`.

`-` is a member that isn't there, `! Code` a refusal, `*` anything, and `{a,b}` one entry for each of its parts.
"""

DIFFERENCES = {
    "moto carries out what AWS refuses": [
        ("application-autoscaling:DeleteScheduledAction", "{}", "! ObjectNotFoundException"),
        ("ec2:AssociateRouteTable", "{*}", "! Resource.AlreadyAssociated"),
        ("ec2:CreateSecurityGroup", "{*}", "! {InvalidParameterValue,InvalidVpcID.NotFound}"),
        ("ec2:CreateVpc", "{*}", "! DryRunOperation"),
        ("ec2:{DeleteSecurityGroup,DeleteSubnet,DetachInternetGateway}", "{}", "! DependencyViolation"),
        ("ec2:ReleaseAddress", "{}", "! InvalidIPAddress.InUse"),
        ("ecs:RegisterTaskDefinition", "{*}", "! ClientException"),
        ("elbv2:CreateLoadBalancer", "{*}", "! {ValidationError,DuplicateLoadBalancerName}"),
        ("iam:CreateRole", "{*}", "! {ValidationError,MalformedPolicyDocument}"),
        ("logs:PutRetentionPolicy", "{}", "! InvalidParameterException"),
    ],
    "moto is silent about what is missing": [
        ("ec2:DescribeNatGateways", "{}", "! NatGatewayNotFound"),
        ("elbv2:DeleteRule", "{}", "! RuleNotFound"),
    ],
    "AWS answers an equal CreateTargetGroup with the one that is there": [
        ("elbv2:CreateTargetGroup", "! DuplicateTargetGroupName", "{*}"),
    ],
    "the caller is another one": [
        ("sts:GetCallerIdentity Arn", "*:user/moto", "*:user/simulated"),
        ("sts:GetCallerIdentity UserId", "AKIAIOSFODNN7EXAMPLE", "AIDASIMULATED"),
    ],
    "moto knows no time": [
        ("route53:{Create,Delete}HostedZone ChangeInfo.Status", "INSYNC", "PENDING"),
        ("route53:ChangeResourceRecordSets ChangeInfo.Status", "INSYNC", "PENDING"),
        ("ec2:{CreateVpc Vpc,CreateSubnet Subnet,CreateNatGateway NatGateway}.State", "available", "pending"),
        ("ec2:DescribeNatGateways NatGateways[].DeleteTime", "-", "<time>"),
    ],
    "AWS numbers each account's zones its own way": [
        ("ec2:{CreateSubnet Subnet,DescribeSubnets Subnets[]}.AvailabilityZoneId", "euw1-az*", "euw1-az*"),
    ],
    "moto has no DHCP options": [
        ("ec2:{CreateVpc Vpc,DescribeVpcs Vpcs[]}.DhcpOptionsId", "default", "<dopt-1>"),
    ],
    "moto doesn't repeat client tokens": [
        ("ec2:{CreateNatGateway,CreateRouteTable} ClientToken", "-", "<uuid>"),
    ],
    "moto tells less of addresses": [
        ("ec2:{AllocateAddress ,DescribeAddresses Addresses[].}NetworkBorderGroup", "-", "eu-west-1"),
        ("ec2:{AllocateAddress ,DescribeAddresses Addresses[].}PublicIpv4Pool", "-", "amazon"),
    ],
    "moto tells empty texts of a free address": [
        ("ec2:DescribeAddresses Addresses[].{InstanceId,NetworkInterfaceId}", "", "-"),
    ],
    "moto tells less of NAT gateways": [
        ("ec2:{CreateNatGateway NatGateway,DescribeNatGateways NatGateways[]}.AvailabilityMode", "-", "zonal"),
        ("ec2:{CreateNatGateway NatGateway,DescribeNatGateways NatGateways[]}.ConnectivityType", "-", "public"),
        ("ec2:{Create,Describe}NatGateway*.NatGatewayAddresses[].IsPrimary", "-", "true"),
        ("ec2:{Create,Describe}NatGateway*.NatGatewayAddresses[].Status", "-", "succeeded"),
    ],
    "a NAT gateway's interface is nobody's in moto, as if made by hand": [
        ("ec2:DescribeNetworkInterfaces NetworkInterfaces[].Attachment", "-", '*"InstanceOwnerId": "amazon-aws"*'),
        ("ec2:DescribeNetworkInterfaces NetworkInterfaces[].Description", "", "Interface for NAT Gateway <nat-1>"),
        ("ec2:DescribeNetworkInterfaces NetworkInterfaces[].Groups", '*"GroupName": "default"*', "-"),
        ("ec2:DescribeNetworkInterfaces NetworkInterfaces[].InterfaceType", "interface", "nat_gateway"),
        ("ec2:DescribeNetworkInterfaces NetworkInterfaces[].RequesterId", "AIDAIT2UOQQY3AUEMOTO", "123456789012"),
        ("ec2:DescribeNetworkInterfaces NetworkInterfaces[].RequesterManaged", "false", "true"),
        ("ec2:DescribeNetworkInterfaces NetworkInterfaces[].SourceDestCheck", "true", "false"),
        ("ec2:DescribeNetworkInterfaces NetworkInterfaces[].Status", "available", "in-use"),
    ],
    "moto tells less of interfaces": [
        ("ec2:DescribeNetworkInterfaces NetworkInterfaces[].AvailabilityZoneId", "-", "euw1-az*"),
        ("ec2:DescribeNetworkInterfaces NetworkInterfaces[].PrivateIpAddresses[].Association", "-", "{*}"),
    ],
    "moto tells less of security groups and their rules": [
        ("ec2:CreateSecurityGroup Tags", "-", "[*]"),
        ("ec2:DeleteSecurityGroup GroupId", "-", "<sg-*>"),
        ("ec2:DeleteSecurityGroup Return", "-", "true"),
        ("ec2:Revoke{SecurityGroupEgress,SecurityGroupIngress} RevokedSecurityGroupRules", "-", "[*]"),
        ("ec2:{Authorize*,Describe*} SecurityGroupRules[].GroupOwnerId", "-", "123456789012"),
        ("ec2:{Authorize*,Describe*} SecurityGroupRules[].SecurityGroupRuleArn", "-", "*:security-group-rule/<sgr-*>"),
    ],
    "moto's default group lets nothing in": [
        ("ec2:DescribeSecurityGroups SecurityGroups[].IpPermissions", "-", "[*]"),
    ],
    "moto tells less of task definitions": [
        ("ecs:{DeregisterT,DescribeT,RegisterT}*.portMappings[].hostPort", "-", "80"),
        ("ecs:{DeregisterT,DescribeT,RegisterT}*.portMappings[].protocol", "-", "tcp"),
        ("ecs:{DeregisterT,DescribeT,RegisterT}* taskDefinition.registeredAt", "-", "<time>"),
        ("ecs:{DeregisterT,DescribeT,RegisterT}* taskDefinition.registeredBy", "-", "*:user/simulated"),
        ("ecs:DeregisterTaskDefinition taskDefinition.deregisteredAt", "-", "<time>"),
        ("ecs:RegisterTaskDefinition tags", "-", "[*]"),
    ],
    "AWS tells a cluster's settings and tags where they are asked for": [
        ("ecs:{DeleteCluster cluster,DescribeClusters clusters[]}.settings", "[*]", "-"),
        ("ecs:DeleteCluster cluster.tags", "[*]", "-"),
    ],
    "moto tells less of services": [
        ("ecs:{Create,Delete,Describe,Update}Service* service*.availabilityZoneRebalancing", "-", "ENABLED"),
        ("ecs:{Create,Delete,Describe,Update}Service* service*.createdAt", "-", "<time>"),
        ("ecs:{Create,Delete,Describe,Update}Service* service*.createdBy", "-", "*:user/simulated"),
        ("ecs:{Create,Delete,Describe,Update}Service* service*.currentServiceRevisions", "-", "[*]"),
        ("ecs:{Create,Delete,Describe,Update}Service* service*.resourceManagementType", "-", "CUSTOMER"),
        ("ecs:{Create,Update}Service service.currentServiceDeployment", "-", "*:service-deployment/life/web/*"),
        ("ecs:{Create,Describe,Update}Service* *.deploymentConfiguration.bakeTimeInMinutes", "-", "0"),
        ("ecs:{Create,Describe,Update}Service* *.deploymentConfiguration.maximumPercent", "-", "200"),
        ("ecs:{Create,Describe,Update}Service* *.deploymentConfiguration.minimumHealthyPercent", "-", "100"),
        ("ecs:{Create,Describe,Update}Service* *.deploymentConfiguration.strategy", "-", "ROLLING"),
        ("ecs:{Create,Delete,Describe,Update}Service* service*.{enableECSManagedTags,enableExecuteCommand}", "-", "false"),
        ("ecs:{Delete,Describe,Update}Service* service*.events", "-", "[*]"),
        ("ecs:{Create,Delete,Describe,Update}Service* service*.platformFamily", "{-,FARGATE}", "Linux"),
        ("ecs:{Create,Delete,Describe,Update}Service* service*.platformVersion", "-", "{LATEST,1.4.0}"),
        ("ecs:{Create,Delete,Describe,Update}Service* service*.roleArn", "-", "*/AWSServiceRoleForECS"),
    ],
    "moto forgets what an INACTIVE service was asked for": [
        ("ecs:{Delete,Describe}Service* service*.deploymentConfiguration", "-", "{*}"),
        ("ecs:{Delete,Describe}Service* service*.healthCheckGracePeriodSeconds", "-", "10"),
    ],
    "moto repeats a task definition as it was asked for": [
        ("ecs:{Delete,Describe,Update}Service* service*.taskDefinition", "life:2", "*:task-definition/life:2"),
    ],
    "moto's services have no tasks, only the counts that `amends.py` gives them": [
        ("ecs:CreateService service.*runningCount", "2", "0"),
        ("ecs:CreateService service.deployments[].rolloutState", "COMPLETED", "IN_PROGRESS"),
        ("ecs:UpdateService service.runningCount", "3", "2"),
        ("ecs:UpdateService service.*runningCount", "0", "3"),
        ("ecs:{Create,Update}Service service.deployments[].rolloutStateReason", "completed by the filter", "ECS deployment *"),
        ("ecs:DescribeServices services[].deployments[].rolloutStateReason", "completed by the filter", "* completed."),
    ],
    "moto has but one deployment, which begins and ends with the service": [
        ("ecs:UpdateService service.deployments", "[{*}]", '[{*"status": "ACTIVE"*}, {*"status": "PRIMARY"*}]'),
        ("ecs:{Delete,Describe,Update}Service* service*.deployments[].id", "ecs-svc/<ecs-svc-1>", "ecs-svc/<ecs-svc-2>"),
        ("ecs:DeleteService service.deployments[].{desiredCount,pendingCount}", "2", "0"),
        ("ecs:DeleteService service.deployments[].rolloutState", "IN_PROGRESS", "COMPLETED"),
        ("ecs:DeleteService service.deployments[].rolloutStateReason", "* in progress.", "* completed."),
        ("ecs:DeleteService service.deployments[].taskDefinition", "*/life:1", "*/life:2"),
        ("ecs:DescribeServices services[].deployments", "[{*}]", "-"),
    ],
    "moto ends a service at once, AWS drains it": [
        ("ecs:DeleteService service.status", "INACTIVE", "DRAINING"),
    ],
    "AWS has no TLS policy where there is no TLS": [
        ("elbv2:{Create,Describe,Modify}Listener* Listeners[].SslPolicy", "ELBSecurityPolicy-2016-08", "-"),
    ],
    "moto tells actions and conditions as they were asked for, AWS in both their forms": [
        ("elbv2:{Create,Describe,Modify}Listener* Listeners[].DefaultActions[].ForwardConfig", "-", '*"Weight": 1*'),
        ("elbv2:{Create,Describe}Rule* Rules[].Actions[].ForwardConfig", "-", '*"Weight": 1*'),
        ("elbv2:{Create,Describe}Rule* Rules[].Conditions[].PathPatternConfig", "-", '{"Values": ["/api/*"]}'),
    ],
    "moto tells less of load balancers": [
        ("elbv2:{Create,Describe}LoadBalancer* LoadBalancers[].CanonicalHostedZoneId", "Z2P70J7EXAMPLE", "Z32O12XQLNTSW2"),
        ("elbv2:{Create,Describe}LoadBalancer* LoadBalancers[].Scheme", "-", "internet-facing"),
        ("elbv2:SetSubnets IpAddressType", "-", "ipv4"),
    ],
    "moto knows few of a load balancer's attributes": [
        ("elbv2:{Modify,Describe}LoadBalancerAttributes Attributes.{access,connection,health_check}_logs.s3.enabled", "-", "false"),
        ("elbv2:{Modify,Describe}LoadBalancerAttributes Attributes.{connection,health_check}_logs.s3.{bucket,prefix}", "-", ""),
        ("elbv2:{Modify,Describe}LoadBalancerAttributes Attributes.client_keep_alive.seconds", "-", "3600"),
        ("elbv2:{Modify,Describe}LoadBalancerAttributes Attributes.routing.http.desync_mitigation_mode", "-", "defensive"),
        ("elbv2:{Modify,Describe}LoadBalancerAttributes Attributes.routing.http.xff_header_processing.mode", "-", "append"),
        ("elbv2:{Modify,Describe}LoadBalancerAttributes Attributes.routing.http2.enabled", "-", "true"),
        (
            "elbv2:{Modify,Describe}LoadBalancerAttributes Attributes.{ipv6.deny_all_igw_traffic,waf.fail_open.enabled,"
            "zonal_shift.config.enabled,routing.http.drop_invalid_header_fields.enabled,routing.http.preserve_host_header.enabled,"
            "routing.http.x_amzn_tls_version_and_cipher_suite.enabled,routing.http.xff_client_port.enabled}",
            "-",
            "false",
        ),
    ],
    "moto knows few of a target group's attributes": [
        ("elbv2:{Modify,Describe}TargetGroupAttributes Attributes.load_balancing.algorithm.anomaly_mitigation", "-", "off"),
        ("elbv2:{Modify,Describe}TargetGroupAttributes Attributes.stickiness.app_cookie.cookie_name", "-", ""),
        ("elbv2:{Modify,Describe}TargetGroupAttributes Attributes.stickiness.{app,lb}_cookie.duration_seconds", "-", "86400"),
        ("elbv2:{Modify,Describe}TargetGroupAttributes *.minimum_healthy_targets.count", "-", "1"),
        ("elbv2:{Modify,Describe}TargetGroupAttributes *.minimum_healthy_targets.percentage", "-", "off"),
    ],
    "AWS answers a change of attributes with all of them": [
        ("elbv2:ModifyTargetGroupAttributes Attributes.load_balancing.algorithm.type", "-", "round_robin"),
        ("elbv2:ModifyTargetGroupAttributes *.cross_zone.enabled", "-", "use_load_balancer_configuration"),
        ("elbv2:ModifyTargetGroupAttributes Attributes.slow_start.duration_seconds", "-", "0"),
        ("elbv2:ModifyTargetGroupAttributes Attributes.stickiness.enabled", "-", "false"),
        ("elbv2:ModifyTargetGroupAttributes Attributes.stickiness.type", "-", "lb_cookie"),
    ],
    "moto has made a load balancer with each wrong call": [
        ("elbv2:CreateLoadBalancer LoadBalancers[].{LoadBalancerArn,DNSName}", "*wrong*", "*wrong*"),
    ],
    "moto balances across zones only if told": [
        ("elbv2:{Modify,Describe}LoadBalancerAttributes Attributes.load_balancing.cross_zone.enabled", "false", "true"),
    ],
    "moto gives a target group an attribute of load balancers": [
        ("elbv2:DescribeTargetGroupAttributes Attributes.waf.fail_open.enabled", "false", "-"),
    ],
    "moto counts a load balancer once for each rule": [
        ("elbv2:DescribeTargetGroups TargetGroups[].LoadBalancerArns", "[*, *]", "[*]"),
    ],
    "moto tells a list without its end": [
        ("iam:ListInstanceProfilesForRole IsTruncated", "-", "false"),
    ],
    "moto tells less of log groups": [
        ("logs:DescribeLogGroups logGroups[].deletionProtectionEnabled", "-", "false"),
        ("logs:DescribeLogGroups logGroups[].logGroupClass", "-", "STANDARD"),
    ],
    "AWS counts a group's bytes later, and a stream's no more": [
        ("logs:DescribeLog{Groups logGroups,Streams logStreams}[].storedBytes", "18", "0"),
    ],
    "AWS's tokens and ids have no meaning": [
        ("logs:DescribeLogStreams logStreams[].uploadSequenceToken", "1", "-"),
        ("logs:FilterLogEvents events[].eventId", "*", "*"),
        ("logs:GetLogEvents nextForwardToken", "f/*", "f/*"),
        ("logs:PutLogEvents nextSequenceToken", "*", "*"),
    ],
    "AWS no longer tells which streams were searched": [
        ("logs:FilterLogEvents searchedLogStreams", "[*]", "-"),
    ],
    "AWS has a code of its own for what isn't there to be scaled": [
        ("application-autoscaling:De{leteScalingPolicy,registerScalableTarget} Error", "ValidationException", "ObjectNotFound*"),
    ],
    "moto tells less of scaling": [
        ("application-autoscaling:DescribeScalableTargets ScalableTargets[].RoleARN", "-", "*_ECSService"),
        ("application-autoscaling:DescribeScalableTargets ScalableTargets[].SuspendedState", "-", "{*}"),
        ("application-autoscaling:DescribeScheduledActions *.ScheduledActionARN", "*scheduledAction:ecs*", "*:<uuid>:resource/ecs*"),
    ],
    "moto tells of a certificate that isn't issued as if it were": [
        ("acm:DescribeCertificate Certificate.{IssuedAt,NotAfter,NotBefore,Serial}", "*", "-"),
    ],
    "AWS writes a key's kind with a hyphen in answers, and signs by SHA-256": [
        ("acm:DescribeCertificate Certificate.KeyAlgorithm", "RSA_2048", "RSA-2048"),
        ("acm:DescribeCertificate Certificate.SignatureAlgorithm", "SHA512WITHRSA", "SHA256WITHRSA"),
    ],
    "moto tells a zone's servers as a set that can be used again, its SOA record as a Python dict": [
        ("route53:{Create,Get}HostedZone DelegationSet.CallerReference", "DelSet_life.example.", "-"),
        ("route53:{Create,Get}HostedZone DelegationSet.Id", "", "-"),
        ("route53:ListResourceRecordSets *.Value", "{'Value': *}", "* awsdns-hostmaster.amazon.com. *"),
    ],
    "moto has one id for all changes to a zone": [
        ("route53:{ChangeResourceRecordSets,DeleteHostedZone} ChangeInfo.Id", "/change/<id-11>", "/change/<id-1*>"),
    ],
    "AWS ends the names of servers with a dot": [
        ("route53:ListResourceRecordSets *.Value", "<*>", "<*>."),
    ],
    "AWS tells changes by path, a list's start as it was asked for, and its end": [
        ("route53:GetChange ChangeInfo.Id", "<*>", "/change/<*>"),
        ("route53:ListHostedZonesByName DNSName", "life.example.", "life.example"),
        ("route53:ListHostedZonesByName {IsTruncated,MaxItems}", "-", "*"),
    ],
}
