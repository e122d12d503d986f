# SPDX-License-Identifier: MIT
"""Uploads to BugSplat: what is sent, of which files, and what is said of it."""
import datetime
import io
import os
import shutil
import zipfile

from fake import Fault
from harness import CRASHY, FILES, NOBODY, case, holds, lacks, same
from service import MODULES, WHO, key_of, service, upload


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


@case("names and identifiers of every sample are those of its path in a --for bugsplat store")
def kinds(t):
  shutil.copytree(FILES, t.path("build"), ignore=shutil.ignore_patterns("golden", "bad", "old", "compressed", "half-copied.pdb"))
  with service(t) as fake:
    t.run(*WHO, "build", "--to", "bugsplat", "-l", "store", "--for", "bugsplat")
    same(sorted(map("/".join, fake.done)), t.symbols())
    assert len(fake.done) > 60, sorted(fake.done)
    for key, (_, data) in fake.done.items():
      assert data == t.read("store/" + "/".join(key)), key


@case("a .sym goes by its module's name, cut as version 11 cuts it, and its identifier as written")
def breakpad(t):
  guid = "9DD7A3E1C5214C0F9C1B23F3A5C0D988"
  want = []
  for i, (module, sent) in enumerate(MODULES.items()):
    key = f"{guid}1c" if i % 2 else guid.lower() + "0"
    t.write(f"build/s{i}.sym", f"MODULE windows x86_64 {key} {module}\r\nFILE 0 a.c\n")
    want.append((sent, key, f"s{i}.sym"))
  with service(t) as fake:
    upload(t)
    same(sorted(fake.done), sorted(want))


# What version 11 did with these was an accident.
@case("a .sym with a longer age keeps its identifier, and one without a name before the dot its name")
def accidents_of_names(t):
  guid = "9DD7A3E1C5214C0F9C1B23F3A5C0D988"
  t.write("build/age.sym", f"MODULE windows x86_64 {guid}1ab a.pdb\nFILE 0 a.c\n")
  t.write("build/dot.sym", f"MODULE Linux x86_64 {guid}0 .hidden\nFILE 0 a.c\n")
  t.take("windows/mingw/zero-stamp.exe")
  with service(t) as fake:
    upload(t)
    same(sorted(fake.done), [(".hidden", guid + "0", "dot.sym"), ("a.pdb", guid + "1ab", "age.sym"),
                             ("zero-stamp.exe", "00000000C000", "zero-stamp.exe")])


@case("what ended a run of version 11, or hung it, is one file's matter: links to nothing, loops, climbing names")
def accidents_of_files(t):
  os.makedirs(t.path("build"))
  t.take("windows/crashy.pdb")
  t.take("bad/macho-command-size-0.bad", "build/loop.dSYM")
  t.take("linux/no-id.so")
  t.write("build/evil.sym", "MODULE Linux x86_64 9DD7A3E1C5214C0F9C1B23F3A5C0D9880 ..\nFILE 0 a.c\n")
  os.symlink("nowhere", t.path("build/dangling.pdb"))
  with service(t) as fake:
    done = upload(t)
    same(list(fake.done), [key_of(CRASHY)])
    holds(done.err, "loop.dSYM", "no-id.so", "evil.sym", "dangling.pdb")
    same(fake.counts["PUT"], 1)


@case("-d \"\" is the current folder, not the whole file system; a folder that cannot be written to will do")
def folders(t):
  t.take("windows/crashy.pdb", "crashy.pdb")
  t.open_to_all()
  os.chmod(t.path("crashy.pdb"), 0o644)
  os.chmod(t.folder, 0o555)
  with service(t) as fake:
    t.run(*WHO, "-d", "", "-f", "*.pdb", user=NOBODY, env={"TMPDIR": "/tmp"})
    same(list(fake.done), [key_of(CRASHY)])


@case("nothing but skipped files is a failure, of which every file is named")
def nothing_left(t):
  t.take("linux/no-id.so", "build/a.so")
  t.take("linux/no-id.so", "build/b.so")
  with service(t) as fake:
    holds(upload(t, status=1).err, "build/a.so: ", "build/b.so: ")
    same((fake.counts["PUT"], len(fake.done)), (0, 0))


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
    holds(t.run("build", env=env, status=2).err, "no target is given")
    same(fake.counts.total(), 0)


@case("-a or -v is enough where the environment has the rest, as in version 11; not beside a target or a label")
def version_alone(t):
  t.take("windows/crashy.pdb")
  t.write("package.json", '{"name": "app", "version": "2"}')
  env = {"BUGSPLAT_DATABASE": "DB", "SYMBOL_UPLOAD_CLIENT_ID": "ID", "SYMBOL_UPLOAD_CLIENT_SECRET": "SECRET"}
  with service(t) as fake:
    for args, want in ((["-a", "x"], ("x", "2")), (["-v", "3"], ("app", "3"))):
      fake.done.clear()
      t.run("-d", "build", "-f", "*.pdb", *args, env=env)
      fields = fake.done[key_of(CRASHY)][0]
      same((fields["appName"], fields["appVersion"]), want)
    fake.done.clear()
    lacks(t.run("-d", "build", "-f", "*.pdb", "-v", "3", "-l", "store", env=env).err, "BugSplat")
    holds(t.run("build", "-v", "3", "--label", "x", env=env, status=2).err, "no target is given")
    holds(t.run("histori", "-a", "x", env=env, status=2).err, "did you mean the command history")
    same(len(fake.done), 0)


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
  holds(t.run("--to", "bugsplat", "build", env=env, status=2).err, "package.json: it is not JSON (line 1,")
  with service(t) as fake:  # nothing is wanted of it
    t.run("build", "-b", "ARG", "-a", "x", "-v", "1", env=env)
    same(fake.done[key_of(CRASHY)][0]["database"], "ARG")


@case("each value comes from the place that version 11 takes it from; symbol-upload.yaml is before package.json")
def precedence(t):
  t.take("windows/crashy.pdb")
  env = {"SYMBOL_UPLOAD_CLIENT_ID": "ID", "SYMBOL_UPLOAD_CLIENT_SECRET": "SECRET"}

  def sent(*args, **more):
    with service(t) as fake:
      t.run("--to", "bugsplat", "build", *args, env={**env, **more})
      fields = fake.done[key_of(CRASHY)][0]
      return fields["database"], fields["appName"], fields["appVersion"]

  t.write("package.json", '{"name": "pkg", "version": "2"}')
  same(sent(BUGSPLAT_DATABASE="ENV"), ("ENV", "pkg", "2"))
  same(sent("-b", "", "-a", "", BUGSPLAT_DATABASE="ENV"), ("ENV", "pkg", "2"), "an empty value is none")
  t.write("package.json", '{"name": "pkg", "version": "2", "database": ""}')
  same(sent(BUGSPLAT_DATABASE="ENV"), ("ENV", "pkg", "2"))
  t.write("package.json", '{"name": "pkg", "version": "2", "database": "PKG"}')
  same(sent("--application=app", BUGSPLAT_DATABASE="ENV"), ("PKG", "app", "2"))
  same(sent("--database=ARG", "--version=3", BUGSPLAT_DATABASE="ENV"), ("ARG", "pkg", "3"))
  t.write("symbol-upload.yaml", "database: YAML\n")
  same(sent(), ("YAML", "pkg", "2"))
  same(sent(BUGSPLAT_DATABASE="ENV"), ("ENV", "pkg", "2"), "it overrides the file, and so package.json, too")
  os.remove(t.path("symbol-upload.yaml"))
  # Credentials: the command line, then the environment. fake.py takes no others.
  env = {"SYMBOL_UPLOAD_CLIENT_ID": "other", "SYMBOL_UPLOAD_CLIENT_SECRET": "other"}
  same(sent("-i", "ID", "-s", "SECRET"), ("PKG", "pkg", "2"))
  env = {}
  for given, missing in (([], "clientId"), (["-i", "ID"], "clientSecret")):
    holds(t.run("--to", "bugsplat", "build", *given, status=2).err, f"Missing argument: -{missing}")


@case("--print-config tells what came from package.json from defaults")
def shown_origins(t):
  t.write("package.json", '{"name": "pkg", "version": "2", "database": "PKG"}')
  env = {"BUGSPLAT_DATABASE": "ENV", "SYMBOL_UPLOAD_CLIENT_ID": "ID", "SYMBOL_UPLOAD_CLIENT_SECRET": "SECRET"}
  shown = t.run("-a", "app", "--print-config", env=env).out.splitlines()
  origins = dict((line.split(":")[0], line.split("#")[-1].strip()) for line in shown)
  same([origins[name] for name in ("database", "application", "version", "clientId", "files")],
       ["package.json", "command line", "package.json", "SYMBOL_UPLOAD_CLIENT_ID", "default"])


@case("BUGSPLAT_HOST is an address; its path is dropped, and what is none is told")
def host(t):
  t.take("windows/crashy.pdb")
  for bad, words in (("api.bugsplat.com", "https://HOST is expected"), ("ftp://host", "https://HOST is expected"),
                     ("https://me:hunter2@host", "a user's name")):
    done = t.run(*WHO, "build", env={"BUGSPLAT_HOST": bad}, status=2)
    holds(done.err, "BUGSPLAT_HOST", words)
    lacks(done.err, "hunter2")
  with service(t) as fake:
    t.run(*WHO, "build", env={"BUGSPLAT_HOST": fake.url + "/some/path?query"})
    same(len(fake.done), 1)


@case("-u and -p, which version 11 has no more, answer with what to use instead")
def gone(t):
  t.take("windows/crashy.pdb")
  who = ["-b", "DB", "-a", "A", "-v", "1"]
  with service(t) as fake:
    for args in (["-u", "me", "-p", "hunter2"], ["-p", "hunter2"], ["--user", "me", "--password", "hunter2"],
                 ["--user=me", "-i", "ID", "-s", "SECRET"]):
      done = t.run(*who, *args, "build", status=2)
      holds(done.err, "--clientId", "--clientSecret")
      lacks(done.err, "hunter2")
    env = {"SYMBOL_UPLOAD_USER": "me", "SYMBOL_UPLOAD_PASSWORD": "hunter2"}
    holds(t.run(*who, "build", env=env, status=2).err, "SYMBOL_UPLOAD_CLIENT_ID and SYMBOL_UPLOAD_CLIENT_SECRET")
    same(fake.counts.total(), 0)
    t.run(*who, "-i", "ID", "-s", "SECRET", "build", env=env)  # they may be another target's
    same(len(fake.done), 1)


@case("the lines of version 11's log that scripts look for")
def log(t):
  t.take("windows/crashy.pdb")
  with service(t):
    done = upload(t)
  holds(done.out, f"Symbol upload working directory: {os.path.realpath(t.folder)}\n", "About to authenticate...\n",
        "Authentication success!\n", "Found files:\n build/crashy.pdb\n",
        "About to upload symbols for DB-My App-1.0 (β)...\n", "uploading crashy.pdb...\n",
        "Worker 1 uploading 1 symbol files...\n", "Worker 1 uploading crashy.pdb...\n", "Worker 1 uploaded crashy.pdb! (",
        "Uploaded 1 symbols totaling ")
  t.take("windows/crashy.exe")
  with service(t):
    holds(upload(t, "-j", "2").out, "Worker 1 uploading 1 symbol files...\nWorker 2 uploading 1 symbol files...\n")
  with service(t):
    holds(upload(t, "-l", "store", "--to", "bugsplat").out, "Copying files to store...\n")
  with service(t):
    lacks(upload(t, "--format", "json").out, "About", "Worker")
    lacks(upload(t, "-q").out, "About", "Worker")


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


@case("a zip without its end is named and not sent; a comment behind the end, or a zip64, is no fault")
def cut_zip(t):
  with zipfile.ZipFile(t.path("whole.zip"), "w") as archive:
    archive.writestr("x", b"y" * 100000)
    archive.comment = b"PK\5\6" * 1000
  with zipfile.ZipFile(t.path("zip64.zip"), "w") as archive:
    with archive.open("x", "w", force_zip64=True) as member:
      member.write(b"y")
  whole = t.read("whole.zip")
  for size in (4, 50000, len(whole) - 1):
    t.write(f"cut{size}.zip", whole[:size])
  with service(t) as fake:
    said = t.run(*WHO, "-f", "*.zip").err
    same(said.count("the zip is cut short: its end is missing"), 3, said)
    same(sorted(fake.zips), ["whole.zip", "zip64.zip"])


@case("without -f the source maps of the folder are meant")
def standard(t):
  t.take("other/engine.js.map", "app.js.map")
  t.take("windows/crashy.pdb", "crashy.pdb")
  with service(t) as fake:
    t.run(*WHO)
    same((list(fake.zips), len(fake.done)), (["app.js.map.zip"], 0))
    os.unlink(t.path("app.js.map"))
    holds(t.run(*WHO, status=1).err, "using glob ./*.js.map: without -f, BugSplat gets source maps")


@case("zips met in a folder are passed over; in a store alone they are no symbol files")
def zips(t):
  t.take("windows/crashy.pdb")
  with zipfile.ZipFile(t.path("build/b.zip"), "w") as archive:
    archive.writestr("x", b"y")
  with service(t) as fake:
    t.run(*WHO, "build")
    same((len(fake.zips), len(fake.done)), (0, 1))
    os.rename(t.path("build/b.zip"), t.path("build/b.jar"))
    holds(t.run(*WHO, "-f", "build/*").err, "b.jar: an archive with no symbol file in it")
    same(len(fake.zips), 0, "many files are zips that are not meant as such")
  holds(t.run("-l", "store", "-f", "build/*").err, "an archive with no symbol file in it")


@case("BugSplat gets a zip as it is, and other targets of the run what is in it")
def zip_for_both(t):
  with zipfile.ZipFile(t.path("a.zip"), "w") as archive:
    archive.writestr("x64/crashy.pdb", t.read(t.take("windows/crashy.pdb", "crashy.pdb")))
    archive.writestr("app.js.map", t.read(t.take("other/engine.js.map", "app.js.map")))
    archive.writestr("half.pdb", t.read("crashy.pdb")[:9000])
  with zipfile.ZipFile(t.path("b.zip"), "w") as archive:
    archive.writestr("x", b"y" * 1000)
  t.write("cut.zip", t.read("a.zip")[:-10])
  with service(t) as fake:
    done = t.run(*WHO, "--to", "bugsplat", "-l", "store", "--journal", "j", "a.zip", "b.zip")
    same((sorted(fake.zips), list(fake.done), t.symbols()), (["a.zip", "b.zip"], [], [CRASHY]))
    same(fake.zips["a.zip"][1], t.read("a.zip"))
    same(sorted(done.err.splitlines()), [
      "warning: a.zip/app.js.map: a source map has no identifier: only BugSplat takes it, by name",
      "warning: a.zip/half.pdb: the file is cut short: it should have 19 blocks of 4096 bytes (at offset 0x28)"])
    t.run(*WHO, "--to", "bugsplat", "-l", "other", "cut.zip")
    same((len(fake.zips), t.symbols("other")), (2, [CRASHY]))
    t.run(*WHO, "a.zip")
    same((sorted(fake.zips), list(fake.done)), (["a.zip", "b.zip"], []))


@case("-r removes the version and stops; with -l it does nothing, as in version 11")
def remove(t):
  t.take("windows/crashy.pdb")
  with service(t, Fault("/api/v2/versions", 500)) as fake:
    holds(t.run(*WHO, "-r").out, "About to delete symbols for DB-My App-1.0 (β)...\n", "Symbols deleted successfully!\n")
    same(fake.deleted, ["/api/v2/versions?database=DB&appName=My%20App&appVersion=1.0%20(%CE%B2)"])
    same(len(fake.done), 0)
    holds(t.run(*WHO, "-r", "--insecure").err, "warning: bugsplat: --insecure")
  with service(t, Fault("/api/v2/versions", 403)) as fake:
    holds(t.run(*WHO, "-r", status=1).err, "check the database name")
    upload(t, "-r", "-l", "store")
    same((fake.deleted, t.symbols()), ([], [CRASHY]))


@case("symbol files in a package go each by itself, as if they lay loose")
def package(t):
  with zipfile.ZipFile(t.path("a.nupkg"), "w", zipfile.ZIP_DEFLATED) as archive:
    for name in "crashy.pdb", "crashy.exe":
      archive.write(os.path.join(FILES, "windows", name), f"lib/{name}")
  with service(t) as fake:
    t.run(*WHO, "-f", "*.nupkg")
    same(sorted(name for _, _, name in fake.done), ["crashy.exe", "crashy.pdb"])
    with open(os.path.join(FILES, "windows/crashy.pdb"), "rb") as file:
      same(fake.done[key_of(CRASHY)][1], file.read())
