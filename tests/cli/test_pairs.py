# SPDX-License-Identifier: MIT
"""Images and their debug information: what a run says of those that go without, and of what else
readers will miss, before anything is sent."""
import os
import shutil
import time

from harness import CRASHY, ENGINE, FILES, build_id_of, case, guid_of, holds, lacks, same, uuid_of
from small_server import SmallServer

CRASHY_ID, ENGINE_ID = CRASHY.split("/")[1], ENGINE.split("/")[1]
ALONE = f"crashes in crashy.exe will not symbolicate: its crashy.pdb {CRASHY_ID} is not in this upload"


def warned(done):
  """(file, code) of each warning, by JSON lines."""
  return [(os.path.basename(o["path"]), o["warning"]["code"]) for o in done.objects() if "warning" in o]


def patched(t, name, old, new, count=1):
  """Changes bytes of a file."""
  data = t.read(name)
  assert old in data, f"{name} does not hold {old}"
  t.write(name, data.replace(old, new, count))


def record(guid_and_age):
  """The beginning of an RSDS record, as it stands in an image."""
  guid, age = bytes.fromhex(guid_and_age[:32]), int(guid_and_age[32:], 16)
  return b"RSDS" + guid[3::-1] + guid[5:3:-1] + guid[7:5:-1] + guid[8:] + age.to_bytes(4, "little")


@case("an image with its PDB is nothing to talk about, one without is warned of, by file and identifier")
def missing_pdb(t):
  t.take("windows/crashy.exe")
  t.take("windows/engine.dll")
  t.take("windows/engine.pdb")
  done = t.run("-l", "store", "build")
  same(done.err, f"warning: build/crashy.exe: {ALONE}\n")
  t.take("windows/crashy.pdb", "elsewhere/CRASHY.PDB")
  same(t.run("-l", "store2", "build", "elsewhere").err, "", "in another folder, in another letter case")


@case("a PDB of another age, or of another build, is named: nearest first")
def near_misses(t):
  guid = guid_of("windows/odd/eleventh.pdb")
  t.take("windows/odd/eleventh.exe")
  t.take("windows/odd/eleventh.pdb", "old/eleventh.pdb")
  patched(t, "build/eleventh.exe", record(guid + "b"), record(guid + "c"))
  says = f"crashes in eleventh.exe will not symbolicate: its eleventh.pdb {guid}c is not in this upload "
  holds(t.run("-l", "store", "build", "old").err, f"{says}(found {guid}b, an older build: old/eleventh.pdb)\n")
  patched(t, "build/eleventh.exe", record(guid + "c"), record(guid + "3"))
  holds(t.run("-l", "store2", "build", "old").err, f"{guid}3", f"(found {guid}b, a newer build: old/eleventh.pdb)\n")
  t.take("windows/pages/crashy-8192.pdb", "old/crashy.pdb")
  t.take("windows/crashy.exe")
  other = guid_of("windows/pages/crashy-8192.pdb") + "1"
  holds(t.run("-l", "store3", "build", "old").err, f"{ALONE} (found {other}, another build: old/crashy.pdb)\n")
  t.write("old/crashy.pdb", t.read("old/crashy.pdb")[:3000])
  holds(t.run("-l", "store4", "build", "old").err, f"{ALONE} (the one found was skipped: old/crashy.pdb)\n")


@case("a PDB under another name is told where readers ask by name, and only there")
def renamed(t):
  t.take("windows/crashy.exe")
  t.take("windows/crashy.pdb", "build/renamed.pdb")
  done = t.run("-l", "store", "build")
  holds(done.err, f"its crashy.pdb {CRASHY_ID} is in this upload under another name, and readers ask by "
                  "name: build/renamed.pdb")
  same(t.run("-l", "store2", "--for", "sentry", "build").err, "")


@case("a packed PDB counts by its member, and a packed image by its own")
def packed(t):
  t.take("windows/compressed/engine.dl_")
  holds(t.run("-l", "store", "build").err, f"crashes in engine.dll will not symbolicate: its engine.pdb {ENGINE_ID}")
  t.take("windows/compressed/engine.pd_", "store2/engine.pd_")
  same(t.run("-l", "store3", "build", "store2").err, "")


@case("what the store has already is not missed, packed or not, under the path that its readers ask for")
def in_the_store(t):
  for sample in "windows/crashy.exe", "windows/crashy.pdb", "windows/engine.dll":
    t.take(sample)
  t.take("windows/compressed/engine.pd_", "store/" + ENGINE[:-1] + "_")
  t.run("-l", "store", "build/crashy.pdb")
  done = t.run("-l", "store", "build/crashy.exe", "build/engine.dll")
  same(done.err, "")
  holds(t.run("-l", "other", "build/crashy.exe").err, ALONE)
  done = t.run("-l", "store", "--to", f"file://{t.path('other')}", "build/crashy.exe")
  holds(done.err, f"{ALONE}, nor in {t.path('other')}")


@case("images that carry their debug information, or have a record without a name, want nothing")
def content(t):
  for sample in "dotnet/Embedded.dll", "mingw/hello-build-id.exe", "mingw/hello32.exe", "mingw/hello.exe":
    t.take("windows/" + sample)
  t.take("linux/crashy")
  same(t.run("-l", "store", "build").err, "")


@case("of several CodeView records the last names the PDB; NB10 and portable PDBs go by their own rules")
def other_records(t):
  t.take("windows/dotnet/System.Ready.dll")
  t.take("windows/dotnet/Plugin.pdb", "build/System.Ready.pdb")
  same(t.run("-l", "store", "build").err, "")
  done = t.run("-l", "sentry", "--for", "sentry", "--format", "json", "build/System.Ready.dll", "--no-pairs")
  same(list(done.actions()), ["cc/ddeeffaabb889977665544332211001/executable"], "Symbolicator goes by the first")
  t.take("windows/old/nb10.dll")
  holds(t.run("-l", "store2", "build").err, "its nb10.pdb 37A8F40E2 is not in this upload\n")


@case("a stripped ELF wants its companion by build-id; the name is only for what is wrong")
def elf(t):
  ident = build_id_of("linux/crashy")
  t.take("linux/stripped/crashy")
  args = ["--for", "gdb,debuginfod", "build"]
  alone = f"crashes in crashy will not symbolicate: its crashy.debug {ident} is not in this upload"
  same(t.run("-l", "store", *args).err, f"warning: build/crashy: {alone}\n")
  t.take("linux/crashy.debug", "debug/other.name")
  same(t.run("-l", "store", *args, "debug").err, "")
  same(t.run("-l", "store", *args).err, "", "now the store has it")
  same(t.run("-l", "empty", "-n", "--for", "windbg", "build", status=1).err.count("will not"), 0,
       "who never asks for an ELF misses nothing")
  os.rename(t.path("debug/other.name"), t.path("debug/crashy.debug"))
  other = ident[:-2] + "ff"
  patched(t, "debug/crashy.debug", bytes.fromhex(ident), bytes.fromhex(other))
  holds(t.run("-l", "store2", *args, "debug").err, f"{alone} (found {other}, another build: debug/crashy.debug)\n")


@case("debug information that dwz shared among files wants the file of what they have alike, by build-id")
def dwz(t):
  ident = build_id_of("linux/dwz/engine.debug")
  t.take("linux/dwz/crashy")
  args = ["--for", "gdb", "build"]
  alone = f"debuggers get no lines from crashy: its dwz file engine.debug of build-id {ident} is not in this upload"
  same(t.run("-l", "store", *args).err, f"warning: build/crashy: {alone}\n")
  t.take("linux/dwz/engine.debug", "shared/other.name")
  same(t.run("-l", "store2", *args, "shared").err, "")
  holds(t.run("why", "-l", "store", *args, status=1).out, "engine.debug, which build/crashy wants\n  missing ")
  same(t.run("-l", "store", "--for", "gdb", "shared").err, "")
  same(t.run("-l", "store", *args).err, "", "now the store has it")


@case("where no debuglink gives a name, the unstripped image is asked for, as Android's builds keep it")
def unnamed_elf(t):
  t.take("linux/no-sections.so")
  done = t.run("-l", "store", "--for", "gdb", "build")
  holds(done.err, "no-sections.so will not symbolicate: its unstripped no-sections.so or no-sections.so.debug "
        "of build-id 7926f2a78ba71d94b8761ed28ca87ff6 is not in this upload\n")


@case("a companion of the right build-id whose CRC is not the debuglink's is told, and is no missing one")
def crc(t):
  t.take("linux/stripped/crashy")
  t.take("linux/crashy.debug", "debug/crashy.debug")
  args = ["--for", "gdb", "build", "debug", "--require-pairs"]
  same(t.run("-l", "store", *args).err, "")
  with open(t.path("debug/crashy.debug"), "ab") as file:
    file.write(b"\0")
  done = t.run("-l", "store2", *args)
  holds(done.err, "warning: build/crashy: its crashy.debug has the right build-id, but CRC ",
        " and not f839e648, as .gnu_debuglink has it: changed or damaged since: debug/crashy.debug")


@case("a stripped image of mingw's wants the DWARF that its debuglink names, where a reader asks for that")
def mingw_debuglink(t):
  t.take("windows/mingw/stripped/hello-debuglink.exe")
  t.take("windows/mingw/hello-build-id.debug", "debug/hello-build-id.debug")
  args = ["--for", "gdb,windbg", "--dry-run", "-l", "store", "build"]
  missing = "its hello-build-id.debug EB55B102BF04437CE476CF62448363EB1 is not in this upload"
  same(t.run(*args).err, "warning: build/hello-debuglink.exe: crashes in hello-debuglink.exe will not symbolicate: "
       f"{missing}\n")
  same(t.run(*args, "debug").err, "")
  holds(t.run("-l", "store", "build").err, "it names no PDB and holds no debug information")
  with open(t.path("debug/hello-build-id.debug"), "ab") as file:
    file.write(b"\0")
  holds(t.run(*args, "debug").err, "its hello-build-id.debug has the right build-id, but CRC ")


@case("a Mach-O image wants its dSYM, slice by slice")
def macho(t):
  t.take("macos/libengine.dylib")
  done = t.run("-l", "store", "--for", "lldb", "build")
  for arch in "x86_64", "arm64":
    holds(done.err, f"its {arch} dSYM {uuid_of(f'macos/libengine-{arch}.dylib')} is not in this upload")
  same(done.err.count("no unwind information"), 1, "what both slices lack is told once")
  shutil.copytree(os.path.join(FILES, "macos/libengine.dylib.dSYM"), t.path("build/libengine.dylib.dSYM"))
  lacks(t.run("-l", "store2", "--for", "lldb", "build").err, "will not symbolicate")
  done = t.run("-l", "store3", "--for", "bugsplat", "build/libengine.dylib")
  holds(done.err, "dSYM")
  holds(t.run("-l", "store3", "--for", "bugsplat", "build/libengine.dylib").err, "dSYM",
        "will not symbolicate")  # the image itself stands where a dSYM would


@case("a .sym is as good as the file it was made of, where readers take it")
def sym(t):
  t.take("windows/crashy.exe")
  t.write("build/crashy.sym", f"MODULE windows x86_64 {CRASHY_ID} crashy.pdb\nINFO CODE_ID 65F0C0DE3000 crashy.exe\n"
                              "FUNC 1000 10 0 main\nSTACK CFI INIT 1000 10 .cfa: $rsp 8 +\n")
  same(t.run("-l", "store", "--for", "bugsplat", "build").err, "")
  holds(t.run("-l", "store2", "build").err, ALONE)


@case("fastlink and public PDBs, and .sym files without lines, stacks or CODE_ID are told, each once")
def other_flaws(t):
  t.take("windows/odd/fastlink.pdb")
  t.take("windows/public/crashy.pdb")
  t.take("breakpad/no-end-of-line.sym")
  t.take("breakpad/engine.pdb.sym")
  t.take("windows/odd/tiny.sys")
  done = t.store("--for", "windbg,breakpad", "build")
  same(sorted(warned(done)), sorted([
    ("fastlink.pdb", "fastlink"), ("crashy.pdb", "public"), ("tiny.sys", "no-debug"),
    ("engine.pdb.sym", "no-unwind"), ("no-end-of-line.sym", "no-unwind"),
    ("no-end-of-line.sym", "no-debug"), ("no-end-of-line.sym", "no-code-id")]))
  done = t.store("--for", "windbg", "build")
  lacks(str(warned(done)), ".sym'")  # they are not delivered


@case("statuses: --require-pairs is 3 where an image goes without, --strict for any warning, --no-pairs for none")
def statuses(t):
  t.take("windows/crashy.exe")
  t.take("windows/public/crashy.pdb")
  t.run("-l", "store", "build", "--require-pairs")
  t.run("-l", "store", "build", "--strict", status=3)
  t.run("-l", "store", "build", "--strict", "--no-pairs")
  done = t.run("-l", "store2", "build/crashy.exe", "--require-pairs", status=3)
  holds(done.err, f"error: build/crashy.exe: {ALONE}", "error: --require-pairs: 1 image is without debug information")
  same(len(t.symbols("store2")), 1, "and it is delivered all the same")
  same(t.run("-l", "store2", "build/crashy.exe", "--no-pairs").err, "")
  t.write("symbol-upload.yaml", "no-pairs: true\n")
  same(t.run("-l", "store2", "build/crashy.exe").err, "")
  t.run("-l", "store2", "build/crashy.exe", "--require-pairs", status=3)


@case("JSON lines tell what is wanted and what was found, before the first delivery; a receipt stays as it was")
def json_lines(t):
  guid = guid_of("windows/odd/eleventh.pdb")
  t.take("windows/odd/eleventh.exe")
  t.take("windows/odd/eleventh.pdb")
  patched(t, "build/eleventh.exe", record(guid + "b"), record(guid + "c"))
  done = t.store("build", "--receipt", "with")
  first = done.objects()[0]
  same((first["path"], first["warning"]["code"]), ("build/eleventh.exe", "other-age"))
  same(first["wants"], [{"name": "eleventh.pdb", "debug_id": guid + "c"}])
  same(first["found"], {"path": "build/eleventh.pdb", "debug_id": guid + "b"})
  holds(first["warning"]["message"], "will not symbolicate", "an older build")
  same(done.summary()["unpaired"], 1)
  shutil.rmtree(t.path("store"))
  without = t.store("build", "--receipt", "without", "--no-pairs")
  assert "unpaired" not in without.summary()
  same([o for o in done.objects() if "key" in o], [o for o in without.objects() if "key" in o])
  same(t.read("with"), t.read("without"))


@case("others' libraries do not drown the report: 20 are named, the rest and all copies counted")
def many(t):
  image = t.take("windows/engine.dll", "engine.dll")
  guid = ENGINE_ID[:-1]
  for i in range(45):
    t.write(f"build/lib{i:02}.dll", t.read(image).replace(record(ENGINE_ID), record(f"{guid[:-2]}{i:02X}1")))
  for i in range(7):
    shutil.copy(t.path("build/lib00.dll"), t.path(f"build/zcopy{i}.dll"))
  t.take("windows/odd/eleventh.pdb")
  t.take("windows/odd/eleventh.exe")
  ident = guid_of("windows/odd/eleventh.pdb")
  patched(t, "build/eleventh.exe", record(ident + "b"), record(ident + "c"))
  said = []
  for jobs in "1", "8":
    done = t.run("-l", f"store{jobs}", "build", "-j", jobs)
    said.append(done.err)
    lines = [line for line in done.err.splitlines() if "will not symbolicate" in line]
    same(len(lines), 21)
    holds(done.err, "an older build", "\nwarning: 32 more: debug information missing (--verbose names them)\n")
    lacks(done.err, "zcopy")
  same(said[0], said[1], "whatever -j")
  same(t.run("-l", "store", "-n", "--verbose", "build").err.count("will not symbolicate"), 53)
  same(len(warned(t.store("build"))), 53)


@case("a server is asked for what the run has not, once for each file, and for nothing else")
def remote(t):
  for sample in "windows/crashy.exe", "windows/engine.dll", "windows/engine.pdb":
    t.take(sample)
  shutil.copy(t.path("build/crashy.exe"), t.path("build/zcopy.exe"))
  with SmallServer() as server:
    done = t.run("--to", server.url, "build", "-n")
    same(done.err, f"warning: build/crashy.exe: {ALONE}\nwarning: 1 more: debug information missing "
                   "(--verbose names them)\n")
    same(sorted(p for p in server.asked("HEAD") if p.startswith("crashy.pdb")), sorted([CRASHY, CRASHY[:-1] + "_"]))
    same(server.files, {})
    del server.requests[:]
    server.files["/store/" + CRASHY] = b"somebody's"
    lacks(t.run("--to", server.url, "build", "--require-pairs").err, "symbolicate")
    same(server.asked("HEAD").count(CRASHY), 1)
    lacks(str(server.asked("HEAD")), ENGINE[:-1] + "_")


@case("a server that does not tell costs no delivery, and the run says that it did not")
def mute(t):
  t.take("windows/crashy.exe")
  with SmallServer(answer=lambda method, path: (403, {}, b"") if method != "PUT" and path.endswith(".pdb") else None) as server:
    done = t.run("--to", server.url, "build")
    holds(done.err, f"{ALONE}, and {server.url} does not say whether it has it")
    same(len(server.files), 1)


@case("that DWARF is split is seen in compressed sections, too; damaged ones are passed over")
def split_dwarf(t):
  for name in "split-dwarf.so", "split-dwarf-zlib.so", "split-dwarf-zstd.so", "libengine-compressed.so":
    t.take(f"linux/{name}")
  holds(t.run("-l", "third", t.take("linux/dwz/crashy-dwarf5", "dwz/crashy"), "--for", "gdb").err,
        "is in a file for which no reader asks a store")
  same(sorted(warned(t.store("--for", "gdb", "build"))),
       [(f"split-dwarf{name}.so", "split-dwarf") for name in ("-zlib", "-zstd", "")])
  for name in "split-dwarf-zlib.so", "split-dwarf-zstd.so":
    data = t.read(f"build/{name}")
    at = data.index({"zlib": b"\x01\0\0\0\0\0\0\0\x80\x01", "zstd": b"\x02\0\0\0\0\0\0\0\x80\x01"}[name[12:16]])
    t.write(f"damaged/{name}", data[:at + 24] + b"\xff" * 40 + data[at + 64:])
  same(warned(t.run("-l", "second", "--format", "json", "--for", "gdb", "damaged")), [])


@case("with a journal a server is not asked again for an image that has not changed")
def journal(t):
  t.take("windows/crashy.exe")
  time.sleep(2.05)  # a journal trusts no file that is younger
  with SmallServer() as server:
    args = ["--to", server.url, "--journal", "j", "build"]
    holds(t.run(*args).err, ALONE)
    del server.requests[:]
    lacks(t.run(*args).err, ALONE)
    same(server.requests, [])
    holds(t.run(*args, "--require-pairs", status=3).err, ALONE)


@case("nothing is said of a part of a run, which does not see all files")
def shards(t):
  t.take("windows/crashy.exe")
  for part in "1/2", "2/2":
    lacks(t.run("-l", "store", "--shard", part, "build").err, "symbolicate")


@case("names out of files write nothing to the terminal, and not into another line")
def safe(t):
  t.take("windows/crashy.exe", "build/a\x1b[2J\nb.exe")
  patched(t, "build/a\x1b[2J\nb.exe", b"crashy.pdb\0", b"\x1b[31mx.pdb\0")
  done = t.run("-l", "store", "build", status=None)
  lacks(done.err + done.out, "\x1b")
