# SPDX-License-Identifier: MIT
"""What lies where in a local store after a run, and after the next one."""
import os
import resource
import shutil
import stat
import struct
import subprocess

from harness import (CRASHY, ENGINE, FILES, build_id_of, case, corpus, guid_of, holds, lacks, need,
                     pdb_with, same, same_bytes, uuid_of)

APP = ["windows/crashy.exe", "windows/crashy.pdb", "windows/engine.dll", "windows/engine.pdb"]


def inode(path):
  return os.stat(path).st_ino


@case("the default readers get exactly the paths they ask for, and the store its two marks")
def exact_tree(t):
  for sample in APP + [
      "windows/dotnet/Plugin.pdb", "windows/odd/tiny.sys", "windows/odd/eleventh.pdb",
      "windows/odd/vc140.pdb", "windows/mingw/zero-stamp.exe", "breakpad/dots.sym"]:
    t.take(sample)
  t.run("-d", "build", "-f", "**/*", "-l", "store")
  eleventh = guid_of("windows/odd/eleventh.pdb")
  same(t.tree(), sorted([
    "crashy.exe/65F0C0DE3000/crashy.exe", CRASHY,
    "engine.dll/65F0C0DE3000/engine.dll", ENGINE,
    # portable: windbg, visualstudio, bugsplat
    "Plugin.pdb/33221100554477668899AABBCCDDEEFFffffffff/Plugin.pdb",
    "plugin.pdb/33221100554477668899aabbccddeeffFFFFFFFF/plugin.pdb",
    "Plugin.pdb/33221100554477668899AABBCCDDEEFF1/Plugin.pdb",
    # an image size below 0x1000: clients ask for 340, version 11 wrote 0340
    "tiny.sys/65F0C0DE340/tiny.sys", "tiny.sys/65F0C0DE0340/tiny.sys",
    # age 11: clients ask for b, version 11 wrote B
    f"eleventh.pdb/{eleventh}b/eleventh.pdb", f"eleventh.pdb/{eleventh}B/eleventh.pdb",
    f"vc140.pdb/{guid_of('windows/odd/vc140.pdb')}/vc140.pdb",
    "zero-stamp.exe/00000000c000/zero-stamp.exe", "zero-stamp.exe/00000000C000/zero-stamp.exe",
    # .sym files only version 11 keeps under a name/key/name path
    "com/2B6C11A5D4F04E33A1C50B9D7E8F6A120/dots.sym",
    "index.txt", "pingme.txt"]))
  same(t.read("store/index.txt"), b".", "index.txt is one dot without newline")
  same(t.read("store/pingme.txt"), b"", "pingme.txt is empty")
  same_bytes(t.path("store", CRASHY), os.path.join(FILES, "windows/crashy.pdb"))


@case("a PDB without a DBI stream gets the age of its info stream where that is asked for")
def fallback_age(t):
  t.take("windows/odd/vc140.pdb")
  guid = guid_of("windows/odd/vc140.pdb")
  t.take("windows/odd/source-indexed.pdb")  # info 4, DBI 1
  t.run("-d", "build", "-f", "*.pdb", "-l", "store", "--for", "windbg,dotnet", "--fallback-age", "info")
  indexed = guid_of("windows/odd/source-indexed.pdb")
  same(sorted(t.symbols()), sorted([
    f"vc140.pdb/{guid}2/vc140.pdb", f"vc140.pdb/{guid.lower()}2/vc140.pdb",
    f"source-indexed.pdb/{indexed}1/source-indexed.pdb",
    f"source-indexed.pdb/{indexed.lower()}1/source-indexed.pdb"]))


@case("several paths for the same bytes are one file on disk, and no link leads to the source")
def twins_are_links(t):
  t.take("windows/dotnet/Plugin.pdb")
  t.store("build/Plugin.pdb")
  symbols = t.symbols()
  same(len(symbols), 3)
  same(len({inode(t.path("store", path)) for path in symbols}), 1)
  assert inode(t.path("build/Plugin.pdb")) != inode(t.path("store", symbols[0]))


@case("the second run finds everything present and touches no symbol")
def second_run(t):
  expected = corpus(t, 40)
  first = t.store("-d", "build", "-f", "**/*.pdb")
  same(first.summary()["stored"], 40)
  before = {path: os.stat(t.path("store", path)) for path in t.symbols()}
  second = t.store("-d", "build", "-f", "**/*.pdb")
  same(set(second.actions().values()), {"present"})
  same(second.summary()["present"], 40)
  same(second.summary()["stored"], 0)
  for path, old in before.items():
    now = os.stat(t.path("store", path))
    same((now.st_ino, now.st_mtime_ns), (old.st_ino, old.st_mtime_ns), path)
  same(t.symbols(), sorted(expected))


@case("pingme.txt is touched by every run that stored something")
def pingme_is_touched(t):
  t.take("windows/crashy.exe")
  t.take("windows/crashy.pdb")
  t.store("build/crashy.exe")
  os.utime(t.path("store/pingme.txt"), (1, 1))
  t.store("build/crashy.pdb")
  assert os.stat(t.path("store/pingme.txt")).st_mtime > 1000


def public_and_private(t):
  t.take("windows/crashy.pdb", "private/crashy.pdb")
  t.take("windows/public/crashy.pdb", "public/crashy.pdb")


@case("a private PDB replaces a public one with the same key, for every reader's path")
def richer_replaces(t):
  public_and_private(t)
  t.store("public/crashy.pdb")
  done = t.store("private/crashy.pdb")
  same(done.actions(), {CRASHY: "replaced"})
  same_bytes(t.path("store", CRASHY), t.path("private/crashy.pdb"))


@case("a public PDB does not replace a private one, and the run says which it is")
def poorer_is_kept(t):
  public_and_private(t)
  t.store("private/crashy.pdb")
  done = t.run("public/crashy.pdb", "-l", "store")
  same(done.out.splitlines()[0],
       f"kept      public/crashy.pdb -> store/{CRASHY}: what stands there offers more: debug")
  same_bytes(t.path("store", CRASHY), t.path("private/crashy.pdb"))
  same(t.store("public/crashy.pdb").actions(), {CRASHY: "kept"})


@case("of packed files, too, the private PDB replaces the public one, and never the other way round")
def packed(t):
  gcab = need("gcab")
  public_and_private(t)
  for folder in "public", "private":
    subprocess.run([gcab, "-c", "-z", "crashy.pd_", "crashy.pdb"], cwd=t.path(folder), check=True,
                   stdout=subprocess.DEVNULL)
  for folder, action, why in (("public", "stored", ""), ("private", "replaced", "what stood there lacked debug"),
                              ("public", "kept", "what stands there offers more: debug")):
    done = t.run(f"{folder}/crashy.pd_", "-l", "store")
    holds(done.out.splitlines()[0], action, why)
  same_bytes(t.path("store", CRASHY[:-1] + "_"), t.path("private/crashy.pd_"))


@case("--existing keep never replaces, --existing replace always does")
def existing_variants(t):
  public_and_private(t)
  t.store("public/crashy.pdb")
  same(t.store("--existing", "keep", "private/crashy.pdb").actions(), {CRASHY: "kept"})
  same_bytes(t.path("store", CRASHY), t.path("public/crashy.pdb"))
  same(t.store("--existing=replace", "private/crashy.pdb").actions(), {CRASHY: "replaced"})
  same(t.store("--existing=replace", "public/crashy.pdb").actions(), {CRASHY: "replaced"})
  same_bytes(t.path("store", CRASHY), t.path("public/crashy.pdb"))
  same(t.store("--existing=replace", "public/crashy.pdb").actions(), {CRASHY: "present"})


@case("other bytes that offer the same: what stands stays")
def equal_is_kept(t):
  t.take("windows/crashy.exe")
  t.store("build/crashy.exe")
  before = t.content()
  data = bytearray(t.read("build/crashy.exe"))
  data[-1] ^= 1
  t.write("build/crashy.exe", bytes(data))
  done = t.store("build/crashy.exe")
  same(set(done.actions().values()), {"kept"})
  same(t.content(), before)


@case("a file of a kind that cannot be read stays under the key: nobody knows what it offers")
def unknown_stands(t):
  t.take("windows/crashy.pdb")
  t.take("windows/odd/packed.pdz", f"store/{CRASHY}")
  before = t.read(f"store/{CRASHY}")
  done = t.store("build/crashy.pdb")
  same(done.actions(), {CRASHY: "kept"})
  holds(done.out, "other bytes stand under this key, and what they offer is not known")
  same(t.read(f"store/{CRASHY}"), before)
  same(t.store("build/crashy.pdb", "--existing", "replace").actions(), {CRASHY: "replaced"})


@case("what another tool left of this very file when it was killed is replaced, though it can be read")
def half_is_replaced(t):
  guid = "A" * 32
  whole = pdb_with(guid, 60_000)
  t.write("build/m.pdb", whole)
  path = f"m.pdb/{guid}1/m.pdb"
  t.write("store/" + path, whole[:40_000])  # all blocks are there
  t.run("inspect", "store/" + path)
  done = t.store("build/m.pdb")
  same(done.actions(), {path: "replaced"})
  same(t.read("store/" + path), whole)
  t.write("store/" + path, whole[:40_000])
  same(t.store("--existing", "keep", "build/m.pdb").actions(), {path: "kept"})


@case("replacing one path replaces every path of the old file")
def all_paths_are_replaced(t):
  """Two paths for one PDB whose age is 11, public first."""
  t.take("windows/odd/eleventh.pdb", "private/eleventh.pdb")
  data = bytearray(t.read("private/eleventh.pdb"))
  header = data.index(b"\xff\xff\xff\xff\x77\x09\x31\x01")  # DBI: -1, 19990903
  data[header + 56] |= 2
  t.write("public/eleventh.pdb", bytes(data))
  t.store("public/eleventh.pdb")
  done = t.store("private/eleventh.pdb")
  same(set(done.actions().values()), {"replaced"})
  same(len(t.symbols()), 2)
  for path in t.symbols():
    same_bytes(t.path("store", path), t.path("private/eleventh.pdb"))


@case("of two sources for one path the richer wins, whichever is found first, whatever -j")
def richer_source_wins(t):
  for first, second in ("private", "public"), ("public", "private"):
    for jobs in "1", "8":
      shutil.rmtree(t.path("store"), ignore_errors=True)
      shutil.rmtree(t.path("build"), ignore_errors=True)
      t.take(f"windows/{'public/' * (first == 'public')}crashy.pdb", "build/a/crashy.pdb")
      t.take(f"windows/{'public/' * (second == 'public')}crashy.pdb", "build/b/crashy.pdb")
      done = t.store("-d", "build", "-f", "**/*.pdb", "-j", jobs)
      same_bytes(t.path("store", CRASHY), os.path.join(FILES, "windows/crashy.pdb"))
      same((done.summary()["stored"], done.summary()["kept"]), (1, 1))


@case("a source that waits for the owner of its path is read once, and counted once")
def attempts_of_the_second(t):
  for name in ("a/engine.dll", "b/engine.dll"):
    t.take("windows/engine.dll", name)
  t.write("b/engine.dll", t.read("b/engine.dll") + b"more")
  for more in (["-n"], []):
    same([o["attempts"] for o in t.store(*more, "--no-pairs", "a", "b").objects() if "key" in o], [1, 1])


@case("of two sources that offer the same the first in walk order wins, whatever -j")
def first_source_wins(t):
  t.take("windows/crashy.exe", "build/a/crashy.exe")
  data = bytearray(t.read("build/a/crashy.exe"))
  data[-1] ^= 1
  t.write("build/b/crashy.exe", bytes(data))
  t.write("build/a/crashy.exe", t.read("build/a/crashy.exe") + bytes(30_000_000))  # the other is faster
  for jobs, flush in ("1", "batch"), ("2", "none"), ("8", "batch"):
    shutil.rmtree(t.path("store"), ignore_errors=True)
    t.store("-d", "build", "-f", "**/*.exe", "-j", jobs, "--flush", flush)
    same_bytes(t.path("store/crashy.exe/65F0C0DE3000/crashy.exe"), t.path("build/a/crashy.exe"))


@case("an unstripped library wins over the stripped one for gdb, and each keeps its own path")
def stripped_and_unstripped(t):
  ident = build_id_of("linux/libengine.so.1")
  t.take("linux/stripped/libengine.so.1", "build/a/libengine.so.1")
  t.take("linux/libengine.so.1", "build/b/libengine.so.1")
  t.store("--for", "gdb", "-d", "build", "-f", "**/*.so.1")
  paths = [f".build-id/{ident[:2]}/{ident[2:]}", f".build-id/{ident[:2]}/{ident[2:]}.debug"]
  same(t.symbols(), paths)
  for path in paths:
    same_bytes(t.path("store", path), t.path("build/b/libengine.so.1"))
  done = t.run("--for", "gdb,debuginfod,sentry", "-l", "other", "build/a", "build/b")
  same([line.split()[:2] for line in done.out.splitlines() if "->" in line],
       [["kept", "build/a/libengine.so.1"]], "said once, and not of each path")


@case("a fat Mach-O is stored as one exact slice per architecture")
def fat_slices(t):
  t.take("macos/libengine.dylib")
  t.store("--for", "lldb", "build/libengine.dylib")
  slices = {t.read(os.path.join("store", path)) for path in t.symbols()}
  want = set()
  for arch in "x86_64", "arm64":
    with open(os.path.join(FILES, f"macos/libengine-{arch}.dylib"), "rb") as file:
      want.add(file.read())
  same(slices == want, True, "the slices are the thin libraries, byte for byte")


@case("a slice without a UUID is skipped by name, by the run and by inspect; its neighbours go their way")
def slice_without_uuid(t):
  path = t.path(t.take("macos/libengine.dylib"))
  data = bytearray(t.read("build/libengine.dylib"))
  uuid = data.rindex(struct.pack("<II", 0x1B, 24))  # LC_UUID of the last slice: arm64
  data[uuid] = 0x7F
  t.write("build/libengine.dylib", bytes(data))
  said = "no UUID in the slice for arm64 (linked with -no_uuid?)"
  done = t.store("--for", "lldb", path)
  same([o["error"]["message"] for o in done.objects() if o.get("action") == "skipped"], [said])
  same((done.summary()["stored"], done.summary()["skipped"], len(t.symbols())), (1, 1, 1))
  holds(done.err, f"warning: {path}: {said} (at offset 0x")
  done = t.run("inspect", "--format", "json", path, status=1)
  same([o.get("arch") or o["error"]["message"] for o in done.objects()], ["x86_64", said])
  holds(t.run("inspect", path, status=1).out, said)


@case("a dSYM bundle is stored by its slices, and what else lies in it is named")
def dsym_bundle(t):
  bundle = "libengine.dylib.dSYM"
  shutil.copytree(os.path.join(FILES, "macos", bundle), t.path("build", bundle))
  done = t.store("-d", "build", "-f", "**/*.dSYM", "--for", "bugsplat,dotnet")
  uuids = [uuid_of(f"macos/libengine-{arch}.dylib") for arch in ("x86_64", "arm64")]
  same(t.symbols(), sorted([f"libengine.dylib/{u}/libengine.dylib" for u in uuids] +
                           [f"_.dwarf/mach-uuid-sym-{u}/_.dwarf" for u in uuids]))
  same(done.summary()["failed"], 0)


@case("a folder with index2.txt gets two-tier paths and no index.txt")
def two_tier(t):
  for sample in APP:
    t.take(sample)
  t.write("store/index2.txt")
  t.store("-d", "build", "-f", "*")
  same(t.tree(), sorted([
    "cr/crashy.exe/65F0C0DE3000/crashy.exe", "cr/" + CRASHY,
    "en/engine.dll/65F0C0DE3000/engine.dll",
    "en/" + ENGINE, "index2.txt", "pingme.txt"]))
  same(t.store("-d", "build", "-f", "*").summary()["present"], 4)


@case("of several targets each takes what its readers ask for; only what none takes is skipped, once")
def targets_with_readers(t):
  for sample in "windows/crashy.pdb", "linux/crashy", "breakpad/dots.sym":
    t.take(sample)
  t.write("symbol-upload.yaml", "to: [win, gnu]\ntargets:\n"
          f"  win: {{to: 'file://{t.path('win')}', for: windbg}}\n"
          f"  gnu: {{to: 'file://{t.path('gnu')}', for: 'gdb,debuginfod'}}\n")
  done = t.run("build/crashy.pdb", "build/crashy", "--strict", "--format", "json")
  ident = build_id_of("linux/crashy")
  same(t.symbols("win"), [CRASHY])
  same([path for path in t.symbols("gnu") if ident[2:] not in path], [])
  assert t.symbols("gnu")
  same({(o["path"], os.path.basename(o["target"])) for o in done.objects() if "key" in o},
       {("build/crashy.pdb", "win"), ("build/crashy", "gnu")})
  same((done.err, done.summary()["skipped"]), ("", 0))
  done = t.run("build", "--format", "json")
  same(done.summary()["skipped"], 1)
  same(done.err.count("dots.sym"), 1)


@case("a path at which a reader would ask for what dump_syms makes of a file never gets the file")
def only_what_is_asked_for(t):
  t.take("windows/crashy.pdb")
  done = t.run("build/crashy.pdb", "-l", "store", "--for", "breakpad", status=1)
  holds(done.err, "build/crashy.pdb: the readers of this run (--for) ask for a .sym of it, which -m makes")
  t.take("linux/libengine-ppc64be-no-id.so")
  holds(t.store("build/libengine-ppc64be-no-id.so", status=1).err, "no-id.so: no build-id (link with -Wl,--build-id)")
  same(t.symbols(), [])
  t.store("build/crashy.pdb", "--for", "breakpad,windbg")
  same(t.symbols(), [CRASHY])


@case("what objcopy --only-keep-debug leaves of an image never gets the image's path")
def hollow_image(t):
  t.take("windows/mingw/hello-build-id.debug", "debug/hello-build-id.exe")
  done = t.run("debug/hello-build-id.exe", "-l", "store", "--for", "windbg,visualstudio,dotnet,symproxy", status=1)
  holds(done.err, "hello-build-id.exe: DWARF without the code, for which gdb asks (--for gdb)")
  same(t.symbols(), [])
  whole = t.path(t.take("windows/mingw/hello-build-id.exe"))
  for order in ("debug", "build"), ("build", "debug"):
    t.run(*order, "-l", "of-bugsplat", "--for", "bugsplat")
    same_bytes(t.path("of-bugsplat/hello-build-id.exe/65F0C0DED000/hello-build-id.exe"), whole)
    shutil.rmtree(t.path("of-bugsplat"))


@case("--dry-run says source and path of everything and writes nothing")
def dry_run(t):
  for sample in APP:
    t.take(sample)
  before = t.tree(".")
  done = t.store("--dry-run", "-d", "build", "-f", "*")
  same(set(done.actions().values()), {"planned"})
  assert CRASHY in done.actions(), done.out
  text = t.run("-n", "-d", "build", "-f", "*", "-l", "store")
  holds(text.out + text.err, "crashy.pdb", CRASHY)
  same(t.tree("."), before)
  assert not os.path.exists(t.path("store")), "not even the store's folder"
  t.run("-q", "-d", "build", "-f", "*", "-l", "store")
  lacks(t.run("-n", "-d", "build", "-f", "*", "-l", "store").out, "written")


@case("a dry run, as the run itself, takes no folder in whose place or above whose place a file stands")
def file_in_the_way(t):
  t.take(APP[0])
  t.write("file", "")
  for folder in "file", "file/below", t.path("file/far/below/"):
    for more in ("-n",), ():
      holds(t.run(*more, "-d", "build", "-f", "*", "-l", folder, status=1).err, f"error: {folder}: ")


@case("-j 1 and -j 8 say and store the same")
def jobs_do_not_show(t):
  corpus(t, 60)
  t.take("windows/public/crashy.pdb", "build/a/crashy.pdb")
  t.take("windows/crashy.pdb", "build/b/crashy.pdb")
  t.take("bad/pdb-directory-max.bad", "build/broken.pdb")
  said = []
  for jobs in "1", "8":
    done = t.run("-d", "build", "-f", "**/*", "-l", "store", "-j", jobs, "--format", "json",
                 "--receipt", f"receipt-{jobs}")
    lines = [line for line in done.out.splitlines() if '"summary"' not in line]
    said.append((lines, t.content(), t.read(f"receipt-{jobs}")))
    shutil.rmtree(t.path("store"))
  same(said[0][0], said[1][0])
  same(said[0][1:], said[1][1:])


@case("a receipt depends on nothing but what went in: two runs, two stores, one receipt")
def receipts_are_equal(t):
  for place in "one", "two":
    for sample in APP:
      t.take(sample, f"{place}/build/{os.path.basename(sample)}")
    t.run("-d", "build", "-f", "*", "-l", "store", "--receipt", "receipt.json", cwd=t.path(place))
  same(t.read("one/receipt.json"), t.read("two/receipt.json"))
  holds(t.read("one/receipt.json").decode(), "crashy.pdb", "sha256")


@case("a receipt is there when its run is over; a run that is killed leaves the old one, and "
      "nothing beside it")
def receipt_is_whole(t):
  t.take("windows/crashy.pdb")
  t.write("receipt", "old")
  os.mkfifo(t.path("names"))
  before = os.listdir(t.folder)
  process = t.start("--files-from", "names", "-l", "store", "--receipt", "receipt", "--journal", "j")
  names = os.open(t.path("names"), os.O_WRONLY)  # waits for the run to read it
  try:
    same(sorted(os.listdir(t.folder)), sorted(before))
  finally:
    process.kill()
    process.communicate()
    os.close(names)
  same((t.read("receipt"), sorted(os.listdir(t.folder))), (b"old", sorted(before)))
  t.run("build/crashy.pdb", "-n", "-l", "store", "--receipt", "receipt")
  same(t.read("receipt"), b"old")
  t.run("build/crashy.pdb", "-l", "store", "--receipt", "receipt", "--journal", "j")
  holds(t.read("receipt").decode(), CRASHY)
  same(sorted(os.listdir(t.folder)), sorted([*before, "j", "store"]))


@case("a journal that cannot be written hides nothing of what was wrong before")
def journal_in_no_folder(t):
  t.take("windows/crashy.pdb")
  full = [(1, 16)]  # RLIMIT_FSIZE: as on a disk that is full
  done = t.run("build/crashy.pdb", "-l", "store", "--journal", "j", limits=full, status=1)
  holds(done.err, "build/crashy.pdb: ", "File too large", "cannot write the journal j: ")
  same(t.symbols(), [])


@case("of a file with a long name it is said why it was kept, and of a folder which one is not searched")
def long_names(t):
  name = 110 * "n" + ".dll"
  for folder in ("a", "b"):
    t.take("windows/engine.dll", f"{folder}/{name}")
  t.write(f"b/{name}", t.read(f"b/{name}") + b"more")
  holds(t.run("-l", "store", "--no-pairs", "a", "b").err, "kept nnn", "n.dll: other bytes stand under this key")
  deep = "build/" + 200 * "x" + "/" + 200 * "y"
  t.take("windows/engine.dll")
  os.makedirs(t.path(deep))
  holds(t.run("-l", deep, "build").err, f"{deep} is not searched: the run writes to it")


@case("a receipt that cannot be written stops the run before it has begun")
def receipt_in_no_folder(t):
  t.take("windows/crashy.pdb")
  done = t.run("build/crashy.pdb", "-l", "store", "--receipt", "gone/receipt", status=1)
  holds(done.err, "error: cannot write the receipt gone/receipt: ")
  done = t.run("build/crashy.pdb", "-l", "store", "--receipt", "build", status=1)
  holds(done.err, "error: cannot write the receipt build: it is a folder")
  os.symlink("/dev/null", t.path("null"))  # a file that takes its place would be the end of a machine
  os.mkfifo(t.path("fifo"))
  for name in "null", "fifo":
    done = t.run("build/crashy.pdb", "-l", "store", "--receipt", name, status=1)
    holds(done.err, f"error: cannot write the receipt {name}: it is not a regular file")
    assert not os.path.isfile(t.path(name))
  same(t.tree(), [])


@case("what is said of a run without standard streams goes into none of its files")
def no_streams(t):
  t.take("windows/crashy.pdb")
  t.write("build/bad.pdb", t.read("build/crashy.pdb")[:3000])
  args = ("build", "gone", "-l", "store", "--verbose", "--receipt", "receipt", "--journal", "journal")
  t.run(*args, status=1)
  want = t.read("receipt")
  for closed in "<&-", ">&-", "2>&-", "<&- >&- 2>&-":
    shutil.rmtree(t.path("store"))
    os.unlink(t.path("journal"))
    done = subprocess.run(["sh", "-c", f'exec "$@" {closed}', "sh", t.program, *args], cwd=t.folder, env=t.env,
                          capture_output=True)
    same(done.returncode, 1)
    same(t.read("receipt"), want)
    assert t.read(f"store/{CRASHY}") == t.read("build/crashy.pdb"), closed
    lacks(t.read("journal").decode(), "warning", "error", "stored")


@case("nothing is created in the current folder")
def clean_cwd(t):
  t.take("windows/crashy.pdb")
  os.makedirs(t.path("cwd"))
  os.chmod(t.path("cwd"), 0o555)
  t.open_to_all()
  t.run("-d", t.path("build"), "-f", "*", "-l", t.path("store"), cwd=t.path("cwd"), user=65534)
  same(os.listdir(t.path("cwd")), [])
  assert os.path.exists(t.path("store", CRASHY))


@case("nothing is left in the store but symbols and its own files")
def no_litter(t):
  expected = corpus(t, 20)
  t.store("-d", "build", "-f", "**/*")
  same(t.tree(), sorted([*expected, "index.txt", "pingme.txt"]))
  for folder, folders, _ in os.walk(t.path("store")):
    lacks(" ".join(folders), ".symbol-upload")
    for name in folders:
      assert os.listdir(os.path.join(folder, name)), f"an empty folder: {name}"


@case("a link under a final name is reported, and nothing is written through it")
def links_are_not_followed(t):
  t.take("windows/crashy.pdb")
  t.write("elsewhere/file", b"mine")
  os.makedirs(t.path("store", os.path.dirname(CRASHY)))
  os.symlink(t.path("elsewhere/file"), t.path("store", CRASHY))
  done = t.run("build/crashy.pdb", "-l", "store", "--existing=replace", status=1)
  holds(done.err + done.out, "link")
  same(t.read("elsewhere/file"), b"mine")


@case("a folder of the store that is a link is not entered")
def linked_folders_are_not_entered(t):
  t.take("windows/crashy.pdb")
  os.makedirs(t.path("elsewhere"))
  os.makedirs(t.path("store"))
  os.symlink(t.path("elsewhere"), t.path("store/crashy.pdb"))
  t.run("build/crashy.pdb", "-l", "store", status=1)
  same(os.listdir(t.path("elsewhere")), [])


@case("the store itself may be a link")
def linked_root(t):
  t.take("windows/crashy.pdb")
  os.makedirs(t.path("real"))
  os.symlink("real", t.path("store"))
  t.store("build/crashy.pdb")
  assert os.path.exists(t.path("real", CRASHY))


@case("files get 0666 less umask, folders 0777, whatever the source has")
def modes(t):
  t.take("windows/crashy.pdb")
  os.chmod(t.path("build/crashy.pdb"), 0o400)
  t.store("build/crashy.pdb", umask=0o027)
  same(stat.S_IMODE(os.stat(t.path("store", CRASHY)).st_mode), 0o640)
  same(stat.S_IMODE(os.stat(t.path("store/crashy.pdb")).st_mode), 0o750)


@case("a file in the way of a folder fails that symbol, and the others are stored")
def file_in_the_way(t):
  for sample in APP:
    t.take(sample)
  t.write("store/crashy.pdb", b"a file")
  done = t.store("-d", "build", "-f", "*", status=1)
  same(done.actions()[CRASHY], "failed")
  same(done.summary()["stored"], 3)
  same(t.read("store/crashy.pdb"), b"a file")


@case("with few descriptors nothing is lost, however many threads are asked for")
def few_descriptors(t):
  expected = corpus(t, 400, 1)
  t.run("-d", "build", "-f", "**/*", "-l", "store", "-j", "64",
        limits=[(resource.RLIMIT_NOFILE, 64)])
  same(t.symbols(), sorted(expected))
  # Nobody asks: beside a remote target there are 16.
  t.run("-d", "build", "-f", "**/*", "-l", "two", "--to", "https://127.0.0.1:9/x/", "--retries", "0",
        status=1, limits=[(resource.RLIMIT_NOFILE, 40)])
  same(t.symbols("two"), sorted(expected))


@case("a run finishes what a killed one left: the store's marks, where every symbol is present")
def marks_are_finished(t):
  t.take("windows/crashy.pdb")
  t.store("build/crashy.pdb")
  os.remove(t.path("store/index.txt"))
  os.remove(t.path("store/pingme.txt"))
  same(t.store("build/crashy.pdb").summary()["present"], 1)
  same(t.tree(), sorted([CRASHY, "index.txt", "pingme.txt"]))


@case("a large file is copied piece by piece, to the byte")
def large_file(t):
  guid = "7" * 32
  source = t.write("build/large.pdb", pdb_with(guid, 0))
  with open(source, "r+b") as file:
    file.truncate((70 << 20) + 1)
    for at in (32 << 20) - 3, (64 << 20) - 3, (70 << 20) - 5:
      file.seek(at)
      file.write(b"marked")
  for flush in "none", "batch", "each":
    t.run("-d", "build", "-f", "*", "-l", flush, "--flush", flush)
    same_bytes(source, t.path(flush, f"large.pdb/{guid}1/large.pdb"))
