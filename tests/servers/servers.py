# SPDX-License-Identifier: MIT
"""Servers that are started by a script of this folder, as objects of the tests: by the first case that
needs one, and they are stopped when the test program ends."""
import atexit
import functools
import os
import shutil
import socket
import subprocess
import tempfile
import time

from harness import need, until

HERE = os.path.dirname(os.path.abspath(__file__))
BLOCK = 10  # ports, which are claimed together

claims = []


def claim(block):
  """Keeps ports from the other test programs of this machine until this one ends: by a name that only one
  can have. OSError: another has it."""
  name = socket.socket(socket.AF_UNIX)
  name.bind(f"\0symbol-upload-ports-{block}")
  claims.append(name)


def free_ports(count):
  """The first of so many free ports in a row."""
  for first in range(21000 + os.getpid() % 800 * BLOCK, 32000, BLOCK):
    held = []
    try:
      for block in range(first, first + count, BLOCK):
        claim(block)
      for port in range(first, first + count):
        held.append(socket.create_server(("127.0.0.1", port)))
      return first
    except OSError:
      continue
    finally:
      for s in held:
        s.close()
  raise AssertionError("no free ports")


class Server:
  """NAME.sh start|stop FOLDER PORT, where `programs` are installed; it may take `ports` ports in a row."""

  def __init__(self, name, *programs, ports=BLOCK):
    self.script, self.programs = os.path.join(HERE, name + ".sh"), programs
    self.port = free_ports(ports)
    self.folder, self.problem = None, None

  def call(self, what, *args):
    return subprocess.run([self.script, what, self.folder, *map(str, args)], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=180, text=True)

  def run(self, what, *args):
    done = self.call(what, *args)
    assert done.returncode == 0, f"{self.script} {what} {args}: {done.stdout}"

  def start(self):
    """Itself, running."""
    need(*self.programs)
    if self.problem:
      raise AssertionError(self.problem)
    if not self.folder:
      self.folder = tempfile.mkdtemp(prefix="symbol-upload-server-")
      atexit.register(self.stop)
      try:
        self.launch()
      except AssertionError:  # a busy machine: once more, from the beginning
        self.stop()
        self.launch()
    return self

  def launch(self):
    os.makedirs(self.folder, exist_ok=True)
    os.chmod(self.folder, 0o755)
    try:
      self.run("start", self.port)
      until(self.listens)
    except (AssertionError, subprocess.TimeoutExpired) as error:
      self.problem = f"the server does not start: {error}"
      raise
    self.problem = None

  def listens(self):
    with socket.socket() as client:
      return client.connect_ex(("127.0.0.1", self.port)) == 0

  def stop(self):
    self.call("stop", self.port)
    for _ in range(100):
      shutil.rmtree(self.folder, ignore_errors=True)
      if not os.path.exists(self.folder):
        break
      time.sleep(0.05)  # its processes write there until they have ended

  def path(self, *parts):
    return os.path.join(self.folder, *parts)


class WebServer(Server):
  """One that has a log of what it is asked, and files below root/."""
  mark = 0

  # --- addresses

  def http(self, path=""):
    return f"http://127.0.0.1:{self.port}{path}"

  def https(self, path="", port=1):
    return f"https://localhost:{self.port + port}{path}"

  # --- what was asked and stored

  def forget(self):
    """What was asked up to now is no more in asked()."""
    time.sleep(0.05)  # the log is written after the answer
    self.mark = os.path.getsize(self.path("log/access.log"))

  def log(self):
    """Its lines since forget()."""
    time.sleep(0.05)
    with open(self.path("log/access.log"), encoding="utf-8", errors="replace") as file:
      file.seek(self.mark)
      return file.read().splitlines()

  def asked(self):
    """(user, method, path, status) of every request since forget()."""
    found = []
    for line in self.log():
      quoted = line.split('"')
      if len(quoted) < 3 or len(quoted[1].split()) < 2:
        continue  # a connection without a request
      method, path = quoted[1].split()[:2]
      found.append((line.split()[2], method, path, int(quoted[2].split()[0])))
    return found

  def connections(self):
    """How many connections nginx was asked over since forget(), and by which versions of HTTP."""
    lines = [line for line in self.log() if line.count('"') >= 2]
    return len({line.split()[-1] for line in lines}), {line.split('"')[1].split()[-1] for line in lines}

  def methods(self):
    return [method for _, method, _, _ in self.asked()]

  def stored(self, path):
    """path -> bytes of everything below the URL path."""
    root = self.path("root", path.strip("/"))
    found = {}
    for folder, _, files in os.walk(root):
      for name in files:
        with open(os.path.join(folder, name), "rb") as file:
          found[os.path.relpath(os.path.join(folder, name), root)] = file.read()
    return found


@functools.cache
def nginx():
  return WebServer("nginx", "nginx", "openssl").start()


@functools.cache
def apache():
  return WebServer("apache", "apache2", "openssl").start()


@functools.cache
def squid():
  return WebServer("squid", "squid", "openssl").start()
