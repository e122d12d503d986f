# SPDX-License-Identifier: MIT
"""What the service, the storage, the network and the user can do to an upload."""
import email.utils
import os
import signal
import time
import zipfile

from fake import SECRET, Fake, Fault
from harness import CRASHY, bytes_moved, case, corpus, end, holds, lacks, pdb_with, same, until
from service import WHO, service, upload

AUTHORIZE, ANNOUNCE, CONFIRM, LEGACY = "/oauth2/authorize", "/symsrv/uploadUrl", "/symsrv/uploadComplete", "/api/v2/versions"
ROUTES = (ANNOUNCE, "PUT", CONFIRM)
AGAIN = "check credentials and try again"


# ---------------------------------------------------------------- logging in --

@case("wrong credentials end the run at once: one request, status 1, one error")
def credentials(t):
  corpus(t, 3, 2000)
  for fault, words in (
      (Fault(AUTHORIZE, 401), f"Could not authenticate, {AGAIN}\n"),
      (Fault(AUTHORIZE, 401, {"access_token": "x"}), f"Could not authenticate, {AGAIN}\n"),
      (Fault(AUTHORIZE, 200, {"error": "invalid_client"}), AGAIN + "\n"),
      (Fault(AUTHORIZE, 400, {"error": "invalid_client"}), AGAIN + "\n"),
      (Fault(AUTHORIZE, 500, {"error": "invalid_client", "error_description": "no"}), AGAIN + "\n"),
      (Fault(AUTHORIZE, 400, {"message": "Unknown clientId X"}), AGAIN + ": Unknown clientId X\n"),
      (Fault(AUTHORIZE, 400, {"error": "e", "message": "m", "error_description": "d"}), AGAIN + ": d\n"),
      (Fault(AUTHORIZE, 400, {"error": "unsupported_grant_type"}), AGAIN + ": unsupported_grant_type\n"),
      (Fault(AUTHORIZE, 403, b"<html>"), AGAIN + ": status 403\n"),
      (Fault(AUTHORIZE, 200, {}), AGAIN + ": status 200\n"),
      (Fault(AUTHORIZE, 200, {"access_token": ""}), AGAIN + ": status 200\n")):
    with service(t, fault) as fake:
      done = upload(t, status=1)
      holds(done.err, words)
      same(done.err.count("error:"), 1)
      same(fake.counts, {AUTHORIZE: 1})


@case("a service that says back the secret or the token that it was sent is not quoted with it")
def echoes(t):
  t.take("windows/crashy.pdb")
  for fault, words in ((Fault(AUTHORIZE, 400, {"message": "SECRET is none of ID"}), AGAIN + ": ... is none of ID\n"),
                       (Fault(ANNOUNCE, 403, {"message": "Bearer tok1, tok1"}), "(403): Bearer ..., ...\n"),
                       (Fault(CONFIRM, 404, {"Error": "no tok1"}), f"404 to {CONFIRM}: no ...\n")):
    with service(t, fault):
      holds(upload(t, status=1).err, words)


@case("wrong credentials do not keep the other targets from their files: each is told of once")
def credentials_beside(t):
  corpus(t, 3, 2000)
  with service(t, Fault(AUTHORIZE, 401)) as fake:
    done = upload(t, "--to", "bugsplat", "-l", "store", "--format", "json", status=1)
    same(done.err, f"error: BugSplat: Could not authenticate, {AGAIN}\n")
    same((done.summary()["stored"], done.summary()["failed"], len(t.symbols())), (3, 3, 3))
    same({o["target"] for o in done.objects() if o.get("action") == "failed"}, {"bugsplat:DB/My App/1.0 (β)"})
    same(fake.counts, {AUTHORIZE: 1})


@case("a redirect takes the log-in no further than the host it is for; elsewhere no secret goes")
def log_in_elsewhere(t):
  t.take("windows/crashy.pdb")
  with service(t, Fault(AUTHORIZE, 307, headers={"Location": AUTHORIZE})) as fake:
    upload(t)
    same((len(fake.done), fake.logins), (1, 1))
  other = Fake()
  for status, words in ((307, "which is told no credentials"), (302, "would turn the request into a download")):
    with service(t, Fault(AUTHORIZE, status, headers={"Location": other.url + AUTHORIZE})) as fake:
      holds(upload(t, status=1).err, f"redirects ({status}) to {other.url}{AUTHORIZE}, ", words)
      same((fake.counts, other.counts), ({AUTHORIZE: 1}, {}))
  other.close()


@case("a log-in that fails for a passing reason is tried again")
def log_in_again(t):
  t.take("windows/crashy.pdb")
  for fault in (Fault(AUTHORIZE, 429, {}), Fault(AUTHORIZE, 429, b""), Fault(AUTHORIZE, 408, b""), Fault(AUTHORIZE, 502, b"<html>"),
                Fault(AUTHORIZE, 500, {}), Fault(AUTHORIZE, 200, b"<html>"), Fault(AUTHORIZE, drop=True)):
    with service(t, fault) as fake:
      upload(t)
      same((len(fake.done), fake.logins), (1, 1))
  with service(t, Fault(AUTHORIZE, 200, b"<html>", count=9)) as fake:
    done = upload(t, "--retries", "1", status=1)
    same(done.err, f"error: BugSplat's answer to {AUTHORIZE} makes no sense: it is no JSON\n")


@case("a service that wants no more log-ins for a while is told of with its words")
def log_in_limited(t):
  t.take("windows/crashy.pdb")
  with service(t, Fault(AUTHORIZE, 429, {}, headers={"Retry-After": "1"}, count=9)) as fake:
    holds(upload(t, "--retries", "1", status=1).err, "Could not authenticate, too many requests, retry after 1 seconds")
    same(fake.counts, {AUTHORIZE: 2})


@case("where nobody is to log in to, the host is named, and within seconds")
def nobody(t):
  t.take("windows/crashy.pdb")
  with service(t) as fake:
    host = fake.url
  begun = time.monotonic()
  for url, why in (host, "nothing listens"), ("https://no-such-host.invalid", "the name is not known"):
    t.env["BUGSPLAT_HOST"] = url
    holds(upload(t, status=1).err, url.split("//")[1], why)
  assert time.monotonic() - begun < 20


@case("a token that ends, or is refused, is exchanged, once for all workers")
def token(t):
  corpus(t, 12, 2000)
  with service(t, Fault(ANNOUNCE, 401, skip=3)) as fake:
    upload(t)
    same((len(fake.done), fake.logins, fake.counts["PUT"]), (12, 2, 12))
  with service(t, Fault(ANNOUNCE, 401, count=99)) as fake:
    done = upload(t, "-j", "1", status=1)
    same((len(fake.done), fake.logins, fake.counts[ANNOUNCE]), (0, 3, 3))
    holds(done.err, "BugSplat refuses each token that it gives (401)")
  with service(t, expires=1) as fake:
    t.take("windows/crashy.pdb")
    fake.faults.append(Fault("PUT", 503, headers={"Retry-After": "1"}))
    upload(t)
    same(len(fake.done), 13)
    assert fake.logins >= 2, fake.logins


@case("a file for which each token is refused fails alone; a token may also be refused as it comes")
def token_of_one(t):
  names = corpus(t, 12, 2000)
  with service(t, Fault(ANNOUNCE, 401, skip=3, count=2)) as fake:
    done = upload(t, "-j", "1", status=1)
    same((len(fake.done), fake.logins), (11, 3))
    missing, = set(names) - {"/".join(key) for key in fake.done}
    same(done.err, f"error: {names[missing]}: {missing}: BugSplat refuses the token (401)\n")
  with service(t, Fault(ANNOUNCE, 401)) as fake:
    upload(t, "-j", "1")
    same((len(fake.done), fake.logins), (12, 2))


@case("a token that ends while a file is put costs no second transfer")
def token_late(t):
  corpus(t, 3, 2000)
  with service(t, Fault(CONFIRM, 401, skip=1)) as fake:
    upload(t, "-j", "1")
    same((len(fake.done), fake.logins), (3, 2))
    same((fake.counts[ANNOUNCE], fake.counts["PUT"], fake.counts[CONFIRM]), (3, 3, 4))


# ------------------------------------------------------------------- a file --

@case("what fails on the way for a passing reason begins again at a new address")
def again(t):
  t.take("windows/crashy.pdb")
  anywhere = [{"status": 500, "body": b"oops"}, {"status": 502}, {"status": 503}, {"status": 504}, {"status": 408},
              {"status": 429}, {"drop": True}]
  faults = [Fault(route, **how) for route in ROUTES for how in anywhere] + [
    Fault(route, 200, body) for route in (ANNOUNCE, CONFIRM)
    for body in (b"<html>", b"", {"Status": "Failed", "Error": "busy"}, {"Status": "Failed"})] + [
    Fault("PUT", cut=True),
    Fault("PUT", 400, b"<Error><Code>RequestTimeout</Code></Error>"),
    Fault("PUT", 403, b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"),
    Fault("PUT", 400, b"<Error><Code>ExpiredToken</Code></Error>"),
    Fault("PUT", 400, b"<Error><Code>IncompleteBody</Code></Error>"),
    Fault("PUT", 409, b"<Error><Code>OperationAborted</Code></Error>")]
  for fault in faults:
    with service(t, fault) as fake:
      done = upload(t)
      what = f"{fault.route} {fault.status} {fault.body}"
      same(len(fake.done), 1, what)
      if not (fault.drop or fault.cut):  # a connection that was kept may be opened anew without a word
        same((fake.counts[ANNOUNCE], fake.counts["PUT"]), (2, 1 if fault.route == ANNOUNCE else 2), what)
        holds(done.out, "backing off ", "ms before retry...")


@case("what will not pass is not tried again")
def permanent(t):
  t.take("windows/crashy.pdb")
  for fault, words in (
      (Fault(ANNOUNCE, 403, b""), "check the database name and that your credentials have access"),
      (Fault(ANNOUNCE, 404, b""), f"BugSplat answers 404 to {ANNOUNCE}"),
      (Fault(ANNOUNCE, 400, {"message": "no such thing"}), f"BugSplat answers 400 to {ANNOUNCE}: no such thing"),
      (Fault(ANNOUNCE, 200, {"Status": "Failed", "Error": "Symbol file max size is 4GB"}), "Symbol file max size is 4GB"),
      (Fault(ANNOUNCE, 500, {"Status": "Failed", "Error": "Symbol table max size"}), "Symbol table max size"),
      (Fault(CONFIRM, 200, {"Status": "Failed", "Error": "Symbol table max size reached"}), "Symbol table max size"),
      (Fault(CONFIRM, 404, b""), f"BugSplat answers 404 to {CONFIRM}"),
      (Fault(ANNOUNCE, 200, {"Status": "Success"}), "without a web address"),
      (Fault(ANNOUNCE, 200, {"Status": "Success", "url": "/bucket/1"}), "without a web address"),
      (Fault("PUT", 403, b""), "does not take the file (403)"), (Fault("PUT", 401), "does not take the file (401)"),
      (Fault("PUT", 400, b"<Error><Code>EntityTooLarge</Code><X>" + SECRET.encode()), "does not take the file (400 EntityTooLarge)"),
      (Fault("PUT", 204), "does not take the file (204)")):
    with service(t, fault) as fake:
      done = upload(t, status=1)
      holds(done.err, words, "crashy.pdb")
      lacks(done.out + done.err, "backing off")
      same((len(fake.done), fake.counts[ANNOUNCE], fake.logins), (0, 1, 1), words)


@case("a failed file does not stop the others; the run ends with 1 and names each")
def goes_on(t):
  names = corpus(t, 8, 2000)
  with service(t, Fault("PUT", 403, skip=2, count=2), Fault(CONFIRM, 404, skip=3)) as fake:
    done = upload(t, "-j", "1", status=1)
    same(len(fake.done), 5)
    sent = {"/".join(key) for key in fake.done}
    lines = [line for line in done.err.splitlines() if line.startswith("error:")]
    same(len(lines), 3)
    for key in set(names) - sent:
      assert any(names[key] in line for line in lines), (key, lines)
    same(done.out.count("failed to upload"), 3)


@case("a database that is not the user's is given up after 32 files: not every one is packed for it")
def not_mine(t):
  corpus(t, 60, 2000)
  with service(t, Fault(ANNOUNCE, 403, count=99)) as fake:
    done = upload(t, "-j", "1", "--format", "json", status=1)
    same(done.summary()["failed"], 60)
    same([done.err.count("not authorized to upload symbols"), fake.counts[ANNOUNCE]], [33, 32])


@case("attempts end: the last error is told, with their number")
def gives_up(t):
  t.take("windows/crashy.pdb")
  with service(t, Fault("PUT", 500, count=99)) as fake:
    done = upload(t, "--retries", "2", status=1)
    same((fake.counts["PUT"], fake.counts[ANNOUNCE]), (3, 3))
    holds(done.err, "(tried 3 times)")


@case("the older way, of what has no key, is as patient")
def keyless(t):
  with zipfile.ZipFile(t.path("b.zip"), "w") as archive:
    archive.writestr("x", b"y" * 1000)
  for fault in (Fault(LEGACY, 500), Fault(LEGACY, 429), Fault(LEGACY, 200, {"Status": "Failed"}),
                Fault(LEGACY, drop=True), Fault("PUT", 503), Fault("PUT", cut=True)):
    with service(t, fault) as fake:
      upload(t)
      same(list(fake.zips), ["b.zip"])
  with service(t, Fault(LEGACY, 403)) as fake:
    holds(upload(t, status=1).err, "check the database name", "b.zip")
    same(fake.counts["PUT"], 0)


@case("removing a version is as patient")
def removal(t):
  for fault in (Fault(LEGACY, 500), Fault(LEGACY, 429), Fault(LEGACY, 200, {"Status": "Failed"}),
                Fault(LEGACY, 200, b"<html>"), Fault(LEGACY, drop=True)):
    with service(t, fault) as fake:
      holds(t.run(*WHO, "-r").out, "Symbols deleted successfully!")
      same(len(fake.deleted), 1)
  with service(t, Fault(LEGACY, 200, {"Status": "Failed", "Error": "in use"}, count=9)) as fake:
    same(t.run(*WHO, "-r", "--retries", "1", status=1).err, "error: BugSplat: in use\n")
  with service(t, Fault(LEGACY, 404)) as fake:
    same(t.run(*WHO, "-r", status=1).err, "error: BugSplat answers 404 to DELETE /api/v2/versions\n")
  with service(t, Fault(LEGACY, 401, count=9)) as fake:
    holds(t.run(*WHO, "-r", status=1).err, "refuses the token")
    same(fake.counts, {AUTHORIZE: 2, LEGACY: 2})


# -------------------------------------------------------------- the one brake --

@case("Retry-After is honoured on every route, as seconds and as a date: nothing is asked before")
def retry_after(t):
  t.take("windows/crashy.pdb")
  t.take("other/engine.js.map", "app.js.map")
  for status in (429, 503):
    for route in (AUTHORIZE, *ROUTES, LEGACY):
      with service(t, Fault(route, status, {}, headers={"Retry-After": "1"})) as fake:
        done = upload(t, "-j", "1")
        same((len(fake.done), len(fake.zips)), (1, 1), route)
        same(fake.early, [], f"{status} on {route}")
        holds(done.out, *(["Rate limit hit (429)\n"] if status == 429 else []))
  with service(t, Fault(LEGACY, 429, {}, headers={"Retry-After": "1"})) as fake:
    t.run(*WHO, "-r")
    same((len(fake.deleted), fake.early), (1, []))
  date = lambda: email.utils.formatdate(time.time() + 2, usegmt=True)  # in whole seconds: at least one is left
  with service(t, Fault(ANNOUNCE, 429, {}, headers={"Retry-After": date, "X-Closed-For": "1"})) as fake:
    upload(t, "-j", "1")
    same((len(fake.done), fake.early), (1, []))


@case("one brake holds back all workers: those at work run into it, and no others")
def brake(t):
  corpus(t, 60, 2000)
  with service(t, Fault(ANNOUNCE, 429, skip=5, headers={"Retry-After": "2"})) as fake:
    done = upload(t)
    same(len(fake.done), 60)
    holds(done.out, "Rate limit hit (429)\n")
    # What was under way when it came, and what followed answers that were read before it; version 11
    # lets each worker find out for itself.
    assert len(fake.early) <= 32, fake.early
    same(fake.counts[ANNOUNCE], 61)


@case("a Retry-After of more than five minutes is not waited for, but told, and nothing more is sent")
def far_away(t):
  corpus(t, 5, 2000)
  with service(t, Fault(ANNOUNCE, 429, headers={"Retry-After": "900"}, count=9)) as fake:
    holds(upload(t, "-j", "1", status=1).err, f"BugSplat answers 429 to {ANNOUNCE}, Retry-After 900")
    same(fake.counts[ANNOUNCE], 1)


# ---------------------------------------------------------------- the machine --

@case("where the temporary folder is full or missing, the file fails, and says so")
def no_room(t):
  t.write("build/big.pdb", pdb_with("A" * 32, 14_000) + os.urandom(20 << 20))
  t.take("windows/crashy.pdb")
  with service(t) as fake:
    done = upload(t, status=1, limits=[(1, 1 << 20)])  # RLIMIT_FSIZE
    holds(done.err, "big.pdb", "File too large")
    same([key[0] for key in fake.done], ["crashy.pdb"])
  with service(t) as fake:
    holds(upload(t, status=1, env={"TMPDIR": "/nowhere"}).err, "big.pdb", "cannot make a temporary file in /nowhere")
    same([key[0] for key in fake.done], ["crashy.pdb"])


def stop(t, fake, ready, number, *args):
  """Sends a signal once `ready` says so; the run ends soon, and leaves nothing behind."""
  os.makedirs(t.path("tmp"), exist_ok=True)
  before = t.tree(".")
  process = t.start(*WHO, "-f", "build/**/*", *args, env={"TMPDIR": t.path("tmp")})
  until(lambda: ready(fake), process)
  process.send_signal(number)
  lacks(end(process, 128 + number).err, "error:")
  same(t.tree("."), before)
  same(t.tree("tmp"), [])


@case("stopped at any moment: status 130 or 143, no error, and no litter anywhere")
def stopped(t):
  corpus(t, 4, 2000)
  for number in (signal.SIGINT, signal.SIGTERM):
    for route in (AUTHORIZE, *ROUTES):
      with service(t, Fault(route, hang=True, count=99)) as fake:
        stop(t, fake, lambda fake: fake.held.is_set(), number)
  for route in (AUTHORIZE, ANNOUNCE):
    with service(t, Fault(route, 429, count=99, headers={"Retry-After": "60"})) as fake:
      stop(t, fake, lambda fake, route=route: fake.counts[route], signal.SIGINT)


@case("stopped while a large file is packed")
def stopped_packing(t):
  t.write("build/big.pdb", pdb_with("B" * 32, 14_000))
  os.truncate(t.path("build/big.pdb"), 80_000_000_000)  # minutes of work
  with service(t) as fake:
    stop(t, fake, lambda fake: fake.asked[-1:] and fake.asked[-1].route == ANNOUNCE, signal.SIGINT)
    same(fake.counts["PUT"], 0)


@case("a source that changes while it is packed is sent as it is then, and never in two states")
def changing_source(t):
  size = 96 << 20
  path = t.write("build/big.pdb", pdb_with("B" * 32, 14_000))
  os.truncate(path, size)
  with service(t) as fake:
    run = t.start(*WHO, "build")
    until(lambda: bytes_moved(run, "rchar") > 8 << 20, run)
    with open(path, "r+b") as file:
      for at in 20_000, size - 8:
        file.seek(at)
        file.write(b"changed!")
    end(run)
    (_, data), = fake.done.values()
    same(data[-8:], data[20_000:20_008], "the end and the beginning")


@case("what one run uploads to one service, another with the same journal does not take for uploaded elsewhere")
def journal(t):
  t.take("windows/crashy.pdb")
  os.utime(t.path("build/crashy.pdb"), ns=(0, 0))
  time.sleep(2.1)  # a source that is younger is not trusted
  for _ in range(2):
    with service(t) as fake:
      upload(t, "--journal", "journal")
      same(list(fake.done), [tuple(CRASHY.split("/"))])
      upload(t, "--journal", "journal")
      same(fake.counts["PUT"], 1)
