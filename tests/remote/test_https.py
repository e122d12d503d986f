#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Delivery to HTTPS servers: nginx, Apache, a proxy, and a server that fails. TAP.

usage: test_https.py PROGRAM [CASE...]"""
import gzip
import hashlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from email.utils import formatdate

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "../cli"), os.path.join(HERE, "../servers")]

import harness
from faulty import Cut, Faulty
from harness import CRASHY, ENGINE, case, corpus, holds, lacks, same
from servers import apache, nginx, squid
from socks import Socks
from terminal import on_terminal

NGINX_PASSWORD = "s3cret/pä:ss?"
NGINX_USER = ("--user", "symbols", "--password", NGINX_PASSWORD)
NGINX_IN_URL = "symbols:s3cret%2Fp%C3%A4:ss%3F@"
APACHE_USER = ("--user", "symbols:s3cret")
SECRETS = ("s3cret", "tok-123", "proxy-pass", "aGVsbG8", "s3cr%", "c3ltYm9sczp")

number = 0


def fresh(prefix):
  """A URL path below `prefix` that no other case uses."""
  global number
  number += 1
  return f"{prefix}case{number}/"


def send(t, to, *args, status=0, files=None, **more):
  """A delivery of ./build, told in JSON lines; says no secret, whatever happens."""
  done = t.run("-d", "build", "-f", files or "**/*.{pdb,exe,dll,so}", "--to", to, "--format", "json", *args,
               status=status, **more)
  lacks(done.out + done.err, *SECRETS)
  return done


def take_two(t):
  t.take("windows/crashy.pdb")
  t.take("windows/engine.pdb")
  return {CRASHY: t.read("build/crashy.pdb"), ENGINE: t.read("build/engine.pdb")}


def counts(done):
  return {word: n for word, n in done.summary().items() if n and word not in ("bytes", "seconds")}


def errors(done):
  return " ".join(o["error"]["message"] for o in done.objects() if "error" in o)


# -------------------------------------------------------------------- nginx --

@case("files arrive byte for byte over TLS, and a second run sends no body")
def tls(t):
  server, at = nginx(), fresh("/store/")
  expected = take_two(t)
  for stored in (2, 0):
    server.forget()
    done = send(t, server.https(at), "--cacert", server.path("tls/ca.pem"), *NGINX_USER)
    same(counts(done), {"stored": 2} if stored else {"present": 2})
    same(server.methods().count("PUT"), stored, "bodies sent")
    same(server.stored(at), expected)
  holds(done.out, "by its size alone")
  lacks(done.err, "size alone")  # a remark, no warning


@case("credentials in the address are used, decoded, and never shown")
def credentials_in_address(t):
  server, at = nginx(), fresh("/store/")
  take_two(t)
  done = send(t, server.http(at).replace("://", "://" + NGINX_IN_URL), env={"SYMBOL_UPLOAD_TOKEN": "tok-123"})
  same(counts(done), {"stored": 2})
  holds(done.err, "plain http://")
  assert all(o["target"] == server.http(at) for o in done.objects() if "target" in o), done.out


@case("the address may name the user alone: the password is an option, or stands in ~/.netrc")
def user_in_address(t):
  server = nginx()
  take_two(t)
  t.write(".netrc", f"machine 127.0.0.1 login other password wrong\n"
                    f"machine 127.0.0.1 login symbols password {NGINX_PASSWORD}\n")
  for args, more in ((("--password", NGINX_PASSWORD), {}), ((), {"env": {"SYMBOL_UPLOAD_PASSWORD": NGINX_PASSWORD}}),
                     (("--netrc",), {})):
    at = server.http(fresh("/store/"))
    same(counts(send(t, at.replace("://", "://symbols@"), *args, **more)), {"stored": 2})
  same(counts(send(t, server.http(fresh("/store/")), "--user", "symbols", "--netrc")), {"stored": 2})
  send(t, server.http(fresh("/store/")), "--user", "symbols:wrong", "--netrc", status=1)  # the nearer one counts
  send(t, server.http(fresh("/store/")), "--netrc", status=1)  # the first of the file
  at = server.http(fresh("/f/away/"))  # another port: nothing of the address goes there, only what the file has for it
  send(t, at.replace("://", "://symbols@"), "--netrc", "--cacert", server.path("tls/ca.pem"), status=1)


@case("a name and password of ~/.netrc are used with --netrc, and only then")
def netrc(t):
  server = nginx()
  take_two(t)
  t.write(".netrc", "machine 127.0.0.1 login symbols password s3cret/pä:ss?\n")
  send(t, server.http(fresh("/store/")), status=1)
  same(counts(send(t, server.http(fresh("/store/")), "--netrc")), {"stored": 2})


@case("a bearer token opens what wants one; without it the refusal is named")
def bearer(t):
  server, at = nginx(), fresh("/bearer/")
  expected = take_two(t)
  done = send(t, server.https(at), "--cacert", server.path("tls/ca.pem"), status=1)
  holds(errors(done), "401", "wants credentials")
  send(t, server.https(at), "--cacert", server.path("tls/ca.pem"), "--bearer", "tok-123")
  same(server.stored(at), expected)
  at = fresh("/bearer/")
  send(t, server.http(at), "--header", "Authorization: Bearer tok-123")
  same(server.stored(at), expected)
  at = fresh("/bearer/")  # a CI system's secret that was pasted with its line's end
  send(t, server.https(at), "--cacert", server.path("tls/ca.pem"), env={"SYMBOL_UPLOAD_TOKEN": "tok-123\r\n"})
  for token in "tok-123\nX-Other: 1", "tok 123", "\ufefftok-123":
    done = send(t, server.https(at), "--cacert", server.path("tls/ca.pem"), status=2, env={"SYMBOL_UPLOAD_TOKEN": token})
    holds(done.err, "SYMBOL_UPLOAD_TOKEN", "the token holds a blank, a line's end or a letter that is not ASCII")


@case("a client certificate opens what wants one; without it the refusal is named")
def client_certificate(t):
  for server, user in ((nginx(), NGINX_USER), (apache(), APACHE_USER)):
    at = fresh("/store/")
    expected = take_two(t)
    tls_args = ("--cacert", server.path("tls/ca.pem"), *user)
    done = send(t, server.https(at, 2), *tls_args, "--retries", "0", status=1)
    if server is nginx():
      holds(errors(done), "No required SSL certificate")
    else:  # the server's alert is not always read before the connection is gone
      assert "wants a client certificate" in errors(done) or "was lost" in errors(done), errors(done)
    rogue = ("--cert", server.path("tls/rogue.pem"), "--key", server.path("tls/rogue.key"))
    send(t, server.https(at, 2), *tls_args, *rogue, "--retries", "0", status=1)
    good = ("--cert", server.path("tls/client.pem"), "--key", server.path("tls/client.key"))
    send(t, server.https(at, 2), *tls_args, *good)
    same(server.stored(at), expected)
    done = send(t, server.https(at, 2), *tls_args, "--cert", "/nowhere.pem", status=1)
    holds(errors(done), "client certificate")
  locked = t.path("locked.key")
  subprocess.run(["openssl", "pkey", "-in", server.path("tls/client.key"), "-out", locked, "-aes256", "-passout",
                  "pass:tok-123"], check=True, capture_output=True)
  locked = (*tls_args, "--cert", server.path("tls/client.pem"), "--key", locked)
  send(t, server.https(fresh("/store/"), 2), *locked, env={"SYMBOL_UPLOAD_KEY_PASSWORD": "tok-123"})
  done = send(t, server.https(fresh("/store/"), 2), *locked, "--key-password", "wr0ng", status=1)
  holds(errors(done), "client certificate cannot be used")
  lacks(done.out + done.err, "wr0ng")


@case("expired, foreign and unknown certificates are refused at once and named; --insecure warns")
def untrusted(t):
  server, at = nginx(), fresh("/store/")
  expected = take_two(t)
  ca = ("--cacert", server.path("tls/ca.pem"))
  for port, args, words in ((3, ca, "expired"), (4, ca, "no alternative certificate subject name"),
                            (1, (), "local issuer certificate")):
    begun = time.monotonic()
    done = send(t, server.https(at, port), *args, *NGINX_USER, status=1)
    holds(errors(done), f"localhost:{server.port + port}", "not trusted", words)
    same(counts(done), {"failed": 2})
    assert time.monotonic() - begun < 5, "it was tried again"
  for port in (3, 4):
    done = send(t, server.https(at, port), "--insecure", *NGINX_USER)
    holds(done.err, "--insecure")
  same(server.stored(at), expected)
  for variable in "CURL_CA_BUNDLE", "SSL_CERT_FILE":
    send(t, server.https(at), *NGINX_USER, env={variable: server.path("tls/ca.pem")})
  done = send(t, server.https(at), "--cacert", "/nowhere.pem", *NGINX_USER, status=1)
  holds(errors(done), "file of trusted certificates")


@case("wrong credentials are named and not tried for every file")
def wrong_password(t):
  server = nginx()
  corpus(t, 60, 1000)
  server.forget()
  done = send(t, server.http("/store/x/"), "--user", "symbols:wr0ng", status=1)
  same(counts(done), {"failed": 60})
  holds(errors(done), "401")
  lacks(done.out + done.err, "wr0ng")
  assert len(server.asked()) < 40, len(server.asked())


@case("other bytes are kept with a warning, or replaced with --existing replace")
def existing(t):
  server, at = nginx(), fresh("/store/")
  expected = take_two(t)
  ca = ("--cacert", server.path("tls/ca.pem"), *NGINX_USER)
  send(t, server.https(at), *ca, files="**/engine.pdb")
  standing = server.path("root", at[1:], CRASHY)
  os.makedirs(os.path.dirname(standing))
  with open(standing, "wb") as file:
    file.write(b"something else")
  for policy in ("richer", "keep"):
    done = send(t, server.https(at), *ca, "--existing", policy)
    same(done.actions(), {CRASHY: "kept", ENGINE: "present"})
    holds(errors(done), "(14, not 77824)" if policy == "richer" else "--existing keep")
    with open(standing, "rb") as file:
      same(file.read(), b"something else")
  with open(server.path("root", at[1:], ENGINE), "wb") as file:
    file.write(bytes(len(expected[ENGINE])))  # other bytes of the same size: the server does not tell
  same(send(t, server.https(at), *ca, "--existing", "richer").actions()[ENGINE], "present")
  done = send(t, server.https(at), *ca, "--existing", "replace")
  same(done.actions(), {CRASHY: "replaced", ENGINE: "replaced"})
  same(server.stored(at), expected)


@case("a dry run asks, and writes nothing")
def dry_run(t):
  server, at = nginx(), fresh("/store/")
  take_two(t)
  ca = ("--cacert", server.path("tls/ca.pem"), *NGINX_USER)
  send(t, server.https(at), *ca, files="**/engine.pdb")
  server.forget()
  done = send(t, server.https(at), *ca, "--dry-run")
  same(done.actions(), {CRASHY: "planned", ENGINE: "present"})
  same(set(server.methods()), {"HEAD"})
  same(list(server.stored(at)), [ENGINE])


@case("307 is followed; to another server the credentials do not go along")
def redirects(t):
  server, at = nginx(), fresh("")
  expected = take_two(t)
  done = send(t, server.http("/f/307/" + at), *NGINX_USER)
  same(counts(done), {"stored": 2})
  same(server.stored("/store/" + at), expected)
  server.forget()
  done = send(t, server.http("/f/away/" + at + "x/"), *NGINX_USER, "--header", "X-Api-Key: aGVsbG8",
              "--cacert", server.path("tls/ca.pem"), status=1)
  holds(errors(done), "redirects to another host or port, which is told no credentials", "401")
  assert all(user == "-" for user, _, path, _ in server.asked() if path.startswith("/store/")), server.asked()


@case("a login page, or whatever answers every path, is no store: nothing passes for delivered")
def pages_for_everything(t):
  server = nginx()
  take_two(t)
  for args in [], ["--dry-run"], ["--existing", "replace"]:
    server.forget()
    done = send(t, server.http("/page/" + fresh("")), *args, status=1)
    same(counts(done), {"failed": 2})
    holds(errors(done), "answered as if it were there", "login page")
    same(set(server.methods()), {"HEAD"})
  os.makedirs(server.path("root/store/tiers"))
  t.write(server.path("root/store/tiers/index2.txt"), "")
  send(t, server.http("/store/tiers/"), *NGINX_USER)
  same(set(server.stored("/store/tiers/")), {"index2.txt", "cr/" + CRASHY, "en/" + ENGINE})


@case("302 to an upload is refused with the address to use")
def redirected_upload(t):
  server = nginx()
  take_two(t)
  with Faulty() as other:
    other.fail("answer", status=404, methods="HEAD")
    other.fail("answer", status=302, methods="PUT", headers={"Location": "https://sso.example.com/login?t=aGVsbG8"})
    done = send(t, other.url + "/", status=1)
    holds(errors(done), "redirects (302) to https://sso.example.com/login", "use that address")
  with Faulty() as other:
    other.fail("answer", status=308, methods="HEAD", headers={"Location": other.url + "/"})
    holds(errors(send(t, other.url + "/", status=1)), "in a circle")
  done = send(t, server.https("/f/302/" + fresh("")), *NGINX_USER, "--cacert", server.path("tls/ca.pem"), status=1)
  holds(errors(done), "redirects (302)")
  done = send(t, server.https("/f/down/" + fresh("")), *NGINX_USER, "--cacert", server.path("tls/ca.pem"), status=1)
  holds(errors(done), f"redirects (307) to http://127.0.0.1:{server.port}/store/", "not encrypted")


@case("a key and a token never reach the server that a redirect names")
def secret_headers(t):
  take_two(t)
  with Faulty() as first, Faulty() as second:
    first.fail("answer", status=307, headers={"Location": second.url + "/there"})
    second.fail("answer", status=404, methods="HEAD", times=3)
    send(t, first.url + "/", "--header", "X-Api-Key: aGVsbG8", "--bearer", "tok-123", status=None)
    told = "\n".join(line for head in first.heads for line in head)
    holds(told, "X-Api-Key: aGVsbG8", "Authorization: Bearer tok-123")
    told = "\n".join(line for head in second.heads for line in head)
    holds(told, "Content-Type: application/octet-stream")
    lacks(told, *SECRETS)
    assert any(method == "PUT" for _, method, _, _ in second.log)


@case("names with blanks, plus signs, hashes, percents and letters of all alphabets arrive")
def odd_names(t):
  expected = {}
  for name in ("a b.pdb", "c++.pdb", "d#1.pdb", "e%41.pdb", "Größe-名.pdb", "f&g=h;i.pdb", "(j)'k'.pdb", "~l!.pdb"):
    t.take("windows/crashy.pdb", "build/" + name)
    expected[CRASHY.replace("crashy.pdb", name)] = t.read("build/" + name)
  for server, user in ((nginx(), NGINX_USER), (apache(), APACHE_USER)):
    at = fresh("/store/")
    send(t, server.http(at + "with%20blank/"), *user)
    same(server.stored(at + "with blank"), expected)


@case("what the server says of a refusal is shown: 403, 413")
def own_words(t):
  server = nginx()
  take_two(t)
  done = send(t, server.http("/forbidden/"), status=1)
  holds(errors(done), "forbids it (PUT: 403): keep out")
  done = send(t, server.http("/tiny/"), status=1)
  holds(errors(done), "larger than the server takes (PUT: 413)")
  with Faulty() as other:
    other.fail("answer", status=404, methods="HEAD")
    other.fail("answer", status=409, times=1, methods="PUT",
               body='{\n "errors" : [ {\n "status" : 409,\n "message" : "No \\"quota\\" left"\n } ]\n}')
    other.fail("answer", status=405, methods="MKCOL")
    other.fail("answer", status=400, methods="PUT", body="<html><head><title>x</title><style>p {}</style></head>"
               "<body><h1>Bad</h1>\n<p>Rename\tit</p>\x1b[2J</body></html>")
    done = send(t, other.url + "/", status=1, files="**/crashy.pdb")
    holds(errors(done), "(PUT: 400): Bad Rename it \\x1b[2J")


@case("a server that wants fewer requests gets fewer, and all files")
def limited(t):
  server = nginx()
  at = fresh("")
  expected = corpus(t, 6, 1000)
  begun = time.monotonic()
  send(t, server.http("/limit/" + at), *NGINX_USER)
  same(sorted(server.stored("/store/" + at)), sorted(expected))
  assert any(status == 429 for _, _, _, status in server.asked()) and time.monotonic() - begun > 4


@case("several targets at once: a folder, nginx and Apache; one that is dead does not hold up the others")
def several(t):
  expected = take_two(t)
  n, a, nat, aat = nginx(), apache(), fresh("/store/"), fresh("/store/")
  with Faulty() as closed:
    dead = closed.url
  done = send(t, n.http(nat).replace("://", "://" + NGINX_IN_URL), "--to", "file://" + t.path("store"),
              "--to", a.http(aat).replace("://", "://symbols:s3cret@"), "--to", dead + "/", status=1)
  same(n.stored(nat), expected)
  same(a.stored(aat), expected)
  same(t.symbols(), sorted(expected))
  same(counts(done), {"stored": 6, "failed": 2})
  holds(errors(done), "nothing listens there")


class Patient(Faulty):
  """Has nothing, and says so of the files named `slow` once it was asked for one named `last`, or is weary."""

  def __init__(self, slow, last):
    super().__init__()
    self.slow, self.last, self.asked, self.weary = slow, last, threading.Event(), False
    self.fail("answer", status=404, methods="HEAD")

  def choose(self, head):
    path = head[0].split()[1]
    if self.last in path:
      self.asked.set()
    elif self.slow in path and not self.asked.wait(20):
      self.weary = True
    return super().choose(head)


@case("large files that take long hold up none that come behind them")
def large_first(t):
  for name in ("libengine.so.1", "libengine-arm64.so", "libengine-armhf.so"):
    os.truncate(t.path(t.take(f"linux/{name}")), 1 << 30)
  t.take("linux/soname.so", "build/zzz.so")
  with Patient("libengine", "zzz.so") as server:
    done = send(t, server.url + "/", "--dry-run", "--for", "bugsplat", "-j", "4", files="**/*.so*")
    same(counts(done), {"planned": 4})
    assert not server.weary, "the last one was not asked for while the others waited"


class Meddler(Faulty):
  """Calls `meddle` when the first body begins to come."""

  def __init__(self, meddle):
    super().__init__()
    self.meddle = meddle
    self.fail("answer", status=404, methods="HEAD")

  def choose(self, head):
    rule = super().choose(head)
    if head[0].startswith("PUT ") and self.meddle:
      meddle, self.meddle = self.meddle, None
      meddle()
    return rule


@case("a source that changes while the first target gets it never reaches the second under its old key")
def changed_between(t):
  old, new = (harness.pdb_with(digit * 32, 1 << 20) for digit in "AB")
  for packed in ((), ("--compress", "gzip")):
    path = t.write("build/app.pdb", old)

    def change():
      with open(path, "r+b") as file:
        file.write(new)
    with Meddler(change) as first, Meddler(None) as second:
      done = send(t, first.url + "/", "--to", second.url + "/", *packed, status=1)
      holds(errors(done), "the file changed during the run, and so did its key")
      same(list(second.bodies), [])


@case("of several targets each line says which one is meant, and one that is given up is told of once")
def named(t):
  corpus(t, 40, 1000)
  n, at = nginx(), fresh("/store/")
  with Faulty() as closed:
    dead = closed.url
  where = n.http(at)
  done = t.run("-d", "build", "-f", "**/*.pdb", "--to", where, "--to", dead + "/", "--to", n.http("/forbidden/"),
               "--to", "file://" + t.path("store"), status=1)
  lines = [line for line in done.err.splitlines() if line.startswith("error: ")]
  locked = [line for line in lines if where in line]
  same(len(locked), 1)
  assert locked[0].startswith(f"error: {where}: the server wants credentials, or others (GET: 401)"), locked
  same([line for line in lines if dead in line],
       [f"error: {dead}/: {dead[7:]}: nothing listens there (connection refused) (tried 4 times)"])
  refused = [line for line in lines if n.http("/forbidden/") in line]
  same((len(refused), len(lines)), (40, 42))
  holds(refused[0], ".pdb: " + n.http("/forbidden/"), ".pdb: the server forbids it")


@case("the reason of a failure is told also where the path is very long")
def long_names(t):
  name = "n" * 200 + ".pdb"
  t.write("build/" + name, harness.pdb_with("7" * 32, 0))
  done = t.run("build", "--to", nginx().http("/forbidden/"), status=1)
  holds(done.err, f"{name}/{'7' * 32}1/{name}: the server forbids it (PUT: 403)")


@case("a terminal shows how much of a large file is sent, and nothing of it twice where it is sent again")
def progress_of_one(t):
  os.truncate(t.write("build/big.pdb", harness.pdb_with("6" * 32, 0)), 64 << 20)
  with Faulty() as faulty:
    faulty.fail("answer", status=404, methods="HEAD")
    faulty.fail("reset", methods="PUT", taking=24 << 20)  # and what is on its way, some MiB
    said = on_terminal(t, "-d", "build", "-f", "*.pdb", "--to", faulty.url + "/", "--retries", "2",
                       until=rb"storing: 0 of 1 files, [234][0-9][.][0-9] MiB of 64[.]0 MiB, ", then=lambda: None)
    shown = [float(n) for n in re.findall(r"storing: 0 of 1 files, ([0-9.]+) MiB of", said)]
    same(shown, sorted(shown), "it never goes back")
    assert shown[-1] < 48, shown
    assert [method for _, method, _, _ in faulty.log].count("PUT") >= 3, faulty.log


@case("when its time is over a run ends what it has begun, and the next one does the rest")
def budget(t):
  server, at = nginx(), fresh("/store/")
  expected = corpus(t, 120)
  args = (server.https(at), "--cacert", server.path("tls/ca.pem"), *NGINX_USER)
  done = send(t, *args, "--limit-rate", "1500K", "--budget", "1s", status=1)
  summary = done.summary()
  assert summary["failed"] == 0 and summary["stored"] > 0 and summary["left"] > 0, summary
  holds(done.err, f"the time is over, and {summary['left']} files are left (")
  same(len(server.stored(at)), summary["stored"])
  same(counts(send(t, *args)), {"stored": summary["left"], "present": summary["stored"]})
  same({path: t.read(source) for path, source in expected.items()}, server.stored(at))


@case("symbol-upload.yaml: targets by name, each with its own ways, secrets out of the environment")
def configuration(t):
  n, a, nat, aat = nginx(), apache(), fresh("/store/"), fresh("/store/")
  expected = take_two(t)
  t.take("linux/libengine.so.1", "build/libengine.so")
  t.write("symbol-upload.yaml", f"""files: "build/*"
to: [windows, linux, folder]
retries: 1
targets:
  windows:
    to: {n.https(nat)}
    cacert: {n.path("tls/ca.pem")}
    user: symbols
    password: ${{NGINX_PASSWORD}}
    for: windbg
  linux:
    to: http://symbols:${{APACHE_PASSWORD}}@127.0.0.1:{a.port}{aat}
    for: debuginfod
    existing: keep
  folder: file://{t.path("store")}
  elsewhere:
    to: https://${{NO_SUCH_VARIABLE}}/
""")
  secrets = {"NGINX_PASSWORD": NGINX_PASSWORD, "APACHE_PASSWORD": "s3cret"}
  for word, env in ("stored", {}), ("present", {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": t.path("summary.md")}):
    done = t.run("--receipt", "receipt", "--format", "json", env={**secrets, **env})
    same(set(done.actions().values()), {word})
    lacks(done.out + done.err + t.read("receipt").decode(), *SECRETS)
  same({name: data for name, data in n.stored(nat).items() if name.endswith(".pdb")}, expected)
  same({name.split("/")[0] for name in a.stored(aat)}, {"buildid"})
  lacks(t.read("summary.md").decode(), *SECRETS)
  targets = {o["target"] for o in done.objects() if "target" in o}
  same(targets, {n.https(nat), a.http(aat), t.path("store")})
  shown = t.run("--print-config", env=secrets)
  holds(shown.out, f'"http://...@127.0.0.1:{a.port}{aat}"', "# password is set, not shown")
  lacks(shown.out, *SECRETS)
  holds(t.run("-t", "elsewhere", env=secrets, status=2).err, "symbol-upload.yaml:17:9", "NO_SUCH_VARIABLE")
  holds(t.run(status=2).err, "symbol-upload.yaml:9:15: password: the environment has no variable NGINX_PASSWORD")
  t.write("symbol-upload.yaml", "targets:\n  x:\n    to: https://h/\n    retrys: 3\n")
  holds(t.run("-t", "x", "build", status=2).err, 'symbol-upload.yaml:4:5: unknown key "retrys"; did you mean retries?')


@case("many files arrive over few connections, HTTP/2 and HTTP/1.1, though the server ends them in the middle")
def many(t):
  server = nginx()
  expected = corpus(t, 400, 20_000)
  for url, most, version in (server.https, 12, "HTTP/2.0"), (server.http, 24, "HTTP/1.1"):
    at = fresh("/store/")
    server.forget()
    done = send(t, url(at), "--cacert", server.path("tls/ca.pem"), *NGINX_USER, "-j", "8")
    same(counts(done), {"stored": 400})
    same({path: t.read(source) for path, source in expected.items()}, server.stored(at))
    connections, versions = server.connections()
    same(versions, {version})
    assert connections <= most, connections # each is ended after 200 requests


@case("a TLS connection that is reset in the middle of what it carries is made anew, and all lands")
def cut(t):
  server, at = nginx(), fresh("/store/")
  expected = corpus(t, 60, 60_000)
  with Cut(f"127.0.0.1:{server.port + 1}", after=300_000, times=4) as between:
    done = send(t, f"https://localhost:{between.port}{at}", "--cacert", server.path("tls/ca.pem"), *NGINX_USER)
    same(between.cut, 4)
  same(counts(done), {"stored": 60}, errors(done))
  same({path: t.read(source) for path, source in expected.items()}, server.stored(at))


@case("--limit-rate holds for all transfers together")
def limit_rate(t):
  server, at = nginx(), fresh("/store/")
  for i in range(4):
    t.write(f"build/m{i}.pdb", harness.pdb_with(f"{i + 1:032X}", 250_000))
  begun = time.monotonic()
  send(t, server.https(at), "--cacert", server.path("tls/ca.pem"), *NGINX_USER, "--limit-rate", "400K")
  took = time.monotonic() - begun
  assert 1.5 < took < 8, took
  same(len(server.stored(at)), 4)


@case("--compress gzip stores packed bytes, the same ones each time")
def packed(t):
  server, at, stored = nginx(), fresh(""), []
  expected = take_two(t)
  args = ("--cacert", server.path("tls/ca.pem"), *NGINX_USER, "--compress", "gzip")
  for more, actions in ((), {"stored": 2}), ((), {"present": 2}), (("--existing", "replace"), {"replaced": 2}):
    done = send(t, server.https("/packed/" + at), *args, *more)
    same(counts(done), actions)
    lacks(done.out, "Content-Encoding")
    stored.append(server.stored("/store/" + at))
  same({path: gzip.decompress(data) for path, data in stored[0].items()}, expected)
  same(stored, [stored[0]] * 3)
  same([data[4:8] for data in stored[0].values()], [bytes(4)] * 2, "no time in it")


@case("where readers would not be told that a file is packed it goes as it is, which is said")
def not_packed(t):
  server, at = nginx(), fresh("/store/")
  expected = corpus(t, 60, 60)
  args = ("--cacert", server.path("tls/ca.pem"), *NGINX_USER, "--compress", "gzip")
  for actions, said in ({"stored": 60}, 1), ({"present": 60}, 0):
    done = send(t, server.https(at), *args)
    same(counts(done), actions)
    same(done.out.count("files go there as they are"), said)
    same(server.stored(at), {path: t.read(source) for path, source in expected.items()})
  for path in expected:  # as earlier versions left it
    with open(server.path("root", at[1:], path), "r+b") as file:
      packed = gzip.compress(file.read(), 6, mtime=0)
      file.seek(0)
      file.write(packed)
      file.truncate()
  same(counts(send(t, server.https(at), *args, "--existing", "replace")), {"replaced": 60})
  same(server.stored(at), {path: t.read(source) for path, source in expected.items()})


@case("what is too large to be packed in memory goes by a file of TMPDIR that nobody sees")
def packed_by_file(t):
  server, at = nginx(), fresh("/packed/")
  large = os.urandom(20 << 20) + bytes(3 << 20)
  t.write("build/large.pdb", harness.pdb_with("A" * 32, 0) + large)
  os.mkdir(t.path("tmp"))
  args = (server.http(at), *NGINX_USER, "--compress", "gzip")
  done = send(t, *args, env={"TMPDIR": t.path("no/such/folder")}, status=1)
  holds(errors(done), "no/such/folder")
  send(t, *args, env={"TMPDIR": t.path("tmp")})
  same([gzip.decompress(data) for data in server.stored("/store/" + at[8:]).values()], [t.read("build/large.pdb")])
  same(os.listdir(t.path("tmp")), [])


# ------------------------------------------------------------------- Apache --

READERS = ("--for", "windbg,bugsplat,debuginfod,gdb")


@case("missing folders are made, to the root; further paths are copied on the server")
def collections(t):
  server = apache()
  t.take("linux/libengine.so.1", "build/libengine.so")
  take_two(t)
  for url in (server.http, server.https):
    at = fresh("/store/")
    server.forget()
    done = send(t, url(at + "deep/er/"), *APACHE_USER, "--cacert", server.path("tls/ca.pem"), *READERS)
    same(counts(done), {"stored": 3})
    asked = server.asked()
    same(set(done.actions()), set(server.stored(at + "deep/er/")))
    engine = t.read("build/libengine.so")
    assert sum(data == engine for data in server.stored(at).values()) >= 4
    assert sum(method == "COPY" and status == 201 for _, method, _, status in asked) >= 3, asked
    made = [path for _, method, path, status in asked if method == "MKCOL" and status == 201]
    same(len(made), len(set(made)), "each folder is made once")


@case("a server that says 404 where a folder is missing, as those made with Go do, is asked for folders")
def not_found_mkcol(t):
  server, at = apache(), fresh("/store/")
  expected = take_two(t)
  with Faulty(f"127.0.0.1:{server.port}") as between:
    between.fail("answer", status=404, methods="PUT", times=1)
    same(counts(send(t, between.url + at, *APACHE_USER)), {"stored": 2})
  same(sorted(server.stored(at)), sorted(expected))


@case("nginx that makes no folders by itself is asked for them, by MKCOL")
def nginx_mkcol(t):
  server = nginx()
  expected = corpus(t, 12, 1000)
  server.forget()
  same(counts(send(t, server.http("/mkcol/"), "-j", "4")), {"stored": 12})
  same(sorted(server.stored("/mkcol/")), sorted(expected))
  assert sum(status == 500 for _, _, _, status in server.asked()) <= 2, "one file teaches it"


@case("nginx that makes no folders at all: its 500 is explained, and not tried for every file, nor eight times")
def nginx_flat(t):
  server = nginx()
  corpus(t, 200, 1000)
  done = t.run("-d", "build", "-f", "**/*", "--no-pairs", "--to", server.http("/flat/"), status=1)
  same(done.err.count("\n"), 1, "one line for all")
  shutil.rmtree(t.path("build"))
  take_two(t)
  server.forget()
  done = send(t, server.http("/flat/"), status=1)
  same({o["error"]["message"].removeprefix(server.http("/flat/: ")) for o in done.objects() if "error" in o},
       {"nginx failed (PUT: 500), and the file's folder is not there: nginx makes folders where its "
        "configuration says \"create_full_put_path on;\""})
  assert server.methods().count("PUT") <= 4, "one file, before and after MKCOL, each twice"
  with Faulty() as other:
    other.fail("answer", status=404, methods="HEAD", times=2)
    other.fail("answer", status=403, methods="HEAD")  # a folder that is there
    other.fail("answer", status=403, methods="MKCOL")
    other.fail("answer", status=500, methods="PUT", body="<hr><center>nginx/1.22.1</center>")
    done = send(t, other.url + "/", status=1, files="**/crashy.pdb")
    holds(errors(done), "nginx failed (PUT: 500): its error.log tells why")


@case("an nginx that has made folders and fails for one file keeps the others")
def nginx_fails_once(t):
  server, at = nginx(), fresh("/store/")
  corpus(t, 3, 1000)
  keys = sorted(o["key"] for o in send(t, server.http(at), *NGINX_USER, "-n").objects() if "key" in o)
  with Faulty(f"127.0.0.1:{server.port}") as between:
    between.fail("answer", status=405, methods="MKCOL")
    between.fail("answer", status=500, methods="PUT", path=keys[1], body="<hr><center>nginx/1.22.1</center>")
    same(counts(send(t, between.url + at, *NGINX_USER, "-j", "1", status=1)), {"stored": 2, "failed": 1})
  same(sorted(server.stored(at)), [keys[0], keys[2]])


@case("what stood in its folder already teaches nothing about the others: their folders are made")
def collections_later(t):
  server, at = apache(), fresh("/store/")
  expected = take_two(t)
  send(t, server.http(at), *APACHE_USER, files="**/crashy.pdb")
  with open(server.path("root", at[1:], CRASHY), "ab") as file:
    file.write(b"other")
  done = send(t, server.http(at), *APACHE_USER, "--existing", "replace", "-j", "1")
  same(done.actions(), {CRASHY: "replaced", ENGINE: "stored"})
  same(server.stored(at), expected)


@case("that Apache honours If-None-Match is learnt: then new files cost no look before")
def conditional(t):
  server, at = apache(), fresh("/store/")
  expected = corpus(t, 60, 1000)
  server.forget()
  send(t, server.http(at), *APACHE_USER, "-j", "2")
  asked = [(method, path) for _, method, path, status in server.asked() if status not in (405, 401)]
  same(len(server.stored(at)), 60)
  looks = sum(asked.index(("HEAD", at + path)) < asked.index(("PUT", at + path)) for path in expected)
  assert 8 <= looks < 30, looks
  same(counts(send(t, server.http(at), *APACHE_USER)), {"present": 60})


@case("two runs at once: each file is stored once, and nothing fails")
def race(t):
  server, at = apache(), fresh("/store/")
  expected = corpus(t, 80, 5000)
  args = ("-d", "build", "-f", "**/*.pdb", "--to", server.http(at), "--format", "json", *APACHE_USER)
  runs = [t.start(*args) for _ in range(2)]
  outs = [run.communicate(timeout=harness.TIMEOUT) for run in runs]
  same([run.returncode for run in runs], [0, 0], "".join(err.decode() for _, err in outs))
  same({path: t.read(source) for path, source in expected.items()}, server.stored(at))


@case("Digest authentication is used where the server asks for it, and Basic is not sent before")
def digest(t):
  server = apache()
  expected = take_two(t)
  at = fresh("")
  with Faulty(f"127.0.0.1:{server.port}") as between:
    send(t, between.url + "/digest/" + at, *APACHE_USER)
    same(server.stored("/store/" + at), expected)
    told = "\n".join(line for head in between.heads for line in head)
    holds(told, "Authorization: Digest")
    lacks(told, "Basic")
  at = fresh("")
  send(t, server.https("/digest/" + at), *APACHE_USER, "--cacert", server.path("tls/ca.pem"))
  same(server.stored("/store/" + at), expected)


# -------------------------------------------------------------------- proxy --

@case("an authenticating proxy is passed, for http:// and https://; its refusal is named")
def proxy(t):
  server = nginx()
  expected = take_two(t)
  user = f"http://proxyuser:proxy-pass@127.0.0.1:{squid().port}"
  for url in (server.http, server.https):
    at = fresh("/store/")
    args = (*NGINX_USER, "--cacert", server.path("tls/ca.pem"), "--proxy")
    squid().forget()
    send(t, url(at), *args, user)
    same(server.stored(at), expected)
    with open(squid().path("log/access.log")) as file:
      file.seek(squid().mark)
      holds(file.read(), "proxyuser", str(server.port + (url == server.https)))
    for wrong in (f"http://127.0.0.1:{squid().port}", user.replace("proxy-pass", "wr0ng")):
      done = send(t, url(at), *args, wrong, status=1)
      holds(errors(done), "proxy", "407")
      same(len([line for line in done.err.splitlines() if line.startswith("error:")]), 1)
      lacks(done.out + done.err, "wr0ng")
  for scheme, url in ("http", server.http), ("https", server.https):
    at = fresh("/store/")
    args = (*NGINX_USER, "--cacert", server.path("tls/ca.pem"))
    send(t, url(at), *args, env={f"{scheme}_proxy": user})
    same(server.stored(at), expected)
    send(t, url(at), *args, env={f"{scheme}_proxy": "http://proxy.invalid:3128", "NO_PROXY": "127.0.0.1,localhost"})
  done = send(t, server.http(at), *NGINX_USER, "--proxy", "http://proxy.invalid:3128", "--retries", "0", status=1)
  holds(errors(done), "name of the proxy is not known")
  with Faulty() as closed:
    nobody = closed.url
  for url, name in ((server.http, f"127.0.0.1:{server.port}"), (server.https, f"localhost:{server.port + 1}")):
    for proxy in nobody, nobody.replace("http", "socks5"):
      done = send(t, url(at), *args, "--proxy", proxy, "--retries", "0", status=1)
      holds(errors(done), f"{name}: the proxy {nobody[7:]}: nothing listens there")


@case("a tunnel through a proxy that ends in the middle of a run, with what waits for it, loses no file")
def tunnels(t):
  server, at = nginx(), fresh("/store/")  # ends a connection after 200 requests
  expected = corpus(t, 600, 600)
  done = send(t, server.https(at), *NGINX_USER, "--cacert", server.path("tls/ca.pem"),
              env={"HTTPS_PROXY": f"http://proxyuser:proxy-pass@127.0.0.1:{squid().port}"})
  same(counts(done), {"stored": 600})
  same(sorted(server.stored(at)), sorted(expected))


@case("a SOCKS proxy is passed, with its name and password, and asked for the host by name")
def socks(t):
  server = nginx()
  expected = take_two(t)
  with Socks("proxyuser", "proxy-pass") as proxy:
    for scheme, named in ("socks5h", "localhost"), ("socks5", "127.0.0.1"):
      at = fresh("/store/")
      proxy.asked.clear()
      args = (server.https(at), "--cacert", server.path("tls/ca.pem"), *NGINX_USER)
      send(t, *args, "--proxy", f"{scheme}://proxyuser:proxy-pass@127.0.0.1:{proxy.port}")
      same(server.stored(at), expected)
      same(set(proxy.asked), {(named, server.port + 1)})
      done = send(t, *args, "--proxy", f"{scheme}://proxyuser:wr0ng@127.0.0.1:{proxy.port}", "--retries", "0", status=1)
      holds(errors(done), "proxy")
      lacks(done.out + done.err, "wr0ng")
    at = fresh("/store/")
    send(t, server.https(at), "--cacert", server.path("tls/ca.pem"), *NGINX_USER,
         env={"ALL_PROXY": f"socks5h://proxyuser:proxy-pass@127.0.0.1:{proxy.port}"})
    same(server.stored(at), expected)


# ------------------------------------------------------------------- faults --

@case("what closes the connection to http:// at once may speak TLS, and that is said until it has answered")
def maybe_tls(t):
  take_two(t)
  with Faulty() as faulty:
    faulty.fail("reset")
    done = send(t, faulty.url + "/", "--retries", "0", status=1)
    holds(errors(done), "the port may speak TLS (https://): ")
  with Faulty() as faulty:
    faulty.fail("answer", status=404, methods="HEAD")
    faulty.fail("reset", methods="PUT")
    lacks(errors(send(t, faulty.url + "/", "--retries", "0", status=1)), "https://")


@case("a server that takes no files is told so, and nginx by the name of what it lacks")
def no_puts(t):
  t.take("windows/crashy.pdb")
  with Faulty() as faulty:
    faulty.fail("answer", status=404, methods="HEAD")
    for body, says in ("<hr><center>nginx/1.22.1</center>", 'nginx takes files where its configuration says '
                       '"dav_methods PUT;" (PUT: 405)'), ("", "the server takes no files there: does it speak WebDAV"):
      faulty.rules = faulty.rules[:1]
      faulty.fail("answer", status=405, methods="PUT", body=body)
      holds(errors(send(t, faulty.url + "/", status=1)), says)


@case("an empty port is the usual one, and one that is none is an error before anything is sent")
def ports(t):
  t.take("windows/crashy.pdb")
  for to, says in (("http://127.0.0.1:/", "127.0.0.1: nothing listens there"),
                   ("http://[::1]:/", "[::1]: n")):
    done = send(t, to, "--retries", "0", status=1)
    holds(errors(done), says)
    lacks(errors(done), "proxy")
  for to in "http://127.0.0.1:65536/", "http://127.0.0.1:0/", "http://127.0.0.1:80x/", "https://[::1]:x":
    holds(send(t, to, status=2).err, "the port is no number from 1 to 65535")
  for to in "http://:80/", "http://:/":
    holds(send(t, to, status=2).err, "the address names no host")


@case("with 5 % of all requests failing everything lands, byte for byte")
def five_percent(t):
  server, at = nginx(), fresh("/store/")
  expected = corpus(t, 400, 30_000)
  with Faulty(f"127.0.0.1:{server.port}") as faulty:
    for kind, how in (("reset", {}), ("answer", {"status": 500}), ("close", {}), ("truncate", {}),
                      ("answer", {"status": 429, "headers": {"Retry-After": "1"}}), ("swallow", {})):
      faulty.fail(kind, share=0.009, **how)
    done = send(t, faulty.url + at, *NGINX_USER)
    faults = sum(kind != "" for _, _, _, kind in faulty.log)
    assert faults > 20, faults
  same({path: t.read(source) for path, source in expected.items()}, server.stored(at))
  same({word for word in counts(done)}, {"stored"}, errors(done))


@case("an upload whose answer was lost is stored, and not called another's")
def lost_answer(t):
  expected = take_two(t)
  for server, user in ((nginx(), NGINX_USER), (apache(), APACHE_USER)):
    at = fresh("/store/")
    with Faulty(f"127.0.0.1:{server.port}") as faulty:
      faulty.fail("swallow", methods="PUT", skip=1, times=2)
      done = send(t, faulty.url + at, *user)
    same(counts(done), {"stored": 2}, errors(done))
    same(server.stored(at), expected)


@case("a stalled transfer is given up after --stall-timeout and tried again")
def stall(t):
  server, at = nginx(), fresh("/store/")
  expected = take_two(t)
  with Faulty(f"127.0.0.1:{server.port}") as faulty:
    faulty.fail("stall", methods="PUT", times=1)
    begun = time.monotonic()
    send(t, faulty.url + at, *NGINX_USER, "--stall-timeout", "2")
    assert 2 < time.monotonic() - begun < 20
  same(server.stored(at), expected)


@case("Retry-After, in seconds or as a date, holds back all transfers to the server")
def retry_after(t):
  corpus(t, 20, 1000)
  for as_date in False, True:
    when = formatdate(time.time() + 5, usegmt=True) if as_date else "3"  # at least 3 s from its first request
    with Faulty() as faulty:
      faulty.fail("answer", status=404, methods="HEAD")
      faulty.fail("answer", status=503, methods="PUT", headers={"Retry-After": when}, skip=4, times=1)
      send(t, faulty.url + "/")
      refused = next(at for at, method, _, kind in faulty.log if method == "PUT" and kind == "answer")
      after = [at for at, _, _, _ in faulty.log if at > refused + 0.5]
      assert min(after) > refused + 2.8, (refused, min(after))


@case("a server that is always busy is named after --retries, and not for every file anew")
def always_busy(t):
  take_two(t)
  with Faulty() as faulty:
    faulty.fail("answer", status=503, methods="PUT", body="on holiday")
    faulty.fail("answer", status=404, methods="HEAD")
    done = send(t, faulty.url + "/", "--retries", "2", "-j", "1", status=1)
    holds(errors(done), "busy (PUT: 503): on holiday")
    same(sum(method == "PUT" for _, method, _, _ in faulty.log), 6)
    same([o["attempts"] for o in done.objects() if "attempts" in o], [3, 3])


@case("nothing listens, no such host: named, and quickly for however many files")
def no_server(t):
  corpus(t, 50, 1000)
  with Faulty() as faulty:
    url = faulty.url
  begun = time.monotonic()
  done = send(t, url + "/", status=1)
  holds(errors(done), url[7:], "nothing listens")
  same(counts(done), {"failed": 50})
  done = send(t, "https://no-such-host.invalid/x/", status=1)
  holds(errors(done), "no-such-host.invalid: the name is not known (DNS)")
  assert time.monotonic() - begun < 20
  with socket.create_server(("127.0.0.1", 0)) as mute:
    where = f"http://127.0.0.1:{mute.getsockname()[1]}/"
    done = send(t, where, "--stall-timeout", "1", "--retries", "0", status=1)
    holds(errors(done), "no byte moved for 1 seconds")


@case("an interrupted run ends soon, though the server stalls")
def interrupted(t):
  take_two(t)
  for stalled in "PUT", "HEAD":
    with Faulty() as faulty:
      if stalled == "PUT":
        faulty.fail("answer", status=404, methods="HEAD")
      faulty.fail("stall", methods=stalled)
      run = t.start("-d", "build", "-f", "*.pdb", "--to", faulty.url + "/")
      while not any(method == stalled for _, method, _, _ in faulty.log):
        time.sleep(0.05)
      run.send_signal(signal.SIGINT)
      begun = time.monotonic()
      _, err = run.communicate(timeout=harness.TIMEOUT)
      same(run.returncode, 130)
      assert time.monotonic() - begun < 5
      holds(err.decode(), "Stopped: build/crashy.pdb and 1 more were not delivered.")
      lacks(err.decode(), "error:")


def bytes_read(run):
  """By a process so far; also by one that has ended and was not waited for."""
  with open(f"/proc/{run.pid}/io") as file:
    return int(next(line for line in file if line.startswith("rchar")).split()[1])


@case("--compress gzip: an interrupted run does not pack a large file to its end")
def interrupted_packing(t):
  size = 1 << 30
  os.truncate(t.write("build/big.pdb", harness.pdb_with("5" * 32, 0)), size)
  with Faulty() as faulty:
    run = t.start("-d", "build", "-f", "*.pdb", "--to", faulty.url + "/", "--compress", "gzip")
    while bytes_read(run) < size + (16 << 20):  # it is hashed, and packing has begun
      assert run.poll() is None, run.communicate()
      time.sleep(0.02)
    run.send_signal(signal.SIGINT)
    os.waitid(os.P_PID, run.pid, os.WEXITED | os.WNOWAIT)
    read = bytes_read(run)
    run.communicate(timeout=harness.TIMEOUT)
    same(run.returncode, 130)
    assert read < size + size // 2, f"{read} bytes were read"
    lacks(str(faulty.log), "PUT")


@case("a SAS address keeps its query on every path, gets the blob type, and is never shown")
def azure(t):
  expected = take_two(t)
  with Faulty() as faulty:
    faulty.fail("answer", status=404, methods="HEAD")
    done = send(t, faulty.url + "/container/win?sv=2024&sp=rcw&sig=aGVsbG8%3D", env={"SYMBOL_UPLOAD_TOKEN": "tok-123"})
    lacks("\n".join(line for head in faulty.heads for line in head), "Authorization")
    same(counts(done), {"stored": 2})
    same(faulty.bodies, {f"/container/win/{path}?sv=2024&sp=rcw&sig=aGVsbG8%3D": data
                         for path, data in expected.items()})
    puts = [head for head in faulty.heads if head[0].startswith("PUT")]
    assert all("x-ms-blob-type: BlockBlob" in head for head in puts), puts
    send(t, faulty.url + "/container/packed?sig=aGVsbG8%3D", "--compress", "gzip", status=None)
    head = next(head for head in faulty.heads if head[0].startswith("PUT /container/packed"))
    holds("\n".join(head), "Content-Encoding: gzip", "x-ms-blob-content-encoding: gzip")
    assert all(method in ("HEAD", "PUT") for _, method, _, _ in faulty.log)


@case("a server that must not be read is written to, and the doubt is said once")
def write_only(t):
  corpus(t, 5, 1000)
  with Faulty() as faulty:
    faulty.fail("answer", status=403, methods="HEAD")
    done = send(t, faulty.url + "/", status=0)
    same(counts(done), {"stored": 5})
    same(done.err.count("does not tell what stands there"), 1)


@case("what stands on a server that must not be read is kept, or replaced with --existing replace")
def write_only_again(t):
  take_two(t)
  for status, code in (409, "BlobAlreadyExists"), (403, "UnauthorizedBlobOverwrite"), (412, ""):
    with Faulty() as faulty:
      faulty.fail("answer", status=403, methods="HEAD")
      faulty.fail("answer", status=status, methods="PUT", headers={"x-ms-error-code": code})
      done = send(t, faulty.url + "/container?sig=aGVsbG8%3D")
      same(counts(done), {"kept": 2})
      same(errors(done).count("something stands under this key"), 2)
  with Faulty() as faulty:
    faulty.fail("answer", status=403, methods="HEAD")
    done = send(t, faulty.url + "/container?sig=aGVsbG8%3D", "--existing", "replace")
    same(counts(done), {"replaced": 2})
    lacks("\n".join(line for head in faulty.heads for line in head), "If-None-Match")


@case("a server that loses what it took is found out")
def no_proof(t):
  take_two(t)
  with Faulty() as faulty:
    faulty.fail("answer", status=404, methods="HEAD")
    faulty.fail("answer", status=201, methods="PUT")
    done = send(t, faulty.url + "/", status=1)
    holds(errors(done), "took it, but has nothing there")
  with Faulty() as faulty:
    faulty.fail("answer", status=404, methods="HEAD", times=2)
    faulty.fail("answer", status=201, methods="PUT")
    faulty.fail("answer", status=200, methods="HEAD", body="")
    done = send(t, faulty.url + "/", "-j", "1", status=1, files="**/crashy.pdb")
    holds(errors(done), "took 77824 bytes, but has 0 there")


@case("a checksum of the server's decides, where it has one")
def checksum(t):
  take_two(t)
  with Faulty() as faulty:
    faulty.fail("answer", status=404, methods="HEAD", path="index2.txt")
    faulty.fail("answer", status=200, methods="HEAD", headers={"X-Checksum-Sha256": "00" * 32})
    done = send(t, faulty.url + "/")
    same(counts(done), {"kept": 2})
  with Faulty() as faulty:
    faulty.fail("answer", status=404, methods="HEAD")
    faulty.fail("answer", status=201, methods="PUT", headers={"ETag": '"1"', "X-Checksum-Sha256": "00" * 32})
    done = send(t, faulty.url + "/", status=1)
    same(counts(done), {"failed": 2})
    holds(errors(done), "other bytes than were sent")


@case("--compress gzip: a file that lies there as it is, is as good, also by its checksum")
def checksum_of_plain(t):
  take_two(t)
  data = t.read("build/crashy.pdb")
  for sha256, action in (hashlib.sha256(data).hexdigest(), "present"), ("00" * 32, "kept"):
    with Faulty() as faulty:
      faulty.fail("answer", status=404, methods="HEAD", path="index2.txt")
      faulty.fail("answer", status=200, methods="HEAD", headers={"X-Checksum-Sha256": sha256}, body="x" * len(data))
      done = send(t, faulty.url + "/", "--compress", "gzip", files="**/crashy.pdb")
      same(counts(done), {action: 1})
      lacks(done.out, "by its size alone")


if __name__ == "__main__":
  sys.exit(0 if harness.run_cases(os.path.abspath(sys.argv[1]), sys.argv[2:]) else 1)
