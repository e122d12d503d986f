#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Deliveries to a strict stand-in for S3: what no real server here checks, and where AWS's
credentials are found. TAP.

usage: test_s3_standin.py PROGRAM [CASE...]"""
import gzip
import hashlib
import os
import random
import signal
import socket
import sys
import threading
import time
from collections import Counter

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "../servers"), os.path.join(HERE, "../cli")]

import harness
from faulty import Faulty
from harness import case, end, guid_of, holds, lacks, same
from listener import nobody
from s3cases import counts, large, library, messages, send
from s3servers import Standing, environment
from s3standin import Object, Refusal


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


@case("a run that is stopped while a service is asked for keys does not say that there are none")
def stopped_while_asking(t):
  t.take("windows/crashy.pdb")
  with Standing() as server, socket.create_server(("127.0.0.1", 0)) as silent:
    run = t.start("-t", "s3://symbols", "build", env=plain_environment(
        server, AWS_EC2_METADATA_DISABLED="false",
        AWS_EC2_METADATA_SERVICE_ENDPOINT=f"http://127.0.0.1:{silent.getsockname()[1]}"))
    with silent.accept()[0]:
      run.send_signal(signal.SIGINT)
      lacks(end(run, 130).err, "no AWS credentials were found")


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
    # A look is refused by 400 without a word of why: the reason is asked for.
    jumped.clear()

    def jump_at_look(handler, action):
      if action == "HeadObject" and not jumped:
        jumped.append(True)
        for keys in server.keys.values():
          keys.expires = keys.expires and 1
    server.faults[:] = [jump_at_look]
    same(counts(send_plain(t, server, "-f", "build/**/*.pdb", "-j", "4", env=env)), {"present": 60})
    assert jumped


@case("keys that a server calls expired however new they are are not renewed without end")
def expired_for_ever(t):
  t.take("windows/crashy.pdb")
  with Standing() as server:
    def refuse(handler, action):
      raise Refusal(400, "ExpiredToken", "The provided token has expired.")
    server.faults.append(refuse)
    env = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": server.url + "/container",
           "AWS_CONTAINER_AUTHORIZATION_TOKEN": server.token}
    done = send_plain(t, server, "-f", "build/**/*.pdb", env=env, status=1)
    holds(messages(done), "ExpiredToken")
    same(server.handed_out, 2)


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


@case("a bucket in another region to which the server redirects is asked there; a redirect to another address is named")
def redirected(t):
  t.take("windows/crashy.pdb")
  with Standing() as server:
    server.region = "ap-southeast-2"
    for status, code in (301, "PermanentRedirect"), (307, "TemporaryRedirect"):
      server.buckets["symbols"].clear()
      def redirect(handler, action):
        if "/us-east-1/" in handler.heads["authorization"]:
          raise Refusal(status, code, "", {"x-amz-bucket-region": server.region})
      server.faults[:] = [redirect]
      same(counts(send(t, server.s3, "symbols", "build")), {"stored": 1}, code)
    def elsewhere(handler, action):
      raise Refusal(status, "", "", {"Location": "https://user:hush@s3.example.com:8443" + handler.path + "?sig=hush"})
    server.faults[:] = [elsewhere]
    for status in 301, 302, 307, 308:
      done = send(t, server.s3, "symbols", "build", status=1)
      holds(messages(done), f"the server answered {status}: it redirects to https://s3.example.com:8443/")
      lacks(done.out + done.err, "hush", "--region")


def many(server, count=2500):
  """Objects of others beside ours, so that a listing has pages."""
  for i in range(count):
    server.buckets["symbols"][f"other/{i:05}"] = Object(b"x", {})


@case("a second run over 3,000 files sends no body, lists, and asks about few of them")
def listing(t):
  expected = harness.small_corpus(t, 3000)
  args = "build", "--for", "breakpad"
  with Standing() as server:
    many(server)
    same(counts(send(t, server.s3, "symbols", *args)), {"stored": 3000})
    assert server.count("PUT") <= 3001 and server.count("HEAD") <= 20, (server.count("PUT"), server.count("HEAD"))
    server.requests.clear()
    same(counts(send(t, server.s3, "symbols", *args)), {"present": 3000})
    same(server.count("PUT"), 0)
    assert server.count("GET", "list-type") <= 7 and server.count("HEAD") < 1500, \
      (server.count("GET", "list-type"), server.count("HEAD"))
    # What the listing finds changed is looked at.
    key = sorted(expected)[500]
    server.buckets["symbols"][key].data += b"longer"
    server.buckets["symbols"][key].meta["x-amz-meta-sha256"] = "0" * 64
    same(counts(send(t, server.s3, "symbols", *args)), {"present": 2999, "kept": 1})


@case("a listing holds keys of any bytes, which are read as the server writes them; one that takes no heed is read, too")
def odd_keys(t):
  expected = harness.small_corpus(t, 300)
  args = "build", "--for", "breakpad"
  for encodes, odd in (True, "a\x01b\x1b/+ %41&<\u00e9"), (False, "a %41%2B+b&<\u00e9"):
    with Standing() as server:
      server.encodes = encodes
      server.buckets["symbols"][odd] = Object(b"x", {})
      same(counts(send(t, server.s3, "symbols", *args)), {"stored": 300})
      same(set(server.buckets["symbols"]), {*expected, odd})
      server.requests.clear()
      same(counts(send(t, server.s3, "symbols", *args)), {"present": 300})
      assert server.count("HEAD") < 300, server.count("HEAD")
  # Our own names, which such a server encodes.
  t.write("odd/a b+c%41.exe", t.read(t.take("windows/crashy.exe", "odd/x.exe")))
  os.remove(t.path("odd/x.exe"))
  with Standing() as server:
    same(counts(send(t, server.s3, "symbols", "odd", "--transaction")), {"stored": 1})
    t.run("remove", "-t", "s3://symbols", "1", "-q", env=environment(server.s3))
    same([key for key in server.buckets["symbols"] if "000Admin" not in key], [])


@case("an endpoint of Amazon's that is of another region than the bucket is named, and where that is")
def wrong_endpoint(t):
  t.take("windows/crashy.pdb")
  with Standing() as server:
    def elsewhere(handler, action):
      if "/eu-west-1/" not in handler.heads["authorization"]:
        raise Refusal(400, "AuthorizationHeaderMalformed", "", more="<Region>eu-west-1</Region>")
      raise Refusal(301, "PermanentRedirect", "", {"x-amz-bucket-region": "us-east-2"})
    server.faults.append(elsewhere)
    there = {"AWS_ENDPOINT_URL_S3": "http://s3.eu-west-1.amazonaws.com", "http_proxy": server.url}
    for args in (), ("--region", "eu-west-1"):
      done = send(t, server.s3, "symbols", "build", *args, status=1, env=there)
      holds(messages(done), "the bucket is not in the region of the endpoint s3.eu-west-1.amazonaws.com: use that of us-east-2")
      lacks(messages(done), "--region")


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
  with socket.create_server(("127.0.0.1", 0)) as silent, nobody() as dead:
    for where, words in ((f"127.0.0.1:{silent.getsockname()[1]}", "no byte moved for 1 seconds"),
                         (dead, "connection refused")):
      env = {"AWS_ACCESS_KEY_ID": "KEY", "AWS_SECRET_ACCESS_KEY": "SECRET", "AWS_ENDPOINT_URL": f"http://{where}"}
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


@case("what stands where nobody may look, and perhaps by an attempt whose answer was lost, is said to be so each time")
def lost_unseen(t):
  harness.corpus(t, 4, 1000)
  with Standing() as server:
    server.allowed = {"PutObject"}
    lost = []

    def lose(handler, action):
      if action == "PutObject" and len(server.buckets["symbols"]) >= 2:
        lost.append(handler.path_text)
        if handler.path_text not in lost[:-1]:
          handler.do_unheard(action)
          handler.hang_up()
    server.faults.append(lose)
    done = send(t, server.s3, "symbols", "build", "-j", "1")
    same((counts(done), len(server.buckets["symbols"])), ({"stored": 2, "kept": 2}, 4))
    same(done.err.count("perhaps by an attempt of this run whose answer was lost"), 2)


@case("where nobody may look nothing is copied over what stands there, whether or not the server could")
def unseen_copies(t):
  library(t, os.urandom(2 << 20))
  with Standing() as server:
    server.allowed = {"PutObject", "CopyObject"}
    key = ".build-id/a7/2d8e9c11819c154b899f49f1e78b754ccb4270.debug"
    server.buckets["symbols"][key] = Object(b"theirs", {})
    done = send(t, server.s3, "symbols", "build", "--for", "debuginfod,gdb")
    same((sorted(done.actions().values()), done.actions()[key]), (["kept", "stored"], "kept"))
    same((len(server.buckets["symbols"]), server.buckets["symbols"][key].data), (2, b"theirs"))


@case("that one path took several attempts does not make another one, which was there, a new one")
def attempts_of_one(t):
  library(t)
  with Standing() as server:
    send(t, server.s3, "symbols", "build", "--for", "gdb")
    failed = []

    def fail(handler, action):
      if action == "PutObject" and not failed:
        failed.append(action)
        raise Refusal(500, "InternalError")
    server.faults.append(fail)
    done = send(t, server.s3, "symbols", "build", "--for", "debuginfod,gdb")
    same(([o["action"] for o in done.objects() if "action" in o], failed), (["stored", "present"], ["PutObject"]))


@case("--existing replace where nobody may look: it is stored, for nobody knows that it replaced anything, and that is no warning")
def unseen_replacement(t):
  t.take("windows/crashy.pdb")
  with Standing() as server:
    server.allowed = {"PutObject"}
    server.buckets["symbols"][harness.CRASHY] = Object(b"theirs", {})
    done = send(t, server.s3, "symbols", "build", "--existing", "replace")
    same((counts(done), server.buckets["symbols"][harness.CRASHY].data), ({"stored": 1}, t.read("build/crashy.pdb")))
    holds(messages(done), "nobody could look at what stood there (--existing replace)")
    lacks(done.err, "warning")


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
    done = send(t, server.s3, "symbols", "build/crashy.pdb", "--compress", "gzip")
    same((counts(done), done.objects()[0]["attempts"]), ({"stored": 1}, 1), "what asks for conditions is none")
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
        handler.do_unheard(action)
        handler.hang_up()
    server.faults.append(fail)
    done = send(t, server.s3, "symbols", "-f", "build/**/*.pdb")
    same(done.summary()["stored"] + done.summary()["present"], 60)
    same(sorted(server.buckets["symbols"]), sorted(expected))


@case("a replacement whose answer was lost is told as one, and why")
def lost_replacement(t):
  key = large(t, "big.pdb", 1)
  with Standing() as server:
    server.buckets["symbols"][key] = Object(b"poorer", {"x-amz-meta-sha256": "0" * 64, "x-amz-meta-has": "symbols"})
    lost = []

    def lose(handler, action):
      if action == "PutObject" and not lost:
        lost.append(action)
        handler.do_unheard(action)
        raise Refusal(504, "")
    server.faults.append(lose)
    done = send(t, server.s3, "symbols", "build/big.pdb")
    same((lost, counts(done)), (["PutObject"], {"replaced": 1}))
    holds(messages(done), "what stood there lacked debug")


@case("an object that is gone before it is replaced is no reason to fail")
def gone_meanwhile(t):
  key = large(t, "big.pdb", 1)
  with Standing() as server:
    server.buckets["symbols"][key] = Object(b"poorer", {"x-amz-meta-sha256": "0" * 64, "x-amz-meta-has": "symbols"})

    def go(handler, action): # as Amazon's answers
      if "if-match" in handler.heads:
        server.buckets["symbols"].clear()
        raise Refusal(404, "NoSuchKey", "The specified key does not exist.")
    server.faults.append(go)
    same(counts(send(t, server.s3, "symbols", "build/big.pdb")), {"stored": 1})
    same(list(server.buckets["symbols"]), [key])


@case("a server that answers nobody is tried as often as one request is, not as often for each file")
def nobody_answers(t):
  harness.corpus(t, 20, 1000)
  with Faulty() as faulty:
    faulty.fail("reset")
    done = t.run("-t", "s3://symbols", "--format", "json", "--retries", "2", "-j", "1", "-f", "build/**/*.pdb", status=1,
                 env={"AWS_ENDPOINT_URL_S3": faulty.url, "AWS_ACCESS_KEY_ID": "KEY", "AWS_SECRET_ACCESS_KEY": "SECRET"})
    same((counts(done), len(faulty.log)), ({"failed": 20}, 3))


@case("a server that wants to be left alone for longer than a run waits is left alone, and that is told")
def left_alone(t):
  harness.corpus(t, 20, 1000)
  with Standing() as server:
    def on_holiday(handler, action):
      if action == "PutObject":
        raise Refusal(503, "SlowDown", "on holiday", {"Retry-After": "3600"})
    server.faults.append(on_holiday)
    done = send(t, server.s3, "symbols", "-j", "1", "-f", "build/**/*.pdb", status=1)
    holds(messages(done), "the server wants to be left alone for 3600 s (Retry-After), and no run waits so long: ",
          "503 SlowDown (on holiday)")
    same((counts(done), server.count("PUT")), ({"failed": 20}, 1))


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
  def none(path):
    return False

  def some(path):
    return "0" in path.rsplit("/", 1)[-1]
  for allowed, jobs, given_up in (none, "1", True), (none, "16", True), (some, "1", False):
    with Standing() as server:
      refused = []

      def policy(handler, action):
        if action == "PutObject" and not allowed(handler.path_text):
          refused.append(handler.path_text)
          raise Refusal(403, "AccessDenied")
      server.faults.append(policy)
      done = send(t, server.s3, "symbols", "-j", jobs, "-f", "build/**/*.pdb", status=1)
      failed = 60 - len(server.buckets["symbols"])
      same(done.summary()["failed"], failed)
      same(done.err.count("these credentials lack s3:PutObject"), len(refused) + given_up)
      if given_up:  # by several at once: one may begin while the 32nd refusal is being heard
        assert 32 <= len(refused) < (33 if jobs == "1" else 48), len(refused)
      else:
        same(len(refused), failed)


@case("a source that changes once all of it was sent is stored as it was, and not read again")
def changed_after(t):
  t.take("windows/crashy.pdb")
  before = t.read("build/crashy.pdb")
  with Standing() as server:
    def change(handler, action):
      if action == "PutObject":
        t.write("build/crashy.pdb", before[:-4096] + bytes(4096))
    server.faults.append(change)
    done = send(t, server.s3, "symbols", "build")
    delivered, _ = done.objects()
    same((delivered["action"], "error" in delivered, delivered["attempts"]), ("stored", False, 1))
    same(server.buckets["symbols"][harness.CRASHY].data == before, True)


if __name__ == "__main__":
  sys.exit(0 if harness.run_cases(os.path.abspath(sys.argv[1]), sys.argv[2:]) else 1)
