# SPDX-License-Identifier: MIT
"""Transactions where something goes wrong: stores that others wrote, entries that lead astray, many
writers, killed runs and removals, full disks."""
import ctypes
import fcntl
import os
import random
import resource
import shutil
import signal
import stat
import struct
import time

from harness import CRASHY, NOBODY, Skip, case, corpus, end, holds, pdb_with, same, says, until
from transactions import (admin, entries, everything, files_of, living, note, numbers_used, path_of, referred, referring,
                          rows)

EXE = "crashy.exe/65F0C0DE3000/crashy.exe"

# ----------------------------------------------- stores of symstore.exe --

BIGAGE = "bigage.pdb/C9A61DDDD7E44353A668E39AC614A7EAa"
PROG = "dummyprog.pdb/F6301B4562FE4B4DB691192733ECE6B71"
LIB = "dummylib.pdb/86808261E6FD4CC29DC8D3CEC6FC84AF1"
LINES = [b'0000000001,add,file,09/06/2016,10:34:19,"dummyprod","","",\r\n',
         b'0000000002,add,file,09/06/2016,10:45:51,"dummylib","","",\r\n',
         b'0000000003,add,file,09/06/2016,10:57:50,"peprods","1.0.1","",\r\n']


def put(t, folder, *refs, packed=False):
  """A file and its refs.ptr, joined as symstore.exe joins its lines."""
  name = folder.split("/")[0]
  t.write(f"store/{folder}/{name[:-1]}_" if packed else f"store/{folder}/{name}", folder.encode())
  t.write(f"store/{folder}/refs.ptr", b"\r\n".join(
    b'%010d,%s,"C:\\Users\\u\\symstore\\files\\%s",%s,,%s,,' % (number, kind, name.encode(), word, b"NY"[packed:packed + 1])
    for number, kind, word in refs))


def listed(*folders):
  """A transaction's list."""
  return b"".join(b'"%s","C:\\Users\\u\\symstore\\files\\%s"\r\n'
                  % (folder.replace("/", "\\").encode(), folder.split("/")[0].encode()) for folder in folders)


def symstore(t, history_end=b"\r\n"):
  """What symstore.exe leaves after three adds, the third of which published a file again."""
  put(t, BIGAGE, (1, b"file", b"pub"))
  put(t, PROG, (1, b"file", b"pri"), (3, b"file", b"pri"))
  put(t, LIB, (2, b"file", b"pub"), packed=True)
  t.write("store/000Admin/0000000001", listed(BIGAGE, PROG))
  t.write("store/000Admin/0000000002", listed(LIB))
  t.write("store/000Admin/0000000003", listed(PROG))
  t.write("store/000Admin/server.txt", b"".join(LINES))
  t.write("store/000Admin/history.txt", b"".join(LINES)[:-2] + history_end)
  t.write("store/000Admin/lastid.txt", b"0000000003")
  t.write("store/pingme.txt")


@case("a store of symstore.exe is listed, and a transaction takes with it what it alone needs")
def of_symstore(t):
  for history_end in b"\r\n", b"":
    shutil.rmtree(t.path("store"), ignore_errors=True)
    symstore(t, history_end)
    seen = [(o["transaction"], o["state"], o["application"], o["files"], o["time"])
            for o in t.run("history", "-l", "store", "--format", "json").objects()]
    same(seen, [(1, "live", "dummyprod", 2, "2016-09-06T10:34:19"), (2, "live", "dummylib", 1, "2016-09-06T10:45:51"),
                (3, "live", "peprods", 1, "2016-09-06T10:57:50")])
    t.run("remove", "-l", "store", "1", "-q")
    same(files_of(t), [f"{LIB}/dummylib.pd_", f"{PROG}/dummyprog.pdb"])
    same(t.read(f"store/{PROG}/refs.ptr"),
         b'0000000003,file,"C:\\Users\\u\\symstore\\files\\dummyprog.pdb",pri,,N,,')
    same((t.read("store/000Admin/server.txt"), t.read("store/000Admin/history.txt")),
         (LINES[1] + LINES[2], b"".join(LINES) + b"0000000004,del,0000000001\r\n"))
    t.run("remove", "-l", "store", "2", "-q")
    same(files_of(t), [f"{PROG}/dummyprog.pdb"])
    t.take("windows/crashy.exe")
    t.run("build", "-l", "store", "-q")
    same((living(t), files_of(t)), ([3, 6], [EXE, f"{PROG}/dummyprog.pdb"]))


@case("an editor that sets a byte order mark before each text of a store takes no line from it")
def marked_texts(t):
  symstore(t)
  for name in "server.txt", "history.txt", "lastid.txt", "0000000001", "0000000003":
    t.write(f"store/000Admin/{name}", b"\xef\xbb\xbf" + t.read(f"store/000Admin/{name}"))
  t.write(f"store/{BIGAGE}/refs.ptr", b"\xef\xbb\xbf" + t.read(f"store/{BIGAGE}/refs.ptr"))
  same([(o["transaction"], o["files"]) for o in t.run("history", "-l", "store", "--format", "json").objects()],
       [(1, 2), (2, 1), (3, 1)])
  t.run("remove", "-l", "store", "1", "-q")
  same((living(t), files_of(t)), ([2, 3], [f"{LIB}/dummylib.pd_", f"{PROG}/dummyprog.pdb"]))
  same([row[0] for row in rows(t, "history.txt")], [f"{n:010}" for n in range(1, 5)])
  assert not os.path.exists(t.path("store", BIGAGE))


@case("a folder called lock among those of killed runs keeps no removal waiting")
def folder_called_lock(t):
  symstore(t)
  os.makedirs(t.path("store/.symbol-upload/0123456789abcdef/lock"))
  t.run("prune", "-l", "store", "--keep-last", "1", "-a", "dummyprod", "-q")
  t.run("remove", "-l", "store", "2", "-q")
  same(living(t), [1, 3])


@case("of the forms of 1999 and of tools that leave out a quotation mark, too")
def old_forms(t):
  symstore(t)
  t.write("store/000Admin/server.txt", b"1,add,file,01/13/99,09:34:17,dummyprod,,,\n" + LINES[1] + LINES[2])
  t.write("store/000Admin/0000000001", b'"%s","/x\n"%s","/x\n' % (BIGAGE.replace("/", "\\").encode(), PROG.encode()))
  t.write(f"store/{BIGAGE}/refs.ptr", b"1,file,C:\\bigage.pdb\n")
  done = t.run("prune", "-l", "store", "--older-than", "364d", "-a", "dummyprod", "--format", "json")
  same([(o["path"], o["action"]) for o in done.objects()[:-1]], [(BIGAGE, "removed"), (PROG, "needed")])
  same(living(t), [2, 3])


@case("a transaction of pointers: file.ptr stands where the last line of refs.ptr is one")
def pointers(t):
  symstore(t)
  put(t, BIGAGE, (1, b"file", b"pub"), (4, b"ptr", b"pub"), (5, b"ptr", b"pub"))
  put(t, LIB, (5, b"ptr", b"pub"), (2, b"file", b"pub"))
  t.write(f"store/{BIGAGE}/file.ptr", b"C:\\Users\\u\\symstore\\files\\bigage.pdb")
  only = "only.pdb/11111111111111111111111111111111a"
  put(t, only, (5, b"ptr", b"pub"))
  os.remove(t.path("store", only, "only.pdb"))
  t.write(f"store/{only}/file.ptr", b"\\\\server\\only.pdb")
  t.write("store/000Admin/server.txt", b"".join(LINES) + b'0000000004,add,ptr,09/06/2016,10:57:50,"p","","",\r\n'
          b'0000000005,add,ptr,09/06/2016,10:57:50,"p","","",\r\n')
  t.write("store/000Admin/0000000004", listed(BIGAGE))
  t.write("store/000Admin/0000000005", listed(BIGAGE, LIB, only))
  same([o.get("type") for o in t.run("history", "-l", "store", "--format", "json").objects()],
       [None] * 3 + ["pointers"] * 2)
  t.run("remove", "-l", "store", "5", "-q")
  same((referring(t, f"{BIGAGE}/x"), referring(t, f"{LIB}/x")), ([1, 4], [2]))
  same(t.read(f"store/{BIGAGE}/file.ptr"), b"C:\\Users\\u\\symstore\\files\\bigage.pdb")
  assert not os.path.exists(t.path("store", LIB, "file.ptr"))
  assert not os.path.exists(t.path("store/only.pdb")), "the pointer went, and its folder"
  t.run("remove", "-l", "store", "4", "-q")
  same((referring(t, f"{BIGAGE}/x"), os.listdir(t.path("store", BIGAGE)).count("file.ptr")), ([1], 0))
  assert f"{BIGAGE}/bigage.pdb" in files_of(t)


@case("a transaction of pointers keeps no file: where it alone is left, its pointer is")
def pointer_left(t):
  symstore(t)
  put(t, BIGAGE, (1, b"file", b"pub"), (4, b"ptr", b"pub"))
  t.write("store/000Admin/server.txt", b"".join(LINES) + b'0000000004,add,ptr,09/06/2016,10:57:50,"p","","",\r\n')
  t.write("store/000Admin/0000000004", listed(BIGAGE))
  t.run("remove", "-l", "store", "1", "-q")
  same(sorted(os.listdir(t.path("store", BIGAGE))), ["file.ptr", "refs.ptr"])
  same((referring(t, f"{BIGAGE}/x"), t.read(f"store/{BIGAGE}/file.ptr")),
       ([4], b"C:\\Users\\u\\symstore\\files\\bigage.pdb"))


@case("where the file system has no locks a run that does not ask for a transaction is none, as before")
def no_locks(t):
  symstore(t)
  t.take("windows/crashy.exe")
  note(t, "build", status=1, without=["flock"])
  assert EXE not in files_of(t)
  t.run("-l", "store", "-q", "build", without=["flock"])
  same((EXE in files_of(t), living(t)), (True, [1, 2, 3]))
  t.run("remove", "-l", "store", "1", status=1, without=["flock"])
  same(living(t), [1, 2, 3])


@case("a line of refs.ptr that makes no sense is kept, and its file with it")
def strange_lines(t):
  symstore(t)
  strange = b"-1,file,\"x\"\r\nwho knows"
  t.write(f"store/{BIGAGE}/refs.ptr", t.read(f"store/{BIGAGE}/refs.ptr") + b"\r\n" + strange)
  done = t.run("remove", "-l", "store", "1", "--format", "json")
  same(done.actions() or [(o["path"], o["action"]) for o in done.objects()[:-1]], [(BIGAGE, "needed"), (PROG, "needed")])
  same(t.read(f"store/{BIGAGE}/refs.ptr"), strange)
  assert f"{BIGAGE}/bigage.pdb" in files_of(t)


@case("where lastid.txt is lost and a list too, no number is given that server.txt or history.txt has")
def lost_number(t):
  for lost in b"", b"who knows", None:
    shutil.rmtree(t.path("store"), ignore_errors=True)
    t.take("windows/crashy.exe")
    symstore(t)
    os.unlink(t.path("store/000Admin/lastid.txt"))
    if lost is not None:
      t.write("store/000Admin/lastid.txt", lost)
    t.write("store/000Admin/server.txt", LINES[0] + LINES[1])
    t.write("store/000Admin/history.txt", b"".join(LINES) + b"0000000004,del,0000000003\r\n")
    for name in "0000000002", "0000000003":
      os.unlink(t.path("store/000Admin", name))
    note(t, "build")
    same((living(t), t.read("store/000Admin/lastid.txt")), ([1, 2, 5], b"0000000005"))


@case("a number that two transactions have, as writers without a lock leave it, goes only where both may")
def number_twice(t):
  symstore(t)
  t.write("store/000Admin/server.txt", LINES[0] + LINES[1] + LINES[1].replace(b"dummylib", b"dummyprod") + LINES[2])
  done = t.run("prune", "-l", "store", "--older-than", "1d", "--keep-last", "1", "--plan", "--format", "json")
  same(sorted({o["transaction"] for o in done.objects()[:-1]}), [1])
  t.run("prune", "-l", "store", "--keep-last", "1", "-q")
  same((living(t), len(files_of(t))), ([2, 2, 3], 2))


@case("a line whose end is torn away says nothing, rather than swallow the next: status 1, and nothing goes")
def torn_lines(t):
  for name in "server.txt", "0000000003":
    for torn in b"\r", b"\0\0\0\0", b"\0\0":
      shutil.rmtree(t.path("store"), ignore_errors=True)
      symstore(t)
      text = LINES[0] + LINES[1] + LINES[2] if name == "server.txt" else listed(PROG, BIGAGE)
      end = text.index(b"\r\n")
      t.write(f"store/000Admin/{name}", text[:end] + torn + text[end + 2:])
      before = t.content()
      done = t.run("remove", "-l", "store", "1", status=1)
      holds(done.err, f"error: store: 000Admin/{name}: line 1 is no ")
      same(t.content(), before)
  symstore(t)
  t.write(f"store/{PROG}/refs.ptr", t.read(f"store/{PROG}/refs.ptr").replace(b"\r\n", b"\r"))
  t.write("store/000Admin/0000000003", b"")
  t.run("remove", "-l", "store", "1", "-q")
  assert f"{PROG}/{PROG.split('/')[0]}" in files_of(t)


@case("to a text in UTF-16, as an editor may have left it, nothing is added: the run says so")
def utf16(t):
  symstore(t)
  wide = "".join(line.decode() for line in LINES).encode("utf-16")
  t.write("store/000Admin/server.txt", wide)
  t.take("windows/crashy.pdb")
  done = t.run("build", "-l", "store", "-q", status=1)
  holds(done.err, "the transaction cannot be noted: 000Admin: server.txt is in UTF-16, to which nothing can be added")
  same(t.read("store/000Admin/server.txt"), wide)


@case("what stands in the place of lastid.txt or pingme.txt is named")
def marks_in_the_way(t):
  t.take("windows/crashy.pdb")
  note(t, "build")
  os.unlink(t.path("store/pingme.txt"))
  os.makedirs(t.path("store/pingme.txt"))
  holds(t.run("remove", "-l", "store", "1", status=1).err, "error: store: pingme.txt: cannot touch the file")
  note(t, "build", status=1)
  os.unlink(t.path("store/000Admin/lastid.txt"))
  os.mkfifo(t.path("store/000Admin/lastid.txt"))
  holds(t.run("remove", "-l", "store", "3", status=1).err, "error: store: 000Admin: lastid.txt: not a regular file")


# ------------------------------------------------------ led astray --

@case("an entry that leaves the store or names what is its own is refused: status 1, nothing else is spared")
def astray(t):
  for evil in ("..\\..\\x", "..\\mine\\x", "a\\..\\..\\mine\\x", "/etc\\x", f"{t.path('mine')}", "C:\\mine\\x", "x",
               "000Admin\\server.txt", "pingme.txt", "..", "store\\..\\..\\mine", "crashy.exe\\65F0C0DE3000\\refs.ptr"):
    shutil.rmtree(t.path("store"), ignore_errors=True)
    t.take("windows/crashy.exe")
    t.write("mine/x", b"mine")
    t.write("x/x", b"mine")
    note(t, "build")
    note(t, "build")
    t.write("store/000Admin/0000000001", b'"%s","x"\r\n' % evil.encode() + t.read("store/000Admin/0000000001"))
    done = t.run("remove", "-l", "store", "1", "--format", "json", status=1)
    holds(done.err, "entries that name no file of the store were left alone")
    same([o["action"] for o in done.objects()[:-1]], ["refused", "needed"], evil)
    same((t.read("mine/x"), t.read("x/x"), living(t), files_of(t)), (b"mine", b"mine", [2], [EXE]))


@case("a list tells a path in its own way: what a living transaction needs stays all the same")
def other_words(t):
  t.take("windows/crashy.exe")
  folder = os.path.dirname(EXE).encode()
  for entry in EXE.encode(), EXE.replace("/", "\\").encode(), folder, folder.upper(), folder.replace(b"/", b"\\").lower():
    for living_one in True, False:
      shutil.rmtree(t.path("store"), ignore_errors=True)
      note(t, "build")
      note(t, "build")
      t.write(f"store/000Admin/000000000{1 + living_one}", b'"%s","x"\r\n' % entry)
      t.write(f"store/{os.path.dirname(EXE)}/refs.ptr", b'0000000001,file,"x",bin,,N,,')
      t.run("remove", "-l", "store", "1", "-q")
      same(files_of(t), [EXE], entry)


@case("a link in the place of a folder or a file is not followed")
def links(t):
  for depth in 1, 2, 3:
    shutil.rmtree(t.path("store"), ignore_errors=True)
    shutil.rmtree(t.path("mine"), ignore_errors=True)
    t.take("windows/crashy.exe")
    t.take("windows/crashy.pdb")
    note(t, "build")
    place = "/".join(EXE.split("/")[:depth])
    shutil.copytree(t.path("store/crashy.exe"), t.path("mine/crashy.exe"))
    mine = t.content("mine")
    target = t.path("mine", place)
    if depth == 3:
      os.remove(t.path("store", place))
    else:
      shutil.rmtree(t.path("store", place))
    os.symlink(target, t.path("store", place))
    done = t.run("remove", "-l", "store", "1", status=None)
    assert done.status in (0, 1), done.err
    same(t.content("mine"), mine, f"{depth} {done.out}{done.err}")
    assert not os.path.exists(t.path("store", CRASHY)), done.err
    same(done.status, 1 if depth == 1 else 0, done.err)


@case("000Admin that is a link or a file is refused, by runs and by removals")
def no_folder(t):
  t.take("windows/crashy.exe")
  t.write("elsewhere/server.txt", LINES[0])
  os.makedirs(t.path("store"))
  for make in (lambda path: os.symlink(t.path("elsewhere"), path), lambda path: t.write("store/000Admin", b"x")):
    make(t.path("store/000Admin"))
    for args in ["build"], ["remove", "1"], ["history"], ["prune", "--keep-last", "1"]:
      holds(t.run(*args, "-l", "store", status=1).err, "error: store: ", "000Admin")
    os.remove(t.path("store/000Admin"))
  same(t.tree("elsewhere"), ["server.txt"])


# ---------------------------------------------------------- many writers --

def claims(t):
  """The numbers that runs have claimed which are at work, or were killed."""
  return [name for name in t.tree("store/000Admin")
          if name.isdigit() and os.stat(t.path("store/000Admin", name)).st_size == 0]


HELD = "hold.pdb/" + "F" * 32 + "1"


def holding(t):
  """A run that is a transaction, has begun, and waits for a lock. Close that to let it go on."""
  t.write("hold/hold.pdb", pdb_with("F" * 32, 14_000))
  os.makedirs(t.path("store", HELD), exist_ok=True)
  lock = os.open(t.path("store", HELD), os.O_RDONLY)
  fcntl.flock(lock, fcntl.LOCK_EX)
  run = t.start("hold", "-l", "store", "--transaction", "--flush", "none", "-q")
  until(lambda: claims(t), run)
  return run, lock


@case("eight runs at once are eight transactions, and a removal waits for them")
def eight_at_once(t):
  t.take("windows/crashy.exe", "shared/crashy.exe")
  note(t, "shared")
  for i in range(8):
    t.write(f"own{i}/m{i}.pdb", pdb_with(f"{i + 1:032X}", 20_000))
  waiting, lock = holding(t)
  removal = t.start("remove", "-l", "store", "1")
  says(removal, "Waiting for a run that fills the store.")
  runs = [t.start("shared", f"own{i}", "-l", "store", "-q", "--flush", "none") for i in range(8)]
  for run in runs:
    end(run)
  same(removal.poll(), None)
  os.close(lock)
  end(waiting)
  removed = end(removal)
  same(removed.err, "", "it is said once")
  same(removed.out, "1 transaction, 0 files (0 B) removed; 1 is needed by another one\n")
  same(sorted(living(t)), list(range(2, 11)))
  same(sorted(referring(t, EXE)), list(range(3, 11)))
  same(len(numbers_used(t)), len(set(numbers_used(t))))
  same(len(files_of(t)), 10)
  for i in range(2, 11):
    for entry in entries(t, i):
      assert os.path.exists(t.path("store", path_of(t, entry)))
  t.run("verify", "-l", "store", "-q")


@case("a run that begins while a removal is at work finds what is left when it is done")
def run_during_removal(t):
  expected = corpus(t, 60, 1)
  for _ in range(4 if t.sanitized else 10):
    note(t, "build")
    number = living(t)[-1]
    removal = t.start("remove", "-l", "store", number, "-q")
    time.sleep(random.uniform(0, 0.05))
    run = t.start("build", "-l", "store", "-q", "--flush", "none")
    end(run)
    end(removal)
    same(files_of(t), sorted(expected))
    same(len(living(t)), 1)
    t.run("remove", "-l", "store", living(t)[0], "-q")
    same(files_of(t), [])


@case("a store that is verified while a removal is at work has no faults for it")
def verified_during_removal(t):
  corpus(t, 60, 1)
  t.take("windows/crashy.pdb", "kept/crashy.pdb")
  for i in range(4 if t.sanitized else 8):
    note(t, "build")
    note(t, "kept")
    removal = t.start("prune", "-l", "store", "--keep-last", "1", "-q")
    time.sleep(i % 5 * 0.004)
    while removal.poll() is None:
      same(t.run("verify", "-l", "store", "-q", status=None).err, "")
    same((end(removal).err, files_of(t)), ("", [CRASHY]))

@case("removals at once: one is first, and what a rule chose and is gone is nobody's fault")
def removals_at_once(t):
  t.take("windows/crashy.exe")
  for _ in range(4):
    note(t, "build")
  waiting, lock = holding(t)
  prunes = [t.start("prune", "-l", "store", "--keep-last", "1") for _ in range(3)]
  for prune in prunes:
    holds(prune.stderr.readline().decode(), "Waiting")
  os.close(lock)
  end(waiting)
  said = sorted(end(prune).out for prune in prunes)
  same(said, ["3 transactions, 0 files (0 B) removed; 1 is needed by another one\n"] +
       ["There is no transaction to remove.\n"] * 2)
  same(living(t), [4, 5])


@case("a removal that waits hears a stop")
def stopped_waiting(t):
  t.take("windows/crashy.exe")
  note(t, "build")
  waiting, lock = holding(t)
  removal = t.start("remove", "-l", "store", "1")
  removal.stderr.readline()
  removal.send_signal(signal.SIGTERM)
  end(removal, 128 + signal.SIGTERM)
  same((living(t), entries(t, 1), t.read("store/" + EXE)), ([1], [os.path.dirname(EXE)], t.read("build/crashy.exe")))
  os.close(lock)
  end(waiting)


# ------------------------------------------------------- stopped, killed --

@case("a run that is stopped is no transaction; what it stored is in the next one")
def stopped(t):
  waiting, lock = holding(t)
  waiting.send_signal(signal.SIGTERM)
  os.close(lock)
  end(waiting, 128 + signal.SIGTERM)
  same(t.tree("store/000Admin"), ["lastid.txt"])
  note(t, "hold")
  same(living(t), [2], "its number is not given again")
  same(referring(t, f"{HELD}/hold.pdb")[-1], 2)
  t.run("remove", "-l", "store", "2", "-q")
  same(files_of(t), [])


def flushes(run):
  """Does another process wait for the disk in its stead?"""
  try:
    with open(f"/proc/{run.pid}/task/{run.pid}/children", encoding="ascii") as file:
      return file.read() != ""
  except FileNotFoundError:
    return False


@case("a run or a removal that is stopped while the disk is slow waits for it no longer; the next one does the rest")
def stopped_flushing(t):
  slow = {"LD_PRELOAD": t.given("SYMBOL_UPLOAD_STARVED"), "STARVED_SYNC": "20"}
  if t.sanitized:
    raise Skip("a sanitizer minds what is preloaded")
  t.take("windows/crashy.pdb")
  # Two flushes are those of the files.
  for args, env in (["build", "--transaction"], {"STARVED_SYNC_AT": "3"}), (["remove", "2"], {}):
    run = t.start(*args, "-l", "store", "-q", env={**slow, **env})
    until(lambda run=run: flushes(run), run)
    began = time.monotonic()
    run.send_signal(signal.SIGTERM)
    same(end(run, 143).err, "")
    assert time.monotonic() - began < 10, "it waited for the disk"
    if args[0] == "build":
      same(([n for n in t.tree("store/000Admin") if n != "lastid.txt"], files_of(t)), ([], [CRASHY]))
      note(t, "build")
    else:
      same((living(t), files_of(t)), ([2], []))
      t.run("prune", "-l", "store", "--keep-last", "1", "-q")
      same((living(t), t.tree("store/000Admin").count("0000000002.deleted")), ([], 1))


def check_consistent(t, given):
  """What holds at any moment: no living transaction lacks a file, and no number is given twice."""
  for number in living(t):
    if not os.path.exists(t.path(f"store/000Admin/{number:010}")):
      assert os.path.exists(t.path(f"store/000Admin/{number:010}.deleted")), f"{number} has no list"
      continue
    lost = [entry for entry in entries(t, number) if not os.path.isfile(t.path("store", path_of(t, entry)))]
    same(lost, [], f"of transaction {number}")
    assert entries(t, number), f"{number} is empty"
  used = numbers_used(t)
  same(len(used), len(set(used)), f"{used}")
  for row in rows(t, "server.txt") + rows(t, "history.txt"):
    same(given.setdefault(int(row[0]), row), row, "a number was given twice")


@case("runs and removals killed at random moments: no transaction lacks a file, and the next removal clears up")
def killed(t):
  seed = int(os.environ.get("SYMBOL_UPLOAD_SEED", time.time_ns() % 1_000_000))
  print(f"# SYMBOL_UPLOAD_SEED={seed}", flush=True)
  chance = random.Random(seed)
  corpus(t, 28, 1)
  parts = [f"build/part{i}" for i in range(7)]
  note(t, *parts)
  given = {}  # number -> the line that it was given to
  begun = time.monotonic()
  note(t, *parts)
  whole = time.monotonic() - begun
  begun_removals = halves = 0
  for i in range(24 if t.sanitized else 56):
    if i % 2 == 0 or len(living(t)) < 2:
      process = t.start(*chance.sample(parts, 4), "-l", "store", "-q", "-a", f"run {i}", "--flush",
                        chance.choice(["none", "batch"]), "-j", chance.choice("128"))
    else:
      process = t.start("remove", "-l", "store", "-q", *map(str, chance.sample(living(t), 1 + i % 2)))
    time.sleep(chance.uniform(0, whole))
    process.kill()
    process.communicate()
    check_consistent(t, given)
    begun_removals += any(not os.path.exists(t.path(f"store/000Admin/{n:010}")) for n in living(t))
    halves += len(claims(t)) > 0
    if i % 8 == 7:
      note(t, *parts)
      check_consistent(t, given)
      t.run("remove", "-l", "store", living(t)[-1], "-q")
      check_consistent(t, given)
      for number in living(t):
        assert os.path.exists(t.path(f"store/000Admin/{number:010}")), f"{number} was begun, and is not done"
      same(claims(t), [], "numbers that were claimed by runs that died")
      assert not os.path.exists(t.path("store/.symbol-upload"))
  print(f"# {begun_removals} times a removal was begun, {halves} times a number was claimed", flush=True)
  for _ in range(2):
    note(t, *parts)
  t.run("remove", "-l", "store", "-q", *living(t)[:-1])
  last, = living(t)
  same(sorted(files_of(t)), sorted(path_of(t, entry) for entry in entries(t, last)))
  same({numbers[-1] for numbers in referred(t).values()}, {last})
  t.run("remove", "-l", "store", last, "-q")
  same(files_of(t), [])


@case("a transaction of which a removal was begun counts for none of those that --keep-last keeps")
def begun_newest(t):
  t.take("windows/crashy.exe")
  t.take("windows/crashy.pdb")
  note(t, "build/crashy.exe")
  note(t, "build/crashy.pdb")
  os.rename(t.path("store/000Admin/0000000002"), t.path("store/000Admin/0000000002.deleted"))
  holds(t.run("prune", "-l", "store", "--keep-last", "1").out, "1 transaction, 1 file")
  same((living(t), files_of(t)), ([1], [EXE]))


@case("a removal that was begun and not finished is finished by the next, and kept in view by history")
def begun(t):
  t.take("windows/crashy.exe")
  t.take("windows/crashy.pdb")
  note(t, "build")
  note(t, "build/crashy.exe")
  note(t, "build/crashy.exe")
  os.rename(t.path("store/000Admin/0000000001"), t.path("store/000Admin/0000000001.deleted"))
  os.remove(t.path("store", CRASHY))  # and it had come so far
  same([(o["state"], o["files"]) for o in t.run("history", "-l", "store", "--format", "json").objects()],
       [("live", 2), ("live", 1), ("live", 1)])
  done = t.run("remove", "-l", "store", "2", "--format", "json")
  same({o["path"]: o["action"] for o in done.objects()[:-1]},
       {os.path.dirname(EXE): "needed", os.path.dirname(CRASHY): "missing"})
  same((done.summary()["transactions"], living(t), files_of(t)), (2, [3], [EXE]))
  same(admin(t, "history.txt").splitlines()[3:], [b"0000000004,del,0000000002", b"0000000005,del,0000000001"])


class Arrivals:
  """The names that files get in a folder, in their order: by inotify."""

  def __init__(self, folder):
    libc = ctypes.CDLL(None, use_errno=True)
    self.inotify = libc.inotify_init1(os.O_NONBLOCK)
    if self.inotify < 0 or libc.inotify_add_watch(self.inotify, os.fsencode(folder), 0x80) < 0:  # IN_MOVED_TO
      raise Skip("no inotify here")

  def names(self):
    data, at, names = os.read(self.inotify, 1 << 16), 0, []
    while at < len(data):
      length, = struct.unpack_from("12xI", data, at)
      names.append(data[at + 16:at + 16 + length].rstrip(b"\0").decode())
      at += 16 + length
    return names


@case("a number is in lastid.txt before anything else bears it, and lists come before who says that they live")
def order(t):
  t.take("windows/crashy.exe")
  os.makedirs(t.path("store/000Admin"))
  arrivals = Arrivals(t.path("store/000Admin"))
  note(t, "build")
  same(arrivals.names(), ["lastid.txt", "0000000001", "server.txt", "history.txt"])
  t.run("remove", "-l", "store", "1", "-q")
  same(arrivals.names(), ["0000000001.deleted", "lastid.txt", "history.txt", "server.txt"])


# ------------------------------------------------------------ full disks --

@case("where server.txt cannot be written there is no transaction: status 1, and the next run has the files")
def full_server(t):
  t.take("windows/crashy.exe")
  note(t, "build/crashy.exe")
  long = b'0000000001,add,file,09/06/2016,10:34:19,"' + b"a" * 200 + b'","","",\r\n'
  t.write("store/000Admin/server.txt", long + long * 400)
  before = admin(t, "server.txt")
  t.take("windows/crashy.pdb")
  limit = [(resource.RLIMIT_FSIZE, 90_000)]
  done = t.run("build", "-l", "store", "--flush", "none", status=1, limits=limit)
  holds(done.err, "the transaction cannot be noted: 000Admin: server.txt: ")
  same((admin(t, "server.txt"), files_of(t)), (before, [EXE, CRASHY]))
  same(t.tree("store/000Admin"), ["0000000001", "history.txt", "lastid.txt", "server.txt"])
  t.run("build", "-l", "store", "-q")
  same(living(t)[-1], 3)
  done = t.run("remove", "-l", "store", "3", status=1, limits=limit)
  holds(done.err, "server.txt: ")
  same((living(t)[-1], os.path.exists(t.path("store/000Admin/0000000003.deleted"))), (3, True), "it stays begun")
  t.run("remove", "-l", "store", "3", "-q")
  same((living(t)[-1], files_of(t)), (1, [EXE]))


@case("where only history.txt cannot be written the transaction lives, and the run says so: status 1")
def full_history(t):
  t.take("windows/crashy.exe")
  os.makedirs(t.path("store/000Admin"))
  t.write("store/000Admin/history.txt", (LINES[0] + b"0000000002,del,0000000001\r\n") * 1000)
  t.write("store/000Admin/lastid.txt", b"0000000002")
  limit = [(resource.RLIMIT_FSIZE, 80_000)]
  done = t.run("build", "-l", "store", status=1, limits=limit)
  holds(done.err, "the transaction cannot be noted: 000Admin: history.txt: ")
  same(living(t), [3])
  same([(o["transaction"], o["state"]) for o in t.run("history", "-l", "store", "--format", "json").objects()],
       [(1, "removed"), (3, "live")])
  holds(t.run("remove", "-l", "store", "3", status=1, limits=limit).err, "history.txt: ")
  same(living(t), [3], "it stays begun")
  t.run("remove", "-l", "store", "3", "-q")
  same((living(t), files_of(t)), ([], []))


@case("a 000Admin that may only be read: runs and removals fail, history does not, and nothing changes")
def read_only(t):
  if os.geteuid() != 0:
    t.open_to_all()
  t.take("windows/crashy.exe")
  note(t, "build")
  for folder, _, _ in os.walk(t.folder):
    os.chmod(folder, 0o777)
  os.chmod(t.path("store/000Admin"), 0o555)
  before = everything(t)
  done = t.run("build", "-l", "store", "-q", status=1, user=NOBODY)
  holds(done.err, "error: store: 000Admin: ")
  holds(t.run("remove", "-l", "store", "1", status=1, user=NOBODY).err, "error: store: ")
  same(len(t.run("history", "-l", "store", user=NOBODY).out.splitlines()), 2)
  same(t.run("remove", "-l", "store", "1", "--plan", user=NOBODY).out.count("planned"), 1)
  same(everything(t)[1], before[1])


@case("a file that may not be removed keeps its transaction begun: status 1; it goes when it may")
def kept_file(t):
  t.take("windows/crashy.exe")
  t.take("windows/crashy.pdb")
  note(t, "build")
  for folder, _, _ in os.walk(t.folder):
    os.chmod(folder, 0o777)
  os.chmod(t.path("store", os.path.dirname(EXE)), 0o555)
  done = t.run("remove", "-l", "store", "1", status=1, user=NOBODY)
  holds(done.err, f"error: {os.path.dirname(EXE)}", "error: store: 1 entry could not be removed")
  same(done.err.count("Permission denied"), 1)
  same((living(t), files_of(t)), ([1], [EXE]))
  os.chmod(t.path("store", os.path.dirname(EXE)), stat.S_IRWXU)
  t.run("remove", "-l", "store", "1", "-q")
  same((living(t), files_of(t)), ([], []))
