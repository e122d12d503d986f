# SPDX-License-Identifier: MIT
"""What the cases of test_transactions.py and test_transactions_faults.py share: a store's
transactions, read by the simplest means."""
import os
import re

OWN = "refs.ptr", "file.ptr", "index.txt", "index2.txt", "pingme.txt"
DATE = re.compile(rb"\d\d/\d\d/\d{4},\d\d:\d\d:\d\d")
READERS = "windbg,visualstudio,bugsplat,breakpad,gdb,debuginfod,sentry"


def note(t, *args, status=0, **more):
  """A run that is a transaction of ./store."""
  return t.run(*args, "-l", "store", "--transaction", "-q", "--flush", "none", status=status, **more)


def masked(text):
  return DATE.sub(b"DATE", text)


def admin(t, name, store="store"):
  """A text of 000Admin, with its dates masked."""
  return masked(t.read(f"{store}/000Admin/{name}"))


def files_of(t, store="store"):
  """The symbol files of a store: what is in it, but for what it keeps for itself."""
  return [path for path in t.tree(store)
          if not path.startswith(("000Admin/", ".symbol-upload")) and os.path.basename(path) not in OWN]


def rows(t, name):
  """The lines of server.txt or history.txt, each as its fields."""
  return [line.split(",") for line in t.read(f"store/000Admin/{name}").decode().splitlines() if line]


def living(t):
  return [int(row[0]) for row in rows(t, "server.txt")]


def entries(t, number, deleted=False):
  """The paths that a transaction's list has, as they are written there but for the slashes."""
  text = t.read(f"store/000Admin/{number:010}{'.deleted' if deleted else ''}").decode()
  return [line.split('"')[1].replace("\\", "/") for line in text.split("\r\n")[:-1]]


def path_of(t, entry):
  """Where the file of an entry is: for a folder the one in it that is called like the one above. In
  a store of two tiers, the paths of symbol servers have one."""
  name = entry.split("/")[0]
  tier = name[:1 if name[1:2] == "." else 2].lower() + "/"
  path = tier + entry if os.path.exists(t.path("store", tier + entry)) else entry
  return f"{path}/{name}" if os.path.isdir(t.path("store", path)) else path


def referring(t, path):
  """The numbers in the refs.ptr beside a file, in their order."""
  return [int(line.split(b",")[0]) for line in t.read(f"store/{os.path.dirname(path)}/refs.ptr").split(b"\r\n")]


def referred(t):
  """refs.ptr -> the numbers in it, for the whole store."""
  return {path: referring(t, path) for path in t.tree() if os.path.basename(path) == "refs.ptr"}


def everything(t):
  """What a run that writes nothing leaves as it was: files and folders, what they hold, and when that changed."""
  found = {}
  for folder, _, files in os.walk(t.path("store")):
    for path in [folder] + [os.path.join(folder, file) for file in files]:
      st = os.lstat(path)
      found[path] = st.st_mtime_ns, st.st_ctime_ns, st.st_size, st.st_mode
  return found, t.content()


def numbers_used(t):
  """Every number that history.txt gave to a transaction or a removal."""
  return [int(row[0]) for row in rows(t, "history.txt")]
