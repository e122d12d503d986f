/* SPDX-License-Identifier: MIT */
#include "target/digest.h"

#include "base/err.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdlib.h>

enum { PIECE = 256 << 10 }; /* bytes */

/* One and the same: a context of OpenSSL. */
static EVP_MD_CTX *context_of(struct digest *d)
{
	return (EVP_MD_CTX *)d;
}

struct digest *digest_new(void)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	if (context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1) {
		EVP_MD_CTX_free(context);
		context = NULL;
	}
	return (struct digest *)context;
}

void digest_restart(struct digest *d)
{
	EVP_DigestInit_ex(context_of(d), NULL, NULL);
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

static enum sym_status feed_file(struct digest *d, os_file file, uint64_t offset, uint64_t size,
				 uint8_t *piece, struct sym_err *err)
{
	for (uint64_t at = 0; at < size;) {
		size_t want = (size_t)min_u64(size - at, PIECE), got;
		enum sym_status status = os_read_at(file, offset + at, piece, want, &got, err);

		if (status != SYM_OK)
			return status;
		if (got < want)
			return err_at(err, SYM_CHANGED, offset + at + got,
				      "the file became shorter while it was read");
		digest_feed(d, piece, want);
		at += want;
	}
	return SYM_OK;
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
		status = feed_file((struct digest *)context, file, offset, size, piece, err);
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
	return hash_file(EVP_sha256(), file, offset, size, sha256, err);
}

enum sym_status digest_file_md5(os_file file, uint64_t offset, uint64_t size, uint8_t md5[16],
				struct sym_err *err)
{
	return hash_file(EVP_md5(), file, offset, size, md5, err);
}

void digest_sha256(const void *bytes, size_t n, uint8_t sha256[32])
{
	SHA256(bytes, n, sha256);
}

void digest_hmac(const void *key, size_t key_size, const void *bytes, size_t n, uint8_t mac[32])
{
	HMAC(EVP_sha256(), key, (int)key_size, bytes, n, mac, NULL);
}

bool digest_sha1(const void *bytes, size_t n, uint8_t sha1[20])
{
	return EVP_Digest(bytes, n, sha1, NULL, EVP_sha1(), NULL) == 1;
}
