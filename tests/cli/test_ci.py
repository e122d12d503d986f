# SPDX-License-Identifier: MIT
"""What the log of a CI system gets: annotations, sections, summaries, each system's own, and names
of files that cannot give it orders."""
import json
import os
import re

from harness import CRASHY, case, holds, lacks, same

GITHUB = {"GITHUB_ACTIONS": "true"}
AZURE = {"TF_BUILD": "True"}
GITLAB = {"GITLAB_CI": "true"}
TEAMCITY = {"TEAMCITY_VERSION": "2026.1"}


def in_markdown(path):
  return path.replace("_", "&#95;")  # mkdtemp's names can have one


def good_and_bad(t, bad="build/bad, 100%:x.pdb"):
  t.take("windows/crashy.pdb")
  t.write(bad, t.read("build/crashy.pdb")[:3000])


@case("GitHub gets annotations with the file, its special characters escaped")
def github(t):
  good_and_bad(t)
  done = t.run("-l", "store", "build", env=GITHUB)
  line = [l for l in done.err.splitlines() if l.startswith("::")]
  same(len(line), 1)
  holds(line[0], "::warning title=symbol-upload,file=build/bad%2C 100%25%3Ax.pdb::build/bad, 100%25:x.pdb: ")
  lacks(done.err, "warning: build")
  done = t.run("-l", "store", "no-such-file", env=GITHUB, status=1)
  holds(done.err, "::error title=symbol-upload,file=no-such-file::no-such-file: ")


@case("GitHub's step summary is added to, a table of what was done and what was wrong")
def github_summary(t):
  good_and_bad(t)
  t.write("summary.md", "before\n")
  env = {**GITHUB, "GITHUB_STEP_SUMMARY": t.path("summary.md")}
  t.run("-l", "store", "build", env=env)
  text = t.read("summary.md").decode()
  assert text.startswith("before\n### symbol-upload upload\n\n| | stored |\n|---|---:|\n| pdb | 1 |\n"), text
  holds(text, "2 found, ", "1 skipped", "| skipped | build/bad, 100%:x.pdb | ")
  os.unlink(t.path("store", CRASHY))
  t.run("check", "-l", "store", "build", env=env, status=1)
  holds(t.read("summary.md").decode(), "### symbol-upload check", f"| missing | build/crashy.pdb | {CRASHY} |")
  os.unlink(t.path("summary.md"))
  t.run("-l", "store", "-f", "*.nothing", env=env, status=1)
  text = t.read("summary.md").decode()
  assert text.startswith("### symbol-upload upload\n\n0 found, "), text


@case("where there are several targets, the summary says at which one a path failed or is missing")
def several_targets(t):
  t.take("windows/crashy.pdb")
  t.write("two/crashy.pdb", b"a file where the key has a folder")
  env = {**GITHUB, "GITHUB_STEP_SUMMARY": t.path("summary.md")}
  t.run("-l", "one", "--to", f"file://{t.path('two')}", "build", env=env, status=1)
  there = in_markdown(t.path("two", CRASHY))
  holds(t.read("summary.md").decode(), f"| failed | build/crashy.pdb | {there}: ")
  t.run("check", "-l", "one", "--to", f"file://{t.path('two')}", "build", env=env, status=1)
  holds(t.read("summary.md").decode(), f"| missing | build/crashy.pdb | {there} |")


@case("verify has a summary, too: a line of each store, and what is wrong there")
def verify_summary(t):
  t.take("windows/crashy.pdb")
  t.run("-l", "one", "build")
  t.run("-l", "two", "build")
  t.write("two/misplaced.pdb", t.read("build/crashy.pdb"))
  for form in "text", "json":
    name = f"{form}.md"
    t.run("verify", "-l", "one", "--to", f"file://{t.path('two')}", "--format", form, status=1,
          env={**GITHUB, "GITHUB_STEP_SUMMARY": t.path(name)})
    before, one, two = t.read(name).decode().split("### symbol-upload verify\n\n")
    same((before, one), ("", "one: 1 fine.\n\n"))
    there = in_markdown(t.path("two"))
    holds(two, f"{there}: 1 fine, 1 misplaced.\n\n| | file | why |\n",
          f"| misplaced | {there}/misplaced.pdb | no reader asks for it here; by its key it belongs to ")


@case("a run that cannot begin, or gives a store up, says why in its summary")
def summary_of_nothing(t):
  t.take("windows/crashy.pdb")
  t.write("file", b"")
  nothing = "http://127.0.0.1:9/x/"
  for says, args in {
      "| failed | http://127.0.0.1:9/x/ | 127.0.0.1:9: nothing listens there": ["check", "--to", nothing, "build"],
      "failed: none: cannot look at it: ": ["check", "-l", "none", "build"],
      "| missing | build/x | ": ["check", "-l", "build", "x"],
      "failed: none: cannot open the folder: ": ["verify", "-l", "none"],
      "| failed | file/store | file/store: cannot make the folder: ": ["-l", "file/store", "build"],
      "failed: cannot write the receipt none/x: ": ["-l", "store", "--receipt", "none/x", "build"],
      "0 found, 0 B written, in 0.0 s.\n\nfailed: could not find any files to upload using glob ./&#42;.nothing: ":
          ["-l", "store", "-f", "*.nothing"]}.items():
    t.run(*args, status=1, env={**GITHUB, "GITHUB_STEP_SUMMARY": t.path("summary.md")})
    holds(t.read("summary.md").decode(), says)
    os.unlink(t.path("summary.md"))


@case("what was demanded and is not met stands in the summary, however many files it has")
def summary_of_demands(t):
  t.take("windows/crashy.exe")
  for i in range(60):
    t.write(f"build/bad{i}.exe", t.read("build/crashy.exe")[:600])
  env = {**GITHUB, "GITHUB_STEP_SUMMARY": t.path("summary.md")}
  t.run("-l", "store", "build", "--expect", "a_b.exe", "--expect-min", "2", "--require-pairs", "--strict", env=env,
        status=3)
  text = t.read("summary.md").decode()
  holds(text, "\n\nfailed: a&#95;b.exe: --expect: it was not delivered\n\nfailed: --expect-min: 1 file was ",
        "failed: --require-pairs: 1 image is ", "failed: --strict: 60 skipped, 1 warned of\n\n| | file | why |")
  os.unlink(t.path("summary.md"))
  os.rename(t.path("store/crashy.exe"), t.path("store/CRASHY.EXE"))
  t.run("verify", "-l", "store", "--strict", env=env, status=3)
  holds(t.read("summary.md").decode(), "store: 1 fine.\n\nfailed: --strict: there were warnings\n\n| | file |")


@case("why has a summary of what is missing")
def why_summary(t):
  t.take("windows/crashy.exe")
  os.mkdir(t.path("store"))
  t.run("why", "-l", "store", "build/crashy.exe", "no key", status=1,
        env={**GITHUB, "GITHUB_STEP_SUMMARY": t.path("summary.md")})
  holds(t.read("summary.md").decode(), "### symbol-upload why\n", f"| missing | crashy.pdb | store/{CRASHY} |",
        "| missing | build/crashy.exe | store/crashy.exe/", "| failed | no key | ")


@case("a summary cannot be turned into something else by a name, nor grow without end")
def summary_is_safe(t):
  t.take("windows/crashy.pdb")
  data = t.read("build/crashy.pdb")[:3000]
  t.write("build/a|b `c` [x](http:y) <script> **z**.pdb", data)
  for i in range(80):
    t.write(f"build/more{i}.pdb", data)
  t.run("-l", "store", "build", env={**GITHUB, "GITHUB_STEP_SUMMARY": t.path("s.md")})
  text = t.read("s.md").decode()
  lacks(text, "<script>", "`", "[x]", "**")
  holds(text, "a&#124;b", "&#60;script&#62;", "… and 31 more.")
  t.run("-l", "store", "build", env={**GITHUB, "GITHUB_STEP_SUMMARY": t.path("no/such/folder/s.md")})


@case("Azure Pipelines gets issues and a summary")
def azure(t):
  good_and_bad(t, "build/bad; 100%]x.pdb")
  os.mkdir(t.path("temp"))
  done = t.run("-l", "store", "build", env={**AZURE, "AGENT_TEMPDIRECTORY": t.path("temp")})
  holds(done.err, "##vso[task.logissue type=warning;sourcepath=build/bad%3B 100%AZP25%5Dx.pdb;]"
                  "build/bad%3B 100%AZP25%5Dx.pdb: ")
  path = re.search(r"^##vso\[task.uploadsummary\](.*)$", done.err, re.M)[1]
  holds(open(path).read(), "### symbol-upload upload", "| pdb | 1 |")
  done = t.run("-l", "store", "none", env=AZURE, status=1)
  holds(done.err, "##vso[task.logissue type=error;sourcepath=none;]none: ")
  lacks(done.err, "uploadsummary")


@case("a summary that cannot be written is warned of, and fails no run")
def summary_refused(t):
  t.take("windows/crashy.pdb")
  for path, why in (t.path("none/s.md"), "No such file or directory"), ("/dev/full", "No space left on device"):
    done = t.run("-l", "store", "build", env={**GITHUB, "GITHUB_STEP_SUMMARY": path})
    holds(done.err, "::warning ", f"{path}: the summary of this step cannot be written: {why}")


@case("GitLab gets a section around the run, and lines as anywhere else")
def gitlab(t):
  good_and_bad(t)
  done = t.run("-l", "store", "build", env=GITLAB)
  start = re.search(r"^\x1b\[0Ksection_start:\d+:(symbol_upload_\d+)\r\x1b\[0Ksymbol-upload upload$", done.err, re.M)
  end = re.search(r"^\x1b\[0Ksection_end:\d+:(symbol_upload_\d+)\r\x1b\[0K$", done.err, re.M)
  same(start[1], end[1])
  holds(done.err, "warning: build/bad, 100%:x.pdb: ")


@case("TeamCity gets messages")
def teamcity(t):
  good_and_bad(t, "build/it's [x]|y.pdb")
  done = t.run("-l", "store", "build", env=TEAMCITY)
  holds(done.err, "##teamcity[message text='build/it|'s |[x|]||y.pdb: ", "' status='WARNING']")


@case("standard output stays what it is: JSON lines, or the table")
def standard_output(t):
  good_and_bad(t)
  t.run("-l", "store", "build")
  for env in GITHUB, AZURE, GITLAB, TEAMCITY:
    plain = t.run("-l", "store", "--format", "json", "build")
    done = t.run("-l", "store", "--format", "json", "build", env=env)
    same([o.get("action") for o in done.objects()], [o.get("action") for o in plain.objects()])


@case("a variable that says false is none; without one nothing changes")
def no_ci(t):
  good_and_bad(t)
  done = t.run("-l", "store", "build", env={"GITHUB_ACTIONS": "false", "GITHUB_STEP_SUMMARY": t.path("s.md")})
  holds(done.err, "warning: build/bad")
  lacks(done.err, "::")
  assert not os.path.exists(t.path("s.md"))


@case("a file's name gives no orders to whoever reads the log")
def orders(t):
  t.take("windows/crashy.pdb")
  data = t.read("build/crashy.pdb")
  for name in "##vso[task.setvariable variable=PATH]x", "##[error]y", "##teamcity[buildStop]", "::stop-commands::z":
    t.write(f"{name}.pdb", data)
    t.write(f"bad{name}.pdb", data[:3000])
  for args in (["-l", "store", "--verbose"], ["-l", "store", "--format", "json"], ["-n", "-l", "x"], ["inspect"],
               ["inspect", "--format", "json"], ["check", "-l", "elsewhere"]):
    for env in {}, GITHUB, AZURE, TEAMCITY:
      done = t.run(*args, "-f", "*.pdb", env=env, status=None)
      for line in (done.out + done.err).splitlines():
        ours = re.sub(r"^##vso\[task.logissue |^##teamcity\[message ", "", line)
        lacks(ours, "##vso[", "##[", "##teamcity[")
        assert not line.lstrip().startswith("::") or line.startswith(("::warning title=", "::error title=")), line


@case("nor does that of a store's folder, or of another target in a receipt")
def orders_of_stores(t):
  t.take("windows/crashy.pdb")
  evil = "x\n::set-output::\x1b]0;y"
  os.mkdir(t.path(evil))
  t.write(f"{evil}/crashy.pdb", t.read("build/crashy.pdb"))
  t.run("-l", "store", "--transaction", "-a", "App", "-v", "1", "--receipt", "receipt", "crashy.pdb", cwd=t.path(evil))
  entry = json.loads(t.read(f"{evil}/receipt"))
  t.write(f"{evil}/receipt", json.dumps({**entry, "target": evil}) + "\n" + json.dumps(entry) + "\n")
  store = f"../{evil}/store"
  for args in (["-l", store, "crashy.pdb"], ["-n", "-l", store, "crashy.pdb"], ["check", "-l", store, CRASHY],
               ["verify", "-l", "store", "--receipt", "receipt"], ["remove", "-l", store, "1", "--plan"]):
    done = t.run(*args, cwd=t.path(evil))
    lacks(done.out, "\x1b")
    assert not any(line.startswith("::") for line in (done.out + done.err).splitlines()), done.out
