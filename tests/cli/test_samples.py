# SPDX-License-Identifier: MIT
"""The samples themselves, and the goldens beside them."""
import os
import re
import subprocess
import sys

from harness import FILES, TESTS, case, lacks, same

GOLDEN = os.path.join(FILES, "golden")
READERS = "windbg,visualstudio,symproxy,dotnet,bugsplat,breakpad,debuginfod,gdb,lldb,sentry"


def samples():
  for folder, folders, files in os.walk(FILES):
    folders[:] = sorted(f for f in folders if f != "golden")
    for file in sorted(files):
      if folder != FILES:
        yield os.path.relpath(os.path.join(folder, file), FILES)


@case("no sample holds a path of the machine that made it")
def no_build_paths(t):
  pattern = re.compile(rb"/(tmp|work|home|root|build|mnt|var)/[\w.-]")
  for name in samples():
    with open(os.path.join(FILES, name), "rb") as file:
      found = pattern.search(file.read())
    assert not found, f"{name}: {found[0]!r}"


@case("all samples together stay small")
def small(t):
  assert sum(os.path.getsize(os.path.join(FILES, name)) for name in samples()) < 3_500_000


@case("README.md has a line for each sample, and for nothing else")
def described(t):
  with open(os.path.join(FILES, "README.md"), encoding="utf-8") as file:
    lines = set(re.findall(r"^- `(.+?)`", file.read(), re.M))
  same(lines, set(samples()))


@case("inspect says of each sample exactly what its golden says")
def goldens(t):
  wrong = []
  for name in samples():
    done = t.run("inspect", "--for", READERS, "--format", "json", name, cwd=FILES, status=None)
    try:
      with open(os.path.join(GOLDEN, name + ".json"), encoding="utf-8") as file:
        want = file.read()
    except FileNotFoundError:
      want = "no golden: see scripts/update-goldens"
    if done.out != want:
      wrong.append(f"{name}\n got: {done.out}\nwant: {want}")
  assert not wrong, "\n".join(wrong)


@case("there is no golden without its sample")
def no_orphans(t):
  found = {os.path.relpath(os.path.join(at, file), GOLDEN)[:-5] for at, _, files in os.walk(GOLDEN) for file in files}
  same(found - set(samples()), set())
