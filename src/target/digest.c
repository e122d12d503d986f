/* SPDX-License-Identifier: MIT */
#include "target/digest.h"

#include "base/err.h"

#include <openssl/evp.h>
#include <stdlib.h>

enum { PIECE = 256 << 10 }; /* bytes */

static enum sym_status feed(EVP_MD_CTX *hash, os_file file, uint64_t offset, uint64_t size,
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
		EVP_DigestUpdate(hash, piece, want);
		at += want;
	}
	return SYM_OK;
}

enum sym_status digest_file(os_file file, uint64_t offset, uint64_t size, uint8_t sha256[32],
			    struct sym_err *err)
{
	EVP_MD_CTX *hash = EVP_MD_CTX_new();
	uint8_t *piece = malloc(PIECE);
	enum sym_status status;

	if (hash && piece && EVP_DigestInit_ex(hash, EVP_sha256(), NULL) == 1) {
		status = feed(hash, file, offset, size, piece, err);
		if (status == SYM_OK)
			EVP_DigestFinal_ex(hash, sha256, NULL);
	} else {
		status = err_set(err, SYM_NOMEM, "out of memory");
	}
	free(piece);
	EVP_MD_CTX_free(hash);
	return status;
}
