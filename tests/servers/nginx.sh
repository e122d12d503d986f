#!/bin/sh
# SPDX-License-Identifier: MIT
# nginx as a symbol server that takes PUT and makes parents itself; on loopback, as any user.
#
# usage: nginx.sh start|stop FOLDER PORT
#   PORT    http       PORT+1  https and HTTP/2      PORT+2  the same, and asks for a client certificate
#   PORT+3  https with an expired certificate        PORT+4  https with another host's certificate
#   /store/   Basic: symbols, s3cret/pä:ss?    PUT, MKCOL, COPY
#   /plain/   the same folder and user         PUT alone
#   /flat/    PUT, but no folder is made      /mkcol/   PUT, and folders are made by MKCOL alone
#   /bearer/  Authorization: Bearer tok-123    PUT
#   /packed/  the same, all of it served with Content-Encoding: gzip
#   /nohead/  the same, but HEAD is 405        /hidden/  the same, but what is missing is 403
#   /page/    the same, but what is missing is a page, 200
#   /limit/   /store/ with two requests a second at most: 429
#   /tiny/    takes 1 KiB: 413                 /forbidden/  403
#   /f/302/   /f/307/  /f/away/  /f/down/  redirect: to /store/; of PORT+1 (away); of PORT (down)
# FOLDER/root/store holds what is stored; FOLDER/log/access.log what was asked.
set -eu
here=$(dirname "$(readlink -f "$0")")
folder=$(readlink -m "$2")
port=$3

locations() {
	cat <<-END
	root $folder/root;
	client_body_temp_path $folder/tmp;
	client_max_body_size 8g;
	create_full_put_path on;
	dav_access user:rw group:r all:r;
	default_type application/octet-stream;
	location /store/ {
		auth_basic symbols;
		auth_basic_user_file $folder/passwords;
		dav_methods PUT DELETE MKCOL COPY;
	}
	location /plain/ {
		auth_basic symbols;
		auth_basic_user_file $folder/passwords;
		dav_methods PUT;
		alias $folder/root/store/;
	}
	location /packed/ {
		auth_basic symbols;
		auth_basic_user_file $folder/passwords;
		dav_methods PUT;
		add_header Content-Encoding gzip;
		alias $folder/root/store/;
	}
	location /nohead/ {
		if (\$request_method = HEAD) { return 405; }
		auth_basic symbols;
		auth_basic_user_file $folder/passwords;
		alias $folder/root/store/;
	}
	location /hidden/ {
		error_page 404 =403 /forbidden/;
		alias $folder/root/store/;
	}
	location /page/ {
		error_page 404 =200 /page.html;
		alias $folder/root/store/;
	}
	location = /page.html { return 200 "welcome\\n"; }
	location /bearer/ {
		if (\$http_authorization != "Bearer tok-123") { return 401 "no such token\\n"; }
		dav_methods PUT;
	}
	location /flat/ { create_full_put_path off; dav_methods PUT; }
	location /mkcol/ { create_full_put_path off; dav_methods PUT MKCOL; }
	location /limit/ {
		auth_basic symbols;
		auth_basic_user_file $folder/passwords;
		limit_req zone=few nodelay burst=1;
		limit_req_status 429;
		dav_methods PUT;
		alias $folder/root/store/;
	}
	location /tiny/ { client_max_body_size 1k; dav_methods PUT; }
	location /forbidden/ { return 403 "keep out\\n"; }
	location /f/302/ { rewrite ^/f/302/(.*)\$ /store/\$1 redirect; }
	location ~ ^/f/307/(.*)\$ { return 307 /store/\$1; }
	location ~ ^/f/down/(.*)\$ { return 307 http://127.0.0.1:$port/store/\$1; }
	location ~ ^/f/away/(.*)\$ { return 307 https://localhost:$((port + 1))/store/\$1; }
	END
}

# server PORT LISTEN CERTIFICATE [LINES]
server() {
	echo "server { listen 127.0.0.1:$1 $2; server_name localhost;"
	[ -z "$3" ] || echo "ssl_certificate $folder/tls/$3.pem; ssl_certificate_key $folder/tls/$3.key;"
	echo "${4:-} include $folder/locations.conf; }"
}

configuration() {
	[ "$(id -u)" != 0 ] || echo "user root;"
	cat <<-END
	worker_processes 1;
	pid $folder/nginx.pid;
	error_log $folder/log/error.log info;
	events { worker_connections 512; }
	http {
		log_format ours '\$remote_addr - \$remote_user "\$request" \$status \$connection';
		access_log $folder/log/access.log ours;
		client_body_temp_path $folder/tmp;
		proxy_temp_path $folder/tmp/p;
		fastcgi_temp_path $folder/tmp/f;
		uwsgi_temp_path $folder/tmp/u;
		scgi_temp_path $folder/tmp/s;
		keepalive_requests 200; # connections end in the middle of a run, as they do elsewhere
		limit_req_zone \$binary_remote_addr zone=few:1m rate=2r/s;
	END
	server "$port" '' ''
	server $((port + 1)) 'ssl http2' server
	server $((port + 2)) 'ssl http2' server "ssl_client_certificate $folder/tls/ca.pem; ssl_verify_client on;"
	server $((port + 3)) ssl expired
	server $((port + 4)) ssl wronghost
	echo "}"
}

case $1 in
start)
	for name in store bearer tiny flat mkcol; do
		mkdir -p "$folder/root/$name"
	done
	mkdir -p "$folder/tmp" "$folder/log"
	"$here/certs.sh" "$folder/tls"
	printf 'symbols:%s\n' "$(openssl passwd -apr1 's3cret/pä:ss?')" >"$folder/passwords"
	locations >"$folder/locations.conf"
	configuration >"$folder/nginx.conf"
	nginx -e "$folder/log/error.log" -p "$folder" -c "$folder/nginx.conf" # returns when it listens
	;;
stop)
	kill "$(cat "$folder/nginx.pid")"
	;;
esac
