#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Transactions of stores in Ceph's radosgw: noted, listed, removed. TAP.

usage: test_s3_transactions.py PROGRAM [CASE...]"""
import json
import os
import random
import re
import signal
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "../servers"), os.path.join(HERE, "../cli")]

import harness
from harness import case, end, holds, lacks, same, says
from s3cases import counts, readme_policies, send
from s3servers import ceph, environment, new_bucket
from s3transactions import admin, build, files, manifest, needed, note, path, paths, source_of, start, states, tell


def keys(bucket, s3=ceph.s3):
  return s3.keys(bucket)


def objects(bucket):
  """key -> bytes, of 000Admin alone but for the keys of symbols."""
  return {key: ceph.s3.get(bucket, key) if key.startswith("000Admin/") else b"" for key in keys(bucket)}


def put(bucket, name, data=b"{}\n"):
  ceph.s3.put(bucket, "000Admin/" + name, data)


def delete(bucket, name):
  same(ceph.s3.ask("DELETE", f"/{bucket}/000Admin/{name}").status, 204)


@case("a run with --transaction writes one manifest; without, and without any before, none")
def noted(t):
  bucket = new_bucket(ceph)
  folder = build(t, "a", "b")
  t.run(folder, "--to", f"s3://{bucket}", "-q", env=environment(ceph.s3))
  same(keys(bucket), paths("ab"))
  note(t, ceph.s3, bucket, folder, "-a", 'Gäme, 2', "-v", "1.0")
  same(admin(keys(bucket)), ["0000000001"])
  title, brought = manifest(ceph.s3.get(bucket, "000Admin/0000000001"))
  assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", title.pop("time"))
  same(title, {"transaction": 1, "product": "Gäme, 2", "version": "1.0", "files": 2})
  same(sorted(brought), paths("ab"), "what was present is noted")
  line = json.loads(ceph.s3.get(bucket, "000Admin/0000000001").splitlines()[1])
  same(line, {"path": path("a"), "source": source_of(t, folder, "a.pdb"),
              "size": os.path.getsize(t.path(folder, "a.pdb"))})
  t.run(build(t, "c"), "--to", f"s3://{bucket}", "-q", env=environment(ceph.s3))
  same(manifest(ceph.s3.get(bucket, "000Admin/0000000002"))[1], [path("c")], "from now on every run is noted")
  t.run(folder, "--to", f"s3://{bucket}/other", "-q", env=environment(ceph.s3))
  same(admin(key[6:] for key in keys(bucket) if key.startswith("other/")), [], "another prefix is another store")


@case("a run that delivers nothing, or only looks, leaves no transaction and no claim")
def nothing(t):
  bucket = new_bucket(ceph)
  t.write("bad/broken.pdb", b"Microsoft C/C++ MSF 7.00\r\n\x1aDS\0\0\0 broken")
  note(t, ceph.s3, bucket, "bad", status=1)
  note(t, ceph.s3, bucket, build(t, "a"), "-n")
  same(keys(bucket), [])
  holds(note(t, ceph.s3, bucket, "a", "-a", 'My "App"', status=2).err, "holds a quotation mark")
  holds(tell(t, ceph.s3, "history", bucket, status=1).err,
        f"error: s3://{bucket}: the store keeps no transactions: it has no 000Admin")
  holds(tell(t, ceph.s3, "remove", bucket, "1", status=1).err, "the store keeps no transactions")
  holds(tell(t, ceph.s3, "prune", "no-such-bucket", "--keep-last", "1", status=1).err, 'no bucket "no-such-bucket"')
  holds(note(t, ceph.s3, "no-such-bucket", "a", status=1).err, 'no bucket "no-such-bucket"')


@case("history, a plan, prune and remove, as for a folder: shared files stay, and what nobody noted")
def whole_life(t):
  bucket = new_bucket(ceph)
  store = f"{bucket}/win"
  t.run(build(t, "mine"), "--to", f"s3://{store}", "-q", env=environment(ceph.s3))
  for number, names in enumerate(("ab", "bc", "bd"), 1):
    note(t, ceph.s3, store, build(t, *names), "-a", "Game", "-v", f"1.{number}",
         *(["--label", "release one"] if number == 1 else []))
  lines = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "DATE---------------", tell(t, ceph.s3, "history", store).out)
  same(lines.splitlines(), [
    "transaction  time                     files  state           application       version       label",
    "          1  DATE---------------          2  live            Game              1.1           release one",
    "          2  DATE---------------          2  live            Game              1.2",
    "          3  DATE---------------          2  live            Game              1.3"])
  before = objects(bucket)
  rules = "--keep-last", "1", "--keep-label", "release*"
  done = tell(t, ceph.s3, "prune", store, *rules, "--plan")
  same(sorted(done.out.splitlines()), sorted([
    f"needed    s3://{store}/{path('b')}  (by 3)", f"planned   s3://{store}/{path('c')}",
    "1 transaction, 1 file (13.5 KiB) would be removed; 1 is needed by another one"]))
  same(objects(bucket), before, "a plan writes nothing")
  done = tell(t, ceph.s3, "prune", store, *rules, "--format", "json")
  size = os.path.getsize(t.path("b-c/c.pdb"))
  same([o for o in done.objects() if o.get("action") == "removed"],
       [{"target": f"s3://{store}", "transaction": 2, "path": path("c"), "action": "removed", "files": 1,
         "bytes": size}])
  same({k: v for k, v in done.summary().items() if v},
       {"transactions": 1, "removed": 1, "needed": 1, "files": 1, "bytes": size})
  below = [key[4:] for key in keys(bucket)]
  same(files(below), sorted(paths("abd") + [path("mine")]))
  same(admin(below), ["0000000001", "0000000002.deleted", "0000000003"])
  same(states(t, ceph.s3, store), {1: "live", 2: "removed", 3: "live"})
  holds(tell(t, ceph.s3, "remove", store, "2", status=1).err, "there is no live transaction 2 in the store")
  holds(tell(t, ceph.s3, "remove", store, "-a", "Game", "-v", "9", status=1).err, 'no live transaction of "Game" in version "9"')
  holds(tell(t, ceph.s3, "remove", store, "-a", "Game", "-v", "1.1").out, "1 transaction, 1 file")
  holds(tell(t, ceph.s3, "remove", store, "3", "--verbose").out, f"removed   s3://{store}/{path('d')}")
  same(files(key[4:] for key in keys(bucket)), [path("mine")], "what no transaction brought stays")
  holds(tell(t, ceph.s3, "prune", store, "--keep-last", "1").out, "There is no transaction to remove.")
  note(t, ceph.s3, store, "a-b")
  same(states(t, ceph.s3, store)[4], "live")
  holds(tell(t, ceph.s3, "prune", store, "--older-than", "1d").out, "There is no transaction to remove.")


@case("a target by its name in symbol-upload.yaml, beside a folder")
def by_name(t):
  bucket = new_bucket(ceph)
  t.write("symbol-upload.yaml", f"""to: [archive, bucket]
targets:
  archive:
    to: file://{t.path("store")}
  bucket:
    to: s3://{bucket}
    endpoint: http://127.0.0.1:{ceph.port}
""")
  env = environment(ceph.s3, AWS_ENDPOINT_URL="")
  t.run(build(t, "a"), "--label", "x", "-q", env=env)
  listed = t.run("history", "--format", "json", env=env).objects()
  same([(o["target"], o["transaction"], o["label"]) for o in listed],
       [(t.path("store"), 1, "x"), (f"s3://{bucket}", 1, "x")])
  t.run("remove", "--to", "bucket", "1", "-q", env=env)
  same((files(keys(bucket)), len(t.tree("store")) > 3), ([], True))


@case("a file that somebody deleted is missing, one that cannot be a file's path is refused, none is lost by it")
def odd_entries(t):
  bucket = new_bucket(ceph)
  note(t, ceph.s3, bucket, build(t, "a", "b"))
  ceph.s3.put(bucket, "important", b"x")
  ceph.s3.put(bucket, "000Admin/notes", b"mine")
  lines = ceph.s3.get(bucket, "000Admin/0000000001").splitlines()
  title = json.loads(lines[0])
  for bad in "000Admin/notes", "../x/y", "a//b", "important", "index.txt/x":
    lines.append(json.dumps({"path": bad}).encode())
  put(bucket, "0000000001", b"\n".join([json.dumps({**title, "files": 7}).encode(), *lines[1:]]) + b"\n")
  ceph.s3.ask("DELETE", f"/{bucket}/{path('a')}")
  done = tell(t, ceph.s3, "remove", bucket, "1", "--format", "json", status=1)
  actions = {o["path"]: o["action"] for o in done.objects() if "path" in o}
  same(actions, {path("a"): "missing", path("b"): "removed",
                 **{bad: "refused" for bad in ("000Admin/notes", "../x/y", "a//b", "important", "index.txt/x")}})
  holds(done.err, "entries that name no file of the store were left alone")
  same(keys(bucket), ["000Admin/0000000001.deleted", "000Admin/notes", "important"])


@case("a manifest that is damaged is named, and nothing is removed")
def damaged(t):
  bucket = new_bucket(ceph)
  for names in "ab", "bc":
    note(t, ceph.s3, bucket, build(t, *names))
  whole = ceph.s3.get(bucket, "000Admin/0000000002")
  first, second, third = whole.splitlines(True)
  for text, said in ((first + second, "it has not the 2 paths"), (first + second + third[:-5], "it has not the 2 paths"),
                     (first + b"gibberish\n" + third, "line 2 is no path"), (b"", "it has not the 0 paths"),
                     (second + third, "line 1 is no title of transaction 2"),
                     (first.replace(b'"transaction":2', b'"transaction":1') + second + third, "line 1 is no title")):
    put(bucket, "0000000002", text)
    before = objects(bucket)
    holds(tell(t, ceph.s3, "remove", bucket, "1", status=1).err, "000Admin/0000000002: " + said)
    same(objects(bucket), before)
  holds(tell(t, ceph.s3, "history", bucket, status=1).err, "000Admin/0000000002: line 1 is no title")
  put(bucket, "0000000002", whole)
  tell(t, ceph.s3, "remove", bucket, "1", "-q")
  same(files(keys(bucket)), paths("bc"))


@case("runs at once have numbers of their own, and each all of its files")
def many_runs(t):
  bucket = new_bucket(ceph)
  names = "abcdef"
  for name in names:
    build(t, name, "shared")
  for run in [start(t, ceph.s3, bucket, f"{name}-shared", "--label", name, "-q") for name in names]:
    end(run)
  same(admin(keys(bucket)), [f"{n:010}" for n in range(1, 7)])
  found = [manifest(ceph.s3.get(bucket, f"000Admin/{n:010}")) for n in range(1, 7)]
  same({title["label"]: sorted(brought) for title, brought in found},
       {name: paths([name, "shared"]) for name in names})


@case("a run that begins while a removal is under way waits for it, says so once, and hears a stop")
def run_waits(t):
  bucket = new_bucket(ceph)
  note(t, ceph.s3, bucket, build(t, "a"))
  put(bucket, "removing/somebody")
  runs = [start(t, ceph.s3, bucket, build(t, "b")), start(t, ceph.s3, bucket, "b", "--label", "x")]
  for run in runs:
    says(run, f"Waiting for a removal of transactions in s3://{bucket}.")
  time.sleep(0.5)
  same([run.poll() for run in runs], [None, None])
  same((files(keys(bucket)), len(admin(keys(bucket)))), ([path("a")], 4), "nothing is sent while it waits")
  runs[1].send_signal(signal.SIGINT)
  end(runs[1], 130)
  same(len(admin(keys(bucket))), 3, "its claim is gone")
  delete(bucket, "removing/somebody")
  lacks(end(runs[0]).err, "Waiting")
  same(files(keys(bucket)), paths("ab"))
  same(len(admin(keys(bucket))), 2)


@case("a removal waits for a run that fills the store, and for another removal, and hears a stop")
def removal_waits(t):
  bucket = new_bucket(ceph)
  for name in "ab":
    note(t, ceph.s3, bucket, build(t, name))
  for claim, whom in ("0000000003.begun", "a run that fills the store"), ("removing/somebody", "another removal"):
    put(bucket, claim)
    removals = []
    for said in whom, "":  # the second one may have met the first
      removals.append(t.start("remove", "--to", f"s3://{bucket}", "1" if claim[0] == "0" else "2",
                              env=environment(ceph.s3)))
      says(removals[-1], "Waiting for " + said)
    same(files(keys(bucket)), paths("ab" if claim[0] == "0" else "b"))
    removals[1].send_signal(signal.SIGTERM)
    end(removals[1], 143)
    holds(tell(t, ceph.s3, "remove", bucket, "2", "--plan").out, "would be removed")
    delete(bucket, claim)
    lacks(end(removals[0]).err, "Waiting")
  same(keys(bucket), ["000Admin/0000000001.deleted", "000Admin/0000000002.deleted"])


@case("runs and removals that are killed at any moment leave no living transaction without its files")
def killed(t):
  bucket = new_bucket(ceph)
  dice = random.Random(os.environ.get("SYMBOL_UPLOAD_SEED", "7"))
  harness.small_corpus(t, 60)
  args = "build", "--for", "breakpad"
  note(t, ceph.s3, bucket, *args)
  for round in range(8):
    removal = round % 2
    process = t.start("prune", "--to", f"s3://{bucket}", "--keep-last", "1", env=environment(ceph.s3)) if removal \
      else start(t, ceph.s3, bucket, *args, "-q")
    time.sleep(dice.uniform(0.005, 0.12))
    process.kill()
    process.communicate()
    there = objects(bucket)
    same([p for p in needed(there) if p not in there], [])
    for name in admin(there):  # as if an hour went by
      if name.startswith("removing/"):
        delete(bucket, name)
      elif name.endswith(".begun"):
        put(bucket, name[:10] + ".dead")
        delete(bucket, name)
    note(t, ceph.s3, bucket, *args)
  tell(t, ceph.s3, "prune", bucket, "--keep-last", "1", "-q")
  there = objects(bucket)
  same((files(there), len(files(there))), (needed(there), 60))
  same([name for name in admin(there) if name.endswith(".going")], [])


@case("2,500 files: the second run sends none and has all, and all go with the last one")
def many_files(t):
  bucket = new_bucket(ceph)
  harness.small_corpus(t, 2500)
  args = "build", "--for", "breakpad"
  for _ in range(2):
    note(t, ceph.s3, bucket, *args)
  same([manifest(ceph.s3.get(bucket, f"000Admin/{n:010}"))[0]["files"] for n in (1, 2)], [2500] * 2)
  same(tell(t, ceph.s3, "remove", bucket, "1", "--format", "json").summary()["needed"], 2500)
  same(len(files(keys(bucket))), 2500)
  same(tell(t, ceph.s3, "remove", bucket, "2", "--format", "json").summary()["removed"], 2500)
  same(files(keys(bucket)), [])


@case("a run that its journal answers wholly asks nothing, unless it is to be noted; no removal is overlooked")
def with_journal(t):
  bucket = new_bucket(ceph)
  folder = build(t, "a", "b")
  time.sleep(2.1)  # files that changed a moment ago are in no journal
  args = folder, "--journal", "journal", "--no-pairs"
  note(t, ceph.s3, bucket, *args)
  before = sum(ceph.requests(bucket).values())
  t.run(*args, "--to", f"s3://{bucket}", "-q", env=environment(ceph.s3))
  same(sum(ceph.requests(bucket).values()), before)
  heads = ceph.requests(path("a"))
  note(t, ceph.s3, bucket, *args)
  same(sorted(manifest(ceph.s3.get(bucket, "000Admin/0000000002"))[1]), paths("ab"))
  same(ceph.requests(path("a")), heads, "what it knows is noted, and not asked for")
  tell(t, ceph.s3, "remove", bucket, "1", "2", "-q")
  note(t, ceph.s3, bucket, *args)
  same(files(keys(bucket)), paths("ab"), "a journal does not believe in what was removed")


@case("the README's uploader notes its runs; to remove them takes s3:DeleteObject, and without nothing changes")
def rights(t):
  bucket = new_bucket(ceph)
  user = ceph.user("noter")
  ceph.grant(bucket, "noter", readme_policies()[0])
  for name in "ab":
    note(t, user, bucket, build(t, name))
  same(states(t, user, bucket), {1: "live", 2: "live"})
  before = keys(bucket)
  holds(tell(t, user, "remove", bucket, "1", status=1).err, "lack s3:DeleteObject")
  same(keys(bucket), before)
  ceph.grant(bucket, "noter", [*readme_policies()[0], {"Effect": "Allow", "Action": "s3:DeleteObject"}])
  tell(t, user, "remove", bucket, "1", "-q")
  same(files(keys(bucket)), [path("b")])


@case("who may not list cannot note: an error where it is asked for, else as before")
def no_listing(t):
  bucket = new_bucket(ceph)
  user = ceph.user("blind")
  ceph.grant(bucket, "blind", [{"Effect": "Allow", "Action": ["s3:PutObject", "s3:GetObject"]}])
  same(counts(send(t, user, bucket, build(t, "a"))), {"stored": 1})
  note(t, ceph.s3, bucket, "a")
  same(counts(send(t, user, bucket, build(t, "b"))), {"stored": 1})
  same(admin(keys(bucket)), ["0000000001"])
  holds(note(t, user, bucket, "b", status=1).err, "these credentials lack s3:ListBucket")
  holds(tell(t, user, "history", bucket, status=1).err, "these credentials lack s3:ListBucket")


if __name__ == "__main__":
  sys.exit(0 if harness.run_cases(os.path.abspath(sys.argv[1]), sys.argv[2:]) else 1)
