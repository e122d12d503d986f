#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Deliveries to S3: Ceph's radosgw, OpenStack Swift, and a strict stand-in for what neither
checks. TAP.

usage: test_s3.py PROGRAM [CASE...]"""
import atexit
import collections
import hashlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SERVERS = os.path.join(os.path.dirname(HERE), "servers")
sys.path[:0] = [HERE, SERVERS, os.path.join(os.path.dirname(HERE), "cli")]

import harness
from harness import case, holds, lacks, need, same
from s3client import S3
from s3standin import Refusal, Standin, md5

# A hundred ports for each, apart from those of other runs on this machine.
RGW_PORT = 12000 + os.getpid() % 80 * 200
SWIFT_PORT = RGW_PORT + 100
PDB = "crashy.pdb"


# ------------------------------------------------------------------ servers --

class Server:
  """A server of a script, started by the first case that needs it."""

  def __init__(self, script, port, key, secret, programs):
    self.script, self.port, self.programs = os.path.join(SERVERS, script), port, programs
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


def send(t, s3, where, *args, env=None, **more):
  """A delivery, reported in JSON lines."""
  return t.run("-t", f"s3://{where}", "--format", "json", *args, env={**environment(s3), **(env or {})}, **more)


def messages(done):
  """What is said of files, without JSON's escapes."""
  return "\n".join(o["error"]["message"] for o in done.objects() if "error" in o)


def counts(done):
  """Of the actions that occurred."""
  return {name: n for name, n in done.summary().items()
          if name in ("stored", "present", "replaced", "kept", "skipped", "failed", "planned") and n}


# -------------------------------------------------------------------- files --

def with_flags(data, stripped):
  """A PDB that says whether it is stripped (public): bit 1 of the flags of the DBI header."""
  data = bytearray(data)
  at = data.index(b"\xff\xff\xff\xff\x77\x09\x31\x01") + 56
  data[at] = data[at] & ~2 | 2 * stripped
  return bytes(data)


def large(t, name, megabytes, mark=b"large"):
  """A PDB of that size, of which every MiB differs; its holes take no room. Answers its key."""
  guid = hashlib.md5(name.encode()).hexdigest().upper()
  path = t.write(f"build/{name}", harness.pdb_with(guid, 0))
  with open(path, "r+b") as file:
    file.truncate(megabytes << 20)
    for i in range(1, megabytes):
      file.seek(i << 20)
      file.write(mark + str(i).encode())
  return f"{name}/{guid}1/{name}"


def sha256(path):
  digest = hashlib.sha256()
  with open(path, "rb") as file:
    for piece in iter(lambda: file.read(1 << 20), b""):
      digest.update(piece)
  return digest.hexdigest()


# --------------------------------------------------------------------- Ceph --

@case("Ceph: a first run stores every file with its metadata, a second one sends no body")
def ceph_twice(t):
  bucket = new_bucket(ceph)
  expected = harness.corpus(t, 60)
  done = send(t, ceph.s3, f"{bucket}/win", "-f", "build/**/*.pdb")
  same(counts(done), {"stored": 60})
  same(ceph.s3.keys(bucket), sorted("win/" + key for key in expected))
  for key, source in list(expected.items())[::7]:
    head = ceph.s3.head(bucket, "win/" + key)
    same(head.headers["x-amz-meta-sha256"], hashlib.sha256(t.read(source)).hexdigest())
    same(head.headers["x-amz-meta-has"], "symbols,debug")
    same(ceph.s3.get(bucket, "win/" + key), t.read(source))
  first = ceph.requests(bucket)
  assert first["PUT", 200] <= 62, f"one request each, and one to learn by: {first}"
  assert first["HEAD", 404] <= 20, f"only the first ones are looked for: {first}"
  done = send(t, ceph.s3, f"{bucket}/win/", "-f", "build/**/*.pdb")
  same(counts(done), {"present": 60})
  same(ceph.requests(bucket)["PUT", 200], first["PUT", 200], "no body")


@case("Ceph: by TLS with AWS_CA_BUNDLE, by BUCKET.HOST, by a profile's settings")
def ceph_ways(t):
  bucket = new_bucket(ceph)
  t.take("windows/crashy.pdb")
  tls = {"AWS_ENDPOINT_URL": f"https://127.0.0.1:{RGW_PORT + 1}"}
  refused = send(t, ceph.s3, bucket, "build/crashy.pdb", "--retries", "0", env=tls, status=1)
  holds(refused.out, "failed")
  same(counts(send(t, ceph.s3, f"{bucket}/tls", "build/crashy.pdb",
                   env={**tls, "AWS_CA_BUNDLE": f"{ceph.folder}/ca.pem"})), {"stored": 1})
  same(counts(send(t, ceph.s3, f"{bucket}/host", "build/crashy.pdb", "--addressing", "virtual",
                   env={"AWS_ENDPOINT_URL": f"http://s3.localhost:{RGW_PORT}"})), {"stored": 1})
  t.write(".aws/config", f"""[profile ci]
region = eu-central-1
services = ours
s3 =
  addressing_style = path
[services ours]
s3 =
  endpoint_url = http://127.0.0.1:{RGW_PORT}
""")
  t.write(".aws/credentials", f"[ci]\naws_access_key_id = {ceph.s3.key}\naws_secret_access_key={ceph.s3.secret}\n")
  done = t.run("-t", f"s3://{bucket}/profile", "--format", "json", "build/crashy.pdb", env={"AWS_PROFILE": "ci"})
  same(counts(done), {"stored": 1})
  same(len(ceph.s3.keys(bucket)), 3)


@case("Ceph: a richer file replaces, a poorer one is kept out, --existing has its way, another's object stays")
def ceph_richer(t):
  bucket = new_bucket(ceph)
  t.take("windows/crashy.pdb", "private/crashy.pdb")
  t.take("windows/public/crashy.pdb", "public/crashy.pdb")
  private, public = t.read("private/crashy.pdb"), t.read("public/crashy.pdb")
  same(send(t, ceph.s3, bucket, "public/crashy.pdb").actions(), {harness.CRASHY: "stored"})
  same(send(t, ceph.s3, bucket, "private/crashy.pdb", "--existing", "keep").actions(), {harness.CRASHY: "kept"})
  same(send(t, ceph.s3, bucket, "private/crashy.pdb", "-n").actions(), {harness.CRASHY: "planned"})
  done = send(t, ceph.s3, bucket, "private/crashy.pdb")
  same(done.actions(), {harness.CRASHY: "replaced"})
  same(ceph.s3.get(bucket, harness.CRASHY), private)
  same(send(t, ceph.s3, bucket, "public/crashy.pdb").actions(), {harness.CRASHY: "kept"})
  same(send(t, ceph.s3, bucket, "public/crashy.pdb", "--existing", "replace").actions(),
       {harness.CRASHY: "replaced"})
  same(ceph.s3.get(bucket, harness.CRASHY), public)
  # Objects without metadata, as other tools leave them.
  ceph.s3.put(bucket, harness.CRASHY, bytes(len(private)))
  done = send(t, ceph.s3, bucket, "private/crashy.pdb")
  same(done.actions(), {harness.CRASHY: "present"})
  ceph.s3.put(bucket, harness.CRASHY, b"something else")
  same(send(t, ceph.s3, bucket, "private/crashy.pdb").actions(), {harness.CRASHY: "kept"})
  same(ceph.s3.get(bucket, harness.CRASHY), b"something else")


@case("Ceph: four runs at once, two with richer files: every key has the richer bytes, nobody fails")
def ceph_races(t):
  bucket = new_bucket(ceph)
  wanted = {}
  for i in range(25):
    guid = hashlib.md5(f"race{i}".encode()).hexdigest().upper()
    data = harness.pdb_with(guid, 20_000)
    t.write(f"public/m{i}.pdb", with_flags(data, True))
    t.write(f"private/m{i}.pdb", with_flags(data, False))
    wanted[f"m{i}.pdb/{guid}1/m{i}.pdb"] = with_flags(data, False)
  runs = [t.start("-t", f"s3://{bucket}", "--format", "json", "-f", f"{kind}/*.pdb", env=environment(ceph.s3))
          for kind in ("public", "private", "public", "private")]
  for run in runs:
    out, err = run.communicate(timeout=60)
    same(run.returncode, 0, (out + err).decode())
  for key, data in wanted.items():
    same(ceph.s3.get(bucket, key) == data, True, key)


@case("Ceph: prefixes and keys with blanks, signs and letters of other scripts")
def ceph_odd_keys(t):
  bucket = new_bucket(ceph)
  names = ["a+b (1).pdb", "größe-日本-😀.pdb", "100%41 [x]{y}'!@&=$,;~.pdb"]
  wanted = []
  for name in names:
    guid = hashlib.md5(name.encode()).hexdigest().upper()
    t.write(f"build/{name}", harness.pdb_with(guid, 0))
    wanted.append(f"{name}/{guid}1/{name}")
  for prefix in ("it's+odd (ü) 100%41/&=x", "a//b"):
    same(counts(send(t, ceph.s3, f"{bucket}/{prefix}", "build")), {"stored": 3})
    same(counts(send(t, ceph.s3, f"{bucket}/{prefix}/", "build")), {"present": 3})
    same(ceph.s3.keys(bucket, prefix), sorted((f"{prefix}/{key}" for key in wanted), key=str.encode))
  holds(send(t, ceph.s3, f"{bucket}/a/../b", "build", status=2).err, "..")


def parts_there(bucket, key):
  uploads = ceph.s3.uploads(bucket)
  if not uploads:
    return 0
  answer = ceph.s3.ask("GET", f"/{bucket}/{key}", query={"uploadId": uploads[0][1]})
  return len(answer.texts("PartNumber"))


def end_in_the_middle(t, bucket, key, how):
  """Starts to send ./build/big.pdb slowly, and ends the run by a signal when some parts are there."""
  run = t.start("-t", f"s3://{bucket}", "-f", "build/big.pdb", "--limit-rate", "40M", env=environment(ceph.s3))
  end = time.monotonic() + 60
  while parts_there(bucket, key) < 4 and time.monotonic() < end:
    assert run.poll() is None, run.communicate()
    time.sleep(0.1)
  run.send_signal(how)
  run.communicate(timeout=60)
  assert run.returncode != 0


@case("Ceph: 200 MB go in parts; a run that is killed shows nothing, and the next one goes on with it")
def ceph_parts(t):
  bucket = new_bucket(ceph)
  key = large(t, "big.pdb", 200)
  end_in_the_middle(t, bucket, key, signal.SIGKILL)
  same((ceph.s3.keys(bucket), len(ceph.s3.uploads(bucket))), ([], 1), "nothing shows, an upload is left")
  there = parts_there(bucket, key)
  before = ceph.requests("partNumber=")["PUT", 200]
  same(counts(send(t, ceph.s3, bucket, "-f", "build/big.pdb")), {"stored": 1})
  again = ceph.requests("partNumber=")["PUT", 200] - before
  same(again, 13 - there, f"{there} parts were there")
  same(ceph.s3.uploads(bucket), [])
  same(ceph.s3.sha256(bucket, key), sha256(t.path("build/big.pdb")))
  same(counts(send(t, ceph.s3, bucket, "-f", "build/big.pdb")), {"present": 1})


@case("Ceph: a run that is asked to stop in the middle of 200 MB leaves no upload behind")
def ceph_stop(t):
  bucket = new_bucket(ceph)
  key = large(t, "big.pdb", 200)
  end_in_the_middle(t, bucket, key, signal.SIGINT)
  same(ceph.s3.uploads(bucket), [])
  for stored in ceph.s3.keys(bucket): # it may have ended what it had begun
    same(ceph.s3.sha256(bucket, stored), sha256(t.path("build/big.pdb")))


@case("Ceph: what lies under several paths is sent once and copied")
def ceph_copies(t):
  bucket = new_bucket(ceph)
  shutil.copyfile(os.path.join(harness.FILES, "linux/libengine.so.1.debug"), t.write("build/libengine.so.1"))
  with open(t.path("build/libengine.so.1"), "ab") as file:
    file.write(os.urandom(3 << 20))
  done = send(t, ceph.s3, bucket, "build/libengine.so.1", "--for", "debuginfod,gdb,sentry")
  actions = done.actions()
  assert len(actions) >= 3 and set(actions.values()) == {"stored"}, actions
  for key in actions:
    same(ceph.s3.sha256(bucket, key), sha256(t.path("build/libengine.so.1")))
    same(ceph.s3.head(bucket, key).headers["x-amz-meta-sha256"], sha256(t.path("build/libengine.so.1")))
  same(set(send(t, ceph.s3, bucket, "build/libengine.so.1", "--for", "debuginfod,gdb,sentry").actions().values()),
       {"present"})


@case("Ceph: a wrong secret, a wrong key and a missing bucket are named, and not asked again for every file")
def ceph_refusals(t):
  bucket = new_bucket(ceph)
  harness.corpus(t, 40)
  for env, where, words in (
      ({"AWS_SECRET_ACCESS_KEY": "wrong"}, bucket, ("SignatureDoesNotMatch", "secret access key is wrong")),
      ({"AWS_ACCESS_KEY_ID": "NOBODYSKEY"}, bucket, ("InvalidAccessKeyId", "does not know this access key")),
      ({}, "there-is-none", ("NoSuchBucket", 'has no bucket "there-is-none"'))):
    done = send(t, ceph.s3, where, "-f", "build/**/*.pdb", env=env, status=1)
    same(counts(done), {"failed": 40})
    holds(messages(done), *words)
    lacks(done.out + done.err, ceph.s3.secret, "Signature=")
  same(ceph.s3.keys(bucket), [])
  asked = sum(ceph.requests(bucket).values()) + sum(ceph.requests("there-is-none").values())
  assert asked < 120, f"{asked} requests"


@case("Ceph: credentials that may only put: it is stored, kept, and said that nobody could look")
def ceph_put_only(t):
  bucket = new_bucket(ceph)
  writer = ceph.user("writer")
  policy = ('{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam:::user/writer"]},'
            f'"Action":["s3:PutObject"],"Resource":["arn:aws:s3:::{bucket}/*"]}}]}}')
  answer = ceph.s3.ask("PUT", f"/{bucket}", policy.encode(), query={"policy": ""})
  assert answer.status in (200, 204), answer.body
  expected = harness.corpus(t, 10)
  done = send(t, writer, bucket, "-f", "build/**/*.pdb")
  same(counts(done), {"stored": 10})
  same(done.out.count("s3:GetObject"), 1)
  same(ceph.s3.keys(bucket), sorted(expected))
  first = sorted(expected)[0]
  ceph.s3.put(bucket, first, b"what others wrote")
  done = send(t, writer, bucket, "-f", "build/**/*.pdb")
  same(counts(done), {"present": 9, "kept": 1}) # one may look at objects of one's own
  holds(messages(done), "may not look")
  same(ceph.s3.get(bucket, first), b"what others wrote")


@case("Ceph: a quota that is used up is named")
def ceph_quota(t):
  ceph.start()
  small = ceph.user("small")
  ceph.admin("quota", "set", "--uid", "small", "--quota-scope", "user", "--max-objects", "3")
  ceph.admin("quota", "enable", "--uid", "small", "--quota-scope", "user")
  bucket = small.make("smalls")
  harness.corpus(t, 12)
  done = send(t, small, bucket, "-f", "build/**/*.pdb", "-j", "1", status=1)
  holds(done.out, "QuotaExceeded", "quota of the bucket")
  assert done.summary()["stored"] >= 3, done.summary()


@case("Ceph: a gateway that says SlowDown gets everything, a little later")
def ceph_slow_down(t):
  bucket = new_bucket(ceph)
  port = ceph.another(0, "--rgw_max_concurrent_requests=2", "--rgw_scheduler_type=throttler")
  expected = harness.corpus(t, 80)
  done = send(t, ceph.s3, bucket, "-f", "build/**/*.pdb", env={"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"})
  same(counts(done), {"stored": 80})
  same(ceph.s3.keys(bucket), sorted(expected))


@case("Ceph: a role of STS, by the source_profile of a profile")
def ceph_sts(t):
  bucket = new_bucket(ceph)
  trust = ('{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam:::user/symbols"]},'
           '"Action":["sts:AssumeRole"]}]}')
  rights = ('{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*"],'
            '"Resource":["arn:aws:s3:::*"]}]}')
  ceph.admin("role", "create", "--role-name", "uploader", "--assume-role-policy-doc", trust)
  ceph.admin("role-policy", "put", "--role-name", "uploader", "--policy-name", "all", "--policy-doc", rights)
  port = ceph.another(1, "--rgw_s3_auth_use_sts=true")
  t.take("windows/crashy.pdb")
  t.write(".aws/config", f"""[profile base]
endpoint_url = http://127.0.0.1:{port}
[profile role]
endpoint_url = http://127.0.0.1:{port}
role_arn = arn:aws:iam:::role/uploader
source_profile = base
""")
  t.write(".aws/credentials", f"[base]\naws_access_key_id = {ceph.s3.key}\naws_secret_access_key={ceph.s3.secret}\n")
  done = t.run("-t", f"s3://{bucket}", "--format", "json", "--profile", "role", "build/crashy.pdb")
  same(counts(done), {"stored": 1})


# -------------------------------------------------------------------- Swift --

@case("Swift: stores, finds, replaces and keeps without conditional writes")
def swift_all(t):
  bucket = new_bucket(swift)
  expected = harness.corpus(t, 20)
  same(counts(send(t, swift.s3, f"{bucket}/win", "-f", "build/**/*.pdb")), {"stored": 20})
  same(swift.s3.keys(bucket), sorted("win/" + key for key in expected))
  same(counts(send(t, swift.s3, f"{bucket}/win", "-f", "build/**/*.pdb")), {"present": 20})
  t.take("windows/crashy.pdb", "private/crashy.pdb")
  t.take("windows/public/crashy.pdb", "public/crashy.pdb")
  for source, action in (("public", "stored"), ("private", "replaced"), ("public", "kept")):
    same(send(t, swift.s3, bucket, f"{source}/crashy.pdb").actions(), {harness.CRASHY: action})
  same(swift.s3.get(bucket, harness.CRASHY), t.read("private/crashy.pdb"))


@case("Swift: parts, copies, odd keys; a wrong region is corrected")
def swift_more(t):
  bucket = new_bucket(swift)
  key = large(t, "big.pdb", 72)
  same(counts(send(t, swift.s3, bucket, "build/big.pdb")), {"stored": 1})
  same(swift.s3.sha256(bucket, key), sha256(t.path("build/big.pdb")))
  same(swift.s3.uploads(bucket), [])
  shutil.copyfile(os.path.join(harness.FILES, "linux/libengine.so.1.debug"), t.write("build/größe+(1).so"))
  done = send(t, swift.s3, f"{bucket}/a b", "build/größe+(1).so", "--for", "debuginfod,gdb,sentry",
              env={"AWS_REGION": "eu-west-9"})
  same(set(done.actions().values()), {"stored"})
  for key in done.actions():
    same(swift.s3.get(bucket, f"a b/{key}"), t.read("build/größe+(1).so"))


# ----------------------------------------------------------------- stand-in --

class Standing:
  """A stand-in for the length of a case."""

  def __enter__(self):
    self.server = Standin()
    self.server.make("symbols")
    self.server.s3 = S3(self.server.port, "KEY", "SECRET")
    return self.server

  def __exit__(self, *what):
    self.server.close()


def plain_environment(server, **more):
  """No keys but those that a service hands out."""
  return {"AWS_ENDPOINT_URL_S3": server.url, "AWS_EC2_METADATA_DISABLED": "true", **more}


def send_plain(t, server, *args, env=None, **more):
  return t.run("-t", "s3://symbols", "--format", "json", *args, env=plain_environment(server, **(env or {})), **more)


@case("keys of web identity, container, instance, single sign-on, a process and a role find their way")
def all_places(t):
  t.take("windows/crashy.pdb")
  with Standing() as server:
    token = t.write("token", server.web_identity + "\n")
    role = sorted(server.roles)[0]
    session = hashlib.sha1(b"ours").hexdigest()
    t.write(f".aws/sso/cache/{session}.json",
            '{"accessToken": "%s", "expiresAt": "2099-01-01T00:00:00Z"}' % server.sso_token)
    t.write("print-keys", """#!/bin/sh
printf '{"Version":1,"AccessKeyId":"KEY","SecretAccessKey":"SECRET","Expiration":"2099-01-01T00:00:00+00:00"}'
""")
    t.write(".aws/config", f"""# by many hands
[profile single]
sso_session = ours
sso_account_id = 123456789012
sso_role_name = Uploader
[sso-session ours]
sso_region = us-east-1
sso_start_url = https://ours.example.com/start
[profile process]
credential_process = sh "{t.path('print-keys')}" --any
[profile base]
aws_access_key_id = KEY
aws_secret_access_key = SECRET
[profile role]
role_arn = {role}
source_profile = base
[profile far]
role_arn = {role}
source_profile = role
[profile instance]
role_arn = {role}
credential_source = Ec2InstanceMetadata
""")
    sts = {"AWS_ENDPOINT_URL_STS": server.url}
    imds = {"AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": server.url + "/"}
    ways = {
        "web identity": {**sts, "AWS_WEB_IDENTITY_TOKEN_FILE": token, "AWS_ROLE_ARN": role},
        "container": {"AWS_CONTAINER_CREDENTIALS_FULL_URI": server.url + "/container",
                      "AWS_CONTAINER_AUTHORIZATION_TOKEN": server.token},
        "container, token in a file": {"AWS_CONTAINER_CREDENTIALS_FULL_URI": server.url + "/container",
                                       "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": t.write("pod", server.token)},
        "instance": imds,
        "single sign-on": {"AWS_PROFILE": "single", "AWS_ENDPOINT_URL_SSO": server.url},
        "process": {"AWS_PROFILE": "process"},
        "role": {**sts, "AWS_PROFILE": "role"},
        "role by a role": {**sts, "AWS_PROFILE": "far"},
        "role by the instance": {**sts, **imds, "AWS_PROFILE": "instance"},
    }
    for way, env in ways.items():
      server.buckets["symbols"] = {}
      done = send_plain(t, server, "build/crashy.pdb", env=env, status=None)
      same(done.status, 0, way + "\n" + done.out + done.err)
      same(list(server.buckets["symbols"]), [harness.CRASHY], way)


@case("no credentials, or ones that are refused: it is said where they were looked for, and why")
def no_places(t):
  t.take("windows/crashy.pdb")
  with Standing() as server:
    role = sorted(server.roles)[0]
    t.write(".aws/config", "[profile empty]\nregion = eu-west-1\n[profile alone]\nrole_arn = x\n"
                           "[profile broken]\ncredential_process = exit 3\n"
                           "[profile single]\nsso_start_url = https://x\nsso_region = us-east-1\n"
                           "sso_account_id = 1\nsso_role_name = r\n")
    for env, words in (
        ({}, ("no AWS credentials were found", 'profile "default"')),
        ({"AWS_PROFILE": "empty"}, ("no AWS credentials were found", 'profile "empty"')),
        ({"AWS_PROFILE": "alone"}, ('AWS profile "alone"', "neither source_profile nor credential_source")),
        ({"AWS_PROFILE": "broken"}, ('AWS profile "broken"', "status 3")),
        ({"AWS_PROFILE": "single"}, ("aws sso login --profile single",)),
        ({"AWS_ACCESS_KEY_ID": "KEY"}, ("AWS_SECRET_ACCESS_KEY is not",)),
        ({"AWS_ENDPOINT_URL_STS": server.url, "AWS_ROLE_ARN": role,
          "AWS_WEB_IDENTITY_TOKEN_FILE": t.write("token", "a stranger's")}, ("cannot take the role", "InvalidIdentityToken")),
        ({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://example.com/keys"}, ("must be https",)),
    ):
      done = send_plain(t, server, "build/crashy.pdb", env=env, status=1)
      holds(messages(done), *words)
      lacks(done.out + done.err, "a stranger's")
    same(server.buckets["symbols"], {})
    holds(send_plain(t, server, "build/crashy.pdb", env={"AWS_PROFILE": "nobody"}, status=2).err, '"nobody"')


@case("keys are renewed before they expire, and when the server says that they have expired")
def renewal(t):
  expected = harness.corpus(t, 60, 2000)
  with Standing() as server:
    def slowly(handler, action):
      with server.lock:
        time.sleep(0.15)
    server.faults.append(slowly)
    server.life = 5
    env = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": server.url + "/container",
           "AWS_CONTAINER_AUTHORIZATION_TOKEN": server.token}
    same(counts(send_plain(t, server, "-f", "build/**/*.pdb", "-j", "1", env=env)), {"stored": 60})
    same(sorted(server.buckets["symbols"]), sorted(expected))
    assert 2 <= server.handed_out <= 5, server.handed_out
    same([r for r in server.requests if r[3] in (400, 403)], [], "a request with keys that had expired")
    # The server's clock jumps: its keys end before this machine thinks so.
    server.faults.clear()
    server.life, server.handed_out = 3600, 0
    jumped = []

    def jump(handler, action):
      if action == "PutObject" and not jumped and len(server.buckets["symbols"]) == 30:
        jumped.append(True)
        for keys in server.keys.values():
          keys.expires = keys.expires and 1
    server.buckets["symbols"] = {}
    server.faults.append(jump)
    same(counts(send_plain(t, server, "-f", "build/**/*.pdb", env=env)), {"stored": 60})
    assert jumped and server.handed_out <= 20, server.handed_out


@case("a clock that is wrong is named with how wrong it is, a region that is wrong is put right")
def clock_and_region(t):
  t.take("windows/crashy.pdb")
  with Standing() as server:
    server.clock = 20 * 60
    done = send(t, server.s3, "symbols", "build/crashy.pdb", status=1)
    holds(done.out, "RequestTimeTooSkewed", "20 minutes behind the server's")
    server.clock = 0
    server.region = "ap-southeast-2"
    same(counts(send(t, server.s3, "symbols", "build/crashy.pdb")), {"stored": 1})


def many(server, count=2500):
  """Objects of others beside ours, so that a listing has pages."""
  from s3standin import Object
  for i in range(count):
    server.buckets["symbols"][f"other/{i:05}"] = Object(b"x", {})


@case("a second run of a thousand files lists, and asks about few of them")
def listing(t):
  expected = harness.corpus(t, 1000, 2000)
  with Standing() as server:
    many(server)
    same(counts(send(t, server.s3, "symbols", "-f", "build/**/*.pdb")), {"stored": 1000})
    assert server.count("PUT") <= 1001 and server.count("HEAD") <= 20, (server.count("PUT"), server.count("HEAD"))
    server.requests.clear()
    same(counts(send(t, server.s3, "symbols", "-f", "build/**/*.pdb")), {"present": 1000})
    same(server.count("PUT"), 0)
    assert server.count("GET", "list-type") <= 4 and server.count("HEAD") < 700, \
      (server.count("GET", "list-type"), server.count("HEAD"))
    # What the listing finds changed is looked at.
    key = sorted(expected)[500]
    server.buckets["symbols"][key].data += b"longer"
    server.buckets["symbols"][key].meta["x-amz-meta-sha256"] = "0" * 64
    same(counts(send(t, server.s3, "symbols", "-f", "build/**/*.pdb")), {"present": 999, "kept": 1})


@case("a server that ignores conditions is found out, and what others wrote at that moment is told")
def ignored_conditions(t):
  harness.corpus(t, 12, 2000)
  with Standing() as server:
    server.conditional = False
    victims = []

    def meddle(handler, action):
      # Another run writes other bytes just after ours did.
      if action == "HeadObject" and len(server.buckets["symbols"]) == 8 and not victims:
        key = handler.path_text.split("/", 2)[2]
        if key in server.buckets["symbols"]:
          victims.append(key)
          from s3standin import Object
          server.buckets["symbols"][key] = Object(b"theirs", {"x-amz-meta-sha256": "0" * 64})
    server.faults.append(meddle)
    done = send(t, server.s3, "symbols", "-f", "build/**/*.pdb", "-j", "1")
    same(counts(done), {"stored": 11, "kept": 1})
    holds(done.out, "another run wrote other bytes")
    same(done.actions()[victims[0]], "kept")


@case("credentials for PutObject alone: what stands is kept, nothing is asked twice, and one warning says so")
def put_only(t):
  harness.corpus(t, 30, 2000)
  large(t, "big.pdb", 70)
  with Standing() as server:
    server.allowed = {"PutObject"}
    done = t.run("-t", "s3://symbols", "-f", "build/**/*.pdb", env=environment(server.s3))
    same(done.err.count("warning"), 1, done.err)
    same(len(server.buckets["symbols"]), 31)
    server.requests.clear()
    same(counts(send(t, server.s3, "symbols", "-f", "build/**/*.pdb")), {"kept": 31})
    assert server.count("HEAD") < 50, server.count("HEAD")


@case("an upload in parts whose end fails in a 200 is ended again; InvalidPart and lost uploads are survived")
def late_errors(t):
  key = large(t, "big.pdb", 70)
  data = t.read("build/big.pdb")
  with Standing() as server:
    told = []

    def late(handler, action):
      if action == "CompleteUpload" and not told:
        told.append(action)
        raise Refusal(200, "InternalError", "We encountered an internal error. Please try again.")
    server.faults.append(late)
    same(counts(send(t, server.s3, "symbols", "build/big.pdb")), {"stored": 1})
    same(md5(server.buckets["symbols"][key].data), md5(data))
    same(told, ["CompleteUpload"])
    server.buckets["symbols"].clear()

    def lose(handler, action):
      if action == "UploadPart" and len(told) == 1 and handler.query["partNumber"] == "3":
        told.append(action)
        server.parts.clear()
    server.faults[:] = [lose]
    same(counts(send(t, server.s3, "symbols", "build/big.pdb")), {"stored": 1})
    same(md5(server.buckets["symbols"][key].data), md5(data))
    same((told[1:], server.parts), (["UploadPart"], {}))


@case("uploads that others left: the same bytes are gone on with, others are left alone or, when old, removed")
def leftovers(t):
  key = large(t, "big.pdb", 100)
  data = t.read("build/big.pdb")
  part = 16 << 20
  mine = {n: data[(n - 1) * part:n * part] for n in (1, 2, 3, 5)}
  other = {1: b"o" * part}
  with Standing() as server:
    meta = {"x-amz-meta-sha256": "f" * 64, "x-amz-meta-has": "symbols"}
    now = time.time()
    server.parts.update({"same": ["symbols", key, meta, mine, now], "same-too": ["symbols", key, meta, {}, now],
                         "young": ["symbols", key, meta, dict(other), now],
                         "old": ["symbols", key, meta, dict(other), now - 90000],
                         "neighbour": ["symbols", key + "x", meta, dict(other), now - 90000]})
    done = send(t, server.s3, "symbols", "build/big.pdb")
    there = server.buckets["symbols"][key]
    same(md5(there.data), md5(data))
    same(there.meta["x-amz-meta-sha256"], hashlib.sha256(data).hexdigest(), "metadata of the other run's upload")
    same(sorted(server.parts), ["neighbour", "young"])
    assert done.status == 0 and done.summary()["failed"] == 0


@case("a copy that is too large for one request is made in parts; where none may be made, bytes are sent")
def copies(t):
  shutil.copyfile(os.path.join(harness.FILES, "linux/libengine.so.1.debug"), t.write("build/libengine.so.1"))
  with open(t.path("build/libengine.so.1"), "ab") as file:
    file.write(os.urandom(40 << 20))
  want = sha256(t.path("build/libengine.so.1"))
  rights = {"PutObject", "HeadObject", "GetObject", "ListObjects", "CreateUpload", "UploadPart", "CompleteUpload"}
  for copy_max, allowed, bodies in ((5 << 30, None, 1), (10 << 20, None, 1), (5 << 30, rights, 3)):
    with Standing() as server:
      server.copy_max, server.allowed = copy_max, allowed
      done = send(t, server.s3, "symbols", "build/libengine.so.1", "--for", "debuginfod,gdb,sentry",
                  "--storage-class", "STANDARD_IA")
      same(set(done.actions().values()), {"stored"})
      same(len(server.buckets["symbols"]), len(done.actions()))
      for there in server.buckets["symbols"].values():
        same(hashlib.sha256(there.data).hexdigest(), want)
        same(there.meta["x-amz-meta-sha256"], want)
        same(there.meta["x-amz-storage-class"], "STANDARD_IA")
      assert len(done.actions()) >= 3
      if bodies == 1:
        assert server.count("PUT") >= len(done.actions())


@case("storage class, encryption, ACL, tags and requester pays reach the server, and nothing is printed of secrets")
def headers(t):
  t.take("windows/crashy.pdb")
  with Standing() as server:
    seen = []
    server.faults.append(lambda handler, action: seen.append((action, handler.heads)))
    done = send(t, server.s3, "symbols", "build/crashy.pdb", "--storage-class", "STANDARD_IA", "--sse", "aws:kms",
                "--sse-kms-key", "key-1", "--acl", "bucket-owner-full-control", "--tag", "team=a b",
                "--request-payer")
    same(counts(done), {"stored": 1})
    heads = next(h for action, h in seen if action == "PutObject")
    same({name: heads.get(name) for name in (
        "x-amz-storage-class", "x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id",
        "x-amz-acl", "x-amz-tagging", "x-amz-request-payer")},
         {"x-amz-storage-class": "STANDARD_IA", "x-amz-server-side-encryption": "aws:kms",
          "x-amz-server-side-encryption-aws-kms-key-id": "key-1", "x-amz-acl": "bucket-owner-full-control",
          "x-amz-tagging": "team=a%20b", "x-amz-request-payer": "requester"})
    assert all(h.get("x-amz-request-payer") == "requester" for _, h in seen)
    lacks(done.out + done.err, "SECRET")


@case("--compress gzip: packed bytes under the plain bytes' hash; a second run finds them")
def packed(t):
  t.take("windows/crashy.pdb")
  import gzip
  with Standing() as server:
    same(counts(send(t, server.s3, "symbols", "build/crashy.pdb", "--compress", "gzip")), {"stored": 1})
    there = server.buckets["symbols"][harness.CRASHY]
    same(gzip.decompress(there.data), t.read("build/crashy.pdb"))
    same(there.meta["content-encoding"], "gzip")
    same(counts(send(t, server.s3, "symbols", "build/crashy.pdb", "--compress", "gzip")), {"present": 1})


@case("passing errors are tried again, and a lost answer is no reason to call a file somebody else's")
def passing(t):
  expected = harness.corpus(t, 60, 2000)
  with Standing() as server:
    dice = random.Random(7)

    def fail(handler, action):
      roll = dice.random()
      if roll < 0.05:
        raise Refusal(500, "InternalError")
      if roll < 0.1 and action == "PutObject":
        raise Refusal(400, "RequestTimeout", "Your socket connection to the server was not read from")
      if roll < 0.12:
        raise Refusal(503, "SlowDown", "Please reduce your request rate.", {"Retry-After": "1"})
      if roll < 0.15 and action == "PutObject":
        server.buckets["symbols"][handler.path_text.split("/", 2)[2]] = \
          server_object(handler)
        handler.close_connection = True
        handler.connection.close()
        raise ConnectionError
    server.faults.append(fail)
    done = send(t, server.s3, "symbols", "-f", "build/**/*.pdb")
    same(done.summary()["stored"] + done.summary()["present"], 60)
    same(sorted(server.buckets["symbols"]), sorted(expected))


def server_object(handler):
  from s3standin import Object
  return Object(handler.body, handler.heads)


if __name__ == "__main__":
  if len(sys.argv) < 2:
    sys.exit(__doc__)
  sys.exit(0 if harness.run_cases(os.path.abspath(sys.argv[1]), sys.argv[2:]) else 1)
