# SPDX-License-Identifier: MIT
"""The samples themselves, and the goldens beside them."""
import fnmatch
import json
import os
import re

from harness import FILES, case, same

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
    lines = [name for line in file if line.startswith("- `") for name in re.findall(r"`(\w+/.*?)`", line)]
  names = list(samples())
  same([n for n in names if not any(fnmatch.fnmatchcase(n, line) for line in lines)], [], "not described")
  same([line for line in lines if not fnmatch.filter(names, line)], [], "not there")


@case("inspect says of each sample exactly what its golden says")
def goldens(t):
  names = list(samples())
  done = t.run("inspect", "--for", READERS, "--format", "json", *names, cwd=FILES, status=1)
  said = {}
  for line in done.out.splitlines(keepends=True):
    said.setdefault(json.loads(line)["path"], []).append(line)
  wrong = []
  for name in names:
    path = os.path.join(GOLDEN, name + ".json")
    want = open(path, encoding="utf-8").read() if os.path.exists(path) else "none: see scripts/update-goldens"
    got = "".join(said.get(name, []))
    if got != want:
      wrong.append(f"{name}\n got: {got}\nwant: {want}")
  assert not wrong, "\n".join(wrong)


@case("there is no golden without its sample")
def no_orphans(t):
  found = {os.path.relpath(os.path.join(at, file), GOLDEN)[:-5] for at, _, files in os.walk(GOLDEN) for file in files}
  same(found - set(samples()), set())
