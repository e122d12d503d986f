# SPDX-License-Identifier: MIT
"""The transactions of a store in a folder, as symstore.exe keeps them: noted, listed, removed."""
import os
import random
import re
import shutil
import time

from harness import CRASHY, build_id_of, case, corpus, holds, same
from transactions import READERS, admin, entries, everything, files_of, living, masked, note, path_of, referred, rows

EXE = "crashy.exe/65F0C0DE3000/crashy.exe"


# ------------------------------------------------------------------ noted --

@case("a run with --transaction writes what symstore.exe writes, byte for byte")
def bytes_of_symstore(t):
  for sample in "windows/crashy.exe", "windows/crashy.pdb":
    t.take(sample)
  t.take("windows/public/crashy.pdb", "stripped/crashy.pdb")
  note(t, "build", "-a", "peprods", "-v", "1.0.1")
  build = os.path.realpath(t.path("build")).encode()
  same(t.tree("store/000Admin"), ["0000000001", "history.txt", "lastid.txt", "server.txt"])
  same(admin(t, "0000000001"), b'"crashy.exe\\65F0C0DE3000","%s/crashy.exe"\r\n' % build +
       b'"%s","%s/crashy.pdb"\r\n' % (os.path.dirname(CRASHY).replace("/", "\\").encode(), build))
  line = b'0000000001,add,file,DATE,"peprods","1.0.1","",\r\n'
  same((admin(t, "server.txt"), admin(t, "history.txt"), admin(t, "lastid.txt")), (line, line, b"0000000001"))
  same(t.read(f"store/{os.path.dirname(EXE)}/refs.ptr"), b'0000000001,file,"%s/crashy.exe",bin,,N,,' % build)
  private = b'0000000001,file,"%s/crashy.pdb",pri,,N,,' % build
  same(t.read(f"store/{os.path.dirname(CRASHY)}/refs.ptr"), private)
  note(t, "stripped/crashy.pdb", "-a", "dummy, 2")
  second = b'0000000002,add,file,DATE,"dummy, 2","","",\r\n'
  same((admin(t, "server.txt"), admin(t, "lastid.txt")), (line + second, b"0000000002"))
  same(t.read(f"store/{os.path.dirname(CRASHY)}/refs.ptr"), private + b'\r\n0000000002,file,"%s/crashy.pdb",pub,,N,,'
       % os.path.realpath(t.path("stripped")).encode())
  t.run("remove", "-l", "store", "1", "-q")
  same(t.tree("store/000Admin"), ["0000000001.deleted", "0000000002", "history.txt", "lastid.txt", "server.txt"])
  same((admin(t, "server.txt"), admin(t, "history.txt"), admin(t, "lastid.txt")),
       (second, line + second + b"0000000003,del,0000000001\r\n", b"0000000003"))
  t.run("remove", "-l", "store", "2", "-q")
  same((admin(t, "server.txt"), files_of(t), t.read("store/pingme.txt")), (b"", [], b""))


@case("a compressed file is noted as one, and goes as one")
def compressed(t):
  t.take("windows/compressed/engine.pd_")
  note(t, "build")
  path, = [path for path in files_of(t) if path.startswith("engine.pdb/")]
  packed = path.endswith("_")
  same(entries(t, 1), [os.path.dirname(path)])
  holds(t.read(f"store/{os.path.dirname(path)}/refs.ptr").decode(), ",pri,,Y,," if packed else ",pri,,N,,")
  shutil.copyfile(t.path("build/engine.pd_"), t.path("store", path[:-1] + "_"))
  t.run("remove", "-l", "store", "1", "-q")
  same(files_of(t), [])


@case("--label makes a run a transaction and is its comment; without either a store has none")
def labels(t):
  t.take("windows/crashy.exe")
  t.run("build", "-l", "store", "-q")
  assert not os.path.exists(t.path("store/000Admin"))
  t.run("build", "-l", "store", "-q", "--label", "release, 2")
  same(admin(t, "server.txt"), b'0000000001,add,file,DATE,"","","release, 2",\r\n')


@case("a store that has transactions notes every run, and one of several stores that has none does not")
def every_run(t):
  t.take("windows/crashy.exe")
  os.makedirs(t.path("store/000Admin"))
  t.run("build", "-l", "store", "-q", "--to", f"file://{t.path('other')}")
  same(admin(t, "server.txt"), b'0000000001,add,file,DATE,"","","",\r\n')
  same(entries(t, 1), [os.path.dirname(EXE)], "what is there is noted, too")
  assert not os.path.exists(t.path("other/000Admin"))


@case("the source is noted as the machine has it, and a quotation mark in it as a question mark")
def sources(t):
  t.take("windows/crashy.exe", 'build/a"b/crashy.exe')
  for args, cwd in (['build/a"b'], None), ([t.path('build/a"b/crashy.exe')], None), (["crashy.exe"], 'build/a"b'):
    t.run(*args, "-l", t.path("store"), "--transaction", "-q", cwd=cwd and t.path(cwd))
  source = os.path.realpath(t.path('build/a"b/crashy.exe')).replace('"', "?")
  for number in 1, 2, 3:
    holds(admin(t, f"{number:010}").decode(), f',"{source}"\r\n')


@case("a run that delivers nothing leaves no transaction, and --dry-run not even a folder")
def nothing_delivered(t):
  t.take("windows/crashy.exe")
  t.write("bad/broken.pdb", b"Microsoft C/C++ MSF 7.00\r\n\x1aDS\0\0\0 broken")
  t.run("build", "-l", "store", "--transaction", "-n")
  assert not os.path.exists(t.path("store"))
  note(t, "bad", status=1)
  same([name for name in t.tree("store/000Admin") if name != "lastid.txt"], [])
  t.write("store/" + os.path.dirname(EXE), b"in the way")
  note(t, "build", status=1)
  same([name for name in t.tree("store/000Admin") if name != "lastid.txt"], [])
  os.remove(t.path("store", os.path.dirname(EXE)))
  before = everything(t)
  t.run("build", "-l", "store", "-n", "-q")
  same(everything(t), before)
  note(t, "build")
  same(len(living(t)), 1)


@case("of a run of which a part fails, what was delivered is a transaction")
def part_delivered(t):
  t.take("windows/crashy.exe")
  t.take("windows/crashy.pdb")
  t.write("store/crashy.pdb", b"in the way")
  note(t, "build", status=1)
  same((living(t), entries(t, 1)), ([1], [os.path.dirname(EXE)]))


@case("a text that a store cannot note is refused before anything is written: status 2")
def refused_texts(t):
  t.take("windows/crashy.exe")
  for args, said in ((["-a", 'My "App"'], "the application's name holds a quotation mark"),
                     (["-v", "1\n2"], "the version holds a control character"),
                     (["--label", "a" * 256], "--label is longer than 255 bytes")):
    holds(note(t, "build", *args, status=2).err, said)
    assert not os.path.exists(t.path("store"))


@case("--transaction and --label with targets that keep none: status 2")
def remote_alone(t):
  t.take("windows/crashy.exe")
  for option in ["--transaction"], ["--label", "x"]:
    done = t.run("build", "--to", "https://localhost:1/s/", *option, status=2)
    holds(done.err, f"error: {option[0]}: only a store in a folder or in S3 keeps transactions")
  for command in ["history"], ["remove", "1"], ["prune", "--keep-last", "1"]:
    holds(t.run(*command, "--to", "https://localhost:1/s/", status=2).err,
          "https://localhost:1/s/: only a store in a folder or in S3 keeps transactions")


@case("a journal's second run, which looks at no file, is a transaction of them all")
def with_journal(t):
  corpus(t, 20)
  for _ in range(2):
    note(t, "build", "--journal", "journal")
  same(entries(t, 2), entries(t, 1))
  same(len(entries(t, 2)), 20)
  same({tuple(numbers) for numbers in referred(t).values()}, {(1, 2)})
  t.run("remove", "-l", "store", "1", "-q")
  same(len(files_of(t)), 20)
  t.run("remove", "-l", "store", "2", "-q")
  same(files_of(t), [])
  note(t, "build", "--journal", "journal")
  same(len(files_of(t)), 20, "a journal does not believe in what was removed")


@case("whatever -j, the store and its transactions are the same")
def jobs_do_not_show(t):
  corpus(t, 60)
  t.take("windows/public/crashy.pdb", "build/a/crashy.pdb")
  t.take("windows/crashy.pdb", "build/b/crashy.pdb")
  t.take("windows/dotnet/Plugin.pdb")
  seen = []
  for jobs in "1", "2", "8":
    shutil.rmtree(t.path("store"), ignore_errors=True)
    note(t, "build", "-j", jobs)
    note(t, "build/b", "-j", jobs)
    seen.append({path: masked(t.read("store/" + path)) for path in t.tree()})
  assert seen[0] == seen[1] == seen[2]


@case("a store whose numbers are used up takes no transaction, and none goes")
def used_up(t):
  t.take("windows/crashy.exe")
  note(t, "build")
  t.write("store/000Admin/lastid.txt", b"9999999998")
  note(t, "build")
  same((living(t), t.read("store/000Admin/lastid.txt")), ([1, 9999999999], b"9999999999"))
  before = everything(t)
  for args in ["build", "-l", "store"], ["remove", "-l", "store", "1"]:
    holds(t.run(*args, status=1).err, "no number is left for a transaction: the highest so far is 9999999999")
    same(everything(t)[1], before[1])


# ------------------------------------------------------------ side by side --

@case("what several readers have of one build lies side by side: the one goes, the other stays")
def side_by_side(t):
  ident = os.path.dirname(CRASHY).split("/")[1]
  t.take("windows/crashy.pdb")
  t.write("sym/crashy.sym", f"MODULE windows x86_64 {ident} crashy.pdb\nPUBLIC 1000 0 main\n")
  t.take("linux/crashy", "elf/crashy")
  build_id = build_id_of("linux/crashy")
  pdb, sym = CRASHY, CRASHY[:-4] + ".sym"
  gdb = [f".build-id/{build_id[:2]}/{build_id[2:]}", f".build-id/{build_id[:2]}/{build_id[2:]}.debug"]
  for first, second, kept in (1, 2, [sym]), (2, 1, [pdb]):
    shutil.rmtree(t.path("store"), ignore_errors=True)
    note(t, "build")
    note(t, "sym", "--for", "breakpad")
    same(entries(t, 2), [sym])
    note(t, "elf", "--for", "gdb,debuginfod,sentry")
    elf = [path for path in files_of(t) if build_id[2:] in path or build_id[:2] + "/" in path]
    same([path for path in gdb if path not in elf], [])
    same(sorted(files_of(t)), sorted([pdb, sym, *elf]))
    t.run("remove", "-l", "store", str(first), "-q")
    same(sorted(files_of(t)), sorted([*kept, *elf]))
    t.run("remove", "-l", "store", "3", "-q")
    same(files_of(t), kept)
    t.run("remove", "-l", "store", str(second), "-q")
    same([name for name in os.listdir(t.path("store")) if name not in ("index.txt", "pingme.txt")], ["000Admin"],
         "and no folder is left")


@case("of two names of one file, one goes, and the bytes are given back with the last")
def hard_links(t):
  t.take("windows/crashy.pdb")
  note(t, "build", "--for", "windbg,sentry")
  note(t, "build", "--for", "windbg")
  same((len(files_of(t)), len({os.stat(t.path("store", path)).st_ino for path in files_of(t)})), (2, 1))
  size = os.path.getsize(t.path("build/crashy.pdb"))
  for numbers, files, freed in (["1"], 1, 0), (["2"], 1, size), (["5"], 2, size):
    for args in ["--plan"], []:
      summary = t.run("remove", "-l", "store", *numbers, "--format", "json", *args).summary()
      same((summary["files"], summary["bytes"]), (files, freed), f"{numbers} {args}")
    if numbers == ["2"]:
      note(t, "build", "--for", "windbg,sentry")


@case("what a run stored under names that differ in letter case alone goes with it, to the last file")
def letter_case(t):
  t.take("windows/dotnet/Plugin.pdb")
  t.take("windows/odd/eleventh.pdb")
  note(t, "build")
  brought = files_of(t)
  same(len({path.lower() for path in brought}), len(brought) - 2)
  done = t.run("remove", "-l", "store", "1", "--format", "json")
  same(sorted(o["path"] for o in done.objects()[:-1]), sorted(os.path.dirname(path) for path in brought))
  same(files_of(t), [])


@case("what stood in the store before, and no transaction brought, is touched by nobody")
def unreferenced(t):
  t.take("windows/crashy.exe")
  t.take("windows/crashy.pdb")
  t.take("windows/engine.pdb", "other/engine.pdb")
  t.run("build", "-l", "store", "-q")
  t.write(f"store/{os.path.dirname(CRASHY)}/notes.txt", b"mine")
  note(t, "other")
  before = t.content()
  note(t, "build/crashy.pdb")
  t.run("remove", "-l", "store", "1", "-q")
  same([path for path in files_of(t) if path.startswith("engine")], [])
  same(t.content()[EXE], before[EXE])
  t.run("remove", "-l", "store", "2", "-q")
  same(sorted(files_of(t)), sorted([EXE, f"{os.path.dirname(CRASHY)}/notes.txt"]))


# ----------------------------------------------------------------- listed --

def three(t):
  """Three transactions, of which the second was removed."""
  t.take("windows/crashy.exe")
  t.take("windows/crashy.pdb")
  note(t, "build", "-a", "App", "-v", "1", "--label", "release")
  note(t, "build/crashy.exe", "-a", "App", "-v", "2")
  note(t, "build/crashy.pdb", "-a", "Tool", "-v", "1")
  t.run("remove", "-l", "store", "2", "-q")


@case("history lists them to people")
def history_text(t):
  three(t)
  done = t.run("history", "-l", "store")
  lines = [re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "DATE---------------", line) for line in done.out.splitlines()]
  same(lines, [
    "transaction  time                     files  state           application       version       label",
    "          1  DATE---------------          2  live            App               1             release",
    "          2  DATE---------------          1  removed by 4    App               2",
    "          3  DATE---------------          1  live            Tool              1"])
  same(done.err, "")
  same(len(t.run("history", "-l", "store", "-a", "App").out.splitlines()), 3)
  same(len(t.run("history", "-l", "store", "-a", "App", "-v", "2").out.splitlines()), 2)
  done = t.run("history", "-l", "store", "-a", "Other")
  same(done.out, "")
  holds(done.err, "There is no such transaction.")


@case("and to machines")
def history_json(t):
  three(t)
  listed = t.run("history", "-l", "store", "--format", "json").objects()
  for o in listed:
    assert abs(time.mktime(time.strptime(o.pop("time"), "%Y-%m-%dT%H:%M:%S")) - time.time()) < 600
  same(listed[0], {"target": "store", "transaction": 1, "state": "live", "application": "App", "version": "1",
                   "label": "release", "files": 2})
  same(listed[1], {"target": "store", "transaction": 2, "state": "removed", "removed_by": 4, "application": "App",
                   "version": "2", "files": 1})
  same([o["transaction"] for o in listed], [1, 2, 3])


@case("history and remove of a store without transactions, and of none: status 1, and what is wrong")
def without_any(t):
  t.take("windows/crashy.exe")
  t.run("build", "-l", "store", "-q")
  before = everything(t)
  for command in ["history"], ["remove", "1"], ["remove", "-a", "A", "-v", "1"], ["prune", "--keep-last", "1"]:
    holds(t.run(*command, "-l", "store", status=1).err,
          "error: store: the store keeps no transactions: it has no 000Admin")
    holds(t.run(*command, "-l", "nowhere", status=1).err, "nowhere: ")
    holds(t.run(*command, status=2).err, "no store is given")
  same(everything(t), before)
  same(os.listdir(t.folder).count("nowhere"), 0)


@case("a line or a list that makes no sense is named, and nothing is removed")
def damaged(t):
  three(t)
  for name, text, said in (("server.txt", b"gibberish\r\n", "000Admin/server.txt: line 3 is no transaction"),
                           ("0000000003", b"gibberish\r\n", "000Admin/0000000003: line 2 is no entry")):
    kept = t.read(f"store/000Admin/{name}")
    t.write(f"store/000Admin/{name}", kept + text)
    before = everything(t)
    holds(t.run("remove", "-l", "store", "1", status=1).err, said)
    if name == "server.txt":
      holds(t.run("history", "-l", "store", status=1).err, said)
    else:  # how many files it has is not known
      same(["files" in o for o in t.run("history", "-l", "store", "--format", "json").objects()],
           [True, True, False])
    same(everything(t)[1], before[1])
    t.write(f"store/000Admin/{name}", kept)
  os.remove(t.path("store/000Admin/0000000003"))
  holds(t.run("remove", "-l", "store", "1", status=1).err, "transaction 3 lives, but its list 000Admin/0000000003 is "
        "missing: nobody can say what it needs")
  same(len(files_of(t)), 2)
  t.run("remove", "-l", "store", "3", "-q")
  same(len(files_of(t)), 2, "without its list it takes nothing with it")


# ---------------------------------------------------------------- removed --

@case("transactions go by number, several at once, one named twice, or of a version")
def by_number(t):
  t.take("windows/crashy.exe")
  for version in "1", "2", "2", "3", "4":
    note(t, "build", "-a", "App", "-v", version)
  note(t, "build", "-a", "Other", "-v", "2")
  done = t.run("remove", "-l", "store", "1", "0000000004", "1")
  same(done.out, "2 transactions, 0 files (0 B) removed; 1 is needed by another one\n")
  same(living(t), [2, 3, 5, 6])
  t.run("remove", "-l", "store", "-a", "App", "-v", "2", "-q")
  same(living(t), [5, 6])
  done = t.run("remove", "-l", "store", "-a", "App", "-v", "9", status=1)
  same(done.err, 'error: store: there is no live transaction of "App" in version "9"\n')
  same([row[2] for row in rows(t, "history.txt") if row[1] == "del"],
       [f"{n:010}" for n in (1, 4, 2, 3)])


@case("what is no number of a living transaction is refused, and nothing goes")
def unknown_numbers(t):
  three(t)
  before = everything(t)
  for number in "7", "2", "4":
    holds(t.run("remove", "-l", "store", "1", number, status=1).err, f"there is no live transaction {number} in the store")
  for word in "0", "-1", "x", "1x", "00000000001", "1.5", "":
    t.run("remove", "-l", "store", "--", "1", word, status=2)
  for args in [], ["-a", "App"], ["-v", "1"], ["1", "-a", "App", "-v", "1"]:
    t.run("remove", "-l", "store", *args, status=2)
  for args in [], ["1", "--keep-last", "1"], ["-a", "App"], ["--keep-last", "0"], ["--older-than", "0s"]:
    t.run("prune", "-l", "store", *args, status=2)
  holds(t.run("prune", "store", "--keep-last", "1", status=2).err, "takes no path and no number: use -l for the store")
  now = everything(t)
  same(now[1], before[1])


def said(done):
  """What a removal or its plan says, but for the one word."""
  return done.out.replace('"planned"', '"removed"'), done.err


@case("--plan says what the removal then does, and writes nothing")
def plan(t):
  for sample in "windows/crashy.exe", "windows/crashy.pdb", "windows/dotnet/Plugin.pdb", "windows/odd/eleventh.pdb":
    t.take(sample)
  note(t, "build")
  note(t, "build/crashy.exe")
  note(t, "build/crashy.pdb")
  os.remove(t.path("store", EXE))
  for command in ["remove", "3", "1"], ["prune", "--keep-last", "1"]:
    before = everything(t)
    planned = t.run(*command, "-l", "store", "--plan", "--format", "json")
    text = t.run(*command, "-l", "store", "--plan")
    same(everything(t), before)
    if command[0] == "remove":
      holds(text.out, f"planned   store/{os.path.dirname(CRASHY)}\n", "(by 2)", "would be removed")
      same(said(planned), said(t.run(*command, "-l", "store", "--format", "json")))
  same((living(t), files_of(t)), ([2], []))


@case("--verbose names every folder that goes, --quiet nothing")
def voices(t):
  three(t)
  done = t.run("remove", "-l", "store", "3", "--verbose")
  same(done.out.splitlines(), [f"needed    store/{os.path.dirname(CRASHY)}  (by 1)",
                               "1 transaction, 0 files (0 B) removed; 1 is needed by another one"])
  same(t.run("remove", "-l", "store", "1", "-q").out, "")


@case("prune by count, by age, by label, and of one application")
def prune(t):
  t.take("windows/crashy.exe")
  for product, version, label in (("A", "1", "release/1"), ("B", "1", ""), ("A", "2", ""), ("A", "3", ""),
                                  ("B", "2", "keep"), ("A", "4", "")):
    note(t, "build", "-a", product, "-v", version, "--label", label or "nightly")
  old = "%m/%d/%Y,%H:%M:%S", time.localtime(time.time() - 30 * 86400)
  server = t.read("store/000Admin/server.txt").split(b"\r\n")
  for i in 0, 1, 2:
    server[i] = re.sub(rb"\d\d/\d\d/\d{4},\d\d:\d\d:\d\d", time.strftime(*old).encode(), server[i])
  server[3] = re.sub(rb"file,\d\d/", b"file,00/", server[3])
  t.write("store/000Admin/server.txt", b"\r\n".join(server))

  def planned(*args):
    done = t.run("prune", "-l", "store", "--plan", "--format", "json", *args)
    return [done.summary()["transactions"], *sorted({o["transaction"] for o in done.objects()[:-1]})]
  same(planned("--keep-last", "1"), [4, 1])
  same(planned("--keep-last", "3"), [1, 1])
  same(planned("--keep-last", "1", "-a", "B"), [1, 2])
  same(planned("--keep-last", "1", "-a", "A", "-v", "2"), [1, 3])
  same(planned("--older-than", "29d"), [3, 1])
  same(planned("--older-than", "31d"), [0])
  same(planned("--older-than", "29d", "--keep-label", "release/*"), [2, 2])
  same(planned("--older-than", "29d", "--keep-label", "release/*", "--keep-label", "nightly"), [0])
  same(planned("--older-than", "29d", "--keep-last", "2"), [2, 1])
  same(planned("--older-than", "29d", "-a", "B"), [1, 2])
  done = t.run("prune", "-l", "store", "--keep-last", "2", "--keep-label", "release/1")
  same(done.out, "1 transaction, 0 files (0 B) removed; 1 is needed by another one\n")
  same(living(t), [1, 2, 4, 5, 6])


@case("two stores at once, each for itself")
def two_stores(t):
  t.take("windows/crashy.exe")
  note(t, "build")
  t.run("build", "-l", "other", "--label", "x", "-q")
  t.run("remove", "-l", "store", "1", "-q")
  done = t.run("remove", "-l", "store", "--to", f"file://{t.path('other')}", "1", status=1)
  holds(done.err, "error: store: there is no live transaction 1 in the store")
  same(files_of(t, "other"), [])


# ------------------------------------------------------- against an oracle --

SAMPLES = ["windows/crashy.exe", "windows/crashy.pdb", "windows/public/crashy.pdb", "windows/engine.dll",
           "windows/engine.pdb", "windows/dotnet/Plugin.pdb", "windows/odd/eleventh.pdb", "windows/odd/tiny.sys",
           "linux/crashy", "linux/libengine.so.1", "linux/stripped/libengine.so.1", "breakpad/dots.sym"]


def check_against(t, brought):
  """The store has what the living transactions brought, and nothing else; refs.ptr names them."""
  same(files_of(t), sorted(set().union(*brought.values())))
  same(living(t), sorted(brought))
  refs = referred(t)
  for path, numbers in refs.items():
    folder = os.path.dirname(path)
    same(sorted(numbers), sorted(n for n, paths in brought.items() for p in paths if os.path.dirname(p) == folder
                                 and p.split("/")[-3] == p.split("/")[-1]), path)
  for number, paths in brought.items():
    same(sorted(path_of(t, entry) for entry in entries(t, number)), sorted(paths))


@case("over random runs, removals and prunes the store has what the living brought, in one tier and in two")
def oracle(t):
  seed = int(os.environ.get("SYMBOL_UPLOAD_SEED", time.time_ns() % 1_000_000))
  print(f"# SYMBOL_UPLOAD_SEED={seed}", flush=True)
  chance = random.Random(seed)
  sources = [t.take(sample, f"build/{i}/{os.path.basename(sample)}") for i, sample in enumerate(SAMPLES)]
  for tiers in 1, 2:
    shutil.rmtree(t.path("store"), ignore_errors=True)
    if tiers == 2:
      t.write("store/index2.txt")
    asked = {s: set(t.store("-n", s, "--for", READERS).actions()) for s in sources}
    brought, last = {}, 0
    for step in range(16 if t.sanitized else 30):
      what = chance.random()
      if what < 0.6 or not brought:
        taken = chance.sample(sources, chance.randint(1, 6))
        note(t, *taken, "--for", READERS, "-a", chance.choice("AB"))
        last += 1
        brought[last] = set().union(*(asked[source] for source in taken))
      else:
        if what < 0.9:
          going = chance.sample(sorted(brought), chance.randint(1, min(3, len(brought))))
          args = ["remove", *going]
        else:
          products = {int(row[0]): row[5] for row in rows(t, "server.txt")}
          going = [n for n in brought if sum(products[m] == products[n] for m in brought if m > n) >= 2]
          args = ["prune", "--keep-last", "2"]
        done = t.run(*args, "-l", "store", "--format", "json")
        same(done.summary()["transactions"], len(going))
        for number in going:
          del brought[number]
        last += len(going)
      check_against(t, brought)
      if step % 6 == 5 and brought:
        t.run("verify", "-l", "store", "-q")
    for number in sorted(brought):
      t.run("remove", "-l", "store", number, "-q")
    same(t.tree(), sorted([path for path in t.tree() if path.startswith("000Admin/")] + ["pingme.txt"] +
                          (["index2.txt"] if tiers == 2 else ["index.txt"])))
