# SPDX-License-Identifier: MIT
"""Damaged and hostile files: named, with reason and offset, while the others go on."""
import os
import resource

from harness import FILES, case, holds, same

BAD = os.path.join(FILES, "bad")


def bad_files():
  return sorted(os.listdir(BAD))


def processor_seconds():
  """Of all runs so far: what a busy machine does not change."""
  used = resource.getrusage(resource.RUSAGE_CHILDREN)
  return used.ru_utime + used.ru_stime


@case("no damaged file crashes inspect, takes 2 s or 256 MiB; each is identified, or refused with "
      "a code, a reason and status 1")
def inspected(t):
  limits = [] if t.sanitized else [(resource.RLIMIT_AS, 256 << 20)]
  # Each in a run of its own; sanitizers, which need more of both, are shown all in one.
  for names in [bad_files()] if t.sanitized else [[name] for name in bad_files()]:
    begun = processor_seconds()
    done = t.run("inspect", "--format", "json", *(os.path.join(BAD, name) for name in names), status=None, limits=limits)
    took = processor_seconds() - begun
    assert t.sanitized or took < 2, f"{names}: {took} s of processor time"
    answers = done.objects()
    same(sorted({os.path.basename(o["path"]) for o in answers}), names)
    errors = [o["error"] for o in answers if "error" in o]
    same(done.status, 1 if errors else 0, names)
    for error in errors:
      assert error["code"] and error["message"], f"{names}: {error}"


@case("among a folder full of damaged files the good ones are stored, and each bad one is named")
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
