# SPDX-License-Identifier: MIT
"""Uploads to BugSplat: what is sent, in which order, and what each answer leads to."""
import contextlib
import datetime
import io
import os
import threading
import zipfile

from fake import SECRET, Fake, Fault
from harness import CRASHY, ENGINE, build_id_of, case, corpus, holds, lacks, same, uuid_of

WHO = ["-b", "DB", "-a", "My App", "-v", "1.0 (β)", "-i", "ID", "-s", "SECRET"]
FAST = ["--retries", "4"]


@contextlib.contextmanager
def service(t, *faults, **more):
  fake = Fake(faults, **more)
  t.env["BUGSPLAT_HOST"] = fake.url + "/dropped/path"
  try:
    yield fake
  finally:
    fake.close()


def upload(t, *args, **more):
  return t.run(*WHO, "-f", "**/*", *args, **more)


def key_of(path):
  module, key, name = path.split("/")
  return module, key, name


@case("a symbol is announced, put and confirmed, with the values of version 11")
def values(t):
  sample = t.take("windows/crashy.pdb")
  moment = datetime.datetime(2026, 11, 23, 1, 23, 17, 20600, datetime.timezone.utc)
  os.utime(t.path(sample), ns=(0, int(moment.timestamp()) * 10**9 + 20_600_000))
  with service(t) as fake:
    upload(t)
    fields, data = fake.done[key_of(CRASHY)]
  same(data, t.read(sample))
  same(fields, {"database": "DB", "appName": "My App", "appVersion": "1.0 (β)",
                "size": str(len(data)), "symFileName": "crashy.pdb", "moduleName": "crashy.pdb",
                "dbgId": CRASHY.split("/")[1], "lastModified": "2026-11-23T01:23:17.021Z",
                "SendPdbsVersion": "spdbsv2"})
  same(t.tree(), [])
  same(t.tree("."), [sample])


@case("names and identifiers of each kind are those of version 11")
def kinds(t):
  for sample in ("windows/crashy.pdb", "windows/crashy.exe", "windows/engine.pdb"):
    t.take(sample)
  local = t.run("-l", "store", "--for", "bugsplat", "build", "--format", "json").actions()
  with service(t) as fake:
    upload(t)
    same(sorted(fake.done), sorted(key_of(path) for path in local))


@case("a .sym goes by its module's name and identifier, and its own name on disk")
def breakpad(t):
  t.write("build/w.sym", "MODULE windows x86_64 9DD7A3E1C5214C0F9C1B23F3A5C0D9881c windows.debug\nFILE 0 a.c\n")
  with service(t) as fake:
    upload(t)
    same(list(fake.done), [("windows", "9DD7A3E1C5214C0F9C1B23F3A5C0D9881c", "w.sym")])


@case("-l and --to bugsplat in one run, from one reading; without it -l wins, and the run says so")
def both(t):
  t.take("windows/crashy.pdb")
  with service(t) as fake:
    done = upload(t, "-l", "store")
    same((len(fake.done), fake.logins), (0, 0))
    holds(done.err, "-l and --to come before -b")
    same(t.symbols(), [CRASHY])
    upload(t, "-l", "other", "--to", "bugsplat")
    same(t.symbols("other"), [CRASHY])
    same(list(fake.done), [key_of(CRASHY)])


@case("neither the environment nor package.json starts an upload")
def not_alone(t):
  t.take("windows/crashy.pdb")
  t.write("package.json", '{"name": "app", "version": "2", "database": "DB"}')
  env = {"BUGSPLAT_DATABASE": "DB", "SYMBOL_UPLOAD_CLIENT_ID": "ID", "SYMBOL_UPLOAD_CLIENT_SECRET": "SECRET"}
  with service(t) as fake:
    holds(t.run("build", env=env, status=2).err, "nothing says where to")
    same(fake.counts.total(), 0)


@case("defaults: package.json before the environment, the command line before both")
def defaults(t):
  t.take("windows/crashy.pdb")
  t.write("package.json", '{"name": "app", "version": "2", "database": "PKG"}')
  env = {"BUGSPLAT_DATABASE": "ENV", "SYMBOL_UPLOAD_CLIENT_ID": "ID", "SYMBOL_UPLOAD_CLIENT_SECRET": "SECRET"}
  for args, want in (([], ("PKG", "app", "2")), (["-b", "ARG", "-v", "3"], ("ARG", "app", "3"))):
    with service(t) as fake:
      t.run("--to", "bugsplat", "build", *args, env=env)
      fields = fake.done[key_of(CRASHY)][0]
      same((fields["database"], fields["appName"], fields["appVersion"]), want)
  os.remove(t.path("package.json"))
  with service(t) as fake:
    t.run("--to", "bugsplat", "build", "-a", "x", "-v", "1", env=env)
    same(fake.done[key_of(CRASHY)][0]["database"], "ENV")
    holds(t.run("--to", "bugsplat", "build", env=env, status=2).err, "Missing argument: -application")
  t.write("package.json", "{")
  holds(t.run("--to", "bugsplat", "build", env=env, status=2).err, "package.json, line 1")


@case("the lines of version 11's log that scripts look for")
def log(t):
  t.take("windows/crashy.pdb")
  with service(t):
    done = upload(t)
  holds(done.out, f"Symbol upload working directory: {os.path.realpath(t.folder)}\n", "About to authenticate...\n",
        "Authentication success!\n", "Found files:\n build/crashy.pdb\n",
        "About to upload symbols for DB-My App-1.0 (β)...\n", "uploading crashy.pdb...\n",
        "uploaded crashy.pdb! (")
  with service(t):
    lacks(upload(t, "--format", "json").out, "About", "Worker")
    lacks(upload(t, "-q").out, "About", "Worker")


@case("wrong credentials end the run at once: one request, status 1")
def credentials(t):
  t.take("windows/crashy.pdb")
  for fault, words in (
      (Fault("/oauth2/authorize", 401), "Could not authenticate, check credentials and try again"),
      (Fault("/oauth2/authorize", 200, {"error": "invalid_client"}), "check credentials and try again"),
      (Fault("/oauth2/authorize", 400, {"message": "Unknown clientId X"}), "try again: Unknown clientId X"),
      (Fault("/oauth2/authorize", 200, {}), "try again: status 200")):
    with service(t, fault) as fake:
      done = upload(t, status=1)
      holds(done.err, words)
      lacks(done.out + done.err, "SECRET")
      same(fake.counts, {"/oauth2/authorize": 1})


@case("a log-in that fails for a passing reason is tried again")
def log_in_again(t):
  t.take("windows/crashy.pdb")
  for fault in (Fault("/oauth2/authorize", 429, {}, headers={"Retry-After": "1"}),
                Fault("/oauth2/authorize", 502, b"<html>"), Fault("/oauth2/authorize", 200, b"<html>"),
                Fault("/oauth2/authorize", drop=True)):
    with service(t, fault) as fake:
      upload(t)
      same((len(fake.done), fake.logins), (1, 1))


@case("what fails on the way begins again at a new address")
def again(t):
  t.take("windows/crashy.pdb")
  for fault in (Fault("/symsrv/uploadUrl", 500, b"oops"), Fault("/symsrv/uploadUrl", 200, {"Status": "Failed", "Error": "busy"}),
                Fault("/symsrv/uploadUrl", 200, b"<html>"), Fault("/symsrv/uploadUrl", drop=True), Fault("PUT", 503), Fault("PUT", drop=True),
                Fault("PUT", 400, b"<Error><Code>RequestTimeout</Code></Error>"),
                Fault("PUT", 403, b"<Message>Request has expired</Message>"),
                Fault("/symsrv/uploadComplete", 500), Fault("/symsrv/uploadComplete", 200, {"Status": "Failed"})):
    with service(t, fault) as fake:
      done = upload(t)
      same(len(fake.done), 1, fault.route)
      if not fault.drop:  # a connection that was kept is opened anew without a word
        same(fake.counts["/symsrv/uploadUrl"], 2, fault.route)
        holds(done.out, "backing off ")
      lacks(done.out + done.err, SECRET)


@case("what will not pass is not tried again")
def permanent(t):
  t.take("windows/crashy.pdb")
  for fault, words in (
      (Fault("/symsrv/uploadUrl", 403, b""), "check the database name and that your credentials have access"),
      (Fault("/symsrv/uploadUrl", 404, b""), "BugSplat answers 404 to /symsrv/uploadUrl"),
      (Fault("/symsrv/uploadUrl", 200, {"Status": "Failed", "Error": "Symbol file max size is 4GB"}), "Symbol file max size is 4GB"),
      (Fault("/symsrv/uploadComplete", 200, {"Status": "Failed", "Error": "Symbol table max size reached"}), "Symbol table max size"),
      (Fault("/symsrv/uploadUrl", 200, {"Status": "Success"}), "without an address"),
      (Fault("PUT", 403, b""), "does not take the file (403)"), (Fault("PUT", 204), "does not take the file (204)")):
    with service(t, fault) as fake:
      done = upload(t, status=1)
      holds(done.err, words, "crashy.pdb")
      lacks(done.out + done.err, SECRET, "backing off")
      same((len(fake.done), fake.counts["/symsrv/uploadUrl"]), (0, 1))


@case("a failed file does not stop the others; the run ends with 1 and names it")
def goes_on(t):
  corpus(t, 8, 2000)
  with service(t, Fault("PUT", 403, skip=2)) as fake:
    done = upload(t, "-j", "1", status=1)
    same(len(fake.done), 7)
    same(done.err.count("error:"), 1)


@case("attempts end: the last error is told, with their number")
def gives_up(t):
  t.take("windows/crashy.pdb")
  with service(t, Fault("PUT", 500, count=99)) as fake:
    done = upload(t, "--retries", "2", status=1)
    same(fake.counts["PUT"], 3)
    holds(done.err, "(tried 3 times)")


@case("a token that ends, or is refused, is exchanged, once for all workers")
def token(t):
  corpus(t, 12, 2000)
  with service(t, Fault("/symsrv/uploadUrl", 401, skip=3)) as fake:
    upload(t)
    same((len(fake.done), fake.logins), (12, 2))
  with service(t, Fault("/symsrv/uploadUrl", 401, count=99)) as fake:
    upload(t, "-j", "1", status=1)
    same((len(fake.done), fake.logins), (0, 1))
  with service(t, expires=1) as fake:
    t.take("windows/crashy.pdb")
    fake.faults.append(Fault("PUT", 503, headers={"Retry-After": "1"}))
    upload(t)
    same(len(fake.done), 13)
    assert fake.logins >= 2, fake.logins


@case("Retry-After is honoured, by all workers together")
def retry_after(t):
  corpus(t, 20, 2000)
  with service(t, Fault("/symsrv/uploadUrl", 429, headers={"Retry-After": "2"})) as fake:
    done = upload(t)
    same(len(fake.done), 20)
    holds(done.out, "Rate limit hit (429)\n")
    assert fake.counts["/symsrv/uploadUrl"] <= 36, fake.counts


@case("two files of one key: the same bytes are sent once, of others the first")
def twins(t):
  t.take("windows/crashy.pdb", "build/a/crashy.pdb")
  t.take("windows/crashy.pdb", "build/b/crashy.pdb")
  with service(t) as fake:
    done = upload(t, "--format", "json")
    same([o["action"] for o in done.objects() if "action" in o], ["stored", "present"])
    same(fake.counts["PUT"], 1)
    with open(t.path("build/b/crashy.pdb"), "ab") as file:
      file.write(b"more")
    done = upload(t, "--format", "json")
    same([o["action"] for o in done.objects() if "action" in o], ["stored", "kept"])


@case("a dry run asks for nothing")
def dry(t):
  t.take("windows/crashy.pdb")
  with service(t) as fake:
    holds(upload(t, "-n").out, "planned", CRASHY)
    same(fake.counts.total(), 0)


@case("a large file is packed into bounded memory, and nothing lies in the current folder")
def large(t):
  with open(t.path("big.pdb"), "wb") as file:
    with open(t.path(t.take("windows/crashy.pdb")), "rb") as small:
      file.write(small.read())
    for i in range(6):
      file.write(os.urandom(1 << 20))
  os.rename(t.path("big.pdb"), t.path("build/crashy.pdb"))
  with service(t) as fake:
    upload(t)
    same(len(fake.done[key_of(CRASHY)][1]), os.path.getsize(t.path("build/crashy.pdb")))
  same(t.tree("."), ["build/crashy.pdb"])


@case("stopped by the user: status 130, and no error is made of it")
def stopped(t):
  corpus(t, 4, 2000)
  with service(t, Fault("/symsrv/uploadUrl", 429, count=99, headers={"Retry-After": "60"})):
    process = t.start(*WHO, "-f", "**/*")
    timer = threading.Timer(1, process.send_signal, [2])
    timer.start()
    out, err = process.communicate(timeout=20)
    same(process.returncode, 130)
    lacks(err.decode(), "error:")


@case("source maps and Unreal's .sym go zipped, zips as they are, by their names")
def keyless(t):
  t.take("other/engine.js.map", "app.js.map")
  t.take("other/unreal.sym", "unreal.sym")
  with zipfile.ZipFile(t.path("b.zip"), "w") as archive:
    archive.writestr("x", b"y" * 1000)
  with service(t, Fault("PUT", 500)) as fake:
    t.run(*WHO, "-f", "*.{map,sym,zip}")
    same(sorted(fake.zips), ["app.js.map.zip", "b.zip", "unreal.sym.zip"])
    same({name: fields.get("moduleName") for name, (fields, _) in fake.zips.items()},
         {"app.js.map.zip": "app.js.map", "b.zip": "b.zip", "unreal.sym.zip": None})
    same(fake.zips["b.zip"][1], t.read("b.zip"))
    for name in ("app.js.map", "unreal.sym"):
      with zipfile.ZipFile(io.BytesIO(fake.zips[name + ".zip"][1])) as archive:
        entry, = archive.infolist()
        same((entry.filename, entry.compress_type, entry.external_attr >> 16 & 0o777),
             (name, zipfile.ZIP_DEFLATED, 0o644))
        same(archive.read(entry), t.read(name))
    same(fake.counts["/symsrv/uploadComplete"], 0)


@case("without -f the source maps of the folder are meant")
def standard(t):
  t.take("other/engine.js.map", "app.js.map")
  t.take("windows/crashy.pdb", "crashy.pdb")
  with service(t) as fake:
    t.run(*WHO)
    same((list(fake.zips), len(fake.done)), (["app.js.map.zip"], 0))


@case("zips met in a folder are passed over; in a store alone they are no symbol files")
def zips(t):
  t.take("windows/crashy.pdb")
  with zipfile.ZipFile(t.path("build/b.zip"), "w") as archive:
    archive.writestr("x", b"y")
  with service(t) as fake:
    t.run(*WHO, "build")
    same((len(fake.zips), len(fake.done)), (0, 1))
  holds(t.run("-l", "store", "-f", "build/*").err, "not a symbol file")


@case("-r removes the version and stops; with -l it does nothing, as in version 11")
def remove(t):
  t.take("windows/crashy.pdb")
  with service(t, Fault("/api/v2/versions", 500)) as fake:
    holds(t.run(*WHO, "-r").out, "Symbols deleted successfully!\n")
    same(fake.deleted, ["/api/v2/versions?database=DB&appName=My%20App&appVersion=1.0%20(%CE%B2)"])
    same(len(fake.done), 0)
  with service(t, Fault("/api/v2/versions", 403)) as fake:
    holds(t.run(*WHO, "-r", status=1).err, "check the database name")
    upload(t, "-r", "-l", "store")
    same((fake.deleted, t.symbols()), ([], [CRASHY]))
