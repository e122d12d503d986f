# SPDX-License-Identifier: MIT
"""What a delivery to servers keeps to, whatever comes: memory, descriptors, requests, faults."""
import collections
import hashlib
import os
import random
import re
import shutil
import subprocess
import threading
import time

from measuring import PEAK_FILE_BYTES, READERS, SYMBOLS
from remote import PEAK_BASE_KIB, Nginx, ceph, null_server, ours_to_s3, pdb_with, pdbs, s3_variables
from faulty import Faulty  # which remote.py has made known


def verdict(reached):
    return "reached" if reached else "**missed**"


def row(*cells):
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def table(*heads):
    print()
    row(*heads)
    row(*("---" for _ in heads))


def one_large(bench, name, size):
    """A folder with a PDB of that size, most of it a hole."""
    folder = os.path.join(bench.memory, name)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name + ".pdb"), "wb") as file:
        file.write(pdb_with("0123456789ABCDEF0123456789ABCDEF", 0))
        file.truncate(size)
    return folder


def some_noise(bench, name, count, size):
    """A folder with so many PDBs of that size, which pack to half of it."""
    folder = os.path.join(bench.memory, name)
    os.makedirs(folder, exist_ok=True)
    noise = random.Random(name).randbytes(1 << 19)
    for i in range(count):
        with open(os.path.join(folder, f"{name}{i}.pdb"), "wb") as file:
            file.write(pdb_with(hashlib.md5(f"{name} {i}".encode()).hexdigest().upper(), 0))
            for at in range(1 << 20, size, 1 << 20):
                file.seek(at)
                file.write(noise)
            file.truncate(size)
    return folder


# ---------------------------------------------------------------- memory --

def remote_memory(bench):
    """The peak with a file of 5 GiB, in parts and whole, packed on the way, and with 20,000 files."""
    small = bench.corpus("small")
    receipt = os.path.join(bench.memory, "receipt")
    table("peak of memory", "files", "wall s", "peak MiB", "goal MiB", "")
    with null_server(bench) as server, Nginx(bench) as nginx:
        large = one_large(bench, "large", 5 << 30)
        noise = some_noise(bench, "noise", 16, 128 << 20)
        to_nginx = [bench.program, "-q", "-d", one_large(bench, "gigabyte", 1 << 30), "-f", SYMBOLS,
                    "-t", f"http://127.0.0.1:{nginx.plain}/"]
        for what, files, command in (
                ("5 GiB to S3, in parts", 1, ours_to_s3(bench, large, server.port, None).command),
                ("5 GiB to S3, --compress gzip", 1,
                 ours_to_s3(bench, large, server.port, None, "--compress", "gzip").command),
                ("128 MiB to S3, --compress gzip, to half", 16,
                 ours_to_s3(bench, noise, server.port, None, "--compress", "gzip").command),
                ("the same with -j 2", 16,
                 ours_to_s3(bench, noise, server.port, None, "--compress", "gzip", "-j", "2").command),
                ("1 GiB by one PUT over HTTP", 1, to_nginx),
                ("small to S3, all readers, receipt, JSON", 20000,
                 ours_to_s3(bench, small, server.port, None, "--for", READERS, "--receipt", receipt,
                            "--format", "json").command)):
            server.forget()
            timing = bench.measure(command)
            goal = PEAK_BASE_KIB / 1024 + files * PEAK_FILE_BYTES / (1 << 20)
            row(what, files, f"{timing.wall:.2f}", f"{timing.peak_kib / 1024:.1f}", f"< {goal:.1f}",
                verdict(timing.status == 0 and timing.peak_kib / 1024 < goal))
    print()


def remote_limit(bench):
    """With 256 descriptors nothing is lost on the way to a server."""
    corpus, expected = pdbs(bench, 10_000)
    limited = ["sh", "-c", 'ulimit -n 256 && exec "$@"', "sh"]
    with null_server(bench) as server, Nginx(bench) as nginx:
        timing = bench.measure([*limited, *ours_to_s3(bench, corpus, server.port, None).command])
        to_s3 = server.counts()["PUT"]
        https = bench.measure([*limited, bench.program, "-q", "-d", corpus, "-f", SYMBOLS, "--cacert", nginx.ca, "-t",
                               f"https://localhost:{nginx.port}/"])
        to_nginx = nginx.stored() == expected
    reached = timing.status == https.status == 0 and to_s3 >= 10_000 and to_nginx
    print(f"\nulimit -n 256, 10,000 files: exit status {timing.status} to S3, with {to_s3} PUTs, and {https.status} over "
          f"HTTP/2, where {'all' if to_nginx else 'not all'} are there byte for byte: {verdict(reached)}\n")


# -------------------------------------------------------------- requests --

METHODS = ("PUT", "POST", "HEAD", "GET")


def asked_of_ceph(client, skip):
    """Counts of the methods in the log from line `skip` on, and the lines so far."""
    time.sleep(0.5)
    with open(client.log, encoding="utf-8", errors="replace") as file:
        lines = file.readlines()
    found = re.findall(r'beast: .*"([A-Z]+) \S+ HTTP/1\.[01]" \d+', "".join(lines[skip:]))
    return collections.Counter(found), len(lines)


def some_large(bench):
    """1,000 small files, and 20 of 2 MiB that come after them."""
    folder = os.path.join(bench.memory, "both")
    shutil.copytree(pdbs(bench, 1000)[0], os.path.join(folder, "a"))
    for i in range(20):
        os.makedirs(os.path.join(folder, "z"), exist_ok=True)
        with open(os.path.join(folder, f"z/large{i}.pdb"), "wb") as file:
            file.write(pdb_with(hashlib.md5(f"large {i}".encode()).hexdigest().upper(), 2 << 20))
    return folder


def requests(bench):
    """How many requests an object costs, when it is new and when it is there."""
    small, _ = pdbs(bench, 10_000)
    journal = os.path.join(bench.memory, "journal")
    table("requests", *METHODS, "bytes of bodies", "goal", "")
    with null_server(bench) as server:
        # As many HEADs as there are workers come before it is known that the server keeps conditions; a large
        # object that comes alone is looked at afterwards, too, for nothing small has taught that.
        for what, corpus, most in (("10,000 new small objects", small, {"PUT": 10_001, "HEAD": 16}),
                                   ("1,000 small ones, 20 of 2 MiB", some_large(bench), {"PUT": 1021, "HEAD": 36}),
                                   ("one of 2 MiB alone", one_large(bench, "two", 2 << 20), {"PUT": 1, "HEAD": 2})):
            server.forget()
            bench.measure(ours_to_s3(bench, corpus, server.port, None).command)
            counts = server.counts()
            goal = ", ".join(f"{name} <= {number}" for name, number in most.items())
            row(what, *(counts[name] - (name == "GET") for name in METHODS), counts["bytes"], goal,
                verdict(all(counts[name] <= number for name, number in most.items())))
    with ceph(bench) as client:
        ours = ours_to_s3(bench, small, client.port, None).command
        _, line = asked_of_ceph(client, 0)
        for what, options, goal, most in (("10,000 to radosgw", [], "", None),
                                          ("the same again", [], "no PUT", 0),
                                          ("the same with --journal", ["--journal", journal], "no PUT", 0),
                                          ("and again with --journal", ["--journal", journal], "no request", -1)):
            bench.measure([*ours, *options])
            counts, line = asked_of_ceph(client, line)
            asked = sum(counts.values()) if most == -1 else counts["PUT"]
            row(what, *(counts[name] for name in METHODS), "", goal, "" if most is None else verdict(asked == 0))
    print()


# ---------------------------------------------------------------- faults --

KINDS = (("reset", {}), ("answer", {"status": 500}), ("answer", {"status": 429}), ("truncate", {}), ("stall", {}))


def run_through(bench, corpus, port, options):
    """A delivery through a proxy that lets 5 % of all requests fail: (its exit status, requests, faults)."""
    with Faulty(f"127.0.0.1:{port}") as faulty:
        for kind, how in KINDS:
            faulty.fail(kind, share=0.0102, **how)
        variables = {**os.environ, **s3_variables(faulty.port)}
        variables.pop("AWS_CA_BUNDLE", None)
        command = [word.replace("PROXY", faulty.url) for word in options]
        status = subprocess.run([bench.program, "-q", "-d", corpus, "-f", SYMBOLS, "--stall-timeout", "3", *command],
                                env=variables, check=False).returncode
        kinds = collections.Counter(kind for _, _, _, kind in faulty.log)
        return status, len(faulty.log), sum(kinds.values()) - kinds[""]


def tell_faults(what, expected, begun, done, found):
    status, asked, failed = done
    there = sum(found.get(path) == value for path, value in expected.items())
    table("5 % faults, 5,000 files", "requests", "of them failed", "wall s", "exit status", "there, byte for byte", "")
    row(what, asked, f"{failed} ({100 * failed / asked:.1f} %)", f"{time.monotonic() - begun:.0f}", status,
        f"{there} of {len(expected)}", verdict(status == 0 and found == expected))
    print()


def faults(bench):
    """5 % of all requests fail over 5,000 files to nginx: everything lands, byte for byte."""
    corpus, expected = pdbs(bench, 5000)
    with Nginx(bench) as nginx:
        begun = time.monotonic()
        done = run_through(bench, corpus, nginx.plain, ["-t", "PROXY/"])
        tell_faults("nginx", expected, begun, done, nginx.stored())


def faults_s3(bench):
    """The same to radosgw."""
    corpus, expected = pdbs(bench, 5000)
    with ceph(bench) as client:
        begun = time.monotonic()
        done = run_through(bench, corpus, client.port, ["-t", "s3://symbols/"])
        found = {key: hashlib.sha256(client.get("symbols", key)).hexdigest() for key in client.keys("symbols")}
        tell_faults("radosgw", expected, begun, done, found)


CALM_S, BUSY_S = 1, 10
SLOW_DOWN = "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"


def slow_down(bench):
    """A server that answers 503 SlowDown to half of all requests for a while: the rate by the second."""
    corpus, _ = pdbs(bench, 20_000)
    with null_server(bench) as server, Faulty(f"127.0.0.1:{server.port}") as faulty:
        timers = [threading.Timer(CALM_S, lambda: faulty.fail("answer", share=0.5, status=503, body=SLOW_DOWN)),
                  threading.Timer(CALM_S + BUSY_S, lambda: faulty.rules.clear())]
        for timer in timers:
            timer.start()
        timing = bench.measure(ours_to_s3(bench, corpus, faulty.port, None).command)
        for timer in timers:
            timer.cancel()
        log, stored = list(faulty.log), server.counts()["PUT"]
    table("second", "requests", "refused by 503")
    start = log[0][0]
    for second in range(int(log[-1][0] - start) + 1):
        kinds = [kind for at, _, _, kind in log if int(at - start) == second]
        row(second, len(kinds), sum(kind != "" for kind in kinds))
    print(f"\nFrom second {CALM_S} to {CALM_S + BUSY_S} half of all requests are refused. Exit status {timing.status}, "
          f"{stored} PUTs for 20,000 files.\n")


FIGURES = (remote_memory, remote_limit, requests, faults, faults_s3, slow_down)
