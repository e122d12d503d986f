# SPDX-License-Identifier: MIT
"""Whole or absent: runs that are killed, runs at once, sources that change."""
import fcntl
import os
import random
import resource
import shutil
import signal
import subprocess
import termios
import threading
import time

from harness import CRASHY, FILES, Skip, bytes_moved, case, corpus, end, holds, lacks, pdb_with, same, same_bytes, until

KILLS = int(os.environ.get("SYMBOL_UPLOAD_KILLS", "200"))
ARGS = ["-d", "build", "-f", "**/*.pdb", "-l", "store"]


def check_store(t, sources, expected):
  """Every file under a final name is whole, and beside staging folders there is nothing else."""
  for folder, folders, files in os.walk(t.path("store")):
    folders[:] = [f for f in folders if not f.startswith(".symbol-upload")]
    for file in files:
      path = os.path.relpath(os.path.join(folder, file), t.path("store"))
      if path in ("index.txt", "pingme.txt"):
        assert t.read("store/index.txt") in (b".",) or path != "index.txt"
        continue
      assert path in expected, f"{path} is no final name"
      with open(os.path.join(folder, file), "rb") as stored:
        assert stored.read() == sources[path], f"{path} is incomplete"


def check_complete(t, sources, expected):
  t.run(*ARGS)
  check_store(t, sources, expected)
  same(t.tree(), sorted([*expected, "index.txt", "pingme.txt"]))


@case(f"{KILLS} runs killed at random moments leave no incomplete file, and a repeat no litter")
def killed(t):
  seed = int(os.environ.get("SYMBOL_UPLOAD_SEED", time.time_ns() % 1_000_000))
  print(f"# SYMBOL_UPLOAD_SEED={seed}", flush=True)
  chance = random.Random(seed)
  expected = corpus(t, 300)
  sources = {path: t.read(source) for path, source in expected.items()}
  begun = time.monotonic()
  t.run(*ARGS)
  whole = time.monotonic() - begun
  half_way = 0
  for i in range(KILLS):
    if i % 5 == 0:
      shutil.rmtree(t.path("store"), ignore_errors=True)
    process = t.start(*ARGS, "-j", chance.choice("1248"),
                      "--flush", chance.choice(["none", "batch", "each"]))
    time.sleep(chance.uniform(0, whole))
    process.kill()
    process.communicate()
    half_way += 0 < len(t.symbols()) < len(expected)
    check_store(t, sources, expected)
    if i % 20 == 19:
      check_complete(t, sources, expected)
  check_complete(t, sources, expected)
  print(f"# {half_way} of {KILLS} runs were killed with part of the store written", flush=True)
  assert half_way * 20 >= KILLS, "too few runs were killed half way to prove anything"


@case("a killed replacement leaves the old file or the new one")
def killed_replacement(t):
  chance = random.Random(1)
  old, new = pdb_with("0" * 31 + "1", 4_000_000), bytearray(pdb_with("0" * 31 + "1", 4_000_000))
  new[-1] ^= 1
  key = "store/m.pdb/000000000000000000000000000000011/m.pdb"
  t.write("old/m.pdb", old)
  t.write("new/m.pdb", bytes(new))
  for _ in range(20):
    t.run("old/m.pdb", "-l", "store", "--existing=replace")
    process = t.start("new/m.pdb", "-l", "store", "--existing=replace")
    time.sleep(chance.uniform(0, 0.03))
    process.kill()
    process.communicate()
    assert t.read(key) in (old, bytes(new)), "neither the old file nor the new one"
  t.run("new/m.pdb", "-l", "store", "--existing=replace")
  same(t.read(key), bytes(new))
  same([name for name in os.listdir(t.path("store")) if name.startswith(".")], [])


@case("eight runs at once fill one store as one run does")
def eight_at_once(t):
  expected = corpus(t, 300)
  t.take("windows/dotnet/Plugin.pdb")
  t.run(*ARGS)
  alone = t.content()
  shutil.rmtree(t.path("store"))
  runs = [t.start(*ARGS) for _ in range(8)]
  for run in runs:
    end(run)
  same(t.content(), alone)
  same(len(t.symbols()), len(expected) + 3)
  same([name for name in os.listdir(t.path("store")) if name.startswith(".")], [])


@case("eight runs at once with rich and poor files for the same keys: the rich ones stand")
def eight_at_once_richer(t):
  rich = []
  for i in range(20):
    guid = f"{i:032X}".replace("0" * 30, "A" * 30)
    data = pdb_with(guid, 60_000)
    t.write(f"private/m{i}.pdb", data)
    header = data.index(b"\xff\xff\xff\xff\x77\x09\x31\x01")  # DBI: -1, 19990903
    public = bytearray(data)
    public[header + 56] |= 2
    t.write(f"public/m{i}.pdb", bytes(public))
    rich.append((f"store/m{i}.pdb/{guid}1/m{i}.pdb", data))
  runs = [t.start("-d", folder, "-f", "*.pdb", "-l", "store")
          for folder in ("public", "private") * 4]
  for run in runs:
    end(run)
  for path, data in rich:
    assert t.read(path) == data, f"{path} is not the private one"


def waits_for_lock(process):
  with open("/proc/locks", encoding="ascii") as locks:
    return any("->" in line and str(process.pid) in line.split() for line in locks)


def waits_for_more(process):
  """Has it read all that was written to it, and waits?"""
  with open(f"/proc/{process.pid}/stat", encoding="ascii") as file:
    sleeps = file.read().rpartition(")")[2].split()[0] == "S"
  return sleeps and fcntl.ioctl(process.stdin, termios.FIONREAD, bytes(4)) == bytes(4)


@case("what is to be replaced is looked at again once no other run can touch it")
def looked_at_again(t):
  t.take("windows/crashy.pdb", "private/crashy.pdb")
  t.take("windows/public/crashy.pdb", "store/" + CRASHY)
  folder = os.open(t.path("store", os.path.dirname(CRASHY)), os.O_RDONLY)
  fcntl.flock(folder, fcntl.LOCK_EX)
  process = t.start("private/crashy.pdb", "-l", "store", "--format", "json")
  until(lambda: waits_for_lock(process), process)
  other = t.read("private/crashy.pdb")[:-1] + b"x"  # as rich, and there first
  t.write("store/" + CRASHY, other)
  os.close(folder)
  same(end(process).actions(), {CRASHY: "kept"})
  same(t.read("store/" + CRASHY), other)


def rewrite(path, stop):
  """Writes a number near the front and then the same one at the end, over and over: at every
  moment the front is equal to the end or one ahead."""
  with open(path, "r+b", buffering=0) as file:
    end = os.path.getsize(path) - 8
    number = 0
    while not stop.is_set():
      number += 1
      for at in 20_000, end:
        file.seek(at)
        file.write(number.to_bytes(8, "little"))
        time.sleep(0.0005)


@case("a source that changes while it is read is stored as it was at one moment, or fails")
def changing_source(t):
  path = t.write("build/m.pdb", pdb_with("0" * 31 + "2", 30_000_000))
  with open(path, "r+b") as file:
    for at in 20_000, 30_000_000 - 8:
      file.seek(at)
      file.write(bytes(8))
  stop = threading.Event()
  writer = threading.Thread(target=rewrite, args=(path, stop))
  writer.start()
  try:
    for i in range(12):
      flush = ("none", "batch", "each")[i % 3]
      done = t.run("build/m.pdb", "-l", f"store{i}", "--flush", flush, status=None)
      if done.status == 0:
        stored, = t.symbols(f"store{i}")
        data = t.read(os.path.join(f"store{i}", stored))
        front, end = (int.from_bytes(data[at:][:8], "little") for at in (20_000, -8))
        assert front - end in (0, 1), f"front {front}, end {end}: parts of different moments"
      else:
        same((done.status, t.symbols(f"store{i}")), (1, []))
        holds(done.out + done.err, "changed")
  finally:
    stop.set()
    writer.join()


@case("a source that is cut short while it is read is read again; what is stored bears no error")
def shortened_source(t):
  chance = random.Random(2)
  size = 80_000_000
  whole = pdb_with("0" * 31 + "4", size)
  args = ["build/m.pdb", "-l", "store", "--format", "json", "--flush", "none"]
  t.write("build/m.pdb", whole)
  begun = time.monotonic()
  t.run(*args)
  took = time.monotonic() - begun
  again = 0
  for _ in range(20):
    shutil.rmtree(t.path("store"))
    t.write("build/m.pdb", whole)
    process = t.start(*args)
    time.sleep(chance.uniform(0, took))
    os.truncate(t.path("build/m.pdb"), size // 2)
    delivered, _ = end(process).objects()
    same((delivered["action"], "error" in delivered), ("stored", False))
    stored, = t.symbols()
    assert os.path.getsize(t.path("store", stored)) in (size // 2, size)
    again += delivered["attempts"] > 1
  print(f"# {again} of 20 were read again", flush=True)


BIG = 16 << 30  # with holes; it takes seconds to read, and more to copy
BIG_KEY = "big.pdb/" + "5" * 32 + "1/big.pdb"


def stop_in(t, what, *args, number=signal.SIGINT):
  """Stops a run that has moved some bytes of a large file: it hears of it at once, names the
  file, and leaves nothing behind."""
  t.write("build/big.pdb", pdb_with("5" * 32, 0))
  os.truncate(t.path("build/big.pdb"), BIG)
  before = t.symbols()
  run = t.start("build", "-l", "store", *args)
  until(lambda: bytes_moved(run, what) > 100 << 20, run)
  run.send_signal(number)
  os.waitid(os.P_PID, run.pid, os.WEXITED | os.WNOWAIT)
  moved = bytes_moved(run, what)
  done = end(run, 128 + number)
  assert moved < BIG // 2, f"{moved} bytes were moved"
  holds(done.err, "Stopped: build/big.pdb was not delivered.")
  lacks(done.out + done.err, "error:")
  same((t.symbols(), [name for name in os.listdir(t.path("store")) if name.startswith(".")]), (before, []))
  return done


@case("a stop is heard while a large file is copied, whichever way it is flushed")
def stopped_copying(t):
  for flush, number in ("batch", signal.SIGINT), ("none", signal.SIGTERM), ("each", signal.SIGINT):
    stop_in(t, "wchar", "--flush", flush, number=number)
    shutil.rmtree(t.path("store"))


@case("and while it is hashed for a receipt, and while it is compared with what is in the store")
def stopped_reading(t):
  same(stop_in(t, "rchar", "--receipt", "receipt", "--format", "json").summary()["left"], 1)
  assert not os.path.exists(t.path("receipt"))
  t.write("store/" + BIG_KEY, pdb_with("5" * 32, 0))
  os.truncate(t.path("store", BIG_KEY), BIG)
  stop_in(t, "rchar")


@case("a run that is stopped while files are still looked for says how far it came")
def stopped_finding(t):
  expected = corpus(t, 40)
  for names, said, left in ([], "Stopped before all files were found.", None), (
      expected.values(), "Stopped before all files were found: build/part0/module0.pdb", 40):
    run = t.start("-l", "store", "--format", "json", "--files-from", "-", stdin=subprocess.PIPE)
    run.stdin.write("".join(f"{name}\n" for name in names).ljust(4096, "\n").encode())
    until(lambda run=run: waits_for_more(run), run)
    run.send_signal(signal.SIGTERM)
    done = end(run, 143)
    holds(done.err, said)
    lacks(done.out + done.err, "error")
    same((done.summary().get("left"), done.summary()["unsearched"]), (left, True))
  assert not os.path.exists(t.path("store"))


@case("a stop waits for no disk that has much to write")
def stopped_flushing(t):
  expected = corpus(t, 20)
  slow = {"LD_PRELOAD": t.given("SYMBOL_UPLOAD_STARVED"), "STARVED_SYNC": "20"}
  if t.sanitized:
    raise Skip("a sanitizer minds what is preloaded")

  t.write("build/part0/large.pdb", pdb_with("6" * 32, 20_000_000))
  size = 20_000_000 + sum(os.path.getsize(t.path(source)) for source in expected.values())
  run = t.start(*ARGS, "--format", "json", env=slow)
  until(lambda: bytes_moved(run, "wchar") >= size, run)
  time.sleep(0.2)
  began = time.monotonic()
  run.send_signal(signal.SIGINT)
  done = end(run, 130)
  assert time.monotonic() - began < 10, "it waited for the disk"
  holds(done.err, "Stopped: ", " and 20 more were not delivered.")
  same((done.summary()["left"], t.symbols()), (21, []))
  t.run(*ARGS)  # whoever still waits for the disk holds no lock
  same(len(t.symbols()), 21)


@case("a full disk is a failure with its reason, and leaves nothing incomplete")
def full_disk(t):
  t.write("build/m.pdb", pdb_with("0" * 31 + "3", 3_000_000))
  t.take("windows/crashy.exe")
  done = t.run("-d", "build", "-f", "*", "-l", "store", "--format", "json", status=1,
               limits=[(resource.RLIMIT_FSIZE, 1_000_000)])
  same(t.symbols(), ["crashy.exe/65F0C0DE3000/crashy.exe"])
  same(done.summary()["failed"], 1)
  same([name for name in os.listdir(t.path("store")) if name.startswith(".")], [])


@case("a disk that is full is told once for all files, the other store gets them all, and the next run ends it")
def full_for_all(t):
  expected = corpus(t, 60, 20_000)
  os.mkdir(t.path("small"))
  mount = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", t.path("small")]
  if subprocess.run(mount, capture_output=True).returncode:
    raise Skip("nothing can be mounted here")
  try:
    for flush in "none", "batch", "each":
      done = t.run("-l", "small/" + flush, "--to", "file://" + t.path("other", flush), "--flush", flush,
                   "--format", "json", "build", status=1)
      same(done.err, f"error: small/{flush}: nothing more can be written there: No space left on device\n")
      failed = [o["target"] for o in done.objects() if o.get("action") == "failed"]
      same(failed, ["small/" + flush] * (60 - len(t.symbols("small/" + flush))))
      assert failed, flush
      for path in t.symbols("small/" + flush):
        same_bytes(t.path("small", flush, path), t.path(expected[path]))
      same(t.symbols("other/" + flush), sorted(expected))
      same([name for name in os.listdir(t.path("small", flush)) if name.startswith(".")], [])
      subprocess.run(["mount", "-o", "remount,size=16m", t.path("small")], check=True)
      t.run("-l", "small/" + flush, "build")
      same(t.symbols("small/" + flush), sorted(expected))
      shutil.rmtree(t.path("small", flush))
      subprocess.run(["mount", "-o", "remount,size=512k", t.path("small")], check=True)
  finally:
    subprocess.run(["umount", t.path("small")], check=True)


@case("staging folders of killed runs are cleared away, those of running ones are not")
def staging(t):
  corpus(t, 100)
  os.mkfifo(t.path("names"))
  waiting = t.start("--files-from", "names", "-l", "store")
  try:
    t.run(*ARGS)
    t.run("-d", FILES, "-f", "windows/*.exe", "-l", "store")
  finally:
    waiting.kill()
    waiting.communicate()
  t.run(*ARGS)
  same([name for name in os.listdir(t.path("store")) if name.startswith(".")], [])
