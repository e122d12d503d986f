# SPDX-License-Identifier: MIT
"""Stores on systems that lack something: locks, links, room, permission, letter case."""
import os
import shutil
import subprocess

from harness import CRASHY, ENGINE, FILES, NOBODY, Skip, case, corpus, end, holds, lacks, pdb_with, same, same_bytes

# What the system calls answer on file systems that lack what they are for.
NO_LOCKS = ["flock=ENOLCK"]          # some mounts over a network
NO_EXCHANGE = ["renameat2=EINVAL"]   # NFS, FUSE: a rename cannot refuse to replace
NO_LINKS = ["linkat=EPERM"]          # FAT and its kin
PLUGIN = ["Plugin.pdb/33221100554477668899AABBCCDDEEFF1/Plugin.pdb",
          "Plugin.pdb/33221100554477668899AABBCCDDEEFFffffffff/Plugin.pdb",
          "plugin.pdb/33221100554477668899aabbccddeeffFFFFFFFF/plugin.pdb"]


def public_and_private(t):
  t.take("windows/crashy.pdb", "private/crashy.pdb")
  t.take("windows/public/crashy.pdb", "public/crashy.pdb")


def no_litter(t):
  same([name for name in os.listdir(t.path("store")) if name.startswith(".")], [])


@case("without locks files are stored; what would have to be replaced is kept, with a warning")
def no_locks(t):
  public_and_private(t)
  t.store("public/crashy.pdb", without=NO_LOCKS)
  no_litter(t)
  done = t.store("private/crashy.pdb", without=NO_LOCKS)
  same(done.actions(), {CRASHY: "kept"})
  holds(done.err, "warning", "locks")
  same_bytes(t.path("store", CRASHY), t.path("public/crashy.pdb"))
  same(t.store("public/crashy.pdb", without=NO_LOCKS).actions(), {CRASHY: "present"})


@case("a lock that fails is another thing: nothing is written without it")
def lock_fails(t):
  public_and_private(t)
  done = t.store("public/crashy.pdb", status=1, without=["flock=EIO"])
  holds(done.err, "cannot lock the folder: Input/output error")
  same(os.listdir(t.path("store")), [])
  t.store("public/crashy.pdb", "--transaction")
  done = t.run("remove", "-l", "store", "1", status=1, without=["flock=EIO"])
  same(done.err, "error: store: 000Admin: cannot lock the folder: Input/output error\n")


@case("without hard links each path is a copy, and replacing replaces them all")
def no_links(t):
  t.take("windows/dotnet/Plugin.pdb")
  for lacking in NO_LINKS, ["linkat=EMLINK"], ["linkat=EXDEV"], ["linkat"]:
    t.store("build/Plugin.pdb", without=lacking)
    same(t.symbols(), PLUGIN)
    same(len({os.stat(t.path("store", path)).st_ino for path in PLUGIN}), 3, lacking)
    for path in PLUGIN:
      same_bytes(t.path("store", path), t.path("build/Plugin.pdb"))
    no_litter(t)
    for path in PLUGIN:
      t.write("store/" + path, b"damaged")
    done = t.store("build/Plugin.pdb", without=lacking)
    same(set(done.actions().values()), {"replaced"})
    for path in PLUGIN:
      same_bytes(t.path("store", path), t.path("build/Plugin.pdb"))
    shutil.rmtree(t.path("store"))


@case("where a rename cannot refuse to replace, and there are no links either, files are stored "
      "all the same, and none is replaced")
def no_exchange(t):
  for lacking in NO_EXCHANGE, NO_EXCHANGE + NO_LINKS, ["renameat2", "linkat"]:
    public_and_private(t)
    t.take("windows/dotnet/Plugin.pdb")
    t.store("build/Plugin.pdb", "public/crashy.pdb", without=lacking)
    same(t.symbols(), sorted(PLUGIN + [CRASHY]))
    no_litter(t)
    done = t.store("--existing", "keep", "private/crashy.pdb", without=lacking)
    same(done.actions(), {CRASHY: "kept"})
    same_bytes(t.path("store", CRASHY), t.path("public/crashy.pdb"))
    same(t.store("private/crashy.pdb", without=lacking).actions(), {CRASHY: "replaced"})
    shutil.rmtree(t.path("store"))


@case("eight runs at once fill such a store, too, as one does")
def eight_at_once(t):
  expected = corpus(t, 60)
  args = ["-d", "build", "-f", "**/*.pdb", "-l", "store"]
  runs = [t.start(*args, without=NO_EXCHANGE + NO_LINKS) for _ in range(8)]
  for run in runs:
    end(run)
  same(t.symbols(), sorted(expected))
  for path, source in expected.items():
    same_bytes(t.path("store", path), t.path(source))
  no_litter(t)


@case("where nothing can guard what stands there, a file fails and says why")
def no_way(t):
  t.take("windows/crashy.pdb")
  done = t.store("build/crashy.pdb", status=1, without=NO_EXCHANGE + NO_LINKS + NO_LOCKS)
  same(done.actions(), {CRASHY: "failed"})
  holds(done.err, CRASHY, "neither rename without replacing, nor link, nor lock")
  same(t.symbols(), [])


@case("--flush says what is forced to the disk: nothing, batches, or each file")
def flush(t):
  t.take("windows/crashy.pdb")
  neither = ["fsync=EIO", "syncfs=EIO"]  # what is asked for fails
  t.store("build/crashy.pdb", "--flush", "none", without=neither)
  shutil.rmtree(t.path("store"))
  done = t.store("build/crashy.pdb", status=1, without=["syncfs=EIO"])
  holds(done.err, "error: store: cannot flush to the disk")
  same(t.symbols(), [])
  done = t.store("build/crashy.pdb", "--flush", "each", status=1, without=["fsync=EIO"])
  same(done.actions(), {CRASHY: "failed"})
  same(t.symbols(), [])
  t.store("build/crashy.pdb", "--flush", "each", without=["syncfs=EIO"])
  same(t.symbols(), [CRASHY])


@case("a disk without room: what is there is present, and no other file is tried")
def no_room(t):
  t.take("windows/crashy.pdb")
  t.store("build/crashy.pdb")
  t.take("windows/engine.pdb")
  done = t.store("-d", "build", "-f", "*", status=1, without=["copy_file_range=ENOSPC"])
  same(sorted(done.actions().values()), ["failed", "present"])
  same(done.err, "error: store: nothing more can be written there: No space left on device\n")
  same(t.symbols(), [CRASHY])
  no_litter(t)


@case("a journal in a folder where nothing can be removed fails before anything is stored, and names what it left")
def nothing_removed(t):
  t.take("windows/crashy.pdb")
  done = t.run("-l", "store", "--journal", "j", "build", status=1, without=["unlinkat=EPERM"])
  left, = [name for name in os.listdir(t.path(".")) if name.endswith(".part")]
  holds(done.err, f"cannot write the journal j: {left}: cannot remove the file: Operation not permitted\n")
  same(t.tree(), [])


@case("a store that cannot be made or written is named with the reason: status 1")
def no_permission(t):
  t.take("windows/crashy.pdb")
  t.open_to_all()
  os.makedirs(t.path("store"), 0o755)
  if os.geteuid() != 0:
    os.chmod(t.path("store"), 0o555)
  done = t.run("build/crashy.pdb", "-l", "store", status=1, user=NOBODY)
  holds(done.err, "error: store: ", "Permission denied")
  done = t.run("build/crashy.pdb", "-l", "build/crashy.pdb", status=1)
  holds(done.err, "error: build/crashy.pdb: ", "Not a directory")
  same(t.tree(), [])


def closed(t, folder="store"):
  """Makes a folder of the case, with all in it, one that NOBODY may only read."""
  t.open_to_all()
  for at, _, _ in os.walk(t.path(folder)):
    os.chmod(at, 0o555)


@case("a store that may only be read does for a run whose files are all there; with others it is named once: status 1")
def only_read(t):
  expected = corpus(t, 20)
  t.store("build")
  before = t.content()
  closed(t)
  done = t.store("build", user=NOBODY)
  same((set(done.actions().values()), done.err), ({"present"}, ""))
  os.unlink(t.path("store/pingme.txt"))  # as in a store that other tools filled
  os.unlink(t.path("store/index.txt"))
  closed(t)
  t.store("build", user=NOBODY)
  t.take("windows/crashy.pdb")
  t.take("windows/engine.pdb")
  for flush in "none", "batch", "each":
    done = t.store("build", "--flush", flush, status=1, user=NOBODY)
    same({path: action for path, action in done.actions().items() if action != "present"},
         {CRASHY: "failed", ENGINE: "failed"})
    same(done.err, "error: store: it cannot be written to: cannot make the folder: Permission denied\n")
  same(t.symbols(), sorted(expected))
  same(t.content(), {path: digest for path, digest in before.items() if path in expected})


@case("but where something else stands in the place of its folder, that is an error before anything is asked")
def staging_in_the_way(t):
  t.take("windows/crashy.pdb")
  t.store("build")
  for make in os.mkfifo, lambda path: os.symlink(t.path("build"), path):
    make(t.path("store/.symbol-upload"))
    done = t.run("-l", "store", "build", status=1)
    holds(done.err, "error: store: it cannot be written to: a link or a file stands where a folder of the store belongs")
    os.unlink(t.path("store/.symbol-upload"))


@case("such a store that keeps transactions cannot note the run: said, and an error where that was asked for")
def only_read_transactions(t):
  t.take("windows/crashy.pdb")
  t.store("build", "--transaction")
  closed(t)
  done = t.store("build", user=NOBODY)
  same(set(done.actions().values()), {"present"})
  holds(done.err, "This run is not noted as a transaction in store, which cannot be written to.")
  done = t.store("build", "--transaction", status=1, user=NOBODY)
  same(done.err, "error: store: it cannot be written to: cannot make the folder: Permission denied\n")


@case("and one on a file system that is mounted so, where the reason is another")
def only_read_mount(t):
  t.take("windows/crashy.pdb")
  t.store("build")
  if subprocess.run(["mount", "-o", "bind,ro", t.path("store"), t.path("store")], capture_output=True,
                    check=False).returncode:
    raise Skip("nothing can be mounted here")
  try:
    same(set(t.store("build").actions().values()), {"present"})
    t.take("windows/engine.pdb")
    done = t.store("build", status=1)
    same(done.actions(), {CRASHY: "present", ENGINE: "failed"})
    same(done.err, "error: store: it cannot be written to: cannot make the folder: Read-only file system\n")
  finally:
    subprocess.run(["umount", t.path("store")], check=True)


@case("a folder of the store that cannot be written fails its file; the others are stored")
def one_closed_folder(t):
  t.take("windows/crashy.pdb")
  t.take("windows/crashy.exe")
  os.makedirs(t.path("store/crashy.pdb"))
  os.chmod(t.path("store"), 0o777)
  os.chmod(t.path("store/crashy.pdb"), 0o555)
  t.open_to_all()
  done = t.store("-d", "build", "-f", "*", status=1, user=NOBODY)
  same(sorted(done.actions().values()), ["failed", "stored"])
  holds(done.err, CRASHY, "cannot make the folder: Permission denied")


def folded(t):
  """How runs see ./store on a file system that ignores the letter case; it has all names in lower case."""
  if t.sanitized:
    raise Skip("a sanitizer minds what is preloaded")
  return {"env": {"LD_PRELOAD": t.given("SYMBOL_UPLOAD_STARVED"), "STARVED_FOLDED": t.path("store")},
          "without": ["openat2", "renameat2"]}  # which no library stands between


def caseless_folder(t):
  """A folder on a file system that ignores the letter case: the one that a variable names,
  or one of ext4 where that may be had, or one that only the runs see so. And what they need for it."""
  folder = os.environ.get("SYMBOL_UPLOAD_CASELESS")
  if folder:
    folder = os.path.join(folder, os.path.basename(t.folder))
    os.makedirs(folder)
    return folder, {}
  os.makedirs(t.path("store"))
  if not shutil.which("chattr") or \
     subprocess.run(["chattr", "+F", t.path("store")], capture_output=True, check=False).returncode:
    return t.path("store"), folded(t)
  return t.path("store"), {}


@case("where the letter case is ignored, the paths of two readers are one file, and no clash")
def letter_case(t):
  t.take("windows/dotnet/Plugin.pdb")
  t.take("windows/odd/eleventh.pdb")
  folder, more = caseless_folder(t)
  try:
    args = ["-d", "build", "-f", "*", "-l", folder, "--format", "json", "--for",
            "windbg,visualstudio,symproxy,bugsplat"]
    done = t.run(*args, **more)
    same(set(done.actions().values()) <= {"stored", "present"}, True, done.out)
    same((done.summary()["stored"], done.summary()["kept"]), (2, 0))
    lacks(done.err, "warning")
    found = t.symbols(folder)
    same(sorted(path.lower() for path in found), sorted({path.lower() for path in found}))
    same(len(found), 3)
    for path in done.actions():  # under every spelling
      name = "Plugin.pdb" if "lugin" in path else "eleventh.pdb"
      same_bytes(os.path.join(folder, path.lower() if more else path), t.path("build", name))
    same(t.run(*args, **more).summary()["present"], 2)
    public = bytearray(t.read("build/eleventh.pdb"))
    public[public.index(b"\xff\xff\xff\xff\x77\x09\x31\x01") + 56] |= 2  # DBI: -1, 19990903
    for path in found:
      if "eleventh" in path:
        t.write(os.path.join(folder, path), bytes(public))
    same(t.run(*args, **more).summary()["replaced"], 1)
    same_bytes(os.path.join(folder, [p for p in found if "eleventh" in p][0]),
               os.path.join(FILES, "windows/odd/eleventh.pdb"))
  finally:
    shutil.rmtree(folder)


@case("where it is ignored, who gets a path that two files want in different spellings is a matter of their order")
def order_of_spellings(t):
  guid = "A" * 31 + "1"
  t.write("first/Mod.pdb", pdb_with(guid, 20_000_000))
  t.write("second/mod.pdb", pdb_with(guid, 20_000))
  key = f"{{0}}od.pdb/{guid}1/{{0}}od.pdb"
  caseless = folded(t)
  for existing in "replace", "richer", "keep":
    for flush in "none", "batch", "each":
      for one, other in ("first/Mod.pdb", "second/mod.pdb"), ("second/mod.pdb", "first/Mod.pdb"):
        os.makedirs(t.path("store"))
        args = [one, other, "--existing", existing, "--flush", flush, "-j", "4", "--for", "windbg"]
        want = {key.format(one[-7]): "stored", key.format(other[-7]): "kept"}
        done = t.store(*args, **caseless)
        same(done.actions(), want, (existing, flush, one))
        same(t.symbols(), [key.format("m").lower()])
        same_bytes(t.path("store", key.format("m").lower()), t.path(one))
        done = t.store(*args, **caseless)
        same(done.actions(), {**want, key.format(one[-7]): "present"})
        done = t.store(*args, "--dry-run", **caseless)
        same(done.actions(), {**want, key.format(one[-7]): "present"})
        shutil.rmtree(t.path("store"))
