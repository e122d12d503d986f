# SPDX-License-Identifier: MIT
"""The S3 servers of the tests, as objects: Ceph's radosgw, OpenStack Swift, and the stand-in. A
real one is started by the first case that needs it, and stopped when the test program ends."""
import atexit
import collections
import json
import os
import re
import shutil
import subprocess
import tempfile

from harness import need
from s3client import S3
from s3standin import Standin

HERE = os.path.dirname(os.path.abspath(__file__))
# A hundred ports for each, apart from those of other runs on this machine.
RGW_PORT = 12000 + os.getpid() % 80 * 200
SWIFT_PORT = RGW_PORT + 100


class Server:
  """A server of a script, started by the first case that needs it."""

  def __init__(self, script, port, key, secret, programs):
    self.script, self.port, self.programs = os.path.join(HERE, script), port, programs
    self.folder, self.problem = None, None
    self.s3 = S3(port, key, secret)

  def run(self, *args):
    done = subprocess.run([self.script, *map(str, args)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=180, text=True)
    assert done.returncode == 0, f"{self.script} {args}: {done.stdout}"

  def start(self):
    need(*self.programs)
    if self.problem:
      raise AssertionError(self.problem)
    if self.folder:
      return self
    self.folder = tempfile.mkdtemp(prefix="symbol-upload-s3-")
    atexit.register(self.stop)
    try:
      try:
        self.run("start", self.folder, self.port)
      except AssertionError:  # a busy machine: once more, from the beginning
        self.stop()
        os.mkdir(self.folder)
        self.run("start", self.folder, self.port)
    except (AssertionError, subprocess.TimeoutExpired) as error:
      self.problem = f"the server does not start: {error}"
      raise
    return self

  def stop(self):
    self.run("stop", self.folder, self.port)
    shutil.rmtree(self.folder, ignore_errors=True)


class Ceph(Server):
  def __init__(self):
    super().__init__("radosgw.sh", RGW_PORT, "SYMBOLSACCESSKEY", "symbols/secret+key0123456789abcdefghijkl",
                     ("ceph-mon", "ceph-osd", "radosgw", "radosgw-admin"))
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
      self.run("another", self.folder, port, *options)
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
swift = Server("swift.sh", SWIFT_PORT, "test:tester", "testing-secret",
               ("/usr/bin/swift-proxy-server", "memcached"))

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
