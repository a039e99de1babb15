"""Gateway endpoints and their prefix lists, regions, the account's attributes, public subnets."""

from .client import pages, refused, same, until
from .ec2 import MISSING, named

REGION = "eu-west-1"
S3 = f"com.amazonaws.{REGION}.s3"


def build(aws, scene):
    aws = aws("ec2")
    same(aws.describe_regions(RegionNames=[REGION])["Regions"], [{"RegionName": REGION, "OptInStatus": "opt-in-not-required"}], "regions")
    refused("InvalidParameterValue", 400, aws.describe_regions, RegionNames=["nowhere-1"])
    [default] = aws.describe_account_attributes(AttributeNames=["default-vpc"])["AccountAttributes"]
    assert default["AttributeName"] == "default-vpc" and default["AttributeValues"], default
    subnet = {"SubnetIds": scene.subnets[:1]}
    for value in [True, False]:
        aws.modify_subnet_attribute(SubnetId=scene.subnets[0], MapPublicIpOnLaunch={"Value": value})
        assert aws.describe_subnets(**subnet)["Subnets"][0]["MapPublicIpOnLaunch"] is value
    public = {"MapPublicIpOnLaunch": {"Value": True}}
    refused("InvalidSubnetID.NotFound", 400, aws.modify_subnet_attribute, SubnetId=f"subnet-{MISSING}", **public)

    gateways = [{"Name": "service-type", "Values": ["Gateway"]}]
    assert S3 in aws.describe_vpc_endpoint_services(Filters=gateways)["ServiceNames"]
    refused("InvalidServiceName", 400, aws.create_vpc_endpoint, VpcId=scene.vpc, ServiceName="com.amazonaws.x.s3")
    refused("InvalidVpcID.NotFound", 400, aws.create_vpc_endpoint, VpcId=f"vpc-{MISSING}", ServiceName=S3)
    ask = {"VpcId": scene.vpc, "ServiceName": S3, "RouteTableIds": [scene.table], "ClientToken": "judge"}
    made = aws.create_vpc_endpoint(**ask, TagSpecifications=named("vpc-endpoint", "judge"))["VpcEndpoint"]
    same(made, {"VpcEndpointType": "Gateway", "VpcId": scene.vpc, "RouteTableIds": [scene.table]}, "endpoint")
    scene.endpoint = endpoint = made["VpcEndpointId"]
    look = lambda: aws.describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"][0]
    until("the endpoint", lambda: look()["State"] == "available")
    refused("InvalidVpcEndpointId.NotFound", 400, aws.describe_vpc_endpoints, VpcEndpointIds=[f"vpce-{MISSING}"])
    [lists] = pages(aws, "describe_prefix_lists", "PrefixLists", Filters=[{"Name": "prefix-list-name", "Values": [S3]}])
    by_id = {"PrefixListIds": [lists["PrefixListId"]]}
    same(aws.describe_managed_prefix_lists(**by_id)["PrefixLists"], [{"PrefixListName": S3}], "lists")
    through = lambda: [one for one in aws.describe_route_tables(RouteTableIds=[scene.table])["RouteTables"][0]["Routes"] if one.get("GatewayId") == endpoint]
    same(until("the endpoint's route", through), [{"DestinationPrefixListId": lists["PrefixListId"]}], "routes")
    aws.modify_vpc_endpoint(VpcEndpointId=endpoint, RemoveRouteTableIds=[scene.table])
    until("the endpoint's route to go", lambda: not through())


def clear(aws, scene):
    aws = aws("ec2")
    ends = [scene.endpoint, f"vpce-{MISSING}"]
    same(aws.delete_vpc_endpoints(VpcEndpointIds=ends)["Unsuccessful"], [{"ResourceId": ends[1]}], "unsuccessful")
    mine = [{"Name": "vpc-id", "Values": [scene.vpc]}]
    until("the endpoint to go", lambda: not aws.describe_vpc_endpoints(Filters=mine)["VpcEndpoints"])
