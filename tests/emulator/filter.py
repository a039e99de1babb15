"""What stands between the provider and moto: logs the calls, and holds or fails those that rules name.

Each call in the log that isn't of the tests' own boto3 has `wrong`: what AWS's models find wrong with it (see `asked.py`).

Rules are a JSON list, read again on every call:
    {"service": "ec2", "action": "CreateNatGateway", "nth": 2, "effect": "hold"}
`service` and `action` left out mean any; `nth` counts the matching calls from 1 since the rule was set, and left out
means every one. The effects:
    hold        the call waits until the rule is gone
    fail        the call is refused with `status`, `code` and `message`, and has no effect
    fail_after  the call has its effect, but its answer is lost: the connection closes
"""

import json
import re
import socket
import threading
import time
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qs

import asked

LOOK_AGAIN = 0.02


class Filter:
    """WSGI middleware around moto's application."""

    def __init__(self, app, services, log=None, rules=None):
        self.app = app
        self.services = services
        self.log = open(log, "a", encoding="utf-8", buffering=1) if log else None
        self.rules = Rules(rules)
        self.count = 0
        self.lock = threading.Lock()
        self.one_at_a_time = threading.Lock()

    def __call__(self, environ, start_response):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        service, action = service_of(environ), action_of(environ, body)
        with self.lock:
            self.count += 1
            n = self.count
        held_against = self.held_against(environ, body)
        rule = self.rules.match(service, action)
        effect = rule["effect"] if rule else None
        if effect == "hold":
            self.write(n, service, action, held=True)
            while self.rules.stands(rule):
                time.sleep(LOOK_AGAIN)
        if effect == "fail":
            status, headers, answer = refusal(environ, service, rule)
        else:
            status, headers, answer = self.ask(environ, body)
            if service == "ecs" and status.startswith("200"):
                answer = self.services.amend(action, body, answer)
        self.write(n, service, action, status=int(status.split()[0]), **held_against, **({"effect": effect} if effect else {}))
        if effect == "fail_after":
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            raise ConnectionAbortedError("a rule loses this answer")
        headers = [(name, value) for name, value in headers if name.lower() != "content-length"]
        start_response(status, [*headers, ("Content-Length", str(len(answer)))])
        return [answer]

    def held_against(self, environ, body):
        """What the log says of a call that isn't ours: what is wrong with it."""
        headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")}
        if not self.log or asked.is_ours(headers):
            return {}
        headers["content-type"] = environ.get("CONTENT_TYPE", "")
        path, _, query = environ["RAW_URI"].partition("?")
        _, wrong = asked.look(environ["REQUEST_METHOD"], path, query, headers, body)
        return {"wrong": wrong}

    def ask(self, environ, body):
        """Moto's answer: status line, headers, body."""
        told = []

        def start_response(status, headers, exc_info=None):
            told[:] = [status, headers]

        with self.one_at_a_time:
            answer = self.app({**environ, "wsgi.input": BytesIO(body)}, start_response)
            try:
                return *told, b"".join(answer)
            finally:
                getattr(answer, "close", lambda: None)()

    def write(self, n, service, action, **more):
        if self.log:
            with self.lock:
                self.log.write(json.dumps({"n": n, "service": service, "action": action, **more}) + "\n")


class Rules:
    """The rules of a file, each with the number of calls it has matched. The file may come, change and go."""

    def __init__(self, path):
        self.path = Path(path) if path else None
        self.text = None
        self.rules = []
        self.lock = threading.Lock()

    def match(self, service, action):
        """The first rule that this call falls under."""
        with self.lock:
            found = None
            for entry in self.current():
                rule = entry["rule"]
                if rule.get("service", service) != service or rule.get("action", action) != action:
                    continue
                entry["count"] += 1
                if found is None and rule.get("nth", entry["count"]) == entry["count"]:
                    found = rule
            return found

    def stands(self, rule):
        with self.lock:
            return any(entry["rule"] == rule for entry in self.current())

    def current(self):
        """The rules as the file has them now; a rule that stays keeps its count."""
        try:
            text = self.path.read_text(encoding="utf-8") if self.path else ""
        except FileNotFoundError:
            text = ""
        if text != self.text:
            before = self.rules
            self.rules = [
                next((entry for entry in before if entry["rule"] == rule), {"rule": rule, "count": 0})
                for rule in json.loads(text or "[]")
            ]
            self.text = text
        return self.rules


def service_of(environ):
    """The service in the signature's scope: `Credential=KEY/DATE/REGION/SERVICE/aws4_request`."""
    scope = re.search(r"Credential=[^/]*/\d+/[^/]*/([^/]+)/aws4_request", environ.get("HTTP_AUTHORIZATION", ""))
    return scope[1] if scope else "unsigned"


def action_of(environ, body):
    """The action, wherever the protocol has it: a header (JSON), a form field (query) or the path (RPC v2)."""
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        return target.rpartition(".")[2]
    if operation := re.search(r"/service/[^/]+/operation/([^/]+)$", environ["PATH_INFO"]):
        return operation[1]
    form = parse_qs(body.decode("utf-8", "replace"))
    return form["Action"][0] if "Action" in form else f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"


def refusal(environ, service, rule):
    """An error in the protocol of the call."""
    code, message = rule.get("code", "InternalFailure"), rule.get("message", "refused by a rule of the test")
    status = f"{rule.get('status', 400)} refused"
    if environ.get("HTTP_X_AMZ_TARGET"):
        answer = json.dumps({"__type": code, "message": message})
        return status, [("Content-Type", "application/x-amz-json-1.1")], answer.encode()
    error = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    if service == "ec2":
        answer = f"<Response><Errors>{error}</Errors><RequestID>rule</RequestID></Response>"
    else:
        answer = f"<ErrorResponse>{error}<RequestId>rule</RequestId></ErrorResponse>"
    return status, [("Content-Type", "text/xml")], answer.encode()

