#!/bin/sh
# SPDX-License-Identifier: MIT
# A whole Ceph cluster with its S3 gateway in one folder: one monitor, one OSD that keeps its
# objects in memory, one radosgw; on loopback, as any user, without systemd.
#
# usage: radosgw.sh start FOLDER PORT
#          PORT    S3 over http; path style, and BUCKET.s3.localhost     PORT+1  the same over https
#          PORT+2  the monitor                                           PORT+10 … PORT+60  the OSD
#        radosgw.sh another FOLDER PORT --OPTION=VALUE...
#          one more gateway of the same cluster, over http, with options of ceph.conf
#        radosgw.sh stop FOLDER
# FOLDER/tls/ca.pem is who signed the certificate; FOLDER/ceph.conf serves radosgw-admin -c;
# FOLDER/log/client.rgw.log has a line for each request. The user is "symbols": key and secret below.
set -eu
key=SYMBOLSACCESSKEY
secret=symbols/secret+key0123456789abcdefghijkl
here=$(dirname "$(readlink -f "$0")")
folder=$(readlink -m "$2")
port=${3:-0}

write_conf() {
	cat >"$folder/ceph.conf" <<-END
	[global]
	fsid = $(cat /proc/sys/kernel/random/uuid)
	mon_initial_members = a
	mon_host = [v2:127.0.0.1:$((port + 2))/0]
	mon_data = $folder/mon
	osd_data = $folder/osd
	osd_journal = $folder/osd/journal
	run_dir = $folder/run
	admin_socket = $folder/run/\$name.asok
	pid_file = $folder/run/\$name.pid
	log_file = $folder/log/\$name.log
	log_to_stderr = false
	keyring = $folder/keyring
	crash_dir = $folder/crash
	osd_class_dir = $(echo /usr/lib/*/rados-classes)
	auth_allow_insecure_global_id_reclaim = false
	ms_bind_ipv4 = true
	ms_bind_msgr1 = false
	ms_bind_port_min = $((port + 10))
	ms_bind_port_max = $((port + 60))
	public_addr = 127.0.0.1
	cluster_addr = 127.0.0.1
	osd_crush_chooseleaf_type = 0
	osd_pool_default_size = 1
	osd_pool_default_min_size = 1
	osd_pool_default_pg_num = 4
	osd_pool_default_pgp_num = 4
	osd_pool_default_pg_autoscale_mode = off
	mon_allow_pool_size_one = true
	mon_max_pg_per_osd = 4000
	mon_data_avail_crit = 1
	mon_data_avail_warn = 2
	paxos_propose_interval = 0.05
	[mon]
	mon_cluster_log_file = $folder/log/cluster.log
	[osd]
	osd_objectstore = memstore
	memstore_device_bytes = 4294967296
	osd_memory_target = 939524096
	osd_class_update_on_start = true
	[client.rgw]
	rgw_frontends = beast endpoint=127.0.0.1:$port ssl_endpoint=127.0.0.1:$((port + 1)) ssl_certificate=$folder/tls/server.pem ssl_private_key=$folder/tls/server.key
	rgw_dns_name = s3.localhost
	rgw_enable_usage_log = false
	rgw_enable_gc_threads = false
	rgw_enable_lc_threads = false
	rgw_dynamic_resharding = false
	rgw_init_timeout = 120
	rgw_sts_key = abcdefghijklmnop
	rgw_thread_pool_size = 64
	debug_rgw = 1
	END
}

make_keys() {
	ceph-authtool -C "$folder/keyring" -n mon. --gen-key --cap mon 'allow *'
	for name in client.admin client.rgw; do
		ceph-authtool "$folder/keyring" -n "$name" --gen-key \
			--cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *'
	done
	ceph-authtool "$folder/keyring" -n osd.0 --gen-key \
		--cap mon 'allow profile osd' --cap osd 'allow *' --cap mgr 'allow profile osd'
}

# launch NAME PROGRAM...: in the background, its process id in FOLDER/NAME.pid
launch() {
	name=$1
	shift
	"$@" >"$folder/log/$name.out" 2>&1 </dev/null &
	echo $! >"$folder/$name.pid"
}

# until_true SECONDS COMMAND...
until_true() {
	tries=$(($1 * 10))
	shift
	while [ "$tries" -gt 0 ]; do
		"$@" >/dev/null 2>&1 && return 0
		tries=$((tries - 1))
		sleep 0.1
	done
	echo "$* never came true" >&2
	return 1
}

osd_is_up() {
	ceph -c "$folder/ceph.conf" --connect-timeout 10 osd stat | grep -q '1 up'
}

start() {
	conf=$folder/ceph.conf
	rm -rf "$folder"
	for name in mon osd run log crash; do
		mkdir -p "$folder/$name"
	done
	write_conf
	"$here/certs.sh" "$folder/tls"
	make_keys >"$folder/log/keys" 2>&1
	monmaptool --create --fsid "$(sed -n 's/^fsid = //p' "$conf")" \
		--addv a "[v2:127.0.0.1:$((port + 2))]" "$folder/monmap" >/dev/null
	ceph-mon -c "$conf" --mkfs -i a --monmap "$folder/monmap" >"$folder/log/mkfs-mon" 2>&1
	launch mon ceph-mon -c "$conf" -i a -f
	uuid=$(cat /proc/sys/kernel/random/uuid)
	ceph -c "$conf" --connect-timeout 60 osd new "$uuid" >/dev/null 2>&1
	ceph-osd -c "$conf" -i 0 --mkfs --osd-uuid "$uuid" >"$folder/log/mkfs-osd" 2>&1
	launch osd ceph-osd -c "$conf" -i 0 -f
	until_true 60 osd_is_up
	radosgw-admin -c "$conf" user create --uid=symbols --display-name=symbols \
		--access-key="$key" --secret-key="$secret" >"$folder/log/user" 2>&1
	launch rgw radosgw -c "$conf" -n client.rgw -f
	until_true 90 curl -fs "http://127.0.0.1:$port/"
}

another() {
	launch "rgw-$port" radosgw -c "$folder/ceph.conf" -n client.rgw -f \
		--rgw_frontends="beast endpoint=127.0.0.1:$port" --log_file="$folder/log/rgw-$port.log" \
		--admin_socket="$folder/run/rgw-$port.asok" --pid_file="$folder/run/rgw-$port.pid" "$@"
	until_true 90 curl -fs "http://127.0.0.1:$port/"
}

stop() {
	for file in "$folder"/rgw*.pid "$folder/osd.pid" "$folder/mon.pid"; do
		pid=$(cat "$file" 2>/dev/null) || continue
		kill "$pid" 2>/dev/null || continue
		for _ in 1 2 3 4 5 6 7 8 9 10; do
			kill -0 "$pid" 2>/dev/null || break
			sleep 0.1
		done
		kill -9 "$pid" 2>/dev/null || :
	done
}

case $1 in
start) start ;;
another)
	shift 3
	another "$@"
	;;
stop) stop ;;
*) exit 2 ;;
esac
