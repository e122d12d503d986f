#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Delivery to servers that take PUT: what stands there, the folders above it, what they answer. TAP.

usage: test_http_stores.py PROGRAM [CASE...]"""
import gzip
import hashlib
import os
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "../cli"), os.path.join(HERE, "../servers")]

import harness
from faulty import Faulty
from harness import CRASHY, ENGINE, case, corpus, end, holds, lacks, same
from httpcases import NGINX_USER, APACHE_USER, fresh, send, take_two, counts, errors
from servers import apache, nginx
from small_server import SmallServer


@case("other bytes are kept with a warning, or replaced with --existing replace")
def existing(t):
  server, at = nginx(), fresh("/store/")
  expected = take_two(t)
  ca = ("--cacert", server.path("tls/ca.pem"), *NGINX_USER)
  send(t, server.https(at), *ca, files="**/engine.pdb")
  standing = server.path("root", at[1:], CRASHY)
  os.makedirs(os.path.dirname(standing))
  with open(standing, "wb") as file:
    file.write(b"something else")
  for policy in ("richer", "keep"):
    done = send(t, server.https(at), *ca, "--existing", policy)
    same(done.actions(), {CRASHY: "kept", ENGINE: "present"})
    holds(errors(done), "(14, not 77824)" if policy == "richer" else "--existing keep")
    with open(standing, "rb") as file:
      same(file.read(), b"something else")
  with open(server.path("root", at[1:], ENGINE), "wb") as file:
    file.write(bytes(len(expected[ENGINE])))  # other bytes of the same size: the server does not tell
  same(send(t, server.https(at), *ca, "--existing", "richer").actions()[ENGINE], "present")
  done = send(t, server.https(at), *ca, "--existing", "replace")
  same(done.actions(), {CRASHY: "replaced", ENGINE: "replaced"})
  same(server.stored(at), expected)


@case("a dry run asks, and writes nothing")
def dry_run(t):
  server, at = nginx(), fresh("/store/")
  take_two(t)
  ca = ("--cacert", server.path("tls/ca.pem"), *NGINX_USER)
  send(t, server.https(at), *ca, files="**/engine.pdb")
  server.forget()
  done = send(t, server.https(at), *ca, "--dry-run")
  same(done.actions(), {CRASHY: "planned", ENGINE: "present"})
  same(set(server.methods()), {"HEAD"})
  same(list(server.stored(at)), [ENGINE])


@case("a login page, or whatever answers every path, is no store: nothing passes for delivered")
def pages_for_everything(t):
  server = nginx()
  take_two(t)
  for args in [], ["--dry-run"], ["--existing", "replace"]:
    server.forget()
    done = send(t, server.http("/page/" + fresh("")), *args, status=1)
    same(counts(done), {"failed": 2})
    holds(errors(done), "answered as if it were there", "login page")
    same(set(server.methods()), {"HEAD"})
  os.makedirs(server.path("root/store/tiers"))
  t.write(server.path("root/store/tiers/index2.txt"), "")
  send(t, server.http("/store/tiers/"), *NGINX_USER)
  same(set(server.stored("/store/tiers/")), {"index2.txt", "cr/" + CRASHY, "en/" + ENGINE})


@case("names with blanks, plus signs, hashes, percents and letters of all alphabets arrive")
def odd_names(t):
  expected = {}
  for name in ("a b.pdb", "c++.pdb", "d#1.pdb", "e%41.pdb", "Größe-名.pdb", "f&g=h;i.pdb", "(j)'k'.pdb", "~l!.pdb"):
    t.take("windows/crashy.pdb", "build/" + name)
    expected[CRASHY.replace("crashy.pdb", name)] = t.read("build/" + name)
  for server, user in ((nginx(), NGINX_USER), (apache(), APACHE_USER)):
    at = fresh("/store/")
    send(t, server.http(at + "with%20blank/"), *user)
    same(server.stored(at + "with blank"), expected)


@case("what the server says of a refusal is shown: 403, 413")
def own_words(t):
  server = nginx()
  take_two(t)
  done = send(t, server.http("/forbidden/"), status=1)
  holds(errors(done), "forbids it (PUT: 403): keep out")
  done = send(t, server.http("/tiny/"), status=1)
  holds(errors(done), "larger than the server takes (PUT: 413)")
  with Faulty() as other:
    other.fail("answer", status=404, methods="HEAD")
    other.fail("answer", status=409, times=1, methods="PUT",
               body='{\n "errors" : [ {\n "status" : 409,\n "message" : "No \\"quota\\" left"\n } ]\n}')
    other.fail("answer", status=405, methods="MKCOL")
    other.fail("answer", status=400, methods="PUT", body="<html><head><title>x</title><style>p {}</style></head>"
               "<body><h1>Bad</h1>\n<p>Rename\tit</p>\x1b[2J</body></html>")
    done = send(t, other.url + "/", status=1, files="**/crashy.pdb")
    holds(errors(done), "(PUT: 400): Bad Rename it \\x1b[2J")
  done = send(t, server.https("/plain/").replace("https://", "http://"), status=1, files="**/crashy.pdb")
  holds(errors(done), "begin the address with https://", "sent to HTTPS port")
  with Faulty() as azure:
    azure.fail("answer", status=404, methods="HEAD")
    azure.fail("answer", status=403, methods="PUT", body='\ufeff<?xml version="1.0" encoding="utf-8"?><Error><Code>'
               "AuthenticationFailed</Code><Message>Server failed.</Message></Error>")
    done = send(t, azure.url + "/", status=1, files="**/crashy.pdb")
    holds(errors(done), "forbids it (PUT: 403): AuthenticationFailed Server failed.")


@case("secrets that a server says back are left out of its words")
def words_without_secrets(t):
  t.take("windows/crashy.pdb")
  for query, args, body, shown in (
      ("?sv=1&sig=s3cret", (), "no /crashy.pdb?sv=1&sig=s3cret here", "no /crashy.pdb... here"),
      ("?sv=1&sig=s3cret", (), "<p>URI: <a href='?sig=s3cret'>/x?sv=1&amp;sig=s3cret</a></p>", "URI: /x..."),
      ("", ("--bearer", "tok-123"), '{"message": "Bearer tok-123 is no token"}', "Bearer ... is no token"),
      ("", ("--header", "X-Key:  s3cret"), "no key s3cret", "no key ..."),
      ("", ("--user", "me:s3cret"), "not s3cret?", "not ...?"),
      ("", (), "<pre>Authorization: Basic c3ltYm9sczpoaWRkZW4=</pre> is no Basic login", "Authorization: ... is no Basic login")):
    with Faulty() as faulty:
      faulty.fail("answer", status=404, methods="HEAD")
      faulty.fail("answer", status=403, methods="PUT", body=body)
      holds(errors(send(t, faulty.url + "/" + query, *args, status=1)), "forbids it (PUT: 403): " + shown)


@case("a server that refuses all is given up after the first 32 files; but smaller ones may be taken")
def all_refused(t):
  server = nginx()
  corpus(t, 60, 60)
  for where, words, told, tried in (("/forbidden/", "forbids it (PUT: 403): keep out", 33, 32),
                                    ("/tiny/", "larger than the server takes (PUT: 413)", 60, 60)):
    server.forget()
    done = send(t, server.http(where), "-j", "1", status=1)
    same(counts(done), {"failed": 60})
    same((done.err.count(words), sum(method == "PUT" for _, method, *_ in server.asked())), (told, tried))
  with Faulty() as other:
    other.fail("answer", status=404, methods="HEAD")
    other.fail("answer", status=415, methods="PUT", body="no way")
    done = send(t, other.url + "/", "-j", "1", status=1)
    same((counts(done), done.err.count("(PUT: 415): no way")), ({"failed": 60}, 33))
    holds(done.err, f"error: {other.url}/: 32 paths failed and none was taken, so that no more is sent: ")


@case("one file that is refused by 401 does not hold up the others where some are taken; where the first one is, no other is tried")
def one_locked_out(t):
  corpus(t, 4, 1000)
  for skip, actions, uploads in (1, {"stored": 3, "failed": 1}, 4), (0, {"failed": 4}, 1):
    with Faulty() as faulty:
      faulty.fail("answer", status=404, methods="HEAD")
      faulty.fail("answer", status=401, methods="PUT", skip=skip, times=1)
      done = send(t, faulty.url + "/", "-j", "1", status=1)
      same((counts(done), sum(method == "PUT" for _, method, *_ in faulty.log)), (actions, uploads))


@case("--compress gzip stores packed bytes, the same ones each time")
def packed(t):
  server, at, stored = nginx(), fresh(""), []
  expected = take_two(t)
  args = ("--cacert", server.path("tls/ca.pem"), *NGINX_USER, "--compress", "gzip")
  for more, actions in ((), {"stored": 2}), ((), {"present": 2}), (("--existing", "replace"), {"replaced": 2}):
    done = send(t, server.https("/packed/" + at), *args, *more)
    same(counts(done), actions)
    lacks(done.out, "Content-Encoding")
    stored.append(server.stored("/store/" + at))
  same({path: gzip.decompress(data) for path, data in stored[0].items()}, expected)
  same(stored, [stored[0]] * 3)
  same([data[4:8] for data in stored[0].values()], [bytes(4)] * 2, "no time in it")


@case("--compress gzip: a server without conditions is told with every upload that the file is packed")
def packed_unconditional(t):
  expected = corpus(t, 12, 1000)
  with SmallServer() as server:
    same(counts(send(t, server.url, "--compress", "gzip")), {"stored": 12})
    packed = [path for path, kept in server.files.items() if kept[1] == {"Content-Encoding": "gzip"}]
    same((len(packed), len(server.files)), (len(expected), len(expected)))


@case("where readers would not be told that a file is packed it goes as it is, which is said")
def not_packed(t):
  server, at = nginx(), fresh("/store/")
  expected = corpus(t, 60, 60)
  args = ("--cacert", server.path("tls/ca.pem"), *NGINX_USER, "--compress", "gzip")
  for actions, said in ({"stored": 60}, 1), ({"present": 60}, 0):
    done = send(t, server.https(at), *args)
    same(counts(done), actions)
    same(done.out.count("files go there as they are"), said)
    same(server.stored(at), {path: t.read(source) for path, source in expected.items()})
  for path in expected:  # as earlier versions left it
    with open(server.path("root", at[1:], path), "r+b") as file:
      packed = gzip.compress(file.read(), 6, mtime=0)
      file.seek(0)
      file.write(packed)
      file.truncate()
  same(counts(send(t, server.https(at), *args, "--existing", "replace")), {"replaced": 60})
  same(server.stored(at), {path: t.read(source) for path, source in expected.items()})


@case("what is too large to be packed in memory goes by a file of TMPDIR that nobody sees")
def packed_by_file(t):
  server, at = nginx(), fresh("/packed/")
  large = os.urandom(20 << 20) + bytes(3 << 20)
  t.write("build/large.pdb", harness.pdb_with("A" * 32, 0) + large)
  os.mkdir(t.path("tmp"))
  args = (server.http(at), *NGINX_USER, "--compress", "gzip")
  done = send(t, *args, env={"TMPDIR": t.path("no/such/folder")}, status=1)
  holds(errors(done), "no/such/folder")
  send(t, *args, env={"TMPDIR": t.path("tmp")})
  same([gzip.decompress(data) for data in server.stored("/store/" + at[8:]).values()], [t.read("build/large.pdb")])
  same(os.listdir(t.path("tmp")), [])


READERS = ("--for", "windbg,bugsplat,debuginfod,gdb")


@case("missing folders are made, to the root; further paths are copied on the server")
def collections(t):
  server = apache()
  t.take("linux/libengine.so.1", "build/libengine.so")
  take_two(t)
  for url in (server.http, server.https):
    at = fresh("/store/")
    server.forget()
    done = send(t, url(at + "deep/er/"), *APACHE_USER, "--cacert", server.path("tls/ca.pem"), *READERS)
    same(counts(done), {"stored": 3})
    asked = server.asked()
    same(set(done.actions()), set(server.stored(at + "deep/er/")))
    engine = t.read("build/libengine.so")
    assert sum(data == engine for data in server.stored(at).values()) >= 4
    assert sum(method == "COPY" and status == 201 for _, method, _, status in asked) >= 3, asked
    made = [path for _, method, path, status in asked if method == "MKCOL" and status == 201]
    same(len(made), len(set(made)), "each folder is made once")


@case("a server that says 404 where a folder is missing, as those made with Go do, is asked for folders")
def not_found_mkcol(t):
  server, at = apache(), fresh("/store/")
  expected = take_two(t)
  with Faulty(f"127.0.0.1:{server.port}") as between:
    between.fail("answer", status=404, methods="PUT", times=1)
    same(counts(send(t, between.url + at, *APACHE_USER)), {"stored": 2})
  same(sorted(server.stored(at)), sorted(expected))


@case("a folder that cannot be made may be another run's, made at that moment: what is to lie in it is tried again")
def made_by_another(t):
  t.take("windows/crashy.pdb")
  with Faulty() as faulty:
    faulty.fail("answer", status=404, methods="HEAD", times=2)
    faulty.fail("answer", status=409, methods="PUT", times=1)
    faulty.fail("answer", status=423, methods="MKCOL")
    same(counts(send(t, faulty.url + "/")), {"stored": 1})


@case("nginx that makes no folders by itself is asked for them, by MKCOL")
def nginx_mkcol(t):
  server = nginx()
  expected = corpus(t, 12, 1000)
  server.forget()
  same(counts(send(t, server.http("/mkcol/"), "-j", "4")), {"stored": 12})
  same(sorted(server.stored("/mkcol/")), sorted(expected))
  assert sum(status == 500 for _, _, _, status in server.asked()) <= 2, "one file teaches it"


@case("nginx that makes no folders at all: its 500 is explained, and not tried for every file, nor eight times")
def nginx_flat(t):
  server = nginx()
  corpus(t, 200, 1000)
  done = t.run("-d", "build", "-f", "**/*", "--no-pairs", "--to", server.http("/flat/"), status=1)
  same(done.err.count("\n"), 1, "one line for all")
  shutil.rmtree(t.path("build"))
  take_two(t)
  server.forget()
  done = send(t, server.http("/flat/"), status=1)
  same({o["error"]["message"].removeprefix(server.http("/flat/: ")) for o in done.objects() if "error" in o},
       {"nginx failed (PUT: 500), and the file's folder is not there: nginx makes folders where its "
        "configuration says \"create_full_put_path on;\""})
  assert server.methods().count("PUT") <= 4, "one file, before and after MKCOL, each twice"
  with Faulty() as other:
    other.fail("answer", status=404, methods="HEAD", times=2)
    other.fail("answer", status=403, methods="HEAD")  # a folder that is there
    other.fail("answer", status=403, methods="MKCOL")
    other.fail("answer", status=500, methods="PUT", body="<hr><center>nginx/1.22.1</center>")
    done = send(t, other.url + "/", status=1, files="**/crashy.pdb")
    holds(errors(done), "nginx failed (PUT: 500): its error.log tells why")


@case("an nginx that has made folders and fails for one file keeps the others")
def nginx_fails_once(t):
  server, at = nginx(), fresh("/store/")
  corpus(t, 3, 1000)
  keys = sorted(o["key"] for o in send(t, server.http(at), *NGINX_USER, "-n").objects() if "key" in o)
  with Faulty(f"127.0.0.1:{server.port}") as between:
    between.fail("answer", status=405, methods="MKCOL")
    between.fail("answer", status=500, methods="PUT", path=keys[1], body="<hr><center>nginx/1.22.1</center>")
    same(counts(send(t, between.url + at, *NGINX_USER, "-j", "1", status=1)), {"stored": 2, "failed": 1})
  same(sorted(server.stored(at)), [keys[0], keys[2]])


@case("what stood in its folder already teaches nothing about the others: their folders are made")
def collections_later(t):
  server, at = apache(), fresh("/store/")
  expected = take_two(t)
  send(t, server.http(at), *APACHE_USER, files="**/crashy.pdb")
  with open(server.path("root", at[1:], CRASHY), "ab") as file:
    file.write(b"other")
  done = send(t, server.http(at), *APACHE_USER, "--existing", "replace", "-j", "1")
  same(done.actions(), {CRASHY: "replaced", ENGINE: "stored"})
  same(server.stored(at), expected)


@case("that Apache honours If-None-Match is learnt: then new files cost no look before")
def conditional(t):
  server, at = apache(), fresh("/store/")
  expected = corpus(t, 60, 1000)
  server.forget()
  send(t, server.http(at), *APACHE_USER, "-j", "2")
  asked = [(method, path) for _, method, path, status in server.asked() if status not in (405, 401)]
  same(len(server.stored(at)), 60)
  looks = sum(asked.index(("HEAD", at + path)) < asked.index(("PUT", at + path)) for path in expected)
  assert 8 <= looks < 30, looks
  same(counts(send(t, server.http(at), *APACHE_USER)), {"present": 60})


@case("what stands on a server that honours If-None-Match is kept, though nobody looked before")
def conditional_keeps(t):
  server, at = apache(), fresh("/store/")
  last, source = list(corpus(t, 60, 1000).items())[-1]
  send(t, server.http(at), *APACHE_USER, files="**/" + os.path.basename(source))
  with open(server.path("root", at[1:], last), "wb") as file:
    file.write(b"something else")
  server.forget()
  done = send(t, server.http(at), *APACHE_USER, "-j", "2")
  same((counts(done), done.actions()[last]), ({"stored": 59, "kept": 1}, "kept"))
  same(server.stored(at)[last], b"something else")
  asked = [method for _, method, path, status in server.asked() if path == at + last and status != 401]
  same(asked[0], "PUT")


@case("two runs at once: each file is stored once, and nothing fails")
def race(t):
  server, at = apache(), fresh("/store/")
  expected = corpus(t, 80, 5000)
  args = ("-d", "build", "-f", "**/*.pdb", "--to", server.http(at), "--format", "json", *APACHE_USER)
  runs = [t.start(*args) for _ in range(2)]
  for run in runs:
    end(run)
  same({path: t.read(source) for path, source in expected.items()}, server.stored(at))


@case("a SAS address keeps its query on every path, gets the blob type, and is never shown")
def azure(t):
  expected = take_two(t)
  with Faulty() as faulty:
    faulty.fail("answer", status=404, methods="HEAD")
    done = send(t, faulty.url + "/container/win?sv=2024&sp=rcw&sig=aGVsbG8%3D", env={"SYMBOL_UPLOAD_TOKEN": "tok-123"})
    lacks("\n".join(line for head in faulty.heads for line in head), "Authorization")
    same(counts(done), {"stored": 2})
    same(faulty.bodies, {f"/container/win/{path}?sv=2024&sp=rcw&sig=aGVsbG8%3D": data
                         for path, data in expected.items()})
    puts = [head for head in faulty.heads if head[0].startswith("PUT")]
    assert all("x-ms-blob-type: BlockBlob" in head for head in puts), puts
    send(t, faulty.url + "/container/packed?sig=aGVsbG8%3D", "--compress", "gzip", status=None)
    head = next(head for head in faulty.heads if head[0].startswith("PUT /container/packed"))
    holds("\n".join(head), "Content-Encoding: gzip", "x-ms-blob-content-encoding: gzip")
    assert all(method in ("HEAD", "PUT") for _, method, _, _ in faulty.log)


@case("a server that must not be read is written to, and the doubt is said once")
def write_only(t):
  corpus(t, 5, 1000)
  with Faulty() as faulty:
    faulty.fail("answer", status=403, methods="HEAD")
    holds(errors(send(t, faulty.url + "/", "--dry-run")), "other bytes may be replaced (said once)")
    done = send(t, faulty.url + "/", status=0)
    same(counts(done), {"stored": 5})
    same(done.err.count("does not tell what stands there"), 1)


@case("a server that does not answer HEAD is not asked by it for each file")
def no_head(t):
  corpus(t, 5, 1000)
  for status in 405, 501:
    with Faulty() as faulty:
      faulty.fail("answer", status=404, methods="HEAD", path="index2.txt")
      faulty.fail("answer", status=status, methods="HEAD")
      done = send(t, faulty.url + "/", "-j", "1")
      same(counts(done), {"stored": 5})
      same(done.err.count("does not tell what stands there"), 1)
      same([method for _, method, _, _ in faulty.log], ["HEAD"] * 2 + ["PUT"] * 5)


@case("--existing replace: of two files of a run the one that is left out replaces nothing, though nobody may look")
def second_unseen(t):
  for folder, size in ("a", 14_000), ("b", 20_000):
    t.write(f"build/{folder}/app.pdb", harness.pdb_with("6" * 32, size))
  with Faulty() as faulty:
    faulty.fail("answer", status=403, methods="HEAD")
    faulty.fail("answer", status=412, methods="PUT", skip=1)
    done = send(t, faulty.url + "/", "--existing", "replace")
    same(counts(done), {"stored": 1, "kept": 1})
    same(["If-None-Match: *" in head for head in faulty.heads if head[0].startswith("PUT")], [False, True])


@case("what stands on a server that must not be read is kept; with --existing replace nobody claims that something was replaced")
def write_only_again(t):
  take_two(t)
  for status, code in (409, "BlobAlreadyExists"), (403, "UnauthorizedBlobOverwrite"), (412, ""):
    with Faulty() as faulty:
      faulty.fail("answer", status=403, methods="HEAD")
      faulty.fail("answer", status=status, methods="PUT", headers={"x-ms-error-code": code})
      done = send(t, faulty.url + "/container?sig=aGVsbG8%3D")
      same(counts(done), {"kept": 2})
      same(errors(done).count("something stands under this key"), 2)
  with Faulty() as faulty:
    faulty.fail("answer", status=403, methods="HEAD")
    done = send(t, faulty.url + "/container?sig=aGVsbG8%3D", "--existing", "replace")
    same((counts(done), errors(done).count("nobody could look at what stood there (--existing replace)")), ({"stored": 2}, 2))
    lacks("\n".join(line for head in faulty.heads for line in head), "If-None-Match")


@case("a server that loses what it took is found out")
def no_proof(t):
  take_two(t)
  with Faulty() as faulty:
    faulty.fail("answer", status=404, methods="HEAD")
    faulty.fail("answer", status=201, methods="PUT")
    done = send(t, faulty.url + "/", status=1)
    holds(errors(done), "took it, but has nothing there")
  with Faulty() as faulty:
    faulty.fail("answer", status=404, methods="HEAD", times=2)
    faulty.fail("answer", status=201, methods="PUT")
    faulty.fail("answer", status=200, methods="HEAD", body="")
    done = send(t, faulty.url + "/", "-j", "1", status=1, files="**/crashy.pdb")
    holds(errors(done), "took 77824 bytes, but has 0 there")


@case("where HEAD tells no size, an upload is believed, and what stands there is kept and not called another's")
def no_size(t):
  t.take("windows/crashy.pdb")
  for compress in "none", "gzip":
    with Faulty() as faulty:
      faulty.fail("answer", status=404, methods="HEAD", path="index2.txt")
      faulty.fail("answer", status=404, methods="HEAD", times=1)
      faulty.fail("answer", status=200, methods="HEAD", headers={"Transfer-Encoding": "chunked"})
      faulty.fail("answer", status=201, methods="PUT")
      args = (faulty.url + "/", "--compress", compress)
      same(counts(send(t, *args)), {"stored": 1})
      done = send(t, *args)
      same(counts(done), {"kept": 1})
      holds(done.err, "something stands under this key, and the server does not tell what")
      same(counts(send(t, *args, "--existing", "replace")), {"replaced": 1})


@case("a checksum of the server's decides, where it has one")
def checksum(t):
  take_two(t)
  with Faulty() as faulty:
    faulty.fail("answer", status=404, methods="HEAD", path="index2.txt")
    faulty.fail("answer", status=200, methods="HEAD", headers={"X-Checksum-Sha256": "00" * 32})
    done = send(t, faulty.url + "/")
    same(counts(done), {"kept": 2})
  with Faulty() as faulty:
    faulty.fail("answer", status=404, methods="HEAD")
    faulty.fail("answer", status=201, methods="PUT", headers={"ETag": '"1"', "X-Checksum-Sha256": "00" * 32})
    done = send(t, faulty.url + "/", status=1)
    same(counts(done), {"failed": 2})
    holds(errors(done), "other bytes than were sent")


@case("--compress gzip: a file that lies there as it is, is as good, also by its checksum")
def checksum_of_plain(t):
  take_two(t)
  data = t.read("build/crashy.pdb")
  for sha256, action in (hashlib.sha256(data).hexdigest(), "present"), ("00" * 32, "kept"):
    with Faulty() as faulty:
      faulty.fail("answer", status=404, methods="HEAD", path="index2.txt")
      faulty.fail("answer", status=200, methods="HEAD", headers={"X-Checksum-Sha256": sha256}, body="x" * len(data))
      done = send(t, faulty.url + "/", "--compress", "gzip", files="**/crashy.pdb")
      same(counts(done), {action: 1})
      lacks(done.out, "by its size alone")


if __name__ == "__main__":
  sys.exit(0 if harness.run_cases(os.path.abspath(sys.argv[1]), sys.argv[2:]) else 1)
