# SPDX-License-Identifier: MIT
"""The GitHub action: action.yml, and scripts/action run as a step of it runs."""
import json
import os
import re
import shutil
import subprocess

from fake import Fake
from harness import CRASHY, TESTS, Skip, case, holds, lacks, same

ROOT = os.path.dirname(TESTS)
OF_VERSION_11 = {"clientId", "clientSecret", "database", "application", "version", "files", "directory",
                 "node-version", "symbol-upload-version", "dumpSyms"}
OURS = {"localPath", "to", "for", "strict"}


def read(path):
  with open(os.path.join(ROOT, path), encoding="utf-8") as file:
    return file.read()


def action():
  try:
    import yaml
  except ImportError:
    raise Skip("python3-yaml is not installed") from None
  return yaml.safe_load(read("action.yml"))


def install(t, program=None):
  """The script beside a program, as in a checkout of the action."""
  os.makedirs(t.path("action/scripts"), exist_ok=True)
  shutil.copy(os.path.join(ROOT, "scripts/action"), t.path("action/scripts/action"))
  if os.path.lexists(t.path("action/scripts/symbol-upload")):
    os.remove(t.path("action/scripts/symbol-upload"))
  os.symlink(program or t.program, t.path("action/scripts/symbol-upload"))


def step(t, inputs, status=0, env=None):
  """One step with these inputs; answers what it said and its outputs."""
  spec = action()
  run, = spec["runs"]["steps"]
  given = {}
  for name, expression in run["env"].items():
    which = re.fullmatch(r"\$\{\{ inputs\.([\w-]+)( \|\| env\.(\w+))? \}\}", expression)
    given[name] = inputs.get(which[1], "") or (env or {}).get(which[3], "")
  os.makedirs(t.path("temp"), exist_ok=True)
  t.write("outputs", "before=1\n")
  done = subprocess.run([t.path("action/scripts/action")], capture_output=True, cwd=t.folder, text=True, timeout=120,
                        env={**t.env, **(env or {}), **given, "RUNNER_TEMP": t.path("temp"), "GITHUB_ACTIONS": "true",
                             "GITHUB_OUTPUT": t.path("outputs")})
  assert done.returncode == status, f"status {done.returncode}\n{done.stdout}{done.stderr}"
  lines = t.read("outputs").decode().splitlines()
  same(lines[0], "before=1")
  return done.stdout + done.stderr, dict(line.split("=", 1) for line in lines[1:])


def recorder(t):
  """A program that writes down its arguments and what it finds in the environment."""
  t.write("recorder", '#!/bin/sh\nprintf "%s\\n" "$@" >"$RECORD"\nenv >>"$RECORD.env"\n')
  os.chmod(t.path("recorder"), 0o755)
  t.env["RECORD"] = t.path("record")
  install(t, t.path("recorder"))


@case("action.yml has version 11's inputs and ours, each handed to the script, none inside its text")
def inputs(_):
  spec = action()
  same(set(spec["inputs"]), OF_VERSION_11 | OURS)
  for name, row in spec["inputs"].items():
    assert row["description"] and not row.get("required"), name
  run, = spec["runs"]["steps"]
  same(spec["runs"]["using"], "composite")
  lacks(run["run"], "${{")  # an input's value must not become part of a command
  handed = [re.match(r"\$\{\{ inputs\.([\w-]+)", value)[1] for value in run["env"].values()]
  same(sorted(handed), sorted(spec["inputs"]))
  script = read("scripts/action")
  for variable in run["env"]:
    assert variable.startswith("SYMBOL_UPLOAD_CLIENT_") or f"${{{variable}-}}" in script, variable
  same(set(re.findall(r"\bINPUT_\w+", script)) - set(run["env"]), set())
  written = re.search(r"printf '(.*?)' .*GITHUB_OUTPUT", script)[1]
  same(sorted(line.split("=")[0] for line in written.split(r"\n") if line), sorted(spec["outputs"]))
  for name, row in spec["outputs"].items():
    same(row["value"], f"${{{{ steps.{run['id']}.outputs.{name} }}}}")


@case("every input becomes its option, whatever is in it; credentials stay in the environment")
def options(t):
  recorder(t)
  step(t, {"files": "**/*.{pdb,exe}\n-x $(id) `id`.dll\n", "directory": "a b*", "localPath": "st;ore", "to": "bugsplat\nbucket",
           "for": "windbg,gdb", "clientId": "the-id", "clientSecret": "the-secret", "database": "db", "application": "a 'p'",
           "version": "-1", "strict": "true", "dumpSyms": "true"})
  args = t.read("record").decode().splitlines()
  assert re.fullmatch(r"--receipt=.*/temp/symbol-upload\.\w{6}/receipt\.jsonl", args[0]), args[0]
  same(args[1:], ["--files=**/*.{pdb,exe}", "--files=-x $(id) `id`.dll", "--to=bugsplat", "--to=bucket", "--directory=a b*",
                  "--localPath=st;ore", "--for=windbg,gdb", "--database=db", "--application=a 'p'", "--version=-1",
                  "--strict", "--dumpSyms"])
  holds(t.read("record.env").decode(), "SYMBOL_UPLOAD_CLIENT_ID=the-id\n", "SYMBOL_UPLOAD_CLIENT_SECRET=the-secret\n")
  step(t, {"files": "*", "strict": "false", "dumpSyms": "false"}, env={"SYMBOL_UPLOAD_CLIENT_SECRET": "of-the-job"})
  same(t.read("record").decode().splitlines()[1:], ["--files=*"])
  holds(t.read("record.env").decode(), "SYMBOL_UPLOAD_CLIENT_SECRET=of-the-job\n")


@case("inputs of version 11 that mean nothing are accepted and say so; a flag is true or false")
def without_effect(t):
  recorder(t)
  said, _ = step(t, {"files": "*", "node-version": "24", "symbol-upload-version": "11.0.0"})
  holds(said, "::notice title=symbol-upload::the input node-version is without effect: ",
        "::notice title=symbol-upload::the input symbol-upload-version is without effect: ")
  lacks(step(t, {"files": "*"})[0], "::notice")
  os.remove(t.path("record"))
  holds(step(t, {"files": "*", "strict": "yes"}, status=2)[0], "::error title=symbol-upload::the input strict is true or false")
  assert not os.path.exists(t.path("record"))


@case("a step into a folder: number stored, receipt, and the program's status")
def folder(t):
  install(t)
  t.take("windows/crashy.pdb")
  t.take("windows/crashy.exe")
  _, outputs = step(t, {"files": "build/*.pdb\nbuild/*.exe", "localPath": "store"})
  same(outputs["stored"], "2")
  with open(outputs["receipt"], encoding="utf-8") as file:
    same(sorted(json.loads(line)["path"] for line in file), ["build/crashy.exe", "build/crashy.pdb"])
  assert CRASHY in t.symbols()
  _, outputs = step(t, {"files": "*.{pdb,exe}", "directory": "build", "localPath": "store"})
  same(outputs["stored"], "0")
  t.write("build/bad.pdb", t.read("build/crashy.pdb")[:3000])
  step(t, {"files": "build/*.pdb", "localPath": "store"})
  _, outputs = step(t, {"files": "build/*.pdb", "localPath": "store", "strict": "true"}, status=3)
  assert outputs["receipt"]
  said, outputs = step(t, {"files": "build/*.pdb", "localPath": "store", "for": "nobody"}, status=2)
  same(outputs, {"stored": "0", "receipt": ""})
  holds(said, "::error title=symbol-upload::")
  same(sorted(os.listdir(t.folder)), ["action", "build", "outputs", "store", "temp"])


@case("a step as version 11's: to BugSplat, with its log")
def bugsplat(t):
  install(t)
  t.take("windows/crashy.pdb")
  fake = Fake()
  try:
    said, outputs = step(t, {"clientId": "ID", "clientSecret": "SECRET", "database": "DB", "application": "app",
                             "version": "1.0", "files": "**/*.{pdb,exe,dll}", "directory": "", "node-version": "24",
                             "dumpSyms": "false"}, env={"BUGSPLAT_HOST": fake.url})
    same([name for _, _, name in fake.done], ["crashy.pdb"])
  finally:
    fake.close()
  same(outputs["stored"], "1")
  holds(said, "About to authenticate...", "Authentication success!", "Found files:\n build/crashy.pdb\n",
        "About to upload symbols for DB-app-1.0...")
  lacks(said, "SECRET")
