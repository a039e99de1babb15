"""Parameters."""

from .client import refused, same


def build(aws, _):
    aws = aws("ssm")
    name, text = "/judge/one", 'quotes " and <tags> & ünï\n'
    put = aws.put_parameter(Name=name, Value=text, Type="String", Tags=[{"Key": "a", "Value": "b"}])
    assert put["Version"] == 1, put
    refused("ParameterAlreadyExists", 400, aws.put_parameter, Name=name, Value="x", Type="String")
    same(aws.get_parameter(Name=name)["Parameter"], {"Name": name, "Value": text, "Version": 1}, "parameter")
    found = aws.get_parameters(Names=[name, "/judge/none"], WithDecryption=True)
    same(found, {"Parameters": [{"Name": name, "Value": text}], "InvalidParameters": ["/judge/none"]}, "parameters")
    found = aws.get_parameters_by_path(Path="/judge", MaxResults=1)
    same(found["Parameters"], [{"Name": name, "Value": text}], "parameters under a path")
    refused("ValidationException", 400, aws.get_parameters_by_path, Path="judge")
    refused("ValidationException", 400, aws.put_parameter, Name="/judge/none", Value="x", Overwrite=True)
    tags = lambda: aws.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"]
    same(tags(), [{"Key": "a", "Value": "b"}], "tags")
    aws.add_tags_to_resource(ResourceType="Parameter", ResourceId=name, Tags=[{"Key": "c", "Value": ""}])
    aws.remove_tags_from_resource(ResourceType="Parameter", ResourceId=name, TagKeys=["a"])
    same(tags(), [{"Key": "c", "Value": ""}], "tags")
    assert aws.put_parameter(Name=name, Value="x", Type="String", Overwrite=True)["Version"] == 2
    aws.delete_parameter(Name=name)
    error = refused("ParameterNotFound", 400, aws.get_parameter, Name=name)
    assert isinstance(error, aws.exceptions.ParameterNotFound), type(error)
    refused("ParameterNotFound", 400, aws.delete_parameter, Name=name)
    refused("InvalidResourceId", 400, aws.list_tags_for_resource, ResourceType="Parameter", ResourceId=name)


def clear(_, __):
    pass
