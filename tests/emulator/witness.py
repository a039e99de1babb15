#!/usr/bin/env python3
"""Stands between a client and an AWS at a URL, changes nothing, and notes what is wrong with the requests: `witness.py URL`.

First line on stdout: `LISTENING http://127.0.0.1:PORT`. A line on stdin asks, and a line answers, what was seen until then:
`{"operations": {"ec2:CreateVpc": 1, …}, "wrong": [...]}`. It ends when its stdin closes.

What surprises: an answer that never comes closes the connection to the client too, as the AWS behind it has done.
"""

import http.client
import json
import sys
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import asked

MOST_BYTES = 8 * 1024 * 1024
MOST_AT_ONCE = 64
PATIENCE = 60.0
# They belong to one connection, and ours are two.
OWN = {"connection", "keep-alive", "transfer-encoding", "content-length"}


class Witness(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = PATIENCE

    def carry(self):
        length = int(self.headers.get("Content-Length") or 0)
        if length > MOST_BYTES or "Transfer-Encoding" in self.headers:
            self.close_connection = True
            return self.send_error(413)
        body = self.rfile.read(length)
        self.server.note(self.command, self.path, {name.lower(): value for name, value in self.headers.items()}, body)
        with self.server.room:
            there = http.client.HTTPConnection(self.server.there, timeout=PATIENCE)
            try:
                headers = {name: value for name, value in self.headers.items() if name.lower() not in OWN}
                there.request(self.command, self.path, body, headers)
                answer = there.getresponse()
                told = answer.read()
            except (OSError, http.client.HTTPException):
                self.close_connection = True
                return
            finally:
                there.close()
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in OWN:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    do_GET = do_POST = do_PUT = do_DELETE = carry

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, url):
        super().__init__(("127.0.0.1", 0), Witness)
        self.there = urlsplit(url).netloc
        self.room = threading.BoundedSemaphore(MOST_AT_ONCE)
        self.lock = threading.Lock()
        self.operations = Counter()
        self.wrong = []

    def note(self, method, target, headers, body):
        if asked.is_ours(headers):
            return
        path, _, query = target.partition("?")
        with self.lock:
            operation, wrong = asked.look(method, path, query, headers, body)
            self.operations[operation or "none"] += 1
            self.wrong += wrong

    def handle_error(self, *_):
        """A client that has gone is no matter of ours."""


def main(url):
    asked.models()
    server = Server(url)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"LISTENING http://127.0.0.1:{server.server_port}", flush=True)
    for _ in sys.stdin:
        with server.lock:
            print(json.dumps({"operations": dict(sorted(server.operations.items())), "wrong": server.wrong}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
