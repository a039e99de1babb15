#!/usr/bin/env python3
"""Draws the AWS objects of the services in `terraform show -json` (on stdin) as a tree of their keys."""

import json
import re
import sys


def main():
    state = json.load(sys.stdin)
    for resource in state["values"]["root_module"]["resources"]:
        if resource["type"] == "fargate_web_service":
            draw(resource["values"])


def draw(service):
    tree = {}
    for key, made in service["objects"].items():
        branch = tree
        for step in re.split(r"/(?!\d)", key):  # but not in a CIDR block
            branch = branch.setdefault(step, {})
        branch[""] = made
    print(f"{service['name']} ({len(service['objects'])} objects)")
    branches(tree, "")


def branches(tree, indent):
    steps = sorted(step for step in tree if step)
    for step in steps:
        below = tree[step]
        corner, rail = ("└─ ", "   ") if step == steps[-1] else ("├─ ", "│  ")
        made = below.get("")
        label = f"{indent}{corner}{step}"
        print(f"{label:<44} {made['id']}" if made else label)
        branches(below, indent + rail)


if __name__ == "__main__":
    main()
