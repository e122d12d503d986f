#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Large objects to a strict stand-in for S3: uploads in parts, packed on their way or not. TAP.

usage: test_s3_parts.py PROGRAM [CASE...]"""
import gzip
import hashlib
import os
import random
import re
import resource
import signal
import ssl
import subprocess
import sys
import threading
import time
import zipfile
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "../servers"), os.path.join(HERE, "../cli")]

import harness
from harness import case, end, holds, same, until
from s3cases import PACKED_PART, counts, half_noise, large, library, messages, send, sha256
from s3servers import Standing, environment
from s3standin import Object, Refusal, md5
from terminal import on_terminal


def unpacked(there):
  """The bytes of an object as they were before they were packed."""
  return gzip.decompress(there.data) if "content-encoding" in there.meta else there.data


def at_second_part(server, happens):
  """Has it happen once, as the second part of an upload comes; answers whose request that was, in a list."""
  met = []

  def fault(handler, action):
    if action == "UploadPart" and not met and handler.query["partNumber"] == "2":
      met.append(handler)
      happens(handler)
  server.faults.append(fault)
  return met


@case("files in an archive are sent from where they are unpacked, whole and in parts, packed and not")
def from_archive(t):
  keys = [large(t, "big.pdb", 70), large(t, "small.pdb", 1)]
  with zipfile.ZipFile(t.path("a.zip"), "w") as archive:
    for name in "small.pdb", "big.pdb":
      archive.write(t.path("build", name), name)
  for how in [], ["--compress", "gzip"]:
    with Standing() as server:
      done = send(t, server.s3, "symbols", "a.zip", *how)
      same(done.actions(), dict.fromkeys(keys, "stored"))
      for key in keys:
        data = server.buckets["symbols"][key].data
        assert (gzip.decompress(data) if how else data) == t.read("build/" + key.split("/")[0]), key


@case("an upload in parts overwrites nothing that came meanwhile; what came at the very end is told")
def late_race(t):
  key = large(t, "big.pdb", 70)
  theirs = Object(b"theirs", {"x-amz-meta-sha256": "0" * 64})
  for moment in "UploadPart", "CompleteUpload":
    with Standing() as server:
      server.conditional_complete = False
      done_parts = []

      def meddle(handler, action):
        if action == moment and not done_parts:
          done_parts.append(action)
          if moment == "UploadPart":
            server.buckets["symbols"][key] = theirs
        elif action == "HeadObject" and done_parts and key in server.buckets["symbols"]:
          server.buckets["symbols"][key] = theirs
      server.faults.append(meddle)
      done = send(t, server.s3, "symbols", "build/big.pdb")
      same(done.actions(), {key: "kept"})
      holds(messages(done), "other bytes stand under this key" if moment == "UploadPart"
            else "another run wrote other bytes under this key at the same moment")
      same((server.buckets["symbols"][key].data, server.parts), (b"theirs", {}))
      same(server.count("POST", "uploadId="), 1 if moment == "CompleteUpload" else 0, "ends of uploads")


def amazon(server):
  """The environment in which the stand-in is Amazon's own S3, which keeps conditions on the end of an upload."""
  return {"AWS_ENDPOINT_URL": "http://s3.us-east-1.amazonaws.com", "http_proxy": server.url}


@case("Amazon keeps conditions on the end of an upload in parts: nothing is asked before it or after it")
def conditional_end(t):
  key = large(t, "big.pdb", 70)
  poorer = Object(b"poorer", {"x-amz-meta-sha256": "0" * 64, "x-amz-meta-has": "symbols"})
  for there, action, condition in ((None, "stored", ("*", None)), (poorer, "replaced", (None, poorer.etag))):
    with Standing() as server:
      seen = []
      server.faults.append(lambda handler, action: seen.append((action, handler.heads)))
      if there:
        server.buckets["symbols"][key] = there
      done = send(t, server.s3, "symbols", "build/big.pdb", env=amazon(server))
      same(done.actions(), {key: action})
      same([(heads.get("if-none-match"), heads.get("if-match")) for name, heads in seen if name == "CompleteUpload"],
           [condition])
      same(server.count("HEAD"), 1)


@case("who is not the first to end an upload in parts at Amazon overwrites nothing, or begins anew where nobody was")
def conditional_race(t):
  key = large(t, "big.pdb", 70)
  theirs = Object(b"theirs", {"x-amz-meta-sha256": "0" * 64})
  for status, code, comes, action in ((412, "PreconditionFailed", True, "kept"), (200, "PreconditionFailed", True, "kept"),
                                      (409, "ConditionalRequestConflict", True, "kept"),
                                      (409, "ConditionalRequestConflict", False, "stored")):
    with Standing() as server:
      told = []

      def first(handler, action):
        if action != "CompleteUpload" or len(told) == 2:
          return
        told.append(action)
        if comes:
          server.buckets["symbols"][key] = theirs
        raise Refusal(status, code, "")
      server.faults.append(first)
      done = send(t, server.s3, "symbols", "build/big.pdb", "--retries", "1", env=amazon(server))
      same((done.actions(), server.parts), ({key: action}, {}), (status, code))
      same(server.buckets["symbols"][key].data == (b"theirs" if comes else t.read("build/big.pdb")), True)


@case("an upload in parts whose end fails in a 200 is ended again; InvalidPart and lost uploads are survived")
def late_errors(t):
  key = large(t, "big.pdb", 70)
  data = t.read("build/big.pdb")
  with Standing() as server:
    told = []

    def late(handler, action):
      if action == "CompleteUpload" and not told:
        told.append(action)
        raise Refusal(200, "InternalError", "We encountered an internal error. Please try again.")
    server.faults.append(late)
    same(counts(send(t, server.s3, "symbols", "build/big.pdb")), {"stored": 1})
    same(md5(server.buckets["symbols"][key].data), md5(data))
    same(told, ["CompleteUpload"])
    server.buckets["symbols"].clear()

    def lose(handler, action):
      if action == "UploadPart" and len(told) == 1 and handler.query["partNumber"] == "3":
        told.append(action)
        server.parts.clear()
    server.faults[:] = [lose]
    same(counts(send(t, server.s3, "symbols", "build/big.pdb")), {"stored": 1})
    same(md5(server.buckets["symbols"][key].data), md5(data))
    same((told[1:], server.parts), (["UploadPart"], {}))


@case("what a 200 says late counts as if it were said at once: a lost race, an upload that is gone, a right that is missing")
def late_verdicts(t):
  key = large(t, "big.pdb", 70)
  theirs = Object(b"theirs", {"x-amz-meta-sha256": "0" * 64})
  for code, actions, words in (("PreconditionFailed", "kept", "other bytes stand under this key"),
                               ("NoSuchUpload", "stored", ""),
                               ("AccessDenied", "failed", "these credentials lack s3:PutObject")):
    with Standing() as server:
      server.conditional_complete = False
      told = []

      def late(handler, action):
        if action == "CompleteUpload" and (not told or code == "AccessDenied"):
          told.append(action)
          if code == "PreconditionFailed":
            server.buckets["symbols"][key] = theirs
          raise Refusal(200, code, "")
      server.faults.append(late)
      done = send(t, server.s3, "symbols", "build/big.pdb", status=None)
      same((list(done.actions().values()), len(told), server.parts), ([actions], 1, {}), code)
      holds(messages(done), words)


@case("half an answer in a 200, or none, to the end of an upload in parts or to a copy is asked for again")
def half_answers(t):
  library(t, bytes(70 << 20))
  for body in b"", b"<CompleteMultipartUploadResult><ETag>":
    with Standing() as server:
      told = []

      def half(handler, action):
        if action in ("CompleteUpload", "CopyObject") and action not in told:
          told.append(action)
          if action == "CompleteUpload":
            handler.answer = lambda *args, **more: None
            handler.do_CompleteUpload("symbols", server.buckets["symbols"], handler.path_text.split("/", 2)[2])
            del handler.answer
          handler.answer(200, body)
          handler.wfile.flush()
          raise ConnectionError
      server.faults.append(half)
      done = send(t, server.s3, "symbols", "build/libengine.so.1", "--for", "debuginfod,gdb")
      same((told, set(done.actions().values()), server.parts), (["CompleteUpload", "CopyObject"], {"stored"}, {}))
      same(len({there.data for there in server.buckets["symbols"].values()}), 1)


@case("an upload in parts that another run shares: a part that it overwrote, and an end that it was first to ask for")
def shared_upload(t):
  key = large(t, "big.pdb", 70)
  with Standing() as server:
    told = []

    def overwritten(handler, action):
      if action == "CompleteUpload" and not told:
        told.append(action)
        raise Refusal(400, "InvalidPart", "")
    server.faults.append(overwritten)
    same(counts(send(t, server.s3, "symbols", "build/big.pdb")), {"stored": 1})
    same((server.buckets["symbols"][key].meta["x-amz-meta-sha256"], server.parts), (sha256(t.path("build/big.pdb")), {}))
    server.buckets["symbols"].clear()

    def first(handler, action): # as Ceph answers: "This multipart completion is already in progress"
      if action == "CompleteUpload":
        if len(told) == 1:
          told.append(action)
          handler.do_unheard(action)
        raise Refusal(500, "InternalError", "")
    server.faults[:] = [first]
    same(counts(send(t, server.s3, "symbols", "build/big.pdb", "--retries", "1")), {"stored": 1})
    same((len(told), server.parts), (2, {}))


@case("uploads that others left: the same bytes are gone on with, others are left alone or, when old, removed")
def leftovers(t):
  key = large(t, "big.pdb", 100)
  data = t.read("build/big.pdb")
  part = 16 << 20
  mine = {n: data[(n - 1) * part:n * part] for n in (1, 2, 3, 5)}
  other = {1: b"o" * part}
  with Standing() as server:
    meta = {"x-amz-meta-sha256": "f" * 64, "x-amz-meta-has": "symbols,debug,unwind,sources"}
    now = time.time()
    server.parts.update({"same": ["symbols", key, meta, mine, now], "same-too": ["symbols", key, meta, {}, now],
                         "young": ["symbols", key, meta, dict(other), now],
                         "longer": ["symbols", key, meta, {**mine, 8: b"o" * part}, now],
                         "old": ["symbols", key, meta, dict(other), now - 90000],
                         "neighbour": ["symbols", key + "x", meta, dict(other), now - 90000]})
    done = send(t, server.s3, "symbols", "build/big.pdb")
    there = server.buckets["symbols"][key]
    same(md5(there.data), md5(data))
    same(there.meta["x-amz-meta-sha256"], hashlib.sha256(data).hexdigest(), "metadata of the other run's upload")
    same(sorted(server.parts), ["longer", "neighbour", "young"])
    assert done.status == 0 and done.summary()["failed"] == 0


@case("a run that is stopped leaves no upload behind that it was about to begin; nor does one whose beginning was lost")
def begun_in_vain(t):
  large(t, "big.pdb", 70)
  with Standing() as server:
    begun, lost = threading.Event(), []

    def slowly(handler, action):
      if action == "CreateUpload":
        begun.set()
        time.sleep(1)
    server.faults.append(slowly)
    run = t.start("-t", "s3://symbols", "-f", "build/big.pdb", env=environment(server.s3))
    assert begun.wait(60)
    run.send_signal(signal.SIGINT)
    end(run, 130)
    until(lambda: server.count("POST", "uploads=") > 0)
    same(server.parts, {})

    def lose(handler, action):
      if action == "CreateUpload" and not lost:
        lost.append(action)
        handler.do_unheard(action)
        raise Refusal(504, "")
    server.faults[:] = [lose]
    same((counts(send(t, server.s3, "symbols", "build/big.pdb")), lost, server.parts),
         ({"stored": 1}, ["CreateUpload"], {}))


@case("what is said after a stop trusts the certificates that AWS_CA_BUNDLE names, too")
def stopped_over_tls(t):
  large(t, "big.pdb", 70)
  subprocess.run([os.path.join(HERE, "../servers/certs.sh"), t.path("tls")], check=True)
  tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
  tls.load_cert_chain(t.path("tls/server.pem"), t.path("tls/server.key"))
  with Standing() as server:
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    env = {**environment(server.s3), "AWS_ENDPOINT_URL": server.url.replace("http:", "https:"),
           "AWS_CA_BUNDLE": t.path("tls/ca.pem")}
    sent = threading.Event()

    def slowly(handler, action):
      if action == "UploadPart":
        sent.set()
        time.sleep(1)
    server.faults.append(slowly)
    run = t.start("-t", "s3://symbols", "-f", "build/big.pdb", env=env)
    assert sent.wait(60)
    run.send_signal(signal.SIGINT)
    end(run, 130)
    same(server.parts, {})


@case("a copy that is too large for one request is made in parts; where none may be made, bytes are sent")
def copies(t):
  library(t, os.urandom(40 << 20))
  want = sha256(t.path("build/libengine.so.1"))
  rights = {"PutObject", "HeadObject", "GetObject", "ListObjects", "CreateUpload", "UploadPart", "CompleteUpload"}
  for copy_max, allowed, bodies in ((5 << 30, None, 1), (10 << 20, None, 1), (5 << 30, rights, 3)):
    with Standing() as server:
      server.copy_max, server.allowed = copy_max, allowed
      sent = []
      server.faults.append(lambda handler, action: sent.append(action))
      done = send(t, server.s3, "symbols", "build/libengine.so.1", "--for", "debuginfod,gdb,sentry",
                  "--storage-class", "STANDARD_IA")
      same(set(done.actions().values()), {"stored"})
      same(len(server.buckets["symbols"]), len(done.actions()))
      for there in server.buckets["symbols"].values():
        same(hashlib.sha256(there.data).hexdigest(), want)
        same(there.meta["x-amz-meta-sha256"], want)
        same(there.meta["x-amz-storage-class"], "STANDARD_IA")
      same((len(done.actions()), sent.count("PutObject")), (3, bodies), f"copies of {copy_max} bytes, rights: {allowed}")


@case("a copy in parts whose upload is lost is made again")
def lost_copy(t):
  library(t, os.urandom(40 << 20))
  with Standing() as server:
    server.copy_max = 10 << 20
    lost = at_second_part(server, lambda handler: server.parts.clear())
    done = send(t, server.s3, "symbols", "build/libengine.so.1", "--for", "debuginfod,gdb")
    same((len(lost), set(done.actions().values()), server.parts), (1, {"stored"}, {}))


@case("what an earlier run stored is copied in parts as it lies there, or the bytes are sent: packed or not")
def copied_from_before(t):
  library(t, b"".join(random.Random(i).randbytes(1 << 18) + bytes(3 << 18) for i in range(70)))
  data = t.read("build/libengine.so.1")
  for before, now in ((), packed), (packed, ()), (packed, packed), ((), ()):
    with Standing() as server:
      server.copy_max = 10 << 20
      send(t, server.s3, "symbols", "build", "--for", "debuginfod", *before)
      done = send(t, server.s3, "symbols", "build", "--for", "debuginfod,gdb", *now)
      same(sorted(done.actions().values()), ["present", "stored"], (before, now))
      for there in server.buckets["symbols"].values():
        same(unpacked(there) == data, True, (before, now))
      same(server.parts, {})


@case("a small packed file does not cut short the copy of what lies there as it is")
def copied_cut(t):
  library(t, bytes(70 << 20))
  data = t.read("build/libengine.so.1")
  with Standing() as server:
    server.copy_max = 10 << 20
    send(t, server.s3, "symbols", "build", "--for", "debuginfod")
    done = send(t, server.s3, "symbols", "build", "--for", "debuginfod,gdb", *packed)
    same(sorted(done.actions().values()), ["present", "stored"])
    for there in server.buckets["symbols"].values():
      same(unpacked(there) == data, True)


@case("a copy of what another program stored, and a listing found, is known by its ETag though ours would be packed")
def copied_from_others(t):
  expected = harness.corpus(t, 60, 1000)
  library(t, bytes(100_000))
  os.rename(t.path("build/libengine.so.1"), t.path("build/part6/zz.so"))
  with Standing() as server:
    server.conditional = False  # so that every path is looked for, and the listing pays
    server.buckets["symbols"]["buildid/a72d8e9c11819c154b899f49f1e78b754ccb4270/debuginfo"] = \
      Object(t.read("build/part6/zz.so"), {})
    done = send(t, server.s3, "symbols", "build", "-j", "1", "--for", "windbg,debuginfod,gdb", *packed)
    same((counts(done), len(server.buckets["symbols"])), ({"stored": 61}, len(expected) + 2))
    same(done.actions()[".build-id/a7/2d8e9c11819c154b899f49f1e78b754ccb4270.debug"], "stored")


@case("a source that is replaced while it is copied in parts is no source: the bytes are sent")
def copied_while_replaced(t):
  library(t, os.urandom(40 << 20))
  with Standing() as server:
    server.copy_max = 10 << 20
    replaced = []

    def replace(handler):
      replaced.append(handler.heads["x-amz-copy-source"].split("/", 2)[2])
      server.buckets["symbols"][replaced[0]] = Object(os.urandom(41 << 20), {"x-amz-meta-sha256": "0" * 64})
    at_second_part(server, replace)
    done = send(t, server.s3, "symbols", "build/libengine.so.1", "--for", "debuginfod,gdb")
    same((len(replaced), set(done.actions().values()), server.parts), (1, {"stored"}, {}))
    (key,) = set(done.actions()) - set(replaced)
    same(server.buckets["symbols"][key].data == t.read("build/libengine.so.1"), True)


@case("what another run writes over a copy at that moment is told")
def copied_over(t):
  library(t, os.urandom(2 << 20))
  with Standing() as server:
    copied = []

    def meddle(handler, action):
      if action == "CopyObject":
        copied.append(handler.path_text)
      elif action == "HeadObject" and handler.path_text in copied:
        server.buckets["symbols"][handler.path_text.split("/", 2)[2]] = Object(b"theirs", {"x-amz-meta-sha256": "0" * 64})
    server.faults.append(meddle)
    done = send(t, server.s3, "symbols", "build/libengine.so.1", "--for", "debuginfod,gdb")
    same((len(copied), sorted(done.actions().values())), (1, ["kept", "stored"]))
    holds(done.err, "another run wrote other bytes under this key at the same moment")


@case("where the object to copy is gone, bytes are sent, whole or in parts")
def nothing_to_copy(t):
  library(t, os.urandom(40 << 20))
  for copy_max in (5 << 30, 10 << 20):
    with Standing() as server:
      server.copy_max = copy_max
      gone = []

      def remove(handler, action):
        if action in ("CopyObject", "UploadPart") and "x-amz-copy-source" in handler.heads and not gone:
          gone.extend(server.buckets["symbols"])
          server.buckets["symbols"].clear()
      server.faults.append(remove)
      done = send(t, server.s3, "symbols", "build/libengine.so.1", "--for", "debuginfod,gdb")
      same((len(gone), set(done.actions().values()), server.parts), (1, {"stored"}, {}))


@case("a server that fails at each copy, though it may have made it, is sent bytes")
def failing_copies(t):
  library(t, os.urandom(2 << 20))
  for made in False, True:
    with Standing() as server:
      def fail(handler, action):
        if action != "CopyObject":
          return
        if made:
          handler.do_unheard(action)
        raise Refusal(500, "InternalError", "")
      server.faults.append(fail)
      done = send(t, server.s3, "symbols", "build/libengine.so.1", "--for", "debuginfod,gdb,sentry", "--retries", "1")
      same((set(done.actions().values()), len(server.buckets["symbols"])), ({"stored"}, 3), made)


@case("where the object to copy became shorter meanwhile, bytes are sent")
def shorter_source(t):
  library(t, os.urandom(40 << 20))
  want = sha256(t.path("build/libengine.so.1"))
  for status, code in (416, "InvalidRange"), (400, "InvalidArgument"):
    with Standing() as server:
      server.copy_max = 10 << 20
      first = []

      def shorten(handler, action):
        if action != "UploadPart" or "x-amz-copy-source" not in handler.heads:
          return
        first.extend(key for key in server.buckets["symbols"] if not first)
        server.buckets["symbols"][first[0]] = Object(b"short", {})
        raise Refusal(status, code, "Range specified is not valid for source object of size: 5")
      server.faults.append(shorten)
      done = send(t, server.s3, "symbols", "build/libengine.so.1", "--for", "debuginfod,gdb")
      same((len(first), set(done.actions().values()), server.parts), (1, {"stored"}, {}))
      same([hashlib.sha256(there.data).hexdigest() for key, there in server.buckets["symbols"].items() if key != first[0]],
           [want])


@case("the lost answer to the end of an upload in parts does not call a second path somebody else's")
def lost_end(t):
  library(t, bytes(70 << 20))
  with Standing() as server:
    server.allowed = {"PutObject", "HeadObject", "GetObject", "ListObjects", "CreateUpload", "UploadPart", "CompleteUpload"}
    ends = []

    def lose(handler, action):
      if action != "CompleteUpload":
        return
      ends.append(handler.path_text)
      if len(ends) == 2:
        handler.do_unheard(action)
        handler.hang_up()
    server.faults.append(lose)
    done = send(t, server.s3, "symbols", "build/libengine.so.1", "--for", "debuginfod,gdb")
    same((len(ends), set(done.actions().values())), (3, {"stored"}))


packed = "--compress", "gzip"


def sent_parts(server):
  """The numbers of the parts that were sent, in their order."""
  return [int(re.search(r"partNumber=(\d+)", query)[1]) for method, _, query, status in server.requests
          if method == "PUT" and "partNumber=" in query and status == 200]


@case("--compress gzip of a large file: packed on its way, in parts, no file of whose size is needed")
def packed_parts(t):
  key = half_noise(t, "big.pdb", 100)
  data = t.read("build/big.pdb")
  packer = zlib.compressobj(-1, zlib.DEFLATED, 31)
  want = packer.compress(data) + packer.flush()
  with Standing() as server:
    done = send(t, server.s3, "symbols", "build/big.pdb", "--compress", "gzip",
                limits=((resource.RLIMIT_FSIZE, 2 * PACKED_PART),))
    delivered = next(o for o in done.objects() if "key" in o)
    same((delivered["key"], delivered["action"], delivered["bytes"], delivered["attempts"], delivered["sha256"]),
         (key, "stored", len(data), 1, hashlib.sha256(data).hexdigest()))
    there = server.buckets["symbols"][key]
    assert there.data == want, "the bytes are not zlib's"
    same((there.meta["content-encoding"], there.meta["x-amz-meta-sha256"]), ("gzip", hashlib.sha256(data).hexdigest()))
    same(sorted(sent_parts(server)), list(range(1, len(want) // PACKED_PART + 2)))
    same(counts(send(t, server.s3, "symbols", "build/big.pdb", "--compress", "gzip")), {"present": 1})
    same(server.count("POST", "uploads"), 1)


@case("--compress gzip of a large file that packs to little is one PUT; one that does not pack goes as it is")
def packed_or_not(t):
  holes = large(t, "holes.pdb", 100)
  noise = large(t, "noise.pdb", 1)
  with open(t.path("build/noise.pdb"), "r+b") as file:
    file.seek(20000)
    file.write(random.Random(3).randbytes(70 << 20))
  with Standing() as server:
    same(counts(send(t, server.s3, "symbols", "build", "--compress", "gzip")), {"stored": 2})
    there = server.buckets["symbols"]
    same((there[holes].meta["content-encoding"], gzip.decompress(there[holes].data) == t.read("build/holes.pdb")),
         ("gzip", True))
    same(("content-encoding" in there[noise].meta, there[noise].data == t.read("build/noise.pdb")), (False, True))
    same(server.count("POST", "uploads"), 1, "uploads in parts: the noise alone")


@case("--compress gzip of a large file: copied to its other paths, or packed anew for each; whole where nobody may look")
def packed_paths(t):
  library(t, b"".join(random.Random(i).randbytes(1 << 19) + bytes(1 << 19) for i in range(70)))
  data = t.read("build/libengine.so.1")
  rights = {"PutObject", "HeadObject", "GetObject", "ListObjects", "CreateUpload", "UploadPart", "CompleteUpload"}
  for allowed, uploads in (None, 1), (rights, 3), ({"PutObject"}, 0):
    with Standing() as server:
      server.allowed = allowed
      done = send(t, server.s3, "symbols", "build", "--compress", "gzip", "--for", "debuginfod,gdb,sentry")
      same((len(done.actions()), set(done.actions().values())), (3, {"stored"}))
      same(server.count("POST", "uploads"), uploads, f"uploads in parts where {allowed} is allowed")
      stored = server.buckets["symbols"]
      same(sorted(stored), sorted(done.actions()))
      assert all(there.data == stored[min(stored)].data and there.meta["content-encoding"] == "gzip"
                 for there in stored.values())
      same(gzip.decompress(stored[min(stored)].data) == data, True)


@case("a terminal shows how much of a large file is there, packed or not, before it is done")
def progress_in_parts(t):
  half_noise(t, "big.pdb", 100)
  for options in ["--compress", "gzip"], []:
    with Standing() as server:
      shown = threading.Event()

      def wait(handler, action):
        if action == "CompleteUpload":
          shown.wait(harness.TIMEOUT)
      server.faults.append(wait)
      on_terminal(t, "-t", "s3://symbols", "-f", "build/big.pdb", *options, env=environment(server.s3), then=shown.set,
                  until=rb"storing: 0 of 1 files, 100[.]0 MiB of 100[.]0 MiB, [^ ]* [KM]iB/s")
      same(server.count("POST", "uploads"), 1)


@case("parts that wait for their turn on a slow line are signed when they are sent")
def signed_late(t):
  key = large(t, "big.pdb", 100)
  with Standing() as server:
    server.skew = 5
    same(counts(send(t, server.s3, "symbols", "build/big.pdb", "-j", "1", "--limit-rate", "8M")), {"stored": 1})
    same(md5(server.buckets["symbols"][key].data), md5(t.read("build/big.pdb")))


@case("parts that waited until their keys had been renewed are sent with the new ones")
def renewed_meanwhile(t):
  key = large(t, "big.pdb", 100)
  with Standing() as server:
    def end(handler, action):
      if action == "UploadPart" and len(server.keys) == 2:
        time.sleep(2.5)
        server.keys["TEMP1"].expires = 1
      elif action == "UploadPart" and handler.query["partNumber"] == "2":
        time.sleep(1)  # meanwhile the keys are renewed
    server.faults.append(end)
    env = {"AWS_ENDPOINT_URL_S3": server.url, "AWS_CONTAINER_CREDENTIALS_FULL_URI": server.url + "/container",
           "AWS_CONTAINER_AUTHORIZATION_TOKEN": server.token}
    done = t.run("-t", "s3://symbols", "--format", "json", "build/big.pdb", "-j", "1", env=env)
    same((counts(done), server.handed_out), ({"stored": 1}, 2))
    same(md5(server.buckets["symbols"][key].data), md5(t.read("build/big.pdb")))
    same(sum(status == 400 for *_, status in server.requests), 2, "the part that was told, and the one under way then")


@case("a source that changes while its first parts travel leaves no object of two states, packed or not")
def changes(t):
  key = half_noise(t, "big.pdb", 120)
  for options, plain in ((["--compress", "gzip"], gzip.decompress), ([], bytes)):
    with Standing() as server:
      ended = []

      def change(handler, action):
        # Most of the file is not read yet: of parts that are not there four at most are under way.
        if action == "UploadPart" and not ended:
          ended.append(action)
          with open(t.path("build/big.pdb"), "r+b") as file:
            file.seek(-1000, os.SEEK_END)
            file.write(b"other bytes" if options else b"and others")
      server.faults.append(change)
      same(counts(send(t, server.s3, "symbols", "build/big.pdb", *options)), {"stored": 1}, options)
      there = server.buckets["symbols"][key]
      same(plain(there.data) == t.read("build/big.pdb"), True, "the bytes after it")
      same(there.meta["x-amz-meta-sha256"], sha256(t.path("build/big.pdb")))
      same((server.count("DELETE", "uploadId="), server.count("POST", "uploads"), server.parts), (1, 2, {}),
           f"uploads: aborted, begun, left, with {options}")


@case("--compress gzip: a part that is tried again has the same bytes; a lost upload is begun anew from the start")
def packed_retries(t):
  key = half_noise(t, "big.pdb", 80)
  with Standing() as server:
    bodies, lost = {}, []

    def fail(handler, action):
      if action != "UploadPart":
        return
      number = handler.query["partNumber"]
      bodies.setdefault(number, []).append(hashlib.sha256(handler.body).hexdigest())
      if len(bodies[number]) == 1:
        raise Refusal(500, "InternalError")
      if number == "4" and not lost:
        lost.append(number)
        server.parts.clear()
    server.faults.append(fail)
    done = send(t, server.s3, "symbols", "build/big.pdb", "--compress", "gzip")
    same(counts(done), {"stored": 1})
    assert all(len(sent) >= 2 and len(set(sent)) == 1 for sent in bodies.values()), bodies
    same(gzip.decompress(server.buckets["symbols"][key].data) == t.read("build/big.pdb"), True)
    same((lost, server.parts), (["4"], {}))


@case("--compress gzip: parts that a killed run left are not sent again, whatever is missing between them")
def packed_leftovers(t):
  key = half_noise(t, "big.pdb", 72)
  with Standing() as server:
    same(counts(send(t, server.s3, "symbols", "build/big.pdb", "--compress", "gzip")), {"stored": 1})
    data, meta = server.buckets["symbols"][key].data, server.buckets["symbols"][key].meta
    cut = {n + 1: data[n * PACKED_PART:][:PACKED_PART] for n in range(len(data) // PACKED_PART + 1)}
    last = max(cut)
    assert last >= 5, last
    now = time.time()
    other = {1: cut[1], 2: b"o" * PACKED_PART}
    ways = [2, last], [1, last + 1], [1, 2, 4], list(cut)
    for there in ways[:2] if t.sanitized else ways:
      mine = {n: cut.get(n, b"beyond the end") for n in there}
      ours = last + 1 not in mine
      taken_over = set(mine) if ours and mine else {1}
      server.buckets["symbols"].clear()
      server.requests.clear()
      server.parts.clear()
      server.parts.update({"theirs": ["symbols", key, meta, dict(other), now],
                           "same": ["symbols", key, meta, dict(mine), now],
                           "same-too": ["symbols", key, meta, {1: cut[1]}, now]})
      same(counts(send(t, server.s3, "symbols", "build/big.pdb", "--compress", "gzip")), {"stored": 1}, there)
      same(server.buckets["symbols"][key].data == data, True, there)
      same(sorted(sent_parts(server)), sorted(set(cut) - taken_over), f"parts that were sent, with {there} there")
      same(sorted(server.parts), ["theirs"] if ours else ["same", "theirs"], there)


def peak_kib(process_id):
  """The most memory that a running process has had so far; 0 when it has ended."""
  with open(f"/proc/{process_id}/status", encoding="ascii") as file:
    return max([int(line.split()[1]) for line in file if line.startswith("VmHWM")], default=0)


@case("--compress gzip of several large files at once over a slow line: memory stays below 64 MiB")
def packed_memory(t):
  keys = [half_noise(t, f"big{i}.pdb", 70) for i in range(2 if t.sanitized else 4)]
  with Standing() as server:
    run = t.start("-t", "s3://symbols", "build", "--compress", "gzip", "-j", "4", "--limit-rate", "24M", "-q",
                  env=environment(server.s3))
    peak = 0
    while run.poll() is None:
      peak = max(peak, peak_kib(run.pid))
      time.sleep(0.02)
    same((run.returncode, sorted(server.buckets["symbols"])), (0, sorted(keys)))
    for i, key in enumerate(keys):
      same(gzip.decompress(server.buckets["symbols"][key].data) == t.read(f"build/big{i}.pdb"), True)
    assert t.sanitized or 4 << 10 < peak < 64 << 10, f"{peak} KiB"


if __name__ == "__main__":
  sys.exit(0 if harness.run_cases(os.path.abspath(sys.argv[1]), sys.argv[2:]) else 1)
