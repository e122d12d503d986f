#!/bin/sh
# SPDX-License-Identifier: MIT
# OpenStack Swift with its S3 interface (s3api) in one folder: one of each server, one copy
# of each object; on loopback, as any user. A second S3, written by others: it checks regions,
# and answers 501 to conditional writes.
#
# usage: swift.sh start|stop FOLDER PORT
#   PORT    S3 over http     PORT+1 accounts  PORT+2 containers  PORT+3 objects  PORT+4 memcached
# Access key test:tester, secret testing-secret.
set -eu
folder=$(readlink -m "$2")
port=$3
swift_python=/usr/bin/python3 # Debian's packages serve Debian's Python

# One partition ring for each kind of server.
make_rings() {
	"$swift_python" - "$folder/etc" "$port" <<-'END'
	import sys
	from swift.common.ring import RingBuilder
	for number, kind in enumerate(("account", "container", "object"), 1):
	    builder = RingBuilder(4, 1, 0)
	    at = int(sys.argv[2]) + number
	    builder.add_dev({"region": 1, "zone": 1, "ip": "127.0.0.1", "port": at, "replication_ip": "127.0.0.1",
	                     "replication_port": at, "device": "d1", "weight": 1.0, "meta": ""})
	    builder.rebalance()
	    builder.get_ring().save(f"{sys.argv[1]}/{kind}.ring.gz")
	END
}

write_common() {
	cat >"$folder/etc/swift.conf" <<-END
	[swift-hash]
	swift_hash_path_suffix = symbols
	swift_hash_path_prefix = symbols
	[storage-policy:0]
	name = gold
	default = yes
	END
}

# write_server KIND PORT
write_server() {
	cat >"$folder/etc/$1-server.conf" <<-END
	[DEFAULT]
	bind_ip = 127.0.0.1
	bind_port = $2
	workers = 0
	user = $(id -un)
	swift_dir = $folder/etc
	devices = $folder/node
	mount_check = false
	log_address = /dev/null
	[pipeline:main]
	pipeline = $1-server
	[app:$1-server]
	use = egg:swift#$1
	fallocate_reserve = 0
	END
}

write_proxy() {
	cat >"$folder/etc/proxy-server.conf" <<-END
	[DEFAULT]
	bind_ip = 127.0.0.1
	bind_port = $port
	workers = 0
	user = $(id -un)
	swift_dir = $folder/etc
	log_address = /dev/null
	[pipeline:main]
	pipeline = catch_errors cache listing_formats bulk s3api tempauth copy slo dlo versioned_writes proxy-server
	[app:proxy-server]
	use = egg:swift#proxy
	allow_account_management = true
	account_autocreate = true
	[filter:cache]
	use = egg:swift#memcache
	memcache_servers = 127.0.0.1:$((port + 4))
	[filter:s3api]
	use = egg:swift#s3api
	location = us-east-1
	storage_domain = s3.localhost
	s3_acl = false
	check_bucket_owner = false
	min_segment_size = 5242880
	[filter:tempauth]
	use = egg:swift#tempauth
	user_test_tester = testing-secret .admin
	END
	for name in catch_errors listing_formats bulk copy slo dlo versioned_writes; do
		printf '[filter:%s]\nuse = egg:swift#%s\n' "$name" "$name" >>"$folder/etc/proxy-server.conf"
	done
	echo 'allow_versioned_writes = true' >>"$folder/etc/proxy-server.conf"
}

# Swift looks for /etc/swift/swift.conf before it reads anything else.
launch() {
	"$swift_python" - "$folder/etc" "$1" >"$folder/log/$1" 2>&1 <<-'END' &
	import sys
	folder, kind = sys.argv[1:]
	from swift.common import utils
	utils.SWIFT_CONF_FILE = f"{folder}/swift.conf"
	from swift.common import storage_policy
	storage_policy.SWIFT_CONF_FILE = utils.SWIFT_CONF_FILE
	storage_policy.reload_storage_policies()
	utils.validate_hash_conf()
	from swift.common.wsgi import run_wsgi
	sys.argv = [f"swift-{kind}-server"]
	sys.exit(run_wsgi(f"{folder}/{kind}-server.conf", f"{kind}-server", verbose=False))
	END
	echo $! >"$folder/$1.pid"
}

wait_for() {
	tries=600
	until curl -s -o /dev/null "http://127.0.0.1:$1/"; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || { echo "no answer from port $1" >&2; exit 1; }
		sleep 0.1
	done
}

start() {
	rm -rf "$folder"
	mkdir -p "$folder/node/d1" "$folder/log" "$folder/etc"
	write_common
	make_rings >"$folder/log/rings" 2>&1
	as=
	[ "$(id -u)" != 0 ] || as='-u nobody'
	# shellcheck disable=SC2086 # an option, or none
	memcached -l 127.0.0.1 -p $((port + 4)) -U 0 -m 16 $as >"$folder/log/memcached" 2>&1 &
	echo $! >"$folder/memcached.pid"
	write_server account $((port + 1))
	write_server container $((port + 2))
	write_server object $((port + 3))
	write_proxy
	for kind in account container object proxy; do
		launch "$kind"
	done
	for at in $((port + 1)) $((port + 2)) $((port + 3)) "$port"; do
		wait_for "$at"
	done
}

stop() {
	for kind in proxy object container account memcached; do
		pid=$(cat "$folder/$kind.pid" 2>/dev/null) || continue
		kill "$pid" 2>/dev/null || :
	done
}

case $1 in
start) start ;;
stop) stop ;;
*) exit 2 ;;
esac
