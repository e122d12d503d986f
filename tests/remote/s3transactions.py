# SPDX-License-Identifier: MIT
"""What the tests of transactions in S3 share."""
import json
import os
import re

import harness
from s3servers import environment

EXE = "crashy.exe/65F0C0DE3000/crashy.exe"
NUMBER = re.compile(r"000Admin/(\d{10})$")


def build(t, *names):
  """PDBs of these names below ./NAMES, joined; answers the folder."""
  folder = "-".join(names)
  for name in names:
    t.write(f"{folder}/{name}.pdb", harness.pdb_with(guid(name), 0))
  return folder


def guid(name):
  return (name.encode().hex().upper() + "0" * 32)[:32]


def path(name):
  return f"{name}.pdb/{guid(name)}1/{name}.pdb"


def paths(names):
  return sorted(path(name) for name in names)


def note(t, s3, where, *args, **more):
  """A run that is a transaction."""
  return t.run(*args, "--to", f"s3://{where}", "--transaction", "-q", env=environment(s3), **more)


def tell(t, s3, command, where, *args, **more):
  """history, remove or prune."""
  return t.run(command, "--to", f"s3://{where}", *args, env=environment(s3), **more)


def start(t, s3, where, *args):
  return t.start(*args, "--to", f"s3://{where}", env=environment(s3))


def states(t, s3, where):
  """number -> state, by history."""
  done = tell(t, s3, "history", where, "--format", "json", status=None)
  return {o["transaction"]: o["state"] for o in done.objects()}


def files(keys):
  """The symbol files among the keys below a prefix."""
  return sorted(key for key in keys if not key.startswith("000Admin/"))


def admin(keys):
  """What is in 000Admin."""
  return sorted(key[9:] for key in keys if key.startswith("000Admin/"))


def manifest(data):
  """(title, paths) of a manifest."""
  title, *lines = map(json.loads, data.decode().splitlines())
  assert title["files"] == len(lines), title
  return title, [line["path"] for line in lines]


def needed(objects):
  """Of key -> bytes: the paths that living transactions need."""
  found = set()
  for key, data in objects.items():
    if NUMBER.match(key) and key + ".going" not in objects:
      found |= set(manifest(data)[1])
  return sorted(found)


def source_of(t, folder, name):
  return os.path.join(os.path.realpath(t.path(folder)), name)
