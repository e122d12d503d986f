# SPDX-License-Identifier: MIT
"""Files that are too large for the service, and files that are large."""
import os
import time

from harness import CRASHY, case, holds, lacks, pdb_with, same
from service import WHO, key_of, service, upload

PEAK_KIB = 64 << 10
GIB = 1 << 30


def write_large(t, name, letter, size):
  """A PDB of mostly zeros, which takes no room on the disk."""
  t.write(name, pdb_with(letter * 32, 14_000))
  os.truncate(t.path(name), size)


def is_too_large(asked, limit):
  return asked.route == "/symsrv/uploadUrl" and int(dict(asked.fields)["size"]) > limit


@case("files over the service's limit are named before anything is sent, fail, and are not packed; the others go")
def over_the_limit(t):
  t.take("windows/crashy.pdb", "build/a/crashy.pdb")
  write_large(t, "build/b/huge.pdb", "A", 5 * GIB)
  write_large(t, "build/c/huger.pdb", "B", 50 * GIB)
  with service(t, limit=4 * GIB) as fake:
    done = upload(t, status=1)
    same(list(fake.done), [key_of(CRASHY)])
    # The first is asked for, before all else, and what it hears holds for the larger one.
    same([is_too_large(asked, 4 * GIB) for asked in fake.asked], [False, True, False, False, False])
  words = f"Symbol file max size is {4 * GIB} bytes"
  for name in ("build/b/huge.pdb", "build/c/huger.pdb"):
    lines = [line for line in done.err.splitlines() if name in line]
    same([line.split(":")[0] for line in lines], ["warning", "error"], done.err)
    for line in lines:
      holds(line, words)
  lacks(done.out, "uploading huge")


@case("what the service says of a size in passing holds for files that are larger")
def learnt(t):
  for i in range(4):
    write_large(t, f"build/{i}.pdb", "ABCD"[i], 20_000 + i)
  with service(t, limit=20_001) as fake:
    done = upload(t, "-j", "1", status=1)
    same(len(fake.done), 2)
    same(fake.counts["/symsrv/uploadUrl"], 3)
    same(done.err.count("error:"), 2)


@case("a dry run asks nothing, and tells of the limit that databases have by default")
def dry(t):
  write_large(t, "build/huge.pdb", "A", 25_000_000_000)
  write_large(t, "build/large.pdb", "B", 24_999_999_999)
  with service(t) as fake:
    done = upload(t, "-n")
    holds(done.err, "huge.pdb", "25 GB")
    lacks(done.err, "large.pdb")
    same(fake.counts.total(), 0)


def upload_measured(t):
  """Uploads; answers the peak of its memory, in KiB, as the system counts it."""
  peak = 0
  with open(t.path("said"), "wb") as said:
    process = t.start(*WHO, "build", stdout=said, stderr=said)
    while process.poll() is None:
      try:
        with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
          peak = max([peak] + [int(line.split()[1]) for line in file if line.startswith("VmHWM")])
      except OSError:
        pass  # it is gone
      time.sleep(0.02)
  same(process.returncode, 0, t.read("said").decode())
  os.remove(t.path("said"))
  assert peak > 0
  return peak


@case("5 GiB are packed ahead of the transfer in bounded memory, and nothing lies in the current folder")
def large(t):
  size = (200 << 20) if t.sanitized else 5 * GIB
  write_large(t, "build/huge.pdb", "A", size)
  with service(t, keep=False) as fake:
    peak = upload_measured(t)
    same([fields["size"] for fields, _ in fake.done.values()], [str(size)])
    # Beyond 4 GB it is asked for first.
    same(fake.counts["/symsrv/uploadUrl"], 1 if t.sanitized else 2)
  assert t.sanitized or peak <= PEAK_KIB, f"{peak} KiB"
  same(t.tree("."), ["build/huge.pdb"])


@case("many files at once, of which none packs well, in bounded memory")
def many(t):
  for i in range(40):
    t.write(f"build/{i}.pdb", pdb_with(f"{i + 1:032X}", 14_000) + os.urandom(6 << 20))
  with service(t, keep=False) as fake:
    peak = upload_measured(t)
    same(len(fake.done), 40)
  assert t.sanitized or peak <= PEAK_KIB, f"{peak} KiB"
  same(len(t.tree(".")), 40)
