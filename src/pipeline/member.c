/* SPDX-License-Identifier: MIT */
#include "pipeline/member.h"

#include "base/err.h"
#include "pipeline/probe.h"
#include "source/archive/cabinet.h"
#include "target/digest.h"

#include <stdlib.h>

enum { PIECE = 64 << 10 };

static enum sym_status digest_all(struct cabinet *c, uint8_t sha256[32], struct sym_err *err)
{
	struct digest *d = digest_new();
	uint8_t *piece = malloc(PIECE);
	enum sym_status status = SYM_OK;
	size_t got = 1;

	if (!d || !piece)
		status = err_set(err, SYM_NOMEM, "out of memory");
	for (uint64_t at = 0; status == SYM_OK && got > 0; at += got) {
		status = cabinet_read(c, at, piece, PIECE, &got, err);
		if (status == SYM_OK)
			digest_feed(d, piece, got);
	}
	if (status == SYM_OK)
		digest_end(d, sha256);
	digest_free(d);
	free(piece);
	return status;
}

enum sym_status member_digest(os_file file, uint64_t size, uint8_t sha256[32], uint64_t *member_size,
			      struct sym_err *err)
{
	struct part whole = {file, 0};
	struct cabinet *cabinet;
	enum sym_status status = cabinet_open(size, part_read, &whole, &cabinet, err);

	if (status != SYM_OK)
		return status;
	*member_size = cabinet_size(cabinet);
	status = digest_all(cabinet, sha256, err);
	cabinet_close(cabinet);
	return status;
}
