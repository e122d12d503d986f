#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Samples that no tool of Debian's makes, crafted from those that tools made.

usage: craft.py FILES WORK      FILES: tests/files, WORK: what generate.sh left aside"""
import os
import shutil
import struct
import sys
import zlib

from msf import DBI, DBI_FLAGS, INFO, Msf

FILES, WORK = sys.argv[1:3]
STAMP, PDB_STAMP = 0x65F0C0DE, 0x9ABCDEF0
GUID = bytes(range(0, 256, 17))  # as stored: its first three fields are little-endian


def out(name):
  path = os.path.join(FILES, name)
  os.makedirs(os.path.dirname(path), exist_ok=True)
  return path


def write(name, data):
  with open(out(name), "wb") as file:
    file.write(data if isinstance(data, bytes) else data.encode())


# ---------------------------------------------------------------------- PDB --

def pdbs():
  crashy = out("windows/crashy.pdb")
  for block in 512, 1024, 2048:
    Msf(crashy).write(out(f"windows/pages/crashy-{block}.pdb"), block)

  pdb = Msf(f"{WORK}/source-indexed.pdb")  # pdbstr counts the info stream's age up, and only that
  pdb.set_info_age(4)
  pdb.write(out("windows/odd/source-indexed.pdb"))

  pdb = Msf(f"{WORK}/eleventh.pdb")  # an age whose digit is a letter
  pdb.set_info_age(11)
  pdb.set_dbi_age(11)
  pdb.write(out("windows/odd/eleventh.pdb"))
  image = bytearray(open(f"{WORK}/eleventh.exe", "rb").read())
  struct.pack_into("<I", image, image.index(b"RSDS") + 20, 11)
  write("windows/odd/eleventh.exe", bytes(image))

  pdb = Msf(crashy)  # what a compiler writes before there is an image: types, and no DBI stream
  pdb.streams = [pdb.streams[0], pdb.streams[INFO], pdb.streams[2], bytearray(), pdb.streams[4]]
  pdb.set_info_age(2)
  pdb.write(out("windows/odd/vc140.pdb"))

  pdb = Msf(crashy)  # link /debug:fastlink: one more word in the info stream's list of features
  pdb.streams[INFO] += struct.pack("<I", 0x494E494D)
  pdb.write(out("windows/odd/fastlink.pdb"))

  pdb = Msf(crashy)  # so many streams that the directory's map needs two blocks
  pdb.streams += [bytearray()] * 16500
  pdb.write(out("windows/odd/long-directory.pdb"), 512)

  pdb = Msf(crashy)
  pdb.streams[0] = None
  pdb.write(out("windows/odd/deleted-stream.pdb"))

  public, private = Msf(f"{WORK}/public.pdb"), Msf(crashy)  # link /pdbstripped: the identity stays
  public.streams[INFO][:28] = private.streams[INFO][:28]
  public.streams[DBI][DBI_FLAGS] |= 2
  public.write(out("windows/public/crashy.pdb"))

  data = open(crashy, "rb").read()
  write("windows/half-copied.pdb", data[:len(data) // 2 & ~0xFFF])


def pdb2():
  """PDB 2.0, told by its magic. Root: four streams, the second with version, signature, age."""
  page, info = 1024, struct.pack("<3I", 19941610, 0x37A8F40E, 2)
  root = struct.pack("<HH", 4, 0) + b"".join(struct.pack("<iI", n, 0) for n in (0, len(info), 0, 0))
  root += struct.pack("<H", 4)
  head = b"Microsoft C/C++ program database 2.00\r\n\x1aJG\0\0"
  head += struct.pack("<IHHIIH", page, 1, 5, len(root), 0, 3)
  write("windows/old/jg.pdb", b"".join(p.ljust(page, b"\0") for p in (head, b"", b"", root, info)))


def pdz():
  """The header of an MSFZ container: version, three places, and nothing in them."""
  head = b"Microsoft MSFZ Container\r\n\x1aALD\0\0"
  write("windows/odd/packed.pdz", head + struct.pack("<3Q6I", 0, 80, 80, 0, 0, 0, 0, 0, 0))


def dbg():
  """IMAGE_SEPARATE_DEBUG_HEADER with one section header."""
  head = struct.pack("<4H", 0x4944, 0, 0x14C, 0x10E)
  head += struct.pack("<10I", 0x35D9FD51, 0, 0x10000000, 0xB000, 1, 0, 0, 0x1000, 0, 0)
  write("windows/old/canon800.dbg", head + b".text\0\0\0" + bytes(32))


# ----------------------------------------------------------------------- PE --

def codeview(guid, age, name):
  return b"RSDS" + guid + struct.pack("<I", age) + name.encode() + b"\0"


def optional_header(wide, size, directories):
  """PE32 or PE32+: they differ by BaseOfData and the width of addresses and stack sizes."""
  head = struct.pack("<HBBIIIII", 0x20B if wide else 0x10B, 11, 0, size, 0, 0, 0, 0x2000)
  head += struct.pack("<Q", 0x180000000) if wide else struct.pack("<II", 0, 0x400000)
  head += struct.pack("<IIHHHHHH", 0x2000, 0x200, 4, 0, 0, 0, 4, 0)
  head += struct.pack("<IIIIHH", 0, 0x4000, 0x200, 0, 3, 0x8540)
  head += struct.pack("<4QII" if wide else "<4III", 0x100000, 0x1000, 0x100000, 0x1000, 0, 16)
  return head + b"".join(struct.pack("<II", *directories.get(i, (0, 0))) for i in range(16))


def pe(machine, debug, wide=False):
  """A managed image of one section, which holds the CLR header and the debug directory.
  debug: (type, stamp, version, data) for each entry."""
  raw, rva = 0x200, 0x2000
  body = bytearray(struct.pack("<IHH", 72, 2, 5).ljust(72, b"\0"))  # IMAGE_COR20_HEADER
  directories = {6: (rva + len(body), 28 * len(debug)), 14: (rva, 72)}
  at, data = len(body) + 28 * len(debug), b""
  for kind, stamp, version, content in debug:
    body += struct.pack("<7I", 0, stamp, version, kind, len(content), rva + at, raw + at)
    at += len(content)
    data += content
  body += data
  size = -(-len(body) // 0x200) * 0x200
  optional = optional_header(wide, size, directories)
  image = b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", 0x80)
  image = image.ljust(0x80, b"\0") + b"PE\0\0"
  image += struct.pack("<HHIIIHH", machine, 1, STAMP, 0, 0, len(optional), 0x2022) + optional
  image += b".text\0\0\0"
  image += struct.pack("<IIIIIIHHI", len(body), rva, size, raw, 0, 0, 0, 0, 0x60000020)
  return image.ljust(raw, b"\0") + bytes(body.ljust(size, b"\0"))


def portable_pdb():
  """Metadata root with the streams that a compiler writes; the tables are empty."""
  version = b"PDB v1.0\0\0\0\0"
  streams = [(b"#Pdb", GUID + struct.pack("<IIQ", PDB_STAMP, 0, 0)),
             (b"#~", struct.pack("<IBBBBQQ", 0, 2, 0, 0, 1, 0, 0)),
             (b"#Strings", b"\0" * 4), (b"#US", b"\0" * 4),
             (b"#GUID", bytes(range(16))), (b"#Blob", b"\0" * 4)]
  names = [name + b"\0" * (4 - len(name) % 4) for name, _ in streams]
  at = 16 + len(version) + 4 + sum(8 + len(name) for name in names)
  head = b"BSJB" + struct.pack("<HHII", 1, 1, 0, len(version)) + version
  head += struct.pack("<HH", 0, len(streams))
  body = b""
  for name, (_, content) in zip(names, streams):
    head += struct.pack("<II", at + len(body), len(content)) + name
    body += content
  return head + body


def dotnet():
  pdb = portable_pdb()
  deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
  packed = b"MPDB" + struct.pack("<I", len(pdb)) + deflate.compress(pdb) + deflate.flush()
  portable = 0x504D0100  # minor version "PM": the record names a portable PDB, the stamp is its

  def named(pdb_name):
    return 2, PDB_STAMP, portable, codeview(GUID, 1, pdb_name)

  write("windows/dotnet/Plugin.pdb", pdb)
  write("windows/dotnet/Plugin.dll", pe(0x14C, [named("Plugin.pdb"), (16, 0, 0, b"")]))
  embedded = (17, 0, 0x01000100, packed)
  write("windows/dotnet/Embedded.dll", pe(0x14C, [named("Embedded.pdb"), embedded]))
  # Ready to run: compiled ahead for Linux, whose tag is mixed into the machine.
  native = codeview(GUID[::-1], 1, "System.Ready.ni.pdb")
  perfmap = b"R2RM" + GUID + struct.pack("<I", 1) + b"System.Ready.ni.r2rmap\0"
  write("windows/dotnet/System.Ready.dll", pe(0x8664 ^ 0x7B79, [
    (2, STAMP, 0, native), named("/_/obj/System.Ready.pdb"), (16, 0, 0, b""),
    (21, 0, 1, perfmap)], True))
  nb10 = b"NB10" + struct.pack("<III", 0, 0x37A8F40E, 2) + b"C:\\old\\nb10.pdb\0"
  write("windows/old/nb10.dll", pe(0x14C, [(2, STAMP, 0, nb10)]))


# -------------------------------------------------------------------- Apple --

def fat64():
  """llvm-lipo 14 writes no fat file with 64-bit offsets."""
  slices = [open(out(f"macos/libengine-{arch}.dylib"), "rb").read() for arch in ("x86_64", "arm64")]
  head, body, at = struct.pack(">II", 0xCAFEBABF, len(slices)), b"", 0x4000
  for data in slices:
    cpu, sub = struct.unpack_from("<II", data, 4)
    head += struct.pack(">IIQQII", cpu, sub, at + len(body), len(data), 14, 0)
    body += data + bytes(-len(data) % 0x4000)
  write("macos/libengine-fat64.dylib", head.ljust(at, b"\0") + body.rstrip(b"\0"))


def no_uuid():
  """ld64.lld cannot leave LC_UUID out: the command becomes an unknown one of the same size."""
  data = bytearray(open(out("macos/libengine-x86_64.dylib"), "rb").read())
  data[data.index(struct.pack("<II", 0x1B, 24))] = 0x7F
  write("macos/no-uuid.dylib", bytes(data))


# --------------------------------------------------------------------- text --

def breakpad():
  body = "FILE 0 engine.c\nFUNC 1000 10 0 engine_step\n1000 10 15 0\nPUBLIC 1010 0 engine_poke\n"
  ident = "2B6C11A5D4F04E33A1C50B9D7E8F6A12"
  crlf = f"MODULE windows x86_64 {ident}1 engine.pdb\nINFO CODE_ID 65F0C0DE3000 engine.dll\n{body}"
  write("breakpad/engine.pdb.sym", crlf.replace("\n", "\r\n"))
  write("breakpad/engine.so.sym", f"MODULE Linux x86_64 {ident}0 libengine.so.1\n"
        f"INFO CODE_ID a5116c2bf0d4334ea1c50b9d7e8f6a12cafe0000\n{body}")
  write("breakpad/blanks.sym", f"MODULE mac arm64 {ident}0 My Great App\n{body}")
  write("breakpad/lower.sym", f"MODULE mac x86_64 {ident.lower()}0 libengine.dylib\n{body}")
  write("breakpad/age-2-digits.sym", f"MODULE windows x86 {ident}1f game.pdb\n{body}")
  write("breakpad/age-8-digits.sym", f"MODULE windows x86 {ident}FFFFFFFF managed.pdb\n{body}")
  write("breakpad/no-end-of-line.sym", f"MODULE android arm {ident}0 libmain.so")
  write("breakpad/dots.sym", f"MODULE mac x86_64 {ident}0 com.company.app\n{body}")


def unreal():
  """Unreal's BreakpadSymbolEncoder: a count, packed records, then the strings they point into."""
  strings = b"engine.c\nengine_step\nengine_poke\n"
  records = [(0x1000, 15, 0, 9), (0x1040, 22, 0, 21)]
  data = struct.pack("<I", len(records)) + b"".join(struct.pack("<QIII", *r) for r in records)
  write("other/unreal.sym", data + strings)


def others():
  write("other/engine.js.map", '{"version":3,"file":"engine.js","sources":["engine.ts"],'
        '"names":["step"],"mappings":"AAAA,SAASA"}\n')
  write("other/System.Ready.ni.r2rmap", "FFFFFFFF 00 00112233445566778899AABBCCDDEEFF\n"
        "FFFFFFFE 00 1\nFFFFFFFD 00 2\nFFFFFFFC 00 3\nFFFFFFFB 00 1\n"
        "00001000 2A System.Ready.Program::Main()\n")
  write("other/System.Later.ni.r2rmap", "FFFFFFFF 00 00112233445566778899AABBCCDDEEFF\n"
        "FFFFFFFE 00 2\nFFFFFFFD 00 2\nFFFFFFFC 00 3\nFFFFFFFB 00 1\nFFFFFFFA 00 1\n"
        "00001000 2A System.Later.Program::Main()\n")
  shutil.copy(out("windows/crashy.exe"), out("other/without-ending"))


pdbs()
pdb2()
pdz()
dbg()
dotnet()
fat64()
no_uuid()
breakpad()
unreal()
others()
