"""The requests of a client that isn't boto3, held against the shapes that AWS publishes in botocore's models.

`look` finds the operation of an HTTP request, reads its input back and says what is wrong with it: unknown members, missing
ones, types, enums, ranges, lengths, patterns. Where a model is known to be wrong, `shapes` has it in its tables.
"""

import json
import re
from functools import cache
from urllib.parse import parse_qsl, unquote
from xml.etree import ElementTree

import botocore.session

import shapes
from calls import SERVICES

FORM = "application/x-www-form-urlencoded"
SCOPE = re.compile(r"Credential=[^/]*/\d+/[^/]*/([^/]+)/aws4_request")


def is_ours(headers):
    """Whether a test's own boto3 asks: that holds itself to its models."""
    return "boto3" in headers.get("user-agent", "").lower()


def look(method, path, query, headers, body):
    """The operation (`service:Operation`, or none) and what is wrong. Names of headers are in lower case, the body is bytes."""
    complaints = []
    try:
        operation, read = asked(method, path, query, headers, body, complaints)
        what, shape = f"{operation.service_model.service_name}:{operation.name}", operation.input_shape
        if shape is None:
            return what, complaints
        value = read(shape, what)
        if isinstance(value, dict):
            shapes.check(shape, value, what, complaints)
        return what, complaints
    except (LookupError, ValueError, ElementTree.ParseError) as error:
        return None, [*complaints, f"{method} {path} {headers.get('x-amz-target', '')}: {error!r}"]


def asked(method, path, query, headers, body, complaints):
    """The operation, and a function that reads the input of a shape."""
    if target := headers.get("x-amz-target"):
        prefix, _, name = target.rpartition(".")
        model = first(model for model in models() if model.metadata.get("targetPrefix") == prefix)
        form = f"application/x-amz-json-{model.metadata['jsonVersion']}"
        read = lambda shape, what: shapes.json_value(shape, json.loads(body), what, complaints)
    else:
        scope = SCOPE.search(headers.get("authorization", ""))
        model = first(model for model in models() if scope and model.signing_name == scope[1])
        if model.protocol == "rest-xml":
            return by_path(model, method, path, query, body, complaints)
        fields = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True)
        tree = shapes.form_tree(fields, complaints)
        name, version, form = tree.pop("Action", None), tree.pop("Version", None), FORM
        if version != model.api_version:
            complaints.append(f"{model.service_name}:{name}: version {version}")
        read = lambda shape, what: shapes.form_value(shape, tree or "", model.protocol, what, complaints)
    if (method, path, query) != ("POST", "/", ""):
        complaints.append(f"{model.service_name}:{name}: {method} {path}?{query}")
    if headers.get("content-type", "").partition(";")[0] != form:
        complaints.append(f"{model.service_name}:{name}: content type {headers.get('content-type')}")
    if name not in model.operation_names:
        raise LookupError(f"{model.service_name} has no {name}")
    return model.operation_model(name), read


def first(models):
    if model := next(models, None):
        return model
    raise LookupError("none of the services that are known")


@cache
def models():
    session = botocore.session.get_session()
    return [session.get_service_model(name) for name in SERVICES]


def by_path(model, method, path, query, body, complaints):
    """REST: the operation is in method and path, the input in path, query and an XML body."""
    for name in model.operation_names:
        operation = model.operation_model(name)
        names = re.findall(r"{([^}+]+)\+?}", operation.http["requestUri"])
        pattern = re.sub(r"{[^}]+}", "([^/]+)", operation.http["requestUri"].rstrip("/"))
        if operation.http["method"] == method and (found := re.fullmatch(pattern, path.rstrip("/"))):
            break
    else:
        raise LookupError(f"{model.service_name} has no such path")
    uri = dict(zip(names, map(unquote, found.groups())))
    fields = dict(parse_qsl(query, keep_blank_values=True))

    def read(shape, what):
        value, outside = {}, {}
        for member, inner in shape.members.items():
            place, there = inner.serialization.get("location"), inner.serialization.get("name", member)
            outside[member] = place
            source = {"uri": uri, "querystring": fields}.get(place, {})
            if there in source:
                value[member] = shapes.text_value(inner, source.pop(there), f"{what}.{member}", complaints)
        complaints.extend(f"{what}: {left} is unknown" for left in fields)
        if body:
            root = ElementTree.fromstring(body)
            space = shape.serialization.get("xmlNamespace", {}).get("uri")
            if root.tag != f"{{{space}}}{shape.serialization.get('name')}":
                complaints.append(f"{what}: the body is {root.tag}")
            inside = shapes.xml_members(shape, list(root), what, complaints)
            complaints.extend(f"{what}: {member} belongs to the {outside[member]}" for member in inside if outside[member])
            value |= inside
        return value

    return operation, read
