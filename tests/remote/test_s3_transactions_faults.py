#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Transactions of stores in S3 where runs and removals are killed, late, or at work at once:
against a strict stand-in, whose objects grow old when the test says so. TAP.

usage: test_s3_transactions_faults.py PROGRAM [CASE...]"""
import copy
import glob
import os
import random
import signal
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "../servers"), os.path.join(HERE, "../cli")]

import harness
from harness import case, end, holds, same, says, until
from s3servers import Standing, environment
from s3standin import Object, Refusal
from s3transactions import admin, build, files, manifest, needed, note, path, paths, start, states, tell


def objects(server):
  return {key: there.data for key, there in server.buckets["symbols"].items()}


def grow_old(server, seconds, ending=""):
  """What is in 000Admin was written so long ago."""
  for key, there in server.buckets["symbols"].items():
    if key.startswith("000Admin/") and key.endswith(ending):
      there.modified -= seconds


def check(server):
  """Nothing that lives lacks a file."""
  there = objects(server)
  same([p for p in needed(there) if p not in there], [])


class Killer:
  """Kills a process at its write number `nth`, before the server has done it."""

  def __init__(self, server, nth):
    self.server, self.nth = server, nth
    self.process, self.seen, self.killed = None, 0, False
    self.lock = threading.Lock()
    server.faults.append(self)

  def __call__(self, handler, action):
    if action not in ("PutObject", "DeleteObject"):
      return
    with self.lock:
      self.seen += 1
      if self.seen < self.nth:
        return
      while self.process is None:
        time.sleep(0.001)
      self.killed = True
      self.process.kill()
      self.process.wait()
    raise Refusal(503, "SlowDown")  # of who is dead nothing is done any more

  def watch(self, process):
    self.process = process
    process.communicate(timeout=60)
    self.server.faults.remove(self)
    return self.killed


def each_kill(prepare, begin):
  """Yields the stand-in after each way to be killed, of what was prepared once for all."""
  with Standing() as server:
    prepare(server)
    prepared = server.buckets["symbols"]
  for nth in range(1, 100):
    with Standing() as server:
      server.buckets["symbols"] = copy.deepcopy(prepared)
      killed = Killer(server, nth).watch(begin(server))
      yield server, f"write {nth}"
      if not killed:
        return
  raise AssertionError("it never ends")


@case("a run that is killed with any of its writes never was, or was; the next one and a removal go on")
def killed_runs(t):
  for names in "ab", "bc":
    build(t, *names)
  count = 0
  for server, when in each_kill(lambda server: note(t, server.s3, "symbols", "a-b"),
                                lambda server: start(t, server.s3, "symbols", "b-c", "-q", "-j", "1")):
    count += 1
    check(server)
    grow_old(server, 3600, ".begun")
    tell(t, server.s3, "remove", "symbols", "1", "-q")
    check(server)
    note(t, server.s3, "symbols", "b-c")
    there = objects(server)
    same((files(there), needed(there)), (paths("bc"), paths("bc")), when)
    same([name for name in admin(there) if name.endswith((".begun", ".going")) or "/" in name], [], when)
    last = max(int(name[:10]) for name in admin(there))
    same(manifest(there[f"000Admin/{last:010}"])[0]["transaction"], last)
  assert count >= 6, count


@case("a run whose time is over is a transaction of what it stored, though its last word has to be said again")
def budget(t):
  build(t, "a", "b", "c")
  with Standing() as server:
    refused = []

    def busy(handler, action):
      name = handler.path_text.rpartition("/")[2]
      if action == "PutObject" and (name == "b.pdb" or name.isdecimal() and name not in refused):
        refused.append(name)
        raise Refusal(503, "SlowDown", "", {"Retry-After": "100" if name == "b.pdb" else "1"})
    server.faults.append(busy)
    done = note(t, server.s3, "symbols", "-j", "1", "--budget", "5s", "a-b-c", status=1)
    holds(done.err, "--budget: the time is over, and 2 files are left (", ": run it again")
    there = objects(server)
    same((files(there), needed(there), refused), (paths("a"), paths("a"), ["b.pdb", "0000000001"]))
    server.faults.clear()
    note(t, server.s3, "symbols", "a-b-c")
    same(states(t, server.s3, "symbols"), {1: "live", 2: "live"})


@case("a removal that is killed with any of its writes is finished by the next one")
def killed_removals(t):
  for names in "ab", "bc", "ad":
    build(t, *names)

  def prepare(server):
    for folder in "a-b", "b-c", "a-d":
      note(t, server.s3, "symbols", folder)
  count = 0
  for server, when in each_kill(prepare, lambda server: t.start("remove", "--to", "s3://symbols", "1", "3", "-q",
                                                                env=environment(server.s3))):
    count += 1
    check(server)
    assert set(files(objects(server))) >= set(paths("bc")), when
    grow_old(server, 600)
    note(t, server.s3, "symbols", "b-c")  # a run goes on with what it left
    check(server)
    tell(t, server.s3, "prune", "symbols", "--keep-last", "100", "-q")
    there = objects(server)
    same([name for name in admin(there) if name.endswith(".going") or "/" in name], [], when)
    same(files(there), needed(there), when)
    left = [str(n) for n, state in states(t, server.s3, "symbols").items() if state == "live" and n in (1, 3)]
    if left:
      tell(t, server.s3, "remove", "symbols", *left, "-q")
    same(files(objects(server)), paths("bc"), when)
    same(states(t, server.s3, "symbols"), {1: "removed", 2: "live", 3: "removed", 4: "live"})
  assert count >= 12, count


@case("a claim keeps removals away until it is an hour old, a marker keeps runs away for ten minutes")
def ages(t):
  with Standing() as server:
    note(t, server.s3, "symbols", build(t, "a"))
    server.buckets["symbols"]["000Admin/0000000002.begun"] = Object(b"{}", {}, modified=server.now() - 3590)
    removal = t.start("remove", "--to", "s3://symbols", "1", env=environment(server.s3))
    says(removal, "Waiting for a run that fills the store.")
    same(files(objects(server)), [path("a")])
    grow_old(server, 20, ".begun")
    holds(end(removal).out, "1 transaction")
    same(admin(objects(server)), ["0000000001.deleted", "0000000002.dead"])
    server.buckets["symbols"]["000Admin/removing/x"] = Object(b"{}", {}, modified=server.now() - 590)
    run = start(t, server.s3, "symbols", "a")
    says(run, "Waiting for a removal of transactions in s3://symbols.")
    looks = server.count("GET", "list-type=2")
    until(lambda: server.count("GET", "list-type=2") > looks + 1, run)
    same(files(objects(server)), [])
    grow_old(server, 20, "/x")
    end(run)
    same(admin(objects(server)), ["0000000001.deleted", "0000000002.dead", "0000000003", "removing/x"])
    tell(t, server.s3, "prune", "symbols", "--keep-last", "1", "-q")
    same(admin(objects(server)), ["0000000001.deleted", "0000000002.dead", "0000000003"], "what is dead is swept")


@case("a run that is taken for dead and lives says so at its end, and is none")
def late_run(t):
  build(t, "a", "b")
  for before_manifest in True, False:
    with Standing() as server:
      note(t, server.s3, "symbols", build(t, "b"))

      def bury(handler, action):
        if action != "PutObject":
          return
        if handler.path_text.endswith("/a.pdb" if before_manifest else "/0000000002"):
          server.faults.remove(bury)
          server.buckets["symbols"]["000Admin/0000000002.dead"] = Object(b"{}", {}, modified=server.now())
          server.buckets["symbols"].pop("000Admin/0000000002.begun")
      server.faults.append(bury)
      done = note(t, server.s3, "symbols", "a-b", status=1)
      holds(done.err, "error: s3://symbols: the transaction cannot be noted: for an hour this run gave no sign of "
                      "life, and transactions were removed meanwhile: run it again")
      same(admin(objects(server)), ["0000000001", "0000000002.dead"])
      same(server.count("PUT", "000Admin/0000000002?"), 0 if before_manifest else 1, "its manifest, written in vain")
      note(t, server.s3, "symbols", "a-b")
      same(admin(objects(server)), ["0000000001", "0000000002.dead", "0000000003"])


@case("a server that ignores conditions, or refuses them, keeps no transactions")
def conditions(t):
  build(t, "a")
  for conditional in False, None:
    with Standing() as server:
      server.conditional = conditional
      holds(note(t, server.s3, "symbols", "a", status=1).err, "transactions need a server that keeps If-None-Match")
      same(objects(server), {})


@case("where the listing fails nothing is delivered, for a removal would take what was not noted")
def no_listing(t):
  with Standing() as server:
    note(t, server.s3, "symbols", build(t, "a"))

    def fail(handler, action):
      if action == "ListObjects":
        raise Refusal(500, "InternalError")
    server.faults.append(fail)
    done = t.run(build(t, "b"), "--to", "s3://symbols", "--retries", "0", env=environment(server.s3), status=1)
    holds(done.err, "500 InternalError")
    same(files(objects(server)), [path("a")])


@case("a listing that says that it goes on, and not where, is an error and not asked for ever")
def endless_listing(t):
  with Standing() as server:
    note(t, server.s3, "symbols", build(t, "a"))
    server.tokens = False
    asked = []

    def cut(handler, action):
      if action == "ListObjects":
        asked.append(handler.path)
        handler.query["max-keys"] = "1"
        if len(asked) > 20:
          raise Refusal(403, "AccessDenied")
    server.faults.append(cut)
    done = t.run(build(t, "b"), "--to", "s3://symbols", env=environment(server.s3), status=1)
    holds(done.err, "the server's listing goes on, and does not tell where")
    same(files(objects(server)), [path("a")])


@case("where the server has no listing, whatever it says then, all is delivered and nothing noted")
def never_lists(t):
  build(t, "a")
  for status, code in (404, ""), (404, "NoSuchKey"), (405, "MethodNotAllowed"), (400, ""), (501, ""), (200, ""):
    with Standing() as server:
      def fail(handler, action):
        if action == "ListObjects":
          raise Refusal(status, code)  # of 200: a text that is no listing
      server.faults.append(fail)
      t.run("a", "--to", "s3://symbols", "-q", env=environment(server.s3))
      same(list(objects(server)), [path("a")])
      holds(note(t, server.s3, "symbols", "a", status=1).err, "error: s3://symbols: ")
      same(list(objects(server)), [path("a")])
      assert len(server.requests) < 20, len(server.requests)


@case("transactions of a folder that was copied into the bucket are not read: it is said where they are")
def of_a_folder(t):
  t.run(build(t, "a"), "-l", "store", "--transaction", "-q")
  with Standing() as server:
    for folder, _, names in os.walk(t.path("store")):
      for name in names:
        at = os.path.join(folder, name)
        with open(at, "rb") as file:
          server.s3.put("symbols", os.path.relpath(at, t.path("store")), file.read())
    note(t, server.s3, "symbols", build(t, "b"))
    before = set(objects(server))
    for command, *args in ("history",), ("remove", "2"), ("prune", "--keep-last", "1"):
      done = tell(t, server.s3, command, "symbols", *args, status=1)
      holds(done.err, "000Admin/0000000001: this is how a store in a folder lists what it got",
            "its transactions are listed and removed in the folder")
    same(set(objects(server)), before)


@case("a removal reads the manifests of those that stay side by side; one that is damaged ends it in the midst of them")
def side_by_side(t):
  with Standing() as server:
    build(t, "a")
    for _ in range(40):
      note(t, server.s3, "symbols", "a")
    under_way, most, lock = [0], [0], threading.Lock()

    def linger(handler, action):
      if action == "GetObject":
        with lock:
          under_way[0] += 1
          most[0] = max(most[0], under_way[0])
        time.sleep(0.1)
        with lock:
          under_way[0] -= 1
    server.faults.append(linger)
    tell(t, server.s3, "remove", "symbols", "7", "-q")
    assert most[0] >= 8, most
    same({state for number, state in states(t, server.s3, "symbols").items() if number != 7}, {"live"})
    same(files(objects(server)), [path("a")])
    server.buckets["symbols"]["000Admin/0000000020"].data = b"gibberish\n"
    before = set(objects(server))
    holds(tell(t, server.s3, "remove", "symbols", "9", status=1).err, "000Admin/0000000020: line 1 is no title")
    same(set(objects(server)), before)


@case("who may write and list, but not read, notes")
def may_not_read(t):
  with Standing() as server:
    note(t, server.s3, "symbols", build(t, "a"))
    server.allowed = {"PutObject", "ListObjects"}
    t.run(build(t, "b"), "--to", "s3://symbols", "-q", env=environment(server.s3))
    same(admin(objects(server)), ["0000000001", "0000000002", "0000000002.begun"])


@case("a run that is stopped while it claims a number leaves no claim")
def stopped_at_its_claim(t):
  build(t, "a")
  for nth in 1, 2:
    with Standing() as server:
      seen = []

      def stop(handler, action):
        if action == "PutObject" and handler.path_text.endswith(".begun"):
          seen.append(handler)
          if len(seen) == nth:
            run.send_signal(signal.SIGINT)
            time.sleep(0.5)
      server.faults.append(stop)
      run = start(t, server.s3, "symbols", "a", "--label", "x", "-q")
      end(run, 130)
      time.sleep(0.6)
      same(objects(server), {}, str(server.requests))


@case("a run that is stopped when its manifest is written, before it is committed, is none")
def stopped_at_its_end(t):
  build(t, "a")
  with Standing() as server:
    def stop(handler, action):
      if action == "ListObjects" and "000Admin/0000000001" in server.buckets["symbols"]:
        server.faults.remove(stop)
        run.send_signal(signal.SIGINT)
        time.sleep(0.5)
    server.faults.append(stop)
    run = start(t, server.s3, "symbols", "a", "--label", "x", "-q")
    done = end(run, 130)
    same(done.out + done.err, "")
    same(admin(objects(server)), ["0000000001.dead"])


@case("a number that another run had and ended with, while this one listed, is not had twice")
def number_was_had(t):
  with Standing() as server:
    note(t, server.s3, "symbols", build(t, "a"))

    def end_with_it(handler, action):
      if action == "PutObject" and handler.path_text.endswith("/0000000002.begun"):
        server.faults.remove(end_with_it)
        text = server.buckets["symbols"]["000Admin/0000000001"].data.replace(b'"transaction":1', b'"transaction":2')
        server.buckets["symbols"]["000Admin/0000000002"] = Object(text, {}, modified=server.now())
    server.faults.append(end_with_it)
    note(t, server.s3, "symbols", build(t, "b"))
    same(admin(objects(server)), ["0000000001", "0000000002", "0000000003"])
    same(manifest(objects(server)["000Admin/0000000002"])[1], [path("a")])


@case("a removal looks after its marker stands, and again after it gave runs up: neither is overlooked")
def looks_again(t):
  build(t, "a")
  for nth, (ending, name) in enumerate((("/removing/", "0000000002.begun"), (".dead", "0000000002"))):
    with Standing() as server:
      note(t, server.s3, "symbols", "a")
      there = server.buckets["symbols"]
      text = there["000Admin/0000000001"].data.replace(b'"transaction":1', b'"transaction":2')
      if nth == 1:
        there["000Admin/0000000002.begun"] = Object(b"{}", {}, modified=server.now() - 3700)

      def meet(handler, action):
        if action == "PutObject" and ending in handler.path_text:
          server.faults.remove(meet)
          there["000Admin/" + name] = Object(text, {}, modified=server.now())
      server.faults.append(meet)
      removal = t.start("remove", "--to", "s3://symbols", "1", env=environment(server.s3))
      if nth == 0:
        says(removal, "Waiting for a run that fills the store.")
        same(files(objects(server)), [path("a")])
        del there["000Admin/0000000002.begun"]
      end(removal)
      same(files(objects(server)), [[], [path("a")]][nth])


@case("answers that are lost: a claim and a manifest that were written are known as one's own")
def lost_answers(t):
  for ending in ".begun", "/0000000001":
    with Standing() as server:
      def lose(handler, action):
        if action == "PutObject" and handler.path_text.endswith(ending):
          server.faults.remove(lose)
          handler.do_unheard(action)
          raise Refusal(503, "SlowDown")
      server.faults.append(lose)
      note(t, server.s3, "symbols", build(t, "a"))
      same(admin(objects(server)), ["0000000001"])


@case("of a removal that meets a file that cannot be deleted the transaction stays begun, and the next one ends it")
def stubborn(t):
  with Standing() as server:
    for names in "ab", "c":
      note(t, server.s3, "symbols", build(t, *names))

    def refuse(handler, action):
      if action == "DeleteObject" and handler.path_text.endswith("/b.pdb"):
        raise Refusal(403, "AccessDenied")
    server.faults.append(refuse)
    done = tell(t, server.s3, "remove", "symbols", "1", "2", status=1)
    holds(done.err, path("b"), "these credentials lack s3:DeleteObject")
    same(admin(objects(server)), ["0000000001.going", "0000000002.deleted"])
    same(files(objects(server)), [path("b")])
    server.faults.remove(refuse)
    note(t, server.s3, "symbols", "c")
    holds(tell(t, server.s3, "prune", "symbols", "--keep-last", "5").out, "1 transaction, 1 file")
    same(files(objects(server)), [path("c")])


@case("a removal that failed is repeated as it was asked for; what it began counts for none that --keep-last keeps")
def repeated(t):
  for again in ("remove", "-a", "A", "-v", "2"), ("prune", "--keep-last", "1"):
    with Standing() as server:
      for number, name in enumerate("ab", 1):
        note(t, server.s3, "symbols", build(t, name), "-a", "A", "-v", str(number))

      def refuse(handler, action):
        if action == "DeleteObject" and handler.path_text.endswith("/b.pdb"):
          raise Refusal(403, "AccessDenied")
      server.faults.append(refuse)
      tell(t, server.s3, "remove", "symbols", "-a", "A", "-v", "2", status=1)
      server.faults.remove(refuse)
      holds(tell(t, server.s3, again[0], "symbols", *again[1:]).out, "1 transaction, 1 file")
      same((admin(objects(server)), files(objects(server))), (["0000000001", "0000000002.deleted"], [path("a")]))
      holds(tell(t, server.s3, "remove", "symbols", "-a", "A", "-v", "2", status=1).err, "there is no live transaction")


def hurried(t):
  """The environment in which a program's clock runs a hundred times as fast."""
  library = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
  if not library or t.sanitized:
    raise harness.Skip("libfaketime is not installed, or nothing can be loaded before a sanitizer")
  return {"LD_PRELOAD": library[0], "FAKETIME": "+0 x100"}


@case("a run gives a sign of life every five minutes")
def signs(t):
  harness.small_corpus(t, 40)
  with Standing() as server:
    server.skew = 1 << 30

    def dawdle(handler, action):
      time.sleep(0.12)
    server.faults.append(dawdle)
    t.run("build", "--for", "breakpad", "--to", "s3://symbols", "--label", "x", "-q", "-j", "1",
          env={**environment(server.s3), **hurried(t)})
    signs = server.count("PUT", "0000000001.begun")
    assert 3 <= signs <= 6, f"two to claim it, and some by which it lives: {signs}"
    same(admin(objects(server)), ["0000000001"])


@case("a removal that stood still for five minutes does nothing any more, and leaves no marker")
def stood_still(t):
  env = hurried(t)
  for name in "ab":
    build(t, name)
  with Standing() as server:
    for name in "ab":
      note(t, server.s3, "symbols", name)
    server.skew = 1 << 30
    held = threading.Event()

    def hold(handler, action):
      if action == "HeadObject" and not held.is_set():
        held.set()
        time.sleep(0.2)
    server.faults.append(hold)
    removal = t.start("remove", "--to", "s3://symbols", "1", "2", env={**environment(server.s3), **env})
    held.wait(30)
    removal.send_signal(signal.SIGSTOP)
    time.sleep(3.5)  # its clock goes on by almost six minutes
    removal.send_signal(signal.SIGCONT)
    holds(end(removal, 1).err, "this machine or its network stood still for too long: run it again")
    same(admin(objects(server)), ["0000000001.going", "0000000002.going"])
    same(len(files(objects(server))) > 0, True)
    tell(t, server.s3, "prune", "symbols", "--keep-last", "1", "-q")
    same(objects(server).keys(), {"000Admin/0000000001.deleted", "000Admin/0000000002.deleted"})


@case("no deletion is tried again after a machine slept for five minutes")
def slept(t):
  env = {**hurried(t), "DONT_FAKE_MONOTONIC": "1"}
  with Standing() as server:
    note(t, server.s3, "symbols", build(t, "a"))
    server.skew = 1 << 30
    tries = []

    def sleep(handler, action):
      if action == "DeleteObject" and handler.path_text.endswith("/a.pdb"):
        tries.append(handler)
        time.sleep(3.5)
        raise Refusal(503, "SlowDown")
    server.faults.append(sleep)
    t.run("remove", "--to", "s3://symbols", "1", status=1, env={**environment(server.s3), **env})
    same(len(tries), 1)


@case("runs and removals at once, in many orders: what lives has its files, and nothing else is left")
def at_random(t):
  seed = int(os.environ.get("SYMBOL_UPLOAD_SEED", time.time_ns() % 1_000_000))
  print(f"# SYMBOL_UPLOAD_SEED={seed}", flush=True)
  dice = random.Random(seed)
  names = "abcdefgh"
  folders = [build(t, *dice.sample(names, dice.randint(1, 4))) for _ in range(8)]
  deadline = time.time() + 6
  rounds = 0
  while time.time() < deadline:
    rounds += 1
    with Standing() as server:
      def dawdle(handler, action):
        time.sleep(dice.random() ** 4 * 0.3)
      note(t, server.s3, "symbols", dice.choice(folders))
      note(t, server.s3, "symbols", dice.choice(folders))
      server.faults.append(dawdle)
      runs = [start(t, server.s3, "symbols", dice.choice(folders), "-q", "-a", dice.choice("xy")) for _ in range(3)]
      removals = [t.start("prune", "--to", "s3://symbols", "--keep-last", "1", "-q", env=environment(server.s3))
                  for _ in range(dice.randint(1, 2))]
      for process in runs + removals:
        end(process)
      check(server)
      server.faults.clear()
      there = objects(server)
      same(files(there), needed(there))
      numbers = [int(name[:10]) for name in admin(there)]
      same(sorted(numbers), [1, 2, 3, 4, 5])
      same([name for name in admin(there) if name.endswith((".begun", ".going", ".dead")) or "/" in name], [])
  print(f"# {rounds} rounds")


if __name__ == "__main__":
  sys.exit(0 if harness.run_cases(os.path.abspath(sys.argv[1]), sys.argv[2:]) else 1)
