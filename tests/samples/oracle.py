#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What other programs say of the samples, held against what symbol-upload says.

usage: oracle.py PROGRAM

Each sample is asked of llvm-readobj, llvm-pdbutil, llvm-dwarfdump, readelf or cabextract,
or, where no program reads such a file, of the table STATED: what was put into it when it
was crafted. Keys are then made of these answers by the rules of the readers' own
documentation, not by the program's. One test a file; TAP."""
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import zlib

FILES = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../files"))
IDENT = "2B6C11A5D4F04E33A1C50B9D7E8F6A12"  # as in craft.py
GUID = "33221100554477668899AABBCCDDEEFF"


def run(*command):
  done = subprocess.run(command, capture_output=True, check=True, env={**os.environ, "LC_ALL": "C"})
  return done.stdout.decode(errors="replace")


def entry(kind, arch, code_id=None, debug_id=None, wants=(), **more):
  facts = {"kind": kind, "arch": arch, "code_id": code_id, "debug_id": debug_id}
  return {**{k: v for k, v in facts.items() if v}, "wants": list(wants), **more}


# ------------------------------------------------------------------- Windows --

MACHINES = {"0x8664": "x86_64", "0x14C": "x86", "0xAA64": "arm64", "0x1C4": "arm",
            "0xFD1D": "x86_64"}  # for Linux


def field(text, name):
  found = re.search(rf"\b{name}: .*?\(?(0x[0-9A-Fa-f]+|\d+)\)?$", text, re.M)
  return int(found[1], 0)


def pdb_guid(text):
  """LLVM 14 prints the bytes as they are stored, later ones as a GUID is written."""
  shown = re.search(r"PDBGUID: [({](.*)[)}]", text)[1]
  return shown.replace("-", "") if "-" in shown else guid(bytes.fromhex(shown))


def guid(stored):
  """Sixteen bytes as stored into the digits that are printed."""
  a, b, c = struct.unpack("<IHH", stored[:8])
  return f"{a:08X}{b:04X}{c:04X}{stored[8:].hex().upper()}"


def pe(path):
  text = run("llvm-readobj", "--file-headers", "--coff-debug-directory", path)
  wants = []
  for record in text.split("DebugEntry {")[1:]:
    if "PDBGUID" not in record:
      continue
    portable = field(record, "MinorVersion") == 0x504D
    age = "ffffffff" if portable else f"{field(record, 'PDBAge'):x}"
    # mingw's ld names none: readers look for one that is called as the image.
    named = re.search(r"PDBFileName: *(.*)", record)[1].split("/")[-1]
    name = named or os.path.splitext(os.path.basename(path))[0] + ".pdb"
    wants.append({"name": name, "debug_id": pdb_guid(record) + age})
  code_id = f"{field(text, 'TimeDateStamp'):08X}{field(text, 'SizeOfImage'):x}"
  machine = re.search(r"Machine: .*?\(?(0x[0-9A-F]+)", text)[1]
  sections = run("llvm-readobj", "--sections", path)
  if ".gnu_debuglink" in sections:
    wants = [{**debuglink(path, "windows/mingw"), "debug_id": wants[0]["debug_id"]}]
  return [entry("pe", MACHINES[machine], code_id, wants[0]["debug_id"] if wants else None, wants,
                image="CNT_CODE" not in sections or not hollow(sections),
                companion=".debug_info" in sections)]


def hollow(sections):
  """Has no section of code its bytes in the file?"""
  return all(int(re.search(r"RawDataSize: (\d+)", s)[1]) == 0 for s in sections.split("Section {")
             if "CNT_CODE" in s)


def pdb(path):
  text = run("llvm-pdbutil", "pdb2yaml", "-pdb-stream", "-dbi-stream", path)
  digits = re.search(r"Guid: *'\{(.*)\}'", text)[1].replace("-", "")
  dbi = text.partition("DbiStream:")[2]
  if not dbi:
    return [entry("pdb", None, None, digits)]
  arch = {"Amd64": "x86_64", "x86": "x86", "Arm64": "arm64", "ArmNT": "arm"}
  machine = re.search(r"MachineType: *(\w+)", dbi)[1]
  age = int(re.search(r"Age: *(\d+)", dbi)[1])
  return [entry("pdb", arch[machine], None, f"{digits}{age:x}")]


def cabinet(path):
  """The key of a compressed file is that of its one member."""
  with tempfile.TemporaryDirectory() as folder:
    run("cabextract", "-q", "-d", folder, path)
    member, = os.listdir(folder)
    return ORACLES[member.rpartition(".")[2]](os.path.join(folder, member))


# ----------------------------------------------------------------------- ELF --

ELF_MACHINES = {"Advanced Micro Devices X86-64": "x86_64", "Intel 80386": "x86", "AArch64": "arm64",
                "ARM": "arm", "PowerPC": "ppc", "PowerPC64": "ppc64", "RISC-V": "riscv64"}


def elf_arch(header):
  machine = re.search(r"Machine: *(.*)", header)[1]
  if machine.startswith("MIPS"):
    return "mips64" if "ELF64" in header else "mips"
  return ELF_MACHINES[machine]


def section(path, name):
  # LLVM's dumps no section of a PE, and GNU's knows only the architectures it was built for.
  objcopy = "objcopy" if path.endswith(".exe") else "llvm-objcopy"
  with tempfile.TemporaryDirectory() as folder:
    run(objcopy, f"--dump-section={name}={folder}/section", path, f"{folder}/copy")
    return open(f"{folder}/section", "rb").read()


def breakpad_id(data, little):
  data = data[:16].ljust(16, b"\0")
  return (guid(data) if little else data.hex().upper()) + "0"


def text_hash(path):
  """Breakpad's identifier of a file without one: the first page of .text, folded."""
  folded = bytearray(16)
  for i, byte in enumerate(section(path, ".text")[:4096]):
    folded[i % 16] ^= byte
  return bytes(folded)


def debuglink(path, folder):
  """The file that it names, which lies in the folder, with the CRC that this really has."""
  name = section(path, ".gnu_debuglink").partition(b"\0")[0].decode()
  crc = zlib.crc32(open(os.path.join(FILES, folder, name), "rb").read())
  return {"name": name, "crc32": f"{crc:08x}"}


def elf_wants(path, sections, debug_id, little):
  if ".gnu_debugaltlink" in sections:
    name, _, ident = section(path, ".gnu_debugaltlink").partition(b"\0")
    return [{"name": os.path.basename(name.decode()), "debug_id": breakpad_id(ident, little)}]
  if ".gnu_debuglink" not in sections:
    return []
  want = debuglink(path, "linux")
  return [{**want, "debug_id": debug_id} if debug_id else want]


def elf(path):
  header, sections = run("readelf", "-hW", path), run("readelf", "-SW", path)
  little = "little endian" in header
  found = re.search(r"Build ID: ([0-9a-f]+)", run("readelf", "-nW", path))
  wants = elf_wants(path, sections, found and breakpad_id(bytes.fromhex(found[1]), little), little)
  text = re.search(r"\] \.text +(\w+)", sections)
  if found:
    ident = bytes.fromhex(found[1])
  elif ".sce_special" in sections:
    ident = section(path, ".sce_special")[:20]
  elif ".debug_sup" in sections or ".debug_info.dwo" in sections:
    return [entry("elf", elf_arch(header))]
  else:
    folded = text_hash(path) if text[1] == "PROGBITS" else bytes(16)
    if not any(folded):
      return []  # too little to hash
    return [entry("elf", elf_arch(header), None, breakpad_id(folded, little), wants)]
  debug = re.search(r"\.z?debug_info", sections)
  image = text[1] == "PROGBITS" if text else not debug
  return [entry("elf", elf_arch(header), ident.hex(), breakpad_id(ident, little), wants,
                image=image, companion=bool(debug))]


# ---------------------------------------------------------------- all others --

def macho(path):
  """One line a slice. Where the slices lie is asked of llvm-objdump."""
  lines = re.findall(r"^UUID: (\S+) \((\S+)\)", run("llvm-dwarfdump", "--uuid", path), re.M)
  heads = run("llvm-objdump", "--macho", "--universal-headers", path)
  places = re.findall(r"offset (\d+)\s+size (\d+)", heads)
  places = places or [(0, os.path.getsize(path))]
  dsym = ".dSYM/" in path
  return [entry("macho", arch, uuid.replace("-", "").lower(), uuid.replace("-", "") + "0",
                slice={"offset": int(at), "size": int(size)}, dsym=dsym)
          for (uuid, arch), (at, size) in zip(lines, places)]


def wasm(path):
  if "build_id" not in run("llvm-readobj", "--sections", path):
    return []
  data = section(path, "build_id")
  data = data[1:] if data[0] == len(data) - 1 else data
  return [entry("wasm", "wasm32", data.hex(), data.hex().upper() + "0")]


def breakpad(path):
  first = open(path, newline="").readline().rstrip("\r\n")
  _, _, arch, ident, name = first.split(" ", 4)
  code = re.search(r"^INFO CODE_ID (\w+)", open(path).read(), re.M)
  return [entry("breakpad", arch, code and code[1], ident[:32].upper() + ident[32:].lower(),
                module=name)]


ORACLES = {"exe": pe, "dll": pe, "sys": pe, "without-ending": pe, "pdb": pdb, "pd_": cabinet,
           "dl_": cabinet, "so": elf, "1": elf, "debug": elf, "elf": elf, "dwo": elf, "dwp": elf,
           "crashy": elf, "crashy-dwarf5": elf,
           "dylib": macho, "wasm": wasm, "sym": breakpad}

# Files that no program at hand reads, or reads right.
STATED = {
  # llvm-pdbutil: "Too many directory blocks". Made of crashy.pdb, whose identity it keeps.
  "windows/odd/long-directory.pdb": lambda: pdb(f"{FILES}/windows/crashy.pdb"),
  "windows/dotnet/Plugin.pdb": lambda: [entry("portable-pdb", None, None, GUID + "ffffffff")],
  "windows/old/nb10.dll": lambda: [
    entry("pe", "x86", "65F0C0DE4000", "37A8F40E2",
          [{"name": "nb10.pdb", "debug_id": "37A8F40E2"}])],
  "windows/mingw/hello-build-id.debug": lambda: pe(f"{FILES}/windows/mingw/hello-build-id.debug"),
  # readelf wants the padding behind the last note, which lld leaves out.
  "linux/id-3-bytes.so": lambda: [
    entry("elf", "x86_64", "c0ffee", breakpad_id(b"\xc0\xff\xee", True),
          image=True, companion=True)],
  "other/System.Ready.ni.r2rmap": lambda: [
    entry("perfmap", "x86_64")],
  "other/System.Later.ni.r2rmap": lambda: [
    entry("perfmap", "x86_64")],
  # Recognised, and without an identifier.
  "other/unreal.sym": lambda: [entry("unreal-sym", None)],
  "other/engine.js.map": lambda: [entry("sourcemap", None)],
  "macos/no-uuid.dylib": lambda: [],
  "linux/hello.o": lambda: [entry("elf", "x86_64", image=True, companion=True)],
  "macos/object-no-uuid.o": lambda: [entry("macho", "x86_64", dsym=False)],
  "windows/half-copied.pdb": lambda: [], "windows/old/jg.pdb": lambda: [],
  "windows/odd/packed.pdz": lambda: [],
  "windows/old/canon800.dbg": lambda: [],
  # No symbol files.
  "macos/libengine.dylib.dSYM/Contents/Info.plist": lambda: [],
  "macos/libengine.dylib.dSYM/Contents/Resources/DWARF/notes.txt": lambda: [],
}


def oracle(name):
  if name in STATED:
    return STATED[name]()
  return ORACLES[os.path.basename(name).rpartition(".")[2]](os.path.join(FILES, name))


# ---------------------------------------------------------------------- keys --

def windows_keys(e, name):
  kind, code, debug = e["kind"], e.get("code_id"), e.get("debug_id")
  if kind == "pe" and e.get("companion") and debug:
    keys = {"gdb": f".build-id/{debug[:2]}/{debug[2:32]}.debug".lower()}
    if not e["image"]:
      return {**keys, "windbg": [], "symproxy": [], "visualstudio": [], "dotnet": []}
    return {**keys, **windows_keys({**e, "companion": False}, name)}
  key = code if kind == "pe" else debug
  bugsplat = key.upper()
  if kind == "pe":
    bugsplat = code[:8] + code[8:].upper().zfill(4)
  if kind == "portable-pdb":
    bugsplat = debug[:32] + "1"
    studio = f"{name.lower()}/{debug[:32].lower()}FFFFFFFF/{name.lower()}"
  else:
    studio = f"{name}/{key}/{name}"
  return {"windbg": f"{name}/{key}/{name}", "symproxy": f"{name}/{key}/{name}".lower(),
          "visualstudio": studio, "bugsplat": f"{name}/{bugsplat}/{name}"}


def elf_keys(e, name):
  code = e.get("code_id")
  if not code:
    return {}
  keys = {"bugsplat": [f"{name}/{code}/{name}"],
          "debuginfod": [], "gdb": [], "sentry": [], "dotnet": []}
  padded = code.ljust(40, "0") if 16 <= len(code) <= 40 else None
  if e["image"]:
    keys["debuginfod"].append(f"buildid/{code}/executable")
    keys["gdb"].append(f".build-id/{code[:2]}/{code[2:]}")
    keys["sentry"].append(f"{code[:2]}/{code[2:]}/executable")
    if padded:
      keys["dotnet"].append(f"{name.lower()}/elf-buildid-{padded}/{name.lower()}")
  if e["companion"]:
    keys["debuginfod"].append(f"buildid/{code}/debuginfo")
    keys["gdb"].append(f".build-id/{code[:2]}/{code[2:]}.debug")
    keys["sentry"].append(f"{code[:2]}/{code[2:]}/debuginfo")
    if padded:
      keys["dotnet"].append(f"_.debug/elf-buildid-sym-{padded}/_.debug")
  return keys


def macho_keys(e, name):
  if not e.get("code_id"):
    return {}
  uuid, low = e["code_id"].upper(), e["code_id"]
  lldb = "/".join([uuid[i:i + 4] for i in range(0, 20, 4)] + [uuid[20:]])
  if e["dsym"]:
    return {"dotnet": f"_.dwarf/mach-uuid-sym-{low}/_.dwarf", "lldb": lldb,
            "bugsplat": f"{name}/{low}/{name}"}
  return {"dotnet": f"{name.lower()}/mach-uuid-{low}/{name.lower()}", "lldb": lldb + ".app",
          "bugsplat": f"{name}/{low}/{name}"}


def breakpad_keys(e, name):
  module = e["module"]
  base = module[:-4] if module.lower().endswith(".pdb") else module
  return {"breakpad": f"{module}/{e['debug_id']}/{base}.sym"}


KEYS = {"pe": windows_keys, "pdb": windows_keys, "portable-pdb": windows_keys, "elf": elf_keys,
        "macho": macho_keys, "breakpad": breakpad_keys}


def wanted_keys(e, name):
  keys = KEYS[e["kind"]](e, name) if e["kind"] in KEYS else {}
  return {reader: sorted([paths] if isinstance(paths, str) else paths)
          for reader, paths in keys.items()}


# --------------------------------------------------------------------- tests --

def inspect(program, path):
  done = subprocess.run([program, "inspect", "--format", "json", path],
                        capture_output=True, cwd=FILES)
  return [json.loads(line) for line in done.stdout.decode().splitlines()]


def differences(name, want, got):
  """The first thing on which they do not agree, or an empty text."""
  if not got:
    return "nothing said"
  got = [o for o in got if "kind" in o]
  if len(want) != len(got):
    return f"{len(want)} identities wanted, {len(got)} given"
  for e, o in zip(want, got):
    for fact in "kind", "arch", "code_id", "debug_id", "slice":
      surplus = fact.endswith("_id") and fact in o and fact not in e
      if surplus or fact in e and e[fact] != o.get(fact):
        return f"{fact}: {e.get(fact)} wanted, {o.get(fact)} given"
    if e["wants"] != o.get("wants", []):
      return f"wants: {e['wants']} wanted, {o.get('wants')} given"
    file = os.path.basename(name)
    if e["kind"] in ("pe", "pdb") and file.endswith("_"):
      continue  # compressed: the golden holds its paths
    given = {}
    for key in o.get("keys", []):
      given.setdefault(key["reader"], []).append(key["path"])
    for reader, paths in wanted_keys(e, file).items():
      if paths != sorted(given.get(reader, [])):
        return f"{reader}: {paths} wanted, {given.get(reader)} given"
  return ""


def good_samples():
  for folder, folders, files in os.walk(FILES):
    folders[:] = sorted(f for f in folders if f not in ("bad", "golden"))
    for file in sorted(files):
      if not (folder == FILES or file.startswith(".")):
        yield os.path.relpath(os.path.join(folder, file), FILES)


def main(program):
  failed = count = 0
  for count, name in enumerate(good_samples(), 1):
    try:
      why = differences(name, oracle(name), inspect(program, name))
    except Exception as error:  # an oracle that cannot answer fails its own line only
      why = f"{type(error).__name__}: {error}"
    failed += bool(why)
    print(f"not ok {count} - {name}\n# {why}" if why else f"ok {count} - {name}", flush=True)
  print(f"1..{count}")
  return failed != 0


if __name__ == "__main__":
  sys.exit(main(os.path.abspath(sys.argv[1])))
