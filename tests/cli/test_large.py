# SPDX-License-Identifier: MIT
"""Runs over many files and many days: the journal, parts of a run, and a run whose time is over."""
import json
import os
import subprocess
import time

from harness import CRASHY, case, corpus, end, holds, lacks, same


def settle():
  """Lets the files get older than the two seconds in which a journal trusts no file."""
  time.sleep(2.05)


def attempts(done):
  """How often each path was asked for: 0 where the journal knew it."""
  return {o["key"]: o["attempts"] for o in done.objects() if "attempts" in o}


def asked(done):
  return [key for key, count in attempts(done).items() if count > 0]


@case("a second run with a journal looks at nothing that has not changed, and says the same")
def repeats(t):
  expected = corpus(t, 40)
  settle()
  first = t.store("--journal", "j", "build")
  same(len(asked(first)), 40)
  second = t.store("--journal", "j", "build")
  same(asked(second), [])
  same(second.actions(), {key: "present" for key in expected})
  before = t.read("j")
  t.store("--journal", "j", "build")
  same(t.read("j"), before, "a run without news leaves the journal as it was")


@case("a source that changed, came or went is seen")
def sources(t):
  expected = corpus(t, 6)
  settle()
  t.store("--journal", "j", "build")
  paths = list(expected)
  source = t.path(expected[paths[0]])
  os.utime(source, (1, 1))  # the bytes are the same, its times are not
  settle()
  same(asked(t.store("--journal", "j", "build")), [paths[0]])
  same(asked(t.store("--journal", "j", "build")), [])

  # Other bytes, same size, same mtime: only ctime tells.
  source = t.path(expected[paths[1]])
  st = os.stat(source)
  data = bytearray(t.read(expected[paths[1]]))
  data[-1] ^= 1
  with open(source, "r+b") as file:
    file.write(data)
  os.utime(source, ns=(st.st_atime_ns, st.st_mtime_ns))
  settle()
  done = t.store("--journal", "j", "--existing", "replace", "build")
  same(asked(done), [paths[1]])
  same(done.actions()[paths[1]], "replaced")
  same(asked(t.store("--journal", "j", "build")), [])

  os.unlink(t.path(expected[paths[2]]))
  t.take("windows/crashy.pdb")
  settle()
  same(asked(t.store("--journal", "j", "build")), [CRASHY])


@case("a source that changed within two seconds before the run is not trusted")
def racy(t):
  t.take("windows/crashy.pdb")
  t.store("--journal", "j", "build")
  same(asked(t.store("--journal", "j", "build")), [CRASHY])


@case("a store that was emptied, replaced or tampered with is seen")
def stores(t):
  expected = corpus(t, 4)
  settle()
  t.store("--journal", "j", "build")
  paths = sorted(expected)
  os.unlink(t.path("store", paths[0]))
  done = t.store("--journal", "j", "build")
  same(asked(done), [paths[0]])
  same(done.actions()[paths[0]], "stored")

  with open(t.path("store", paths[1]), "r+b") as file:
    file.write(b"x")
  done = t.store("--journal", "j", "build")
  same(asked(done), [paths[1]])
  same(done.actions()[paths[1]], "replaced")

  os.rename(t.path("store"), t.path("elsewhere"))
  same(sorted(asked(t.store("--journal", "j", "build"))), paths, "another folder, another store")


@case("what is noted of a path's second source holds only as long as the first is the same")
def contested(t):
  def actions():
    return [o["action"] for o in t.store("--journal", "j", "build").objects() if "action" in o]
  for name in "ab":
    t.take("windows/public/crashy.pdb", f"build/{name}/crashy.pdb")
  settle()
  same([actions(), actions()], [["stored", "present"], ["present", "present"]])
  t.take("windows/crashy.pdb", "build/a/crashy.pdb")
  same(actions(), ["replaced", "kept"])


@case("what a journal calls kept is asked for again where it is to be replaced")
def kept(t):
  t.take("windows/crashy.pdb")
  t.write("store/" + CRASHY, t.read("build/crashy.pdb")[:-1] + b"x")
  settle()
  same(t.store("--journal", "j", "build").actions(), {CRASHY: "kept"})
  again = t.store("--journal", "j", "build")
  same((again.actions(), asked(again)), ({CRASHY: "kept"}, []))
  same(t.store("--journal", "j", "--existing", "replace", "build").actions(), {CRASHY: "replaced"})


@case("one journal serves several targets, each for itself")
def targets(t):
  corpus(t, 3)
  settle()
  t.run("-l", "one", "--journal", "j", "-q", "build")
  both = ["-l", "one", "--to", f"file://{t.path('two')}", "--journal", "j", "build", "--format", "json"]
  t.run(*both)
  done = t.run(*both)
  same(asked(done), [])
  same(t.content("one"), t.content("two"))
  same(done.summary()["present"], 6)


@case("hashes of a receipt come out of the journal, and are asked for where it has none")
def receipts(t):
  corpus(t, 3)
  settle()
  t.store("--journal", "j", "build")
  done = t.store("--journal", "j", "--receipt", "r1", "build")
  same(len(asked(done)), 3, "nothing was hashed before")
  done = t.store("--journal", "j", "--receipt", "r2", "build")
  same(asked(done), [])
  hashes = [[json.loads(line)["sha256"] for line in t.read(r).splitlines()] for r in ("r1", "r2")]
  same(hashes[0], hashes[1])


@case("a damaged journal is said to be one, and begun anew")
def damaged(t):
  t.take("windows/crashy.pdb")
  settle()
  t.write("j", "symbol-upload journal 1\nwhat?\n")
  done = t.store("--journal", "j", "build")
  holds(done.err, "warning: j: ", "begun anew")
  same(asked(t.store("--journal", "j", "build")), [])


@case("a journal that cannot be written is refused before anything is stored")
def unwritable(t):
  t.take("windows/crashy.pdb")
  for name, why in (("nowhere/j", "No such file or directory"), ("build", "it is a folder")):
    holds(t.store("--journal", name, "build", status=1).err, f"error: cannot write the journal {name}: ", why)
  assert not os.path.exists(t.path("store"))


@case("a dry run reads the journal and does not write it")
def dry(t):
  t.take("windows/crashy.pdb")
  settle()
  t.store("-n", "--journal", "j", "build")
  assert not os.path.exists(t.path("j"))
  t.store("--journal", "j", "build")
  same(t.store("-n", "--journal", "j", "build").actions(), {CRASHY: "present"})


def beside(t, name):
  """What stands beside a file of a run, while it is written."""
  return sorted(n for n in os.listdir(t.folder) if n.startswith(f"{name}."))


@case("a run that is killed leaves the journal it found, whole, and a later one removes what else it left")
def killed(t):
  corpus(t, 300)
  settle()
  t.store("--journal", "j", "build", "--exclude", "part[1-6]")
  before = t.read("j")
  for wait in range(1, 40, 3):
    run = t.start("-l", f"store{wait}", "--journal", "j", "build")
    time.sleep(wait / 1000)
    run.kill()
    run.communicate()
    now = t.read("j")
    if now != before:  # it was over before it was killed
      same(now[:24], before[:24])
      same(now[-1:], b"\n")
      before = now
  for name in beside(t, "j"):
    os.utime(t.path(name), (0, 0))
  t.store("--journal", "j", "build")
  same(beside(t, "j"), [], "no litter")


@case("of what stands beside a journal and a receipt, only what a run that died left there is removed")
def litter(t):
  t.take("windows/crashy.pdb")
  stay = ["j.0123456g.part", "j.01234567.part2", "j.0123456.part", "j.part", "k.01234567.part"]
  for name in [*stay, "j.01234567.part", "j.89abcdef.part", "r.01234567.part"]:
    t.write(name, "")
    if name != "j.89abcdef.part":  # which another run may be writing
      os.utime(t.path(name), (0, 0))
  t.store("--journal", "j", "--receipt", "r", "build")
  same(beside(t, "j") + beside(t, "k"), sorted([*stay[:-1], "j.89abcdef.part"]) + stay[-1:])
  same(beside(t, "r"), [])


@case("parts of a run are disjoint, and together they are the whole")
def shards(t):
  expected = corpus(t, 60)
  seen = []
  for part in range(1, 5):
    done = t.run("-l", f"part{part}", "--shard", f"{part}/4", "--format", "json", "build")
    seen += t.symbols(f"part{part}")
    assert 5 <= done.summary()["stored"] <= 25, f"the parts are about equal: {done.summary()}"
  same(sorted(seen), sorted(expected))
  again = t.run("-l", "again", "--shard", "2/4", "--format", "json", "build")
  same(t.symbols("again"), t.symbols("part2"), "a part is the same each time")


@case("an empty part is no failure")
def empty_shard(t):
  t.take("windows/crashy.pdb")
  runs = [t.run("-l", "store", "--shard", f"{part}/5", "build") for part in range(1, 6)]
  same([run.status for run in runs], [0] * 5)
  same(sorted(run.err.replace(f"part {i + 1}/5", "part") for i, run in enumerate(runs)),
       ["", *["--shard: no file falls to part, of 1 that was found\n"] * 4])
  same(t.symbols(), [CRASHY])


@case("a file named by hand that is not there is a failure of every part, also of an empty one")
def missing_in_empty_shard(t):
  t.take("windows/crashy.pdb")
  for part in range(1, 6):
    holds(t.run("-l", "store", "--shard", f"{part}/5", "build/crashy.pdb", "gone.pdb", status=1).err, "gone.pdb")
  same(t.symbols(), [CRASHY])


@case("a large tree takes no longer than the time that a run has, and that not all was found is said")
def budget_of_walk(t):
  t.take("windows/crashy.pdb", "build/a/crashy.pdb")
  os.mkfifo(t.path("names"))
  run = t.start("-l", "store", "--budget", "1s", "--format", "json", "--files-from", "names")
  with open(t.path("names"), "wb") as names:
    time.sleep(1.5)
    names.write(b"build\n")
  done = end(run, 1)
  holds(done.err, "error: --budget: the time is over before all files were found: nothing could be delivered")
  same(("left" in done.summary(), done.summary()["unsearched"]), (False, True))
  assert not os.path.exists(t.path("store"))


@case("when its time is over a run begins no file more, says what is left, and the next goes on")
def budget(t):
  expected = corpus(t, 20)
  names = "\n".join(expected.values()).encode()
  run = t.start("-l", "store", "--budget", "1s", "--format", "json", "--files-from", "-",
                stdin=subprocess.PIPE)
  time.sleep(3)  # the names come when the time is over
  done = end(run, 1, names)
  holds(done.err, "--budget: the time is over, and 20 files are left: nothing", "delivered in it, so give it more")
  same(done.summary()["left"], 20)
  same(t.symbols(), [])
  lacks(done.out, '"failed":1')
  done = t.store("--budget", "10m", "build")
  same(done.summary()["stored"], 20)
  assert "left" not in done.summary()
