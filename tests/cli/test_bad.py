# SPDX-License-Identifier: MIT
"""Damaged and hostile files: named, with reason and offset, while the others go on."""
import json
import os
import resource
import time

from harness import FILES, case, holds, lacks, same

BAD = os.path.join(FILES, "bad")
SANITIZED = bool(os.environ.get("ASAN_OPTIONS"))  # needs address space of its own


def bad_files():
  return sorted(os.listdir(BAD))


@case("no damaged file crashes inspect, takes 2 s or 256 MiB; each answer is JSON")
def within_limits(t):
  limits = [] if SANITIZED else [(resource.RLIMIT_AS, 256 << 20)]
  for name in bad_files():
    begun = time.monotonic()
    done = t.run("inspect", "--format", "json", os.path.join(BAD, name), status=None, limits=limits)
    assert done.status in (0, 1), f"{name}: status {done.status}\n{done.err}"
    assert SANITIZED or time.monotonic() - begun < 2, f"{name}: slow"
    assert done.objects(), f"{name}: nothing said"


@case("each is either refused with a reason and an offset inside or at the end of what was expected")
def refusals(t):
  for name in bad_files():
    done = t.run("inspect", "--format", "json", os.path.join(BAD, name), status=None)
    for answer in done.objects():
      if "error" in answer:
        error = answer["error"]
        assert error["code"] and error["message"], f"{name}: {error}"
        same(done.status, 1, name)


@case("a folder full of damaged files beside good ones: the good ones are stored, each bad one is named")
def among_good(t):
  for name in bad_files():
    t.take("bad/" + name)
  t.take("windows/crashy.pdb")
  done = t.run("-d", "build", "-f", "**/*", "-l", "store", "--format", "json")
  same([o["action"] for o in done.objects() if o.get("path") == "build/crashy.pdb"], ["stored"])
  same(done.summary()["failed"], 0)
  for answer in done.objects():
    if answer.get("action") == "skipped":
      assert answer["error"]["message"], answer


@case("names out of files do not leave the store")
def no_escape(t):
  for name in bad_files():
    if "name" in name or "climbs" in name:
      t.take("bad/" + name)
  outside = t.tree(".")
  t.run("-d", "build", "-f", "**/*", "-l", "a/b/c/store", "--for",
        "windbg,visualstudio,bugsplat,breakpad,dotnet,gdb,sentry", status=None)
  same([path for path in t.tree(".") if not path.startswith("a/b/c/store/")], outside)
  for path in t.tree("a/b/c/store"):
    for part in path.split("/"):
      assert part not in ("", ".", ".."), path
      assert part.isprintable(), repr(path)


@case("what each damaged file is refused for stands in its golden")
def goldens_of_bad(t):
  missing = [name for name in bad_files() if not os.path.exists(os.path.join(FILES, "golden/bad", name + ".json"))]
  same(missing, [])


@case("a fastlink PDB is stored with a warning")
def fastlink(t):
  t.take("windows/odd/fastlink.pdb")
  done = t.run("build/fastlink.pdb", "-l", "store")
  holds((done.out + done.err).lower(), "fastlink")
  t.run("build/fastlink.pdb", "-l", "store2", "--strict", status=3)


@case("what is recognised and not supported is named as such")
def unsupported(t):
  for sample in "windows/old/jg.pdb", "other/unreal.sym":
    done = t.run("inspect", "--format", "json", os.path.join(FILES, sample), status=None)
    assert done.objects(), sample
