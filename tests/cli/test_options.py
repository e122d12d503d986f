# SPDX-License-Identifier: MIT
"""The command line: version 11's options, mistakes, and exit statuses."""
import fcntl
import os
import re
import signal
import subprocess
import time

from harness import CRASHY, case, corpus, end, holds, lacks, same, until
from small_server import SmallServer
from terminal import on_terminal


@case("version 11's local command line works as it stands")
def version_11(t):
  t.take("windows/crashy.pdb")
  t.run("-b", "db", "-a", "app", "-v", "1", "-d", "build", "-f", "**/*.pdb", "-l", "store")
  same(t.symbols(), [CRASHY])


@case("version 11's long names work, with = and without")
def version_11_long(t):
  t.take("windows/crashy.pdb")
  t.run("--database=db", "--application", "app", "--version", "1.0", "--clientId", "i",
        "--clientSecret", "s", "--directory", "build", "--files=*.pdb", "--localPath", "store")
  same(t.symbols(), [CRASHY])
  t.run("--directory=build", "--files", "*.pdb", "--localPath=store2")
  same(t.symbols("store2"), [CRASHY])


@case("-d with an empty value is the current folder, never the root of the file system")
def empty_directory(t):
  t.take("windows/crashy.pdb", "crashy.pdb")
  t.run("-d", "", "-f", "*.pdb", "-l", "store")
  same(t.symbols(), [CRASHY])


@case("a slash at the front of a pattern leads into the folder of -d, as in version 11; without -d it is the root")
def slash_in_front(t):
  t.take("windows/crashy.pdb", "build/in/crashy.pdb")
  t.take("windows/engine.pdb", "other/engine.pdb")
  for i, (folder, pattern) in enumerate((("build", "/**/*.pdb"), ("build", "/in/*.pdb"), (t.path("build"), "//in/*"))):
    t.run("-d", folder, "-f", pattern, "-l", f"store{i}")
    same(t.symbols(f"store{i}"), [CRASHY])
  t.run("-f", t.path("build/in/*.pdb"), "-l", "absolute")
  same(t.symbols("absolute"), [CRASHY])
  found = t.run("inspect", "-f", "/**/*.pdb", "--format", "json").objects()
  same([o["path"] for o in found if not o["path"].startswith(("store", "absolute"))],
       ["build/in/crashy.pdb", "other/engine.pdb"], "of this folder, not of the machine")


@case("a backslash in -d stands for a slash, as in version 11, unless a folder is called so")
def backslashes(t):
  t.take("windows/crashy.pdb", "out/win/crashy.pdb")
  for i, folder in enumerate(("out\\win", ".\\out\\win\\", "out/win\\")):
    t.run("-d", folder, "-f", "*.pdb", "-l", f"store{i}")
    same(t.symbols(f"store{i}"), [CRASHY])
  t.take("windows/engine.pdb", "out\\win/engine.pdb")
  t.run("-d", "out\\win", "-f", "*.pdb", "-l", "other")
  holds(t.symbols("other")[0], "engine.pdb")
  holds(t.run("-d", "no\\where", "-f", "*", "-l", "other", status=1).err, "no/where: cannot look at it")


@case("neither the environment nor package.json starts an upload")
def no_upload_by_surprise(t):
  t.take("windows/crashy.pdb")
  t.write("package.json", '{"name": "app", "version": "1", "database": "db"}')
  env = {"BUGSPLAT_DATABASE": "db", "BUGSPLAT_HOST": "http://127.0.0.1:1",
         "SYMBOL_UPLOAD_CLIENT_ID": "i", "SYMBOL_UPLOAD_CLIENT_SECRET": "s"}
  holds(t.run("-d", "build", "-f", "*.pdb", env=env, status=2).err,
        "no target is given", "or --to bugsplat: the environment alone uploads nothing")
  t.run("-d", "build", "-f", "*.pdb", "-l", "store", env=env)
  same(t.symbols(), [CRASHY])


@case("package.json is not read for a local store, however broken it is")
def package_json_is_not_read(t):
  t.take("windows/crashy.pdb")
  t.write("package.json", "{ broken")
  t.run("-d", "build", "-f", "*.pdb", "-l", "store")


@case("a first word that is no file, and nearly a command: the error asks whether that was meant")
def misspelt_command(t):
  t.take("windows/crashy.pdb")
  same(t.run("inspekt", "build/crashy.pdb", status=2).err,
       "error: there is no file inspekt; did you mean the command inspect?\n")
  same(t.run("chek", "-l", "store", "build/crashy.pdb", status=2).err,
       "error: there is no file chek; did you mean the command check?\n")
  same(os.path.exists(t.path("store")), False)
  holds(t.run("chek", "--deep", "-l", "store", status=2).err, "did you mean the command check?")
  for words in ["build/crashy.pdb", "chek"], ["upload", "chek"], ["--", "chek"], ["something"]:
    lacks(t.run("-l", "store", *words, status=1).err, "did you mean")
  t.write("chek", t.read("build/crashy.pdb"))
  lacks(t.run("chek", status=2).err, "did you mean")
  holds(t.run("chek", status=2).err, "no target is given")


@case("a misspelt option: status 2, and the nearest is suggested")
def misspelt(t):
  for wrong, near in (("--dry-rnu", "--dry-run"), ("--localpath", "--localPath"),
                      ("--recipt", "--receipt")):
    done = t.run(wrong, "-l", "store", status=2)
    holds(done.err, wrong.lstrip("-"), near)


@case("usage mistakes are status 2, on standard error, and write nothing")
def mistakes(t):
  t.take("windows/crashy.pdb")
  for wrong in ("", "-Z", "-l",
                "-f build/* -l store --existing perhaps", "-f build/* -l store --for nobody",
                "-f build/* -l store -j 0", "-f build/* -l store -v",
                "-f build/* -l store --version=", "-f build/* -l store --expect a/b.pdb",
                "-f build/* -l store --receipt r --journal r", "-f build/* --to gopher://x/y",
                "inspect -l store build", "inspect"):
    args = wrong.split()
    done = t.run(*args, status=2)
    same(done.out, "", args)
    assert done.err.strip(), f"{args}: nothing said"
  both = {"SYMBOL_UPLOAD_USER": "a", "SYMBOL_UPLOAD_TOKEN": "b"}
  same(t.run("build", "--to", "https://x.invalid/", env=both, status=2).err,
       "error: SYMBOL_UPLOAD_USER and SYMBOL_UPLOAD_TOKEN exclude each other\n")
  same(t.tree("store"), [])


@case("--help goes to standard output, status 0, 80 columns at most")
def help_text(t):
  for args in ["--help"], ["-h"], ["inspect", "--help"]:
    done = t.run(*args)
    same(done.err, "")
    holds(done.out, "--for", "-f")
    for line in done.out.splitlines():
      assert len(line) <= 80, f"{len(line)} columns: {line}"


@case("-V, and --version alone, print the program's version; with a value it is the application's")
def versions(t):
  done = t.run("-V")
  assert re.search(r"symbol-upload \d+\.\d+\.\d+", done.out), done.out
  same(t.run("--version").out, done.out)
  same(t.run("-v").out, done.out)
  t.take("windows/crashy.pdb")
  t.run("--version", "1.2.3", "-d", "build", "-f", "*", "-l", "store")


@case("help and version are taken for what is asked by them, unless there is more to be done")
def help_and_version(t):
  same(t.run("help").out, t.run("--help").out)
  same(t.run("help", "check").out, t.run("check", "--help").out)
  same(t.run("version").out, t.run("-V").out)
  holds(t.run("help", "inspct", status=2).err, "there is no command inspct; did you mean the command inspect?")
  t.take("windows/crashy.pdb", "help")
  t.run("help", "-l", "store")
  assert t.tree("store"), "a file of that name, and a store for it"


@case("a first word that is neither a file nor a command is named, where no target is given")
def other_verbs(t):
  t.take("windows/crashy.pdb")
  for words in ("add", "/r", "/f", "build"), ("/?",):
    holds(t.run(*words, status=2).err, f"there is neither a file nor a command {words[0]}; --help lists the commands")
  holds(t.run("build", status=2).err, "no target is given")


@case("--for list explains every reader")
def readers(t):
  done = t.run("--for", "list")
  holds(done.out, "windbg", "visualstudio", "symproxy", "dotnet", "bugsplat", "breakpad",
        "debuginfod", "gdb", "lldb", "sentry")


@case("a symbol-upload.yml is not read, and where no target is given that is told")
def other_name_of_config(t):
  t.take("windows/crashy.pdb")
  t.write("symbol-upload.yml", "localPath: store\n")
  holds(t.run("build", status=2).err, "no target is given, and symbol-upload.yml is not read: it has to be called "
        "symbol-upload.yaml")
  t.write("symbol-upload.yaml", "files: a\n")
  holds(t.run("build", status=2).err, "no target is given: use")


@case("symbol-upload.yaml sets options; a mistake in it is named with file and line, status 2")
def configuration(t):
  t.take("windows/crashy.pdb")
  t.write("symbol-upload.yaml", "directory: build\nfiles: '*.pdb'\nlocalPath: store\n")
  t.run()
  same(t.symbols(), [CRASHY])
  t.write("symbol-upload.yaml", "directory: build\nflies: '*.pdb'\n")
  done = t.run("-l", "store", "-f", "*", status=2)
  holds(done.err, "symbol-upload.yaml:2", "files")


@case("policies that are not met: status 3")
def policies(t):
  t.take("windows/crashy.pdb")
  args = ["-d", "build", "-f", "*", "-l", "store"]
  t.run(*args, "--expect", "crashy.pdb", "--expect-min", "1")
  holds(t.run(*args, "--expect", "crashy.exe", status=3).err, "crashy.exe")
  t.run(*args, "--expect-min", "2", status=3)
  t.run(*args, "--to", "file://" + t.path("other"), "--expect-min", "2", status=3)  # one file at two targets


@case("--strict: any warning is status 3, also one of the connection or of the journal")
def strict(t):
  t.take("windows/crashy.pdb")
  args = ["build", "--strict", "--journal", "j"]
  t.run("-l", "store", *args)
  t.write("j", "symbol-upload journal 1\nsomething else\n")
  holds(t.run("-l", "store", *args, status=3).err, "--strict: 0 skipped, 1 warned of")
  with SmallServer() as server:
    t.run("--to", server.url, *args)
    holds(t.run("--to", server.url, *args, "--bearer", "x", status=3).err, "--strict: 0 skipped, 1 warned of")


@case("a file that is no journal is not written over")
def no_journal(t):
  t.take("windows/crashy.pdb")
  t.write("notes", "remember the milk\n")
  holds(t.run("-l", "store", "--journal", "notes", "build", status=2).err,
        "notes: the file is no journal, and is left as it is")
  same(t.read("notes"), b"remember the milk\n")
  lacks(os.listdir(t.path(".")), "store")


@case("a secret on the command line is blanked in the process list")
def secret_is_blanked(t):
  os.mkfifo(t.path("names"))
  process = t.start("-s", "hush-hush", "--files-from", "names", "-l", "store")

  def is_blanked():
    with open(f"/proc/{process.pid}/cmdline", "rb") as file:
      line = file.read()
    return b"--files-from" in line and b"hush-hush" not in line
  until(is_blanked, process)


def interrupt(t, number):
  corpus(t, 300)
  process = t.start("-d", "build", "-f", "**/*", "-l", "store", "-j", "1", "--flush", "each")
  until(t.symbols, process)
  process.send_signal(number)
  return end(process, None).status


@case("SIGINT ends with 130, SIGTERM with 143, and no litter is left")
def interrupted(t):
  for number, status in (signal.SIGINT, 130), (signal.SIGTERM, 143):
    got = interrupt(t, number)
    assert got in (status, -number), f"status {got}"
    same([name for name in os.listdir(t.path("store")) if name.startswith(".")], [])
    t.run("-d", "build", "-f", "**/*", "-l", "store")
    same(len(t.symbols()), 300)
    os.rename(t.path("store"), t.path(f"store-{number}"))


@case("where nobody reads on, what only tells ends silently, and a delivery comes to its end first")
def unread(t):
  t.take("windows/crashy.pdb")
  t.run("-l", "store", "--transaction", "-a", "A", "-v", "1", "build")
  for args in ("history", "-l", "store"), ("inspect", "build"), ("verify", "-l", "store", "--verbose"), ("--help",), (
      "prune", "-l", "store", "--keep-last", "1", "--plan"), ("-n", "-l", "other", "build"), (
      "-l", "other", "--format", "json", "build"), ("-l", "more", "build"):
    reader, writer = os.pipe()
    os.close(reader)
    run = t.start(*args, stdout=writer)
    os.close(writer)
    delivers = args[0] == "-l"
    said = end(run, 1 if delivers else 141).err
    same(said, "error: nobody read standard output to its end; the run itself went on\n" if delivers else "")
  same([t.symbols(store) for store in ("other", "more")], [[CRASHY]] * 2)


COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@case("colours are for terminals, and NO_COLOR switches them off there too")
def colours(t):
  t.take("windows/crashy.pdb")
  t.take("bad/pdb-directory-max.bad", "build/a.pdb")
  args = ["-d", "build", "-f", "*", "-l", "store"]
  assert COLOUR.search(on_terminal(t, *args)), "no colour on a terminal"
  assert not COLOUR.search(on_terminal(t, *args, env={"NO_COLOR": "1"})), "colour under NO_COLOR"
  lacks(on_terminal(t, *args, env={"TERM": "dumb"}), "\x1b", "finding")  # it rewrites no line either
  done = t.run(*args)
  lacks(done.out + done.err, "\x1b")


@case("the standard input serves one secret, and no list of names beside it")
def input_once(t):
  http = ["-t", "http://127.0.0.1:9/", "--retries", "0", "--user", "me"]
  same(t.run(*http, "--password", "@-", "--files-from", "-", input=b"hush\n", status=2).err,
       "error: --files-from: the standard input is read for a secret (@-)\n")
  same(t.run(*http, "--password", "@-", "--key-password", "@-", "x", input=b"hush\n", status=2).err,
       "error: --key-password: the standard input is read for another secret\n")


@case("a terminal shows files, bytes and rate while the run goes on; a log and -q do not")
def progress(t):
  t.take("windows/crashy.exe")
  t.take("windows/crashy.pdb")
  t.take("windows/public/crashy.pdb", "store/" + CRASHY)
  args = ["-d", "build", "-f", "*", "-l", "store", "-j", "2", "--existing", "replace"]
  for more in [], ["-q"]:
    # Who replaces a file holds the lock of its folder: as long as it is ours, the run waits.
    folder = os.open(t.path("store", os.path.dirname(CRASHY)), os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    if more:
      process = t.start(*args, *more, stdout=subprocess.PIPE)
      time.sleep(0.5)
      os.close(folder)
      same(b"".join(process.communicate(timeout=60)), b"")
      continue
    said = on_terminal(t, *args, until=rb"78\.0 KiB, publishing 1 of 2", then=lambda: os.close(folder))
    # Both are copied, and the disk is waited for; they get their names; it is waited for again.
    assert re.search(r"\rstoring: 2 of 2 files, 78\.0 KiB of 78\.0 KiB, flushing to the disk\r"
                     r"storing: 2 of 2 files, 78\.0 KiB of 78\.0 KiB, publishing [01] of 2\r"
                     r"storing: 2 of 2 files, .*, flushing to the disk\rreplaced ",
                     said.replace("\x1b[K", "")), said
    assert said.rindex("\x1b[K") < said.index("stored"), "the line is gone when the table comes"
    t.take("windows/public/crashy.pdb", "store/" + CRASHY)
  lacks(t.run(*args).err, "storing:")


@case("files of a batch count for the progress once they are written, before any of them has its name")
def progress_in_batch(t):
  t.take("linux/crashy", "build/a")
  t.take("linux/libengine.so.1", "build/b")
  os.truncate(t.path("build/b"), 512 << 20)  # behind its sections; to hash it takes a while
  said = on_terminal(t, "-l", "store", "-j", "1", "--receipt", "receipt", "build/a", "build/b",
                     until=rb"storing: 1 of 2 files, [0-9.]+ MiB of", then=lambda: None)
  holds(said, "storing: 2 of 2 files")


@case("the bytes of files of which nothing is stored do not count for the progress")
def progress_of_others(t):
  t.take("windows/crashy.exe")
  t.write("build/large.txt", "text" * 1000000)
  said = on_terminal(t, "-d", "build", "-f", "*", "-l", "store")
  holds(said, "of 2 files, 2.0 KiB of 2.0 KiB, ")
  lacks(said, " of 3.8 MiB")


@case("--verbose says what happens to every file, and each file that is no symbol file")
def verbose(t):
  t.take("windows/crashy.exe")
  for i in range(30):
    t.write(f"build/text{i:02}.txt", "text")
  args = ["-d", "build", "-f", "*", "-l", "store"]
  brief, full = t.run(*args), t.run(*args, "--verbose")
  lacks(brief.out, "crashy.exe ->")
  holds(full.out, "present   build/crashy.exe -> store/crashy.exe/65F0C0DE3000/crashy.exe")
  holds(brief.err, "text19.txt", "10 more files are no symbol files (--verbose names them)")
  lacks(brief.err, "text20.txt")
  holds(full.err, "text29.txt")


@case("-q says nothing of what went well; what is skipped or fails it names")
def quiet(t):
  t.take("windows/crashy.pdb")
  t.take("bad/pdb-directory-max.bad", "build/a.pdb")
  done = t.run("-q", "-d", "build", "-f", "*", "-l", "store")
  same(done.out, "")
  same(done.err.count("\n"), 1)
  holds(done.err, "warning: build/a.pdb: ")
  done = t.run("-q", "build/crashy.pdb", "build/gone.pdb", "-l", "store", status=1)
  same(done.out, "")
  same(done.err.count("\n"), 1)
  holds(done.err, "error: build/gone.pdb: ")
  holds(t.run("-q", "build/a.pdb", "-l", "store", status=1).err,
        "\nerror: nothing was delivered: the file that was found is of no use to readers\n")
  t.write("notes/a.txt", "text")
  same(t.run("-q", "notes", "-l", "store", status=1).err,
       "error: nothing was delivered: the file that was found is no symbol file\n")


@case("with --format json standard output is JSON lines only, and the last is the summary")
def json_lines(t):
  t.take("windows/crashy.pdb")
  t.take("bad/pdb-directory-max.bad", "build/a.pdb")
  done = t.run("-d", "build", "-f", "*", "-l", "store", "--format", "json")
  *files, last = done.objects()
  same(set(last["summary"]),
       {"stored", "present", "replaced", "kept", "skipped", "failed", "bytes", "seconds"})
  by_path = {o["path"]: o for o in files}
  stored = by_path["build/crashy.pdb"]
  same((stored["action"], stored["key"], stored["bytes"]),
       ("stored", CRASHY, os.path.getsize(t.path("build/crashy.pdb"))))
  same(sorted(stored["reader"]), ["bugsplat", "visualstudio", "windbg"])
  same(by_path["build/a.pdb"]["action"], "skipped")
  assert by_path["build/a.pdb"]["error"]["message"]


@case("names out of files cannot write to the terminal")
def hostile_names(t):
  t.take("bad/breakpad-name-control.bad", "build/x.sym")
  t.write("build/\x1b[2Jevil.pdb", b"nothing")
  done = t.run("build/x.sym", "build/\x1b[2Jevil.pdb", "-l", "store", status=1)
  lacks(done.out + done.err, "\x1b")
  lacks(t.run("inspect", "build/x.sym", "build/\x1b[2Jevil.pdb", status=1).out, "\x1b")
