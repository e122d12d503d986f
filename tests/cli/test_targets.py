# SPDX-License-Identifier: MIT
"""Several targets in one run: each stands by itself. What happens to one of them, its own
files suffer, and the status tells."""
import json
import os

from harness import CRASHY, ENGINE, case, holds, same
from small_server import SmallServer


def built(t):
  t.take("windows/crashy.pdb")
  t.take("windows/engine.pdb")


def by_target(done):
  """target -> {key: action}"""
  found = {}
  for o in done.objects():
    if "key" in o:
      found.setdefault(o["target"], {})[o["key"]] = o["action"]
  return found


STORED = {CRASHY: "stored", ENGINE: "stored"}
FAILED = {CRASHY: "failed", ENGINE: "failed"}


@case("a folder that cannot be made is named once, its files fail there, and all others are served")
def folder_lost(t):
  built(t)
  t.write("file")
  for place in 0, 1, 2:  # the order decides nothing
    with SmallServer() as server:
      to = [f"file://{t.path('good')}{place}", server.url]
      to.insert(place, f"file://{t.path('file/bad')}")
      to = [word for address in to for word in ("--to", address)]
      done = t.run(*to, "--format", "json", "build", status=1)
      same(by_target(done), {f"{t.path('good')}{place}": STORED, server.url: STORED,
                             t.path("file/bad"): FAILED})
      same(len(server.files), 2)
      same(t.symbols(f"good{place}"), [CRASHY, ENGINE])
      same((done.summary()["stored"], done.summary()["failed"]), (4, 2))
      same(done.err, f"error: {t.path('file/bad')}: cannot make the folder: Not a directory\n")
      same([o["error"]["message"] for o in done.objects() if "target" in o and "key" not in o],
           [f"{t.path('file/bad')}: cannot make the folder: Not a directory"])
      assert all("cannot make the folder" in o["error"]["message"]
                 for o in done.objects() if o.get("action") == "failed")


@case("what to paste is said of the stores that were served alone")
def usage_lines(t):
  built(t)
  t.write("file")
  done = t.run("-l", "file/bad", "--to", f"file://{t.path('good')}", "build", status=1)
  same([line for line in done.out.splitlines() if "srv*" in line],
       [f"_NT_SYMBOL_PATH=srv*{t.path('good')}"])
  holds(done.out, "stored    failed")
  done = t.run("-n", "--to", "http://127.0.0.1:1/", "--retries", "0", "--to", f"file://{t.path('good')}", "build",
               status=1)
  same([line.split()[0] for line in done.out.splitlines() if "->" in line], ["present", "present"])
  done = t.run("--verbose", "-l", "file/bad", "--to", f"file://{t.path('good')}", "build", status=1)
  holds(done.out, f"failed    build/crashy.pdb -> file/bad/{CRASHY}")


@case("a server that refuses does not keep a folder from its files")
def server_refuses(t):
  built(t)
  with SmallServer(answer=lambda method, path: (403, {}, b"")) as server:
    done = t.run("--to", server.url, "-l", "good", "--format", "json", "build", status=1)
    same(by_target(done), {server.url: FAILED, "good": STORED})


@case("a target that cannot be used is status 1 though none of the run's files would go there")
def lost_without_files(t):
  built(t)
  t.write("file")
  t.write("symbol-upload.yaml", f"""targets:
  linux:
    to: file://{t.path('file/bad')}
    for: gdb
""")
  done = t.run("--to", "linux", "-l", "good", "build", status=1)
  same(done.err, f"error: {t.path('file/bad')}: cannot make the folder: Not a directory\n")
  same(t.symbols("good"), [CRASHY, ENGINE])


@case("where no target is left the run ends, says why of each, and shows no empty table")
def none_left(t):
  built(t)
  t.write("file")
  done = t.run("-l", "file/one", "--to", f"file://{t.path('file/two')}", "build", status=1)
  same(sorted(done.err.splitlines()),
       [f"error: {t.path('file/two')}: cannot make the folder: Not a directory",
        "error: file/one: cannot make the folder: Not a directory"])
  same(done.out, "")
  for verb in [], ["check"]:
    done = t.run(*verb, "-l", "file/one", "--format", "json", "build", status=1)
    same(done.err.count("\n"), 1)
    same((done.objects()[0]["target"], done.objects()[0]["error"]["message"][:9]), ("file/one", "file/one:"))


@case("one bucket's name at two endpoints: programs are told which is which")
def alike(t):
  built(t)
  t.write("symbol-upload.yaml", "to: [near, far]\ntargets:\n" + "".join(
      f"  {name}:\n    to: s3://symbols/win\n    endpoint: http://127.0.0.1:{port}\n"
      for name, port in (("near", 1), ("far", 2))))
  env = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
  done = t.run("--retries", "0", "--receipt", "receipt", "--format", "json", "build", status=1, env=env)
  places = [f"http://127.0.0.1:{port}/symbols/win/" for port in (1, 2)]
  same(by_target(done), {place: FAILED for place in places})
  same([json.loads(line)["target"] for line in t.read("receipt").splitlines()], places * 2)
  for command in "check", "why":
    done = t.run(command, "--retries", "0", "--format", "json", CRASHY, status=1, env=env)
    same([o["target"] for o in done.objects()], places)


@case("a disk that fails under a target takes nothing from the others, and leaves no litter")
def disk_fails(t):
  built(t)
  t.write("symbol-upload.yaml", f"""targets:
  failing:
    to: file://{t.path('bad')}
    flush: batch
  other:
    to: file://{t.path('good')}
    flush: none
""")
  done = t.run("--to", "failing", "--to", "other", "--format", "json", "build", status=1,
               without=["syncfs=EIO"])
  same(by_target(done), {t.path("bad"): FAILED, t.path("good"): STORED})
  holds(done.err, f"error: {t.path('bad')}: ", "Input/output error")
  same(len(done.err.splitlines()), 1)
  same(t.tree("bad"), [])
  assert not os.path.exists(t.path("bad/.symbol-upload"))
  same(t.symbols("good"), [CRASHY, ENGINE])


@case("no journal is believed of a target that cannot be used")
def journal(t):
  built(t)
  for name in "crashy.pdb", "engine.pdb":
    os.utime(t.path("build", name), (1, 1))
  to = ["--to", f"file://{t.path('one')}", "-l", "two", "--journal", "journal", "build"]
  t.run(*to)
  for name in os.listdir(t.path("one")):
    os.rename(t.path("one", name), t.path(name))
  os.rmdir(t.path("one"))
  t.write("one")
  done = t.run(*to, "--format", "json", status=1)
  same(by_target(done), {t.path("one"): FAILED, "two": {CRASHY: "present", ENGINE: "present"}})


@case("a dry run says of several files that want one path what the run then says")
def rehearsed(t):
  t.take("windows/crashy.pdb", "build/a/crashy.pdb")
  t.take("windows/crashy.pdb", "build/b/crashy.pdb")         # the same
  t.take("windows/public/crashy.pdb", "build/c/crashy.pdb")  # offers less
  t.write("build/d/crashy.pdb", t.read("build/a/crashy.pdb") + b"more")  # neither offers more
  t.take("macos/libengine.dylib", "build/e/libengine.dylib")
  t.take("macos/libengine-arm64.dylib", "build/f/libengine.dylib")  # as a slice of the fat one
  wanted = ["stored", "present", "kept", "kept", "stored", "stored", "present"]
  for existing in "richer", "replace", "keep":
    with SmallServer() as server:
      for to in ["-l", existing], ["--to", server.url]:
        run = [*to, "--existing", existing, "--format", "json", "--no-pairs", "--for", "windbg,lldb", "build"]
        dry, real = t.run("-n", *run), t.run(*run)
        same([o["action"] for o in real.objects() if "key" in o], wanted)
        same([o["action"].replace("planned", "stored") for o in dry.objects() if "key" in o], wanted)
        if to[0] == "-l":  # a server that keeps no metadata cannot tell which offers more
          same(dry.err.count("warning: "), real.err.count("warning: "))


@case("what is wrong with an option of one target is told before another one is written to")
def usage_first(t):
  built(t)
  done = t.run("-l", "store", "--to", "s3://buck et/x", "build", status=2)
  holds(done.err, "s3://BUCKET/PREFIX is expected")
  assert not os.path.exists(t.path("store"))
  for option in "cacert", "cert":
    done = t.run("-l", "store", "--to", "https://127.0.0.1:9/", f"--{option}", "no.pem", "build", status=2)
    holds(done.err, f"error: --{option}: no.pem: cannot look at it: No such file")
  assert not os.path.exists(t.path("store"))
  holds(t.run("-b", "d", "-a", "a", "-v", "1", "-i", "i", "-s", "s", "--cacert", "no.pem", "build", status=2).err,
        "--cacert: no.pem")
  t.run("-l", "store", "--cacert", "no.pem", "-q", "build")  # a folder needs none


@case("check asks the other stores where one cannot be asked")
def check_the_others(t):
  built(t)
  t.run("-l", "good", "-q", "build")
  with SmallServer(answer=lambda method, path: (401, {}, b"")) as server:
    done = t.run("check", "--to", server.url, "-l", "good", "--format", "json", "build", status=1)
    same(by_target(done)["good"], {CRASHY: "present", ENGINE: "present"})
