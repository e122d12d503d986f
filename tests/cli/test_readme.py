# SPDX-License-Identifier: MIT
"""What README.md shows is what the program does."""
import os
import re
import shlex

from harness import TESTS, case, holds, same

ROOT = os.path.dirname(TESTS)


def blocks(language=""):
  """The code blocks of README.md: lists of lines."""
  with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
    found = re.findall(r"^```(\S*)\n(.*?)^```$", file.read(), re.MULTILINE | re.DOTALL)
  return [text.splitlines() for name, text in found if name == language]


@case("the first command prints the table that is shown, and makes the tree")
def first_command(t):
  command, = [line for block in blocks("sh") for line in block if "-d tests/files" in line]
  _, *args = shlex.split(command)
  done = t.run(*[arg.replace("tests/", TESTS + "/") for arg in args])
  shown, = [block for block in blocks() if block[-1].startswith("_NT_SYMBOL_PATH")]
  said = [line for line in done.out.splitlines() if not line.startswith("kept ")]
  same(said[:-2], shown[:-2])
  figures = r"[\d.]+( [KM]iB\b)?" # however fast the machine
  same(re.sub(figures, "N", said[-2]), re.sub(figures, "N", shown[-2]))
  same(said[-1], shown[-1].replace("/opt/symbol-upload", t.folder))
  tree, = [block for block in blocks() if block[0] == "store"]
  paths, way = [], []
  for line in tree[1:]:
    name = line[line.index("── ") + 3:].split(" ")[0]
    way[line.index("── ") // 4:] = [name]
    paths.append("/".join(way))
  for path in paths:
    assert "…" in path or os.path.exists(t.path("store", path)), path
  assert len(paths) > 10, paths


def shown_in(block):
  """Each command of a block, with the lines that are shown behind it."""
  starts = [i for i, line in enumerate(block) if line.startswith("$ symbol-upload ")]
  return [(block[i], [line for line in block[i + 1:end] if line])
          for i, end in zip(starts, starts[1:] + [len(block)])]


def timeless(lines):
  return [re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "TIME", line) for line in lines if line]


@case("what is shown behind a $ is what is printed")
def shown_commands(t):
  count = 0
  os.symlink(TESTS, t.path("tests"))
  t.run("-d", "tests/files", "-f", "**/*.{pdb,exe,dll}", "-l", "store", "-q")
  for command, shown in [pair for block in blocks() for pair in shown_in(block)]:
    fails = " why " in command or any(line.startswith("error: ") for line in shown)
    done = t.run(*shlex.split(command)[2:], cwd=t.folder, status=int(fails))
    said = done.err + done.out # as on a terminal: warnings come before the table
    if shown[-1:] == ["…"]:
      same(timeless(said.splitlines())[:len(shown) - 1], timeless(shown[:-1]))
    else:
      same(timeless(said.rstrip().splitlines()), timeless(shown), command)
    count += 1
  assert count >= 2


@case("each message that is explained is one")
def messages(t):
  with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
    rows = re.findall(r"^\| `(.*)` \| ", file.read().split("| what you see |")[1], re.MULTILINE)
  sources = ""
  for folder, _, names in os.walk(os.path.join(ROOT, "src")):
    for name in names:
      if name.endswith(".c"):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
          sources += re.sub(r'"\s+"', "", file.read())
  for row in rows:
    for part in re.split("…|: ", row):
      assert part.strip() in sources, f"{row!r}: nobody says {part!r}"
  assert len(rows) > 5


@case("the configuration that is shown is understood")
def configuration(t):
  for block in blocks("yaml"):
    if any(line.startswith("targets:") for line in block):
      t.write("symbol-upload.yaml", "\n".join(block) + "\n")
      done = t.run("--print-config", env={"SYMBOLS_PASSWORD": "hush"})
      holds(done.out, "files:", "targets:")


@case("every option that is named is one")
def options(t):
  known = "".join(t.run(*verb, "--help").out for verb in ([], ["inspect"], ["check"], ["why"], ["verify"],
                                                                ["history"], ["remove"], ["prune"]))
  with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
    text = file.read()
  commands = re.findall(r"symbol-upload (?:[^`\n]|\\\n)*", text)
  named = {o for command in commands for o in re.findall(r"(?<!\S)--[a-z][\w-]+", command)}
  named |= set(re.findall(r"`(--[a-z][\w-]+)", text))
  same(sorted(o for o in named if not re.search(re.escape(o) + r"\b", known)), [])
  assert len(named) > 10
