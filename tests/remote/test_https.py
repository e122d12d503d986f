#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Delivery to HTTPS servers: certificates, credentials, redirects, proxies, connections. TAP.

usage: test_https.py PROGRAM [CASE...]"""
import os
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "../cli"), os.path.join(HERE, "../servers")]

import harness
from faulty import Cut, Faulty
from harness import case, corpus, holds, lacks, same
from httpcases import (NGINX_PASSWORD, NGINX_USER, NGINX_IN_URL, APACHE_USER, SECRETS, fresh, send,
                       take_two, counts, errors)
from listener import Listener, nobody
from servers import apache, nginx, squid
from socks import Socks


@case("files arrive byte for byte over TLS, and a second run sends no body")
def tls(t):
  server, at = nginx(), fresh("/store/")
  expected = take_two(t)
  for stored in (2, 0):
    server.forget()
    done = send(t, server.https(at), "--cacert", server.path("tls/ca.pem"), *NGINX_USER)
    same(counts(done), {"stored": 2} if stored else {"present": 2})
    same(server.methods().count("PUT"), stored, "bodies sent")
    same(server.stored(at), expected)
  holds(done.out, "by its size alone")
  lacks(done.err, "size alone")  # a remark, no warning


@case("credentials in the address are used, decoded, and never shown")
def credentials_in_address(t):
  server, at = nginx(), fresh("/store/")
  take_two(t)
  done = send(t, server.http(at).replace("://", "://" + NGINX_IN_URL), env={"SYMBOL_UPLOAD_TOKEN": "tok-123"})
  same(counts(done), {"stored": 2})
  holds(done.err, "plain http://")
  assert all(o["target"] == server.http(at) for o in done.objects() if "target" in o), done.out


@case("the address may name the user alone: the password is an option, or stands in ~/.netrc")
def user_in_address(t):
  server = nginx()
  take_two(t)
  t.write(".netrc", f"machine 127.0.0.1 login other password wrong\n"
                    f"machine 127.0.0.1 login symbols password \"{NGINX_PASSWORD}\"\n")
  for args, more in ((("--password", NGINX_PASSWORD), {}), ((), {"env": {"SYMBOL_UPLOAD_PASSWORD": NGINX_PASSWORD}}),
                     (("--netrc",), {})):
    at = server.http(fresh("/store/"))
    same(counts(send(t, at.replace("://", "://symbols@"), *args, **more)), {"stored": 2})
  same(counts(send(t, server.http(fresh("/store/")), "--user", "symbols", "--netrc")), {"stored": 2})
  send(t, server.http(fresh("/store/")), "--user", "symbols:wrong", "--netrc", status=1)  # the nearer one counts
  send(t, server.http(fresh("/store/")), "--netrc", status=1)  # the first of the file
  at = server.http(fresh("/f/away/"))  # another port: it is told nothing
  send(t, at.replace("://", "://symbols@"), "--netrc", "--cacert", server.path("tls/ca.pem"), status=1)


@case("a name and password of ~/.netrc are used with --netrc, and only then")
def netrc(t):
  server = nginx()
  take_two(t)
  t.write(".netrc", f"machine 127.0.0.1 login symbols password \"{NGINX_PASSWORD}\"\n")
  send(t, server.http(fresh("/store/")), status=1)
  same(counts(send(t, server.http(fresh("/store/")), "--netrc")), {"stored": 2})


@case("a bearer token opens what wants one; without it the refusal is named")
def bearer(t):
  server, at = nginx(), fresh("/bearer/")
  expected = take_two(t)
  done = send(t, server.https(at), "--cacert", server.path("tls/ca.pem"), status=1)
  holds(errors(done), "401", "wants credentials")
  send(t, server.https(at), "--cacert", server.path("tls/ca.pem"), "--bearer", "tok-123")
  same(server.stored(at), expected)
  at = fresh("/bearer/")
  send(t, server.http(at), "--header", "Authorization: Bearer tok-123")
  same(server.stored(at), expected)
  at = fresh("/bearer/")  # a CI system's secret that was pasted with its line's end
  send(t, server.https(at), "--cacert", server.path("tls/ca.pem"), env={"SYMBOL_UPLOAD_TOKEN": "tok-123\r\n"})
  for token in "tok-123\nX-Other: 1", "tok 123", "\ufefftok-123":
    done = send(t, server.https(at), "--cacert", server.path("tls/ca.pem"), status=2, env={"SYMBOL_UPLOAD_TOKEN": token})
    holds(done.err, "SYMBOL_UPLOAD_TOKEN", "the token holds a blank, a line's end or a letter that is not ASCII")


@case("a client certificate opens what wants one; without it the refusal is named")
def client_certificate(t):
  for server, user in ((nginx(), NGINX_USER), (apache(), APACHE_USER)):
    at = fresh("/store/")
    expected = take_two(t)
    tls_args = ("--cacert", server.path("tls/ca.pem"), *user)
    done = send(t, server.https(at, 2), *tls_args, "--retries", "0", status=1)
    if server is nginx():
      holds(errors(done), "No required SSL certificate")
    else:  # the server's alert is not always read before the connection is gone
      assert "wants a client certificate" in errors(done) or "was lost" in errors(done), errors(done)
    rogue = ("--cert", server.path("tls/rogue.pem"), "--key", server.path("tls/rogue.key"))
    send(t, server.https(at, 2), *tls_args, *rogue, "--retries", "0", status=1)
    good = ("--cert", server.path("tls/client.pem"), "--key", server.path("tls/client.key"))
    send(t, server.https(at, 2), *tls_args, *good)
    same(server.stored(at), expected)
    t.write("bad.pem", b"no certificate")
    done = send(t, server.https(at, 2), *tls_args, "--cert", t.path("bad.pem"), status=1)
    holds(errors(done), "client certificate")
  locked = t.path("locked.key")
  subprocess.run(["openssl", "pkey", "-in", server.path("tls/client.key"), "-out", locked, "-aes256", "-passout",
                  "pass:tok-123"], check=True, capture_output=True)
  locked = (*tls_args, "--cert", server.path("tls/client.pem"), "--key", locked)
  send(t, server.https(fresh("/store/"), 2), *locked, env={"SYMBOL_UPLOAD_KEY_PASSWORD": "tok-123"})
  done = send(t, server.https(fresh("/store/"), 2), *locked, "--key-password", "wr0ng", status=1)
  holds(errors(done), "client certificate cannot be used")
  lacks(done.out + done.err, "wr0ng")
  done = send(t, server.https(fresh("/store/"), 2), *locked, status=1)
  holds(errors(done), "client certificate cannot be used")
  lacks(done.err, "pass phrase")


@case("expired, foreign and unknown certificates are refused at once and named; --insecure warns")
def untrusted(t):
  server, at = nginx(), fresh("/store/")
  expected = take_two(t)
  ca = ("--cacert", server.path("tls/ca.pem"))
  for port, args, words in ((3, ca, "expired"), (4, ca, "no alternative certificate subject name"),
                            (1, (), "local issuer certificate")):
    done = send(t, server.https(at, port), *args, *NGINX_USER, status=1)
    holds(errors(done), f"localhost:{server.port + port}", "not trusted", words)
    same(counts(done), {"failed": 2})
    lacks(errors(done), "tried")
  for port in (3, 4):
    done = send(t, server.https(at, port), "--insecure", *NGINX_USER)
    holds(done.err, "--insecure")
  same(server.stored(at), expected)
  for variable in "CURL_CA_BUNDLE", "SSL_CERT_FILE":
    send(t, server.https(at), *NGINX_USER, env={variable: server.path("tls/ca.pem")})
  t.write("bad.pem", b"no certificate")
  done = send(t, server.https(at), "--cacert", t.path("bad.pem"), *NGINX_USER, status=1)
  holds(errors(done), "file of trusted certificates")


@case("wrong credentials are named and not tried for every file")
def wrong_password(t):
  server = nginx()
  corpus(t, 60, 1000)
  server.forget()
  done = send(t, server.http("/store/x/"), "--user", "symbols:wr0ng", status=1)
  same(counts(done), {"failed": 60})
  holds(errors(done), "401")
  lacks(done.out + done.err, "wr0ng")
  assert len(server.asked()) < 40, len(server.asked())


@case("307 is followed; to another server the credentials do not go along")
def redirects(t):
  server, at = nginx(), fresh("")
  expected = take_two(t)
  done = send(t, server.http("/f/307/" + at), *NGINX_USER)
  same(counts(done), {"stored": 2})
  same(server.stored("/store/" + at), expected)
  server.forget()
  done = send(t, server.http("/f/away/" + at + "x/"), *NGINX_USER, "--header", "X-Api-Key: aGVsbG8",
              "--cacert", server.path("tls/ca.pem"), status=1)
  holds(errors(done), "redirects to another host or port, which is told no credentials", "401")
  t.write(".netrc", f"default login symbols password \"{NGINX_PASSWORD}\"\n")  # for whatever host: not for this one
  done = send(t, server.http("/f/away/" + at + "y/"), "--netrc", "--cacert", server.path("tls/ca.pem"), status=1)
  holds(errors(done), "redirects to another host or port, which is told no credentials", "401")
  assert all(user == "-" for user, _, path, _ in server.asked() if path.startswith("/store/")), server.asked()


@case("302 to an upload is refused with the address to use")
def redirected_upload(t):
  server = nginx()
  take_two(t)
  with Faulty() as other:
    other.fail("answer", status=404, methods="HEAD")
    other.fail("answer", status=302, methods="PUT", headers={"Location": "https://sso.example.com/login?t=aGVsbG8"})
    done = send(t, other.url + "/", status=1)
    holds(errors(done), "redirects (302) to https://sso.example.com/login", "use that address")
  with Faulty() as other:
    other.fail("answer", status=308, methods="HEAD", headers={"Location": other.url + "/"})
    holds(errors(send(t, other.url + "/", status=1)), "in a circle")
  done = send(t, server.https("/f/302/" + fresh("")), *NGINX_USER, "--cacert", server.path("tls/ca.pem"), status=1)
  holds(errors(done), "redirects (302)")
  done = send(t, server.https("/f/down/" + fresh("")), *NGINX_USER, "--cacert", server.path("tls/ca.pem"), status=1)
  holds(errors(done), f"redirects (307) to http://127.0.0.1:{server.port}/store/", "not encrypted")


@case("a key and a token never reach the server that a redirect names")
def secret_headers(t):
  take_two(t)
  with Faulty() as first, Faulty() as second:
    first.fail("answer", status=307, headers={"Location": second.url + "/there"})
    second.fail("answer", status=404, methods="HEAD", times=3)
    send(t, first.url + "/", "--header", "X-Api-Key: aGVsbG8", "--bearer", "tok-123", status=None)
    told = "\n".join(line for head in first.heads for line in head)
    holds(told, "X-Api-Key: aGVsbG8", "Authorization: Bearer tok-123")
    told = "\n".join(line for head in second.heads for line in head)
    holds(told, "Content-Type: application/octet-stream")
    lacks(told, *SECRETS)
    assert any(method == "PUT" for _, method, _, _ in second.log)


@case("symbol-upload.yaml: targets by name, each with its own ways, secrets out of the environment")
def configuration(t):
  n, a, nat, aat = nginx(), apache(), fresh("/store/"), fresh("/store/")
  expected = take_two(t)
  t.take("linux/libengine.so.1", "build/libengine.so")
  t.write("symbol-upload.yaml", f"""files: "build/*"
to: [windows, linux, folder]
retries: 1
targets:
  windows:
    to: {n.https(nat)}
    cacert: {n.path("tls/ca.pem")}
    user: symbols
    password: ${{NGINX_PASSWORD}}
    for: windbg
  linux:
    to: http://symbols:${{APACHE_PASSWORD}}@127.0.0.1:{a.port}{aat}
    for: debuginfod
    existing: keep
  folder: file://{t.path("store")}
  elsewhere:
    to: https://${{NO_SUCH_VARIABLE}}/
""")
  secrets = {"NGINX_PASSWORD": NGINX_PASSWORD, "APACHE_PASSWORD": "s3cret"}
  for word, env in ("stored", {}), ("present", {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": t.path("summary.md")}):
    done = t.run("--receipt", "receipt", "--format", "json", env={**secrets, **env})
    same(set(done.actions().values()), {word})
    lacks(done.out + done.err + t.read("receipt").decode(), *SECRETS)
  same({name: data for name, data in n.stored(nat).items() if name.endswith(".pdb")}, expected)
  same({name.split("/")[0] for name in a.stored(aat)}, {"buildid"})
  lacks(t.read("summary.md").decode(), *SECRETS)
  targets = {o["target"] for o in done.objects() if "target" in o}
  same(targets, {n.https(nat), a.http(aat), t.path("store")})
  shown = t.run("--print-config", env=secrets)
  holds(shown.out, f'"http://...@127.0.0.1:{a.port}{aat}"', "# password is set, not shown")
  lacks(shown.out, *SECRETS)
  holds(t.run("-t", "elsewhere", env=secrets, status=2).err, "symbol-upload.yaml:17:9", "NO_SUCH_VARIABLE")
  holds(t.run(status=2).err, "symbol-upload.yaml:9:15: password: the environment has no variable NGINX_PASSWORD")
  t.write("symbol-upload.yaml", "targets:\n  x:\n    to: https://h/\n    retrys: 3\n")
  holds(t.run("-t", "x", "build", status=2).err, 'symbol-upload.yaml:4:5: unknown key "retrys"; did you mean retries?')


@case("many files arrive over few connections, HTTP/2 and HTTP/1.1, though the server ends them in the middle")
def many(t):
  server = nginx()
  expected = corpus(t, 400, 20_000)
  for url, most, version in (server.https, 12, "HTTP/2.0"), (server.http, 24, "HTTP/1.1"):
    at = fresh("/store/")
    server.forget()
    done = send(t, url(at), "--cacert", server.path("tls/ca.pem"), *NGINX_USER, "-j", "8")
    same(counts(done), {"stored": 400})
    same({path: t.read(source) for path, source in expected.items()}, server.stored(at))
    connections, versions = server.connections()
    same(versions, {version})
    assert connections <= most, connections # each is ended after 200 requests


@case("a TLS connection that is reset in the middle of what it carries is made anew, and all lands")
def cut(t):
  server, at = nginx(), fresh("/store/")
  expected = corpus(t, 60, 60_000)
  with Cut(f"127.0.0.1:{server.port + 1}", after=300_000, times=4) as between:
    done = send(t, f"https://localhost:{between.port}{at}", "--cacert", server.path("tls/ca.pem"), *NGINX_USER)
    same(between.cut, 4)
  same(counts(done), {"stored": 60}, errors(done))
  same({path: t.read(source) for path, source in expected.items()}, server.stored(at))


@case("--limit-rate holds for all transfers together")
def limit_rate(t):
  server, at = nginx(), fresh("/store/")
  for i in range(4):
    t.write(f"build/m{i}.pdb", harness.pdb_with(f"{i + 1:032X}", 250_000))
  begun = time.monotonic()
  send(t, server.https(at), "--cacert", server.path("tls/ca.pem"), *NGINX_USER, "--limit-rate", "400K")
  assert time.monotonic() - begun > 1.5
  same(len(server.stored(at)), 4)


@case("Digest authentication is used where the server asks for it, and Basic is not sent before")
def digest(t):
  server = apache()
  expected = take_two(t)
  at = fresh("")
  with Faulty(f"127.0.0.1:{server.port}") as between:
    send(t, between.url + "/digest/" + at, *APACHE_USER)
    same(server.stored("/store/" + at), expected)
    told = "\n".join(line for head in between.heads for line in head)
    holds(told, "Authorization: Digest")
    lacks(told, "Basic")
  at = fresh("")
  send(t, server.https("/digest/" + at), *APACHE_USER, "--cacert", server.path("tls/ca.pem"))
  same(server.stored("/store/" + at), expected)


@case("an authenticating proxy is passed, for http:// and https://; its refusal is named")
def proxy(t):
  server = nginx()
  expected = take_two(t)
  user = f"http://proxyuser:proxy-pass@127.0.0.1:{squid().port}"
  for url in (server.http, server.https):
    at = fresh("/store/")
    args = (*NGINX_USER, "--cacert", server.path("tls/ca.pem"), "--proxy")
    squid().forget()
    send(t, url(at), *args, user)
    same(server.stored(at), expected)
    holds("\n".join(squid().log()), "proxyuser", str(server.port + (url == server.https)))
    for wrong in (f"http://127.0.0.1:{squid().port}", user.replace("proxy-pass", "wr0ng")):
      done = send(t, url(at), *args, wrong, status=1)
      holds(errors(done), "proxy", "407")
      same(len([line for line in done.err.splitlines() if line.startswith("error:")]), 1)
      lacks(done.out + done.err, "wr0ng")
  for scheme, url in ("http", server.http), ("https", server.https):
    at = fresh("/store/")
    args = (*NGINX_USER, "--cacert", server.path("tls/ca.pem"))
    send(t, url(at), *args, env={f"{scheme}_proxy": user})
    same(server.stored(at), expected)
    send(t, url(at), *args, env={f"{scheme}_proxy": "http://proxy.invalid:3128", "NO_PROXY": "127.0.0.1,localhost"})
  done = send(t, server.http(at), *NGINX_USER, "--proxy", "http://proxy.invalid:3128", "--retries", "0", status=1)
  holds(errors(done), "name of the proxy is not known")
  for bad, says in (("http://me:wr0ng@127.0.0.1:70000", "the proxy's address is malformed"),
                    ("ftp://me:wr0ng@127.0.0.1:3128", "the proxy's address begins with none of http://, ")):
    done = send(t, server.http(at), *NGINX_USER, "--proxy", bad, status=1)
    holds(errors(done), says)
    lacks(done.out + done.err, "wr0ng", "tried")
  tls = user.replace("http://", "https://")
  for url, how in ((server.http, {"args": ("--proxy", tls)}), (server.https, {"args": ("--proxy", tls)}),
                   (server.https, {"env": {"https_proxy": tls}}), (server.http, {"env": {"ALL_PROXY": tls}})):
    done = send(t, url(at), *args, *how.get("args", ()), status=1, env=how.get("env"))
    holds(errors(done), "there is no TLS connection to the proxy (")
    lacks(errors(done), "the port seems to speak plain HTTP")
  done = send(t, server.https(at), *NGINX_USER, status=1, env={"https_proxy": tls, "NO_PROXY": "localhost"})
  holds(errors(done), "the server's certificate is not trusted")
  with nobody() as closed:
    for url, name in ((server.http, f"127.0.0.1:{server.port}"), (server.https, f"localhost:{server.port + 1}")):
      for scheme in "http", "socks5":
        done = send(t, url(at), *args, "--proxy", f"{scheme}://{closed}", "--retries", "0", status=1)
        holds(errors(done), f"{name}: the proxy {closed}: nothing listens there")


@case("a tunnel through a proxy that ends in the middle of a run, with what waits for it, loses no file")
def tunnels(t):
  server, at = nginx(), fresh("/store/")  # ends a connection after 200 requests
  expected = corpus(t, 600, 600)
  done = send(t, server.https(at), *NGINX_USER, "--cacert", server.path("tls/ca.pem"),
              env={"HTTPS_PROXY": f"http://proxyuser:proxy-pass@127.0.0.1:{squid().port}"})
  same(counts(done), {"stored": 600})
  same(sorted(server.stored(at)), sorted(expected))


@case("a SOCKS proxy is passed, with its name and password, and asked for the host by name")
def socks(t):
  server = nginx()
  expected = take_two(t)
  with Socks("proxyuser", "proxy-pass") as proxy:
    for scheme, named in ("socks5h", "localhost"), ("socks5", "127.0.0.1"):
      at = fresh("/store/")
      proxy.asked.clear()
      # By socks5 curl itself looks a name up, and later ones than Debian 12's take ::1.
      to = server.https(at).replace("localhost", named)
      args = (to, "--cacert", server.path("tls/ca.pem"), *NGINX_USER)
      send(t, *args, "--proxy", f"{scheme}://proxyuser:proxy-pass@127.0.0.1:{proxy.port}")
      same(server.stored(at), expected)
      same(set(proxy.asked), {(named, server.port + 1)})
      done = send(t, *args, "--proxy", f"{scheme}://proxyuser:wr0ng@127.0.0.1:{proxy.port}", "--retries", "0", status=1)
      holds(errors(done), "proxy")
      lacks(done.out + done.err, "wr0ng")
    at = fresh("/store/")
    send(t, server.https(at), "--cacert", server.path("tls/ca.pem"), *NGINX_USER,
         env={"ALL_PROXY": f"socks5h://proxyuser:proxy-pass@127.0.0.1:{proxy.port}"})
    same(server.stored(at), expected)


@case("what closes the connection to http:// at once may speak TLS, and that is said until it has answered")
def maybe_tls(t):
  take_two(t)
  with Faulty() as faulty:
    faulty.fail("reset")
    done = send(t, faulty.url + "/", "--retries", "0", status=1)
    holds(errors(done), "the port may speak TLS (https://): ")
  with Faulty() as faulty:
    faulty.fail("answer", status=404, methods="HEAD")
    faulty.fail("reset", methods="PUT")
    lacks(errors(send(t, faulty.url + "/", "--retries", "0", status=1)), "https://")


class Banner(Listener):
  """Speaks first, as servers of SSH and mail do."""

  def serve(self, client):
    client.recv(65536)
    client.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
    client.close()


@case("what speaks no HTTP is told so, and not that the address is none")
def no_http(t):
  take_two(t)
  with Banner() as banner:
    where = f"http://127.0.0.1:{banner.port}/"
    holds(errors(send(t, where, "--retries", "0", status=1)), "what answers there does not speak HTTP")
    holds(t.run("check", "--to", where, "x.pdb/1/x.pdb", status=1).err, "what answers there does not speak HTTP")


@case("a server that takes no files is told so, and nginx by the name of what it lacks")
def no_puts(t):
  t.take("windows/crashy.pdb")
  with Faulty() as faulty:
    faulty.fail("answer", status=404, methods="HEAD")
    for body, says in ("<hr><center>nginx/1.22.1</center>", 'nginx takes files where its configuration says '
                       '"dav_methods PUT;" (PUT: 405)'), ("", "the server takes no files there: does it speak WebDAV"):
      faulty.rules = faulty.rules[:1]
      faulty.fail("answer", status=405, methods="PUT", body=body)
      holds(errors(send(t, faulty.url + "/", status=1)), says)


@case("an empty port is the usual one, and one that is none is an error before anything is sent")
def ports(t):
  t.take("windows/crashy.pdb")
  for to in "http://127.0.0.1:65536/", "http://127.0.0.1:0/", "http://127.0.0.1:80x/", "https://[::1]:x":
    holds(send(t, to, status=2).err, "the port is no number from 1 to 65535")
  for to in "http://:80/", "http://:/":
    holds(send(t, to, status=2).err, "the address names no host")
  with socket.socket() as usual:
    if usual.connect_ex(("127.0.0.1", 80)) == 0:
      raise harness.Skip("something listens on port 80")
  for to, says in (("http://127.0.0.1:/", "127.0.0.1: nothing listens there"),
                   ("http://[::1]:/", "[::1]: n")):
    done = send(t, to, "--retries", "0", status=1)
    holds(errors(done), says)
    lacks(errors(done), "proxy")


if __name__ == "__main__":
  sys.exit(0 if harness.run_cases(os.path.abspath(sys.argv[1]), sys.argv[2:]) else 1)
