# SPDX-License-Identifier: MIT
"""A BugSplat service for tests, after the recorded protocol of version 11: it checks what
it is sent, keeps it, and fails on command."""
import collections
import gzip
import http.server
import json
import re
import threading
import urllib.parse

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
  """What a route does instead, `count` times, after `skip` good answers."""

  def __init__(self, route, status=None, body=b"", count=1, skip=0, headers=None, drop=False):
    self.route, self.status, self.drop = route, status, drop
    self.body = json.dumps(body).encode() if isinstance(body, dict) else body
    self.count, self.skip, self.headers = count, skip, headers or {}


class Handler(http.server.BaseHTTPRequestHandler):
  protocol_version = "HTTP/1.1"
  disable_nagle_algorithm = True

  def log_message(self, *_):
    pass

  def body(self):
    if "chunked" in self.headers.get("Transfer-Encoding", ""):
      raise Wrong("a chunked body")
    return self.rfile.read(int(self.headers.get("Content-Length", 0)))

  def reply(self, status, body, headers=None):
    body = json.dumps(body).encode() if isinstance(body, dict) else body
    self.send_response(status)
    for name, value in (headers or {}).items():
      self.send_header(name, value)
    self.send_header("Content-Length", str(len(body)))
    self.end_headers()
    self.wfile.write(body)

  def handle_one(self):
    fake = self.server.fake
    path = urllib.parse.urlsplit(self.path).path
    route = "PUT" if path.startswith("/bucket/") else path
    try:
      body = self.body()
      fake.count(route)
      fault = fake.fault(route)
      if fault and fault.drop:
        self.close_connection = True
        self.connection.shutdown(2)
        return
      if fault:
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

  def __init__(self, faults=(), expires=None, keep=True):
    super().__init__(("127.0.0.1", 0), Handler)
    self.fake, self.faults, self.expires, self.keep = self, list(faults), expires, keep
    self.lock = threading.Lock()
    self.url = f"http://127.0.0.1:{self.server_address[1]}"
    self.wrong, self.logins, self.deleted = [], 0, []
    self.counts = collections.Counter()
    self.open, self.done, self.zips = {}, {}, {}  # by number; by (module, id, name); by name
    self.number = 0
    threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

  def close(self):
    self.shutdown()
    self.server_close()
    assert not self.wrong, "\n".join(self.wrong)

  def count(self, route):
    with self.lock:
      self.counts[route] += 1

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
    return self.presign("symbol", self.symbol_fields(headers, body, ISO))

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
      body = gzip.decompress(body)
    elif "Content-Encoding" in headers:
      raise Wrong("a zip with an encoding")
    if len(body) != size:
      raise Wrong(f"{len(body)} bytes, and {size} were announced")
    entry["data"] = body if self.keep else b""
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
          return {"Status": "Success"}
    raise Wrong("confirmed before it was put")

  def legacy(self, _, headers, body):
    self.authorized(headers)
    fields = fields_of(headers["Content-Type"], body)
    names = [name for name, _ in fields]
    want = ["database", "appName", "appVersion", "size", "symFileName", "lastModified"]
    if names not in (want, want + ["moduleName"]) or not DATE.fullmatch(dict(fields)["lastModified"]):
      raise Wrong(f"fields {fields}")
    return self.presign("zip", dict(fields))

  def delete(self, path, headers, body):
    self.authorized(headers)
    if body:
      raise Wrong("a body")
    self.deleted.append(path)
    return {"Status": "Success"}
