#!/usr/bin/env python3
"""A hand behind Terraform's back, for the tests: makes the AWS calls that it reads on stdin, until stdin closes.

A line asks `["ec2", "describe_vpcs", {"VpcIds": [...]}]` (names are boto3's) or `"census"`; a line answers
`{"answer": ...}` or `{"error": "..."}`. One process for many calls: boto3 is slow to load a service.
"""

import functools
import json
import sys

import boto3
import botocore.exceptions
from botocore.config import Config

import census


def main(endpoint, region):
    once = Config(retries={"total_max_attempts": 1})
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    session = boto3.Session(region_name=region, **keys)
    client = functools.cache(lambda service: session.client(service, endpoint_url=endpoint, config=once))
    for line in sys.stdin:
        print(json.dumps(answer(client, json.loads(line)), default=str), flush=True)


def answer(client, asked):
    if asked == "census":
        return {"answer": census.count(client)}
    service, operation, arguments = asked
    try:
        told = getattr(client(service), operation)(**arguments)
    except botocore.exceptions.ClientError as error:
        return {"error": str(error)}
    told.pop("ResponseMetadata", None)
    return {"answer": told}


if __name__ == "__main__":
    main(*sys.argv[1:])
