# SPDX-License-Identifier: MIT
"""What the cases of this folder share: a service of their own, and an upload to it."""
import contextlib

from fake import SECRET, Fake
from harness import lacks

WHO = ["-b", "DB", "-a", "My App", "-v", "1.0 (β)", "-i", "ID", "-s", "SECRET"]


# The names that MODULE lines have, and what version 11 makes of them.
MODULES = {
  "libfoo.so": "libfoo.so", "libfoo.so.1.2": "libfoo.so.1.2", "libfoo.so.debug": "libfoo.so",
  "LIBFOO.SO": "LIBFOO", "my.solution.exe": "my.solution.exe", "com.company.app": "com",
  "python3.11": "python3", "Foo.pdb": "Foo.pdb", "Foo.PDB": "Foo", "foo.exe": "foo", "foo.dll": "foo",
  "foo.sys": "foo", "Electron.app.dSYM": "Electron", "libx.dylib.dSYM": "libx.dylib",
  "libx.1.dylib": "libx.1.dylib", "x.dylib.1": "x", "plain": "plain", "a.debug.dSYM": "a",
  "a.dSYM.debug": "a", "with blank.exe": "with blank", "ünïcode.exe": "ünïcode",
}


@contextlib.contextmanager
def service(t, *faults, **more):
  fake = Fake(faults, **more)
  t.env["BUGSPLAT_HOST"] = fake.url + "/dropped/path"
  try:
    yield fake
  finally:
    fake.close()


def upload(t, *args, **more):
  """Uploads everything below the case's folder. What is secret is never told."""
  done = t.run(*WHO, "-f", "**/*", *args, **more)
  lacks(done.out + done.err, "SECRET", SECRET, "tok1", "tok2")
  return done


def key_of(path):
  module, key, name = path.split("/")
  return module, key, name
