# SPDX-License-Identifier: MIT
"""Symbol files in archives, and files that are packed alone."""
import bz2
import gzip
import io
import lzma
import os
import resource
import shutil
import signal
import struct
import subprocess
import tarfile
import zipfile

from harness import CRASHY, ENGINE, FILES, case, end, holds, lacks, need, pdb_with, same, until

SAMPLES = ("windows/crashy.exe", "windows/crashy.pdb", "windows/compressed/engine.pd_", "linux/libengine.so.1",
           "linux/libengine.so.1.debug", "macos/libengine.dylib",
           "macos/libengine.dylib.dSYM/Contents/Resources/DWARF/libengine.dylib")
READERS = "--for", "windbg,gdb,bugsplat,lldb"


def some(t, folder="build"):
  """Samples of all systems, and a file that is none."""
  for sample in SAMPLES:
    t.take(sample, f"{folder}/{sample}")
  t.write(f"{folder}/read.me", "words " * 50_000)


def zipped(t, name, files, how=zipfile.ZIP_DEFLATED):
  """A zip of name -> bytes, or the path of a file."""
  os.makedirs(os.path.dirname(t.path(name)), exist_ok=True)
  with zipfile.ZipFile(t.path(name), "w", how) as archive:
    for inside, data in files.items():
      archive.writestr(inside, data if isinstance(data, bytes) else t.read(data))
  return name


def bsdtar(t, name, *how):
  subprocess.run([need("bsdtar"), *how, "-cf", t.path(name), "build"], cwd=t.folder, check=True)


def deb(t, name):
  """As dpkg-deb makes one: an ar of control.tar and data.tar.xz."""
  data = io.BytesIO()
  with tarfile.open(fileobj=data, mode="w:xz") as archive:
    archive.add(t.path("build"), "./usr/lib/debug")
  members = (b"debian-binary", b"2.0\n"), (b"control.tar", b"\0" * 10240), (b"data.tar.xz", data.getvalue())
  out = b"!<arch>\n"
  for member, content in members:
    out += b"%-16s%-12d%-6d%-6d%-8s%-10d`\n" % (member, 0, 0, 0, b"100644", len(content))
    out += content + b"\n" * (len(content) % 2)
  t.write(name, out)


def rpm(t, name, *how):
  """Lead, signature, header, and behind them a packed cpio: what rpm2cpio passes over and gives out."""
  def header(entries):
    store = b"".join(value for _, value in entries)
    index, at = b"", 0
    for tag, value in entries:
      index += struct.pack(">IIII", tag, 7, at, len(value))
      at += len(value)
    return b"\x8e\xad\xe8\x01\0\0\0\0" + struct.pack(">II", len(entries), len(store)) + index + store
  bsdtar(t, "payload", *how, "--format", "newc")
  lead = b"\xed\xab\xee\xdb\x03\0\0\0\0\x01" + b"t".ljust(66, b"\0") + b"\0\x01\0\x05" + b"\0" * 16
  t.write(name, lead + header([(1000, b"\0" * 8)]) + header([(1000, b"name\0")]) + t.read("payload"))


def stored(t, *args, store="store", **more):
  """What a delivery makes of it: path in the store -> SHA-256."""
  t.run("-l", store, *READERS, *args, **more)
  return t.content(store)


@case("whatever they are packed in, files are stored as if they lay in a folder")
def kinds(t):
  some(t)
  want = stored(t, "-f", "build/**/*", store="loose")
  assert len(want) > 8, want
  for name, program in ("a.zip", "zip"), ("a.tar", "tar"), ("a.tar.gz", "gztar"), ("a.tar.bz2", "bztar"), \
                       ("a.tar.xz", "xztar"):
    shutil.make_archive(t.path("a"), program, t.folder, "build")
    same(stored(t, "-f", name, store=name + ".store"), want, name)
  for name, how in ("b.7z", ["--format", "7zip"]), ("b.tar.zst", ["--zstd"]), ("b.tar.lz4", ["--lz4"]), \
                   ("b.zip", ["--format", "zip", "--options", "zip:compression=store"]):
    bsdtar(t, name, *how)
    same(stored(t, "-f", name, store=name + ".store"), want, name)
  for name, make in ("c.deb", deb), ("c.rpm", lambda *to: rpm(*to, "-J")), ("old.rpm", lambda *to: rpm(*to, "-z")), \
                    ("plain.rpm", rpm):
    make(t, name)
    same(stored(t, "-f", name, store=name + ".store"), want, name)


@case("archives in archives are opened, too")
def nested(t):
  some(t)
  want = stored(t, "-f", "build/**/*", store="loose")
  deb(t, "c.deb")
  zipped(t, "inner.zip", {"packages/c.deb": "c.deb"})
  zipped(t, "outer.zip", {"artifacts/inner.zip": "inner.zip"}, zipfile.ZIP_STORED)
  same(stored(t, "-f", "outer.zip"), want)


@case("an archive that lies too deep for being opened is named, and keeps nothing else back")
def deep(t):
  engine = t.read(t.take("windows/engine.pdb"))
  inner = {"engine.pdb": engine}
  for depth in range(5):
    zipped(t, f"{depth}.zip", inner)
    inner = {f"{depth}.zip": f"{depth}.zip", f"{depth}.pdb": pdb_with(f"{depth + 1:032X}", 0)}
  done = t.run("-l", "store", "4.zip")
  same(len(t.symbols()), 4)
  holds(done.err, "4.zip/3.zip/2.zip/1.zip/0.zip: an archive inside of 4 others is not looked into")
  t.run("-l", "store2", "3.zip", "--strict")
  holds(str(t.symbols("store2")), ENGINE)


@case("a file that is packed alone goes by its name without the packer's ending")
def alone(t):
  t.take("windows/crashy.pdb", "build/crashy.pdb")
  for program, ending in ("gzip", "gz"), ("xz", "xz"), ("bzip2", "bz2"):
    packed = subprocess.run([need(program), "-c", t.path("build/crashy.pdb")], stdout=subprocess.PIPE, check=True)
    t.write(f"crashy.pdb.{ending}", packed.stdout)
    done = t.run("-l", f"store-{ending}", "--format", "json", f"crashy.pdb.{ending}")
    same(done.actions(), {CRASHY: "stored"})
    same(done.objects()[0]["member"], "crashy.pdb")
  whole = t.read("build/crashy.pdb")
  parts = [gzip.compress(whole[:9000]), gzip.compress(whole[9000:])]  # as pigz and logrotate join them
  for store, padding in ("store-parts", b""), ("store-padded", bytes(70000)):  # as on a tape
    t.write("crashy.pdb.gz", b"".join(parts) + padding)
    same(t.run("-l", store, "--format", "json", "crashy.pdb.gz").actions(), {CRASHY: "stored"})
    same(t.read(f"{store}/{CRASHY}"), whole)
  for name, packed in ("cut", parts[0] + parts[1][:-4]), ("more", parts[0] + parts[1] + b"more"):
    t.write(f"{name}.pdb.gz", packed)
    holds(t.run("-l", "store-none", f"{name}.pdb.gz", status=1).err, f"{name}.pdb.gz: gzip finds it damaged")


@case("JSON lines, receipts and inspect name the archive, and the path in it; text names both in one")
def named(t):
  zipped(t, "a.zip", {"x64/crashy.pdb": t.take("windows/crashy.pdb"), "half.pdb": t.read("build/crashy.pdb")[:9000]})
  done = t.store("a.zip", "--receipt", "receipt")
  delivered, half = (next(o for o in done.objects() if o.get("action") == action) for action in ("stored", "skipped"))
  same([delivered["path"], delivered["member"]], ["a.zip", "x64/crashy.pdb"])
  same([half["path"], half["member"], half["error"]["code"]], ["a.zip", "half.pdb", "malformed"])
  holds(t.read("receipt").decode(), '{"path":"a.zip","member":"x64/crashy.pdb",')
  t.run("verify", "-l", "store", "--receipt", "receipt")
  seen = t.run("inspect", "--format", "json", "a.zip", status=1).objects()
  same([(o["path"], o["member"], "error" in o) for o in seen],
       [("a.zip", "x64/crashy.pdb", False), ("a.zip", "half.pdb", True)])
  holds(t.run("-l", "other", "a.zip").err, "a.zip/half.pdb: the file is cut short")


@case("an archive that lies in a folder is looked into where a pattern or a name asks for it")
def asked(t):
  zipped(t, "build/a.zip", {"crashy.pdb": t.take("windows/crashy.pdb", "crashy.pdb")})
  hint = '; archives (1 here) are looked into only if a path names them or a pattern matches them (-f "**/*.zip")\n'
  done = t.run("-l", "store", "build", status=1)
  holds(done.err, "the file that was found is no symbol file" + hint)
  holds(done.out, "passed over 1 file that is no symbol file" + hint)
  same(t.symbols(), [])
  lacks(t.run("-l", "store", "-d", "build", "-f", "*.zip").out, "here")
  same(t.symbols(), [CRASHY])
  done = t.run("inspect", "build")
  lacks(done.out, "crashy.pdb")
  holds(done.err, "1 of these files is no symbol file" + hint)
  holds(t.run("inspect", "build/a.zip").out, CRASHY)


@case("an archive without symbol files is told of")
def nothing(t):
  zipped(t, "a.zip", {"read.me": b"words"})
  holds(t.run("-l", "store", "a.zip", status=1).err, "a.zip: an archive with no symbol file in it")
  zipped(t, "b.zip", {"looks.map": b"{" + b" " * 100_000 + b"}"})  # it takes more than its beginning to tell
  holds(t.run("-l", "store", "b.zip", status=1).err, "b.zip: an archive with no symbol file in it")


@case("a library of object files is no archive of symbol files")
def library(t):
  subprocess.run([need("ar"), "rc", t.path("a.a"), os.path.join(FILES, "linux/hello.o")], check=True)
  holds(t.run("-l", "store", "a.a", status=1).err, "a.a: not a symbol file")


@case("names in UTF-8 are read as such, whatever the locale")
def names(t):
  t.take("windows/crashy.pdb", "build/grün/é.pdb")
  want = stored(t, "-f", "build/**/*", store="loose")
  zipped(t, "a.zip", {"grün/é.pdb": "build/grün/é.pdb"})
  for name, kind in ("a.7z", "7zip"), ("b.zip", "zip"), ("a.tar", "pax"), ("b.tar", "gnutar"):
    bsdtar(t, name, "--format", kind)
  for name in "a.7z", "a.zip", "b.zip", "a.tar", "b.tar":
    same(stored(t, "-f", name, store=name + ".store", env={"LC_ALL": "C"}), want, name)


@case("of files that are one in a cpio, the last has the bytes")
def linked(t):
  t.take("linux/libengine.so.1.debug", "build/a.debug")
  os.link(t.path("build/a.debug"), t.path("build/b.debug"))
  bsdtar(t, "a.cpio", "--format", "newc")
  rpm(t, "a.rpm", "-J")
  for name in "a.cpio", "a.rpm":
    t.run("-l", name + ".store", "--for", "gdb", name)
    holds(str(t.symbols(name + ".store")), ".build-id/a7/2d8e9c11819c154b899f49f1e78b754ccb4270.debug")


@case("of a cut or damaged archive what is whole is stored, and the rest is named")
def damaged(t):
  for name in "crashy.pdb", "engine.pdb":
    t.take(f"windows/{name}", name)
  with tarfile.open(t.path("whole.tar"), "w") as archive:
    archive.add(t.path("crashy.pdb"), "crashy.pdb")
    archive.add(t.path("engine.pdb"), "engine.pdb")
  t.write("cut.tar", t.read("whole.tar")[:os.path.getsize(t.path("crashy.pdb")) + 512 + 512 + 20_000])
  done = t.run("-l", "store", "cut.tar")
  same(t.symbols(), [CRASHY])
  holds(done.err, "cut.tar/engine.pdb: it cannot be unpacked: ", "cut.tar: the rest of the archive cannot be unpacked")

  subprocess.run([need("tar"), "-cf", "header.tar", "crashy.pdb", "engine.pdb"], cwd=t.folder, check=True)
  data = bytearray(t.read("header.tar"))
  data[data.index(b"engine.pdb\0")] ^= 1
  t.write("header.tar", bytes(data))
  done = t.run("-l", "store4", "header.tar")
  same(t.symbols("store4"), [CRASHY])
  holds(done.err, "header.tar: the archive cannot be unpacked: Damaged tar archive")

  zipped(t, "a.zip", {"crashy.pdb": "crashy.pdb", "engine.pdb": "engine.pdb"}, zipfile.ZIP_STORED)
  data = bytearray(t.read("a.zip"))
  data[5000] ^= 1  # in crashy.pdb
  t.write("bad.zip", bytes(data))
  done = t.run("-l", "store2", "bad.zip")
  same(t.symbols("store2"), [ENGINE])
  holds(done.err, "bad.zip/crashy.pdb: it cannot be unpacked: ZIP bad CRC")
  t.run("-l", "store3", "--strict", "bad.zip", status=3)


@case("nothing of an archive is stored whose one checksum comes last, and is wrong or missing")
def unproven(t):
  for name in "crashy.pdb", "engine.pdb":
    t.take(f"windows/{name}")
  for program, ending in ("gztar", ".tar.gz"), ("xztar", ".tar.xz"), ("bztar", ".tar.bz2"):
    shutil.make_archive(t.path("a"), program, t.folder, "build")
    whole = t.read("a" + ending)
    for at in len(whole) // 2, len(whole) - 6:
      t.write(f"cut{ending}", whole[:at])
      holds(t.run("-l", "store", f"cut{ending}", status=1).err, f"warning: cut{ending}: ")
      same(t.symbols(), [], f"{ending} of {at} bytes")
  bsdtar(t, "plain.tar")
  packed = bytearray(subprocess.run([need("gzip"), "-c", "-1", t.path("plain.tar")], stdout=subprocess.PIPE,
                                    check=True).stdout)
  packed[-8] ^= 1  # the checksum: whatever was damaged, only this tells
  t.write("bad.tar.gz", bytes(packed))
  holds(t.run("-l", "store", "bad.tar.gz", status=1).err, "bad.tar.gz: gzip finds it damaged")
  lacks(t.run("inspect", "bad.tar.gz", status=1).out, "windbg")
  t.write("bad.tar.gz.xz", lzma.compress(packed))
  holds(t.run("-l", "store", "bad.tar.gz.xz", status=1).err, "bad.tar.gz.xz/bad.tar.gz: gzip finds it damaged")
  rpm(t, "a.rpm", "-z")
  broken = bytearray(t.read("a.rpm"))
  broken[-8] ^= 1
  t.write("bad.rpm", bytes(broken))
  holds(t.run("-l", "store", "bad.rpm", status=1).err, "bad.rpm: gzip finds it damaged")
  zipped(t, "outer.zip", {"bad.tar.gz": "bad.tar.gz", "crashy.pdb": "build/crashy.pdb"}, zipfile.ZIP_STORED)
  holds(t.run("-l", "store2", "outer.zip").err, "outer.zip/bad.tar.gz: gzip finds it damaged")
  same(t.symbols("store2"), [CRASHY])


@case("what cannot be used in an archive keeps nothing else in it back")
def unusable(t):
  engine = t.take("windows/engine.pdb")
  rpm(t, "lzma.rpm", "--lzma")
  pdb = t.read(t.take("windows/crashy.pdb", "crashy.pdb"))
  zipped(t, "a.zip", {"old.rpm": "lzma.rpm", "cut.rpm": t.read("lzma.rpm")[:130],
                      "d/" * 2100 + "far.pdb": t.read(engine), "crashy.pdb": pdb})
  done = t.run("-l", "store", "a.zip")
  same(t.symbols(), [CRASHY])
  holds(done.err, "a.zip/old.rpm: an rpm that is packed by none of gzip, xz, ", "a.zip/cut.rpm: the rpm is cut short",
        "its path has more than 4095 bytes")


@case("what unpacks to far more than an archive of symbols does is refused, and leaves nothing")
def bomb(t):
  head, zeros = pdb_with("0" * 31 + "1", 0), b"\0" * (1 << 20)
  with zipfile.ZipFile(t.path("a.zip"), "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr("engine.pdb", open(os.path.join(FILES, "windows/engine.pdb"), "rb").read())
    with archive.open("big.pdb", "w") as file:
      file.write(head)
      for _ in range(300):
        file.write(zeros)
  holds(t.run("-l", "store", "a.zip").err, "a.zip: it unpacks to more than 64 times its size")
  same(t.symbols(), [ENGINE])


@case("names in an archive lead nowhere else, and no terminal obeys them")
def climbing(t):
  pdb = t.read(t.take("windows/crashy.pdb"))
  zipped(t, "a.zip", {"../../../outside/crashy.pdb": pdb, "/root/crashy.pdb": pdb, "x\\..\\..\\crashy.pdb": pdb,
                      "\x1b[31m.pdb": pdb, "..": pdb})
  done = t.run("-l", "a/b/store", "a.zip")
  same(t.symbols("a/b/store"), [CRASHY])
  lacks(done.out + done.err, "\x1b")
  assert not os.path.exists(t.path("outside")) and not os.path.exists(t.path("a/outside"))


@case("who gets a path: the richer, then a loose file, then the first archive; whatever the threads")
def winners(t):
  public, private = t.take("windows/public/crashy.pdb", "public.pdb"), t.take("windows/crashy.pdb", "private.pdb")
  other = pdb_with("0" * 31 + "1", 20_000)
  t.write("loose/mine.pdb", other)
  zipped(t, "a.zip", {"crashy.pdb": public, "mine.pdb": other + b"x"})
  zipped(t, "b.zip", {"crashy.pdb": private, "deep/crashy.pdb": public})
  seen = []
  for threads in "1", "2", "8":
    done = t.run("-l", f"store{threads}", "-j", threads, "-f", "*.zip", "-f", "loose/*",
                 "--receipt", f"receipt{threads}")
    seen.append((done.out.splitlines()[:-2], t.content(f"store{threads}"), t.read(f"receipt{threads}").replace(
      f"store{threads}".encode(), b"store")))
  same(t.read(f"store1/{CRASHY}"), t.read("private.pdb"))
  same(t.read("store1/mine.pdb/000000000000000000000000000000011/mine.pdb"), other)
  assert seen[0][1:] == seen[1][1:] == seen[2][1:], seen


@case("with a journal, files of one archive that want one path are told apart")
def journal(t):
  zipped(t, "a.zip", {"crashy.pdb": t.take("windows/crashy.pdb"),
                      "public/crashy.pdb": t.take("windows/public/crashy.pdb", "public.pdb")})
  os.utime(t.path("a.zip"), (1, 1))
  first = [o.get("action") for o in t.store("a.zip", "--journal", "j").objects()]
  holds(str(first), "stored", "kept")
  again = [o.get("action") for o in t.store("a.zip", "--journal", "j").objects()]
  same(again, ["present" if action == "stored" else action for action in first])


@case("check and check --deep ask for what is in an archive; a dry run tells where it would go")
def asking(t):
  zipped(t, "a.zip", {"crashy.pdb": t.take("windows/crashy.pdb")})
  holds(t.run("-l", "store", "-n", "a.zip").out, "planned   a.zip/crashy.pdb -> store/" + CRASHY)
  t.run("check", "-l", "store", "-f", "a.zip", status=1)
  t.run("-l", "store", "a.zip")
  t.run("check", "-l", "store", "-f", "a.zip")
  t.run("check", "--deep", "-l", "store", "-f", "a.zip")
  with open(t.path("store", CRASHY), "r+b") as file:
    file.seek(40_000)
    file.write(b"x")
  t.run("check", "--deep", "-l", "store", "-f", "a.zip", status=1)


@case("pairs are found across archives, and .gnu_debuglink's sum is that of the file inside")
def paired(t):
  zipped(t, "a.zip", {"bin/crashy": t.take("linux/stripped/crashy")})
  zipped(t, "b.zip", {"first.pdb": pdb_with("0" * 31 + "1", 0), "crashy.debug": t.take("linux/crashy.debug")})
  t.run("-l", "store", "--for", "gdb", "a.zip", "b.zip", "--require-pairs")
  zipped(t, "b.zip", {"crashy.debug": t.read("build/crashy.debug") + b"\0"})
  holds(t.run("-l", "store2", "--for", "gdb", "a.zip", "b.zip").err, "has the right build-id, but CRC ")


@case("-m does not read them; BugSplat's own zips go as they are")
def dumping(t):
  t.write("dump_syms", "#!/bin/sh\nexit 1\n")
  os.chmod(t.path("dump_syms"), 0o755)
  zipped(t, "a.zip", {"crashy.pdb": t.take("windows/crashy.pdb")})
  holds(t.run("-m", "--dump-syms", "./dump_syms", "--for", "breakpad", "-l", "store", "a.zip", status=1).err,
        "a.zip/crashy.pdb: dump_syms takes no packed file: unpack it")


@case("where there is no room to unpack, the archive fails by name, and other files go")
def no_room(t):
  t.write("tmp/.keep")
  zipped(t, "a.zip", {"big.pdb": pdb_with("0" * 31 + "1", 300_000)})
  done = t.run("-l", "store", "a.zip", t.take("windows/crashy.pdb"), env={"TMPDIR": t.path("tmp")},
               limits=[(resource.RLIMIT_FSIZE, 200_000)], status=1)
  holds(done.err, "a.zip: unpacking it to the folder for temporary files (TMPDIR): cannot write")
  same(t.symbols(), [CRASHY])
  holds(t.run("-l", "store", "a.zip", env={"TMPDIR": t.path("nowhere")}, status=1).err,
        "a.zip: unpacking it to the folder for temporary files (TMPDIR): cannot make a temporary file in ")


def has_spool(run):
  """Has the run a file open that has no name? TSan has one, too, before the program begins."""
  folder = f"/proc/{run.pid}/fd"
  try:
    names = [os.readlink(os.path.join(folder, fd)) for fd in os.listdir(folder)]
    return any("(deleted)" in name and "tsan." not in name for name in names)
  except FileNotFoundError:  # it was closed in between
    return False


@case("a run that is stopped while it unpacks ends soon, and leaves nothing behind")
def stopped(t):
  t.write("tmp/.keep")
  with zipfile.ZipFile(t.path("a.zip"), "w", zipfile.ZIP_STORED) as archive:
    for i in range(100):
      archive.writestr(f"m{i}.pdb", pdb_with(f"{i:032X}", 1_000_000))
  run = t.start("-l", "store", "a.zip", env={"TMPDIR": t.path("tmp")})
  until(lambda: has_spool(run), run)
  run.send_signal(signal.SIGINT)
  end(run, None)
  same(t.tree("tmp"), [".keep"])


def slow(t, name):
  """A tar.bz2 of which unpacking takes seconds, with two symbol files at its beginning."""
  def member(name, data):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    return bz2.compress(info.tobuf() + data + b"\0" * (-len(data) % 512))
  zeros = member("zeros", bytes(64 << 20))
  pdbs = [member(f"{i}.pdb", pdb_with(f"{i:032X}", 1000)) for i in (1, 2)]
  t.write(name, b"".join(pdbs) + zeros * 15 + bz2.compress(b"\0" * 1024))


@case("--budget ends within an archive, which is left as a whole")
def budget(t):
  slow(t, "a.tar.bz2")
  done = t.run("-l", "store", "a.tar.bz2", "--budget", "1s", status=1)
  holds(done.err, "--budget: the time is over, and 1 file is left (")
  same(t.symbols(), [])


@case("of an archive that changes while it is unpacked nothing is stored")
def changing(t):
  slow(t, "a.tar.bz2")
  t.write("tmp/.keep")
  run = t.start("-l", "store", "a.tar.bz2", env={"TMPDIR": t.path("tmp")})
  until(lambda: has_spool(run), run)
  os.utime(t.path("a.tar.bz2"), (1, 1))
  holds(end(run, 1).err, "a.tar.bz2: the file changed while it was read")
  same(t.symbols(), [])
