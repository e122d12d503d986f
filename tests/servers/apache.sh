#!/bin/sh
# SPDX-License-Identifier: MIT
# Apache's mod_dav as a symbol server: strict WebDAV, which wants parents made by MKCOL and
# honours If-None-Match. On loopback, as any user.
#
# usage: apache.sh start|stop FOLDER PORT
#   PORT  http     PORT+1  https and HTTP/2     PORT+2  the same, and asks for a client certificate
#   /store/   Basic: symbols, s3cret            /digest/  the same folder and user by Digest
# FOLDER/root/store holds what is stored; FOLDER/log/access.log what was asked.
set -eu
here=$(dirname "$(readlink -f "$0")")
folder=$(readlink -m "$2")
port=$3
modules=/usr/lib/apache2/modules

load_modules() {
	for name in mpm_event authn_core authn_file authz_core authz_user auth_basic auth_digest \
		dav dav_fs dav_lock mime ssl http2 socache_shmcb alias setenvif; do
		[ ! -f "$modules/mod_$name.so" ] || echo "LoadModule ${name}_module $modules/mod_$name.so"
	done
}

# host PORT [LINE]
host() {
	cat <<-END
	<VirtualHost 127.0.0.1:$1>
	SSLEngine on
	SSLCertificateFile $folder/tls/server.pem
	SSLCertificateKeyFile $folder/tls/server.key
	${2:-}
	SSLCACertificateFile $folder/tls/ca.pem
	</VirtualHost>
	END
}

configuration() {
	load_modules
	cat <<-END
	ServerRoot $folder
	ServerName localhost
	PidFile $folder/httpd.pid
	DefaultRuntimeDir $folder
	Mutex file:$folder/lock
	ErrorLog $folder/log/error.log
	LogFormat "%h %l %u %t \"%r\" %>s %b" common
	CustomLog $folder/log/access.log common
	TypesConfig /etc/mime.types
	ThreadsPerChild 16
	ServerLimit 2
	MaxRequestWorkers 32
	DavLockDB $folder/lock/davlock
	DocumentRoot $folder/root
	Protocols h2 h2c http/1.1
	LimitRequestBody 0
	<Directory $folder/root>
	Require all granted
	</Directory>
	<Location /store>
	Dav On
	AuthType Basic
	AuthName symbols
	AuthUserFile $folder/passwords
	Require valid-user
	</Location>
	Alias /digest $folder/root/store
	<Location /digest>
	Dav On
	AuthType Digest
	AuthName symbols
	AuthUserFile $folder/digests
	Require valid-user
	</Location>
	Listen 127.0.0.1:$port
	Listen 127.0.0.1:$((port + 1)) https
	Listen 127.0.0.1:$((port + 2)) https
	END
	host $((port + 1))
	host $((port + 2)) 'SSLVerifyClient require'
	[ "$(id -u)" != 0 ] || printf 'User nobody\nGroup nogroup\n'
}

case $1 in
start)
	mkdir -p "$folder/root/store" "$folder/log" "$folder/lock"
	"$here/certs.sh" "$folder/tls"
	printf 'symbols:%s\n' "$(openssl passwd -apr1 s3cret)" >"$folder/passwords"
	printf 'symbols:symbols:%s\n' "$(printf 'symbols:symbols:s3cret' | md5sum | cut -d' ' -f1)" \
		>"$folder/digests"
	configuration >"$folder/httpd.conf"
	[ "$(id -u)" != 0 ] || chown -R nobody "$folder/root" "$folder/lock"
	apache2 -f "$folder/httpd.conf" -k start
	;;
stop)
	kill "$(cat "$folder/httpd.pid")"
	;;
esac
