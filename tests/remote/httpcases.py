# SPDX-License-Identifier: MIT
"""What the tests of servers that take PUT share: deliveries, what they said, and how to get in."""
from harness import CRASHY, ENGINE, lacks

NGINX_PASSWORD = "s3cret/pä:ss?"
NGINX_USER = ("--user", "symbols", "--password", NGINX_PASSWORD)
NGINX_IN_URL = "symbols:s3cret%2Fp%C3%A4:ss%3F@"
APACHE_USER = ("--user", "symbols:s3cret")
SECRETS = ("s3cret", "tok-123", "proxy-pass", "aGVsbG8", "s3cr%", "c3ltYm9sczp")

number = 0


def fresh(prefix):
  """A URL path below `prefix` that no other case uses."""
  global number
  number += 1
  return f"{prefix}case{number}/"


def send(t, to, *args, status=0, files=None, **more):
  """A delivery of ./build, told in JSON lines; says no secret, whatever happens."""
  done = t.run("-d", "build", "-f", files or "**/*.{pdb,exe,dll,so}", "--to", to, "--format", "json", *args,
               status=status, **more)
  lacks(done.out + done.err, *SECRETS)
  return done


def take_two(t):
  t.take("windows/crashy.pdb")
  t.take("windows/engine.pdb")
  return {CRASHY: t.read("build/crashy.pdb"), ENGINE: t.read("build/engine.pdb")}


def counts(done):
  return {word: n for word, n in done.summary().items() if n and word not in ("bytes", "seconds")}


def errors(done):
  return " ".join(o["error"]["message"] for o in done.objects() if "error" in o)
