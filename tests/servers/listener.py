# SPDX-License-Identifier: MIT
"""What servers of a few lines share: a free port of 127.0.0.1, and a thread for each connection.

    class Echo(Listener):
      def serve(self, client): …

    with Echo() as echo: … echo.port"""
import contextlib
import socket
import threading


class Listener:
  def __init__(self):
    self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    self.port = self.listener.getsockname()[1]
    threading.Thread(target=self.accept, daemon=True).start()

  def __enter__(self):
    return self

  def __exit__(self, *_):
    self.listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
    self.listener.close()

  def accept(self):
    while True:
      try:
        client, _ = self.listener.accept()
      except OSError:
        return
      client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
      threading.Thread(target=self.serve, args=(client,), daemon=True).start()


@contextlib.contextmanager
def nobody():
  """HOST:PORT where nobody listens, nor can begin to."""
  with socket.socket() as held:
    held.bind(("127.0.0.1", 0))
    yield f"127.0.0.1:{held.getsockname()[1]}"


def pass_on(client, server, pump):
  """Both ways at once, each by `pump(source, target)`, until both have ended."""
  back = threading.Thread(target=pump, args=(server, client), daemon=True)
  back.start()
  pump(client, server)
  back.join()
