# SPDX-License-Identifier: MIT
"""A server in front of another one, which fails as it is told, request by request.

  with Faulty("127.0.0.1:8000") as faulty:
      faulty.fail("reset", share=0.05)
      faulty.fail("answer", status=429, headers={"Retry-After": "1"}, times=1, methods="PUT")
      ... faulty.url ... faulty.log

Kinds of failure: answer (status, headers, body: in the other server's place; a header may be a function), reset, stall (nothing
more is said) and close, each after the request's headers and `taking` bytes of its body; swallow (the
other server gets all, its answer is lost), truncate (half of the answer). Without an upstream every
request that no rule takes gets 201, and is kept in `bodies`."""
import itertools
import random
import socket
import struct
import threading
import time

from listener import Listener, pass_on


class Cut(Listener):
  """Passes bytes on to `upstream` ("host:port"), whatever they are, and resets the first `times`
  connections after so many bytes of the client's: TLS, too, ends in the middle of a record."""

  def __init__(self, upstream, after, times):
    self.upstream, self.limits, self.cut = upstream, itertools.repeat(after, times), 0
    super().__init__()

  def serve(self, client):
    limit = next(self.limits, None)
    server = connect(self.upstream)
    pass_on(client, server, lambda a, b: self.pump(a, b, limit if a is client else None))

  def pump(self, source, target, limit):
    passed = 0
    try:
      while data := source.recv(65536):
        passed += len(data)
        if limit is not None and passed > limit:
          self.cut += 1
          give_up(source, "reset")
          give_up(target, "reset")
          return
        target.sendall(data)
      target.shutdown(socket.SHUT_WR)
    except OSError:
      pass


class Rule:
  def __init__(self, kind, times=None, share=None, methods=None, path="", skip=0, status=503,
               headers=None, body="", taking=0):
    self.kind, self.times, self.share, self.methods = kind, times, share, methods
    self.path, self.skip, self.status, self.headers, self.body = path, skip, status, headers or {}, body
    self.taking, self.used = taking, 0


class Faulty(Listener):
  def __init__(self, upstream=None, seed=1):
    self.upstream = upstream
    self.rules, self.log, self.bodies, self.heads = [], [], {}, []
    self.random, self.lock = random.Random(seed), threading.Lock()
    super().__init__()
    self.url = f"http://127.0.0.1:{self.port}"

  def fail(self, kind, **how):
    rule = Rule(kind, **how)
    with self.lock:
      self.rules.append(rule)
    return rule

  def serve(self, client):
    upstream = None
    reader = client.makefile("rb")
    try:
      while True:
        head = read_head(reader)
        if not head:
          return
        rule = self.choose(head)
        body = reader.read(rule.taking) if rule and rule.taking else b""
        if rule and rule.kind in ("reset", "close", "stall"):
          give_up(client, rule.kind)
          return
        body += reader.read(length_of(head) - len(body))
        if len(body) < length_of(head):
          return  # the client went away
        if rule and rule.kind == "answer":
          client.sendall(answer(rule.status, rule.headers, rule.body))
        elif not self.upstream:
          self.bodies[head[0].split()[1]] = body
          client.sendall(answer(201, {"ETag": '"1"'}, ""))
        else:
          upstream = upstream or connect(self.upstream)
          upstream.sendall(join(head) + body)
          reply = read_reply(upstream.makefile("rb"), head[0].split()[0])
          if rule and rule.kind == "swallow":
            give_up(client, "reset")
            return
          if rule and rule.kind == "truncate":
            client.sendall(reply[:len(reply) // 2])
            give_up(client, "close")
            return
          client.sendall(reply)
    except OSError:
      pass
    finally:
      for s in (client, upstream):
        if s:
          s.close()

  def choose(self, head):
    method, path = head[0].split()[:2]
    with self.lock:
      self.heads.append(head)
      chosen = None
      for rule in self.rules:
        if (rule.methods and method not in rule.methods.split()) or rule.path not in path:
          continue
        if rule.skip > 0:
          rule.skip -= 1
          continue
        if (rule.times is not None and rule.used >= rule.times) or \
           (rule.share is not None and self.random.random() >= rule.share):
          continue
        rule.used += 1
        chosen = rule
        break
      self.log.append((time.monotonic(), method, path, chosen.kind if chosen else ""))
      return chosen


def read_head(reader):
  lines = []
  while True:
    line = reader.readline(65536)
    if not line:
      return None
    line = line.rstrip(b"\r\n").decode("latin-1")
    if not line:
      return lines
    lines.append(line)


def value_of(head, name):
  for line in head[1:]:
    if line.lower().startswith(name + ":"):
      return line.split(":", 1)[1].strip()
  return None


def length_of(head):
  return int(value_of(head, "content-length") or 0)


def join(head):
  return ("\r\n".join(head) + "\r\n\r\n").encode("latin-1")


def read_reply(reader, method):
  head = read_head(reader)
  if head is None:
    raise OSError("no answer")
  body = b""
  if method != "HEAD" and (value_of(head, "transfer-encoding") or "").lower() == "chunked":
    while True:
      size = reader.readline()
      chunk = reader.read(int(size, 16) + 2)
      body += size + chunk
      if int(size, 16) == 0:
        break
  elif method != "HEAD":
    body = reader.read(length_of(head))
  return join(head) + body


def answer(status, headers, body):
  body = body.encode()
  lines = [f"HTTP/1.1 {status} Told-So"]
  if "Transfer-Encoding" not in headers:
    lines += [f"Content-Length: {len(body)}"]
  lines += [f"{name}: {value() if callable(value) else value}" for name, value in headers.items()]
  return join(lines) + body


def connect(where):
  host, port = where.rsplit(":", 1)
  upstream = socket.create_connection((host, int(port)))
  upstream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
  return upstream


def give_up(client, kind):
  if kind == "stall":
    time.sleep(3600)
  if kind == "reset":
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
  client.close()
