# SPDX-License-Identifier: MIT
"""The servers of this folder, as objects of the tests. Each is started when it is first
asked for, and stopped when the test program ends."""
import atexit
import functools
import os
import shutil
import socket
import subprocess
import tempfile
import time

from harness import need

HERE = os.path.dirname(os.path.abspath(__file__))
PORTS = 10  # each server has so many in a row

claims = []


def claim(base):
  """Keeps ports from the other test programs of this machine until this one ends: by a name that only one
  can have. OSError: another has it."""
  name = socket.socket(socket.AF_UNIX)
  name.bind(f"\0symbol-upload-ports-{base}")
  claims.append(name)


def free_ports():
  """The first of PORTS free ports in a row."""
  for base in range(21000 + os.getpid() % 800 * 10, 32000, PORTS):
    held = []
    try:
      claim(base)
      for port in range(base, base + PORTS):
        held.append(socket.create_server(("127.0.0.1", port)))
      return base
    except OSError:
      continue
    finally:
      for s in held:
        s.close()
  raise AssertionError("no free ports")


class Server:
  def __init__(self, name):
    self.script = os.path.join(HERE, name + ".sh")
    self.folder = tempfile.mkdtemp(prefix=f"symbol-upload-{name}-")
    os.chmod(self.folder, 0o755)
    self.port = free_ports()
    self.call("start")
    atexit.register(self.stop)
    self.wait()
    self.mark = 0

  def call(self, what):
    subprocess.run([self.script, what, self.folder, str(self.port)], check=True, timeout=60,
                   stdin=subprocess.DEVNULL)

  def stop(self):
    self.call("stop")
    time.sleep(0.2)
    shutil.rmtree(self.folder, ignore_errors=True)

  def wait(self):
    for _ in range(200):
      try:
        socket.create_connection(("127.0.0.1", self.port)).close()
        return
      except OSError:
        time.sleep(0.05)
    raise AssertionError(f"{self.script} does not listen")

  def path(self, *parts):
    return os.path.join(self.folder, *parts)

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

  def asked(self):
    """(user, method, path, status) of every request since forget()."""
    time.sleep(0.05)
    with open(self.path("log/access.log"), encoding="utf-8", errors="replace") as file:
      file.seek(self.mark)
      found = []
      for line in file:
        quoted = line.split('"')
        if len(quoted) < 3 or len(quoted[1].split()) < 2:
          continue  # a connection without a request
        method, path = quoted[1].split()[:2]
        found.append((line.split()[2], method, path, int(quoted[2].split()[0])))
      return found

  def connections(self):
    """How many connections nginx was asked over since forget(), and by which versions of HTTP."""
    time.sleep(0.05)
    with open(self.path("log/access.log"), encoding="utf-8", errors="replace") as file:
      file.seek(self.mark)
      lines = [line for line in file if line.count('"') >= 2]
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
  need("nginx", "openssl")
  return Server("nginx")


@functools.cache
def apache():
  need("apache2", "openssl")
  return Server("apache")


@functools.cache
def squid():
  need("squid", "openssl")
  return Server("squid")
