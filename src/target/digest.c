/* SPDX-License-Identifier: MIT */
#include "target/digest.h"

#include "base/err.h"
#include "base/stop.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 64 << 10 }; /* bytes: what was read is hashed while the nearest cache still has it */

static EVP_MD *fetched;

static void fetch(void)
{
	fetched = EVP_MD_fetch(NULL, "SHA256", NULL);
}

/* Looked up once: OpenSSL 3 asks its providers anew for each hash that is begun by EVP_sha256. */
static const EVP_MD *sha256_kind(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, fetch);
	return fetched ? fetched : EVP_sha256();
}

struct hasher {
	struct digest *digest;
	uint8_t room[HASHER_ROOM];
};

/* A struct digest is nothing but a context of OpenSSL. */
static EVP_MD_CTX *context_of(struct digest *d)
{
	return (EVP_MD_CTX *)d;
}

struct digest *digest_new(void)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	if (context && EVP_DigestInit_ex(context, sha256_kind(), NULL) != 1) {
		EVP_MD_CTX_free(context);
		context = NULL;
	}
	return (struct digest *)context;
}

bool digest_restart(struct digest *d)
{
	return EVP_DigestInit_ex(context_of(d), NULL, NULL) == 1;
}

void digest_feed(struct digest *d, const void *bytes, size_t size)
{
	EVP_DigestUpdate(context_of(d), bytes, size);
}

void digest_end(struct digest *d, uint8_t sha256[32])
{
	EVP_DigestFinal_ex(context_of(d), sha256, NULL);
}

void digest_free(struct digest *d)
{
	EVP_MD_CTX_free(context_of(d));
}

/* Reads through `room`, whose bytes are all there in the end where they are no more than it
 * holds: a multiple of PIECE. */
static enum sym_status feed_file(struct digest *d, os_file file, uint64_t offset, uint64_t size,
				 uint8_t *room, size_t room_size, struct sym_err *err)
{
	for (uint64_t at = 0; at < size;) {
		size_t want = (size_t)min_u64(size - at, PIECE);
		uint8_t *piece = room + at % room_size;
		enum sym_status status = os_read_exactly(file, offset + at, piece, want, err);

		if (status == SYM_OK)
			status = stop_check(err);
		if (status != SYM_OK)
			return status;
		digest_feed(d, piece, want);
		at += want;
	}
	return SYM_OK;
}

struct hasher *hasher_new(void)
{
	struct hasher *h = malloc(sizeof *h);

	if (!h)
		return NULL;
	h->digest = digest_new();
	if (!h->digest) {
		free(h);
		return NULL;
	}
	return h;
}

void hasher_free(struct hasher *h)
{
	if (h)
		digest_free(h->digest);
	free(h);
}

enum sym_status hasher_file(struct hasher *h, os_file file, uint64_t offset, uint64_t size,
			    uint8_t sha256[32], const void **bytes, struct sym_err *err)
{
	enum sym_status status;

	if (!digest_restart(h->digest))
		return err_set(err, SYM_NOMEM, "out of memory");
	status = feed_file(h->digest, file, offset, size, h->room, sizeof h->room, err);
	if (status == SYM_OK)
		digest_end(h->digest, sha256);
	*bytes = size <= sizeof h->room ? h->room : NULL;
	return status;
}

static enum sym_status hash_file(const EVP_MD *kind, os_file file, uint64_t offset, uint64_t size,
				 uint8_t *out, struct sym_err *err)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	uint8_t *piece = malloc(PIECE);
	enum sym_status status;

	if (!context || !piece) {
		status = err_set(err, SYM_NOMEM, "out of memory");
	} else if (EVP_DigestInit_ex(context, kind, NULL) != 1) {
		status = err_set(err, SYM_UNSUPPORTED, "OpenSSL does not have this hash on this machine");
	} else {
		status = feed_file((struct digest *)context, file, offset, size, piece, PIECE, err);
		if (status == SYM_OK)
			EVP_DigestFinal_ex(context, out, NULL);
	}
	free(piece);
	EVP_MD_CTX_free(context);
	return status;
}

enum sym_status digest_file(os_file file, uint64_t offset, uint64_t size, uint8_t sha256[32],
			    struct sym_err *err)
{
	return hash_file(sha256_kind(), file, offset, size, sha256, err);
}

enum sym_status digest_file_md5(os_file file, uint64_t offset, uint64_t size, uint8_t md5[16],
				struct sym_err *err)
{
	return hash_file(EVP_md5(), file, offset, size, md5, err);
}

bool digest_md5(const void *bytes, size_t n, uint8_t md5[16])
{
	return EVP_Digest(bytes, n, md5, NULL, EVP_md5(), NULL) == 1;
}

void digest_sha256(const void *bytes, size_t n, uint8_t hash[32])
{
	EVP_Digest(bytes, n, hash, NULL, sha256_kind(), NULL);
}

void digest_hmac(const void *key, size_t key_size, const void *bytes, size_t n, uint8_t mac[32])
{
	memset(mac, 0, 32); /* without memory: one that nobody takes */
	(void)HMAC(sha256_kind(), key, (int)key_size, bytes, n, mac, NULL);
}

bool digest_sha1(const void *bytes, size_t n, uint8_t sha1[20])
{
	return EVP_Digest(bytes, n, sha1, NULL, EVP_sha1(), NULL) == 1;
}
