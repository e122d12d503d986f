# SPDX-License-Identifier: MIT
"""A small S3 client of the tests' own, on Python's standard library: what the program wrote is
read back by other code than the program's."""
import hashlib
import hmac
import http.client
import re
import time
import urllib.parse
from xml.sax.saxutils import unescape


def quote(text, safe=""):
  return urllib.parse.quote(text, safe=safe + "-_.~")


class Answer:
  def __init__(self, status, headers, body):
    self.status, self.body = status, body
    self.headers = {name.lower(): value for name, value in headers}

  def texts(self, tag):
    """The texts of all elements called `tag`."""
    return [unescape(text, {"&quot;": '"', "&apos;": "'"}) for text in
            re.findall(f"<{tag}>([^<]*)</{tag}>", self.body.decode())]

  def code(self):
    return (self.texts("Code") or [""])[0]


class S3:
  def __init__(self, port, key, secret, region="us-east-1"):
    self.port, self.key, self.secret, self.region = port, key, secret, region

  def ask(self, method, path, body=b"", query=None, headers=None):
    """One signed request; `path` is "/bucket/key", not escaped."""
    query = query or {}
    now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    payload = hashlib.sha256(body).hexdigest()
    heads = {"host": f"127.0.0.1:{self.port}", "x-amz-date": now, "x-amz-content-sha256": payload,
             **{name.lower(): value for name, value in (headers or {}).items()}}
    names = ";".join(sorted(heads))
    asked = "&".join(f"{quote(n)}={quote(str(v))}" for n, v in sorted(query.items()))
    canonical = "\n".join([method, quote(path, "/"), asked,
                           "".join(f"{n}:{heads[n]}\n" for n in sorted(heads)), names, payload])
    scope = f"{now[:8]}/{self.region}/s3/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", now, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    signing = ("AWS4" + self.secret).encode()
    for part in scope.split("/"):
      signing = hmac.new(signing, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(signing, text.encode(), hashlib.sha256).hexdigest()
    heads["authorization"] = (f"AWS4-HMAC-SHA256 Credential={self.key}/{scope}, "
                              f"SignedHeaders={names}, Signature={signature}")
    connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
    try:
      connection.request(method, quote(path, "/") + ("?" + asked if asked else ""), body or None, heads)
      answer = connection.getresponse()
      return Answer(answer.status, answer.getheaders(), answer.read())
    finally:
      connection.close()

  def make(self, bucket):
    answer = self.ask("PUT", f"/{bucket}")
    assert answer.status == 200, f"bucket {bucket}: {answer.status} {answer.body}"
    return bucket

  def put(self, bucket, key, body, **headers):
    answer = self.ask("PUT", f"/{bucket}/{key}", body,
                      headers={name.replace("_", "-"): value for name, value in headers.items()})
    assert answer.status == 200, f"{key}: {answer.status} {answer.body}"

  def head(self, bucket, key):
    return self.ask("HEAD", f"/{bucket}/{key}")

  def get(self, bucket, key):
    answer = self.ask("GET", f"/{bucket}/{key}")
    assert answer.status == 200, f"{key}: {answer.status} {answer.body}"
    return answer.body

  def keys(self, bucket, prefix=""):
    """All keys, sorted."""
    found, token = [], None
    while True:
      query = {"list-type": 2, "prefix": prefix, **({"continuation-token": token} if token else {})}
      answer = self.ask("GET", f"/{bucket}", query=query)
      assert answer.status == 200, answer.body
      found += answer.texts("Key")
      token = (answer.texts("NextContinuationToken") or [None])[0]
      if answer.texts("IsTruncated") != ["true"]:
        return sorted(found)

  def uploads(self, bucket):
    """[(key, id)] of what is under way in parts."""
    answer = self.ask("GET", f"/{bucket}", query={"uploads": ""})
    return list(zip(answer.texts("Key"), answer.texts("UploadId")))

  def sha256(self, bucket, key):
    return hashlib.sha256(self.get(bucket, key)).hexdigest()
