/* SPDX-License-Identifier: MIT
 * What must hold of a cabinet that could be unpacked. Its member is a file like others, so
 * that the formats' promises hold of it, too. */
#include "fuzz.h"

#include "source/archive/cabinet.h"

#include <stdlib.h>
#include <string.h>

#define MEMBER_MAX (64u << 10) /* bytes of the member that are looked at */

struct bytes {
	const uint8_t *at;
	size_t size;
};

static enum sym_status read_bytes(void *ctx, uint64_t offset, void *to, size_t n, size_t *got,
				  struct sym_err *err)
{
	const struct bytes *from = ctx;

	(void)err;
	fuzz_must(offset <= from->size, "no read behind the end");
	*got = n < from->size - offset ? n : from->size - (size_t)offset;
	memcpy(to, from->at + offset, *got);
	return SYM_OK;
}

void fuzz_cabinet(const uint8_t *bytes, size_t n)
{
	static uint8_t member[MEMBER_MAX];
	struct bytes from = {bytes, n};
	struct cabinet *cabinet;
	struct sym_err err = {0};
	size_t size;
	enum sym_status status;

	if (!cabinet_is(bytes, n))
		return;
	status = cabinet_open(n, read_bytes, &from, &cabinet, &err);
	if (status != SYM_OK) {
		fuzz_must(err.status == status && err.text[0], "a cabinet is refused with a reason");
		return;
	}
	fuzz_must(strlen(cabinet_name(cabinet)) <= SYM_NAME_MAX, "a name with its end");
	status = cabinet_read(cabinet, 0, member, sizeof member, &size, &err);
	fuzz_must(status == SYM_OK && size <= sizeof member && size <= cabinet_size(cabinet),
		  "the member can be read");
	cabinet_close(cabinet);
	fuzz_format(NULL, member, size);
}
