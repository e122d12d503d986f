# SPDX-License-Identifier: MIT
"""The S3 servers of the tests, as objects: Ceph's radosgw, OpenStack Swift, and the stand-in."""
import collections
import json
import re
import subprocess

from s3client import S3
from s3standin import Standin
from servers import Server


class S3Server(Server):
  def __init__(self, name, key, secret, *programs, ports):
    super().__init__(name, *programs, ports=ports)
    self.s3 = S3(self.port, key, secret)


class Ceph(S3Server):
  def __init__(self):
    super().__init__("radosgw", "SYMBOLSACCESSKEY", "symbols/secret+key0123456789abcdefghijkl",
                     "ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "openssl", ports=61)
    self.more = {}

  def admin(self, *args):
    done = subprocess.run(["radosgw-admin", "-c", f"{self.folder}/ceph.conf", *args], capture_output=True,
                          timeout=60, text=True)
    assert done.returncode == 0, f"{args}: {done.stdout}{done.stderr}"
    return done.stdout

  def another(self, number, *options):
    """The port of one more gateway, with options."""
    port = self.port + 3 + number
    if port not in self.more:
      self.run("another", port, *options)
      self.more[port] = True
    return port

  def user(self, name):
    """A user of that name, whose key is NAMEKEY."""
    self.admin("user", "create", "--uid", name, "--display-name", name, "--access-key", name.upper() + "KEY",
               "--secret-key", name + "-secret")
    return S3(self.port, name.upper() + "KEY", name + "-secret")

  def grant(self, bucket, user, statements):
    """Gives the user the rights of a policy's statements on the bucket, and no others."""
    resources = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    policy = {"Version": "2012-10-17", "Statement": [
      {**s, "Principal": {"AWS": [f"arn:aws:iam:::user/{user}"]}, "Resource": resources} for s in statements]}
    answer = self.s3.ask("PUT", f"/{bucket}", json.dumps(policy).encode(), query={"policy": ""})
    assert answer.status in (200, 204), answer.body

  def requests(self, part):
    """(method, status) -> number of the requests whose line holds `part`."""
    found = collections.Counter()
    with open(f"{self.folder}/log/client.rgw.log", encoding="utf-8", errors="replace") as log:
      for line in log:
        match = re.search(r'beast: .*"([A-Z]+) (\S+) HTTP/1\.[01]" (\d+)', line)
        if match and part in match[2]:
          found[match[1], int(match[3])] += 1
    return found


ceph = Ceph()
swift = S3Server("swift", "test:tester", "testing-secret", "/usr/bin/swift-proxy-server", "memcached", ports=5)

bucket_number = 0


def new_bucket(server):
  global bucket_number
  bucket_number += 1
  return server.start().s3.make(f"symbols-{bucket_number}")


def environment(s3, **more):
  return {"AWS_ACCESS_KEY_ID": s3.key, "AWS_SECRET_ACCESS_KEY": s3.secret, "AWS_EC2_METADATA_DISABLED": "true",
          "AWS_ENDPOINT_URL": f"http://127.0.0.1:{s3.port}", **more}


class Standing:
  """A stand-in for the length of a case."""

  def __enter__(self):
    self.server = Standin()
    self.server.make("symbols")
    self.server.s3 = S3(self.server.port, "KEY", "SECRET")
    return self.server

  def __exit__(self, *what):
    self.server.close()
