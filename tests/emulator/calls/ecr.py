"""Repositories and images."""

from .client import refused, same

NAME = {"repositoryName": "judge/app"}


def build(aws, _):
    aws = aws("ecr")
    made = aws.create_repository(**NAME, tags=[{"Key": "a", "Value": "b"}])["repository"]
    same(made, NAME | {"registryId": "123456789012", "imageTagMutability": "MUTABLE"}, "repository")
    refused("RepositoryAlreadyExistsException", 400, aws.create_repository, **NAME)
    refused("InvalidParameterException", 400, aws.create_repository, repositoryName="No")
    same(aws.describe_repositories(repositoryNames=["judge/app"])["repositories"], [NAME], "repositories")
    refused("RepositoryNotFoundException", 400, aws.describe_repositories, repositoryNames=["nobody"])
    assert aws.describe_images(**NAME)["imageDetails"] == []
    refused("ImageNotFoundException", 400, aws.describe_images, **NAME, imageIds=[{"imageTag": "1"}])
    refused("RepositoryNotFoundException", 400, aws.describe_images, repositoryName="nobody")
    found = aws.batch_get_image(**NAME, imageIds=[{"imageTag": "1"}])
    same(found, {"images": [], "failures": [{"failureCode": "ImageNotFound"}]}, "images")
    [token] = aws.get_authorization_token()["authorizationData"]
    assert token["authorizationToken"] and token["expiresAt"], token


def clear(aws, _):
    aws = aws("ecr")
    aws.delete_repository(**NAME)
    refused("RepositoryNotFoundException", 400, aws.delete_repository, **NAME)
