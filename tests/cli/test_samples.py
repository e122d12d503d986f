# SPDX-License-Identifier: MIT
"""The samples themselves, and the goldens beside them."""
import fnmatch
import json
import os
import re

from harness import FILES, case, same

GOLDEN = os.path.join(FILES, "golden")


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
    patterns = re.findall(r"`(\w+/[^`]*)`", "".join(line for line in file if line.startswith("-")))
  names = set(samples())
  found = [set(fnmatch.filter(names, pattern)) for pattern in patterns]
  same(names - set().union(*found), set(), "not described")
  same([pattern for pattern, matched in zip(patterns, found) if not matched], [], "not there")


@case("inspect says of each sample exactly what its golden says")
def goldens(t):
  names = list(samples())
  done = t.run("inspect", "--format", "json", *names, cwd=FILES, status=1)
  said = {}
  for line in done.out.splitlines(keepends=True):
    said.setdefault(json.loads(line)["path"], []).append(line)
  wrong = []
  for name in names:
    path = os.path.join(GOLDEN, name + ".json")
    got, want = "".join(said.get(name, [])), "none: see scripts/update-goldens"
    if os.path.exists(path):
      with open(path, encoding="utf-8") as file:
        want = file.read()
    if got != want:
      wrong.append(f"{name}\n got: {got}\nwant: {want}")
  assert not wrong, "\n".join(wrong)


@case("there is no golden without its sample")
def no_orphans(t):
  found = {os.path.relpath(os.path.join(folder, file), GOLDEN).removesuffix(".json")
           for folder, _, files in os.walk(GOLDEN) for file in files}
  same(found - set(samples()), set())
