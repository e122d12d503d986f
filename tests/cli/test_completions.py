# SPDX-License-Identifier: MIT
"""The completions, in the shells themselves: what a line becomes when Tab is pressed."""
import os
import pty
import select
import subprocess
import time

from harness import TESTS, TIMEOUT, case, need, same

COMPLETIONS = os.path.join(os.path.dirname(TESTS), "completions")

# line -> what Tab makes of it (a blank, = or comma behind it is as the shell likes it)
LINES = {
  "ins": "inspect",
  "che": "check",
  "--exi": "--existing",
  "--existing k": "--existing keep",
  "--existing=rep": "--existing=replace",
  "--flush b": "--flush batch",
  "--fallback-age i": "--fallback-age info",
  "--for windbg,deb": "--for windbg,debuginfod",
  "--for=sen": "--for=sentry",
  "-l fol": "-l folder/",
  "--localPath=fol": "--localPath=folder/",
  "--files-from li": "--files-from list",
  "-d folder -f x --rec": "-d folder -f x --receipt",
  "fol": "folder/",
  "inspect --ig": "inspect --ignore-case",
  "inspect --rec": "inspect --rec",    # no option of this verb
  "inspect --exi": "inspect --exi",
  "check --dee": "check --deep",
  "check --budg": "check --budg",
  "wh": "why",
  "why --endp": "why --endpoint",
  "why --dee": "why --dee",
  "veri": "verify",
  "verify --recei": "verify --receipt",
  "verify -l fol": "verify -l folder/",
  "verify --fil": "verify --files",      # and not --files-from, which would make it two
  "verify --bea": "verify --bea",
  "history --fil": "history --fil",
  "prune --keep-o": "prune --keep-o",
  "prune --old": "prune --older-than",
}


def prepare(t):
  os.makedirs(t.path("folder"))
  t.write("list")
  os.symlink(t.program, t.path("symbol-upload"))
  return {**t.env, "PATH": t.folder + ":" + t.env["PATH"], "TERM": "dumb", "PS1": ""}


class Terminal:
  """A shell at a terminal, whose key Ctrl-G shows the line as it stands, and empties it."""

  def __init__(self, t, env, *argv):
    self.master, slave = pty.openpty()
    self.process = subprocess.Popen(argv, stdin=slave, stdout=slave, stderr=slave, cwd=t.folder,
                                    env=env, start_new_session=True)
    os.close(slave)
    self.said = ""

  def send(self, keys):
    os.write(self.master, keys.encode())

  def shown(self):
    """What stands between the next << and >>."""
    deadline = time.monotonic() + TIMEOUT
    while ">>" not in self.said:
      ready, _, _ = select.select([self.master], [], [], max(0, deadline - time.monotonic()))
      assert ready, f"no answer:\n{self.said}"
      self.said += os.read(self.master, 65536).decode(errors="replace")
    line, self.said = self.said.split(">>", 1)
    return line.split("<<")[-1]

  def close(self):
    self.process.kill()
    self.process.communicate()
    os.close(self.master)


def check_lines(t, env, setup, *argv):
  t.write("setup", setup + "\n")
  terminal = Terminal(t, env, *argv)
  try:
    terminal.send(". ./setup\n")
    same(terminal.shown(), "ready")
    for line, want in LINES.items():
      terminal.send("symbol-upload " + line + "\t\x07")
      same(terminal.shown().rstrip(" =,"), "symbol-upload " + want, line)
  finally:
    terminal.close()


@case("bash completes verbs, options, values behind a blank and behind =, readers in lists, paths")
def bash(t):
  shell, env = need("bash"), prepare(t)
  check_lines(t, env, f"""
    source {COMPLETIONS}/symbol-upload.bash
    show() {{ echo "<<$READLINE_LINE>>"; READLINE_LINE=; }}
    bind -x '"\\C-g": show'
    echo "<<ready>>" """, shell, "--norc", "--noprofile", "-i")


@case("zsh does")
def zsh(t):
  shell, env = need("zsh"), prepare(t)
  check_lines(t, env, f"""
    fpath=({COMPLETIONS} $fpath)
    autoload -Uz compinit && compinit -u -D
    show() {{ print -r -- "<<$BUFFER>>"; BUFFER= }}
    zle -N show && bindkey '^G' show
    setopt no_beep no_auto_remove_slash
    print "<<ready>>" """, shell, "-f", "-i")


@case("fish does")
def fish(t):
  shell, env = need("fish"), prepare(t)
  for line, want in LINES.items():
    script = f"source {COMPLETIONS}/symbol-upload.fish; complete -C 'symbol-upload {line}'"
    done = subprocess.run([shell, "--no-config", "-c", script], capture_output=True, text=True,
                          cwd=t.folder, env=env, timeout=TIMEOUT, check=True)
    # fish 4 also offers what holds the letters somewhere.
    found = [one for one in done.stdout.splitlines() if one.startswith(line.split(" ")[-1])]
    same([one.split("\t")[0] for one in found], [want.split(" ")[-1]] if want != line else [], line)
