# SPDX-License-Identifier: MIT
"""What the tests of S3 targets share: deliveries, what they said, and files to deliver."""
import hashlib
import json
import os
import random
import re

import harness
from s3servers import environment


def send(t, s3, where, *args, env=None, **more):
  """A delivery, reported in JSON lines."""
  return t.run("-t", f"s3://{where}", "--format", "json", *args, env={**environment(s3), **(env or {})}, **more)


def messages(done):
  """What is said of files, without JSON's escapes."""
  return "\n".join(o["error"]["message"] for o in done.objects() if "error" in o)


def readme_policies():
  """The statements of the two policies in README.md: the uploader's and a reader's."""
  with open(os.path.join(os.path.dirname(harness.TESTS), "README.md"), encoding="utf-8") as file:
    blocks = re.findall(r"```json\n(.*?)```", file.read(), re.S)
  uploader, reader = (json.loads(block)["Statement"] for block in blocks)
  return uploader, reader


def counts(done):
  """Of the actions that occurred."""
  return {name: n for name, n in done.summary().items()
          if name in ("stored", "present", "replaced", "kept", "skipped", "failed", "planned") and n}


def with_flags(data, stripped):
  """A PDB that says whether it is stripped (public): bit 1 of the flags of the DBI header."""
  data = bytearray(data)
  at = data.index(b"\xff\xff\xff\xff\x77\x09\x31\x01") + 56
  data[at] = data[at] & ~2 | 2 * stripped
  return bytes(data)


def large(t, name, megabytes, mark=b"large"):
  """A PDB of that size, of which every MiB differs; its holes take no room. Answers its key."""
  guid = hashlib.md5(name.encode()).hexdigest().upper()
  path = t.write(f"build/{name}", harness.pdb_with(guid, 0))
  with open(path, "r+b") as file:
    file.truncate(megabytes << 20)
    for i in range(1, megabytes):
      file.seek(i << 20)
      file.write(mark + str(i).encode())
  return f"{name}/{guid}1/{name}"


def library(t, more=b""):
  """build/libengine.so.1, for which several readers ask by paths of their own, with `more` behind its end."""
  with open(t.path(t.take("linux/libengine.so.1.debug", "build/libengine.so.1")), "ab") as file:
    file.write(more)


PACKED_PART = 8 << 20  # bytes of a part that is packed on its way


def half_noise(t, name, megabytes):
  """A PDB of that size that packs to a little more than half. Answers its key."""
  guid = hashlib.md5(name.encode()).hexdigest().upper()
  dice = random.Random(name)
  path = t.write(f"build/{name}", harness.pdb_with(guid, 1 << 20))
  with open(path, "ab") as file:
    for _ in range(1, megabytes):
      file.write(dice.randbytes(1 << 19) + bytes(1 << 19))
  return f"{name}/{guid}1/{name}"


def sha256(path):
  digest = hashlib.sha256()
  with open(path, "rb") as file:
    for piece in iter(lambda: file.read(1 << 20), b""):
      digest.update(piece)
  return digest.hexdigest()
