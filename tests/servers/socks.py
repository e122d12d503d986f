# SPDX-License-Identifier: MIT
"""A SOCKS5 proxy (RFC 1928) that asks for a name and a password (RFC 1929), on loopback.

    with Socks("user", "password") as proxy: … proxy.port, proxy.asked"""
import socket

from listener import Listener, pass_on


class Socks(Listener):
  def __init__(self, user, password):
    self.user, self.password = user.encode(), password.encode()
    self.asked = []  # (host as it was named, port)
    super().__init__()

  def serve(self, client):
    with client, client.makefile("rb") as reader:
      try:
        server = self.greet(client, reader)
        if server:
          pass_on(client, server, pump)
      except (OSError, IndexError):
        pass

  def greet(self, client, reader):
    _, count = reader.read(2)
    if 2 not in reader.read(count):
      client.sendall(b"\x05\xff")
      return None
    client.sendall(b"\x05\x02")
    reader.read(1)
    user = reader.read(reader.read(1)[0])
    good = (user, reader.read(reader.read(1)[0])) == (self.user, self.password)
    client.sendall(b"\x01" + (b"\0" if good else b"\1"))
    if not good:
      return None
    kind = reader.read(4)[3]
    host = socket.inet_ntoa(reader.read(4)) if kind == 1 else reader.read(reader.read(1)[0]).decode()
    port = int.from_bytes(reader.read(2), "big")
    self.asked.append((host, port))
    server = socket.create_connection((host, port))
    client.sendall(b"\x05\0\0\x01" + bytes(6))
    return server


def pump(source, target):
  try:
    while data := source.recv(65536):
      target.sendall(data)
    target.shutdown(socket.SHUT_WR)
  except OSError:
    pass
