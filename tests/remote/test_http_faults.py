#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Delivery to servers that fail, stall or are busy, and to several targets at once. TAP.

usage: test_http_faults.py PROGRAM [CASE...]"""
import os
import re
import shutil
import signal
import socket
import sys
import threading
import time
from email.utils import formatdate

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "../cli"), os.path.join(HERE, "../servers")]

import harness
from faulty import Faulty, Rule
from harness import bytes_moved, case, corpus, end, holds, lacks, same, until
from listener import nobody
from httpcases import NGINX_USER, NGINX_IN_URL, APACHE_USER, fresh, send, take_two, counts, errors
from servers import apache, nginx
from terminal import on_terminal


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
  with nobody() as dead:
    done = send(t, n.http(nat).replace("://", "://" + NGINX_IN_URL), "--to", "file://" + t.path("store"),
                "--to", a.http(aat).replace("://", "://symbols:s3cret@"), "--to", f"http://{dead}/", status=1)
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
    for flush in "none", "batch":
      t.write("build/app.pdb", old)
      with Meddler(change) as first:
        done = send(t, first.url + "/", "--to", "file://" + t.path("store"), "--flush", flush, *packed, status=1)
        holds(errors(done), "the file changed during the run, and so did its key")
        same(t.symbols(), [])


@case("a packed file that is unpacked on the way is not sent under its packed name")
def unpacked(t):
  t.take("windows/crashy.pdb")
  packed = t.path(t.take("windows/compressed/engine.pd_"))
  with Meddler(lambda: shutil.copyfile(os.path.join(harness.FILES, "windows/engine.pdb"), packed)) as server:
    done = send(t, server.url + "/", "--for", "windbg", "-j", "1", status=1, files="**/*.pd?")
    holds(errors(done), "the file changed during the run, and so did its key")
    same(counts(done), {"stored": 1, "failed": 1})


@case("of several targets each line says which one is meant, and one that is given up is told of once")
def named(t):
  corpus(t, 20, 1000)
  n, at = nginx(), fresh("/store/")
  where = n.http(at)
  with nobody() as dead:
    done = t.run("-d", "build", "-f", "**/*.pdb", "--to", where, "--to", f"http://{dead}/", "--to", n.http("/forbidden/"),
                 "--to", "file://" + t.path("store"), status=1)
  lines = [line for line in done.err.splitlines() if line.startswith("error: ")]
  locked = [line for line in lines if where in line]
  same(len(locked), 1)
  assert locked[0].startswith(f"error: {where}: the server wants credentials (--user, --bearer), or others (GET: 401)"), locked
  same([line for line in lines if dead in line],
       [f"error: http://{dead}/: {dead}: nothing listens there (connection refused) (tried 4 times)"])
  refused = [line for line in lines if n.http("/forbidden/") in line]
  same((len(refused), len(lines)), (20, 22))
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


@case("what stands there after a lost answer is not called stored where nobody may look at it: it may be another's")
def lost_unseen(t):
  take_two(t)
  with Faulty() as faulty:
    faulty.fail("answer", status=403, methods="HEAD")
    faulty.fail("reset", methods="PUT", path="crashy", times=1)
    faulty.fail("answer", status=412, methods="PUT")
    done = send(t, faulty.url + "/", "-j", "1")
    same(counts(done), {"kept": 2})
    holds(done.err, "perhaps by an attempt of this run whose answer was lost, and the server does not tell what")
    same(errors(done).count("perhaps"), 1)


@case("a stalled transfer is given up after --stall-timeout and tried again")
def stall(t):
  server, at = nginx(), fresh("/store/")
  expected = take_two(t)
  with Faulty(f"127.0.0.1:{server.port}") as faulty:
    faulty.fail("stall", methods="PUT", times=1)
    begun = time.monotonic()
    send(t, faulty.url + at, *NGINX_USER, "--stall-timeout", "2")
    assert time.monotonic() - begun > 2
  same(server.stored(at), expected)


@case("Retry-After, in seconds or as a date, holds back all transfers to the server")
def retry_after(t):
  corpus(t, 20, 1000)
  for when in "3", lambda: formatdate(time.time() + 4, usegmt=True):  # a date has whole seconds
    with Faulty() as faulty:
      faulty.fail("answer", status=404, methods="HEAD")
      faulty.fail("answer", status=503, methods="PUT", headers={"Retry-After": when}, skip=4, times=1)
      send(t, faulty.url + "/")
      refused = next(at for at, method, _, kind in faulty.log if method == "PUT" and kind == "answer")
      after = [at for at, _, _, _ in faulty.log if at > refused + 0.5]
      assert min(after) > refused + 2.8, (refused, min(after))


@case("a server that wants to be left alone for longer than a run waits is left alone, and that is told")
def left_alone(t):
  corpus(t, 20, 1000)
  for when, retries in ("3600", "2"), (formatdate(time.time() + 86400, usegmt=True), "0"):
    with Faulty() as faulty:
      faulty.fail("answer", status=404, methods="HEAD")
      faulty.fail("answer", status=503, methods="PUT", headers={"Retry-After": when}, body="on holiday")
      done = send(t, faulty.url + "/", "--retries", retries, status=1)
      holds(errors(done), "the server wants to be left alone for ", " s (Retry-After), and no run waits so long: ",
            "busy (PUT: 503): on holiday")
      same(counts(done), {"failed": 20})
      same(sum(method == "PUT" for _, method, _, _ in faulty.log), 1)


@case("a full disk, and redirects in a circle, are met once and not for every file")
def met_once(t):
  corpus(t, 20, 1000)
  for answer, words, tried in (({"status": 507}, "the server's disk is full (PUT: 507)", 1),
                               ({"status": 307, "headers": {"Location": "/on"}}, "/on, and so on, in a circle", 9)):
    with Faulty() as faulty:
      faulty.fail("answer", status=404, methods="HEAD")
      faulty.fail("answer", methods="PUT", **answer)
      done = send(t, faulty.url + "/", "-j", "1", status=1)
      holds(errors(done), words)
      same((counts(done), sum(method == "PUT" for _, method, _, _ in faulty.log)), ({"failed": 20}, tried))


class Unconditional(Faulty):
  """Refuses by `status` what comes with If-None-Match."""

  def __init__(self, status):
    super().__init__()
    self.fail("answer", status=404, methods="HEAD")
    self.refusal = Rule("answer", status=status)

  def choose(self, head):
    return super().choose(head) or (self.refusal if "If-None-Match: *" in head else None)


@case("a server that refuses a condition gets files without, and is asked but once")
def no_condition(t):
  corpus(t, 12, 1000)
  for status in 400, 501:
    with Unconditional(status) as server:
      same(counts(send(t, server.url + "/", "-j", "1")), {"stored": 12})
      same(["If-None-Match: *" in head for head in server.heads if head[0].startswith("PUT")], [True] + [False] * 12)


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
  with Faulty() as faulty:
    faulty.fail("answer", status=503, body="on holiday")
    done = send(t, faulty.url + "/", "--retries", "2", "-j", "1", status=1)
    holds(errors(done), "busy (GET: 503): on holiday")
    same([method for _, method, path, _ in faulty.log if "crashy" in path], ["HEAD"] * 3 + ["GET"])


@case("nothing listens, no such host: named, and quickly for however many files")
def no_server(t):
  corpus(t, 50, 1000)
  begun = time.monotonic()
  with nobody() as dead:
    done = send(t, f"http://{dead}/", status=1)
  holds(errors(done), f"{dead}: nothing listens")
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
      until(lambda: any(method == stalled for _, method, _, _ in faulty.log), run)
      run.send_signal(signal.SIGINT)
      begun = time.monotonic()
      done = end(run, 130)
      assert time.monotonic() - begun < 5
      holds(done.err, "Stopped: build/crashy.pdb and 1 more were not delivered.")
      lacks(done.err, "error:")


@case("--compress gzip: an interrupted run does not pack a large file to its end")
def interrupted_packing(t):
  size = 1 << 30
  os.truncate(t.write("build/big.pdb", harness.pdb_with("5" * 32, 0)), size)
  with Faulty() as faulty:
    run = t.start("-d", "build", "-f", "*.pdb", "--to", faulty.url + "/", "--compress", "gzip")
    until(lambda: bytes_moved(run, "rchar") > size + (16 << 20), run)  # it is hashed, and packing has begun
    run.send_signal(signal.SIGINT)
    os.waitid(os.P_PID, run.pid, os.WEXITED | os.WNOWAIT)
    read = bytes_moved(run, "rchar")
    end(run, 130)
    assert read < size + size // 2, f"{read} bytes were read"
    lacks(str(faulty.log), "PUT")


if __name__ == "__main__":
  sys.exit(0 if harness.run_cases(os.path.abspath(sys.argv[1]), sys.argv[2:]) else 1)
