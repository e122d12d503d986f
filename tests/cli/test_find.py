# SPDX-License-Identifier: MIT
"""What is found, and what is said of what cannot be."""
import os
import pty
import subprocess
import tty

from harness import CRASHY, ENGINE, NOBODY, Skip, case, corpus, holds, lacks, same


@case("nothing matches: status 1, and the pattern is named")
def nothing_matches(t):
  t.write("build/readme.txt", "text")
  done = t.run("-d", "build", "-f", "**/*.nope", "-l", "store", status=1)
  holds(done.err + done.out, "*.nope")
  same(t.symbols(), [])


@case("every matched file is skipped: status 1")
def all_skipped(t):
  t.take("bad/pdb-directory-max.bad", "build/a.pdb")
  t.run("-d", "build", "-f", "*", "-l", "store", status=1)


@case("a skipped file beside a stored one: status 0, and 3 with --strict")
def some_skipped(t):
  t.take("bad/pdb-directory-max.bad", "build/a.pdb")
  t.take("windows/crashy.pdb")
  done = t.run("-d", "build", "-f", "*", "-l", "store")
  holds(done.out + done.err, "a.pdb")
  t.run("-d", "build", "-f", "*", "-l", "store2", "--strict", status=3)


@case("a dangling link, a FIFO and an unreadable folder are named; the rest is stored")
def odd_entries(t):
  t.take("windows/crashy.pdb")
  os.symlink("nowhere", t.path("build/dangling.pdb"))
  os.mkfifo(t.path("build/fifo.pdb"))
  os.makedirs(t.path("build/closed"))
  os.chmod(t.path("build/closed"), 0)
  t.open_to_all()
  done = t.run("-d", "build", "-f", "**/*.pdb", "-l", "store", status=None, user=NOBODY)
  holds(done.err, "dangling.pdb", "fifo.pdb", "closed")
  same(t.symbols(), [CRASHY])


@case("an unreadable file is a failure with its name: status 1")
def unreadable_file(t):
  t.take("windows/crashy.pdb")
  t.take("windows/engine.pdb")
  os.chmod(t.path("build/engine.pdb"), 0)
  t.open_to_all()
  done = t.run("-d", "build", "-f", "*", "-l", "store", status=1, user=NOBODY)
  holds(done.err + done.out, "engine.pdb")
  same(t.symbols(), [CRASHY])


@case("a link to a file is followed, a link to a folder above makes no loop")
def links(t):
  t.take("windows/crashy.pdb", "real/crashy.pdb")
  os.makedirs(t.path("build/inner"))
  os.symlink(t.path("real/crashy.pdb"), t.path("build/crashy.pdb"))
  os.symlink("..", t.path("build/inner/up"))
  t.run("-d", "build", "-f", "**/*.pdb", "-l", "store")
  same(t.symbols(), [CRASHY])
  assert not os.path.islink(t.path("store", CRASHY))


@case("the store is not walked as a source when it lies in the folder")
def store_inside(t):
  expected = corpus(t, 10)
  for _ in range(2):
    done = t.run("-d", "build", "-f", "**/*.pdb", "-l", "build/store", "--format", "json")
    same(len([o for o in done.objects() if "key" in o]), 10)
  same(t.symbols("build/store"), sorted(expected))


def peak_bytes(t, *args):
  """The most memory that a run held."""
  process = t.start(*args, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
  _, status, used = os.wait4(process.pid, 0)
  process.returncode = os.waitstatus_to_exitcode(status)
  same(process.returncode, 1)  # none of them is a symbol file
  return used.ru_maxrss * 1024


@case("a walk holds one folder in memory, and at most 256 bytes for each file that matches")
def memory(t):
  if t.sanitized:
    raise Skip("the sanitizers hold much more")
  folders, files = 300, 200
  for i in range(folders):
    os.makedirs(t.path(f"build/{i % 10}/{i}"))
    for k in range(files):
      os.close(os.open(t.path(f"build/{i % 10}/{i}/a_module_{k}.o"), os.O_CREAT))
  few = peak_bytes(t, "-n", "-l", "store", "-d", "build/0/0", "-f", "*.pdb")
  none = peak_bytes(t, "-n", "-l", "store", "-d", "build", "-f", "**/*.pdb")
  every = peak_bytes(t, "-n", "-l", "store", "-d", "build", "-f", "**/*.o")
  print(f"# {none - few} bytes more for all names, {(every - few) // (folders * files)} for each match")
  assert none - few < 1 << 20, f"{none - few} bytes more for {folders * files} names"
  assert every - few < 256 * folders * files, f"{(every - few) // (folders * files)} bytes a file"


@case("a pattern that is a folder's name is told so, in the words of version 11 and some more")
def pattern_is_folder(t):
  t.take("windows/crashy.pdb", "build/out/crashy.pdb")
  for pattern in "out", "out/":
    same(t.run("-d", "build", "-f", pattern, "-l", "store", status=1).err,
         f"error: could not find any files to upload using glob build/{pattern}: it is a folder: give it "
         "without -f, or add /**/*\n")
  lacks(t.run("-d", "build", "-f", "nothing", "-l", "store", status=1).err, "folder")


@case("of several patterns that find nothing the first is named, and the others are counted")
def patterns_find_nothing(t):
  same(t.run("-f", "a/*.pdb", "-f", "*.exe", "-f", "*.dll", "-l", "store", status=1).err,
       "error: could not find any files to upload using glob ./a/*.pdb, and 2 more: * stays within one "
       "folder, and **/ goes into those below it\n")


@case("where the only folder is the run's own store, that is why nothing is found")
def only_the_store(t):
  t.take("windows/crashy.pdb", "store/crashy.pdb")
  why = ": the folder that the run writes to is not searched\n"
  same(t.run("-q", "-d", "store", "-f", "**/*.pdb", "-l", "store", status=1).err,
       f"error: could not find any files to upload using glob store/**/*.pdb{why}")
  same(t.run("-q", "store", "-l", "store", status=1).err, f"error: no file was found to deliver{why}")


@case("a pattern from the root is named without the current folder, which is not searched")
def pattern_of_root(t):
  holds(t.run("-f", "/nothing/a.pdb", "-l", "store", status=1).err, "using glob /nothing/a.pdb\n")
  holds(t.run("-d", "build", "-f", "/a.pdb", "-l", "store", status=1).err, "build: cannot look at it")


@case("a pattern with Windows' backslashes finds nothing, and is told why")
def pattern_of_windows(t):
  t.take("windows/crashy.pdb", "build/out/crashy.pdb")
  same(t.run("-d", "build", "-f", "out\\*.pdb", "-l", "store", status=1).err,
       "error: could not find any files to upload using glob build/out\\*.pdb: a backslash only makes the next "
       "character a plain one; write / between folders\n")


@case("a pattern that finds nothing is told what commonly is wrong with it")
def pattern_of_other_rules(t):
  t.take("windows/crashy.pdb", "build/out/crashy.pdb")
  one = ": it is taken as one pattern; of several, each wants its own -f\n"
  for pattern, why in {"*.pdb": ": * stays within one folder, and **/ goes into those below it\n",
                       "out/*.pdb,out/*.exe": one, "out/*.pdb;out/*.exe": one, "out/*.pdb out/*.exe": one,
                       "'out/*.pdb'": ": the quotes came with it, and are looked for, too\n",
                       "out/crashy.{exe,dll}": "}\n"}.items():
    holds(t.run("-d", "build", "-f", pattern, "-l", "store", status=1).err, why)


@case("a pattern that finds nothing because of letter case or a dot is told of both")
def pattern_of_other_case(t):
  t.take("windows/crashy.pdb", "build/.hidden/crashy.pdb")
  for pattern in "**/*.pdb", "*.PDB":
    holds(t.run("-d", "build", "-f", pattern, "-l", "store", status=1).err,
          ": letter case counts (--ignore-case), and a dot at the start of a name must be written out\n")
    lacks(t.run("-d", "build", "-f", pattern, "--ignore-case", "-l", "store", status=1).err, "letter case")


@case("a pattern with a folder's name in brackets finds nothing, and is told why")
def pattern_with_brackets(t):
  t.take("windows/crashy.pdb", "build/a [x]/crashy.pdb")
  holds(t.run("-f", "build/a [x]/*.pdb", "-l", "store", status=1).err,
        "using glob ./build/a [x]/*.pdb: [ ] match one of the characters")
  same(t.store("-f", "build/a \\[x\\]/*.pdb").actions(), {CRASHY: "stored"})


@case("a pattern without -f is told so")
def pattern_without_option(t):
  t.take("windows/crashy.pdb")
  for done in (t.run("-l", "store", "build/*.pdb", status=1), t.run("inspect", "build/*.pdb", status=1)):
    holds(done.out + done.err, "no such file; a pattern is given with -f")
  holds(t.run("-l", "store", "-", status=1).err, "error: -: no such file; --files-from - reads a list of files")
  t.write("build/[1].pdb", t.read("build/crashy.pdb"))
  t.run("-l", "store", "build/[1].pdb")


@case("braces, excludes and several patterns select what they say")
def patterns(t):
  for name in "crashy.exe", "crashy.pdb", "engine.dll", "engine.pdb":
    t.take("windows/" + name)
  done = t.store("-n", "-d", "build", "-f", "**/*.{pdb,exe}", "-f", "*.dll",
                 "--exclude", "crashy.*")
  same(sorted(o["path"] for o in done.objects() if "key" in o),
       ["build/engine.dll", "build/engine.pdb"])


@case("names come from a file or standard input, by lines or by NUL")
def files_from(t):
  t.take("windows/crashy.pdb", "build/a b.pdb")
  t.take("windows/engine.pdb")
  t.write("list", "build/a b.pdb\nbuild/engine.pdb\n")
  same(t.store("-n", "--files-from", "list").summary()["failed"], 0)
  done = t.store("-n", "--files-from", "-", "-0", input=b"build/a b.pdb\0build/engine.pdb\0")
  same([o["path"] for o in done.objects() if "key" in o], ["build/a b.pdb", "build/engine.pdb"])


@case("PowerShell's mark at the start of a list is no part of a name; a list in UTF-16 is named as one")
def marked_list(t):
  t.take("windows/engine.pdb")
  done = t.store("-n", "--files-from", "-", input="build/engine.pdb\r\n".encode("utf-8-sig"))
  same([o["path"] for o in done.objects() if "key" in o], ["build/engine.pdb"])
  done = t.run("-n", "-l", "store", "--files-from", "-", input="build/engine.pdb\r\n".encode("utf-16"), status=2)
  holds(done.err, "the list on standard input is in UTF-16; it has to be in UTF-8")


@case("a list that cannot be read to its end is told, and the piece of a name before that is no name")
def unreadable_list(t):
  t.take("windows/crashy.pdb")
  master, slave = pty.openpty()
  tty.setraw(slave)
  os.write(slave, b"build/crashy.pdb\nbuild/cra")
  os.close(slave)  # what was written is read, and then nothing more can be
  done = t.run("-n", "-l", "store", "--files-from", "-", stdin=master, status=1)
  os.close(master)
  holds(done.err, "cannot read the list on standard input: Input/output error")
  lacks(done.err, "No such file")


@case("a file named by hand that is not there is a failure: status 1")
def named_and_missing(t):
  t.take("windows/crashy.pdb")
  done = t.run("build/crashy.pdb", "build/gone.pdb", "-l", "store", status=1)
  holds(done.err + done.out, "gone.pdb")
  same(t.symbols(), [CRASHY])


@case("files that no reader asks for are counted, and named only when named by hand")
def no_symbol_files(t):
  t.take("windows/crashy.pdb")
  t.write("build/readme.txt", "text")
  quiet = t.run("inspect", "--format", "json", "build")
  lacks(quiet.out, "readme.txt")
  named = t.run("inspect", "--format", "json", "build/readme.txt", status=1)
  holds(named.out, "readme.txt", '"error"')


@case("object files of a build folder are passed over; named or matched, they are skipped")
def object_files(t):
  t.take("windows/crashy.pdb")
  t.take("linux/hello.o")
  t.take("macos/object-no-uuid.o")
  done = t.run("build", "-l", "store", "--to", f"file://{t.path('second')}", "--strict")
  lacks(done.err, ".o")
  holds(done.out, "passed over 2 files")
  for by in ["build/hello.o"], ["-d", "build", "-f", "*.o"]:
    holds(t.run(*by, "-l", "store", status=1).err, "warning: build/hello.o: an object file")


@case("DWARF that was split off is passed over, too; named, it is said who looks for it, and where")
def split_off(t):
  t.take("windows/crashy.pdb")
  names = "split-dwarf.dwo", "split-dwarf.dwp", "dwz/engine-dwarf5.debug"
  for name in names:
    t.take(f"linux/{name}")
  done = t.run("build", "-l", "store", "--strict")
  lacks(done.err, "engine", "split-dwarf")
  holds(done.out, "passed over 3 files")
  for name in names:
    name = f"build/{os.path.basename(name)}"
    holds(t.run(name, "-l", "store", status=1).err,
          f"warning: {name}: DWARF that was split off: debuggers look for it by its name, beside the binary")
    holds(t.run("inspect", name).out, "beside the binary")


@case("a name that is not UTF-8 is shown harmlessly and refused as a key")
def not_utf8(t):
  t.take("windows/crashy.pdb")
  os.rename(t.path("build/crashy.pdb"), os.fsencode(t.path("build/")) + b"caf\xe9.pdb")
  t.take("windows/engine.pdb")
  done = t.store("-d", "build", "-f", "*", status=None)
  holds(done.out, "\ufffd", "path_base64")
  same(t.symbols(), [ENGINE])


@case("names with blanks, quotes, brackets and letters of other scripts are stored as they are")
def odd_names(t):
  names = ["größe.pdb", "a b.pdb", "it's.pdb", "x[1].pdb", "日本.pdb", "-f.pdb"]
  for name in names:
    t.take("windows/crashy.pdb", "build/" + name)
  t.run("-d", "build", "-f", "*", "-l", "store")
  same(t.symbols(), sorted(CRASHY.replace("crashy.pdb", name) for name in names))
