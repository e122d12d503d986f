# SPDX-License-Identifier: MIT
"""What the program says to a person."""
import os
import pty
import re
import select
import time


def on_terminal(t, *args, env=None, until=None, then=None):
  """What the program says when both its outputs are a terminal. Once it has said
  something like `until`, `then` is called."""
  master, slave = pty.openpty()
  process = t.start(*args, env={"TERM": "xterm", **(env or {})}, stdout=slave, stderr=slave)
  os.close(slave)
  deadline = time.monotonic() + 60
  said = b""
  while time.monotonic() < deadline:
    try:
      ready, _, _ = select.select([master], [], [], 60)
      part = os.read(master, 65536) if ready else b""
    except OSError:  # the other end is closed
      part = b""
    if not part:
      break
    said += part
    if then and re.search(until, said):
      then()
      then = None
  os.close(master)
  if then:  # it will wait for ever
    process.kill()
  process.wait(timeout=60)
  assert not then, f"{until} is never said: {said[-400:]}"
  return said.decode(errors="replace")
