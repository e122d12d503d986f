# SPDX-License-Identifier: MIT
"""A web server in a few lines, for what is asked of servers and what they may answer. It keeps
files in memory, notes every request, and answers otherwise where a case tells it to."""
import base64
import http.server
import threading
import time
from email.utils import formatdate


class SmallServer:
  """with SmallServer() as server: … server.url, server.files, server.requests

  files: path -> bytes, or (bytes, headers). user: "name:password", asked for by Basic.
  answer: function(method, path) -> (status, headers, body) or None for the usual."""

  def __init__(self, user=None, answer=None, clock=0, delay=0):
    self.files, self.requests = {}, []
    self.user, self.answer, self.clock, self.delay = user, answer, clock, delay

  def __enter__(self):
    outer = self

    class Handler(http.server.BaseHTTPRequestHandler):
      protocol_version = "HTTP/1.1"

      def log_message(self, *args):
        pass

      def date_time_string(self, timestamp=None):
        return formatdate((timestamp or time.time()) + outer.clock, usegmt=True)

      def send(self, status, headers=(), body=b""):
        self.send_response(status)
        for name, value in dict(headers).items():
          self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
          self.wfile.write(body)

      def handle_one(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        outer.requests.append((self.command, self.path, dict(self.headers)))
        if outer.delay:
          time.sleep(outer.delay)
        other = outer.answer(self.command, self.path) if outer.answer else None
        if other:
          return self.send(*other)
        if outer.user:
          wanted = "Basic " + base64.b64encode(outer.user.encode()).decode()
          if self.headers.get("Authorization") != wanted:
            return self.send(401, {"WWW-Authenticate": 'Basic realm="symbols"'})
        if self.command == "PUT":
          encoding = self.headers.get("Content-Encoding")
          outer.files[self.path] = (body, {"Content-Encoding": encoding}) if encoding else body
          return self.send(201)
        if self.command not in ("GET", "HEAD"):
          return self.send(405)
        found = outer.files.get(self.path)
        if found is None:
          return self.send(404)
        data, headers = found if isinstance(found, tuple) else (found, {})
        return self.send(200, headers, data)

      do_GET = do_HEAD = do_PUT = do_MKCOL = do_COPY = do_OPTIONS = do_PROPFIND = handle_one

    self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    self.server.daemon_threads = True
    self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
    self.thread.start()
    return self

  def __exit__(self, *why):
    self.server.shutdown()
    self.server.server_close()
    self.thread.join()

  @property
  def root(self):
    return f"http://127.0.0.1:{self.server.server_address[1]}"

  @property
  def url(self):
    return self.root + "/store/"

  def asked(self, method=None):
    """Paths below the store, in the order of the requests."""
    return [path[len("/store/"):] for m, path, _ in self.requests if method in (None, m)]
