# SPDX-License-Identifier: MIT
"""The figures of remote targets: what a delivery costs the machine it comes from, against other
clients. What it bears is in bounds.py."""
import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import time
import urllib.parse
import urllib.request

from measuring import ROOT, SYMBOLS, Contender

sys.path += [os.path.join(ROOT, "tests", folder) for folder in ("cli", "remote", "servers")]
from harness import pdb_with
from s3client import S3

SERVERS = os.path.join(ROOT, "tests/servers")
ENDINGS = SYMBOLS[SYMBOLS.index("{") + 1:-1].split(",")
PEAK_BASE_KIB = 64 << 10
NULL_PORT, NGINX_PORT, CEPH_PORT = 4580, 4590, 4600
KEYS = {"AWS_ACCESS_KEY_ID": "SYMBOLSACCESSKEY", "AWS_SECRET_ACCESS_KEY": "symbols/secret+key0123456789abcdefghijkl",
        "AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"}


class Running:
    """A program that serves on a port of this machine while the figure is made."""

    def __init__(self, command, port):
        self.port = port
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        for _ in range(100):
            try:
                self.ask("/counts")
                return
            except OSError:
                time.sleep(0.05)
        sys.exit(f"{command} does not listen")

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.process.terminate()
        self.process.wait()

    def ask(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}") as answer:
            return answer.read().decode()

    def forget(self):
        self.ask("/forget")

    def counts(self):
        """{"PUT": 3, ...}, without the question itself."""
        words = self.ask("/counts").split()
        return dict(zip(words[::2], map(int, words[1::2])))


def null_server(bench, port=NULL_PORT):
    return Running([bench.floor("null-server", "floors/objects.c"), str(port)], port)


NGINX_CONF = """
worker_processes 1; daemon on; pid {folder}/pid; error_log {folder}/errors; {user}
events {{ worker_connections 512; }}
http {{
    access_log off; keepalive_requests 100000; client_max_body_size 8g; client_body_temp_path {folder}/tmp;
    proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    root {folder}/root; dav_methods PUT; create_full_put_path on;
    server {{ listen 127.0.0.1:{port} ssl http2; ssl_certificate {folder}/tls/server.pem;
              ssl_certificate_key {folder}/tls/server.key; }}
    server {{ listen 127.0.0.1:{plain}; }}
}}
"""


class Nginx:
    """nginx in memory: HTTP/2 with TLS, and plain HTTP one port further."""

    def __init__(self, bench):
        self.folder = os.path.join(bench.memory, "nginx")
        self.port, self.plain = NGINX_PORT, NGINX_PORT + 1
        self.root, self.ca = os.path.join(self.folder, "root"), os.path.join(self.folder, "tls/ca.pem")
        os.makedirs(self.root)
        subprocess.run([os.path.join(SERVERS, "certs.sh"), os.path.join(self.folder, "tls")], check=True)
        with open(os.path.join(self.folder, "conf"), "w", encoding="ascii") as file:
            file.write(NGINX_CONF.format(folder=self.folder, port=self.port, plain=self.plain,
                                         user="user root;" if os.getuid() == 0 else ""))
        self.call()

    def call(self, *more):
        subprocess.run(["nginx", "-e", f"{self.folder}/errors", "-p", self.folder, "-c", f"{self.folder}/conf", *more],
                       check=True)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.call("-s", "quit")
        time.sleep(0.5)
        shutil.rmtree(self.folder)

    def forget(self):
        shutil.rmtree(self.root)
        os.mkdir(self.root)

    def stored(self):
        """path -> SHA-256 of all that came."""
        found = {}
        for folder, _, names in os.walk(self.root):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    path = os.path.relpath(os.path.join(folder, name), self.root)
                    found[path] = hashlib.sha256(file.read()).hexdigest()
        return found


@contextlib.contextmanager
def ceph(bench):
    """radosgw with its objects in memory, and a bucket `symbols`: its folder."""
    script, folder = os.path.join(SERVERS, "radosgw.sh"), os.path.join(bench.memory, "ceph")
    try:
        subprocess.run([script, "start", folder, str(CEPH_PORT)], check=True, stdout=subprocess.DEVNULL)
        client = S3(CEPH_PORT, KEYS["AWS_ACCESS_KEY_ID"], KEYS["AWS_SECRET_ACCESS_KEY"])
        client.make("symbols")
        client.log = os.path.join(folder, "log/client.rgw.log")
        yield client
    finally:
        subprocess.run([script, "stop", folder], check=True)
        shutil.rmtree(folder, ignore_errors=True)


# ------------------------------------------------------------------ corpora --

def pdbs(bench, count):
    """So many PDBs of 14 KB: (their folder, path in the store -> SHA-256)."""
    folder, expected = os.path.join(bench.memory, f"pdbs{count}"), {}
    for i in range(count):
        guid = hashlib.md5(str(i).encode()).hexdigest().upper()
        data = pdb_with(guid, 14_000)
        path = os.path.join(folder, f"part{i % 50}", f"module{i}.pdb")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)
        expected[f"module{i}.pdb/{guid}1/module{i}.pdb"] = hashlib.sha256(data).hexdigest()
    return folder, expected


# -------------------------------------------------------------- contenders --

def with_environment(variables, *command):
    return ["env", "-u", "AWS_CA_BUNDLE", *(f"{name}={value}" for name, value in variables.items()), *command]


def s3_variables(port):
    return {**KEYS, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}


def ours_to_s3(bench, corpus, port, prepare, *options):
    command = with_environment(s3_variables(port), bench.program, "-q", "-d", corpus, "-f", SYMBOLS,
                               "-t", "s3://symbols/store", *options)
    return Contender("symbol-upload", command, prepare)


def warmed(corpus, prepare):
    """Before each turn: also reads all files, for rclone drops those that it has read from memory."""
    names = symbol_files(corpus)

    def both():
        prepare()
        for name in names:
            with open(name, "rb") as file:
                while file.read(1 << 20):
                    pass
    return both


def symbol_files(corpus):
    found = [os.path.join(folder, name) for folder, _, names in os.walk(corpus) for name in names]
    return sorted(path for path in found if path.rsplit(".", 1)[-1] in ENDINGS)


def curl_config(bench, name, corpus, url):
    """A file of curl's options that puts every symbol file, so that it need not look for them."""
    path = os.path.join(bench.memory, name)
    with open(path, "w", encoding="utf-8") as file:
        for source in symbol_files(corpus):
            at = urllib.parse.quote(os.path.relpath(source, corpus))
            file.write(f'upload-file = "{source}"\nurl = "{url}{at}"\n')
    return path


def curl_looking(bench, name, corpus, url, ca):
    """The same with the two looks that a server without conditions and proofs costs us."""
    path, requests = os.path.join(bench.memory, name), []
    for source in symbol_files(corpus):
        at = urllib.parse.quote(os.path.relpath(source, corpus))
        for what in ("head", f'upload-file = "{source}"', "head"):
            requests.append(f'{what}\nurl = "{url}{at}"\ncacert = "{ca}"\nsilent\noutput = "/dev/null"\n')
    with open(path, "w", encoding="utf-8") as file:
        file.write("next\n".join(requests))
    return path


def curl_to_s3(bench, corpus, port, prepare):
    config = curl_config(bench, "curl", corpus, f"http://127.0.0.1:{port}/symbols/curl/")
    return Contender("curl --parallel-max 8, unsigned", ["curl", "-s", "--parallel", "--parallel-max", "8", "-K", config],
                     prepare)


def rclone_to_s3(corpus, port, prepare):
    variables = {"RCLONE_CONFIG_N_TYPE": "s3", "RCLONE_CONFIG_N_PROVIDER": "Other",
                 "RCLONE_CONFIG_N_ACCESS_KEY_ID": KEYS["AWS_ACCESS_KEY_ID"],
                 "RCLONE_CONFIG_N_SECRET_ACCESS_KEY": KEYS["AWS_SECRET_ACCESS_KEY"],
                 "RCLONE_CONFIG_N_ENDPOINT": f"http://127.0.0.1:{port}", "RCLONE_CONFIG": "/dev/null"}
    command = with_environment(variables, "rclone", "copy", "--s3-no-head", "--ignore-checksum",
                               "--include", "*.{" + ",".join(ENDINGS) + "}", corpus, "n:symbols/rclone")
    return Contender("rclone", command, prepare)


def aws_to_s3(corpus, port, prepare):
    endings = [word for ending in ENDINGS for word in ("--include", "*." + ending)]
    command = with_environment({**KEYS, "AWS_CONFIG_FILE": "/dev/null"}, "/usr/bin/aws", "--endpoint-url",
                               f"http://127.0.0.1:{port}", "s3", "cp", "--recursive", "--only-show-errors",
                               "--exclude", "*", *endings, corpus, "s3://symbols/aws")
    return Contender("aws s3 cp --recursive", command, prepare)


# ---------------------------------------------------------------- figures --

def against_all(bench, shape, curl_goal, rclone_goal, aws_goal, less_cpu):
    corpus = bench.corpus(shape)
    with null_server(bench) as server:
        anew = warmed(corpus, server.forget)
        ours = ours_to_s3(bench, corpus, server.port, anew)
        for theirs, goal, runs, less in (
                (curl_to_s3(bench, corpus, server.port, anew), curl_goal, bench.runs, False),
                (rclone_to_s3(corpus, server.port, anew), rclone_goal, min(bench.runs, 5), less_cpu),
                (aws_to_s3(corpus, server.port, anew), aws_goal, min(bench.runs, 2), less_cpu)):
            bench.compare(f"{shape}, null server", ours, theirs, goal, files=2000, runs=runs,
                          peak_base_kib=PEAK_BASE_KIB, less_cpu=less)


def s3_small(bench):
    """2,000 small objects signed for S3, to a server that throws them away."""
    against_all(bench, "small2k", 1.3, -3, -25, False)


def s3_mixed(bench):
    """3 GB in 2,000 objects likewise."""
    against_all(bench, "mixed", 1.5, -3, -10, True)


def s3_ceph(bench):
    """The small objects to Ceph's radosgw."""
    corpus = bench.corpus("small2k")
    with ceph(bench) as client:
        turns = iter(range(1000))

        def anew(contender):
            """Each turn goes to a prefix of its own."""
            command = contender.command
            where = next(i for i, word in enumerate(command) if ":symbols/" in word or "s3://" in word)
            stem = command[where]

            def prepare():
                command[where] = f"{stem}-{next(turns)}"
            return contender._replace(prepare=warmed(corpus, prepare))
        for theirs in (rclone_to_s3(corpus, client.port, None), aws_to_s3(corpus, client.port, None)):
            bench.compare("small2k, radosgw", anew(ours_to_s3(bench, corpus, client.port, None)), anew(theirs), None,
                          files=2000, runs=min(bench.runs, 3), peak_base_kib=PEAK_BASE_KIB)


def h2(bench):
    """10,000 small objects over HTTP/2 and TLS to nginx, against curl with as many at once."""
    corpus, _ = pdbs(bench, 10_000)
    with Nginx(bench) as nginx:
        url = f"https://localhost:{nginx.port}/"
        ours = Contender("symbol-upload", [bench.program, "-q", "-d", corpus, "-f", SYMBOLS, "-t", url, "--cacert", nginx.ca],
                         nginx.forget)
        config = curl_config(bench, "curl", corpus, url)
        theirs = Contender("curl --parallel-max 16", ["curl", "-s", "--parallel", "--parallel-max", "16", "--cacert",
                                                      nginx.ca, "-K", config], nginx.forget)
        bench.compare("10,000 objects, HTTP/2, nginx", ours, theirs, 1.0, files=10_000, peak_base_kib=PEAK_BASE_KIB)
        looking = curl_looking(bench, "curl-looking", corpus, url, nginx.ca)
        theirs = Contender("curl, HEAD, PUT and HEAD as ours", ["curl", "-s", "--parallel", "--parallel-max", "16", "-K", looking],
                           nginx.forget)
        bench.compare("10,000 objects, HTTP/2, nginx", ours, theirs, None, files=10_000, runs=min(bench.runs, 3),
                      peak_base_kib=PEAK_BASE_KIB)


def put(bench):
    """The floor of an upload, by curl as the rival."""
    corpus = bench.corpus("small2k")
    names = os.path.join(bench.memory, "names")
    with open(names, "wb") as file:
        file.write(b"".join(name.encode() + b"\0" for name in symbol_files(corpus)))
    with null_server(bench) as server:
        floor = Contender("floor-put, 8 connections", ["sh", "-c", f'exec "$0" {server.port} b 8 <"$1"', bench.floor("put"),
                                                       names], server.forget)
        bench.compare("curl, small2k", curl_to_s3(bench, corpus, server.port, server.forget), floor, None)


FIGURES = (s3_small, s3_mixed, s3_ceph, h2, put)
