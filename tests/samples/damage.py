#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Damaged and hostile files, made of the good samples: FILES/bad/FORMAT-WHAT.bad

usage: damage.py FILES

No input may crash the program, hang it or make it greedy, and each of these is either
named as broken or identified as what the good part says. The ending keeps them out of
the way of `**/*.{pdb,exe,dll}`; the program goes by content anyway."""
import os
import struct
import sys

from msf import INFO, DBI, Msf

FILES = sys.argv[1]


def good(name):
  return open(os.path.join(FILES, name), "rb").read()


def bad(name, data):
  with open(os.path.join(FILES, "bad", name + ".bad"), "wb") as file:
    file.write(bytes(data))


def cut(prefix, data, **lengths):
  """Files that end too early: FORMAT-cut-WHERE, of `length` bytes."""
  for where, length in lengths.items():
    bad(f"{prefix}-cut-{where.replace('_', '-')}", data[:length])


def patched(data, *patches):
  """A copy with each (offset, format, value) written over."""
  data = bytearray(data)
  for offset, form, value in patches:
    struct.pack_into(form, data, offset, value)
  return data


def one_field(prefix, data, rows):
  """Files that differ from the good one by a single field: (name, offset, format, value)."""
  for name, *patch in rows:
    bad(f"{prefix}-{name}", patched(data, patch))


def head_of(image):
  return struct.unpack_from("<I", image, 0x3C)[0]


def pe():
  data = good("windows/crashy.exe")
  head = head_of(data)
  optional, directory = head + 24, head + 24 + 112 + 6 * 8
  record = data.index(b"RSDS")
  entry = data.index(struct.pack("<I", record)) - 24  # of the debug directory
  cut("pe", data, at_2=2, in_dos_header=63, behind_signature=head + 4, in_coff_header=head + 23,
      in_optional_header=optional + 20, in_directories=optional + 115,
      in_section_table=optional + 300, in_debug_directory=entry + 12, in_codeview=record + 10)
  one_field("pe", data, [
    ("header-far-away", 0x3C, "<I", 0xFFFFFFF0),
    ("header-on-itself", 0x3C, "<I", 0),
    ("windows-3", head, "<I", 0x454E),
    ("sections-65535", head + 6, "<H", 0xFFFF),
    ("no-optional-header", head + 20, "<H", 0),
    ("optional-header-65535", head + 20, "<H", 0xFFFF),
    ("rom-image", optional, "<H", 0x107),
    ("directories-max", optional + 108, "<I", 0xFFFFFFFF),
    ("debug-directory-nowhere", directory, "<I", 0xFFFFFFF0),
    ("debug-directory-huge", directory + 4, "<I", 0xFFFFFFFF),
    ("debug-directory-odd-size", directory + 4, "<I", 29),
    ("codeview-too-short", entry + 16, "<I", 8),
    ("codeview-huge", entry + 16, "<I", 0xFFFFFFFF),
    ("codeview-nowhere", entry + 24, "<I", 0xFFFFFFF0),
    ("codeview-unknown", record, "<I", 0x3131424E),
  ])
  name = data.index(b"crashy.pdb\0")
  bad("pe-codeview-no-end-of-name", patched(data, (entry + 16, "<I", 24 + 6)))
  bad("pe-codeview-name-climbs", data[:name] + b"../../up\0\0" + data[name + 10:])
  bad("pe-codeview-name-control", data[:name] + b"\x1b[31m.pdb\0" + data[name + 10:])
  mingw = good("windows/mingw/hello.exe")  # its symbols are behind its sections
  cut("pe", mingw, in_symbols=struct.unpack_from("<I", mingw, head_of(mingw) + 12)[0] + 40,
      in_names_of_symbols=len(mingw) - 1)
  certificates = optional + 112 + 4 * 8
  signed = patched(data, (certificates, "<I", len(data)), (certificates + 4, "<I", 64)) + bytes(64)
  cut("pe", signed, in_signature=len(data) + 32)


def pdb():
  small = "windows/pages/crashy-512.pdb"
  data = good(small)
  map_block, = struct.unpack_from("<I", data, 52)
  first, = struct.unpack_from("<I", data, map_block * 512)
  cut("pdb", data, in_magic=16, behind_magic=33, in_superblock=55, behind_superblock=512,
      half_way=len(data) // 2, before_map=len(data) - 512)
  one_field("pdb", data, [
    ("block-size-0", 32, "<I", 0),
    ("block-size-1", 32, "<I", 1),
    ("block-size-500", 32, "<I", 500),
    ("block-size-max", 32, "<I", 0x80000000),
    ("directory-0", 44, "<I", 0),
    ("directory-max", 44, "<I", 0xFFFFFFFF),
    ("directory-odd", 44, "<I", 7),
    ("map-nowhere", 52, "<I", 0x7FFFFFFF),
    ("map-is-superblock", 52, "<I", 0),
    ("map-names-itself", map_block * 512, "<I", map_block),
    ("directory-nowhere", map_block * 512, "<I", 0xFFFFFFFF),
    ("streams-max", first * 512, "<I", 0xFFFFFFFF),
    ("streams-1", first * 512, "<I", 1),
    ("first-stream-huge", first * 512 + 4, "<I", 0xFFFFFFFE),
    ("info-stream-huge", first * 512 + 8, "<I", 0x7FFFFFFF),
  ])
  pdb_streams(small)


def pdb_streams(name):
  """Well-formed files whose streams are wrong."""
  def changed(what, stream, change):
    file = Msf(os.path.join(FILES, name))
    file.streams[stream] = change(file.streams[stream])
    file.write(os.path.join(FILES, "bad", f"pdb-{what}.bad"))

  changed("info-short", INFO, lambda data: data[:20])
  changed("info-empty", INFO, lambda data: b"")
  changed("no-info", INFO, lambda data: None)
  changed("guid-zero", INFO, lambda data: data[:12] + bytes(16) + data[28:])
  changed("dbi-short", DBI, lambda data: data[:4])
  changed("dbi-old-header", DBI, lambda data: b"\1\0\0\0" + data[4:])


def portable_pdb():
  data = good("windows/dotnet/Plugin.pdb")
  length, = struct.unpack_from("<I", data, 12)
  count, stream = 16 + length + 2, 16 + length + 4
  cut("portable-pdb", data, behind_magic=4, in_root=15, before_streams=count,
      in_streams=stream + 9, in_data=130)
  one_field("portable-pdb", data, [
    ("version-huge", 12, "<I", 0xFFFFFFFF),
    ("streams-0", count, "<H", 0),
    ("streams-65535", count, "<H", 0xFFFF),
    ("id-nowhere", stream, "<I", 0xFFFFFFF0),
    ("id-too-short", stream + 4, "<I", 19),
    ("id-in-root", stream, "<I", 0),
  ])
  bad("portable-pdb-no-id-stream", data.replace(b"#Pdb\0", b"#Abc\0"))
  bad("portable-pdb-guid-zero", data.replace(bytes(range(0, 256, 17)), bytes(16)))


def macho():
  data = good("macos/libengine-x86_64.dylib")
  uuid = data.index(struct.pack("<II", 0x1B, 24))
  cut("macho", data, behind_magic=4, in_header=31, in_commands=40, in_uuid=uuid + 12)
  one_field("macho", data, [
    ("command-size-0", 36, "<I", 0),
    ("command-size-7", 36, "<I", 7),
    ("command-size-max", 36, "<I", 0xFFFFFFFF),
    ("commands-0", 16, "<I", 0),
    ("commands-max", 16, "<I", 0xFFFFFFFF),
    ("commands-bytes-8", 20, "<I", 8),
    ("commands-bytes-max", 20, "<I", 0xFFFFFFFF),
    ("uuid-command-short", uuid + 4, "<I", 16),
    ("uuid-is-a-segment", 32, "<I", 0x1B),
  ])
  bad("macho-uuid-zero", data[:uuid + 8] + bytes(16) + data[uuid + 24:])
  fat = good("macos/libengine.dylib")
  cut("fat", fat, in_header=7, in_table=20, in_first_slice=0x1000 + 16)
  one_field("fat", fat, [
    ("slices-max", 4, ">I", 0xFFFFFFFF),
    ("slices-0", 4, ">I", 0),
    ("slice-nowhere", 16, ">I", 0xFFFFFFF0),
    ("slice-is-the-file", 16, ">I", 0),
    ("slice-huge", 20, ">I", 0xFFFFFFFF),
  ])
  fat = good("macos/libengine-fat64.dylib")[:0x4000 + 600]
  one_field("fat64", fat, [
    ("slice-nowhere", 16, ">Q", 2 ** 64 - 16),
    ("slice-huge", 24, ">Q", 2 ** 64 - 1),
  ])
  bad("java-class", bytes.fromhex("cafebabe0000003d00130a00020003070004") + b"java/lang/Object")


def elf():
  data = good("linux/id-md5.so")
  note = data.index(b"\4\0\0\0\x10\0\0\0\3\0\0\0GNU\0")
  segments, count = struct.unpack_from("<Q", data, 32)[0], struct.unpack_from("<H", data, 56)[0]
  segment = next(at for at in range(segments, segments + 56 * count, 56) if data[at] == 4)
  cut("elf", data, behind_magic=4, in_header=20, at_63=63, in_segments=100, in_note=note + 20)
  one_field("elf", data, [
    ("class-3", 4, "B", 3),
    ("byte-order-0", 5, "B", 0),
    ("byte-order-wrong", 5, "B", 2),
    ("segments-nowhere", 32, "<Q", 2 ** 64 - 8),
    ("segments-65535", 56, "<H", 0xFFFF),
    ("segment-size-1", 54, "<H", 1),
    ("sections-nowhere", 40, "<Q", 2 ** 64 - 8),
    ("sections-65535", 60, "<H", 0xFFFF),
    ("section-size-1", 58, "<H", 1),
    ("names-nowhere", 62, "<H", 0xFFFE),
    ("note-segment-nowhere", segment + 8, "<Q", 2 ** 64 - 8),
    ("note-segment-huge", segment + 32, "<Q", 2 ** 64 - 1),
    ("note-align-max", segment + 48, "<Q", 2 ** 63),
    ("note-name-huge", note, "<I", 0xFFFFFFFD),
    ("note-id-huge", note + 4, "<I", 0xFFFFFFFF),
    ("note-id-empty", note + 4, "<I", 0),
    ("note-not-gnu", note + 12, "<I", 0x006E6558),
  ])
  cut("elf", good("linux/no-sections.so"), without_sections=-1)
  bad("elf-id-zero", data[:note + 16] + bytes(16) + data[note + 32:])
  one_field("elf32be", good("linux/libengine-mips32be.so"), [
    ("segments-nowhere", 28, ">I", 0xFFFFFFF0),
    ("sections-nowhere", 32, ">I", 0xFFFFFFF0),
  ])


def breakpad():
  ident = "2B6C11A5D4F04E33A1C50B9D7E8F6A12"
  linux, windows = f"MODULE Linux x86_64 {ident}0", f"MODULE windows x86_64 {ident}1"
  for name, text in (
      ("word-only", "MODULE "),
      ("no-name", f"{linux}\n"),
      ("empty-name", f"{linux} \n"),
      ("id-32-digits", f"MODULE Linux x86_64 {ident} libx.so\n"),
      ("id-41-digits", f"MODULE Linux x86_64 {ident}012345678 libx.so\n"),
      ("id-not-hex", f"MODULE Linux x86_64 {ident[:-1]}G0 libx.so\n"),
      ("id-zero", f"MODULE Linux x86_64 {'0' * 33} libx.so\n"),
      ("name-climbs", f"{linux} ../../../evil.so\n"),
      ("name-climbs-windows", f"{windows} ..\\..\\evil.pdb\n"),
      ("name-absolute", f"{linux} /etc/passwd\n"),
      ("name-is-parent", f"{linux} ..\n"),
      ("name-device", f"{windows} NUL.pdb\n"),
      ("name-control", f"{linux} a\x1b[2Jb.so\n"),
      ("name-of-the-store", f"{linux} pingme.txt\n"),
      ("name-256", f"{linux} {'n' * 256}\n"),
      ("line-without-end", f"{linux} " + "n" * 70000)):
    bad("breakpad-" + name, text.encode())
  bad("breakpad-name-zero-byte", f"{linux} lib\0x.so\n".encode())
  bad("breakpad-name-latin-1", f"{linux} caf\xe9.so\n".encode("latin-1"))


def wasm():
  data = good("other/engine.wasm")
  section = data.index(b"\x08build_id")
  cut("wasm", data, in_header=7, in_section_head=9, in_name=section + 4, in_id=len(data) - 3)
  bad("wasm-endless-number", data[:8] + b"\0" + b"\xff" * 40)
  bad("wasm-section-huge", data[:8] + b"\0\xff\xff\xff\xff\x0f" + data[14:])
  bad("wasm-name-huge", data[:section] + b"\xff\xff\x03" + data[section + 3:])
  bad("wasm-version-2", patched(data, (4, "<I", 2)))


def cabinet():
  data = good("windows/compressed/engine.dl_")
  cut("cab", data, behind_magic=4, in_header=35, in_members=50, in_data=100)
  folder_at, = struct.unpack_from("<I", data, 16)
  one_field("cab", data, [
    ("files-nowhere", 16, "<I", 0xFFFFFFF0),
    ("no-folder", 26, "<H", 0),
    ("files-65535", 28, "<H", 0xFFFF),
    ("member-huge", folder_at, "<I", 0x7FFFFFFF),
    ("method-unknown", 42, "<H", 9),
    ("data-nowhere", 36, "<I", 0xFFFFFFF0),
  ])
  bad("cab-member-climbs", data.replace(b"engine.dll", b"../../x.dl"))
  bad("cab-data-changed", data[:-20] + bytes(20))


def others():
  perfmap = good("other/System.Ready.ni.r2rmap")
  cut("perfmap", perfmap, before_id=12, in_id=30, in_abi=perfmap.index(b"FFFFFFFB") + 4)
  bad("perfmap-id-not-hex", perfmap.replace(b"00112233", b"0011223G"))
  bad("unreal-count-max", patched(good("other/unreal.sym"), (0, "<I", 0xFFFFFFFF)))
  cut("pdb2", good("windows/old/jg.pdb"), behind_magic=44, in_header=60)
  cut("dbg", good("windows/old/canon800.dbg"), behind_magic=2, in_header=20)
  bad("empty", b"")
  bad("one-byte", b"M")
  bad("zeros", bytes(4096))
  bad("text", b"This is a text, and no symbol file.\n")


for make in (pe, pdb, portable_pdb, macho, elf, breakpad, wasm, cabinet, others):
  make()
