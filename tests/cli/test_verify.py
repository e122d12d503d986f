# SPDX-License-Identifier: MIT
"""`symbol-upload verify`: every file of a store carries the key it lies under, and is whole."""
import hashlib
import json
import os
import shutil
import signal
import time

from harness import CRASHY, ENGINE, FILES, Skip, case, corpus, end, guid_of, holds, lacks, same

READERS = "windbg,visualstudio,symproxy,dotnet,bugsplat,breakpad,debuginfod,gdb,lldb,sentry"


def verify(t, *args, status=0):
  """The objects of a run over ./store but the last: key -> object, and the last one."""
  done = t.run("verify", "-l", "store", "--format", "json", *args, status=status)
  *objects, last = done.objects()
  return {o["key"]: o for o in objects if "verdict" in o}, last["summary"]


def faults(objects):
  return {key: o["verdict"] for key, o in objects.items() if o["verdict"] not in ("fine", "own", "other")}


def put(t, sample, key):
  """A sample at a path of ./store, by hand."""
  os.makedirs(os.path.dirname(t.path("store", key)), exist_ok=True)
  shutil.copyfile(os.path.join(FILES, sample), t.path("store", key))
  return key


def move(t, old, new):
  os.makedirs(os.path.dirname(t.path("store", new)), exist_ok=True)
  os.rename(t.path("store", old), t.path("store", new))


def two(t):
  t.take("windows/crashy.pdb")
  t.take("windows/engine.pdb")
  t.run("-l", "store", "-q", "build")


def state(t):
  """What a run that writes nothing leaves as it was."""
  return {path: (os.stat(t.path("store", path)).st_mtime_ns, os.stat(t.path("store", path)).st_ctime_ns)
          for path in t.tree()}


# ------------------------------------------------------------ what is fine --

@case("what a run delivers for all readers is fine, in one tier and in two")
def delivered(t):
  for tiers in 1, 2:
    shutil.rmtree(t.path("store"), ignore_errors=True)
    if tiers == 2:
      t.write("store/index2.txt", ".")
    t.run("-l", "store", "--for", READERS, "-q", FILES, status=None)
    before = state(t)
    objects, summary = verify(t)
    same(state(t), before, "nothing is written")
    same(faults(objects), {})
    same(sorted(objects), t.tree(), "each file is told of")
    same(summary["fine"], len(t.symbols()))
    same(summary["own"], 2)
    assert summary["fine"] > 300, summary
    odd = {key.split("/")[-1] for key, o in objects.items() if "warning" in o}
    same(odd, {"no-end-of-line.sym", "libmain.so.sym"}, "what one sample is made for")
    readers = {r for o in objects.values() for r in o.get("reader", [])}
    same(sorted(readers), sorted(READERS.split(",")))


@case("to people: nothing of what is fine, a table, and with --verbose a line a file")
def to_people(t):
  two(t)
  done = t.run("verify", "-l", "store")
  same(done.err, "")
  same(done.out.splitlines()[:-1], [f"{'':14}{'fine':>11}", f"{'pdb':14}{2:>11}", f"{'all':14}{2:>11}",
                                    "passed over 2 files of the store itself"])
  holds(done.out.splitlines()[-1], "verified in ")
  holds(t.run("verify", "-l", "store", "--verbose").out, f"fine       store/{CRASHY}\n", "own        store/index.txt")
  same(t.run("verify", "-l", "store", "-q").out, "")


@case("in a store that keeps transactions, what a living one needs and is not there is missing")
def needed(t):
  two(t)
  t.run("-l", "store", "-q", "--transaction", "build")
  t.run("-l", "store", "-q", "build/engine.pdb")
  same(faults(verify(t)[0]), {})
  engine, = [key for key in t.symbols() if key.endswith("/engine.pdb")]
  os.unlink(t.path("store", CRASHY))
  shutil.rmtree(t.path("store", engine.rsplit("/", 1)[0]))
  objects, summary = verify(t, status=1)
  same(faults(objects), {CRASHY: "missing", os.path.dirname(engine): "missing"})
  holds(objects[CRASHY]["error"]["message"], "transaction 1 of the store needs it")
  same(summary["missing"], 2)
  t.run("verify", "-l", "store", "-f", "**/*.pdb", status=1)  # nothing is there any more
  t.write(f"store/{CRASHY[:-1]}_", t.read("build/crashy.pdb"))  # whatever it is: it is there
  t.write(f"store/{os.path.dirname(engine)}/file.ptr", "/nowhere/engine.pdb")
  lacks(t.run("verify", "-l", "store", status=1).err, "missing")
  os.rename(t.path("store/000Admin/0000000002"), t.path("store/000Admin/0000000002.deleted"))
  lacks(t.run("verify", "-l", "store", status=1).err, "missing")  # a removal that was killed
  os.unlink(t.path("store/000Admin/0000000001"))
  holds(t.run("verify", "-l", "store", status=1).err,
        "store/000Admin/0000000001: missing: nothing is there, and transaction 1 of the store needs it")


@case("the folder can be written as an address, with ./, with / behind it, or be the present one")
def folders(t):
  two(t)
  for to in ["--to", f"file://{t.path('store')}"], ["-l", "./store"], ["-l", "store//"], ["-l", t.path("store")]:
    done = t.run("verify", *to, "--format", "json")
    same(sorted(o["key"] for o in done.objects()[:-1]), t.tree())
  done = t.run("verify", "-l", ".", "--format", "json", cwd=t.path("store"))
  same(sorted(o["path"] for o in done.objects()[:-1]), t.tree())
  done = t.run("verify", "-l", "store", "-l", "store", status=2)
  t.run("-l", "other", "-q", "build")
  done = t.run("verify", "-l", "store", "--to", f"file://{t.path('other')}", "--format", "json")
  same([o["summary"]["fine"] for o in done.objects() if "summary" in o], [2, 2])


@case("folders of a store that are called like bundles, or begin with a dot, are gone through")
def names_of_folders(t):
  key = "App.app/65F0C0DE3000/App.app"
  put(t, "windows/crashy.exe", key)
  t.take("linux/crashy")
  t.run("-l", "store", "--for", "gdb", "-q", "build")
  objects, summary = verify(t)
  same(faults(objects), {})
  same(summary["fine"], 3)
  assert key in objects, objects
  objects, summary = verify(t, "-f", "**/*.debug")
  same(summary["fine"], 1)
  objects, summary = verify(t, "--exclude", ".build-id/**")
  same(list(objects), ["index.txt", "pingme.txt", key])


# ------------------------------------------------------------ what is not --

@case("a file under another key is named with the path to which it belongs: status 1")
def misplaced(t):
  t.take("windows/crashy.exe")
  t.take("linux/crashy")
  t.take("linux/libengine.so.1.debug")
  t.take("macos/libengine-x86_64.dylib")
  t.take("breakpad/engine.so.sym")
  t.run("-l", "store", "--for", READERS, "-q", "build", status=None)
  two(t)
  wrong = {}
  for key in t.symbols():
    parts = key.split("/")
    at = -1 if parts[0] == ".build-id" or len(parts) == 6 else -2  # the identifier, or its end
    last = max(i for i, c in enumerate(parts[at]) if c in "0123456789")
    parts[at] = parts[at][:last] + ("1" if parts[at][last] != "1" else "2") + parts[at][last + 1:]
    wrong["/".join(parts)] = key
  for new, old in wrong.items():
    move(t, old, new)
  objects, summary = verify(t, status=1)
  same(summary["fine"], 0)
  same(faults(objects), {key: "misplaced" for key in wrong})
  same({key: o["belongs"] for key, o in objects.items() if "belongs" in o}, wrong)
  key = next(k for k in wrong if k.startswith("crashy.pdb/"))
  same(objects[key]["error"], {"code": "not-found", "message": "no reader asks for it here"})
  done = t.run("verify", "-l", "store", status=1)
  holds(done.err, f"error: store/{key}: misplaced: no reader asks for it here; "
                  f"by its key it belongs to {CRASHY}\n")


@case("a renamed file, one copied beside the others, and one in a flat folder are misplaced")
def renamed(t):
  two(t)
  folder = os.path.dirname(CRASHY)
  move(t, CRASHY, f"{folder}/other.pdb")
  put(t, "windows/engine.dll", "engine.dll")
  put(t, "windows/crashy.exe", "drop/here/crashy.exe")
  objects, _ = verify(t, status=1)
  same(faults(objects), dict.fromkeys([f"{folder}/other.pdb", "engine.dll", "drop/here/crashy.exe"], "misplaced"))
  same(objects["engine.dll"]["belongs"].split("/")[0], "engine.dll")
  same(objects["drop/here/crashy.exe"]["belongs"], "crashy.exe/65F0C0DE3000/crashy.exe")


@case("a store of two tiers wants two tiers, and one of one tier wants one")
def tiers(t):
  two(t)
  t.write("store/index2.txt", ".")
  objects, _ = verify(t, status=1)
  same({key: o["belongs"] for key, o in objects.items() if "belongs" in o},
       {CRASHY: "cr/" + CRASHY, ENGINE: "en/" + ENGINE})
  move(t, CRASHY, "cr/" + CRASHY)
  move(t, ENGINE, "en/" + ENGINE)
  verify(t)
  os.unlink(t.path("store/index2.txt"))
  objects, _ = verify(t, status=1)
  same(objects["cr/" + CRASHY]["belongs"], CRASHY)


@case("a file that is cut short is named with what is missing and where; empty ones, and pages, too")
def damaged(t):
  t.take("linux/crashy")
  t.take("macos/libengine-x86_64.dylib")
  t.take("windows/crashy.exe")
  t.run("-l", "store", "--for", "windbg,debuginfod,lldb", "-q", "build")
  two(t)
  elf, = [k for k in t.symbols() if k.endswith("/executable")]
  macho, = [k for k in t.symbols() if k.endswith(".app")]
  exe, = [k for k in t.symbols() if k.endswith(".exe")]
  os.truncate(t.path("store", CRASHY), 40_000)
  os.truncate(t.path("store", elf), 9_000)
  os.truncate(t.path("store", macho), 4_000)
  os.truncate(t.path("store", ENGINE), 0)
  t.write(f"store/{exe}", "<html><body>Sign in, please.</body></html>\n")
  objects, summary = verify(t, status=1)
  debug = elf.replace("executable", "debuginfo")  # a second name of the same file
  same(faults(objects), dict.fromkeys([CRASHY, elf, debug, macho, ENGINE, exe], "damaged"))
  same(summary["damaged"], 6)
  same(objects[CRASHY]["error"]["code"], "malformed")
  holds(objects[CRASHY]["error"]["message"], "the file is cut short: it should have 19 blocks of 4096 bytes")
  same(objects[CRASHY]["error"]["offset"], 40)
  holds(objects[elf]["error"]["message"], "lies outside the file")
  holds(objects[macho]["error"]["message"], "ends behind the end of the file")
  same(objects[ENGINE]["error"], {"code": "not-a-symbol-file", "message": "the file is empty"})
  same(objects[exe]["error"], {"code": "not-a-symbol-file", "message": "not a symbol file"})
  holds(t.run("verify", "-l", "store", status=1).err, f"error: store/{CRASHY}: damaged: the file is cut short",
        "(at offset 0x28)")


@case("a .sym that ends within a line is warned of")
def cut_sym(t):
  t.take("breakpad/engine.so.sym")
  t.run("-l", "store", "--for", "breakpad", "-q", "build")
  key, = t.symbols()
  same(verify(t)[1]["warnings"], 0)
  os.truncate(t.path("store", key), os.path.getsize(t.path("store", key)) - 1)
  objects, summary = verify(t)
  same((objects[key]["verdict"], summary["warnings"]), ("fine", 1))
  same(objects[key]["warning"], {"code": "malformed", "offset": os.path.getsize(t.path("store", key)),
                                 "message": "its last line does not end: it may be cut short"})


@case("compressed files are opened: what is in them is checked, and how they are called")
def compressed(t):
  guid = guid_of("windows/engine.pdb")
  twin = put(t, "windows/compressed/engine.pd_", f"engine.pdb/{guid}1/engine.pd_")
  wrong = put(t, "windows/compressed/engine.pd_", f"engine.pdb/{guid}2/engine.pd_")
  plain = put(t, "windows/compressed/engine.pd_", f"engine.pdb/{guid}1/engine.pdb")
  named = put(t, "windows/compressed/engine.pd_", f"Motor.pdb/{guid}1/Motor.pd_")
  cut = put(t, "windows/compressed/engine.pd_", f"cut.pdb/{guid}1/cut.pd_")
  os.truncate(t.path("store", cut), 2_000)
  data = bytearray(t.read(f"store/{twin}"))
  data[-20] ^= 1
  changed = put(t, "windows/compressed/engine.pd_", f"changed.pdb/{guid}1/changed.pd_")
  t.write(f"store/{changed}", bytes(data))
  unpacked = put(t, "windows/crashy.pdb", CRASHY[:-1] + "_")
  objects, _ = verify(t, status=1)
  same({key: o["verdict"] for key, o in objects.items()},
       {twin: "fine", wrong: "misplaced", plain: "misplaced", named: "fine", cut: "damaged",
        changed: "damaged", unpacked: "misplaced"})
  same(objects[twin]["member"], "engine.pdb")
  same(objects[wrong]["belongs"], twin)
  same(objects[plain]["belongs"], twin)
  holds(objects[cut]["error"]["message"], "the cabinet is cut short")
  holds(objects[changed]["error"]["message"], "the cabinet cannot be unpacked")


@case("files of the store itself, and what nobody would take for a symbol file, are passed over")
def passed_over(t):
  two(t)
  own = ["000Admin/0000000001", "000Admin/history.txt", "000Admin/lastid.txt", "pingme.txt", "index.txt",
         ".symbol-upload/0123456789abcdef/0/1", f"{os.path.dirname(CRASHY)}/refs.ptr"]
  other = ["readme.txt", "old/notes.txt", "setup.bin"]
  for name in own + other:
    t.write(f"store/{name}", "here\n")
  objects, summary = verify(t)
  same({key: o["verdict"] for key, o in objects.items() if o["verdict"] != "fine"},
       {**dict.fromkeys(own, "own"), **dict.fromkeys(other, "other")})
  same([key for key in other if "error" in objects[key]], [])
  same((summary["own"], summary["other"]), (len(own), len(other)))
  holds(t.run("verify", "-l", "store").out, "passed over 7 files of the store itself",
        "passed over 3 files that are no symbol files")


@case("a file.ptr that leads nowhere is a fault; one that cannot be followed here is a warning")
def pointers(t):
  two(t)
  t.write("elsewhere.pdb", "x")
  good, message = "a.pdb/000000000000000000000000000000001/file.ptr", "b.pdb/000000000000000000000000000000001/file.ptr"
  windows, lost = "c.pdb/000000000000000000000000000000001/file.ptr", "d.pdb/000000000000000000000000000000001/file.ptr"
  empty = "e.pdb/000000000000000000000000000000001/file.ptr"
  t.write(f"store/{good}", f"PATH:{t.path('elsewhere.pdb')}\r\n")
  t.write(f"store/{message}", "MSG: ask Jane\r\n")
  t.write(f"store/{windows}", "PATH:\\\\server\\share\\c.pdb\r\n")
  objects, summary = verify(t)
  same(faults(objects), {windows: "unchecked"})
  holds(objects[windows]["warning"]["message"], "it leads to \\\\server\\share\\c.pdb, which cannot be followed")
  verify(t, "--strict", status=3)
  t.write(f"store/{lost}", "/nowhere/d.pdb")
  t.write(f"store/{empty}", "")
  objects, summary = verify(t, status=1)
  same(faults(objects), {windows: "unchecked", lost: "damaged", empty: "damaged"})
  holds(objects[lost]["error"]["message"], "it leads to /nowhere/d.pdb, where there is no file")


@case("a file.ptr that cannot be read, or leads to where nobody may look, is unreadable and not damaged")
def closed_pointers(t):
  two(t)
  closed, beyond, pipe, gone = (f"{c}.pdb/000000000000000000000000000000001/file.ptr" for c in "abcd")
  t.write("elsewhere/b.pdb", "x")
  t.write(f"store/{closed}", f"PATH:{t.path('elsewhere/b.pdb')}")
  t.write(f"store/{beyond}", f"PATH:{t.path('elsewhere/b.pdb')}")
  os.makedirs(os.path.dirname(t.path("store", pipe)))
  os.mkfifo(t.path("store", pipe))
  os.makedirs(os.path.dirname(t.path("store", gone)))
  os.symlink("nothing", t.path("store", gone))
  t.open_to_all()
  os.chmod(t.path("store", closed), 0)
  os.chmod(t.path("elsewhere"), 0)
  done = t.run("verify", "-l", "store", "--format", "json", user=65534, status=1)
  told = {o["key"]: o for o in done.objects() if "key" in o}
  same({path: told[path]["verdict"] for path in (closed, beyond, pipe, gone)},
       dict.fromkeys((closed, beyond, pipe, gone), "unreadable"))
  holds(told[beyond]["error"]["message"], "it leads to ", "elsewhere/b.pdb: cannot look at it: Permission denied")


@case("a kind that is not handled where a symbol file belongs is a warning, which --strict minds")
def unchecked(t):
  two(t)
  header = b"DI" + bytes(2) + (0x14c).to_bytes(2, "little") + bytes(18) + bytes(4) + bytes(200)
  t.write("store/old.dbg/65F0C0DE3000/old.dbg", header)
  done = t.run("verify", "-l", "store")
  holds(done.err, "warning: store/old.dbg/65F0C0DE3000/old.dbg: unchecked: a .DBG file")
  done = t.run("verify", "-l", "store", "--strict", status=3)
  holds(done.err, "error: --strict: there were warnings")
  same(t.run("verify", "-l", "store", "-q").out, "")


@case("what cannot be read is a fault: a link to nothing, a file without permission, a FIFO")
def unreadable(t):
  two(t)
  os.symlink("nothing", t.path("store", "link.pdb"))
  os.mkfifo(t.path("store", "pipe"))
  t.open_to_all()
  os.chmod(t.path("store", CRASHY), 0)
  done = t.run("verify", "-l", "store", "--format", "json", user=65534, status=1)
  verdicts = {o["key"]: o["verdict"] for o in done.objects() if "key" in o and o["verdict"] not in ("fine", "own")}
  same(verdicts, dict.fromkeys(["link.pdb", "pipe", CRASHY], "unreadable"))


@case("links to files are followed, as readers follow them")
def links(t):
  two(t)
  os.unlink(t.path("store", CRASHY))
  os.symlink(t.path("build/crashy.pdb"), t.path("store", CRASHY))
  same(verify(t)[1]["fine"], 2)


@case("a store that is not there or holds no symbol file is an error")
def empty(t):
  holds(t.run("verify", "-l", "store", status=1).err, "error: store: cannot open the folder")
  os.makedirs(t.path("store"))
  same(t.run("verify", "-l", "store", status=1).err, "error: store: there is no symbol file in this store\n")
  t.write("store/readme.txt", "x")
  t.run("verify", "-l", "store", status=1)
  two(t)
  done = t.run("verify", "-l", "store", "-f", "*.dll", status=1)
  holds(done.err, "error: store: no symbol file of this store is selected")
  done = t.run("verify", "-l", "nowhere", "--to", f"file://{t.path('store')}", status=1)
  holds(done.out, "pdb")
  holds(done.err, "error: nowhere: ")


@case("--for says whose paths count")
def readers(t):
  t.take("linux/crashy")
  t.run("-l", "store", "--for", "gdb,debuginfod", "-q", "build")
  verify(t, "--for", "gdb,debuginfod")
  objects, _ = verify(t, "--for", "gdb", status=1)
  same({key.split("/")[0] for key in faults(objects)}, {"buildid"})


@case("what makes no run: nothing to verify, a path, a remote store, BugSplat, two selections")
def usage(t):
  for args, said in [
      ([], "no store is given"),
      (["store"], "verify takes no path such as store: use -l for the store"),
      (["--to", "s3://bucket/x"], 's3://bucket/x is not a folder: use "check --deep", which fetches and compares the files'),
      (["--to", "https://me:secret@example.com/x"], "https://...@example.com/x is not a folder"),
      (["--to", "bugsplat"], "BugSplat's own store cannot be verified"),
      (["-l", "store", "--receipt", "r", "-f", "*"], "-f and --exclude do not go with it"),
      (["-l", "store", "--deep"], "verify takes no --deep")]:
    holds(t.run("verify", *args, status=2).err, said)


@case("what the configuration says of sources and receipts is not meant for verify")
def configuration(t):
  two(t)
  t.write("symbol-upload.yaml", "files: build/**/*.pdb\nreceipt: out.json\nexclude: '**'\nlocalPath: store\n")
  same(t.run("verify", "--format", "json").objects()[-1]["summary"]["fine"], 2)


# ---------------------------------------------------------------- twins --

@case("paths that differ in letter case alone, and compressed twins: a warning where bytes differ")
def twins(t):
  two(t)
  t.run("-l", "store", "--for", "symproxy", "-q", "build")
  same(len(t.symbols()), 4)
  same(verify(t)[1]["warnings"], 0)
  lower = CRASHY.lower()
  data = bytearray(t.read(f"store/{lower}"))
  os.unlink(t.path("store", lower))
  t.write(f"store/{lower}", bytes(data))
  same(verify(t)[1]["warnings"], 0)
  data[-1] ^= 1
  t.write(f"store/{lower}", bytes(data))
  twin = put(t, "windows/compressed/engine.pd_", ENGINE[:-1] + "_")
  with open(t.path("store", ENGINE), "ab") as file:
    file.write(b"behind the end")
  done = t.run("verify", "-l", "store", "--format", "json")
  warned = {o["key"]: o["twin"] for o in done.objects() if "twin" in o}
  same(warned, {lower: CRASHY, ENGINE: twin})
  same([o["warning"]["code"] for o in done.objects() if "twin" in o], ["exists"] * 2)
  same(done.summary()["warnings"], 2)
  done = t.run("verify", "-l", "store", "--strict", status=3)
  holds(done.err, f"warning: store/{lower}: some readers take another file for the same, "
                  f"which has other bytes: {CRASHY}")


@case("a path that is right but for its letter case is fine, with a warning")
def letter_case(t):
  two(t)
  key = CRASHY.replace("crashy.pdb/", "Crashy.pdb/", 1)
  move(t, CRASHY, key)
  objects, summary = verify(t)
  same((objects[key]["verdict"], objects[key]["belongs"], summary["warnings"]), ("fine", CRASHY, 1))
  holds(objects[key]["warning"]["message"], "letter case")
  holds(t.run("verify", "-l", "store").err, f"warning: store/{key}: ", CRASHY)


# ----------------------------------------------------------- the receipt --

@case("with a receipt: all that was delivered is there with its bytes, and nothing else is looked at")
def receipt(t):
  expected = corpus(t, 6)
  t.run("-l", "store", "--receipt", "r", "-q", "build")
  put(t, "windows/crashy.pdb", "stranger.pdb/1/stranger.pdb")
  objects, summary = verify(t, "--receipt", "r")
  same(sorted(objects), sorted(expected))
  same((summary["fine"], summary["elsewhere"], summary["undelivered"]), (6, 0, 0))
  gone, short, other, moved, *_ = sorted(expected)
  os.unlink(t.path("store", gone))
  os.truncate(t.path("store", short), 9_000)
  data = bytearray(t.read(f"store/{other}"))
  data[-1] ^= 1
  t.write(f"store/{other}", bytes(data))
  os.unlink(t.path("store", moved))
  os.makedirs(t.path("store", moved))
  objects, summary = verify(t, "--receipt", "r", status=1)
  same(faults(objects), {gone: "missing", short: "changed", other: "changed", moved: "unreadable"})
  size = os.path.getsize(t.path(expected[short]))
  same(objects[gone]["error"]["message"],
       f"nothing is there, {os.path.getsize(t.path(expected[gone]))} bytes by the receipt")
  same(objects[short]["error"], {"code": "changed", "message": f"it has 9000 bytes, {size} by the receipt"})
  same(objects[other]["error"]["message"], "its SHA-256 is not the receipt's: other bytes")
  same((summary["missing"], summary["changed"], summary["fine"]), (1, 2, 2))


@case("a receipt's file is held to its key, too")
def receipt_and_key(t):
  two(t)
  t.run("-l", "store", "--receipt", "r", "-q", "build")
  wrong = CRASHY.replace("1/", "2/")
  move(t, CRASHY, wrong)
  t.write("r", t.read("r").replace(CRASHY.encode(), wrong.encode()))
  objects, _ = verify(t, "--receipt", "r", status=1)
  same(faults(objects), {wrong: "misplaced"})


@case("entries of other targets, and paths that were not delivered, are counted and said")
def receipt_of_several(t):
  two(t)
  shutil.rmtree(t.path("store"))
  t.run("-l", "store", "--to", f"file://{t.path('other')}", "--receipt", "r", "-q", "build")
  objects, summary = verify(t, "--receipt", "r")
  same((summary["fine"], summary["elsewhere"], summary["undelivered"]), (2, 2, 0))
  done = t.run("verify", "-l", "./store/", "--receipt", "r")
  holds(done.out, f"the receipt has 2 paths of other targets, such as {t.path('other')}")
  holds(t.run("verify", "-l", t.path("other"), "--receipt", "r").out,
        "the receipt has 2 paths of other targets, such as store")
  os.rename(t.path("store"), t.path("moved"))
  done = t.run("verify", "-l", "moved", "--receipt", "r", status=1)
  holds(done.err, "error: moved: by the receipt nothing was delivered here, but to store")

  data = bytearray(t.read("build/crashy.pdb"))
  data[-1] ^= 1
  t.write("build/crashy.pdb", bytes(data))
  t.run("-l", "moved", "--existing", "keep", "--receipt", "r", "-q", "build", "build/crashy.pdb")
  done = t.run("verify", "-l", "moved", "--receipt", "r")
  holds(done.out, "the receipt has 1 path that the run did not deliver")


@case("a copy of the store is held against the receipt of the one it was made of, where that is the receipt's only one")
def receipt_of_a_copy(t):
  two(t)
  t.run("-l", "built", "--receipt", "r", "-q", "build")
  shutil.copytree(t.path("built"), t.path("store"), dirs_exist_ok=True)
  for exists in True, False:
    objects, summary = verify(t, "--receipt", "r")
    same((summary["fine"], summary["elsewhere"]), (2, 0))
    holds(t.run("verify", "-l", "store", "--receipt", "r").out, "the receipt is of built: this store is taken for a copy of it")
    same(os.path.exists(t.path("built")), exists)
    shutil.rmtree(t.path("built"), ignore_errors=True)
  data = bytearray(t.read("store/" + CRASHY))
  data[-1] ^= 1
  t.write("store/" + CRASHY, bytes(data))
  objects, _ = verify(t, "--receipt", "r", status=1)
  same(faults(objects), {CRASHY: "changed"})


@case("one path that two sources brought is verified once")
def receipt_of_doubles(t):
  t.take("windows/crashy.pdb")
  t.take("windows/crashy.pdb", "build/again/crashy.pdb")
  t.run("-l", "store", "--receipt", "r", "-q", "build")
  same(len(t.read("r").splitlines()), 2)
  same(verify(t, "--receipt", "r")[1]["fine"], 1)


@case("a receipt that is not there, is cut short, or none, is an error; one that leads out is not followed")
def bad_receipts(t):
  two(t)
  t.run("-l", "store", "--receipt", "r", "-q", "build")
  good = t.read("r")
  for data, said in [
      (good[:-1], "the receipt r: it is cut short: its last line does not end"),
      (good + b"{}\n", "the receipt r: line 3 is no entry of a receipt"),
      (b"\0\n", "the receipt r: line 1 is no entry of a receipt"),
      (good.replace(b'"bytes":', b'"bytes":-'), "line 1 is no entry"),
      (good.replace(b'"sha256":"', b'"sha256":"x'), "line 1 is no entry"),
      (b"", "by the receipt nothing was delivered")]:
    t.write("r", data)
    holds(t.run("verify", "-l", "store", "--receipt", "r", status=1).err, said)
  holds(t.run("verify", "-l", "store", "--receipt", "none", status=1).err, "the receipt none: it cannot be opened")
  for key in "../build/crashy.pdb", "/etc/passwd", "a/../../x", "", "x" * 5000:
    t.write("r", good.replace(CRASHY.encode(), key.encode()))
    done = t.run("verify", "-l", "store", "--receipt", "r", status=1)
    holds(done.err, "unreadable: the receipt's path is none below a store")


# ------------------------------------------------------------------ runs --

@case("the report is the same whatever the number of threads")
def threads(t):
  expected = corpus(t, 300, 2_000)
  t.run("-l", "store", "--receipt", "r", "-q", "build")
  for i, key in enumerate(sorted(expected)):
    if i % 7 == 0:
      os.truncate(t.path("store", key), 6_000)
    if i % 11 == 0:
      move(t, key, key.replace("/", "/F", 1))
  for more in [], ["--receipt", "r"]:
    said = set()
    for jobs in 1, 2, 8:
      done = t.run("verify", "-l", "store", "-j", jobs, "--format", "json", *more, status=1)
      said.add("\n".join(done.out.splitlines()[:-1]) + done.err)
      done = t.run("verify", "-l", "store", "-j", jobs, *more, status=1)
      said.add(done.err)
    same(len(said), 2, "the lines, and what people read")


@case("an interrupt ends it: status 130, and 143 where it is asked to terminate")
def interrupted(t):
  for number, status in (signal.SIGINT, 130), (signal.SIGTERM, 143):
    shutil.rmtree(t.path("store"), ignore_errors=True)
    os.makedirs(t.path("store"))
    os.mkfifo(t.path("list"))
    process = t.start("verify", "-l", "store", "--receipt", "list")
    line = {"target": "store", "bytes": 1, "keys": [{"key": "a/b/c", "action": "stored"}]}
    try:
      with open(t.path("list"), "wb") as file:  # it does not end: the program waits for more
        for i in range(5000):
          line["keys"][0]["key"] = f"a/b/{i}"
          file.write(json.dumps(line).encode() + b"\n")
          if i == 100:
            file.flush()
            time.sleep(0.2)
            process.send_signal(number)
            time.sleep(0.2)
    except BrokenPipeError:
      pass
    done = end(process, status)
    same(done.err.splitlines()[-1], "Stopped: store was not verified to its end.")
    holds(done.out, "verified in ")
    os.unlink(t.path("list"))


@case("10,000 files are verified in flat memory")
def memory(t):
  if t.sanitized:
    raise Skip("the sanitizers hold much more")
  count = 10_000
  with open(t.path("r"), "w", encoding="utf-8") as receipt:
    for i in range(count):
      ident = hashlib.md5(str(i).encode()).hexdigest().upper() + "1"
      key = f"module{i}.pdb/{ident}/module{i}.sym"
      data = f"MODULE windows x86_64 {ident} module{i}.pdb\n".encode()
      t.write(f"store/{key}", data)
      entry = {"target": "store", "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest(),
               "keys": [{"key": key, "action": "stored"}]}
      receipt.write(json.dumps(entry) + "\n")
  shutil.copytree(t.path("store/module1.pdb"), t.path("few/module1.pdb"))

  def peak(*args):
    process = t.start("verify", "-j", 4, "-q", *args)
    _, status, used = os.wait4(process.pid, 0)
    process.communicate()
    same(status, 0)
    return used.ru_maxrss * 1024
  few = peak("-l", "few")
  for args in ["-l", "store"], ["-l", "store", "--receipt", "r"]:
    many = peak(*args)
    # The files under way, of which one store has a single one, take two megabytes.
    assert many - few < 2_000_000 + 256 * count, f"{many - few} bytes more for {count} files"
