#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`symbol-upload why` at real servers: a bucket is listed, a web server is asked for what is likely. TAP.

usage: test_why.py PROGRAM [CASE...]"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "../servers"), os.path.join(HERE, "../cli")]

import harness
from harness import CRASHY, build_id_of, case, guid_of, holds, lacks, same
from listener import nobody
from s3servers import Standing, ceph, environment, new_bucket
from servers import nginx
from small_server import SmallServer

GUID = guid_of("windows/crashy.pdb")
EXE = "crashy.exe/65F0C0DE3000/crashy.exe"
BUILD_ID = build_id_of("linux/crashy")
USER = ("--user", "symbols", "--password", "s3cret/pä:ss?")


def take_image(t):
  t.take("windows/crashy.exe")
  return t.read("build/crashy.exe")


def why(t, to, *args, status=1, env=None):
  """The answers: key -> object."""
  done = t.run("why", "--to", to, "--format", "json", *args, status=status, env=env)
  return {o["key"]: o for o in done.objects() if "action" in o}


def near(answer):
  same(answer["action"], "missing")
  return [(n["key"], n["code"]) for n in answer["near"]]


def bucket_cases(t, s3, bucket):
  """What is the same for every server of S3, below a prefix."""
  image, env = take_image(t), environment(s3)
  s3.put(bucket, f"win/{EXE}", image)
  answers = why(t, f"s3://{bucket}/win", "build/crashy.exe", env=env)
  same((answers[EXE]["action"], answers[EXE]["bytes"]), ("present", len(image)))
  same((near(answers[CRASHY]), "builds" in answers[CRASHY], "tried" in answers[CRASHY]), ([], False, False))
  for i in range(5):
    s3.put(bucket, f"win/crashy.pdb/{i:032X}1/crashy.pdb", b"x")
  answer = why(t, f"s3://{bucket}/win", "build/crashy.exe", env=env)[CRASHY]
  same((len(near(answer)), answer["builds"], near(answer)[0][1]), (3, 5, "other-build"))
  s3.put(bucket, f"win/{CRASHY.lower()}", b"x")
  s3.put(bucket, f"win/crashy.pdb/{GUID}2/crashy.pd_", b"x")
  s3.put(bucket, f"crashy.pdb/{GUID}3/crashy.pdb", b"x")  # not below the prefix
  answer = why(t, f"s3://{bucket}/win", CRASHY, env=env)[CRASHY]
  same(near(answer), [(CRASHY.lower(), "spelling"), (f"crashy.pdb/{GUID}2/crashy.pd_", "other-age")])
  s3.put(bucket, f"elf/buildid/{BUILD_ID[:32]}/executable", b"x")
  answers = why(t, f"s3://{bucket}/elf", BUILD_ID, env=env)
  same(near(answers[f"buildid/{BUILD_ID}/executable"]), [(f"buildid/{BUILD_ID[:32]}/executable", "cut")])


@case("stand-in: the bucket is listed below the name; nothing but HEAD and GET is asked")
def standin(t):
  with Standing() as server:
    bucket_cases(t, server.s3, "symbols")
    take_image(t)
    puts = server.count("PUT")
    lists = server.count("GET", "list-type=2")
    why(t, "s3://symbols/win", CRASHY, env=environment(server.s3))
    assert server.count("GET", "list-type=2") - lists <= 1 and server.count("PUT") == puts


@case("stand-in: thousands of builds are listed page by page")
def pages(t):
  with Standing() as server:
    for i in range(2100):
      server.s3.put("symbols", f"crashy.pdb/{i:032X}1/crashy.pdb", b"x")
    answer = why(t, "s3://symbols", CRASHY, env=environment(server.s3))[CRASHY]
    same((answer["builds"], len(answer["near"])), (2100, 3))


@case("Ceph: the same")
def on_ceph(t):
  bucket = new_bucket(ceph)
  bucket_cases(t, ceph.s3, bucket)


@case("nginx: likely paths are asked for by HEAD, which finds other ages, letters, tiers and readers")
def on_nginx(t):
  n = nginx()
  image, at = take_image(t), "/store/why/"

  def put(path):
    os.makedirs(os.path.dirname(n.path("root/store/why", path)), exist_ok=True)
    with open(n.path("root/store/why", path), "wb") as file:
      file.write(image)

  put(EXE)
  n.forget()
  answers = why(t, n.http(at), *USER, "build/crashy.exe")
  same((answers[EXE]["action"], near(answers[CRASHY])), ("present", []))
  assert 5 < answers[CRASHY]["tried"] < 40, answers
  assert set(n.methods()) <= {"HEAD", "GET", "OPTIONS", "PROPFIND"}, n.methods()
  assert len(n.asked()) < 60, n.asked()
  put(f"crashy.pdb/{GUID}2/crashy.pdb")
  put(CRASHY.lower())
  put("cr/" + CRASHY)
  put(f"crashy.pdb/{GUID}1/file.ptr")
  same(near(why(t, n.http(at), *USER, "build/crashy.exe")[CRASHY]),
       [(CRASHY.lower(), "spelling"), ("cr/" + CRASHY, "tier"), (f"crashy.pdb/{GUID}1/file.ptr", "pointer"),
        (f"crashy.pdb/{GUID}2/crashy.pdb", "other-age")])
  put(f".build-id/{BUILD_ID[:2]}/{BUILD_ID[2:]}")
  done = t.run("why", "--to", n.http(at), *USER, BUILD_ID, status=1)
  holds(done.out, "it lies where gdb asks for it", "the server cannot be listed")
  lacks(done.out + done.err, "s3cret")


@case("a server that is not there, or lets nobody in, is named once; one that answers all with a page, too")
def faults(t):
  take_image(t)
  with nobody() as dead:
    done = t.run("why", "--to", f"http://{dead}/store/", "build/crashy.exe", status=1)
  same((done.err.count("error: "), done.out), (1, ""))
  with SmallServer(user="symbols:hush") as server:
    done = t.run("why", "--to", server.url, "build/crashy.exe", status=1)
    holds(done.err, "401", "Log in with --user NAME:PASSWORD")
    server.answer = lambda method, path: (200, {}, b"<html>")
    holds(t.run("why", "--to", server.url, "build/crashy.exe", status=1).err, "answered as if it were there")


if __name__ == "__main__":
  sys.exit(0 if harness.run_cases(os.path.abspath(sys.argv[1]), sys.argv[2:]) else 1)
