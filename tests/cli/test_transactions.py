# SPDX-License-Identifier: MIT
"""The transactions of a store in a folder, as symstore.exe keeps them: noted, listed, removed."""
import os

from harness import case, same


def files_of(t, store="store"):
  """The symbol files of a store: what is in it, but for what it keeps for itself."""
  own = "refs.ptr", "file.ptr"
  return [path for path in t.symbols(store) if not path.startswith("000Admin/") and os.path.basename(path) not in own]


@case("what a run stored under names that differ in letter case alone goes with it, to the last file")
def letter_case(t):
  t.take("windows/dotnet/Plugin.pdb")
  t.take("windows/odd/eleventh.pdb")
  t.run("build", "-l", "store", "--transaction", "-q")
  brought = files_of(t)
  same(len({path.lower() for path in brought}), len(brought) - 2)
  done = t.run("remove", "-l", "store", "1", "--format", "json")
  same(sorted(o["path"] for o in done.objects()[:-1]), sorted(os.path.dirname(path) for path in brought))
  same(t.symbols(), ["000Admin/0000000001.deleted", "000Admin/history.txt", "000Admin/lastid.txt",
                     "000Admin/server.txt"])
