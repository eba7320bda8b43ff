"""A client for the tests of s3://, with what Python brings along: python3 scripts/s3.py COMMAND ...

bucket NAME             make a bucket
tree FOLDER s3://B/P    put all files of a folder below a prefix
put FILE s3://B/K       put one
get s3://B/K            print one
copy s3://B/P FOLDER    write all below a prefix as files of a new folder
list s3://B/P           print the keys below a prefix
remove s3://B/K         remove one
proxy PORT RULE...      pass requests on; the Nth of a kind is spoiled: KIND:N:HOW with HOW 503, cut, stall or reset, N a number or "all"

The store and its keys are those of AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
"""

import datetime
import hashlib
import hmac
import http.client
import http.server
import os
import socket
import struct
import sys
import threading
import time
import urllib.parse
import xml.etree.ElementTree as ElementTree

ENDPOINT = urllib.parse.urlsplit(os.environ.get("AWS_ENDPOINT_URL", "http://127.0.0.1:7070"))
REGION = "us-east-1"


def signed(method, path, query, body):
    """The headers of a request, signed as AWS's version 4 asks for it."""
    now = datetime.datetime.now(datetime.timezone.utc)
    stamp, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
    digest = hashlib.sha256(body).hexdigest()
    headers = {"host": ENDPOINT.netloc, "x-amz-content-sha256": digest, "x-amz-date": stamp}
    names = ";".join(headers)
    lines = [method, path, query, *(f"{k}:{v}" for k, v in headers.items()), "", names, digest]
    scope = f"{day}/{REGION}/s3/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256("\n".join(lines).encode()).hexdigest()])
    key = ("AWS4" + os.environ["AWS_SECRET_ACCESS_KEY"]).encode()
    for part in (day, REGION, "s3", "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    sign = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    access = os.environ["AWS_ACCESS_KEY_ID"]
    headers["authorization"] = f"AWS4-HMAC-SHA256 Credential={access}/{scope}, SignedHeaders={names}, Signature={sign}"
    return headers


CONNECTION = None


def ask(method, place, body=b"", query=None):
    """The answer to a request; anything but success ends the program."""
    global CONNECTION
    path = "/" + urllib.parse.quote(place.removeprefix("s3://"))
    text = "&".join(f"{urllib.parse.quote(k, safe='')}={urllib.parse.quote(v, safe='')}" for k, v in sorted((query or {}).items()))
    if CONNECTION is None:
        CONNECTION = http.client.HTTPConnection(ENDPOINT.netloc, timeout=30)
    CONNECTION.request(method, path + ("?" + text if text else ""), body, signed(method, path, text, body))
    answer = CONNECTION.getresponse()
    content = answer.read()
    if answer.status >= 300:
        sys.exit(f"s3.py: {method} {place}: {answer.status} {content.decode(errors='replace')}")
    return content


def keys(place):
    """The keys below a prefix."""
    bucket, _, prefix = place.removeprefix("s3://").partition("/")
    more = {"list-type": "2", "prefix": prefix}
    while True:
        root = ElementTree.fromstring(ask("GET", bucket, query=more))
        space = root.tag[: root.tag.index("}") + 1] if root.tag.startswith("{") else ""
        for item in root.iter(space + "Contents"):
            yield item.findtext(space + "Key")
        token = root.findtext(space + "NextContinuationToken")
        if not token:
            return
        more["continuation-token"] = token


def tree(folder, place):
    """Puts all files of a folder."""
    for above, _, names in os.walk(folder):
        for name in names:
            file = os.path.join(above, name)
            with open(file, "rb") as f:
                ask("PUT", place.rstrip("/") + "/" + os.path.relpath(file, folder), f.read())


def copy(place, folder):
    """Writes all objects below a prefix to a folder."""
    bucket, _, prefix = place.removeprefix("s3://").rstrip("/").partition("/")
    for key in keys(place.rstrip("/") + "/"):
        file = os.path.join(folder, key.removeprefix(prefix + "/"))
        os.makedirs(os.path.dirname(file), exist_ok=True)
        with open(file, "wb") as f:
            f.write(ask("GET", bucket + "/" + key))


class Proxy(http.server.BaseHTTPRequestHandler):
    """Passes requests on to the store, and spoils some."""

    protocol_version = "HTTP/1.1"
    rules = ()
    counts = {}
    lock = threading.Lock()

    def how(self):
        """How this request is to be spoiled; None: not at all."""
        for kind, number, how in self.rules:
            if kind in (self.command, "any") or kind in self.path:
                with self.lock:
                    self.counts[kind, number, how] = n = self.counts.get((kind, number, how), 0) + 1
                if number == "all" or n == int(number):
                    return how
        return None

    def reset(self):
        """Ends the connection as a machine does that is gone."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def pass_on(self):
        """One request."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        how = self.how()
        if how == "reset":
            self.reset()
            return
        if how == "503":
            self.send_response(503)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        store = http.client.HTTPConnection(ENDPOINT.netloc, timeout=60)
        store.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            store.putheader(name, value)
        store.endheaders(body)
        answer = store.getresponse()
        content = answer.read()
        store.close()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("transfer-encoding", "connection", "date", "server"):
                self.send_header(name, value)
        if answer.getheader("Content-Length") is None:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if how == "cut":
            self.wfile.write(content[: len(content) // 2])
            self.close_connection = True
        elif how == "stall":
            self.wfile.write(content[: len(content) // 2])
            self.wfile.flush()
            time.sleep(3600)
        else:
            self.wfile.write(content)

    do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = pass_on  # noqa: N815

    def handle(self):
        """As above, without a traceback where the client leaves."""
        try:
            super().handle()
        except OSError:
            self.close_connection = True

    def finish(self):
        try:
            super().finish()
        except (OSError, ValueError):
            pass

    def log_message(self, *_):
        """Nothing is logged."""


def proxy(port, *rules):
    """Runs the proxy."""
    Proxy.rules = [tuple(rule.split(":")) for rule in rules]
    http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Proxy).serve_forever()


def main():
    command, *args = sys.argv[1:]
    match command:
        case "bucket":
            ask("PUT", args[0])
        case "tree":
            tree(*args)
        case "put":
            with open(args[0], "rb") as f:
                ask("PUT", args[1], f.read())
        case "get":
            sys.stdout.buffer.write(ask("GET", args[0]))
        case "copy":
            copy(*args)
        case "list":
            print(*keys(args[0]), sep="\n")
        case "remove":
            ask("DELETE", args[0])
        case "proxy":
            proxy(*args)
        case _:
            sys.exit(__doc__)


main()
