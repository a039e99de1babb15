"""moto against the simulator: `compare.py URL` plays one life on both, and compares the answers member by member.

Each difference must stand in `differences.py` with its reason, and each entry there must still occur. What no two AWS
accounts have in common is named by its order of appearance (ids, ARNs' random parts) or left out (times, texts of errors,
addresses). An empty list, an empty structure and none at all are one.
"""

import json
import re
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

from botocore.exceptions import ClientError

import life
from calls.client import Aws
from differences import DIFFERENCES

PATIENCE = 30.0
LOOK_AGAIN = 0.005

RANDOM = re.compile(
    r"\b(?:[a-z]+-)*[a-z]+-[0-9a-f]{17}\b|\b(?:vpc|subnet|sg|eni|acl|rtb|igw|dopt|ela-attach)-[0-9a-f]{8}\b"
    r"|\b[0-9a-f]{32}\b|\b[0-9a-f]{16}\b|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\bAROA[0-9A-Z]+\b"
    r"|(?<=ecs-svc/)[0-9]+|(?<=service-deployment/life/web/)\w+|(?<=-)[0-9]+(?=\.eu-west-1\.elb)"
    r"|(?<=/change/)\w+|\bC[0-9A-Z]{13}\b|(?<=/hostedzone/)\w+|\bns-[0-9]+\.awsdns-[0-9]+\.(?:com|net|org|co\.uk)"
    r"|(?<=\b_)[0-9a-f]{32}\b|(?<=\.)[a-z]{10}(?=\.acm-validations)|(?<=scalable-target/)\w+"
    r"|(?<=-)[0-9]+\.eu-west-1(?=\.elb)|(?<=listener-rule/app/life/[0-9a-f]{16}/[0-9a-f]{16}/)[0-9]+"
)
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
KIND = re.compile(
    r"([a-z][a-z-]*?)-[0-9a-f]+$|arn:aws:[a-z-]+:[^:]*:[0-9]+:([a-z-]+)/|([a-z]+-svc)/|[a-z]+-[0-9]+\.(?:eu-west-1\.)?(elb)"
)
TIMES = re.compile(r".*(?:Time|Timestamp|timestamp|At|Date)$")
ADDRESSES = {"PublicIp", "PrivateIp", "PrivateIpAddress", "PrivateDnsName", "PublicDnsName", "MacAddress"}


class Call:
    """Makes calls to one AWS, and keeps what came of them."""

    def __init__(self, aws):
        self.aws = aws
        self.names = {}
        self.kinds = {}
        self.told = []

    def __call__(self, service, operation, /, **ask):
        answer, outcome = self.ask(service, operation, ask)
        self.keep(service, operation, outcome)
        return answer

    def settle(self, service, operation, settled, /, **ask):
        """Asks until the answer is as it will stay, and keeps only that one."""
        end = time.monotonic() + PATIENCE
        while True:
            answer, outcome = self.ask(service, operation, ask)
            if answer is None or settled(answer):
                break
            assert time.monotonic() < end, f"{self.aws.url} {operation} {ask} doesn't settle: {json.dumps(answer, default=str)}"
            time.sleep(LOOK_AGAIN)
        self.keep(service, operation, outcome)
        return answer

    def insist(self, service, operation, /, **ask):
        """Asks until it isn't refused, for what needs another thing to be known everywhere; keeps only the last answer."""
        end = time.monotonic() + PATIENCE
        while True:
            answer, outcome = self.ask(service, operation, ask)
            if answer is not None or time.monotonic() > end:
                break
            time.sleep(LOOK_AGAIN)
        self.keep(service, operation, outcome)
        return answer

    def ask(self, service, operation, ask):
        try:
            answer = getattr(self.aws(service), operation)(**ask)
        except ClientError as error:
            found = error.response
            return None, {"Error": found["Error"]["Code"], "Status": found["ResponseMetadata"]["HTTPStatusCode"]}
        return answer, answer

    def keep(self, service, operation, outcome):
        outcome = {name: value for name, value in outcome.items() if name != "ResponseMetadata"}
        action = "".join(word.capitalize() for word in operation.split("_"))
        self.told.append((f"{service}:{action}", self.plain(outcome)))

    def plain(self, value, key=""):
        """A value without what is random in it; empty parts are none."""
        if isinstance(value, dict):
            parts = {name: self.plain(part, name) for name, part in value.items()}
            return {name: part for name, part in parts.items() if part not in ({}, [], None)}
        if key == "Attributes" and isinstance(value, list) and value and "Key" in value[0]:
            return {one["Key"]: one["Value"] for one in value}
        if isinstance(value, (list, tuple)):
            kind = lambda part: part.get("Type", "") if isinstance(part, dict) else ""
            order = lambda part: (kind(part), json.dumps(part, sort_keys=True))
            return sorted((self.plain(part, key) for part in value), key=order)
        if isinstance(value, datetime) or (TIMES.match(key) and isinstance(value, (int, float, str))):
            return "<time>"
        if key in ADDRESSES:
            return "<address>"
        return RANDOM.sub(self.name, value) if isinstance(value, str) else value

    def name(self, found):
        """`<subnet-2>` for the second subnet that is told of; nobody tells UUIDs apart."""
        if UUID.fullmatch(found[0]):
            return "<uuid>"
        if found[0] not in self.names:
            kind = KIND.match(found[0]) or KIND.match(found.string)
            kind = next(filter(None, kind.groups())) if kind else "id"
            self.kinds[kind] = self.kinds.get(kind, 0) + 1
            self.names[found[0]] = f"<{kind}-{self.kinds[kind]}>"
        return self.names[found[0]]


class Comparison:
    def __init__(self):
        self.members = 0
        self.found = []

    def compare(self, where, moto, simulator):
        """Two values member by member; a refusal against an answer is one difference."""
        if isinstance(moto, dict) and isinstance(simulator, dict) and ("Error" in moto) == ("Error" in simulator):
            for name in sorted(moto.keys() | simulator.keys()):
                path = f"{where}.{name}" if " " in where else f"{where} {name}"
                self.compare(path, moto.get(name), simulator.get(name))
        elif isinstance(moto, list) and isinstance(simulator, list) and len(moto) == len(simulator):
            for pair in zip(moto, simulator):
                self.compare(f"{where}[]", *pair)
        else:
            self.members += 1
            if moto != simulator:
                self.found.append((where, brief(moto), brief(simulator)))


def brief(value):
    if value is None:
        return "-"
    if isinstance(value, dict) and "Error" in value:
        return f"! {value['Error']}"
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def spelled(entry):
    """An entry as all that its braces stand for: `{a,b}` is two entries, each of which must occur."""
    for number, text in enumerate(entry):
        if braces := re.search(r"\{([\w-][^{}\"]*,[^{}\"]*)\}", text):
            texts = [text[: braces.start()] + part + text[braces.end() :] for part in braces[1].split(",")]
            return [one for text in texts for one in spelled((*entry[:number], text, *entry[number + 1 :]))]
    return [entry]


def listed(difference, entry):
    """`*` in an entry stands for anything."""
    matches = lambda value, pattern: re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), value, re.DOTALL)
    return all(map(matches, difference, entry))


def main(url):
    emulator = Path(__file__).with_name("emulator.py")
    command = [sys.executable, "-B", emulator, "--complete-rollouts"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as moto:
        try:
            address = moto.stdout.readline().removeprefix("LISTENING ").strip()
            # That the simulator's answers have AWS's shapes is for judge.py to say.
            calls = [Call(Aws(address, strict=False)), Call(Aws(url, strict=False))]
            for call in calls:
                life.live(call)
        finally:
            moto.stdin.close()
    comparison = Comparison()
    assert [action for action, _ in calls[0].told] == [action for action, _ in calls[1].told], "the lives went apart"
    for (action, theirs), (_, ours) in zip(calls[0].told, calls[1].told):
        comparison.compare(action, theirs, ours)
    entries = [one for entries in DIFFERENCES.values() for entry in entries for one in spelled(entry)]
    new = {difference for difference in comparison.found if not any(listed(difference, entry) for entry in entries)}
    stale = [entry for entry in entries if not any(listed(difference, entry) for difference in comparison.found)]
    for difference in sorted(new):
        print(f"a difference without a reason: {difference}", file=sys.stderr)
    for entry in stale:
        print(f"a difference that is no more: {entry}", file=sys.stderr)
    if new or stale:
        sys.exit(1)
    told, lines = len(calls[0].told), sum(map(len, DIFFERENCES.values()))
    found = len(set(comparison.found))
    print(f"{told} calls, {comparison.members} members, {found} differences in {lines} entries with {len(DIFFERENCES)} reasons")


if __name__ == "__main__":
    main(*sys.argv[1:])
