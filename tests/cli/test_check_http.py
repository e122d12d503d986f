# SPDX-License-Identifier: MIT
"""`symbol-upload check` of servers: what it asks, and what it says of what they answer. And runs
that ask servers nothing, because a journal knows."""
import gzip
import re
import socket
import time

from harness import CRASHY, ENGINE, case, corpus, holds, lacks, same
from small_server import SmallServer


def built(t):
  t.take("windows/crashy.pdb")
  t.take("windows/engine.pdb")


def filled(t, server):
  built(t)
  server.files["/store/" + CRASHY] = t.read("build/crashy.pdb")
  server.files["/store/" + ENGINE] = t.read("build/engine.pdb")


@case("each path is asked for by HEAD, with Basic authentication at once")
def asks(t):
  with SmallServer(user="me:secret") as server:
    filled(t, server)
    done = t.run("check", "--to", server.url, "--user", "me:secret", "build")
    same(done.err.replace(f"warning: {server.url}: credentials go over plain http://, readable by "
                          "anybody on the way\n", ""), "")
    for path in CRASHY, ENGINE:
      same([m for m, p, _ in server.requests if p == "/store/" + path], ["HEAD"])
    assert not any(m not in ("HEAD", "GET") for m, _, _ in server.requests)
    lacks(done.out + done.err, "secret")


@case("a password of ~/.netrc is not told over http:// before it is asked for, nor where the address is signed")
def netrc(t):
  t.write(".netrc", "machine 127.0.0.1 login me password secret\n")
  with SmallServer(user="me:secret") as server:
    filled(t, server)
    t.run("check", "--to", server.url, "--netrc", "build")
    told = ["Authorization" in headers for _, _, headers in server.requests]
    assert told[:2] == [False, True], told
  with SmallServer() as server:
    t.run("check", "--to", server.url + "?sig=abc", "--netrc", "build", status=1)
    assert not any("Authorization" in headers for _, _, headers in server.requests)


@case("--netrc is warned of over http:// only where there is such a file")
def netrc_missing(t):
  with SmallServer() as server:
    filled(t, server)
    lacks(t.run("check", "--to", server.url, "--netrc", "build").err, "credentials")
    t.write(".netrc", "machine 127.0.0.1 login me password secret\n")
    holds(t.run("check", "--to", server.url, "--netrc", "build").err, "credentials go over plain http://")


@case("Digest is used where its challenge stands behind another one in a line, and Basic is not sent")
def digest_behind(t):
  challenges = {"WWW-Authenticate": 'Negotiate, Basic realm="a, Digest b", Digest realm="c", nonce="d"'}
  with SmallServer() as server:
    filled(t, server)
    said = lambda: [headers.get("Authorization", "none").split()[0] for _, _, headers in server.requests]
    server.answer = lambda method, path: None if said()[-1] == "Digest" else (401, challenges, b"")
    t.run("check", "--to", server.url, "--user", "me:secret", "build")
    same(set(said()), {"none", "Digest"})


@case("a missing path is named whole, with its address")
def missing(t):
  with SmallServer() as server:
    filled(t, server)
    del server.files["/store/" + CRASHY]
    done = t.run("check", "--to", server.url, "build", status=1)
    holds(done.err, f"error: {server.url}{CRASHY}: missing; windbg, visualstudio, bugsplat would ask for it")
    same(server.asked("HEAD").count(CRASHY[:-1] + "_"), 1, "the compressed file was asked for")
    lacks(done.err, ENGINE)


@case("redirects are followed")
def redirects(t):
  with SmallServer() as other, SmallServer() as server:
    filled(t, other)
    server.answer = lambda method, path: (302, {"Location": other.root + path}, b"")
    t.run("check", "--to", server.url, "build")
    t.run("check", "--to", server.url, "--deep", "build")


@case("where a redirect leads nowhere, it is named as one")
def redirect_to_nobody(t):
  built(t)
  gone = socket.create_server(("127.0.0.1", 0))
  port = gone.getsockname()[1]
  gone.close()
  with SmallServer(answer=lambda method, path: (301, {"Location": f"http://127.0.0.1:{port}{path}"}, b"")) as server:
    done = t.run("--to", server.url, "--retries", "0", "build", status=1)
    holds(done.err, f"{server.url}: it redirects to another host or port: 127.0.0.1:{port}: nothing listens there")


@case("--deep fetches, unpacks what says it is packed, and compares")
def deep(t):
  with SmallServer() as server:
    filled(t, server)
    plain = t.read("build/crashy.pdb")
    server.files["/store/" + CRASHY] = (gzip.compress(plain), {"Content-Encoding": "gzip"})
    t.run("check", "--to", server.url, "--deep", "build")
    server.files["/store/" + CRASHY] = gzip.compress(plain)
    done = t.run("check", "--to", server.url, "--deep", "build", status=1)
    holds(done.err, "packed by gzip, and the server does not say so")
    server.files["/store/" + CRASHY] = plain[:-1] + b"!"
    done = t.run("check", "--to", server.url, "--deep", "build", status=1)
    holds(done.err, "other bytes of the same number are there")
    t.run("check", "--to", server.url, "build")


@case("403 for what cannot exist is a fault, because symsrv.dll then stays away")
def forbidden(t):
  with SmallServer() as server:
    filled(t, server)
    server.answer = lambda method, path: (403, {}, b"") if path not in server.files else None
    done = t.run("check", "--to", server.url, "build", status=1)
    holds(done.err, "a path that cannot exist is answered by 403 instead of 404",
          "symsrv.dll shuns the server for the rest of the session")
    holds(done.out, "asked in")
    lacks(done.err, ": missing;")
    server.files["/store/crashy/0"] = b""
    done = t.run("check", "--to", server.url, "--for", "gdb")
    holds(done.err, "warning: ", "403 instead of 404")


@case("a server that has a page for everything is a fault, and no file passes for present there")
def page_for_everything(t):
  with SmallServer(answer=lambda method, path: (200, {"Content-Type": "text/html"}, b"<html>")) as server:
    built(t)
    done = t.run("check", "--to", server.url, "build", status=1)
    holds(done.err, "a path that cannot exist is answered as if it were there", "answer 404")
    lacks(done.out, "present")
    lacks(t.run("check", "--to", server.url, CRASHY, status=1).out, "present")


@case("where no file is one that readers ask for, check says so")
def nothing_to_ask(t):
  t.write("build/notes.txt", "no symbols")
  with SmallServer() as server:
    holds(t.run("check", "--to", server.url, "build", status=1).err, "error: nothing was asked for: ")


@case("where the port speaks the other one of HTTP and HTTPS, that is said")
def wrong_scheme(t):
  built(t)
  with SmallServer() as server:
    url = server.url.replace("http://", "https://")
    for done in (t.run("check", "--to", url, "build", status=1), t.run("--to", url, "--retries", "0", "build", status=1)):
      holds(done.err, f"{url}: the port seems to speak plain HTTP (http://): ", "the TLS handshake failed")


@case("401 and 405 are explained, and no file is asked for where nothing can come of it")
def refusals(t):
  with SmallServer(user="me:secret") as server:
    built(t)
    done = t.run("check", "--to", server.url, "build", status=1)
    holds(done.err, "401", "--user NAME:PASSWORD")
    same([p for p in server.asked() if "crashy" in p], [])
    done = t.run("check", "--to", server.url, "--user", "me:wrong", "build", status=1)
    holds(done.err, "401")
    lacks(done.err, "wrong")
  with SmallServer(answer=lambda method, path: (405, {}, b"") if method == "HEAD" else None) as server:
    filled(t, server)
    done = t.run("check", "--to", server.url, CRASHY, status=1)
    holds(done.err, "405", "Readers ask by HEAD")


@case("a clock that is far off is told")
def clock(t):
  with SmallServer(clock=3600) as server:
    filled(t, server)
    done = t.run("check", "--to", server.url, CRASHY)
    holds(done.err, "the clocks disagree", " s behind the server's")
  with SmallServer(clock=-4000) as server:
    filled(t, server)
    holds(t.run("check", "--to", server.url, CRASHY).err, "ahead of the server's")


@case("capitals in the path of the address are warned of")
def capitals(t):
  with SmallServer() as server:
    server.files["/Store/" + CRASHY] = b"x"
    done = t.run("check", "--to", server.root + "/Store/", CRASHY)
    holds(done.err, "warning: ", "has capitals", "cdb asks for the path of a server in lower case")
    done = t.run("check", "--to", server.root + "/Store/", "--for", "debuginfod", status=0)
    lacks(done.err, "capitals")


@case("no server, no name, no TLS: each is named, and what to do")
def no_connection(t):
  with SmallServer() as server:
    url = server.url
    done = t.run("check", "--to", url.replace("http:", "https:"), "x/y", status=1)
    holds(done.err, "TLS", "Is this a port for https?")
  done = t.run("check", "--to", url, "x/y", status=1)
  holds(done.err, "nothing listens there", "Check host and port")
  done = t.run("check", "--to", "http://no-such-host.invalid/", "x/y", status=1)
  holds(done.err, "error: http://no-such-host.invalid/: ", "name is not known", "DNS")


@case("JSON has what was found out, with advice")
def in_json(t):
  with SmallServer() as server:
    filled(t, server)
    server.answer = lambda method, path: (403, {}, b"") if path not in server.files else None
    done = t.run("check", "--to", server.url, "--format", "json", CRASHY, "a/b", status=1)
    probe, there, refused = done.objects()
    same((probe["probe"], probe["action"], probe["http"], probe["error"]["code"]), (True, "failed", 403, "auth"))
    same((there["action"], there["http"], there["bytes"]), ("present", 200, len(t.read("build/crashy.pdb"))))
    same(refused["action"], "failed")
    holds(probe["advice"], "404")


@case("with a journal a second run makes no request at all")
def journal(t):
  with SmallServer() as server:
    t.take("windows/crashy.pdb")
    t.take("linux/crashy", "build/full/crashy")
    t.take("linux/stripped/crashy", "build/stripped/crashy")  # the same key, and less in it
    expected = corpus(t, 10)
    time.sleep(2.05)
    args = ["--to", server.url, "--journal", "j", "--format", "json", "build"]
    first = t.run(*args)
    assert all(server.files["/store/" + key] == t.read(source) for key, source in expected.items())
    server.requests.clear()
    second = t.run(*args)
    same(server.requests, [])
    same({a for k, a in second.actions().items() if k in expected}, {"present"})
    same(sorted(o["action"] for o in second.objects() if o.get("path", "").endswith("/crashy")),
         sorted({"stored": "present"}.get(o["action"], o["action"])
                for o in first.objects() if o.get("path", "").endswith("/crashy")))

    t.take("windows/engine.pdb")
    third = t.run(*args)
    assert all(path.startswith(("engine.pdb", "index2.txt")) for path in server.asked()), server.asked()
    same(third.actions()[ENGINE], "stored")

    server.requests.clear()
    t.run(*args, "--journal-age", "0")
    assert server.requests, "what is too old is asked for"


@case("a store that turned two-tier is noticed as soon as there is anything to do")
def turned_two_tier(t):
  with SmallServer() as server:
    t.take("windows/crashy.pdb")
    time.sleep(2.05)
    args = ["--to", server.url, "--journal", "j", "--format", "json", "build"]
    t.run(*args)
    server.files["/store/index2.txt"] = b""
    same(t.run(*args).actions(), {CRASHY: "present"})
    t.take("windows/engine.pdb")
    same(t.run(*args).actions(), {"cr/" + CRASHY: "stored", "en/" + ENGINE: "stored"})


@case("a server that keeps conditions is not looked at while nothing stands there; once something does, it is again")
def looks_again(t):
  paths = sorted(corpus(t, 40, largest=1000), key=lambda path: int(path[len("module"):path.index(".")]))
  sources = [f"build/part{i % 7}/{path.split('/')[0]}" for i, path in enumerate(paths)]

  def keeps_conditions(method, path):
    stands = "If-None-Match" in server.requests[-1][2] and path in server.files
    return (412, {}, b"") if method == "PUT" and stands else None

  for there in t.read(sources[24]), b"other bytes":
    with SmallServer(answer=keeps_conditions) as server:
      server.files["/store/" + paths[24]] = there
      t.run("--to", server.url, "--for", "windbg", "-j", "1", *sources)
      same(len(server.files), 40)
      requests = [(method, path) for method, path, _ in server.requests]
      first = {path: next(m for m, at in requests if at == "/store/" + path) for path in paths}
      # It takes eight objects to try the condition, and eight paths in a row under which nothing stood.
      same([i for i, path in enumerate(paths) if first[path] == "PUT"], [*range(8, 25), *range(33, 40)])


@case("a question that may as well go unanswered gives no server up")
def asides(t):
  corpus(t, 6)

  def in_circles(method, path):
    return (307, {"Location": path}, b"") if method == "COPY" else None

  with SmallServer(answer=in_circles) as server:
    summary = t.run("--to", server.url, "--for", "windbg,symproxy", "-j", "1", "--format", "json", "build").summary()
    same((summary["stored"], summary["failed"], len(server.files)), (6, 0, 12))
    assert server.asked("COPY")


@case("when its time is over a run finishes what it began, and says what is left")
def budget(t):
  with SmallServer(delay=0.05) as server:
    expected = corpus(t, 60)
    done = t.run("--to", server.url, "-j", "1", "--budget", "1s", "--format", "json", "build", status=1)
    summary = done.summary()
    same(summary["failed"], 0)
    assert summary["stored"] > 0 and summary["left"] > 0 and summary["stored"] + summary["left"] == 60, summary
    holds(done.err, f"--budget: the time is over, and {summary['left']} files are left (", ": run it again")
    for path, data in server.files.items():
      same(data, t.read(expected[path[len("/store/"):]]))


@case("when its time is over nothing is tried again and no pause is waited for: what is not stored is left")
def budget_retries(t):
  def busy(method, path):
    return (503, {"Retry-After": "100"}, b"") if method == "PUT" and len(server.files) >= 3 else None

  with SmallServer(answer=busy) as server:
    corpus(t, 20)
    # One at a time: else the pause may come between a file and the look that confirms it.
    done = t.run("--to", server.url, "-j", "1", "--budget", "4s", "--format", "json", "build", status=1)
    summary = done.summary()
    same((summary["stored"], summary["failed"], summary["left"]), (3, 0, 17))
    same(re.sub(r"[0-9.]+ KiB", "N KiB", done.err),
         "error: --budget: the time is over, and 17 files are left (N KiB): run it again\n")
    puts = server.asked("PUT")
    same(sorted(puts), sorted(set(puts)), "each was tried once")


@case("a server whose disk is full is told once, and gets no further file")
def no_room(t):
  def full(method, path):
    return (507, {}, b"") if method == "PUT" and len(server.files) >= 3 else None

  with SmallServer(answer=full) as server:
    corpus(t, 20)
    done = t.run("--to", server.url, "-j", "1", "--format", "json", "build", status=1)
    summary = done.summary()
    same((summary["stored"], summary["failed"]), (3, 17))
    same(done.err, f"error: {server.url}: the server's disk is full (PUT: 507)\n")
    same(len(server.asked("PUT")), 4)


@case("a server that is not reached, or is silent, takes no time beyond the run's own")
def budget_unreached(t):
  corpus(t, 3)
  silent = socket.create_server(("127.0.0.1", 0))  # what knocks is taken, and nobody speaks
  gone = socket.create_server(("127.0.0.1", 0))
  address = "http://127.0.0.1:%d/store/"
  at = [address % server.getsockname()[1] for server in (silent, gone)]
  gone.close()
  for where in at:
    done = t.run("--to", where, "--stall-timeout", "3", "--budget", "1s", "--format", "json", "build", status=1)
    same((done.summary()["failed"], done.summary()["left"]), (0, 3))
    same(re.sub(r"[0-9.]+ KiB", "N KiB", done.err), "error: --budget: the time is over, and 3 files are left "
         "(N KiB): nothing could be delivered in it, so give it more\n")
  silent.close()


@case("packed files are stored by --compress gzip where that makes them smaller, and checked deep")
def compress(t):
  with SmallServer() as server:
    built(t)
    t.run("--to", server.url, "--compress", "gzip", "build")
    puts = {p: h for m, p, h in server.requests if m == "PUT"}
    same({h.get("Content-Encoding") for h in puts.values()}, {"gzip"})
    same(gzip.decompress(server.files["/store/" + CRASHY][0]), t.read("build/crashy.pdb"))
    t.run("check", "--deep", "--to", server.url, "build")
