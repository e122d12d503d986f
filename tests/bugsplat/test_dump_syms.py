# SPDX-License-Identifier: MIT
"""-m in uploads to BugSplat: names and identifiers of version 11, and its log."""
import os

from fake import Fake
from harness import case, holds, lacks, same

WHO = ["-b", "DB", "-a", "App", "-v", "1", "-i", "ID", "-s", "SECRET"]
IDENT = "9DD7A3E1C5214C0F9C1B23F3A5C0D9880"


def program(t):
  """Acts as dump_syms: the module's name is the file's."""
  t.write("tools/dump_syms", f"""#!/bin/sh
case $1 in *fail*) echo oops >&2; exit 1 ;; esac
printf 'MODULE Linux x86_64 {IDENT} %s\\nFUNC 1000 10 0 f\\n' "${{1##*/}}"
""")
  os.chmod(t.path("tools/dump_syms"), 0o755)
  return t.path("tools/dump_syms")


@case("what -m makes goes up by version 11's names; the log speaks of it as of any file")
def names(t):
  rows = {"libfoo.so.1.2": ("libfoo.so.1.2", "libfoo.so.1.2.sym"), "com.company.app": ("com", "com.sym"),
          "libbar.so.debug": ("libbar.so", "libbar.so.sym"), "LIBBAZ.SO": ("LIBBAZ", "LIBBAZ.sym")}
  for name in rows:
    t.take("linux/libengine.so.1", f"build/{name}")
  fake = Fake()
  t.env["BUGSPLAT_HOST"] = fake.url
  try:
    done = t.run(*WHO, "-m", "--dump-syms", program(t), "-d", "build", "-f", "*")
    same(sorted(fake.done), sorted((module, IDENT, name) for module, name in rows.values()))
    fields, data = fake.done["libfoo.so.1.2", IDENT, "libfoo.so.1.2.sym"]
    same((fields["size"], data[:19]), (str(len(data)), b"MODULE Linux x86_64"))
  finally:
    fake.close()
  holds(done.out, "Symbol upload working directory: ", "About to authenticate...\n", "Authentication success!\n",
        "Found files:\n build/LIBBAZ.SO\n", "About to upload symbols for DB-App-1...\n",
        "uploading libfoo.so.1.2.sym...\n", "uploaded com.sym! (")


@case("-l beside --to bugsplat gets the same .sym; one that failed stops neither")
def both(t):
  for name in "libfoo.so", "fail.so":
    t.take("linux/libengine.so.1", f"build/{name}")
  fake = Fake()
  t.env["BUGSPLAT_HOST"] = fake.url
  try:
    done = t.run(*WHO, "-m", "--dump-syms", program(t), "-l", "store", "--to", "bugsplat", "build", status=1)
    same(list(fake.done), [("libfoo.so", IDENT, "libfoo.so.sym")])
    same(t.symbols(), [f"libfoo.so/{IDENT}/libfoo.so.sym"])
    same(fake.done["libfoo.so", IDENT, "libfoo.so.sym"][1], t.read(f"store/libfoo.so/{IDENT}/libfoo.so.sym"))
  finally:
    fake.close()
  holds(done.err, "build/fail.so: dump_syms failed: it ended with status 1: oops\n")
  lacks(done.out + done.err, "SECRET")
