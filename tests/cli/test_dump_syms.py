# SPDX-License-Identifier: MIT
"""-m: .sym files are made by dump_syms and delivered. Here by programs that only act as one;
what a real one makes is read by test_debuggers.py."""
import os
import signal
import time

from harness import Skip, build_id_of, case, end, holds, lacks, same, until

# Acts as dump_syms: a .sym of the last argument's name, with the identifier that its place in
# ORDER gives; more by the file's name. What it was called with goes to the file `calls`.
FAKE = r"""#!/bin/sh
printf '%s\n' "$*" >>"$CALLS"
for file in "$@"; do :; done
name=${file##*/}
case $name in
fail*) printf 'first word of %s\nlast word of %s\n' "$name" "$name" >&2; exit 1 ;;
mute*) exit 2 ;;
silent*) exit 0 ;;
other*) echo "no symbols"; exit 0 ;;
slow*) echo $$ >"$CALLS.pid"; sleep 1000 ;;
late*) sleep 2 ;;
flood*) exec yes "MODULE of nothing" ;;
change*) printf x >>"$file" ;;
zero*) printf 'MODULE Linux x86_64 000000000000000000000000000000000 %s\n' "$name"; exit 0 ;;
esac
id=$(printf '%s %s' "$*" "$name" | md5sum | tr a-f A-F)
printf 'MODULE Linux x86_64 %.32s0 %s\nFUNC 1000 10 0 f\n%s' "$id" "$name" "$MORE"
"""


def fake(t, path="tools/dump_syms"):
  t.env["CALLS"] = t.path("calls")
  t.write(path, FAKE)
  os.chmod(t.path(path), 0o755)
  return t.path(path)


def calls(t):
  return sorted(t.read("calls").decode().splitlines()) if os.path.exists(t.path("calls")) else []


def elf(t, *names):
  for name in names:
    t.take("linux/libengine.so.1", f"build/{name}")


def made(t, *args, **more):
  return t.run("-m", "--dump-syms", fake(t), "--for", "breakpad,bugsplat", "-l", "store", "build", *args, **more)


@case("the .sym takes the file's place, under the names of version 11, in every reader's path")
def names(t):
  elf(t, "libfoo.so.1.2", "com.company.app")
  t.take("windows/crashy.exe", "build/app.exe")
  t.take("windows/crashy.pdb", "build/app.pdb")
  made(t)
  same(sorted(f"{path.split('/')[0]} {path.split('/')[2]}" for path in t.symbols()),
       ["app app.sym", "app.exe app.exe.sym", "app.pdb app.sym", "com com.sym",
        "com.company.app com.company.app.sym", "libfoo.so.1.2 libfoo.so.1.2.sym"])
  for path in t.symbols():
    assert t.read(os.path.join("store", path)).startswith(b"MODULE Linux"), path
  same(calls(t), [f"build/{name}" for name in ("app.exe", "app.pdb", "com.company.app", "libfoo.so.1.2")])


@case("the default readers have BugSplat's path; the originals come too where they are to be kept")
def default_readers(t):
  elf(t, "libfoo.so")
  done = t.run("-m", "--dump-syms", fake(t), "-l", "store", "build")
  lacks(done.out, "_NT_SYMBOL_PATH")  # WinDbg reads no .sym
  symbol, = t.symbols()
  assert symbol.startswith("libfoo.so/") and symbol.endswith("0/libfoo.so.sym"), symbol
  t.run("-m", "--dump-syms", fake(t), "-l", "both", "--keep-originals", "build")
  same(t.symbols("both"), sorted([symbol, f"libfoo.so/{build_id_of('linux/libengine.so.1')}/libfoo.so"]))


@case("reports and receipts tell the original as the source, and are the same whatever -j is")
def same_receipts(t):
  elf(t, *(f"part{i % 3}/lib{i}.so" for i in range(30)), *(f"fail{i}.so" for i in range(4)))
  runs = []
  for jobs in "1", "8":
    runs.append(made(t, "-j", jobs, "--keep-originals", "--receipt", f"receipt{jobs}", "--verbose", status=1))
    os.rename(t.path("store"), t.path(f"store{jobs}"))
  same(t.read("receipt1"), t.read("receipt8"))
  same(t.content("store1"), t.content("store8"))
  same(runs[0].err, runs[1].err)
  receipt = t.read("receipt1").decode()
  holds(receipt, '"path":"build/part0/lib0.so"', '"kind":"breakpad"', '"kind":"elf"', '"slice":{"offset":0,')
  lacks(receipt, "symbol-upload-", "calls")


@case("a file of which none is made has failed; the program's words are told, and the others go on")
def failures(t):
  elf(t, "fail.so", "good.so", "mute.so", "other.so", "silent.so", "zero.so")
  done = made(t, status=1)
  holds(done.err, "build/fail.so: dump_syms failed: it ended with status 1: last word of fail.so\n",
        "  dump_syms: first word of fail.so\n", "  dump_syms: last word of fail.so\n",
        "build/mute.so: dump_syms failed: it ended with status 2\n",
        "build/other.so: dump_syms failed: what it wrote is no .sym\n",
        "build/silent.so: dump_syms failed: it wrote nothing\n",
        "build/zero.so: the .sym that dump_syms made: the module's identifier is all zeros\n")
  same({path.split("/")[0] for path in t.symbols()}, {"good.so"})
  done = made(t, "--format", "json", status=1)
  same((done.summary()["failed"], done.summary()["skipped"]), (4, 1))
  os.remove(t.path("build/good.so"))
  made(t, status=1)


@case("with the originals, what is made and what cannot be made go their own ways")
def failures_beside_originals(t):
  elf(t, "fail.so", "good.so")
  done = made(t, "--keep-originals", "--format", "json", status=1)
  same(sorted((o["path"], o["action"]) for o in done.objects() if "action" in o),
       [("build/fail.so", "failed"), ("build/fail.so", "stored"), ("build/good.so", "stored"),
        ("build/good.so", "stored")])


def is_running(pid):
  try:
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
      return file.read().rsplit(")", 1)[1].split()[0] != "Z"
  except FileNotFoundError:
    return False


def must_end(t):
  pid = int(t.read("calls.pid"))
  until(lambda: not is_running(pid))


@case("a file that takes too long is given up, and the program with it")
def time_out(t):
  elf(t, "good.so", "slow.so")
  done = made(t, "--dump-syms-timeout", "1", status=1)
  holds(done.err, "build/slow.so: dump_syms failed: it did not end within 1 seconds\n")
  same({path.split("/")[0] for path in t.symbols()}, {"good.so"})
  must_end(t)


@case("a program that writes without end is ended, and takes no room")
def flood(t):
  elf(t, "flood.so", "good.so")
  done = made(t, "-j", "1", status=1)
  holds(done.err, "build/flood.so: dump_syms failed: it wrote more than 64 MiB")
  same({path.split("/")[0] for path in t.symbols()}, {"good.so"})


@case("Ctrl-C ends run and program; nothing is left in the store or the temporary folder")
def stopped(t):
  for number, status in (signal.SIGINT, 130), (signal.SIGTERM, 143):
    elf(t, "good.so", "slow.so")
    os.makedirs(t.path("tmp"), exist_ok=True)
    process = t.start("-m", "--dump-syms", fake(t), "-l", "store", "build", env={"TMPDIR": t.path("tmp")})
    until(lambda: os.path.exists(t.path("calls.pid")), process)
    process.send_signal(number)
    lacks(end(process, status).err, "error:")
    must_end(t)
    os.remove(t.path("calls.pid"))
    same((t.tree(), t.tree("tmp")), ([], []))


@case("nothing is written into the current folder or left in the temporary one")
def no_litter(t):
  elf(t, "good.so", "fail.so")
  os.makedirs(t.path("tmp"))
  before = t.tree("."), t.tree("tmp")
  program = fake(t, "tools/dump_syms")
  t.run("-m", "--dump-syms", program, "-l", t.path("store"), t.path("build"), status=1, env={"TMPDIR": t.path("tmp")})
  after = [path for path in t.tree(".") if not path.startswith(("store/", "tools/", "calls"))]
  same((after, t.tree("tmp")), before)


@case("a full folder for temporary files is the failure of a file, and says so")
def full_folder(t):
  elf(t, "good.so")
  done = t.run("-m", "--dump-syms", fake(t), "-l", "store", "build", status=1, env={"TMPDIR": t.path("nowhere")})
  holds(done.err, "build/good.so: cannot make a temporary file in", "nowhere")


@case("a source that changes while the program reads it is not delivered")
def changed(t):
  elf(t, "change.so", "good.so")
  done = made(t, status=1)
  holds(done.err, "build/change.so: ", "the file changed after dump_syms had read it")
  same({path.split("/")[0] for path in t.symbols()}, {"good.so"})


@case("a dry run makes them, so that its plan is true, and stores nothing")
def dry(t):
  elf(t, "good.so")
  holds(made(t, "-n").out, "planned   build/good.so -> store/good.so/")
  same(t.tree(), [])


@case("kinds that dump_syms does not read go their own way; packed files are refused")
def others(t):
  t.write("build/w.sym", "MODULE windows x86_64 9DD7A3E1C5214C0F9C1B23F3A5C0D9881 a.pdb\nFILE 0 a.c\n")
  t.take("windows/compressed/engine.pd_")
  t.take("linux/hello.o")
  done = made(t, status=0)
  holds(done.err, "engine.pd_: dump_syms takes no packed file: unpack it")
  same({path.split("/")[0] for path in t.symbols()}, {"a.pdb"})
  same(calls(t), [])


@case("each architecture of a fat file is asked for by name, a thin file by none")
def fat(t):
  t.take("macos/libengine.dylib", "build/fat")
  t.take("macos/libengine-arm64.dylib", "build/thin")
  made(t)
  same(calls(t), ["-a arm64 build/fat", "-a x86_64 build/fat", "build/thin"])


@case("a name that begins with a dash is no option to the program")
def dash(t):
  t.take("linux/libengine.so.1", "-r.so")
  t.run("-m", "--dump-syms", fake(t), "-l", "store", "-f", "*.so")
  same(calls(t), ["./-r.so"])


@case("the program is looked for: --dump-syms, PATH, npm's packages here and above")
def search(t):
  elf(t, "a.so")
  path = os.pathsep.join(p for p in os.environ["PATH"].split(os.pathsep)
                         if not os.path.exists(os.path.join(p, "dump_syms")) and
                         not os.path.exists(os.path.join(p, "node-dump-syms")))
  t.env["PATH"] = path

  def runs(program, want, *args):
    if os.path.exists(t.path("calls")):
      os.remove(t.path("calls"))
    done = t.run("-m", "-l", "store", t.path("build"), *args, cwd=t.path("work/deep"))
    holds(done.err, f"Making .sym files with {program}\n")
    same(calls(t), [want])

  os.makedirs(t.path("work/deep"))
  done = t.run("-m", "-l", "store", "build", status=None, env={"NPM_CONFIG_PREFIX": t.path("none")})
  if done.status == 0:
    raise Skip("a dump_syms is installed globally")
  same(done.status, 2)
  holds(done.err, "-m needs a dump_syms program", "cargo install dump_syms", "npm install node-dump-syms", "--dump-syms")
  plain, with_output = t.path("build/a.so"), t.path("build/a.so") + " -"
  t.env["NPM_CONFIG_PREFIX"] = t.path("global")
  packed = fake(t, f"global/lib/node_modules/minidump/bin/{platform()}/dump_syms")
  runs(packed, plain)
  t.write("work/node_modules/node-dump-syms/package.json", "{}")
  script = fake(t, "work/node_modules/.bin/node-dump-syms")
  runs(packed, plain)  # its library is missing: npm ran no script of its own
  t.write("work/node_modules/node-dump-syms/dist/native/index.node", "")
  t.write("work/node_modules/.bin/node-dump-syms", FAKE.replace('for file in "$@"', 'for file in "$1"'))
  runs(script, with_output)
  t.env["PATH"] = t.path("tools") + os.pathsep + path
  runs(fake(t), plain)
  fake(t, "tools/my-dumper")
  runs(t.path("tools/my-dumper"), plain, "--dump-syms", "my-dumper")


def platform():
  machine = os.uname().machine
  return "linux-" + {"x86_64": "x64", "aarch64": "arm64"}.get(machine, machine)


@case("options that make no sense are said before anything is run")
def nonsense(t):
  elf(t, "a.so")
  program = fake(t)
  for args, words in ((["-m", "--dump-syms", t.path("nothing")], "there is no program"),
                      (["-m", "--dump-syms", program, "--for", "gdb,windbg"], "breakpad, bugsplat and sentry do"),
                      (["--dump-syms", program], "--dump-syms belongs to -m, which is not given"),
                      (["--keep-originals"], "--keep-originals belongs to -m, which is not given")):
    holds(t.run("-l", "store", "build", *args, status=2).err, words)
  same((calls(t), t.tree()), ([], []))
  t.write("symbol-upload.yaml", f"dump-syms: {program}\n")
  t.run("-l", "store", "build")
  same(calls(t), [])


@case("--budget begins no further file either")
def budget(t):
  elf(t, *(f"slow{i}.so" for i in range(6)))
  done = made(t, "-j", "2", "--budget", "3", "--dump-syms-timeout", "5", status=1)
  holds(done.err, "4 files are ")
  same(len(calls(t)), 2)


@case("--budget counts what was made too late together with that of which nothing was made")
def budget_of_two_kinds(t):
  elf(t, *(f"late{i}.so" for i in range(3)))
  done = made(t, "-j", "1", "--budget", "1", status=1)
  holds(done.err, "3 files are left")
  same(len(calls(t)), 1)


@case("a second run finds the same .sym present; a journal does not hide that more is made now")
def again(t):
  elf(t, "good.so", "better.so")
  time.sleep(2.1)  # what is younger is not noted in any case
  for action in "stored", "present", "replaced":
    more = "STACK CFI INIT 1000 10 .cfa: $rsp 8 +" if action == "replaced" else "x" * 37  # the same length
    done = made(t, "-j", "1", "--journal", "journal", "--format", "json", env={"MORE": more})
    same({o["action"] for o in done.objects() if "action" in o}, {action})
