# SPDX-License-Identifier: MIT
"""`symbol-upload why` at stores in folders: what was asked for, what is there, and what nearly is."""
import os
import shutil

from harness import CRASHY, ENGINE, FILES, build_id_of, case, guid_of, holds, lacks, same, until, uuid_of

GUID = guid_of("windows/crashy.pdb")
EXE = "crashy.exe/65F0C0DE3000/crashy.exe"
BUILD_ID = build_id_of("linux/crashy")


def built(t, *args):
  t.take("windows/crashy.pdb")
  t.take("windows/crashy.exe")
  t.run("-l", "store", "-q", "build", *args)


def move(t, path, to):
  """Gives a file of the store another path, as other tools leave it."""
  os.makedirs(os.path.dirname(t.path("store", to)), exist_ok=True)
  os.rename(t.path("store", path), t.path("store", to))


def why(t, *args, status=1):
  """The answers, by JSON lines: key -> object."""
  before = t.content()
  done = t.run("why", "-l", "store", "--format", "json", *args, status=status)
  same(t.content(), before, "nothing is written")
  return {o["key"]: o for o in done.objects()}


def near(t, *args, key=CRASHY):
  """What is near the missing key: [(key, code)]; each has a sentence."""
  answer = why(t, *args)[key]
  same(answer["action"], "missing")
  assert all(len(n["message"]) > 10 for n in answer["near"]), answer
  return [(n["key"], n["code"]) for n in answer["near"]]


@case("of an image at hand: itself and the PDB that it wants; all there is status 0")
def all_there(t):
  built(t)
  done = t.run("why", "-l", "store", "build/crashy.exe")
  holds(done.out, f"present  store/{EXE}  (windbg, visualstudio, bugsplat)  2.0 KiB",
        "crashy.pdb, which build/crashy.exe wants", f"present  store/{CRASHY}  (windbg")
  same(done.err, "")
  same(t.run("why", "-l", "store", "-q", "build/crashy.exe").out, "")
  answers = why(t, "build/crashy.exe", status=0)
  same({key: a["action"] for key, a in answers.items()}, {EXE: "present", CRASHY: "present"})
  same(answers[CRASHY]["wants"], [{"name": "crashy.pdb", "debug_id": GUID + "1"}])
  same((answers[EXE]["path"], "wants" in answers[EXE]), ("build/crashy.exe", False))


@case("what is missing is named, with who asks for it; nothing near it is said to be so")
def missing(t):
  built(t)
  shutil.rmtree(t.path("store/crashy.pdb"))
  done = t.run("why", "-l", "store", "build/crashy.exe", status=1)
  holds(done.out, f"missing  store/{CRASHY}  (windbg, visualstudio, bugsplat)\n           nothing like it is there")
  shutil.rmtree(t.path("store"))
  done = t.run("why", "-l", "store", "build/crashy.exe", status=1)
  same((done.out, done.err), ("", "error: store: cannot look at it: No such file or directory\n"))
  assert not os.path.exists(t.path("store"))


@case("of an address in a debugger's log neither login nor query is said again, nor left in the process list")
def address(t):
  built(t)
  for path, status in (CRASHY, 0), ("readme.txt", 1):
    at = f"https://me:hush@h/{path}?sig=hush"
    for more in (), ("--format", "json"):
      done = t.run("why", "-l", "store", *more, at, status=status)
      holds(done.out + done.err, f"https://h/{path}")
      lacks(done.out + done.err, "hush")
  os.mkfifo(t.path("names"))
  process = t.start("why", "-l", "store", "--files-from", "names", f"https://me:hush@h/{CRASHY}")

  def is_blanked():
    with open(f"/proc/{process.pid}/cmdline", "rb") as file:
      line = file.read()
    return b"--files-from" in line and b"hush" not in line
  until(is_blanked, process)


@case("a path, as debuggers print it: either slash, behind a folder, an address, a word of the log")
def as_printed(t):
  built(t)
  back = CRASHY.replace("/", "\\")
  for words in (CRASHY, back, "C:\\symbols\\" + back, f"SYMSRV:  UNC: c:\\sym\\{back} - path not found",
                f"https://symbols.example.com/a%20b/{CRASHY}?x=1", CRASHY[:-1] + "_", f"crashy.pdb/{GUID}1/file.ptr",
                f"crashy.pdb {GUID}1", f"crashy.pdb/{GUID}1"):
    same(list(why(t, words, status=0)), [CRASHY], words)
  answers = why(t, "crashy.pdb", f"{GUID[:8]}-{GUID[8:]}-1", "build/crashy.exe", status=0)
  same(list(answers), [CRASHY, EXE])
  done = t.run("why", "-l", "store", "crashy.pdb", GUID + "1")
  holds(done.out, f"crashy.pdb {GUID}1\n  present")


@case("a path is asked for as it is: only --for adds what others ask for")
def as_it_is(t):
  built(t)
  lower = CRASHY.lower()
  same(near(t, lower, key=lower), [(CRASHY, "spelling")])
  answers = why(t, lower, "--for", "windbg")
  same({key: a["action"] for key, a in answers.items()}, {lower: "missing", CRASHY: "present"})
  same(answers[lower]["reader"], ["symproxy", "dotnet"])


@case("other letters: of the name, of the GUID, of the whole path")
def letters(t):
  for other in (CRASHY.lower(), CRASHY.replace("crashy.pdb", "Crashy.PDB"), CRASHY.replace(GUID, GUID.lower())):
    built(t)
    move(t, CRASHY, other)
    same(near(t, "build/crashy.exe"), [(other, "spelling")])
    shutil.rmtree(t.path("store"))


@case("another age; and the very PDB under the age of its info stream, or without an age")
def ages(t):
  built(t)
  move(t, CRASHY, f"crashy.pdb/{GUID}4/crashy.pdb")
  same(near(t, "build/crashy.exe"), [(f"crashy.pdb/{GUID}4/crashy.pdb", "misplaced")])
  t.write(f"store/crashy.pdb/{GUID}4/crashy.pdb", "some other")
  done = t.run("why", "-l", "store", "build/crashy.exe", status=1)
  holds(done.out, f"near     store/crashy.pdb/{GUID}4/crashy.pdb",
        "age 4 is there, and 1 was asked for: it is the PDB of another link")
  move(t, f"crashy.pdb/{GUID}4/crashy.pdb", f"crashy.pdb/{GUID}/crashy.pdb")
  same(near(t, "build/crashy.exe"), [(f"crashy.pdb/{GUID}/crashy.pdb", "no-age")])


@case("other builds are counted, and the newest three named where nothing is nearer")
def builds(t):
  built(t)
  shutil.rmtree(t.path("store/crashy.pdb"))
  for i in range(9):
    path = t.write(f"store/crashy.pdb/{i:032X}1/crashy.pdb", "x")
    os.utime(path, (86400 * i, 86400 * i))
  t.write(f"store/crashy.pdb/{8:032X}1/refs.ptr", "x")
  same(near(t, "build/crashy.exe"),
       [(f"crashy.pdb/{i:032X}1/crashy.pdb", "other-build") for i in (8, 7, 6)])
  done = t.run("why", "-l", "store", "build/crashy.exe", status=1)
  holds(done.out, f"{8:032X}1/crashy.pdb  (another build, stored 1970-01-09)",
        "9 files of other builds are there: deliver the one of this build")
  t.write(f"store/crashy.pdb/{GUID}2/crashy.pdb", "x")
  same(near(t, "build/crashy.exe"), [(f"crashy.pdb/{GUID}2/crashy.pdb", "other-age")])
  holds(t.run("why", "-l", "store", "build/crashy.exe", status=1).out, "9 files of other builds are there, too")
  same(why(t, "build/crashy.exe")[CRASHY]["builds"], 9)


@case("a compressed twin is what SymSrv's readers take, if it is whole and the right one")
def twins(t):
  twin = t.take("windows/compressed/engine.pd_", f"store/{ENGINE[:-1]}_")
  t.take("windows/engine.pdb")
  answers = why(t, "build/engine.pdb", status=0)
  same((answers[ENGINE]["action"], answers[ENGINE]["compressed"]), ("present", True))
  holds(t.run("why", "-l", "store", ENGINE).out, "as a compressed file, which SymSrv's readers unpack")
  same(list(why(t, twin, status=0)), [ENGINE], "it is at hand, and asked for as what it holds")
  move(t, ENGINE[:-1] + "_", CRASHY[:-1] + "_")
  same(why(t, CRASHY)[CRASHY]["action"], "failed")


@case("a file.ptr is told with where it leads")
def pointers(t):
  built(t)
  os.unlink(t.path("store", CRASHY))
  t.write(f"store/crashy.pdb/{GUID}1/file.ptr", "PATH:\\\\old\\share\\crashy\x1b[2J.pdb\r\n")
  done = t.run("why", "-l", "store", "build/crashy.exe", status=1)
  holds(done.out, "file.ptr\n", "sends SymSrv's readers to PATH:\\\\old\\share\\crashy\\x1b[2J.pdb")
  same(near(t, "build/crashy.exe"), [(f"crashy.pdb/{GUID}1/file.ptr", "pointer")])


@case("one tier and two: a file in the place of the other")
def tiers(t):
  built(t)
  t.write("store/index2.txt")
  two = "cr/" + CRASHY
  same(near(t, "build/crashy.exe", key=two), [(CRASHY, "tier")])
  same(near(t, CRASHY, key=two), [(CRASHY, "tier")])
  os.unlink(t.path("store/index2.txt"))
  move(t, CRASHY, two)
  same(near(t, "build/crashy.exe"), [(two, "tier")])
  done = t.run("why", "-l", "store", two, status=1)
  holds(done.out, "no index2.txt in the root")


@case("an image of the same time stamp and another size, and the key as BugSplat pads it")
def images(t):
  built(t)
  move(t, EXE, "crashy.exe/65F0C0DE4000/crashy.exe")
  same(near(t, "build/crashy.exe", key=EXE), [("crashy.exe/65F0C0DE4000/crashy.exe", "other-size")])
  move(t, "crashy.exe/65F0C0DE4000/crashy.exe", "crashy.exe/65F0C0DE003000/crashy.exe")
  same(near(t, "build/crashy.exe", key=EXE), [("crashy.exe/65F0C0DE003000/crashy.exe", "spelling")])


@case("a portable PDB under ffffffff, FFFFFFFF, 1")
def portable(t):
  t.take("windows/dotnet/Plugin.pdb")
  t.run("-l", "store", "--for", "bugsplat", "-q", "build")
  own, = [path for path in t.symbols() if path.startswith("Plugin.pdb")]
  guid = own.split("/")[1][:32]
  same(own, f"Plugin.pdb/{guid}1/Plugin.pdb")
  windbg, studio = f"Plugin.pdb/{guid}ffffffff/Plugin.pdb", f"plugin.pdb/{guid.lower()}FFFFFFFF/plugin.pdb"
  for key in windbg, studio:
    same(near(t, "build/Plugin.pdb", key=key), [(own, "portable")])
  move(t, own, windbg)
  same(near(t, "build/Plugin.pdb", key=studio), [(windbg, "spelling")])
  same(near(t, "build/Plugin.pdb", key=own), [(windbg, "portable")])


@case("by build-id: another reader's path, the other part, capitals, and a cut id")
def by_build_id(t):
  t.take("linux/crashy")
  t.run("-l", "store", "--for", "gdb", "-q", "build")
  gdb, there = f".build-id/{BUILD_ID[:2]}/{BUILD_ID[2:]}", t.symbols()
  image, debug = f"buildid/{BUILD_ID}/executable", f"buildid/{BUILD_ID}/debuginfo"
  answers = why(t, BUILD_ID)
  same(sorted(answers), [debug, image])
  same([(n["key"], n["code"]) for n in answers[image]["near"]][0], (gdb, "other-reader"))
  holds(answers[image]["near"][0]["message"], "where gdb asks for it", "--for debuginfod")
  assert gdb in there
  for path in there[1:]:
    os.unlink(t.path("store", path))
  same(near(t, BUILD_ID, "--for", "gdb", key=gdb + ".debug"), [(gdb, "other-part")])
  move(t, gdb, gdb.upper().replace(".BUILD-ID", ".build-id"))
  same(near(t, gdb, key=gdb)[0][1], "spelling")
  shutil.rmtree(t.path("store"))
  t.write(f"store/buildid/{BUILD_ID[:32]}/executable", "x")
  same(near(t, image, key=image), [(f"buildid/{BUILD_ID[:32]}/executable", "cut")])


@case("an ELF at hand: itself, and its debug information by build-id")
def elf(t):
  t.take("linux/crashy")
  t.run("-l", "store", "--for", "debuginfod,gdb", "-q", "build")
  why(t, "--for", "debuginfod,gdb", "build/crashy", status=0)
  done = t.run("why", "-l", "store", "--for", "windbg", "build/crashy", status=1)
  holds(done.err, "error: build/crashy: no reader of this run (--for) asks for such a file")


@case("a UUID with its dashes is a dSYM's, as lldb looks for it; with --for others ask")
def dashed_uuid(t):
  t.take("macos/libengine-x86_64.dylib")
  shutil.copytree(os.path.join(FILES, "macos/libengine.dylib.dSYM"), t.path("build/libengine.dylib.dSYM"))
  t.run("-l", "store", "--for", "lldb,sentry", "-q", "build")
  uuid = uuid_of("macos/libengine-x86_64.dylib").upper()
  dashed = "-".join((uuid[:8], uuid[8:12], uuid[12:16], uuid[16:20], uuid[20:]))
  holds(t.run("why", "-l", "store", dashed).out, "present", f"/{uuid[20:]}  (lldb)")
  holds(t.run("why", "-l", "store", "--for", "sentry", dashed.lower()).out, "/debuginfo  (sentry)")


@case("where a dSYM is looked for at its image's path, the image alone is of no use")
def image_for_dsym(t):
  image = t.take("macos/libengine.dylib")
  shutil.copytree(os.path.join(FILES, "macos/libengine.dylib.dSYM"), t.path("build/libengine.dylib.dSYM"))
  t.run("-l", "store", "--for", "bugsplat", "-q", "--no-pairs", image)
  done = t.run("why", "-l", "store", "--for", "bugsplat", image, status=1)
  same(done.out.count("  present"), 2, "the two slices themselves")
  same(done.out.count("the image itself lies there, without debug information: deliver its dSYM"), 2)
  t.run("-l", "store", "--for", "bugsplat", "-q", "build/libengine.dylib.dSYM")
  t.run("why", "-l", "store", "--for", "bugsplat", image)


@case("an image of mingw's at hand: its DWARF by the GUID of its record; of several records the last names the PDB")
def mingw(t):
  t.run("-l", "store", "--for", "windbg", "-q", t.take("windows/mingw/stripped/hello-build-id.exe"))
  done = t.run("why", "-l", "store", "--for", "gdb,windbg", "build/hello-build-id.exe", status=1)
  holds(done.out, "hello-build-id.exe.debug, which build/hello-build-id.exe wants\n",
        "missing  store/.build-id/eb/55b102bf04437ce476cf62448363eb.debug  (gdb)")
  t.take("windows/mingw/stripped/hello-debuglink.exe")
  done = t.run("why", "-l", "store", "--for", "gdb", "build/hello-debuglink.exe", status=1)
  holds(done.out, "hello-build-id.debug, which build/hello-debuglink.exe wants\n")
  t.take("windows/dotnet/System.Ready.dll")
  done = t.run("why", "-l", "store", "--for", "windbg", "build/System.Ready.dll", status=1)
  holds(done.out, "System.Ready.pdb, which build/System.Ready.dll wants\n")


@case("a Mach-O and its dSYM, by lldb's folders")
def macho(t):
  t.take("macos/libengine-x86_64.dylib")
  uuid = uuid_of("macos/libengine-x86_64.dylib").upper()
  path = "/".join([uuid[i:i + 4] for i in range(0, 20, 4)] + [uuid[20:]])
  t.run("-l", "store", "--for", "lldb", "-q", "build")
  answers = why(t, "--for", "lldb", path, path + ".app")
  same((answers[path]["action"], answers[path + ".app"]["action"]), ("missing", "present"))
  same([n["code"] for n in answers[path]["near"]], ["other-part"])


@case("a .sym whose PDB is there, and a PDB whose .sym is")
def dumps(t):
  built(t)
  sym = f"crashy.pdb/{GUID}1/crashy.sym"
  same(near(t, "--for", "breakpad", "build/crashy.exe", key=sym), [(CRASHY, "dump")])
  same(near(t, sym, key=sym), [(CRASHY, "dump")])
  move(t, CRASHY, sym)
  same(near(t, "build/crashy.exe"), [(sym, "dump")])
  done = t.run("why", "-l", "store", "libfoo.so", GUID + "0", status=1)
  holds(done.out, f"missing  store/libfoo.so/{GUID}0/libfoo.so.sym  (breakpad)")


@case("what is there and of no use: empty, cut short, another file, no symbol file")
def of_no_use(t):
  built(t)
  whole, other = t.read("build/crashy.pdb"), t.take("windows/engine.pdb", "other/engine.pdb")
  for data, words in ((b"", "it is there, and empty"), (whole[:9000], "is of no use to readers: "),
                      (t.read(other), f"it belongs to {ENGINE.replace('engine.pdb', 'crashy.pdb')}"),
                      (b"<html>Not found</html>", "is of no use to readers: ")):
    t.write(os.path.join("store", CRASHY), data)
    answer = why(t, "build/crashy.exe")[CRASHY]
    same(answer["action"], "failed")
    holds(answer["error"]["message"], words)
    holds(t.run("why", "-l", "store", "build/crashy.exe", status=1).out, f"failed   store/{CRASHY}", words)


@case("several stores, each with its answer; a folder of files; a list of them")
def many(t):
  built(t)
  t.run("-l", "other", "-q", "build/crashy.exe")
  done = t.run("why", "-l", "store", "--to", f"file://{t.path('other')}", "build/crashy.exe", status=1)
  same((done.out.count("  present "), done.out.count("  missing ")), (3, 1))
  t.write("build/readme.txt", "hello")
  same(len(why(t, "build", status=0)), 2)
  same(len(why(t, "--files-from", t.write("list", "build/crashy.exe\n"), status=0)), 2)


@case("bad files are named and the others go on; what makes no question is status 1, no store or word 2")
def mistakes(t):
  built(t)
  t.write("build/half.pdb", t.read("build/crashy.pdb")[:600])
  done = t.run("why", "-l", "store", "build/half.pdb", "nonsense", "a/b\x1b/c", "build/crashy.exe", status=1)
  holds(done.err, "error: build/half.pdb: ", "error: nonsense: it is no file here", "a/b\\x1b/c")
  holds(done.out, f"present  store/{CRASHY}")
  lacks(done.out + done.err, "\x1b")
  done = t.run("why", "-l", "store", "--format", "json", "nonsense", status=1)
  same([(o["asked"], o["error"]["code"]) for o in done.objects()], [("nonsense", "usage")])
  t.run("why", "-l", "store", status=2)
  t.run("why", "build/crashy.exe", status=2)
  t.run("why", "--to", "bugsplat", "build/crashy.exe", status=2)
  t.run("why", "-l", "store", "--deep", "build/crashy.exe", status=2)
  t.run("why", "-l", "store", "-f", "*.nothing", status=1)


@case("links below the root are not followed")
def links(t):
  built(t)
  os.rename(t.path("store/crashy.pdb"), t.path("elsewhere"))
  os.symlink(t.path("elsewhere"), t.path("store/crashy.pdb"))
  done = t.run("why", "-l", "store", "build/crashy.exe", status=1)
  holds(done.out, f"failed   store/{CRASHY}", "link")
  move(t, EXE, "elsewhere")
  os.symlink(t.path("elsewhere"), t.path("store/CRASHY.PDB"))
  done = t.run("why", "-l", "store", f"crashy.pdb/{GUID}2/crashy.pdb", "build/crashy.exe", status=1)
  lacks(done.out, "CRASHY.PDB")
