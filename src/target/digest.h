/* SPDX-License-Identifier: MIT
 * Hashes of files and of short texts: the only use of OpenSSL's hashes. */
#ifndef TARGET_DIGEST_H
#define TARGET_DIGEST_H

#include "os/os.h"

/* SHA-256 of [offset, offset + size). SYM_CHANGED where the file ends early; SYM_IO,
 * SYM_CANCELLED. */
enum sym_status digest_file(os_file file, uint64_t offset, uint64_t size, uint8_t sha256[32],
			    struct sym_err *err) MUST_CHECK;

/* The same for many files, one thread's: keeps what it needs from one to the next. */
struct hasher;
#define HASHER_ROOM (256u << 10) /* bytes */
struct hasher *hasher_new(void); /* NULL when out of memory */
void hasher_free(struct hasher *h); /* NULL is fine */

/* As digest_file. `bytes`: where they are at most HASHER_ROOM, what was hashed, until the
 * next one; else NULL. */
enum sym_status hasher_file(struct hasher *h, os_file file, uint64_t offset, uint64_t size,
			    uint8_t sha256[32], const void **bytes, struct sym_err *err) MUST_CHECK;

/* MD5 of [offset, offset + size), for nothing but comparing with what a store says that it
 * holds (the ETags of S3). Statuses as digest_file; SYM_UNSUPPORTED where the machine's
 * policy (FIPS) has no MD5. */
enum sym_status digest_file_md5(os_file file, uint64_t offset, uint64_t size, uint8_t md5[16],
				struct sym_err *err) MUST_CHECK;

/* The same of bytes in memory; false where there is no MD5. */
bool digest_md5(const void *bytes, size_t n, uint8_t md5[16]);

/* SHA-256 of bytes that come in pieces. NULL when out of memory. */
struct digest;
struct digest *digest_new(void);
bool digest_restart(struct digest *d) MUST_CHECK; /* false: out of memory; then only free may follow */
void digest_feed(struct digest *d, const void *bytes, size_t size);
void digest_end(struct digest *d, uint8_t sha256[32]); /* restart or free must follow */
void digest_free(struct digest *d); /* NULL is fine */

void digest_sha256(const void *bytes, size_t n, uint8_t sha256[32]);

/* HMAC-SHA-256 (RFC 2104) of `bytes` by `key`. */
void digest_hmac(const void *key, size_t key_size, const void *bytes, size_t n,
		 uint8_t mac[32]);

/* For names that others derive by SHA-1 (the files of AWS's SSO cache). False where the
 * machine's policy has no SHA-1. */
bool digest_sha1(const void *bytes, size_t n, uint8_t sha1[20]);

#endif
