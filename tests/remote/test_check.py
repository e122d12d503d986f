#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`symbol-upload check` of real servers: what is there, and what is wrong with the way to it. TAP.

usage: test_check.py PROGRAM [CASE...]"""
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "../servers"), os.path.join(HERE, "../cli")]

import harness
from faulty import Faulty
from harness import CRASHY, ENGINE, case, holds, lacks, need, same
from s3cases import readme_policies, send as send_to_s3
from s3servers import Standing, ceph, environment, new_bucket
from s3standin import Refusal
from servers import apache, nginx, squid
from small_server import SmallServer

PASSWORD = "s3cret/pä:ss?"
USER = ("--user", "symbols", "--password", PASSWORD)
APACHE_USER = ("--user", "symbols:s3cret")
IMPOSSIBLE = "a path that cannot exist is answered by 403 instead of 404"
number = 0


def take_two(t):
  t.take("windows/crashy.pdb")
  t.take("windows/engine.pdb")


def ask(t, *args, status=1, env=None):
  done = t.run("check", *args, status=status, env=env)
  lacks(done.out + done.err, PASSWORD, "s3cret", "proxy-pass", "pass-word")
  return done


def filled(t, server=None, at="/store/", *args):
  """A fresh folder's path, into which two files were delivered."""
  global number
  number += 1
  server = server or nginx()
  take_two(t)
  user = APACHE_USER if server is apache() else USER
  t.run("-f", "build/*.pdb", "--to", server.http(f"{at}check{number}/"), *user, *args)
  return f"check{number}/"


# -------------------------------------------------------------------- HTTPS --

@case("nginx and Apache: all there, one missing, other bytes; by TLS, HTTP/2, Basic, Digest and a client certificate")
def https(t):
  for server, ways in ((nginx(), (("/store/", 1, USER), ("/store/", 2, USER))),
                       (apache(), (("/store/", 1, APACHE_USER), ("/digest/", 1, APACHE_USER)))):
    at = filled(t, server)
    root = server.path("root/store", at)
    ca = ("--cacert", server.path("tls/ca.pem"), "--cert", server.path("tls/client.pem"), "--key",
          server.path("tls/client.key"))
    for place, port, user in ways:
      server.forget()
      ask(t, "--to", server.https(place + at, port), *ca, *user, "build", status=0)
      assert set(server.methods()) <= {"HEAD"}, server.methods()
      ask(t, "--to", server.https(place + at, port), *ca, *user, "--deep", "build", status=0)
    t.write("other", bytes(os.path.getsize(os.path.join(root, CRASHY))))
    os.replace(t.path("other"), os.path.join(root, CRASHY))
    os.unlink(os.path.join(root, ENGINE))
    done = ask(t, "--to", server.https("/store/" + at, 1), *ca, *user, "build")
    holds(done.err, f"error: {server.https('/store/' + at, 1)}{ENGINE}: missing; windbg, visualstudio, bugsplat")
    lacks(done.err, CRASHY)
    done = ask(t, "--to", server.https("/store/" + at, 1), *ca, *user, "--deep", "build")
    holds(done.err, CRASHY, "other bytes of the same number are there")


@case("certificates: expired, another host's, an unknown authority's, and the client's that is missing")
def certificates(t):
  n, a = nginx(), apache()
  for server, port, words in ((n, 3, "certificate has expired"), (n, 4, "does not match|no alternative certificate"),
                              (n, 2, "No required SSL certificate"), (a, 2, "wants a client certificate|was lost")):
    done = ask(t, "--to", server.https("/store/", port), "--cacert", server.path("tls/ca.pem"), *USER, CRASHY)
    assert any(word in done.err for word in words.split("|")), done.err
    holds(done.err, "certificate")
  holds(ask(t, "--to", n.https("/store/"), *USER, CRASHY).err, "local issuer certificate", "--cacert")
  holds(ask(t, "--to", n.http("/store/").replace("http:", "https:"), *USER, CRASHY).err, "Is this a port for https?")


@case("401, 403, 405 to HEAD, a page for everything, a proxy's 407: each is named, with what to do")
def refusals(t):
  n = nginx()
  at = filled(t)
  n.forget()
  done = ask(t, "--to", n.http("/store/" + at), CRASHY, "build")
  holds(done.err, "401", "Log in with --user NAME:PASSWORD")
  lacks(done.err, "crashy")
  assert len(n.asked()) <= 4, n.asked()
  done = ask(t, "--to", n.http("/hidden/" + at), CRASHY)
  holds(done.err, IMPOSSIBLE, "symsrv.dll shuns the server for the rest of the session")
  holds(done.out, f"present   {n.http('/hidden/' + at)}{CRASHY}")
  holds(ask(t, "--to", n.http("/hidden/" + at), "--for", "debuginfod", CRASHY, status=0).err, "warning: ", IMPOSSIBLE)
  holds(ask(t, "--to", n.http("/nohead/" + at), *USER, CRASHY).err, "(HEAD: 405)", "Readers ask by HEAD")
  holds(ask(t, "--to", n.http("/page/" + at), CRASHY).err, "answered as if it were there", "404 instead of a page")
  for url in n.http, n.https:
    done = ask(t, "--to", url("/store/" + at), "--cacert", n.path("tls/ca.pem"), *USER, CRASHY, "--proxy",
               f"http://wrong:pass-word@127.0.0.1:{squid().port}")
    holds(done.err, "the proxy wants a user and a password, or others", "proxy")


@case("redirects are followed, and it is said where they end without credentials")
def redirects(t):
  n = nginx()
  at = filled(t)
  ca = ("--cacert", n.path("tls/ca.pem"))
  ask(t, "--to", n.http("/f/302/" + at), *USER, "build", status=0)
  ask(t, "--to", n.http("/f/302/" + at), *USER, "--deep", "build", status=0)
  done = ask(t, "--to", n.http("/f/away/" + at), *USER, *ca, CRASHY)
  holds(done.err, "redirects to another host or port, which is told no credentials", "401")


@case("packed files: looked into where the server says that they are packed, named where it does not")
def packed(t):
  n = nginx()
  at = filled(t, n, "/packed/", "--compress", "gzip")
  ask(t, "--to", n.http("/packed/" + at), *USER, "--deep", "build", status=0)
  done = ask(t, "--to", n.http("/store/" + at), *USER, "--deep", "build")
  same(done.err.count("packed by gzip, and the server does not say so"), 2)


@case("--deep: an answer that is cut short is fetched again, and is no file though it begins like one")
def cut_short(t):
  at = filled(t)
  for times, status in (1, 0), (None, 1):
    with Faulty(f"127.0.0.1:{nginx().port}") as faulty:
      faulty.fail("truncate", methods="GET", times=times)
      done = ask(t, "--to", f"{faulty.url}/store/{at}", *USER, "--deep", "--retries", "2", "build/crashy.pdb", status=status)
      same([method for _, method, path, _ in faulty.log if CRASHY in path].count("GET"), 2 if times else 3)
      assert times or "the answer was cut short (tried 3 times)" in done.err, done.err


@case("nginx and Ceph: the compressed file is asked for where there is no other, and looked into by --deep")
def compressed(t):
  gcab = need("gcab")
  n, bucket, twin = nginx(), new_bucket(ceph), CRASHY[:-1] + "_"
  at = filled(t)
  os.unlink(n.path("root/store", at, CRASHY))
  for member, status in ("crashy.pdb", 0), ("engine.pdb", 1):
    subprocess.run([gcab, "-c", "-z", t.path("packed"), member], cwd=t.path("build"), check=True, capture_output=True)
    shutil.copyfile(t.path("packed"), n.path("root/store", at, twin))
    ceph.s3.put(bucket, twin, t.read("packed"))
    for done in (ask(t, "--to", n.http("/store/" + at), *USER, "--deep", "build", status=status),
                 ask_s3(t, ceph.s3, bucket, "--deep", "build/crashy.pdb", status=status)):
      assert status == 0 or "the compressed file holds other bytes" in done.err, done.err


@case("a personal access token is a password without a name, and is not told to where the files really lie")
def token(t):
  from small_server import SmallServer
  take_two(t)
  with SmallServer(user=":pass-word") as front, SmallServer() as blobs:
    for path in CRASHY, ENGINE:
      blobs.files[f"/store/{path}?sig=hush"] = t.read("build/" + os.path.basename(path))
    front.answer = lambda method, path: None if not front.requests[-1][2].get("Authorization") else \
      (302, {"Location": f"{blobs.root}{path}?sig=hush"}, b"")
    ask(t, "--to", front.url, "--user", ":pass-word", "build", status=0)
    assert blobs.requests and not any("Authorization" in heads for _, _, heads in blobs.requests), blobs.requests


# ----------------------------------------------------------------------- S3 --

def ask_s3(t, s3, where, *args, status=1, env=None):
  done = ask(t, "--to", f"s3://{where}", *args, status=status, env={**environment(s3), **(env or {})})
  lacks(done.out + done.err, s3.secret, "Signature=")
  return done


@case("Ceph: all there, one missing, capitals in the prefix, and a packed object by its hash")
def s3_there(t):
  bucket = new_bucket(ceph)
  take_two(t)
  send_to_s3(t, ceph.s3, f"{bucket}/win", "build/crashy.pdb", "--compress", "gzip")
  ask_s3(t, ceph.s3, f"{bucket}/win", "build/crashy.pdb", status=0)
  ask_s3(t, ceph.s3, f"{bucket}/win", "--deep", "build/crashy.pdb", status=0)
  done = ask_s3(t, ceph.s3, f"{bucket}/win", "build")
  holds(done.err, f"error: s3://{bucket}/win/{ENGINE}: missing;")
  lacks(done.err, CRASHY)
  ceph.s3.put(bucket, f"win/{ENGINE}", bytes(os.path.getsize(t.path("build/engine.pdb"))))
  ask_s3(t, ceph.s3, f"{bucket}/win", "build", status=0)
  holds(ask_s3(t, ceph.s3, f"{bucket}/win", "--deep", "build").err, "other bytes of the same number")
  holds(ask_s3(t, ceph.s3, f"{bucket}/Win", CRASHY).err, "warning: ", "has capitals", "nothing is under this path")


@case("Ceph: wrong keys, no keys, no bucket, an authority that is unknown: said once, and what to do")
def s3_refused(t):
  bucket = new_bucket(ceph)
  take_two(t)
  none = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
  for where, env, words in (
      (bucket, {"AWS_SECRET_ACCESS_KEY": "wrong"}, ("SignatureDoesNotMatch", "secret access key is wrong")),
      (bucket, {"AWS_ACCESS_KEY_ID": "WRONG"}, ("InvalidAccessKeyId", "another account")),
      ("there-is-none", {}, ("NoSuchBucket", 'has no bucket "there-is-none"', "check its name")),
      (bucket, {"AWS_ENDPOINT_URL": f"https://127.0.0.1:{ceph.port + 1}"}, ("issuer certificate", "--cacert")),
      (bucket, {"AWS_ENDPOINT_URL": "http://no-such-host.invalid"}, ("name is not known (DNS)", "VPN"))):
    done = ask_s3(t, ceph.s3, where, "build", CRASHY, env=env)
    holds(done.err, *words)
    lacks(done.err, IMPOSSIBLE, "crashy")
  holds(ask_s3(t, ceph.s3, bucket, CRASHY, env=none).err, "without credentials, for none were found")


@case("Ceph: a reader without s3:ListBucket gets 403 for what is missing, which is a fault; with it all is well")
def s3_reader(t):
  bucket = new_bucket(ceph)
  take_two(t)
  send_to_s3(t, ceph.s3, bucket, "build")
  reader = ceph.user("reader")
  uploader, readers = readme_policies()
  same([s["Action"] for s in readers], ["s3:GetObject", "s3:ListBucket"])
  ceph.grant(bucket, "reader", readers[:1])
  done = ask_s3(t, reader, bucket, CRASHY)
  holds(done.err, IMPOSSIBLE, "s3:ListBucket on the bucket")
  holds(done.out, f"present   s3://{bucket}/{CRASHY}")
  ceph.grant(bucket, "reader", readers)
  ask_s3(t, reader, bucket, "build", CRASHY, status=0)


@case("stand-in: a region that is wrong is put right")
def s3_region(t):
  take_two(t)
  with Standing() as server:
    send_to_s3(t, server.s3, "symbols", "build")
    server.region = "ap-southeast-2"
    ask_s3(t, server.s3, "symbols", "build", CRASHY, status=0)


@case("stand-in: a region that the server does not name, or that does not help, is told, and what it names")
def s3_no_region(t):
  def refuse(handler, action):
    raise Refusal(400, "AuthorizationHeaderMalformed", "wrong region", {"x-amz-bucket-region": named()} if named else {})
  with Standing() as server:
    server.faults.append(refuse)
    named = None
    done = ask_s3(t, server.s3, "symbols", CRASHY)
    holds(done.err, "AuthorizationHeaderMalformed", "--region")
    lacks(done.err, "names the region")
    named = iter(f"eu-west-{n % 9 + 1}" for n in range(99)).__next__
    holds(ask_s3(t, server.s3, "symbols", CRASHY).err, "--region", "The server names the region eu-west-")


@case("stand-in: of a server that is always busy the reason is asked for once")
def s3_busy(t):
  with Standing() as server:
    def busy(handler, action):
      raise Refusal(503, "SlowDown", "Please reduce your request rate.")
    server.faults.append(busy)
    holds(ask_s3(t, server.s3, "symbols", CRASHY, "--retries", "2").err, "503 SlowDown (Please reduce your request rate.)")
    same([method for method, *_ in server.requests], ["HEAD"] * 3 + ["GET"])


@case("S3: a certificate that does not cover the bucket's name, which has dots: what helps is named")
def s3_dotted(t):
  n = nginx()
  env = {"AWS_ACCESS_KEY_ID": "KEY", "AWS_SECRET_ACCESS_KEY": "SECRET", "AWS_EC2_METADATA_DISABLED": "true",
         "AWS_ENDPOINT_URL": n.https(port=1).replace("localhost", "s3.localhost")}
  args = ("--to", "s3://sym.bols", "--cacert", n.path("tls/ca.pem"), CRASHY)
  done = ask(t, *args, "--addressing", "virtual", env=env)
  holds(done.err, "--addressing path", "sym.bols.s3.localhost", "certificate is not trusted")
  lacks(ask(t, *args, env=env).err, "certificate")


def seconds_behind(said):
  """What was said of the clocks; the time of an answer counts to it."""
  return int(re.search(r"is (\d+) s behind the server's", said)[1])


@case("stand-in: a clock that is off is told by how much, and whether it matters")
def s3_clock(t):
  take_two(t)
  with Standing() as server:
    send_to_s3(t, server.s3, "symbols", "build")
    server.clock = 20 * 60
    done = ask_s3(t, server.s3, "symbols", CRASHY)
    holds(done.err, "RequestTimeTooSkewed", "The clock of this machine is ")
    assert 1200 <= seconds_behind(done.err) <= 1205, done.err
    lacks(done.err, IMPOSSIBLE)
    server.clock = 6 * 60
    done = ask_s3(t, server.s3, "symbols", CRASHY, status=0)
    holds(done.err, "the clocks disagree")
    assert 360 <= seconds_behind(done.err) <= 365, done.err


if __name__ == "__main__":
  sys.exit(0 if harness.run_cases(os.path.abspath(sys.argv[1]), sys.argv[2:]) else 1)
