#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes certificates for the servers of the tests, where they are not there yet.
#
# usage: certs.sh FOLDER
#   ca.pem         the authority of all but the last
#   server.*       for localhost, s3.localhost, *.s3.localhost and 127.0.0.1
#   expired.*      the same, but it is over
#   wronghost.*    for example.invalid
#   client.*       a client that the servers let in
#   rogue.*        a client that nobody vouches for
# .pem is the certificate, .key its key.
set -eu
mkdir -p "$1"
cd "$1"
[ ! -f rogue.pem ] || exit 0

key='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'

# self_signed NAME SUBJECT [ARGUMENTS...]
self_signed() {
	name=$1 subject=$2
	shift 2
	# shellcheck disable=SC2086 # a list of words
	openssl req -x509 $key -days 3650 -subj "/CN=$subject" -keyout "$name.key" -out "$name.pem" \
		"$@" 2>openssl.log
}

# signed NAME SUBJECT EXTENSION VALIDITY
signed() {
	# shellcheck disable=SC2086 # a list of words
	openssl req $key -subj "/CN=$2" -keyout "$1.key" -out "$1.csr" 2>openssl.log
	echo "$3" >"$1.ext"
	# shellcheck disable=SC2086 # a list of words
	openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial $4 \
		-out "$1.pem" -extfile "$1.ext" 2>openssl.log
}

valid='-days 3650'
# OpenSSL 3.4 and later refuses to end before it begins, and can be told both.
if openssl x509 -help 2>&1 | grep -q -e -not_after; then
	past='-not_before 20200101000000Z -not_after 20200102000000Z'
else
	past='-days -1'
fi
here='DNS:localhost,DNS:s3.localhost,DNS:*.s3.localhost,IP:127.0.0.1'
self_signed ca 'symbol-upload tests' -addext keyUsage=critical,keyCertSign,cRLSign
signed server localhost "subjectAltName=$here" "$valid"
signed expired localhost "subjectAltName=$here" "$past"
signed wronghost example.invalid 'subjectAltName=DNS:example.invalid' "$valid"
signed client uploader 'extendedKeyUsage=clientAuth' "$valid"
self_signed rogue rogue
chmod a+r ./*.key
