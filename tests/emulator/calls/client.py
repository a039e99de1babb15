"""The client of the judges: boto3, which lets no answer pass that botocore's models don't know."""

import json
import time
from xml.etree import ElementTree

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

import shapes

PATIENCE = 30.0
LOOK_AGAIN = 0.005


class Aws:
    """An AWS at a URL: `aws("ec2")` is boto3's client. Remembers which operations have been answered well."""

    def __init__(self, url, strict=True):
        self.url = url
        self.strict = strict
        self.clients = {}
        self.succeeded = set()
        self.refusals = set()

    def __call__(self, service):
        if service not in self.clients:
            self.clients[service] = self.made(service)
        return self.clients[service]

    def made(self, service, **config):
        """A client whose retries don't hide anything."""
        client = boto3.client(
            service,
            endpoint_url=self.url,
            region_name="eu-west-1",
            aws_access_key_id="simulated",
            aws_secret_access_key="simulated",
            config=Config(retries={"total_max_attempts": 1}, **config),
        )
        client.meta.events.register("after-call", self.after_call)
        return client

    def after_call(self, http_response, parsed, model, **_):
        what = f"{model.service_model.service_name}:{model.name}"
        if http_response.status_code < 300:
            complaints = accept(model, http_response.content) if self.strict else []
            assert not complaints, "\n".join(complaints)
            self.succeeded.add(what)
        else:
            self.refusals.add((what, parsed.get("Error", {}).get("Code")))


def accept(model, body):
    """What is wrong with an answer by the operation's model: botocore itself wouldn't mind."""
    shape, what, complaints = model.output_shape, f"{model.service_model.service_name}:{model.name}", []
    if shape is None:
        return complaints
    match model.service_model.protocol:
        case "json":
            found = shapes.json_value(shape, json.loads(body), what, complaints)
        case "ec2":
            children = [child for child in ElementTree.fromstring(body) if shapes.plain(child) != "requestId"]
            found = shapes.xml_members(shape, children, what, complaints)
        case "query":
            results = [child for child in ElementTree.fromstring(body) if shapes.plain(child) == f"{model.name}Result"]
            found = shapes.xml_members(shape, [inner for child in results for inner in child], what, complaints)
        case "rest-xml":
            found = shapes.xml_members(shape, list(ElementTree.fromstring(body)) if body else [], what, complaints)
            # What comes in headers isn't looked at.
            found |= {name: "" for name, member in shape.members.items() if member.serialization.get("location")}
    shapes.check(shape, found, what, complaints, lengths=False)
    return complaints


def same(found, expected, what):
    """What is expected must be there, and may have more around it."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key, value in expected.items():
            assert key in found, f"{what}: {key} is missing in {found}"
            same(found[key], value, f"{what}.{key}")
    elif isinstance(expected, list) and isinstance(found, list):
        assert len(found) == len(expected), f"{what}: {found} is not {expected}"
        for number, pair in enumerate(zip(found, expected)):
            same(*pair, f"{what}[{number}]")
    else:
        assert found == expected, f"{what}: {found!r} is not {expected!r}"


def refused(code, status, call, **ask):
    """The call must fail in this way."""
    try:
        call(**ask)
    except ClientError as error:
        found = error.response
        assert found["Error"]["Code"] == code, f"{code}: {found}"
        assert found["ResponseMetadata"]["HTTPStatusCode"] == status, f"{status}: {found}"
        assert found["ResponseMetadata"]["RequestId"], f"no request id: {found}"
        return error
    raise AssertionError(f"{code} was expected, and the call went through")


def until(what, condition):
    """Waits for a condition, and gives what it became."""
    end = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < end, f"{what} was waited for in vain"
        time.sleep(LOOK_AGAIN)
    return found


def pages(client, operation, member, size=None, **ask):
    """All elements of a list that is told page by page; with a size there must be more than one page."""
    config = {"PageSize": size} if size else {}
    found = list(client.get_paginator(operation).paginate(**ask, PaginationConfig=config))
    assert not size or len(found) > 1, f"{operation}: one page of {size}"
    return [one for page in found for one in page[member]]
