#!/bin/sh
# SPDX-License-Identifier: MIT
# squid as a proxy that wants a user (Basic: proxyuser, proxy-pass) and connects to loopback.
#
# usage: squid.sh start|stop FOLDER PORT
# FOLDER/log/access.log holds what was asked.
set -eu
folder=$(readlink -m "$2")
port=$3

case $1 in
start)
	mkdir -p "$folder/log" "$folder/run" "$folder/cache"
	printf 'proxyuser:%s\n' "$(openssl passwd -apr1 proxy-pass)" >"$folder/passwords"
	user=$(id -un)
	[ "$user" != root ] || user=proxy
	cat >"$folder/squid.conf" <<-END
	http_port 127.0.0.1:$port
	pid_filename $folder/run/squid.pid
	cache_log $folder/log/cache.log
	access_log stdio:$folder/log/access.log
	coredump_dir $folder/cache
	cache deny all
	cache_mem 8 MB
	visible_hostname localhost
	shutdown_lifetime 0 seconds
	auth_param basic program /usr/lib/squid/basic_ncsa_auth $folder/passwords
	auth_param basic children 2 startup=1
	auth_param basic realm symbols-proxy
	acl authed proxy_auth REQUIRED
	acl loop dst 127.0.0.0/8 ::1
	http_access deny !loop
	http_access allow authed
	http_access deny all
	cache_effective_user $user
	netdb_filename none
	END
	[ "$user" != proxy ] || chown -R proxy "$folder"
	squid -N -n "tests$port" -f "$folder/squid.conf" >"$folder/log/out" 2>&1 &
	echo $! >"$folder/pid"
	;;
stop)
	kill "$(cat "$folder/pid")"
	;;
esac
