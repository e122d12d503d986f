# SPDX-License-Identifier: MIT
"""Runs whose n-th allocation fails, in the program or in one of its libraries, and looks at files that fail:
tests/unit/starved.c is preloaded. No crash, nothing wrong under a final name, and status 0 for nothing
but what is complete."""
import fcntl
import os
import shutil

from harness import Skip, case, holds, same
from transactions import files_of, living, note

LAST = 90  # allocations of a run that are tried
FILES = "windows/crashy.exe", "windows/crashy.pdb", "windows/engine.pdb", "linux/crashy.debug"


def starved(t, **more):
  """The environment in which a run is starved."""
  if t.sanitized:
    raise Skip("a sanitizer has an allocator of its own")
  return {"LD_PRELOAD": t.given("SYMBOL_UPLOAD_STARVED"), **{f"STARVED_{key}": str(value) for key, value in more.items()}}


def hungry(t, *args, env={}):
  """Runs one command again and again, each time without another one of its allocations."""
  def run(**more):
    for left in "store", "r.json", "j":
      shutil.rmtree(t.path(left), ignore_errors=True)
      if os.path.exists(t.path(left)):
        os.remove(t.path(left))
    return t.run("build", "-l", "store", "-j", "1", *args, status=None, env={**starved(t, **more), **env})

  good = run(COUNT=t.path("count"))
  same(good.status, 0)
  whole = t.content("store")
  count = int(t.read("count"))
  # Not the thousands that OpenSSL makes when it begins: there it crashes itself.
  for number in range(max(1, count - LAST), count + 1):
    done = run(AT=number)
    place = f"{number} of {count}: status {done.status}\n{done.out}{done.err}"
    assert done.status in (0, 1, 2), place
    assert "(null)" not in done.err and "takes too long" not in done.err, place
    assert done.status == 0 or done.err, place
    stored = t.content("store") if os.path.exists(t.path("store")) else {}
    wrong = [path for path in stored if stored[path] != whole.get(path) and path != "index.txt"]
    same(wrong, [], place)
    assert done.status != 0 or stored.keys() == whole.keys(), place
    if "json" in args and done.status == 0:
      same(*([o["key"] for o in run.objects() if "key" in o] for run in (done, good)), place)
      same(*(run.summary()["skipped"] for run in (done, good)), place)


@case("where memory ends in the course of a run, a store has no wrong file and the run no good status")
def memory(t):
  for name in FILES:
    t.take(name)
  hungry(t)


@case("inspect prints no file's text by half where memory ends, and says that something is missing")
def memory_inspect(t):
  for name in FILES:
    t.take(name)
  for form in "text", "json":
    def run(**more):
      return t.run("inspect", "-j", "1", "--format", form, "build", status=None, env=starved(t, **more))
    good = run(COUNT=t.path("count"))
    for number in range(max(1, int(t.read("count")) - 30), int(t.read("count")) + 1):
      done = run(AT=number)
      assert done.err or done.out == good.out, f"{number}: {done.out}{done.err}"
      assert done.out == "" or done.out.endswith("\n"), done.out


@case("so with a receipt and a journal, for which files are hashed")
def memory_hashes(t):
  for name in FILES:
    t.take(name)
  hungry(t, "--receipt", "r.json", "--journal", "j")


@case("so where it is told in JSON lines, and to a CI system: no crash, no half a line, and none left out")
def memory_lines(t):
  for name in FILES:
    t.take(name)
  t.write("build/bad.pdb", t.read("build/crashy.pdb")[:3000])
  hungry(t, "--format", "json", env={"GITHUB_ACTIONS": "true"})


@case("a removal that cannot look at a transaction's list does not take it for none")
def list_unseen(t):
  t.take("windows/crashy.exe")
  note(t, "build")
  done = t.run("remove", "-l", "store", "1", status=None, env=starved(t, STAT="0000000001"))
  same((done.status, files_of(t), living(t)), (0, [], []), done.err)
  same([name for name in t.tree("store/000Admin") if name.startswith("0000000001")], ["0000000001.deleted"])


@case("nor a file that it cannot look at for one that has gone: it fails, and the next one finishes")
def file_unseen(t):
  t.take("windows/crashy.exe")
  note(t, "build")
  file, = files_of(t)
  for name in os.path.dirname(file), os.path.basename(file):
    done = t.run("remove", "-l", "store", "1", status=1, env=starved(t, STAT=name))
    holds(done.err, os.path.dirname(file), "cannot look at it: Stale file handle")
    same(files_of(t), [file])
  t.run("remove", "-l", "store", "1")
  same(files_of(t), [])


@case("nor a run that it cannot see for none: while one may fill the store nothing is removed")
def run_unseen(t):
  t.take("windows/crashy.exe")
  note(t, "build")
  os.makedirs(t.path("store/.symbol-upload/0123456789abcdef"))
  folder = os.open(t.path("store/.symbol-upload/0123456789abcdef"), os.O_RDONLY)
  fcntl.flock(folder, fcntl.LOCK_EX)
  # The first lock is 000Admin's, the second the sweep's, of what dead runs left.
  done = t.run("remove", "-l", "store", "1", status=1, env=starved(t, LOCK=3))
  holds(done.err, "cannot tell whether a run fills the store: .symbol-upload/0123456789abcdef: cannot lock the folder: "
        "Input/output error")
  same((len(files_of(t)), living(t)), (1, [1]))
  os.close(folder)
  t.run("remove", "-l", "store", "1")
  same(files_of(t), [])


@case("what a store is, and whether it has transactions, is not guessed where that cannot be seen")
def store_unseen(t):
  t.take("windows/crashy.exe")
  note(t, "build")
  t.take("windows/crashy.pdb")
  before = t.tree("store")
  for name in "index2.txt", "000Admin":  # the run ends before anything is written
    done = t.run("build", "-l", "store", status=1, env=starved(t, STAT=name))
    same(done.err, f"error: store: {name}: cannot look at it: Stale file handle\n")
    same(t.tree("store"), before)
  for command in ["verify", "-l", "store"], ["remove", "-l", "store", "1"]:
    done = t.run(*command, status=1, env=starved(t, STAT="index2.txt"))
    same(done.err, "error: store: index2.txt: cannot look at it: Stale file handle\n")
  done = t.run("build", "-l", "store", status=1, env=starved(t, STAT="index.txt"))
  same(done.err, "error: store: index.txt: cannot look at it: Stale file handle\n")


@case("a folder that cannot be looked at is named: its files are not left out without a word")
def folder_unseen(t):
  t.take("windows/crashy.exe")
  t.take("windows/crashy.pdb", "build/inner/crashy.pdb")
  t.run("build", "-l", "store")
  for command in ["build", "-l", "store"], ["check", "build", "-l", "store"]:
    done = t.run(*command, env=starved(t, FSTAT="inner"))
    holds(done.err, "warning: build/inner: cannot look at it: Stale file handle")
  done = t.run("build/inner", "-l", "store", status=1, env=starved(t, FSTAT="inner"))
  holds(done.err, "error: build/inner: cannot look at it: Stale file handle")
