# SPDX-License-Identifier: MIT
"""A BugSplat service for tests, after the recorded protocol of version 11: it checks what
it is sent, keeps it, and fails on command."""
import collections
import gzip
import http.server
import json
import re
import sys
import threading
import time
import urllib.parse
import zlib
from typing import NamedTuple

SYMSRV = ["database", "appName", "appVersion", "size", "symFileName", "moduleName", "dbgId",
          "lastModified", "SendPdbsVersion"]
ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
DATE = re.compile(r"(Sun|Mon|Tue|Wed|Thu|Fri|Sat) [A-Z][a-z]{2} \d\d \d{4} \d\d:\d\d:\d\d GMT\+0000 "
                  r"\(Coordinated Universal Time\)")
SECRET = "X-Amz-Signature=5ec7e7"


class Wrong(Exception):
  """The client breaks the protocol."""


def fields_of(content_type, body):
  """The (name, value) pairs of a multipart/form-data body, strictly."""
  match = re.fullmatch(r"multipart/form-data; boundary=([\w'()+,./:=?-]{1,70})", content_type or "")
  if not match:
    raise Wrong(f"content type {content_type}")
  mark = b"--" + match[1].encode()
  parts = (b"\r\n" + body).split(b"\r\n" + mark)
  if parts[0] or parts[-1] != b"--\r\n":
    raise Wrong("the body is no multipart")
  found = []
  for part in parts[1:-1]:
    head = re.match(rb'\r\nContent-Disposition: form-data; name="(\w+)"\r\n\r\n', part)
    if not head:
      raise Wrong(f"a part that no browser sends: {part[:80]}")
    found.append((head[1].decode(), part[head.end():].decode()))
  return found


class Fault:
  """What a route does instead, `count` times, after `skip` good answers. `drop`: it cuts the
  connection; `cut`: while the body comes; `hang`: it does not answer. A header may be a function."""

  def __init__(self, route, status=None, body=b"", count=1, skip=0, headers=None, drop=False, cut=False, hang=False):
    self.route, self.status, self.drop, self.cut, self.hang = route, status, drop, cut, hang
    self.body = json.dumps(body).encode() if isinstance(body, dict) else body
    self.count, self.skip, self.headers = count, skip, headers or {}


class Asked(NamedTuple):
  """A request that got a good answer."""
  method: str
  route: str
  target: str
  headers: list  # of (name in lower case, value)
  fields: list   # of (name, value)
  body: bytes    # of a PUT, unpacked


def unpacked_size(data):
  """How many bytes a gzip holds; it may be too large for memory."""
  unpacker, size = zlib.decompressobj(31), 0
  while not unpacker.eof:
    piece = unpacker.decompress(data, 1 << 22)
    if not piece and not unpacker.unconsumed_tail and not unpacker.eof:
      raise Wrong("the gzip is cut short")
    data, size = unpacker.unconsumed_tail, size + len(piece)
  return size


class Handler(http.server.BaseHTTPRequestHandler):
  protocol_version = "HTTP/1.1"
  disable_nagle_algorithm = True

  def log_message(self, *_):
    pass

  def body(self):
    if "chunked" in self.headers.get("Transfer-Encoding", ""):
      raise Wrong("a chunked body")
    return self.rfile.read(int(self.headers.get("Content-Length", 0)))

  def misbehave(self, fault):
    """Does what is no answer; false where the fault is one."""
    if fault.hang:
      self.server.fake.held.set()
      self.server.fake.closing.wait()
    if fault.hang or fault.drop or fault.cut:
      self.close_connection = True
      self.connection.shutdown(2)
      return True
    return False

  def reply(self, status, body, headers=None):
    body = json.dumps(body).encode() if isinstance(body, dict) else body
    self.send_response(status)
    for name, value in (headers or {}).items():
      self.send_header(name, value() if callable(value) else value)
    self.send_header("Content-Length", str(len(body)))
    self.end_headers()
    self.wfile.write(body)

  def handle_one(self):
    fake = self.server.fake
    path = urllib.parse.urlsplit(self.path).path
    route = "PUT" if path.startswith("/bucket/") else path
    try:
      fake.count(route)
      fault = fake.fault(route)
      if fault and fault.cut:
        self.rfile.read(1000)
      body = b"" if fault and fault.cut else self.body()
      if fault and self.misbehave(fault):
        return
      if fault:
        fake.close_for(int(fault.headers.get("X-Closed-For", fault.headers.get("Retry-After", 0))))
        self.reply(fault.status, fault.body, fault.headers)
        return
      self.reply(200, fake.answer(self.command, route, self.path, self.headers, body))
    except Wrong as why:
      fake.wrong.append(f"{self.command} {path}: {why}")
      self.reply(400, {"message": str(why)})

  do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = handle_one


class Fake(http.server.ThreadingHTTPServer):
  """The service, on a port of its own until `close`."""
  daemon_threads = True
  request_queue_size = 128

  def __init__(self, faults=(), expires=None, keep=True, limit=None):
    """`expires`: a token's seconds; `keep`: the bytes of what comes, or none of them; `limit`:
    the largest file that is taken."""
    super().__init__(("127.0.0.1", 0), Handler)
    self.fake, self.faults, self.expires, self.keep, self.limit = self, list(faults), expires, keep, limit
    self.held, self.closing = threading.Event(), threading.Event()
    self.open_at, self.early = 0, []  # what comes before that time comes too early
    self.asked = []
    self.lock = threading.Lock()
    self.url = f"http://127.0.0.1:{self.server_address[1]}"
    self.wrong, self.logins, self.deleted = [], 0, []
    self.counts = collections.Counter()
    self.open, self.done, self.zips = {}, {}, {}  # by number; by (module, id, name); by name
    self.number = 0
    threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

  def close(self):
    self.closing.set()
    self.shutdown()
    self.server_close()
    assert not self.wrong, "\n".join(self.wrong)

  def handle_error(self, *_):
    if not isinstance(sys.exc_info()[1], ConnectionError):  # clients may go
      super().handle_error(*_)

  def count(self, route):
    with self.lock:
      self.counts[route] += 1
      if time.monotonic() < self.open_at:
        self.early.append(route)

  def close_for(self, seconds):
    """The service wants to be left alone."""
    with self.lock:
      self.open_at = max(self.open_at, time.monotonic() + seconds)

  def note(self, method, route, path, headers, fields=(), body=b""):
    if self.keep:
      with self.lock:
        self.asked.append(Asked(method, route, path, [(k.lower(), v) for k, v in headers.items()],
                                list(fields), body))

  def fault(self, route):
    with self.lock:
      for fault in self.faults:
        if fault.route != route or fault.count == 0:
          continue
        if fault.skip > 0:
          fault.skip -= 1
          continue
        fault.count -= 1
        return fault
    return None

  def answer(self, method, route, path, headers, body):
    answers = {("POST", "/oauth2/authorize"): self.authorize, ("POST", "/symsrv/uploadUrl"): self.announce,
               ("POST", "/symsrv/uploadComplete"): self.confirm, ("PUT", "PUT"): self.put,
               ("POST", "/api/v2/versions"): self.legacy, ("DELETE", "/api/v2/versions"): self.delete}
    if (method, route) not in answers:
      raise Wrong("no such route")
    return answers[method, route](path, headers, body)

  def authorize(self, _, headers, body):
    fields = fields_of(headers["Content-Type"], body)
    if fields != [("grant_type", "client_credentials"), ("client_id", "ID"), ("client_secret", "SECRET")]:
      raise Wrong(f"fields {fields}")
    self.note("POST", "/oauth2/authorize", "", headers, fields)
    with self.lock:
      self.logins += 1
      answer = {"access_token": f"tok{self.logins}", "token_type": "Bearer"}
    if self.expires:
      answer["expires_in"] = self.expires
    return answer

  def authorized(self, headers):
    if headers["Authorization"] not in [f"Bearer tok{n}" for n in range(1, self.logins + 1)]:
      raise Wrong(f"authorization {headers['Authorization']}")

  def presign(self, kind, value):
    with self.lock:
      self.number += 1
      self.open[str(self.number)] = {"kind": kind, "fields": value}
      return {"Status": "Success", "url": f"{self.url}/bucket/{self.number}?{SECRET}&X-Amz-Expires=900"}

  def symbol_fields(self, headers, body, modified):
    self.authorized(headers)
    fields = fields_of(headers["Content-Type"], body)
    if [name for name, _ in fields] != SYMSRV:
      raise Wrong(f"fields {[name for name, _ in fields]}")
    fields = dict(fields)
    if not modified.fullmatch(fields["lastModified"]):
      raise Wrong(f"lastModified {fields['lastModified']}")
    if fields["SendPdbsVersion"] != "spdbsv2" or not fields["size"].isdigit():
      raise Wrong(f"fields {fields}")
    return fields

  def announce(self, _, headers, body):
    fields = self.symbol_fields(headers, body, ISO)
    self.note("POST", "/symsrv/uploadUrl", "", headers, fields.items())
    if self.limit and int(fields["size"]) > self.limit:
      return {"Status": "Failed", "Error": f"Symbol file max size is {self.limit} bytes"}
    return self.presign("symbol", fields)

  def put(self, path, headers, body):
    if SECRET not in path:
      raise Wrong("the address is not the one that was given")
    for name in ("Authorization", "Cookie", "Expect", "Transfer-Encoding"):
      if name in headers:
        raise Wrong(f"header {name}")
    with self.lock:
      entry = self.open.get(path.split("?")[0].rsplit("/", 1)[1])
    if not entry or "data" in entry:
      raise Wrong("an address of which there was use already")
    if headers["Content-Type"] != "application/octet-stream":
      raise Wrong(f"content type {headers['Content-Type']}")
    size = int(entry["fields"]["size"])
    if entry["kind"] == "symbol":
      if headers["Content-Encoding"] != "gzip" or body[:10] != b"\x1f\x8b\x08\0\0\0\0\0\0\x03":
        raise Wrong(f"encoding {headers['Content-Encoding']}, head {body[:10].hex()}")
      came = unpacked_size(body)
    elif "Content-Encoding" in headers:
      raise Wrong("a zip with an encoding")
    else:
      came = len(body)
    if came != size:
      raise Wrong(f"{came} bytes, and {size} were announced")
    if self.keep and entry["kind"] == "symbol":
      body = gzip.decompress(body)
    entry["data"] = body if self.keep else b""
    self.note("PUT", "PUT", path, headers, entry["fields"].items(), entry["data"])
    if entry["kind"] == "zip":
      with self.lock:
        self.zips[entry["fields"]["symFileName"]] = (entry["fields"], body)
    return b""

  def confirm(self, _, headers, body):
    fields = self.symbol_fields(headers, body, DATE)
    plain = {k: v for k, v in fields.items() if k != "lastModified"}
    with self.lock:
      for number, entry in self.open.items():
        before = {k: v for k, v in entry["fields"].items() if k != "lastModified"}
        if before == plain and "data" in entry:
          self.done[fields["moduleName"], fields["dbgId"], fields["symFileName"]] = (entry["fields"], entry["data"])
          del self.open[number]
          break
      else:
        entry = None
    if entry:
      self.note("POST", "/symsrv/uploadComplete", "", headers, fields.items())
      return {"Status": "Success"}
    raise Wrong("confirmed before it was put")

  def legacy(self, _, headers, body):
    self.authorized(headers)
    fields = fields_of(headers["Content-Type"], body)
    names = [name for name, _ in fields]
    want = ["database", "appName", "appVersion", "size", "symFileName", "lastModified"]
    if names not in (want, want + ["moduleName"]) or not DATE.fullmatch(dict(fields)["lastModified"]):
      raise Wrong(f"fields {fields}")
    self.note("POST", "/api/v2/versions", "", headers, fields)
    return self.presign("zip", dict(fields))

  def delete(self, path, headers, body):
    self.authorized(headers)
    if body:
      raise Wrong("a body")
    self.note("DELETE", "/api/v2/versions", path, headers)
    self.deleted.append(path)
    return {"Status": "Success"}
