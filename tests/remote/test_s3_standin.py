#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Deliveries to a strict stand-in for S3: what no real server here checks, and where AWS's
credentials are found. TAP.

usage: test_s3_standin.py PROGRAM [CASE...]"""
import gzip
import hashlib
import os
import random
import re
import resource
import shutil
import socket
import sys
import threading
import time
import zlib
from collections import Counter

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "../servers"), os.path.join(HERE, "../cli")]

import harness
from faulty import Faulty
from harness import case, guid_of, holds, lacks, same
from s3cases import PACKED_PART, counts, half_noise, large, messages, send, sha256
from s3servers import Standing, environment
from s3standin import Object, Refusal, md5
from terminal import on_terminal


def plain_environment(server, **more):
  """No keys but those that a service hands out."""
  return {"AWS_ENDPOINT_URL_S3": server.url, "AWS_EC2_METADATA_DISABLED": "true", **more}


def send_plain(t, server, *args, env=None, **more):
  return t.run("-t", "s3://symbols", "--format", "json", *args, env=plain_environment(server, **(env or {})), **more)


@case("a service of credentials that cannot be reached is given up as soon as a server is")
def unreachable_sts(t):
  t.take("windows/crashy.pdb")
  with Standing() as server, Faulty() as sts:
    sts.fail("reset")
    done = send_plain(t, server, "build", status=1, env={
        "AWS_ENDPOINT_URL_STS": sts.url, "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/x",
        "AWS_WEB_IDENTITY_TOKEN_FILE": t.write("token", "token")})
    holds(messages(done), "cannot take the role")
    same(len(sts.log), 4)


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
      if action == "PutObject" and not jumped and len(server.buckets["symbols"]) >= 30:
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
  for i in range(count):
    server.buckets["symbols"][f"other/{i:05}"] = Object(b"x", {})


@case("a second run over 10,000 files sends no body, lists, and asks about few of them")
def listing(t):
  expected = harness.small_corpus(t, 10_000)
  args = "build", "--for", "breakpad"
  with Standing() as server:
    many(server)
    same(counts(send(t, server.s3, "symbols", *args)), {"stored": 10_000})
    assert server.count("PUT") <= 10_001 and server.count("HEAD") <= 20, (server.count("PUT"), server.count("HEAD"))
    server.requests.clear()
    same(counts(send(t, server.s3, "symbols", *args)), {"present": 10_000})
    same(server.count("PUT"), 0)
    assert server.count("GET", "list-type") <= 14 and server.count("HEAD") < 5000, \
      (server.count("GET", "list-type"), server.count("HEAD"))
    # What the listing finds changed is looked at.
    key = sorted(expected)[500]
    server.buckets["symbols"][key].data += b"longer"
    server.buckets["symbols"][key].meta["x-amz-meta-sha256"] = "0" * 64
    same(counts(send(t, server.s3, "symbols", *args)), {"present": 9_999, "kept": 1})


@case("a dry run asks for each path, and says what is new, the same, and other")
def dry_run(t):
  for name in "crashy", "engine":
    t.take(f"windows/{name}.pdb")
  with Standing() as server:
    send(t, server.s3, "symbols", "build/crashy.pdb")
    server.requests.clear()
    same(counts(send(t, server.s3, "symbols", "-n", "build")), {"present": 1, "planned": 1})
    same(server.count("PUT"), 0)
    for there in server.buckets["symbols"].values():
      there.meta["x-amz-meta-sha256"] = "0" * 64
    same(counts(send(t, server.s3, "symbols", "-n", "build")), {"kept": 1, "planned": 1})


@case("a dry run into a bucket that is not there, or by keys that are refused, fails as the run would")
def dry_run_in_vain(t):
  t.take("windows/crashy.pdb")
  with Standing() as server:
    for where, env, words in (("nowhere", {}, 'has no bucket "nowhere"'),
                              ("symbols", {"AWS_ACCESS_KEY_ID": "OTHER"}, "does not know this access key"),
                              ("symbols", {"AWS_SECRET_ACCESS_KEY": "OTHER"}, "SignatureDoesNotMatch")):
      done = send(t, server.s3, where, "-n", "build", env=env, status=1)
      same(counts(done), {"failed": 1}, words)
      holds(messages(done), words)
    server.allowed = {"HeadObject", "GetObject"}
    same(counts(send(t, server.s3, "symbols", "-n", "build")), {"planned": 1}, "who may not list hears as before")


@case("a server that was never heard of is tried four times: what goes elsewhere does not wait for it long")
def never_answers(t):
  t.take("windows/crashy.pdb")
  with socket.create_server(("127.0.0.1", 0)) as silent:
    for port, words in (silent.getsockname()[1], "no byte moved for 1 seconds"), (9, "connection refused"):
      env = {"AWS_ACCESS_KEY_ID": "KEY", "AWS_SECRET_ACCESS_KEY": "SECRET",
             "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}
      done = t.run("build", "--to", "s3://symbols", "-l", "store", "-q", "--stall-timeout", "1", env=env, status=1)
      holds(done.err, words, "(tried 4 times)")
      assert os.path.exists(t.path("store/" + harness.CRASHY))


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
          server.buckets["symbols"][key] = Object(b"theirs", {"x-amz-meta-sha256": "0" * 64})
    server.faults.append(meddle)
    done = send(t, server.s3, "symbols", "-f", "build/**/*.pdb", "-j", "1")
    same(counts(done), {"stored": 11, "kept": 1})
    holds(done.out, "another run wrote other bytes")
    same(done.actions()[victims[0]], "kept")


@case("an upload in parts overwrites nothing that came meanwhile; what came at the very end is told")
def late_race(t):
  key = large(t, "big.pdb", 70)
  theirs = Object(b"theirs", {"x-amz-meta-sha256": "0" * 64})
  for moment in "UploadPart", "CompleteUpload":
    with Standing() as server:
      server.conditional_complete = False
      done_parts = []

      def meddle(handler, action):
        if action == moment and not done_parts:
          done_parts.append(action)
          if moment == "UploadPart":
            server.buckets["symbols"][key] = theirs
        elif action == "HeadObject" and done_parts and key in server.buckets["symbols"]:
          server.buckets["symbols"][key] = theirs
      server.faults.append(meddle)
      done = send(t, server.s3, "symbols", "build/big.pdb")
      same(done.actions(), {key: "kept"})
      holds(messages(done), "other bytes stand under this key" if moment == "UploadPart"
            else "another run wrote other bytes under this key at the same moment")
      same((server.buckets["symbols"][key].data, server.parts), (b"theirs", {}))
      same(server.count("POST", "uploadId="), 1 if moment == "CompleteUpload" else 0, "ends of uploads")


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


@case("an upload in parts that another run shares: a part that it overwrote, and an end that it was first to ask for")
def shared_upload(t):
  key = large(t, "big.pdb", 70)
  with Standing() as server:
    told = []

    def overwritten(handler, action):
      if action == "CompleteUpload" and not told:
        told.append(action)
        raise Refusal(400, "InvalidPart", "")
    server.faults.append(overwritten)
    same(counts(send(t, server.s3, "symbols", "build/big.pdb")), {"stored": 1})
    same((server.buckets["symbols"][key].meta["x-amz-meta-sha256"], server.parts), (sha256(t.path("build/big.pdb")), {}))
    server.buckets["symbols"].clear()

    def first(handler, action): # as Ceph answers: "This multipart completion is already in progress"
      if action == "CompleteUpload":
        if len(told) == 1:
          told.append(action)
          handler.answer = lambda *args, **more: None
          handler.do_CompleteUpload("symbols", server.buckets["symbols"], handler.path_text.split("/", 2)[2])
          del handler.answer
        raise Refusal(500, "InternalError", "")
    server.faults[:] = [first]
    same(counts(send(t, server.s3, "symbols", "build/big.pdb", "--retries", "1")), {"stored": 1})
    same((len(told), server.parts), (2, {}))


@case("uploads that others left: the same bytes are gone on with, others are left alone or, when old, removed")
def leftovers(t):
  key = large(t, "big.pdb", 100)
  data = t.read("build/big.pdb")
  part = 16 << 20
  mine = {n: data[(n - 1) * part:n * part] for n in (1, 2, 3, 5)}
  other = {1: b"o" * part}
  with Standing() as server:
    meta = {"x-amz-meta-sha256": "f" * 64, "x-amz-meta-has": "symbols,debug,unwind,sources"}
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


@case("a copy in parts whose upload is lost is made again")
def lost_copy(t):
  shutil.copyfile(os.path.join(harness.FILES, "linux/libengine.so.1.debug"), t.write("build/libengine.so.1"))
  with open(t.path("build/libengine.so.1"), "ab") as file:
    file.write(os.urandom(40 << 20))
  with Standing() as server:
    server.copy_max = 10 << 20
    lost = []

    def lose(handler, action):
      if action == "UploadPart" and not lost and handler.query["partNumber"] == "2":
        lost.append(action)
        server.parts.clear()
    server.faults.append(lose)
    done = send(t, server.s3, "symbols", "build/libengine.so.1", "--for", "debuginfod,gdb")
    same((lost, set(done.actions().values()), server.parts), (["UploadPart"], {"stored"}, {}))


@case("the lost answer to the end of an upload in parts does not call a second path somebody else's")
def lost_end(t):
  shutil.copyfile(os.path.join(harness.FILES, "linux/libengine.so.1.debug"), t.write("build/libengine.so.1"))
  with open(t.path("build/libengine.so.1"), "ab") as file:
    file.truncate(70 << 20)
  with Standing() as server:
    server.allowed = {"PutObject", "HeadObject", "GetObject", "ListObjects", "CreateUpload", "UploadPart", "CompleteUpload"}
    ends = []

    def lose(handler, action):
      if action != "CompleteUpload":
        return
      ends.append(handler.path_text)
      if len(ends) == 2:
        handler.answer = lambda *args, **more: None
        handler.do_CompleteUpload("symbols", server.buckets["symbols"], handler.path_text.split("/", 2)[2])
        handler.close_connection = True
        handler.connection.close()
        raise ConnectionError
    server.faults.append(lose)
    done = send(t, server.s3, "symbols", "build/libengine.so.1", "--for", "debuginfod,gdb")
    same((len(ends), set(done.actions().values())), (3, {"stored"}))


@case("storage class, encryption, ACL, tags and requester pays reach the server, and nothing is printed of secrets")
def headers(t):
  t.take("windows/crashy.pdb")
  large(t, "big.pdb", 65)
  with Standing() as server:
    seen = []
    server.faults.append(lambda handler, action: seen.append((action, handler.heads)))
    done = send(t, server.s3, "symbols", "build", "--storage-class", "STANDARD_IA", "--sse", "aws:kms",
                "--sse-kms-key", "key-1", "--acl", "bucket-owner-full-control", "--tag", "team=a b",
                "--request-payer")
    same(counts(done), {"stored": 2})
    wanted = {"x-amz-storage-class": "STANDARD_IA", "x-amz-server-side-encryption": "aws:kms",
              "x-amz-server-side-encryption-aws-kms-key-id": "key-1", "x-amz-acl": "bucket-owner-full-control",
              "x-amz-tagging": "team=a%20b", "x-amz-request-payer": "requester"}
    for begun in "PutObject", "CreateUpload":
      heads = next(h for action, h in seen if action == begun)
      same({name: heads.get(name) for name in wanted}, wanted)
    assert all(h.get("x-amz-request-payer") == "requester" for _, h in seen)
    lacks(done.out + done.err, "SECRET")


@case("--compress gzip: packed bytes under the plain bytes' hash; a second run finds them")
def packed(t):
  t.take("windows/crashy.pdb")
  with Standing() as server:
    same(counts(send(t, server.s3, "symbols", "build/crashy.pdb", "--compress", "gzip")), {"stored": 1})
    there = server.buckets["symbols"][harness.CRASHY]
    same(gzip.decompress(there.data), t.read("build/crashy.pdb"))
    same(there.meta["content-encoding"], "gzip")
    same(counts(send(t, server.s3, "symbols", "build/crashy.pdb", "--compress", "gzip")), {"present": 1})


@case("of many images without their PDBs a listing tells, and the one that is there is not warned of")
def pairs_by_listing(t):
  image = t.take("windows/engine.dll", "engine.dll")
  guid = guid_of("windows/engine.pdb")
  for i in range(300):
    t.write(f"build/lib{i:03}.dll", t.read(image).replace(rsds(guid), rsds(f"{i:04X}{guid[4:]}")))
  with Standing() as server:
    server.buckets["symbols"][f"engine.pdb/{0x123:04X}{guid[4:]}1/engine.pdb"] = Object(b"somebody's", {})
    asked = []
    server.faults.append(lambda handler, action: asked.append(action))
    done = send(t, server.s3, "symbols", "build", "-j", "4")
    same(counts(done), {"stored": 300})
    same(sum("warning" in line for line in done.objects()), 299)
    assert asked.count("HeadObject") < 60 and asked.count("ListObjects") == 2, Counter(asked)


def rsds(guid):
  """The beginning of the CodeView record of a PDB of age 1."""
  data = bytes.fromhex(guid)
  return b"RSDS" + data[3::-1] + data[5:3:-1] + data[7:5:-1] + data[8:] + b"\1\0\0\0"


def sent_parts(server):
  """The numbers of the parts that were sent, in their order."""
  return [int(re.search(r"partNumber=(\d+)", query)[1]) for method, _, query, status in server.requests
          if method == "PUT" and "partNumber=" in query and status == 200]


@case("--compress gzip of a large file: packed on its way, in parts, no file of whose size is needed")
def packed_parts(t):
  key = half_noise(t, "big.pdb", 100)
  data = t.read("build/big.pdb")
  packer = zlib.compressobj(-1, zlib.DEFLATED, 31)
  want = packer.compress(data) + packer.flush()
  with Standing() as server:
    done = send(t, server.s3, "symbols", "build/big.pdb", "--compress", "gzip",
                limits=((resource.RLIMIT_FSIZE, 2 * PACKED_PART),))
    delivered = next(o for o in done.objects() if "key" in o)
    same((delivered["key"], delivered["action"], delivered["bytes"], delivered["attempts"], delivered["sha256"]),
         (key, "stored", len(data), 1, hashlib.sha256(data).hexdigest()))
    there = server.buckets["symbols"][key]
    assert there.data == want, "the bytes are not zlib's"
    same((there.meta["content-encoding"], there.meta["x-amz-meta-sha256"]), ("gzip", hashlib.sha256(data).hexdigest()))
    same(sorted(sent_parts(server)), list(range(1, len(want) // PACKED_PART + 2)))
    same(counts(send(t, server.s3, "symbols", "build/big.pdb", "--compress", "gzip")), {"present": 1})
    same(server.count("POST", "uploads"), 1)


@case("--compress gzip of a large file that packs to little is one PUT; one that does not pack goes as it is")
def packed_or_not(t):
  holes = large(t, "holes.pdb", 100)
  noise = large(t, "noise.pdb", 1)
  with open(t.path("build/noise.pdb"), "r+b") as file:
    file.seek(20000)
    file.write(random.Random(3).randbytes(70 << 20))
  with Standing() as server:
    same(counts(send(t, server.s3, "symbols", "build", "--compress", "gzip")), {"stored": 2})
    there = server.buckets["symbols"]
    same((there[holes].meta["content-encoding"], gzip.decompress(there[holes].data) == t.read("build/holes.pdb")),
         ("gzip", True))
    same(("content-encoding" in there[noise].meta, there[noise].data == t.read("build/noise.pdb")), (False, True))
    same(server.count("POST", "uploads"), 1, "uploads in parts: the noise alone")


@case("--compress gzip of a large file: copied to its other paths, or packed anew for each; whole where nobody may look")
def packed_paths(t):
  shutil.copyfile(os.path.join(harness.FILES, "linux/libengine.so.1.debug"), t.write("build/libengine.so.1"))
  with open(t.path("build/libengine.so.1"), "ab") as file:
    for i in range(70):
      file.write(random.Random(i).randbytes(1 << 19) + bytes(1 << 19))
  data = t.read("build/libengine.so.1")
  rights = {"PutObject", "HeadObject", "GetObject", "ListObjects", "CreateUpload", "UploadPart", "CompleteUpload"}
  for allowed, uploads in (None, 1), (rights, 3), ({"PutObject"}, 0):
    with Standing() as server:
      server.allowed = allowed
      done = send(t, server.s3, "symbols", "build", "--compress", "gzip", "--for", "debuginfod,gdb,sentry")
      same((len(done.actions()), set(done.actions().values())), (3, {"stored"}))
      same(server.count("POST", "uploads"), uploads, f"uploads in parts where {allowed} is allowed")
      stored = server.buckets["symbols"]
      same(sorted(stored), sorted(done.actions()))
      assert all(there.data == stored[min(stored)].data and there.meta["content-encoding"] == "gzip"
                 for there in stored.values())
      same(gzip.decompress(stored[min(stored)].data) == data, True)


@case("a terminal shows how much of a large file is there, packed or not, before it is done")
def progress_in_parts(t):
  half_noise(t, "big.pdb", 100)
  for options in ["--compress", "gzip"], []:
    with Standing() as server:
      shown = threading.Event()

      def wait(handler, action):
        if action == "CompleteMultipartUpload":
          shown.wait(harness.TIMEOUT)
      server.faults.append(wait)
      on_terminal(t, "-t", "s3://symbols", "-f", "build/big.pdb", *options, env=environment(server.s3), then=shown.set,
                  until=rb"storing: 0 of 1 files, 100[.]0 MiB of 100[.]0 MiB, [^ ]* [KM]iB/s, 0 s left")
      same(server.count("POST", "uploads"), 1)


@case("a source that changes while its first parts travel leaves no object of two states, packed or not")
def changes(t):
  key = half_noise(t, "big.pdb", 120)
  for options, plain in ((["--compress", "gzip"], gzip.decompress), ([], bytes)):
    with Standing() as server:
      ended = []

      def change(handler, action):
        # Most of the file is not read yet: of parts that are not there four at most are under way.
        if action == "UploadPart" and not ended:
          ended.append(action)
          with open(t.path("build/big.pdb"), "r+b") as file:
            file.seek(-1000, os.SEEK_END)
            file.write(b"other bytes" if options else b"and others")
      server.faults.append(change)
      same(counts(send(t, server.s3, "symbols", "build/big.pdb", *options)), {"stored": 1}, options)
      there = server.buckets["symbols"][key]
      same(plain(there.data) == t.read("build/big.pdb"), True, "the bytes after it")
      same(there.meta["x-amz-meta-sha256"], sha256(t.path("build/big.pdb")))
      same((server.count("DELETE", "uploadId="), server.count("POST", "uploads"), server.parts), (1, 2, {}),
           f"uploads: aborted, begun, left, with {options}")


@case("--compress gzip: a part that is tried again has the same bytes; a lost upload is begun anew from the start")
def packed_retries(t):
  key = half_noise(t, "big.pdb", 80)
  with Standing() as server:
    bodies, lost = {}, []

    def fail(handler, action):
      if action != "UploadPart":
        return
      number = handler.query["partNumber"]
      bodies.setdefault(number, []).append(hashlib.sha256(handler.body).hexdigest())
      if len(bodies[number]) == 1:
        raise Refusal(500, "InternalError")
      if number == "4" and not lost:
        lost.append(number)
        server.parts.clear()
    server.faults.append(fail)
    done = send(t, server.s3, "symbols", "build/big.pdb", "--compress", "gzip")
    same(counts(done), {"stored": 1})
    assert all(len(sent) >= 2 and len(set(sent)) == 1 for sent in bodies.values()), bodies
    same(gzip.decompress(server.buckets["symbols"][key].data) == t.read("build/big.pdb"), True)
    same((lost, server.parts), (["4"], {}))


@case("--compress gzip: parts that a killed run left are not sent again, whatever is missing between them")
def packed_leftovers(t):
  key = half_noise(t, "big.pdb", 100)
  with Standing() as server:
    same(counts(send(t, server.s3, "symbols", "build/big.pdb", "--compress", "gzip")), {"stored": 1})
    data, meta = server.buckets["symbols"][key].data, server.buckets["symbols"][key].meta
    cut = {n + 1: data[n * PACKED_PART:][:PACKED_PART] for n in range(len(data) // PACKED_PART + 1)}
    last = max(cut)
    assert last >= 6, last
    now = time.time()
    other = {1: cut[1], 2: b"o" * PACKED_PART}
    for there in ([1, 2, 3], [1, 2, 4], [2, last], list(cut), [1, last + 1], []):
      mine = {n: cut.get(n, b"beyond the end") for n in there}
      ours = last + 1 not in mine
      taken_over = set(mine) if ours and mine else {1}
      server.buckets["symbols"].clear()
      server.requests.clear()
      server.parts.clear()
      server.parts.update({"theirs": ["symbols", key, meta, dict(other), now],
                           "same": ["symbols", key, meta, dict(mine), now],
                           "same-too": ["symbols", key, meta, {1: cut[1]}, now]})
      same(counts(send(t, server.s3, "symbols", "build/big.pdb", "--compress", "gzip")), {"stored": 1}, there)
      same(server.buckets["symbols"][key].data == data, True, there)
      same(sorted(sent_parts(server)), sorted(set(cut) - taken_over), f"parts that were sent, with {there} there")
      same(sorted(server.parts), ["theirs"] if ours else ["same", "theirs"], there)


def peak_kib(process_id):
  """The most memory that a running process has had so far; 0 when it has ended."""
  with open(f"/proc/{process_id}/status", encoding="ascii") as file:
    return max([int(line.split()[1]) for line in file if line.startswith("VmHWM")], default=0)


@case("--compress gzip of several large files at once over a slow line: memory stays below 64 MiB")
def packed_memory(t):
  keys = [half_noise(t, f"big{i}.pdb", 70) for i in range(4)]
  with Standing() as server:
    run = t.start("-t", "s3://symbols", "build", "--compress", "gzip", "-j", "4", "--limit-rate", "24M", "-q",
                  env=environment(server.s3))
    peak = 0
    while run.poll() is None:
      peak = max(peak, peak_kib(run.pid))
      time.sleep(0.02)
    same((run.returncode, sorted(server.buckets["symbols"])), (0, sorted(keys)))
    for i, key in enumerate(keys):
      same(gzip.decompress(server.buckets["symbols"][key].data) == t.read(f"build/big{i}.pdb"), True)
    assert t.sanitized or 4 << 10 < peak < 64 << 10, f"{peak} KiB"


@case("-j N: N files are under way at once and never more; results and receipt are the same for every N")
def jobs(t):
  harness.corpus(t, 24, 2000)
  told = []
  for n in 1, 3, 8:
    with Standing() as server:
      here, most, met = [], [], threading.Event()

      def meet(handler, action):
        if action != "HeadObject":
          return
        with server.lock:
          here.append(handler)
          most.append(len(here))
          if len(here) == n:
            met.set()
        met.wait(60)  # the first ones: for each other
        time.sleep(0.02)
        with server.lock:
          here.remove(handler)
      server.conditional = False  # so that every file is looked for
      server.faults.append(meet)
      done = send(t, server.s3, "symbols", "build", "-j", n, "--receipt", "receipt")
      same(max(most), n, "files under way at once")
      lacks(done.err, "storing:")  # a log has no line of progress of so short a run
      told.append((done.objects()[:-1], t.read("receipt"), sorted(server.buckets["symbols"])))
  same(told[1], told[0])
  same(told[2], told[0])


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


@case("a server that answers nobody is tried as often as one request is, not as often for each file")
def nobody_answers(t):
  harness.corpus(t, 20, 1000)
  with Faulty() as faulty:
    faulty.fail("reset")
    done = t.run("-t", "s3://symbols", "--format", "json", "--retries", "2", "-j", "1", "-f", "build/**/*.pdb", status=1,
                 env={"AWS_ENDPOINT_URL_S3": faulty.url, "AWS_ACCESS_KEY_ID": "KEY", "AWS_SECRET_ACCESS_KEY": "SECRET"})
    same((counts(done), len(faulty.log)), ({"failed": 20}, 3))


@case("a quota that is used up is told once, and no further file is sent")
def quota(t):
  harness.corpus(t, 20, 1000)
  with Standing() as server:
    refused = []

    def full(handler, action):
      if action == "PutObject" and len(server.buckets["symbols"]) >= 3:
        refused.append(handler.path_text)
        raise Refusal(403, "QuotaExceeded")
    server.faults.append(full)
    done = send(t, server.s3, "symbols", "-j", "1", "-f", "build/**/*.pdb", status=1)
    same((counts(done), len(refused)), ({"stored": 3, "failed": 17}, 1))
    same(done.err.count("the quota of the bucket or of its owner is used up"), 1)


@case("credentials that may not write at all are given up after 32 files; a policy that forbids some names is not")
def may_not_write(t):
  harness.corpus(t, 60, 1000)
  for allowed, told, tried in (lambda path: False, 33, 32), (lambda path: "0" in path.rsplit("/", 1)[-1], None, None):
    with Standing() as server:
      refused = []

      def policy(handler, action):
        if action == "PutObject" and not allowed(handler.path_text):
          refused.append(handler.path_text)
          raise Refusal(403, "AccessDenied")
      server.faults.append(policy)
      done = send(t, server.s3, "symbols", "-j", "1", "-f", "build/**/*.pdb", status=1)
      failed = 60 - len(server.buckets["symbols"])
      same(done.summary()["failed"], failed)
      same(done.err.count("these credentials lack s3:PutObject"), told or failed)
      same(len(refused), tried or failed)


def server_object(handler):
  return Object(handler.body, handler.heads)


if __name__ == "__main__":
  sys.exit(0 if harness.run_cases(os.path.abspath(sys.argv[1]), sys.argv[2:]) else 1)
