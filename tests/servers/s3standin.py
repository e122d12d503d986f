#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A small, strict S3 on loopback, with what no real server here checks: conditions on every
write, regions that answer with the right one, late errors, clocks that are wrong, and all the
services that hand out credentials (STS, IMDSv2, containers, single sign-on), whose keys
expire when the test says so. As a proxy (http_proxy) it plays any host.

    server = Standin()      # its settings are attributes; it listens on server.port
    server.close()

usage: s3standin.py [PORT]    serves until it is ended"""
import calendar
import hashlib
import hmac
import json
import re
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.sax.saxutils import escape

SKEW_S = 900
PART_MIN = 5 << 20
NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'


def quote(text, safe=""):
  return urllib.parse.quote(text, safe=safe + "-_.~")


def md5(data):
  return hashlib.md5(data).hexdigest()


def iso(seconds):
  return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


class Refusal(Exception):
  def __init__(self, status, code, message="", headers=None, more=""):
    super().__init__(code)
    self.status, self.code, self.message, self.headers, self.more = status, code, message, headers or {}, more


class Keys:
  """Credentials that the server takes: for ever, or until `expires` by its clock."""

  def __init__(self, secret, token=None, expires=None):
    self.secret, self.token, self.expires = secret, token, expires


class Standin(ThreadingHTTPServer):
  daemon_threads = True
  request_queue_size = 64

  def __init__(self, port=0):
    super().__init__(("127.0.0.1", port), Handler)
    self.port = self.server_address[1]
    self.url = f"http://127.0.0.1:{self.port}"
    self.lock = threading.RLock()
    self.buckets = {}            # name -> {key: Object}
    self.parts = {}              # upload id -> [bucket, key, headers, {number: bytes}]
    self.keys = {"KEY": Keys("SECRET")}
    self.region = "us-east-1"
    self.encodes = True          # keys in listings are written as an address has them, where that is asked for
    self.tokens = True           # a page of a listing tells where the next one begins
    self.clock = 0               # seconds that this server's clock is ahead of the machine's
    self.conditional = True      # If-None-Match and If-Match are kept; False: ignored; None: 501
    self.conditional_complete = True
    self.copy_max = 5 << 30      # bytes of one CopyObject
    self.allowed = None          # actions, None: all
    self.life = 3600             # seconds for which handed-out keys are good
    self.requests = []           # (method, path, query, status)
    self.faults = []             # functions (handler, action) that may raise Refusal; each asked for each request
    self.handed_out = 0
    self.token = "container-token"
    self.imds_tokens = set()
    self.roles = {"arn:aws:iam::123456789012:role/uploader"}
    self.web_identity = "header.payload.signature"
    self.sso_token = "sso-access-token"
    self.skew = SKEW_S           # seconds that a client's clock may be wrong
    threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

  def handle_error(self, request, client_address):
    pass  # a client that went away

  def close(self):
    self.shutdown()
    self.server_close()

  def now(self):
    return time.time() + self.clock

  def make(self, bucket):
    self.buckets[bucket] = {}
    return bucket

  def hand_out(self):
    """New keys, good for `life` seconds."""
    with self.lock:
      self.handed_out += 1
      key = f"TEMP{self.handed_out}"
      self.keys[key] = Keys(f"secret-{self.handed_out}", f"token/{self.handed_out}+=", self.now() + self.life)
      return key, self.keys[key]

  def count(self, method, part=""):
    return sum(m == method and part in p + "?" + q for m, p, q, _ in self.requests)


class Object:
  def __init__(self, data, headers, etag=None, modified=0):
    self.data, self.etag, self.modified = data, etag or f'"{md5(data)}"', modified
    self.meta = {name: value for name, value in headers.items()
                 if name.startswith("x-amz-meta-") or name in ("content-type", "content-encoding", "x-amz-acl",
                                                               "x-amz-storage-class", "x-amz-tagging",
                                                               "x-amz-server-side-encryption")}


class Handler(BaseHTTPRequestHandler):
  protocol_version = "HTTP/1.1"
  wbufsize = 1 << 16  # head and body in one packet
  server: Standin

  def log_message(self, *args):
    pass

  def date_time_string(self, timestamp=None):
    return super().date_time_string(self.server.now() if timestamp is None else timestamp)

  def answer(self, status, body=b"", headers=None):
    body = body if isinstance(body, bytes) else body.encode()
    self.send_response(status)
    for name, value in (headers or {}).items():
      self.send_header(name, value)
    if "Content-Length" not in (headers or {}):
      self.send_header("Content-Length", str(len(body)))
    self.end_headers()
    if self.command != "HEAD":
      self.wfile.write(body)
    self.server.requests.append((self.command, self.path_text, self.query_text, status))

  def handle_any(self):
    if self.path.startswith("http://"):  # asked as a proxy, by whom another host is meant
      self.path = "/" + self.path.split("/", 3)[3]
    raw, _, self.query_text = self.path.partition("?")
    self.path_text = urllib.parse.unquote(raw)
    self.query = dict(urllib.parse.parse_qsl(self.query_text, keep_blank_values=True))
    self.heads = {name.lower(): value for name, value in self.headers.items()}
    self.body = self.rfile.read(int(self.heads.get("content-length", 0)))
    try:
      if self.path_text.startswith("/latest/"):
        self.metadata()
      elif self.path_text == "/container":
        self.container()
      elif self.path_text == "/federation/credentials":
        self.portal()
      elif self.command == "POST" and self.path_text == "/":
        self.sts()
      else:
        self.s3()
    except Refusal as r:
      text = f"<Error><Code>{r.code}</Code><Message>{escape(r.message)}</Message>{r.more}</Error>"
      self.answer(r.status, "" if self.command == "HEAD" else text, r.headers)

  do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = handle_any

  # --- signatures

  def signed_by(self, service):
    """Checks the signature and answers the key's id."""
    server = self.server
    match = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=(\S+)/(\d{8})/([\w-]+)/(\w+)/aws4_request, "
                         r"SignedHeaders=([\w;-]+), Signature=([0-9a-f]{64})", self.heads.get("authorization", ""))
    if not match:
      raise Refusal(403, "AccessDenied", "not signed")
    key, day, region, named, names, signature = match.groups()
    when = self.heads.get("x-amz-date", "")
    if key not in server.keys:
      raise Refusal(403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.")
    keys = server.keys[key]
    if self.heads.get("x-amz-security-token") != keys.token:
      raise Refusal(403, "InvalidToken", "The provided token is malformed or otherwise invalid.")
    if keys.expires is not None and server.now() >= keys.expires:
      raise Refusal(400, "ExpiredToken", "The provided token has expired.")
    if named != service or not when.startswith(day):
      raise Refusal(400, "AuthorizationHeaderMalformed", "wrong service or date")
    if service == "s3" and region != server.region:
      raise Refusal(400, "AuthorizationHeaderMalformed",
                    f"The authorization header is malformed; the region '{region}' is wrong; expecting '{server.region}'",
                    {"x-amz-bucket-region": server.region}, f"<Region>{server.region}</Region>")
    made = calendar.timegm(time.strptime(when, "%Y%m%dT%H%M%SZ"))
    if abs(made - server.now()) > server.skew:
      raise Refusal(403, "RequestTimeTooSkewed",
                    "The difference between the request time and the current time is too large.")
    must = {"host"} | {name for name in self.heads if name.startswith("x-amz-")}
    if not must <= set(names.split(";")):
      raise Refusal(403, "AccessDenied", "There were headers present in the request which were not signed")
    payload = hashlib.sha256(self.body).hexdigest()
    if service == "s3":
      if self.heads.get("x-amz-content-sha256") != payload:
        raise Refusal(400, "XAmzContentSHA256Mismatch", "the body is not what was signed")
    pairs = urllib.parse.parse_qsl(self.query_text, keep_blank_values=True)
    asked = "&".join(f"{a}={b}" for a, b in sorted((quote(a), quote(b)) for a, b in pairs))
    canonical = "\n".join([self.command, quote(self.path_text, "/"), asked,
                           "".join(f"{n}:{' '.join(self.heads.get(n, '').split())}\n" for n in names.split(";")),
                           names, payload])
    text = "\n".join(["AWS4-HMAC-SHA256", when, f"{day}/{region}/{named}/aws4_request",
                      hashlib.sha256(canonical.encode()).hexdigest()])
    secret = ("AWS4" + keys.secret).encode()
    for part in (day, region, named, "aws4_request"):
      secret = hmac.new(secret, part.encode(), hashlib.sha256).digest()
    if not hmac.compare_digest(hmac.new(secret, text.encode(), hashlib.sha256).hexdigest(), signature):
      raise Refusal(403, "SignatureDoesNotMatch", "The request signature we calculated does not match")
    return key

  # --- S3

  def s3(self):
    action = self.action()
    for fault in list(self.server.faults):
      fault(self, action)
    self.signed_by("s3")
    bucket, _, key = self.path_text[1:].partition("/")
    allowed = self.server.allowed
    if allowed is not None and action not in allowed:
      raise Refusal(403, "AccessDenied", "Access Denied")
    with self.server.lock:
      objects = self.server.buckets.get(bucket)
      if objects is None:
        raise Refusal(404, "NoSuchBucket", "The specified bucket does not exist")
      getattr(self, "do_" + action)(bucket, objects, key)

  def do_unheard(self, action):
    """Does what is asked; a fault answers something else."""
    bucket, _, key = self.path_text[1:].partition("/")
    self.answer = lambda *args, **more: None
    getattr(self, "do_" + action)(bucket, self.server.buckets[bucket], key)
    del self.answer

  def hang_up(self):
    self.close_connection = True
    self.connection.close()
    raise ConnectionError

  def action(self):
    q, method = self.query, self.command
    if not self.path_text[1:].partition("/")[2]:
      return "ListMultipartUploads" if "uploads" in q else "ListObjects"
    if "uploadId" in q:
      return {"PUT": "UploadPart", "POST": "CompleteUpload", "DELETE": "AbortUpload", "GET": "ListParts"}[method]
    if "uploads" in q:
      return "CreateUpload"
    if method == "PUT":
      return "CopyObject" if "x-amz-copy-source" in self.heads else "PutObject"
    return {"GET": "GetObject", "HEAD": "HeadObject", "DELETE": "DeleteObject"}[method]

  def check_conditions(self, objects, key):
    there = objects.get(key)
    absent, same = self.heads.get("if-none-match"), self.heads.get("if-match")
    if (absent or same) and self.server.conditional is None:
      raise Refusal(501, "NotImplemented", "A header you provided implies functionality that is not implemented.")
    if not self.server.conditional:
      return
    if (absent == "*" and there) or (same and (not there or there.etag != same)):
      raise Refusal(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")

  def do_PutObject(self, bucket, objects, key):
    self.check_conditions(objects, key)
    objects[key] = Object(self.body, self.heads, modified=self.server.now())
    self.answer(200, headers={"ETag": objects[key].etag})

  def do_HeadObject(self, bucket, objects, key):
    if key not in objects:
      raise Refusal(404, "NoSuchKey")
    there = objects[key]
    self.answer(200, headers={"ETag": there.etag, "Content-Length": str(len(there.data)), **there.meta})

  def do_GetObject(self, bucket, objects, key):
    if key not in objects:
      raise Refusal(404, "NoSuchKey", "The specified key does not exist.")
    there = objects[key]
    self.answer(200, there.data, {"ETag": there.etag, **there.meta})

  def do_DeleteObject(self, bucket, objects, key):
    objects.pop(key, None)
    self.answer(204)

  def copied(self):
    source = urllib.parse.unquote(self.heads["x-amz-copy-source"]).lstrip("/")
    bucket, _, key = source.partition("/")
    if key not in self.server.buckets.get(bucket, {}):
      raise Refusal(404, "NoSuchKey", "The specified key does not exist.")
    return self.server.buckets[bucket][key]

  def do_CopyObject(self, bucket, objects, key):
    source = self.copied()
    if len(source.data) > self.server.copy_max:
      raise Refusal(400, "InvalidRequest", "The specified copy source is larger than the maximum allowable size "
                                           f"for a copy source: {self.server.copy_max}")
    objects[key] = Object(source.data, {**source.meta, **{n: v for n, v in self.heads.items() if "copy" not in n}})
    self.answer(200, f"<CopyObjectResult {NAMESPACE}><ETag>{escape(objects[key].etag)}</ETag></CopyObjectResult>")

  def do_ListObjects(self, bucket, objects, key):
    prefix, limit = self.query.get("prefix", ""), int(self.query.get("max-keys", 1000))
    after = self.query.get("continuation-token", self.query.get("start-after", ""))
    found = sorted((k for k in objects if k.startswith(prefix) and k > after), key=str.encode)
    more = len(found) > limit
    found = found[:limit]
    spelled, encoding = escape, ""
    if self.query.get("encoding-type") == "url" and self.server.encodes:
      spelled, encoding = urllib.parse.quote_plus, "<EncodingType>url</EncodingType>"
    rows = "".join(f"<Contents><Key>{spelled(k)}</Key><Size>{len(objects[k].data)}</Size>"
                   f"<ETag>{escape(objects[k].etag)}</ETag><LastModified>{iso(objects[k].modified)}</LastModified></Contents>"
                   for k in found)
    token = f"<NextContinuationToken>{escape(found[-1])}</NextContinuationToken>" if more and self.server.tokens else ""
    self.answer(200, f'<?xml version="1.0"?><ListBucketResult {NAMESPACE}><IsTruncated>{str(more).lower()}'
                     f"</IsTruncated>{rows}{token}{encoding}</ListBucketResult>")

  # --- parts

  def upload(self):
    found = self.server.parts.get(self.query["uploadId"])
    if not found:
      raise Refusal(404, "NoSuchUpload", "The specified multipart upload does not exist.")
    return found

  def do_CreateUpload(self, bucket, objects, key):
    upload = f"upload-{len(self.server.requests)}-{len(self.server.parts)}"
    self.server.parts[upload] = [bucket, key, self.heads, {}, self.server.now()]
    self.answer(200, f"<InitiateMultipartUploadResult {NAMESPACE}><Key>{escape(key)}</Key>"
                     f"<UploadId>{upload}</UploadId></InitiateMultipartUploadResult>")

  def do_UploadPart(self, bucket, objects, key):
    data, number = self.body, int(self.query["partNumber"])
    parts = self.upload()[3]
    copied = "x-amz-copy-source" in self.heads
    if copied:
      first, last = map(int, re.fullmatch(r"bytes=(\d+)-(\d+)", self.heads["x-amz-copy-source-range"]).groups())
      data = self.copied().data[first:last + 1]
      assert len(data) == last + 1 - first
    parts[number] = data
    if copied:
      self.answer(200, f'<CopyPartResult><ETag>"{md5(data)}"</ETag></CopyPartResult>')
    else:
      self.answer(200, headers={"ETag": f'"{md5(data)}"'})

  def do_ListMultipartUploads(self, bucket, objects, key):
    rows = "".join(f"<Upload><Key>{escape(k)}</Key><UploadId>{u}</UploadId><Initiated>{iso(begun)}</Initiated></Upload>"
                   for u, (b, k, _, _, begun) in self.server.parts.items()
                   if b == bucket and k.startswith(self.query.get("prefix", "")))
    self.answer(200, f"<ListMultipartUploadsResult {NAMESPACE}>{rows}</ListMultipartUploadsResult>")

  def do_ListParts(self, bucket, objects, key):
    parts = self.upload()[3]
    after = int(self.query.get("part-number-marker", 0))
    found = sorted(n for n in parts if n > after)
    page = found[:3]  # pages are small, to be turned
    rows = "".join(f'<Part><PartNumber>{n}</PartNumber><Size>{len(parts[n])}</Size><ETag>"{md5(parts[n])}"</ETag></Part>'
                   for n in page)
    more = len(found) > len(page)
    self.answer(200, f"<ListPartsResult {NAMESPACE}><IsTruncated>{str(more).lower()}</IsTruncated>"
                     f"<NextPartNumberMarker>{page[-1] if page else 0}</NextPartNumberMarker>{rows}</ListPartsResult>")

  def do_AbortUpload(self, bucket, objects, key):
    self.upload()
    del self.server.parts[self.query["uploadId"]]
    self.answer(204)

  def do_CompleteUpload(self, bucket, objects, key):
    _, name, headers, parts, _ = self.upload()
    body = self.body.decode()
    named = [(int(n), e) for n, e in re.findall(r"<PartNumber>(\d+)</PartNumber><ETag>([^<]+)</ETag>", body)]
    if [n for n, _ in named] != sorted({n for n, _ in named}):
      raise Refusal(400, "InvalidPartOrder")
    if name != key or any(n not in parts or e.strip('"') != md5(parts[n]) for n, e in named):
      raise Refusal(400, "InvalidPart", "One or more of the specified parts could not be found.")
    if any(len(parts[n]) < PART_MIN for n, _ in named[:-1]):
      raise Refusal(400, "EntityTooSmall")
    if self.server.conditional_complete:
      self.check_conditions(objects, key)
    whole = b"".join(parts[n] for n, _ in named)
    joined = md5(b"".join(bytes.fromhex(md5(parts[n])) for n, _ in named))
    objects[key] = Object(whole, headers, f'"{joined}-{len(named)}"')
    del self.server.parts[self.query["uploadId"]]
    self.answer(200, f'   \n<?xml version="1.0"?><CompleteMultipartUploadResult {NAMESPACE}>'
                     f"<ETag>{escape(objects[key].etag)}</ETag></CompleteMultipartUploadResult>")

  # --- credentials

  def metadata(self):
    tokens = self.server.imds_tokens
    if self.path_text == "/latest/api/token":
      if self.command != "PUT" or not self.heads.get("x-aws-ec2-metadata-token-ttl-seconds", "").isdigit():
        return self.answer(400)
      tokens.add(f"session-{len(tokens)}")
      return self.answer(200, f"session-{len(tokens) - 1}")
    if self.heads.get("x-aws-ec2-metadata-token") not in tokens:
      return self.answer(401)
    base = "/latest/meta-data/iam/security-credentials/"
    if self.path_text == base:
      return self.answer(200, "instance-role\n")
    if self.path_text == base + "instance-role":
      return self.answer(200, self.as_json())
    return self.answer(404)

  def as_json(self):
    key, keys = self.server.hand_out()
    return json.dumps({"Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": key, "SecretAccessKey": keys.secret,
                       "Token": keys.token, "Expiration": iso(keys.expires)})

  def container(self):
    if self.heads.get("authorization") != self.server.token:
      return self.answer(401)
    return self.answer(200, self.as_json())

  def portal(self):
    if self.heads.get("x-amz-sso_bearer_token") != self.server.sso_token:
      return self.answer(401)
    if self.query != {"account_id": "123456789012", "role_name": "Uploader"}:
      return self.answer(403)
    key, keys = self.server.hand_out()
    return self.answer(200, json.dumps({"roleCredentials": {
        "accessKeyId": key, "secretAccessKey": keys.secret, "sessionToken": keys.token,
        "expiration": int(keys.expires * 1000)}}))

  def sts(self):
    form = dict(urllib.parse.parse_qsl(self.body.decode(), keep_blank_values=True))
    name = form.get("Action", "")
    try:
      if name == "AssumeRole":
        self.signed_by("sts")
      elif name != "AssumeRoleWithWebIdentity":
        raise Refusal(400, "InvalidAction")
      elif form.get("WebIdentityToken") != self.server.web_identity:
        raise Refusal(400, "InvalidIdentityToken", "The web identity token is not valid.")
      if form.get("RoleArn") not in self.server.roles or not form.get("RoleSessionName"):
        raise Refusal(403, "AccessDenied", "Not authorized to perform sts:" + name)
    except Refusal as r:
      return self.answer(r.status, f"<ErrorResponse><Error><Type>Sender</Type><Code>{r.code}</Code>"
                                   f"<Message>{escape(r.message)}</Message></Error></ErrorResponse>")
    key, keys = self.server.hand_out()
    return self.answer(200, f'<{name}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{name}Result>'
                            f"<Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>{keys.secret}"
                            f"</SecretAccessKey><SessionToken>{keys.token}</SessionToken><Expiration>"
                            f"{iso(keys.expires)}</Expiration></Credentials></{name}Result></{name}Response>")


if __name__ == "__main__":
  standin = Standin(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
  standin.make("symbols")
  print(standin.url, flush=True)
  threading.Event().wait()
