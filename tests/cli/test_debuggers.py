# SPDX-License-Identifier: MIT
"""End to end: what is stored is found by the programs that it is stored for."""
import functools
import http.server
import os
import re
import struct
import subprocess
import threading

import mkdmp
from harness import FILES, SOURCES, TESTS, Skip, case, holds, lacks, need, same, same_bytes
from small_server import SmallServer

MINIDUMP = os.path.join(os.path.dirname(TESTS), "build/npm/node_modules/minidump/bin/linux-x64")


def line_of(function, source):
  """The line on which a function of the samples begins."""
  with open(os.path.join(SOURCES, source), encoding="utf-8") as file:
    return next(n for n, line in enumerate(file, 1) if f"/* line of {function} */" in line)


def call(t, *command, env=None, status=0, cwd=None):
  done = subprocess.run([str(c) for c in command], capture_output=True, cwd=cwd or t.folder,
                        env={**t.env, **(env or {})}, timeout=120)
  said = (done.stdout + done.stderr).decode(errors="replace")
  assert status is None or done.returncode == status, f"{command}: status {done.returncode}\n{said}"
  return said


class Server:
  """The folder as plain files on loopback; `asked` holds the paths that were asked for."""

  def __init__(self, folder):
    asked = self.asked = []

    class Handler(http.server.SimpleHTTPRequestHandler):
      def log_message(self, *args):
        asked.append(self.path)

    handler = functools.partial(Handler, directory=folder)
    self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

  def __enter__(self):
    threading.Thread(target=self.server.serve_forever, daemon=True).start()
    return self

  def __exit__(self, *args):
    self.server.shutdown()
    self.server.server_close()


# ------------------------------------------------------------------- Windows --

def symsrv_path(t, image):
  """Where a debugger looks for an image's PDB: by the image's record, as llvm-readobj reads it."""
  text = call(t, need("llvm-readobj"), "--coff-debug-directory", image)
  age = int(re.search(r"PDBAge: (\d+)", text)[1])
  name = re.search(r"PDBFileName: (.*)", text)[1]
  return name, f"{name}/{pdb_guid(text)}{age:x}/{name}"


def pdb_guid(text):
  """LLVM 14 prints the bytes as they are stored, later ones as a GUID is written."""
  shown = re.search(r"PDBGUID: [({](.*)[)}]", text)[1]
  if "-" in shown:
    return shown.replace("-", "")
  stored = bytes.fromhex(shown)
  a, b, c = struct.unpack("<IHH", stored[:8])
  return f"{a:08X}{b:04X}{c:04X}{stored[8:].hex().upper()}"


def header(t, image, name):
  text = call(t, need("llvm-readobj"), "--file-headers", image)
  return int(re.search(rf"\b{name}: (0x\w+|\d+)$", text, re.M)[1], 0)


def image_path(t, image):
  text = call(t, need("llvm-readobj"), "--file-headers", image)
  stamp = int(re.search(r"TimeDateStamp: .*\(0x(\w+)\)", text)[1], 16)
  name = os.path.basename(image)
  return f"{name}/{stamp:08X}{header(t, image, 'SizeOfImage'):x}/{name}"


def exported(t, image, function):
  text = call(t, need("llvm-readobj"), "--coff-exports", image)
  return int(re.search(rf"Name: {function}\n *RVA: 0x(\w+)", text)[1], 16)


def symbolize(t, image, pdb_name, pdb, rva):
  """What llvm-symbolizer says of an address, with the PDB from the store beside the image."""
  t.write("debugging/" + os.path.basename(image), open(image, "rb").read())
  if pdb:
    t.write("debugging/" + pdb_name, pdb)
  return call(t, need("llvm-symbolizer"), "-e", os.path.basename(image),
              hex(header(t, image, "ImageBase") + rva), cwd=t.path("debugging"), status=0 if pdb else None)


@case("the PDB of a program by clang and lld-link, fetched by the key in the image, names "
      "function and line")
def pdb_by_its_key(t):
  t.run("-d", os.path.join(FILES, "windows"), "-f", "*.{exe,dll,pdb}", "-l", "store")
  for image, function, source in (("crashy.exe", "crashy_start", "crashy.c"),
                                  ("engine.dll", "engine_step", "engine.c")):
    fetched = t.path("store", image_path(t, os.path.join(FILES, "windows", image)))
    same_bytes(fetched, os.path.join(FILES, "windows", image))
    name, key = symsrv_path(t, fetched)
    if image == "crashy.exe":
      rva = header(t, fetched, "AddressOfEntryPoint")
    else:
      rva = exported(t, fetched, function)
    lacks(symbolize(t, fetched, name, None, rva), source + ":")
    said = symbolize(t, fetched, name, t.read(os.path.join("store", key)), rva)
    holds(said, f"{function}\n", f"{source}:{line_of(function, source)}:")
    os.remove(t.path("debugging", name))


@case("every image finds its PDB in the store by its own record, whatever architecture and age")
def every_image_finds_its_pdb(t):
  t.run("-d", os.path.join(FILES, "windows"), "-f", "**/*.{exe,dll,pdb}", "-l", "store")
  for image in ("crashy.exe", "engine.dll", "x86/crashy.exe", "x86/engine.dll",
                "arm64/crashy.exe", "arm/engine.dll", "odd/eleventh.exe"):
    _, key = symsrv_path(t, os.path.join(FILES, "windows", image))
    assert os.path.exists(t.path("store", key)), key


@case("the last line of a run is the one to paste: _NT_SYMBOL_PATH with the store's full path")
def line_to_paste(t):
  done = t.run("-d", os.path.join(FILES, "windows"), "-f", "*.pdb", "-l", "store")
  same(done.out.splitlines()[-1], f"_NT_SYMBOL_PATH=srv*{t.path('store')}")


@case("where no debugger of the default readers finds what was stored, nothing is to be pasted, and the one that would is named")
def nothing_to_paste(t):
  for what, option in (("linux/crashy.debug", "gdb"), ("macos/libengine-arm64.dylib", "lldb"), ("breakpad/blanks.sym", "breakpad")):
    for more in (), ("--for", option), ("--for", "bugsplat"):
      done = t.run("-l", "store", *more, os.path.join(FILES, what))
      same(f"with --for {option} it does" in done.err, not more, done.err)
      same(done.out.rstrip().endswith(t.path("store") + "'" * (option == "gdb")), option in more)


@case("a line to paste means the store whatever its path holds: quoted for the shell, the address, lldb")
def quoted_to_paste(t):
  name = "it's 1\"0%\u00fc;$x"
  for reader, what, line in (
      ("gdb", "linux/crashy.debug", "gdb -iex 'set debug-file-directory {}/it'\\''s 1\"0%ü;$x'"),
      ("debuginfod", "linux/crashy.debug", "DEBUGINFOD_URLS=file://{}/it%27s%201%220%25%C3%BC%3B%24x"),
      ("breakpad", "breakpad/blanks.sym", "minidump_stackwalk crash.dmp '{}/it'\\''s 1\"0%ü;$x'"),
      ("lldb", "macos/libengine-arm64.dylib",
       'settings append target.debug-file-search-paths "{}/it\'s 1\\"0%ü;$x"')):
    said = t.run("-l", name, "--for", reader, os.path.join(FILES, what)).out.splitlines()[-1]
    same(said, line.format(t.path().rstrip("/")))


@case("of a web server the address is to be pasted, without login and query, where its readers find anything")
def web_to_paste(t):
  with SmallServer() as server:
    at = server.url.rstrip("/").replace("//", "//who:s3cret@") + "/%7Ea;b//?sig=s3cret"
    shown = server.url.rstrip("/") + "/%7Ea%3Bb"
    for what, readers, line in (
        ("windows/crashy.exe", (), f"_NT_SYMBOL_PATH=srv*{shown}"),
        ("windows/crashy.exe", ("--for", "symproxy,debuginfod"), None),
        ("linux/crashy.debug", (), None),
        ("linux/crashy.debug", ("--for", "gdb,debuginfod"), f"DEBUGINFOD_URLS={shown}")):
      done = t.run("--to", at, *readers, os.path.join(FILES, what))
      same(done.out.splitlines()[-1] if line else [x for x in done.out.splitlines() if "http" in x], line or [])
      same("with --for debuginfod it does" in done.err, "linux" in what and not readers)
      who = "WinDbg" if "windows" in what else "gdb"
      said = f"{who} cannot send the query of this address, which is left out here: the server must let it read without"
      same(said in done.err, bool(line))
      lacks(done.out + done.err, "s3cret")
    lacks(t.run("--to", server.url, os.path.join(FILES, "windows/crashy.exe")).err, "query")


# --------------------------------------------------------------------- Linux --

STRIPPED = os.path.join(FILES, "linux/stripped/libengine.so.1")
FULL = os.path.join(FILES, "linux/libengine.so.1")


def store_linux(t):
  t.run("--for", "gdb,debuginfod", "-l", "store", FULL + ".debug", STRIPPED)


def gdb(t, *settings, env=None):
  """Line information for engine_step, of a copy of the stripped library far from any debug file."""
  t.take("linux/stripped/libengine.so.1", "far/libengine.so.1")
  ask = [part for setting in settings for part in ("-iex", setting)]
  return call(t, need("gdb"), "-nx", "-batch", *ask, "-ex", "info line engine_step",
              "far/libengine.so.1", env={"DEBUGINFOD_URLS": "", **(env or {})})


def address_of_engine_step(t):
  text = call(t, need("readelf"), "--dyn-syms", "-W", STRIPPED)
  return int(re.search(r"(\w+) .* engine_step$", text, re.M)[1], 16)


def build_id(t, path):
  return re.search(r"Build ID: (\w+)", call(t, need("readelf"), "-n", path))[1]


@case("gdb finds function and line by debug-file-directory in a --for gdb store")
def gdb_folder(t):
  store_linux(t)
  line = f'Line {line_of("engine_step", "engine.c")} of "./engine.c"'
  lacks(gdb(t), line)
  holds(gdb(t, f"set debug-file-directory {t.path('store')}"), line)


@case("gdb finds the DWARF of a stripped image of mingw's by the GUID of its record")
def gdb_mingw(t):
  t.take("windows/mingw/stripped/hello-build-id.exe", "far/hello.exe")
  line = (need("gdb"), "-nx", "-batch", "-iex", f"set debug-file-directory {t.path('store')}",
          "-ex", "info line hello", "far/hello.exe")
  said = call(t, *line, status=None)
  if "not in executable format" in said:
    raise Skip("gdb without PE")
  lacks(said, "hello.c")
  t.run("--for", "gdb", "-l", "store", os.path.join(FILES, "windows/mingw/hello-build-id.debug"))
  holds(call(t, *line), 'of "./hello.c" starts at address')


@case("gdb reads what dwz moved to another file, and without that nothing")
def gdb_dwz(t):
  t.take("linux/dwz/crashy", "far/crashy")
  line = (need("gdb"), "-nx", "-batch", "-iex", f"set debug-file-directory {t.path('store')}",
          "-ex", "info line crashy_start", "far/crashy")
  lacks(call(t, *line, env={"DEBUGINFOD_URLS": ""}, status=None), "crashy.c")
  t.run("--for", "gdb", "-l", "store", os.path.join(FILES, "linux/dwz/engine.debug"))
  holds(call(t, *line, env={"DEBUGINFOD_URLS": ""}), 'of "./crashy.c" starts at address')


@case("gdb finds function and line over HTTP in a --for debuginfod store served as plain files")
def gdb_debuginfod(t):
  need("gdb")
  store_linux(t)
  with Server(t.path("store")) as server:
    said = gdb(t, "set debuginfod enabled on", "set debug-file-directory /nonexistent",
               env={"DEBUGINFOD_URLS": server.url, "DEBUGINFOD_CACHE_PATH": t.path("cache")})
    if "Support for debuginfod is not compiled" in said:
      raise Skip("gdb without debuginfod")
    holds(said, f'Line {line_of("engine_step", "engine.c")} of "./engine.c"')
    assert any(path.endswith("/debuginfo") for path in server.asked), server.asked


@case("debuginfod-find fetches executable and debug info, and learns what is not there")
def debuginfod_find(t):
  find = need("debuginfod-find")
  store_linux(t)
  with Server(t.path("store")) as server:
    env = {"DEBUGINFOD_URLS": server.url, "DEBUGINFOD_CACHE_PATH": t.path("cache")}
    ident = build_id(t, STRIPPED)
    same_bytes(call(t, find, "debuginfo", ident, env=env).splitlines()[-1], FULL + ".debug")
    same_bytes(call(t, find, "executable", ident, env=env).splitlines()[-1], STRIPPED)
    same_bytes(call(t, find, "debuginfo", STRIPPED, env=env).splitlines()[-1], FULL + ".debug")
    call(t, find, "debuginfo", "00" * 20, env=env, status=1)


@case("elfutils find the debug info by build-id in a --for gdb store")
def elfutils(t):
  addr2line = need("eu-addr2line")
  store_linux(t)
  t.take("linux/stripped/libengine.so.1", "far/libengine.so.1")
  said = call(t, addr2line, f"--debuginfo-path={t.path('store')}", "-f",
              "-e", "far/libengine.so.1", hex(address_of_engine_step(t)))
  holds(said, "engine_step", f"engine.c:{line_of('engine_step', 'engine.c')}")


@case("lldb finds function and line in a --for gdb store")
def lldb(t):
  program = need("lldb")
  store_linux(t)
  t.take("linux/stripped/libengine.so.1", "far/libengine.so.1")
  said = call(t, program, "--no-lldbinit", "--batch",
              "-o", f"settings set target.debug-file-search-paths {t.path('store')}",
              "-o", "target create far/libengine.so.1", "-o", "image lookup -v -n engine_step")
  holds(said, "engine_step", f"engine.c:{line_of('engine_step', 'engine.c')}")


# ------------------------------------------------------------------ Breakpad --

def breakpad_tool(name):
  path = os.path.join(os.environ.get("SYMBOL_UPLOAD_MINIDUMP", MINIDUMP), name)
  if not os.access(path, os.X_OK):
    raise Skip(f"{name} of the npm package `minidump` is not installed")
  return path


@case("Breakpad's stackwalk names function and line of an ELF from a --for breakpad store")
def stackwalk_linux(t):
  dump = subprocess.run([breakpad_tool("dump_syms"), FULL], capture_output=True, check=True)
  symbols = dump.stdout.decode()
  holds(symbols, "MODULE Linux x86_64", "engine_step")
  t.write("build/whatever.sym", symbols)
  t.run("--for", "breakpad", "-l", "store", "build/whatever.sym")
  base = 0x7F0000000000
  t.write("crash.dmp", mkdmp.minidump(
    mkdmp.LINUX, "/opt/game/libengine.so.1", base, 0x10000, base + address_of_engine_step(t),
    b"LEpB" + bytes.fromhex(build_id(t, FULL))))
  said = call(t, breakpad_tool("minidump_stackwalk"), "crash.dmp", "store")
  holds(said, f"libengine.so.1!engine_step [engine.c : {line_of('engine_step', 'engine.c')}")


SOURCE = """int twice(int x)
{
  return 2 * x; /* line 3 */
}
"""


@case("a library built here, dumped by -m with npm's dump_syms: the stackwalk names function and line")
def stackwalk_dumped(t):
  os.symlink(os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(breakpad_tool("dump_syms"))))),
             t.path("node_modules"))
  t.write("twice.c", SOURCE)
  os.mkdir(t.path("build"))
  for name in "libtwice.so.3", "libother.so":
    call(t, need("cc"), "-g", "-O0", "-shared", "-fPIC", "-Wl,--build-id", "twice.c", "-o", f"build/{name}")
  done = t.run("-m", "--for", "breakpad", "-l", "store", "-f", "build/*", env={"PATH": "/nonexistent"})
  holds(done.err, "Making .sym files with ", "/minidump/bin/linux-")
  same(sorted(path.split("/")[2] for path in t.symbols()), ["libother.so.sym", "libtwice.so.3.sym"])
  text = call(t, need("readelf"), "--dyn-syms", "-W", "build/libtwice.so.3")
  base, at = 0x7F0000000000, int(re.search(r"(\w+) .* twice$", text, re.M)[1], 16)
  t.write("crash.dmp", mkdmp.minidump(
    mkdmp.LINUX, "/opt/game/libtwice.so.3", base, 0x10000, base + at + 8,
    b"LEpB" + bytes.fromhex(build_id(t, "build/libtwice.so.3"))))
  said = call(t, breakpad_tool("minidump_stackwalk"), "crash.dmp", "store")
  holds(said, "libtwice.so.3!twice [twice.c : ")


@case("Breakpad's stackwalk names function and line of a Windows program likewise")
def stackwalk_windows(t):
  ident = bytes.fromhex("A5116C2BF0D4334EA1C50B9D7E8F6A12")  # of engine.pdb.sym, as stored
  t.run("--for", "breakpad", "-l", "store", os.path.join(FILES, "breakpad/engine.pdb.sym"))
  base = 0x180000000
  t.write("crash.dmp", mkdmp.minidump(
    mkdmp.WINDOWS, r"C:\game\engine.dll", base, 0x3000, base + 0x1004,
    b"RSDS" + ident + struct.pack("<I", 1) + b"engine.pdb\0", 0x65F0C0DE))
  said = call(t, breakpad_tool("minidump_stackwalk"), "crash.dmp", "store")
  holds(said, "engine.dll!engine_step [engine.c : 15")
