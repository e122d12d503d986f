# SPDX-License-Identifier: MIT
"""`symbol-upload check` of stores in folders: what is there, what is not, and whether it is the same."""
import gzip
import os
import subprocess

from harness import CRASHY, ENGINE, case, holds, lacks, need, same


def built(t):
  t.take("windows/crashy.pdb")
  t.take("windows/engine.pdb")
  t.run("-l", "store", "-q", "build")


@case("a store that has everything is good: status 0")
def complete(t):
  built(t)
  for to in ["-l", "store"], ["--to", f"file://{t.path('store')}"]:
    done = t.run("check", *to, "build")
    holds(done.out, "present", "asked in")
    same(done.err, "")
  done = t.run("check", "-l", "store", "-q", "-f", "**/*.pdb")
  same(done.out + done.err, "")


@case("each missing path is named, with who would ask for it: status 1")
def missing(t):
  built(t)
  os.unlink(t.path("store", CRASHY))
  done = t.run("check", "-l", "store", "build", status=1)
  holds(done.err, f"error: store/{CRASHY}: missing; windbg, visualstudio, bugsplat would ask for it")
  lacks(done.err, ENGINE)


@case("nothing is written to what is checked, not even a folder")
def writes_nothing(t):
  t.take("windows/crashy.pdb")
  done = t.run("check", "-l", "store", "build", status=1)
  same((done.out, done.err), ("", "error: store: cannot look at it: No such file or directory\n"))
  assert not os.path.exists(t.path("store"))
  built(t)
  before = {path: os.stat(t.path("store", path)).st_mtime_ns for path in t.tree()}
  t.run("check", "-l", "store", "--deep", "build")
  same({path: os.stat(t.path("store", path)).st_mtime_ns for path in t.tree()}, before)


@case("JSON lines have each path with its action, and a summary")
def in_json(t):
  built(t)
  os.unlink(t.path("store", CRASHY))
  done = t.run("check", "-l", "store", "--format", "json", "build", status=1)
  same(done.actions(), {CRASHY: "missing", ENGINE: "present"})
  summary = done.summary()
  same((summary["present"], summary["missing"], summary["failed"]), (1, 1, 0))
  lost = [o for o in done.objects() if o.get("key") == CRASHY][0]
  same(lost["error"]["code"], "not-found")
  same(lost["reader"], ["windbg", "visualstudio", "bugsplat"])


@case("--for chooses whose paths are asked for")
def readers(t):
  t.take("linux/crashy")
  t.run("-l", "store", "--for", "gdb,debuginfod", "-q", "build")
  t.run("check", "-l", "store", "--for", "debuginfod", "build")
  done = t.run("check", "-l", "store", "--for", "gdb,lldb,bugsplat", "build", status=1)
  holds(done.err, "missing; bugsplat would ask for it")


@case("another size is warned of, other bytes are found by --deep")
def other_bytes(t):
  built(t)
  with open(t.path("store", CRASHY), "ab") as file:
    file.write(b"x")
  done = t.run("check", "-l", "store", "build")
  holds(done.err, "warning: build/crashy.pdb", "it is there with")
  done = t.run("check", "-l", "store", "--deep", "build", status=1)
  holds(done.err, "error: build/crashy.pdb", "other bytes are there")
  data = bytearray(t.read(os.path.join("store", CRASHY))[:-1])
  data[-1] ^= 1
  t.write(os.path.join("store", CRASHY), bytes(data))
  t.run("check", "-l", "store", "build")
  done = t.run("check", "-l", "store", "--deep", "build", status=1)
  holds(done.err, "other bytes of the same number are there")
  lacks(done.err, "engine.pdb")


@case("a file that is packed without a word about it is found by --deep")
def packed(t):
  built(t)
  t.write(os.path.join("store", CRASHY), gzip.compress(t.read("build/crashy.pdb")))
  done = t.run("check", "-l", "store", "--deep", "build", status=1)
  holds(done.err, "it is packed by gzip, and the server does not say so")


@case("the compressed file is asked for where there is no other, and looked into by --deep")
def compressed(t):
  gcab = need("gcab")
  built(t)
  twin = CRASHY[:-1] + "_"
  subprocess.run([gcab, "-c", "-z", t.path("store", twin), "crashy.pdb"], cwd=t.path("build"), check=True,
                 stdout=subprocess.DEVNULL)
  os.unlink(t.path("store", CRASHY))
  done = t.run("check", "-l", "store", "--deep", "--format", "json", "build")
  same(done.actions(), {CRASHY: "present", ENGINE: "present"})
  subprocess.run([gcab, "-c", "-z", t.path("store", twin), "engine.pdb"], cwd=t.path("build"), check=True,
                 stdout=subprocess.DEVNULL)
  t.run("check", "-l", "store", "build")
  done = t.run("check", "-l", "store", "--deep", "build", status=1)
  holds(done.err, "the compressed file holds other bytes")


@case("a path that is no file here is asked for as it is")
def by_path(t):
  built(t)
  done = t.run("check", "-l", "store", CRASHY)
  holds(done.out, f"present   store/{CRASHY}", "KiB")
  done = t.run("check", "-l", "store", "a.pdb/0123/a.pdb", CRASHY, status=1)
  holds(done.err, "error: store/a.pdb/0123/a.pdb: nothing is there")
  holds(done.out, CRASHY)
  t.run("check", "-l", "store", "../build/crashy.pdb", status=1)
  done = t.run("check", "-l", "store", "--format", "json", CRASHY)
  same(done.objects()[0]["bytes"], os.path.getsize(t.path("build/crashy.pdb")))


@case("a store alone can be checked, without any file")
def store_alone(t):
  built(t)
  same(t.run("check", "-l", "store").out, "")
  t.run("check", "--verbose", "-l", "store")


@case("what makes no check is status 2; what finds nothing is status 1")
def mistakes(t):
  t.run("check", "build", status=2)
  t.run("check", "--to", "bugsplat", "x", status=2)
  t.run("check", "--to", "gopher://x/", "x", status=2)
  t.run("check", "-l", "store", "--existing", "keep", "x", status=2)
  t.run("check", "-l", "store", "-f", "*.nothing", status=1)


@case("files that are no symbol files are skipped, and bad ones warned of")
def skipped(t):
  built(t)
  t.write("build/readme.txt", "hello")
  done = t.run("check", "-l", "store", "build")
  holds(done.out, "passed over 1 file that is no symbol file")
