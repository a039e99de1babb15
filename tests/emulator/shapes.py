"""Values against the shapes of botocore's models, which AWS publishes: of answers and of requests, in each protocol.

A reading takes a value off the wire (`json_value`, `xml_value`, `form_value`) and notes what the model doesn't know; `check`
then holds it against the model: required members, enums, ranges, lengths, patterns. Complaints go to a list, as texts.
"""

import base64
import re
from datetime import datetime
from functools import cache

# Where a model says less than AWS does: the shape's name, where it stands, the values that it should have let pass, and why.
FALSE_MODELS = {
    # "For an internet gateway, the state is available when attached to a VPC" (EC2 API, InternetGatewayAttachment).
    "AttachmentStatus": (".*", "available"),
    # So it stands in what describe-network-interfaces prints, as published by many; the model has natGateway.
    "NetworkInterfaceType": (".*", "nat_gateway"),
    # In lower case in what describe-vpc-endpoints prints (CLI reference, its examples).
    "State": (r".*VpcEndpoints?(\[\])?\.State", "pending|available|deleting"),
    # Answers have a hyphen ("KeyAlgorithm": "RSA-2048", CLI reference, describe-certificate), requests an underscore.
    "KeyAlgorithm": (r".*:(Describe|List)Certificates?\.Certificate(SummaryList\[\])?\.KeyAlgorithm", r"RSA-\d+|EC-\w+"),
}

# Members that a model requires and AWS doesn't always tell, by their structure's shape.
FALSE_REQUIREMENTS = {
    # "For the second and subsequent calls" (Route 53 API reference, ListHostedZones, Marker).
    "ListHostedZonesResponse": {"Marker"},
}


def json_value(shape, found, what, complaints):
    """A value of AWS's JSON, with the members' names of the model."""
    match shape.type_name:
        case "structure":
            if not isinstance(found, dict):
                return complaints.append(f"{what}: {found!r} is not a structure")
            names = {member.serialization.get("name", name): name for name, member in shape.members.items()}
            read = {}
            for key, value in found.items():
                if key not in names:
                    complaints.append(f"{what}: {key} is unknown")
                elif value is not None:
                    name = names[key]
                    read[name] = json_value(shape.members[name], value, f"{what}.{name}", complaints)
            return read
        case "list":
            if not isinstance(found, list):
                return complaints.append(f"{what}: {found!r} is not a list")
            return [json_value(shape.member, one, f"{what}[]", complaints) for one in found]
        case "map":
            if not isinstance(found, dict):
                return complaints.append(f"{what}: {found!r} is not a map")
            return {key: json_value(shape.value, one, f"{what}.{key}", complaints) for key, one in found.items()}
        case "timestamp":
            # Seconds since 1970, unless the model says otherwise.
            is_text = shape.serialization.get("timestampFormat") in ("iso8601", "rfc822")
            return scalar(shape, found, str if is_text else (int, float), what, complaints)
        case "string" | "blob" | "char":
            return scalar(shape, found, str, what, complaints)
        case "boolean":
            return scalar(shape, found, bool, what, complaints)
        case "integer" | "long":
            return scalar(shape, found, int, what, complaints)
        case _:
            return scalar(shape, found, (int, float), what, complaints)


def scalar(shape, found, kind, what, complaints):
    if not isinstance(found, kind) or (kind is not bool and isinstance(found, bool)):
        complaints.append(f"{what}: {found!r} is not a {shape.type_name}")
        return None
    return found


def xml_value(shape, element, what, complaints):
    """An XML element's value. Only what the query protocols and REST/XML make of lists and structures is understood."""
    children = list(element)
    match shape.type_name:
        case "structure":
            return xml_members(shape, children, what, complaints)
        case "list":
            name = shape.member.serialization.get("name", "member")
            complaints += [f"{what}: {plain(child)} is not {name}" for child in children if plain(child) != name]
            return [xml_value(shape.member, child, f"{what}[]", complaints) for child in children]
        case _:
            complaints += [f"{what}: {plain(child)} is in a {shape.type_name}" for child in children]
            return text_value(shape, element.text or "", what, complaints)


def xml_members(shape, children, what, complaints):
    names = {member.serialization.get("name", name): name for name, member in shape.members.items()}
    read = {}
    for child in children:
        name = names.get(plain(child))
        if name is None:
            complaints.append(f"{what}: {plain(child)} is unknown")
        elif shape.members[name].serialization.get("flattened"):
            inner = shape.members[name].member
            read.setdefault(name, []).append(xml_value(inner, child, f"{what}.{name}[]", complaints))
        elif name in read:
            complaints.append(f"{what}: {name} comes twice")
        else:
            read[name] = xml_value(shape.members[name], child, f"{what}.{name}", complaints)
    return read


def plain(element):
    """An element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def text_value(shape, text, what, complaints):
    """A scalar that came as text."""
    try:
        match shape.type_name:
            case "integer" | "long":
                return int(text)
            case "float" | "double":
                return float(text)
            case "boolean":
                return {"true": True, "false": False}[text]
            case "timestamp":
                datetime.fromisoformat(text.replace("Z", "+00:00"))
            case "blob":
                base64.b64decode(text, validate=True)
        return text
    except (KeyError, ValueError):
        complaints.append(f"{what}: {text!r} is not a {shape.type_name}")
        return None


def form_tree(fields, complaints):
    """Names and values of a form as a tree: `A.1.B=c` is `{"A": {"1": {"B": "c"}}}`."""
    tree = {}
    for name, value in fields:
        *path, last = name.split(".")
        branch = tree
        for part in path:
            branch = branch.setdefault(part, {}) if isinstance(branch, dict) else None
        if isinstance(branch, dict) and last not in branch:
            branch[last] = value
        else:
            complaints.append(f"{name} comes twice in the form")
    return tree


def form_value(shape, node, protocol, what, complaints):
    """A value of a form, as a client of the `query` or `ec2` protocol writes it."""
    if shape.type_name not in ("structure", "list", "map"):
        if isinstance(node, dict):
            return complaints.append(f"{what}: {node!r} is not a {shape.type_name}")
        return text_value(shape, node, what, complaints)
    if node == "":
        return [] if shape.type_name == "list" else {}
    if not isinstance(node, dict) or shape.type_name == "map":
        return complaints.append(f"{what}: {node!r} is not a {shape.type_name} that is understood")
    if shape.type_name == "list":
        if protocol == "query" and not shape.serialization.get("flattened"):
            name = shape.member.serialization.get("name", "member")
            if set(node) != {name}:
                return complaints.append(f"{what}: {sorted(node)} are not {name}")
            node = node[name]
        if not isinstance(node, dict) or sorted(node) != sorted(map(str, range(1, len(node) + 1))):
            return complaints.append(f"{what}: {node!r} is not counted from 1")
        ordered = sorted(node.items(), key=lambda item: int(item[0]))
        return [form_value(shape.member, one, protocol, f"{what}[]", complaints) for _, one in ordered]
    names = {form_name(member, name, protocol): name for name, member in shape.members.items()}
    complaints += [f"{what}: {key} is unknown" for key in node if key not in names]
    return {
        names[key]: form_value(shape.members[names[key]], value, protocol, f"{what}.{names[key]}", complaints)
        for key, value in node.items()
        if key in names
    }


def form_name(member, name, protocol):
    if protocol == "ec2":
        there = member.serialization.get("queryName") or member.serialization.get("name") or name
        return member.serialization.get("queryName") or there[0].upper() + there[1:]
    if member.type_name == "list" and member.serialization.get("flattened"):
        return member.member.serialization.get("name", member.serialization.get("name", name))
    return member.serialization.get("name", name)


def check(shape, value, what, complaints, lengths=True):
    """A value that was read, against its shape. Without `lengths`, neither lengths nor patterns of texts count."""
    if value is None:
        return
    match shape.type_name:
        case "structure":
            required = [name for name in shape.required_members if name not in FALSE_REQUIREMENTS.get(shape.name, ())]
            missing = [name for name in required if value.get(name) is None]
            complaints += [f"{what}: {name} is required" for name in missing]
            for name, member in value.items():
                check(shape.members[name], member, f"{what}.{name}", complaints, lengths)
            if getattr(shape, "is_tagged_union", False) and len(value) != 1:
                complaints.append(f"{what}: one of {list(shape.members)} is needed, not {list(value)}")
        case "list":
            if lengths:
                within(shape, len(value), f"{what}: number of elements", complaints)
            for one in value:
                check(shape.member, one, f"{what}[]", complaints, lengths)
        case "map":
            for key, one in value.items():
                check(shape.key, key, f"{what}, key", complaints, lengths)
                check(shape.value, one, f"{what}.{key}", complaints, lengths)
        case "string":
            where, passes = FALSE_MODELS.get(shape.name, ("(?!)", "(?!)"))
            if re.fullmatch(where, what) and re.fullmatch(passes, value):
                return
            if shape.enum and value not in shape.enum:
                complaints.append(f"{what}: {value!r} is none of {shape.enum}")
            if lengths:
                within(shape, len(value), f"{what}: length of {value!r}", complaints)
                pattern = compiled(shape.metadata.get("pattern"))
                if pattern and not pattern.fullmatch(value):
                    complaints.append(f"{what}: {value!r} doesn't match {shape.metadata['pattern']}")
        case "integer" | "long" | "float" | "double":
            within(shape, value, what, complaints)


def within(shape, number, what, complaints):
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if (least is not None and number < least) or (most is not None and number > most):
        complaints.append(f"{what}: {number} is not in {least} to {most}")


@cache
def compiled(pattern):
    """A model's pattern (Java's dialect), or none where Python has no such thing."""
    if not pattern:
        return None
    for theirs, ours in [(r"\p{L}", r"a-zA-Z\u00aa-\uffdc"), (r"\p{Z}", r" \u00a0\u2000-\u200a"), (r"\p{N}", "0-9")]:
        pattern = pattern.replace(theirs, ours)
    try:
        return re.compile(pattern)
    except re.error:
        return None
