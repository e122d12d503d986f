# SPDX-License-Identifier: MIT
"""What the cases of this folder share. A case is a function under @case("what it proves");
it gets a Scratch, whose folder is its own, and fails by AssertionError."""
import atexit
import filecmp
import functools
import hashlib
import json
import os
import re
import resource
import select
import shutil
import signal
import stat
import struct
import subprocess
import sys
import tempfile
import time
import traceback

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FILES = os.path.join(TESTS, "files")
SOURCES = os.path.join(TESTS, "samples", "src")
TIMEOUT = 120  # seconds: for a run that hangs, on a machine that is busy
SLOW = 5  # seconds: a case that takes as long says so
NOBODY = 65534

cases = []


class Skip(Exception):
  """The machine lacks what the case needs."""


def case(what):
  def register(function):
    cases.append((what, function))
    return function
  return register


class Done:
  """A finished run of the program."""

  def __init__(self, status, out, err):
    self.status = status
    self.out, self.err = ((said or b"").decode(errors="replace") for said in (out, err))

  def objects(self):
    """The JSON lines of standard output."""
    return [json.loads(line) for line in self.out.splitlines()]

  def actions(self):
    """path -> action of each delivery, by JSON lines."""
    return {o["key"]: o["action"] for o in self.objects() if "key" in o}

  def summary(self):
    return self.objects()[-1]["summary"]


@functools.cache
def open_to_all(program):
  """The program where every user may run it: it may have been built in a home that is closed to others."""
  folder = program
  while folder != "/":
    folder = os.path.dirname(folder)
    if not os.stat(folder).st_mode & stat.S_IXOTH:
      break
  else:
    return program
  copies = tempfile.mkdtemp(prefix="symbol-upload-")
  atexit.register(shutil.rmtree, copies)
  os.chmod(copies, 0o755)
  return shutil.copy(program, copies)


class Scratch:
  """One case's folder, and the program run in it."""

  def __init__(self, program, folder):
    self.program, self.folder, self.started = program, folder, []
    self.env = {"PATH": os.environ["PATH"], "HOME": folder, "LC_ALL": "C.UTF-8", "TMPDIR": folder}
    with open(program, "rb") as file:  # sanitizers need time, and address space without limit
      self.sanitized = re.search(rb"__[at]san_init", file.read()) is not None
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"):
      if name in os.environ:
        self.env[name] = os.environ[name]

  def path(self, *parts):
    return os.path.join(self.folder, *parts)

  # --- running

  def start(self, *args, env=None, cwd=None, user=None, limits=(), without=(), **more):
    """The program as a running process. `user`: become that one first. `limits`:
    (resource, value) for setrlimit. `without`: system calls that fail, as
    tests/unit/without.c takes them."""
    def before():
      signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # let a write beyond a limit fail instead
      signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell's background job ignores it
      for what, value in limits:
        resource.setrlimit(what, (value, value))
      if user is not None and os.geteuid() == 0:
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)
    for stream in ("stdout", "stderr"):
      more.setdefault(stream, subprocess.PIPE)
    more.setdefault("stdin", subprocess.DEVNULL)
    more.setdefault("bufsize", 0)  # what says() does not read is end()'s
    before_it = [self.given("SYMBOL_UPLOAD_WITHOUT"), *without, "--"] if without else []
    program = self.program if user is None else open_to_all(self.program)
    process = subprocess.Popen([*before_it, program, *map(str, args)], cwd=cwd or self.folder,
                               env={**self.env, **(env or {})}, preexec_fn=before, **more)
    self.started.append(process)
    return process

  @staticmethod
  def given(variable):
    """What meson passes to the cases in a variable."""
    if variable not in os.environ:
      raise Skip(f"{variable} is not set")
    return os.environ[variable]

  def run(self, *args, status=0, input=None, **more):
    """Runs the program to its end; its status must be `status` (None: any)."""
    if input is not None:
      more["stdin"] = subprocess.PIPE
    return end(self.start(*args, **more), status, input)

  def store(self, *args, **more):
    """A delivery into ./store, reported in JSON lines."""
    return self.run("-l", "store", "--format", "json", *args, **more)

  # --- files

  def write(self, name, data=b""):
    path = self.path(name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
      file.write(data if isinstance(data, bytes) else data.encode())
    return path

  def read(self, name):
    with open(self.path(name), "rb") as file:
      return file.read()

  def take(self, sample, name=None):
    """Copies a sample to `name` (default: build/ and its own name); answers where it is."""
    name = name or "build/" + os.path.basename(sample)
    os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
    shutil.copyfile(os.path.join(FILES, sample), self.path(name))
    return name

  def tree(self, name="store"):
    """Every file and link below the folder, sorted; empty where there is none."""
    found = []
    for folder, folders, files in os.walk(self.path(name)):
      found += [os.path.relpath(os.path.join(folder, file), self.path(name)) for file in
                files + [f for f in folders if os.path.islink(os.path.join(folder, f))]]
    return sorted(found)

  def symbols(self, name="store"):
    """The tree without the files of the store itself."""
    own = "index.txt", "index2.txt", "pingme.txt"
    return [path for path in self.tree(name) if path not in own]

  def content(self, name="store"):
    """path -> SHA-256."""
    return {path: hashlib.sha256(self.read(os.path.join(name, path))).hexdigest()
            for path in self.tree(name)}

  def open_to_all(self):
    """For runs as another user."""
    os.chmod(self.folder, 0o777)

  def clear(self):
    """Ends what the case left running, and removes its folder."""
    for process in self.started:
      if process.poll() is None:
        process.kill()
        process.wait()
    writable_again(self.folder)
    shutil.rmtree(self.folder, ignore_errors=True)


def end(process, status=0, input=None):
  """Waits for a run that was started; its status must be `status` (None: any)."""
  asked = " ".join(process.args[1:])
  try:
    out, err = process.communicate(input, timeout=TIMEOUT)
  except subprocess.TimeoutExpired:
    process.kill()
    process.communicate()
    raise AssertionError(f"{asked}: no end after {TIMEOUT} s") from None
  done = Done(process.returncode, out, err)
  if done.out.startswith("1..0 # SKIP"):  # it could not be run without the calls it was to lack
    raise Skip(done.out[12:].strip())
  assert status in (None, done.status), f"{asked}\nstatus {done.status}, not {status}\n{done.out}{done.err}"
  return done


def says(run, text):
  """Waits for the next line of a run's standard error, which must hold `text`."""
  assert select.select([run.stderr], [], [], TIMEOUT)[0], f"{text!r} is never said"
  holds(run.stderr.readline().decode(), text)


def until(what, run=None):
  """Waits until what() is true; where a run is given, as long as that runs."""
  deadline = time.monotonic() + TIMEOUT
  while not what():
    if run is not None and run.poll() is not None and not what():
      raise AssertionError(f"it ended too soon\n{end(run, None).err}")
    assert time.monotonic() < deadline, "it never comes true"
    time.sleep(0.005)


def bytes_moved(run, what):
  """`rchar`, `wchar`: by a process so far; also by one that has ended and was not waited for."""
  with open(f"/proc/{run.pid}/io", encoding="ascii") as file:
    return int(next(line for line in file if line.startswith(what)).split()[1])


# ------------------------------------------------------------------- checks --

def same(got, want, what=""):
  if got == want:
    return
  if isinstance(got, list) and len(got) + len(want) > 20:
    extra = [x for x in got if x not in want][:8]
    missing = [x for x in want if x not in got][:8]
    raise AssertionError(f"{what}\n{len(got)}, not {len(want)}\nextra: {extra}\nmissing: {missing}")
  raise AssertionError(f"{what}\n got: {got}\nwant: {want}")


def holds(text, *parts):
  for part in parts:
    assert part in text, f"{part!r} is missing in\n{text}"


def lacks(text, *parts):
  for part in parts:
    assert part not in text, f"{part!r} is in\n{text}"


def same_bytes(one, other):
  assert filecmp.cmp(one, other, shallow=False), f"{one} and {other} differ"


def need(*programs):
  """The paths of programs; skips the case where one is missing."""
  found = [shutil.which(program) for program in programs]
  for program, path in zip(programs, found):
    if not path:
      raise Skip(f"{program} is not installed")
  return found[0] if len(found) == 1 else found


# -------------------------------------------------------------- identifiers --
# Of samples, read by the simplest means: the bytes behind the ones that announce them.

def behind(sample, announced, length):
  with open(os.path.join(FILES, sample), "rb") as file:
    data = file.read()
  at = data.index(announced) + len(announced)
  return data[at:at + length]


def guid_of(pdb):
  """The GUID of a PDB: in its info stream, behind version, signature and age."""
  stored = behind(pdb, struct.pack("<I", 20000404), 24)[8:]
  a, b, c = struct.unpack("<IHH", stored[:8])
  return f"{a:08X}{b:04X}{c:04X}{stored[8:].hex().upper()}"


def build_id_of(elf):
  return behind(elf, struct.pack("<III4s", 4, 20, 3, b"GNU\0"), 20).hex()


def uuid_of(macho):
  return behind(macho, struct.pack("<II", 0x1B, 24), 16).hex()


CRASHY = f"crashy.pdb/{guid_of('windows/crashy.pdb')}1/crashy.pdb"
ENGINE = f"engine.pdb/{guid_of('windows/engine.pdb')}1/engine.pdb"


# ------------------------------------------------------------------ corpora --

def pdb_with(guid, size):
  """A PDB of 512-byte blocks with another GUID, and bytes behind its end up to `size`."""
  with open(os.path.join(FILES, "windows/pages/crashy-512.pdb"), "rb") as file:
    data = file.read()
  stored = struct.pack("<IHH", int(guid[:8], 16), int(guid[8:12], 16), int(guid[12:16], 16))
  stored += bytes.fromhex(guid[16:])
  at = data.index(struct.pack("<I", 20000404)) + 12  # the info stream: version, signature, age
  data = data[:at] + stored + data[at + 16:]
  filler = hashlib.sha256(guid.encode()).digest() * (size // 32 + 1)
  return data + filler[:max(0, size - len(data))]


def corpus(t, count, largest=100_000):
  """`count` PDBs below ./build; answers path in the store -> source."""
  expected = {}
  for i in range(count):
    guid = hashlib.md5(str(i).encode()).hexdigest().upper()
    source = f"build/part{i % 7}/module{i}.pdb"
    t.write(source, pdb_with(guid, 14_000 + i * 7919 % largest))
    expected[f"module{i}.pdb/{guid}1/module{i}.pdb"] = source
  return expected


def small_corpus(t, count):
  """`count` .sym files of some bytes below ./build, for runs whose number of files is what counts;
  answers path in the store, as Breakpad asks for it -> source."""
  expected = {}
  for i in range(count):
    ident = hashlib.md5(str(i).encode()).hexdigest().upper() + "1"
    source = f"build/part{i % 7}/module{i}.sym"
    t.write(source, f"MODULE windows x86_64 {ident} module{i}.pdb\nINFO CODE_ID 65F0C0DE3000 module{i}.dll\n")
    expected[f"module{i}.pdb/{ident}/module{i}.sym"] = source
  return expected


# ------------------------------------------------------------------ running --

def writable_again(folder):
  for at, folders, _ in os.walk(folder):
    for name in folders:
      path = os.path.join(at, name)
      if not os.path.islink(path):
        os.chmod(path, stat.S_IRWXU)


def run_cases(program, wanted):
  """Runs the registered cases whose names hold one of `wanted` (all where it is empty).
  TAP on standard output; answers whether all is well."""
  signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # servers and folders go, too
  chosen = [c for c in cases if not wanted or any(w in c[1].__name__ for w in wanted)]
  print(f"1..{len(chosen)}", flush=True)
  good = bool(chosen) or not wanted
  for number, (what, function) in enumerate(chosen, 1):
    t = Scratch(program, tempfile.mkdtemp(prefix="symbol-upload-"))
    began = time.monotonic()
    try:
      function(t)
      line = f"ok {number} - {what}"
    except Skip as why:
      line = f"ok {number} - {what} # SKIP {why}"
    except Exception as error:
      good = False
      told = isinstance(error, AssertionError) and str(error) or traceback.format_exc()
      rows = [f"in {function.__name__}"] + told.splitlines()[:60]
      line = f"not ok {number} - {what}\n" + "\n".join("# " + row for row in rows)
    finally:
      t.clear()
    print(line, flush=True)
    took = time.monotonic() - began
    if took >= SLOW:
      print(f"# {function.__name__} took {took:.0f} s", flush=True)
  return good
