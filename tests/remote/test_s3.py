#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Deliveries to real S3 servers: Ceph's radosgw and OpenStack Swift. TAP.

usage: test_s3.py PROGRAM [CASE...]"""
import gzip
import hashlib
import os
import signal
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "../servers"), os.path.join(HERE, "../cli")]

import harness
from harness import case, end, holds, lacks, same, until
from s3cases import PACKED_PART, counts, half_noise, large, library, messages, readme_policies, send, sha256, with_flags
from s3client import S3
from s3servers import ceph, environment, new_bucket, swift
from s3transactions import build, note, path


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
  tls = {"AWS_ENDPOINT_URL": f"https://127.0.0.1:{ceph.port + 1}"}
  refused = send(t, ceph.s3, bucket, "build/crashy.pdb", "--retries", "0", env=tls, status=1)
  holds(refused.out, "failed")
  same(counts(send(t, ceph.s3, f"{bucket}/tls", "build/crashy.pdb",
                   env={**tls, "AWS_CA_BUNDLE": ceph.path("tls/ca.pem")})), {"stored": 1})
  same(counts(send(t, ceph.s3, f"{bucket}/host", "build/crashy.pdb", "--addressing", "virtual",
                   env={"AWS_ENDPOINT_URL": f"http://s3.localhost:{ceph.port}"})), {"stored": 1})
  t.write(".aws/config", f"""[profile ci]
region = eu-central-1
services = ours
s3 =
  addressing_style = path
[services ours]
s3 =
  endpoint_url = http://127.0.0.1:{ceph.port}
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
    end(run)
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


def parts_there(bucket, key, user=None):
  user = user or ceph.s3
  uploads = user.uploads(bucket)
  if not uploads:
    return 0
  answer = user.ask("GET", f"/{bucket}/{key}", query={"uploadId": uploads[0][1]})
  return len(answer.texts("PartNumber"))


def end_in_the_middle(t, bucket, key, how, user=None, more=()):
  """Starts to send ./build/big.pdb slowly, and ends the run by a signal when some parts are there."""
  run = t.start("-t", f"s3://{bucket}", "-f", "build/big.pdb", "--limit-rate", "40M", *more,
                env=environment(user or ceph.s3))
  until(lambda: parts_there(bucket, key, user) >= 4, run)
  run.send_signal(how)
  end(run, 128 + how if how == signal.SIGINT else -how)


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
  library(t, os.urandom(3 << 20))
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


@case("Ceph: what keeps all requests back is told once: no credentials, a certificate that is not trusted")
def ceph_kept_back(t):
  bucket = new_bucket(ceph)
  harness.corpus(t, 40)
  for env, words in (({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, "no AWS credentials were found"),
                     ({"AWS_SECRET_ACCESS_KEY": ceph.s3.secret + "\n"}, "AWS_SECRET_ACCESS_KEY holds a blank"),
                     ({"AWS_ENDPOINT_URL": f"https://localhost:{ceph.port + 1}"}, "certificate is not trusted")):
    done = send(t, ceph.s3, bucket, "-f", "build/**/*.pdb", env=env, status=1)
    same(counts(done), {"failed": 40})
    errors = [line for line in done.err.splitlines() if line.startswith("error:")]
    same(len(errors), 1, done.err)
    holds(errors[0], f"s3://{bucket}", words)
  done = send(t, ceph.s3, f"KEY:hush+hush@{bucket}", "build", status=2)
  holds(done.err, f"s3://{bucket}: the address of a bucket holds no keys")
  lacks(done.out + done.err, "hush")


@case("Ceph: credentials that may only put: it is stored, kept, and said that nobody could look")
def ceph_put_only(t):
  bucket = new_bucket(ceph)
  writer = ceph.user("writer")
  ceph.grant(bucket, "writer", [{"Effect": "Allow", "Action": "s3:PutObject"}])
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
  large(t, "big.pdb", 8) # and of one large file alone the run does not learn what the server does with conditions
  done = send(t, writer, bucket, "build/big.pdb")
  same(counts(done), {"stored": 1})
  holds(messages(done), "whether the server keeps conditions is not known")


@case("Ceph: the rights that the README grants an uploader are enough: parts, a resumed upload, copies")
def ceph_readme(t):
  bucket = new_bucket(ceph)
  user = ceph.user("uploader")
  ceph.grant(bucket, "uploader", readme_policies()[0])
  key = large(t, "big.pdb", 200)
  end_in_the_middle(t, bucket, key, signal.SIGKILL, user)
  same(len(ceph.s3.uploads(bucket)), 1)
  library(t, os.urandom(3 << 20))
  before = ceph.requests("partNumber=")["PUT", 200]
  there = parts_there(bucket, key, user)
  args = ("build", "--for", "windbg,debuginfod,gdb")
  done = send(t, user, bucket, *args)
  same(set(done.actions().values()), {"stored"})
  same(ceph.requests("partNumber=")["PUT", 200] - before, 13 - there, f"{there} parts were there")
  same(ceph.s3.uploads(bucket), [])
  same(set(send(t, user, bucket, *args).actions().values()), {"present"})
  same([status for _, status in ceph.requests(bucket) if status == 403], [])


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


@case("Ceph: tags and ACL stand on objects and on their copies, an ACL also on what came in parts; a refused class is named")
def ceph_options(t):
  bucket = new_bucket(ceph)
  large(t, "big.pdb", 70)
  library(t, os.urandom(3 << 20))
  done = send(t, ceph.s3, bucket, "build", "--for", "windbg,debuginfod,gdb,sentry", "--tag", "team=a b", "--tag", "keep=no",
              "--acl", "public-read")
  keys = ceph.s3.keys(bucket)
  same(sorted(done.actions()), keys)
  assert len(keys) >= 4, keys
  assert ceph.requests(bucket)["PUT", 200] < 40
  for key in keys:
    tags = ceph.s3.ask("GET", f"/{bucket}/{key}", query={"tagging": ""})
    if int(ceph.s3.head(bucket, key).headers["content-length"]) < 64 << 20:  # this Ceph knows no tags for parts
      same(dict(zip(tags.texts("Key"), tags.texts("Value"))), {"team": "a b", "keep": "no"}, key)
    holds(ceph.s3.ask("GET", f"/{bucket}/{key}", query={"acl": ""}).body.decode(), "AllUsers")
  same(set(send(t, ceph.s3, bucket, "build", "--for", "windbg,debuginfod,gdb,sentry").actions().values()), {"present"})
  done = send(t, ceph.s3, f"{bucket}/x", "build", "--storage-class", "STANDARD_IA", status=1)
  holds(messages(done), "InvalidArgument", "--storage-class")


@case("Ceph: --sse aws:kms with a key, in one request and in parts")
def ceph_encrypted(t):
  bucket = new_bucket(ceph)
  port = ceph.another(2, "--rgw_crypt_require_ssl=false", "--rgw_crypt_s3_kms_backend=testing",
                      "--rgw_crypt_s3_kms_encryption_keys=ours=YmluCmJvb3N0CmJvb3N0LWJ1aWxkCmNlcGguY29uZgo=")
  env = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}
  key = large(t, "big.pdb", 70)
  t.take("windows/crashy.pdb")
  args = ("--sse", "aws:kms", "--sse-kms-key", "ours")
  same(counts(send(t, ceph.s3, bucket, "build", *args, env=env)), {"stored": 2})
  for path, source in ((key, "build/big.pdb"), (harness.CRASHY, "build/crashy.pdb")):
    gateway = S3(port, ceph.s3.key, ceph.s3.secret)
    head = gateway.head(bucket, path)
    same((head.headers["x-amz-server-side-encryption"], head.headers["x-amz-server-side-encryption-aws-kms-key-id"]),
         ("aws:kms", "ours"))
    same(gateway.sha256(bucket, path), sha256(t.path(source)))
  same(counts(send(t, ceph.s3, bucket, "build", *args, env=env)), {"present": 2})


@case("Ceph: --compress gzip, small, in parts and copied; a second run sends nothing")
def ceph_packed(t):
  bucket = new_bucket(ceph)
  key = large(t, "big.pdb", 1)
  with open(t.path("build/big.pdb"), "ab") as file:
    file.write(os.urandom(70 << 20) + bytes(1 << 20))
  library(t)
  args = ("build", "--for", "windbg,debuginfod,gdb", "--compress", "gzip")
  done = send(t, ceph.s3, bucket, *args)
  same(set(done.actions().values()), {"stored"})
  for path in done.actions():
    head = ceph.s3.head(bucket, path)
    source = "build/big.pdb" if path == key else "build/libengine.so.1"
    same((head.headers["content-encoding"], head.headers["x-amz-meta-sha256"]), ("gzip", sha256(t.path(source))))
    same(gzip.decompress(ceph.s3.get(bucket, path)), t.read(source))
  assert ceph.requests(f"{bucket}/big.pdb")["PUT", 200] >= 5, "in parts"
  before = ceph.requests(bucket)
  same(set(send(t, ceph.s3, bucket, *args).actions().values()), {"present"})
  same(ceph.requests(bucket)["PUT", 200], before["PUT", 200])


@case("Ceph: --compress gzip in parts: a run that is killed shows nothing, and the next one goes on with it")
def ceph_packed_parts(t):
  bucket = new_bucket(ceph)
  key = half_noise(t, "big.pdb", 160)
  end_in_the_middle(t, bucket, key, signal.SIGKILL, more=("--compress", "gzip"))
  same((ceph.s3.keys(bucket), len(ceph.s3.uploads(bucket))), ([], 1), "nothing shows, an upload is left")
  there = parts_there(bucket, key)
  before = ceph.requests("partNumber=")["PUT", 200]
  same(counts(send(t, ceph.s3, bucket, "-f", "build/big.pdb", "--compress", "gzip")), {"stored": 1})
  again = ceph.requests("partNumber=")["PUT", 200] - before
  packed = ceph.s3.get(bucket, key)
  same(again, len(packed) // PACKED_PART + 1 - there, f"{there} parts were there")
  same(ceph.s3.uploads(bucket), [])
  same(gzip.decompress(packed) == t.read("build/big.pdb"), True)
  same(ceph.s3.head(bucket, key).headers["x-amz-meta-sha256"], sha256(t.path("build/big.pdb")))


@case("Ceph: --compress gzip: a run that is asked to stop in the middle leaves no upload behind")
def ceph_packed_stop(t):
  bucket = new_bucket(ceph)
  key = half_noise(t, "big.pdb", 160)
  end_in_the_middle(t, bucket, key, signal.SIGINT, more=("--compress", "gzip"))
  same(ceph.s3.uploads(bucket), [])
  for stored in ceph.s3.keys(bucket): # as above
    same(gzip.decompress(ceph.s3.get(bucket, stored)) == t.read("build/big.pdb"), True)


@case("Ceph: --compress gzip of several large files at once, some of them twice: all are whole, nothing is left of parts")
def ceph_packed_at_once(t):
  bucket = new_bucket(ceph)
  keys = [half_noise(t, f"big{i}.pdb", 70) for i in range(3)]
  runs = [t.start("-t", f"s3://{bucket}", *build, "--compress", "gzip", "-j", "2", env=environment(ceph.s3))
          for build in (["build"], ["build/big0.pdb", "build/big2.pdb"])]
  for run in runs:
    end(run)
  same((ceph.s3.keys(bucket), ceph.s3.uploads(bucket)), (sorted(keys), []))
  for i, key in enumerate(keys):
    same(gzip.decompress(ceph.s3.get(bucket, key)) == t.read(f"build/big{i}.pdb"), True)


@case("Ceph: a second run over thousands of files lists the bucket and sends no body; with a journal the third asks nothing")
def ceph_again(t):
  bucket = new_bucket(ceph)
  count = 3000
  harness.small_corpus(t, count)
  t.take("windows/crashy.pdb")
  args = ("build", "--for", "windbg,breakpad")
  same(counts(send(t, ceph.s3, bucket, *args)), {"stored": count + 1})
  ceph.s3.put(bucket, harness.CRASHY, t.read("build/crashy.pdb"))  # as another tool leaves it
  time.sleep(2.05)
  first = ceph.requests(bucket)
  same(counts(send(t, ceph.s3, bucket, *args, "--journal", "journal")), {"present": count + 1})
  second = ceph.requests(bucket)
  same(second["PUT", 200], first["PUT", 200])
  listed = second["GET", 200] - first["GET", 200]
  asked = second["HEAD", 200] - first["HEAD", 200]
  pages = count // 1000 + 1
  assert pages <= listed <= pages + 2 and asked < count / 2, (first, second)  # HEAD goes on while pages are listed
  same(counts(send(t, ceph.s3, bucket, *args, "--journal", "journal")), {"present": count + 1})
  same(ceph.requests(bucket), second, "requests of a run that knows all")


@case("Ceph: an object without metadata is present by its size alone, and is said to be")
def ceph_size_only(t):
  bucket = new_bucket(ceph)
  t.take("windows/crashy.pdb")
  ceph.s3.put(bucket, harness.CRASHY, bytes(os.path.getsize(t.path("build/crashy.pdb"))))
  done = send(t, ceph.s3, bucket, "build")
  same(done.actions(), {harness.CRASHY: "present"})
  holds(messages(done), "present (size only)")
  done = send(t, ceph.s3, bucket, "build", "--existing", "replace")  # nothing else makes sure
  same(done.actions(), {harness.CRASHY: "replaced"})
  same(ceph.s3.get(bucket, harness.CRASHY), t.read("build/crashy.pdb"))
  same(send(t, ceph.s3, bucket, "build", "--existing", "replace").actions(), {harness.CRASHY: "present"})


@case("Ceph: two runs send the same 150 MB at once: one object, whole, and nothing is left of parts")
def ceph_large_race(t):
  bucket = new_bucket(ceph)
  key = large(t, "big.pdb", 150)
  runs = [t.start("-t", f"s3://{bucket}", "build", "--limit-rate", rate, env=environment(ceph.s3))
          for rate in ("90M", "60M")]
  for run in runs:
    end(run)
  same(ceph.s3.sha256(bucket, key), sha256(t.path("build/big.pdb")))
  same(ceph.s3.uploads(bucket), [])


@case("Ceph: when its time is over a run leaves nothing half done, and the next one ends it")
def ceph_budget(t):
  bucket = new_bucket(ceph)
  expected = harness.corpus(t, 120)
  args = (bucket, "-f", "build/**/*.pdb")
  done = send(t, ceph.s3, *args, "--limit-rate", "1500K", "--budget", "1s", status=1)
  summary = done.summary()
  assert summary["failed"] == 0 and summary["stored"] > 0 and summary["left"] > 0, summary
  same(summary["stored"] + summary["left"], 120)
  same(len(ceph.s3.keys(bucket)), summary["stored"])
  same(counts(send(t, ceph.s3, *args)), {"stored": summary["left"], "present": summary["stored"]})
  same(ceph.s3.keys(bucket), sorted(expected))


@case("Ceph: a disk that stands still: given up after --stall-timeout, tried again, and all lands when it goes on")
def ceph_stalled(t):
  bucket = new_bucket(ceph)
  expected = harness.corpus(t, 20)
  with open(f"{ceph.folder}/osd.pid") as file:
    osd = int(file.read())
  os.kill(osd, signal.SIGSTOP)
  try:
    done = send(t, ceph.s3, bucket, "-f", "build/part1/*.pdb", "--stall-timeout", "1", "--retries", "1", status=1)
    holds(messages(done), "no byte moved for 1 seconds", "tried 2 times")
    run = t.start("-t", f"s3://{bucket}", "-f", "build/**/*.pdb", "--stall-timeout", "2", "--format", "json",
                  env=environment(ceph.s3))
    time.sleep(3)
    assert run.poll() is None, "it did not wait"
  finally:
    os.kill(osd, signal.SIGCONT)
  end(run)
  same(ceph.s3.keys(bucket), sorted(expected))
  for key, source in expected.items():
    same(ceph.s3.get(bucket, key), t.read(source))


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


@case("Ceph, Swift: an upload that was begun for other bytes of the same key does not lend its metadata")
def begun_by_others(t):
  key = large(t, "big.pdb", 70)
  data = t.read("build/big.pdb")
  begun = {"x-amz-meta-sha256": "f" * 64, "x-amz-meta-has": "symbols,debug,unwind,sources"}
  for server, parts in (ceph, 0), (ceph, 1), (swift, 1):
    bucket = new_bucket(server)
    answer = server.s3.ask("POST", f"/{bucket}/{key}", query={"uploads": ""}, headers=begun)
    if parts:
      same(server.s3.ask("PUT", f"/{bucket}/{key}", data[:16 << 20],
                         {"partNumber": 1, "uploadId": answer.texts("UploadId")[0]}).status, 200)
    same(counts(send(t, server.s3, bucket, "build/big.pdb")), {"stored": 1}, f"{parts} parts were there")
    same(server.s3.sha256(bucket, key), sha256(t.path("build/big.pdb")))
    same(server.s3.head(bucket, key).headers["x-amz-meta-sha256"], sha256(t.path("build/big.pdb")))
    same(server.s3.uploads(bucket), [])


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
  t.take("linux/libengine.so.1.debug", "build/größe+(1).so")
  done = send(t, swift.s3, f"{bucket}/a b", "build/größe+(1).so", "--for", "debuginfod,gdb,sentry",
              env={"AWS_REGION": "eu-west-9"})
  same(set(done.actions().values()), {"stored"})
  for key in done.actions():
    same(swift.s3.get(bucket, f"a b/{key}"), t.read("build/größe+(1).so"))


@case("Swift: a server that keeps no conditions takes no transactions: an error where they are asked for, else silently none")
def swift_transactions(t):
  bucket = new_bucket(swift)
  done = note(t, swift.s3, bucket, build(t, "a"), status=1)
  holds(done.err, "transactions need a server that keeps If-None-Match: * on a PUT, and this one does not")
  same(swift.s3.keys(bucket), [])
  done = send(t, swift.s3, bucket, "a")
  same(counts(done), {"stored": 1})
  lacks(done.err, "transaction")
  same(swift.s3.keys(bucket), [path("a")])


if __name__ == "__main__":
  sys.exit(0 if harness.run_cases(os.path.abspath(sys.argv[1]), sys.argv[2:]) else 1)
