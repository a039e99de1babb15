#!/usr/bin/env python3
"""AWS on loopback for the tests and the demo: moto behind a small filter, which the provider knows nothing of.

First line on stdout: `LISTENING http://127.0.0.1:PORT`. It ends when its stdin closes or its parent is gone, so that
no test leaves a process behind; or, given `-- COMMAND`, it runs that with the AWS environment set, and ends with it.

What surprises: moto isn't written for concurrent calls, so they pass one at a time.
"""

import argparse
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time

os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"  # the execution role attaches one of AWS's own policies

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

from amends import Services, amend_clusters, amend_nat_gateways, amend_security_group_rules
from filter import Filter


def main():
    args = arguments()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    amend_clusters()
    amend_nat_gateways()
    amend_security_group_rules()
    moto = DomainDispatcherApplication(create_backend_app)
    app = Filter(moto, Services(args.complete_rollouts), log=args.log, rules=args.rules)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=MotoRequestHandler)
    url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    if args.command:
        leave(run(args.command, url))
    print(f"LISTENING {url}", flush=True)
    threading.Thread(target=leave_with_parent, args=[os.getppid()], daemon=True).start()
    while sys.stdin.buffer.read(4096):
        pass
    leave(0)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--complete-rollouts", action="store_true", help="show every ECS rollout as completed")
    parser.add_argument("--log", help="write each call as a line of JSON to this file")
    parser.add_argument("--rules", help="hold or fail the calls that the rules in this file name (see filter.py)")
    parser.add_argument("command", nargs="*", metavar="COMMAND", help="run this, after `--`")
    return parser.parse_args()


def run(command, url):
    """Runs the command against the emulator. An interrupt is the command's to handle: Terraform ends in good order."""
    aws = {
        "AWS_ENDPOINT_URL": url,
        "AWS_REGION": os.environ.get("AWS_REGION", "eu-west-3"),
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    child = subprocess.Popen(command, env=inherited | aws)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    return child.wait()


def leave_with_parent(parent):
    while os.getppid() == parent:
        time.sleep(0.5)
    leave(0)


def leave(code):
    """Ends at once, whatever calls are being held."""
    sys.stdout.flush()
    os._exit(code if code >= 0 else 128 - code)


if __name__ == "__main__":
    main()
