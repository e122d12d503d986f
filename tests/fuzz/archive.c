/* SPDX-License-Identifier: MIT
 * What must hold of a cabinet or an archive that could be unpacked. What is in it are files like
 * others, so that the formats' promises hold of them, too. */
#include "fuzz.h"

#include "source/archive/cabinet.h"
#include "source/archive/section.h"
#include "source/archive/unpacker.h"

#include <stdlib.h>
#include <string.h>

#define MEMBER_MAX (64u << 10) /* bytes of a member that are looked at */
#define MEMBERS_MAX 32         /* of an archive, of which each is no longer */

blob_unpack_fn *const fuzz_unpack = section_unpack;

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

/* Gives the formats the next file of the archive; false where there is none, or where passing over the
 * rest of it would take long. */
static bool fuzz_next(struct unpacker *u)
{
	static uint8_t member[MEMBER_MAX];
	struct sym_err err = {0};
	const char *path;
	size_t size = 0;
	enum sym_status status = unpacker_next(u, &path, &err);

	fuzz_must(status == SYM_OK || !path, "no file comes out of what is damaged");
	if (status == SYM_OK && path) {
		fuzz_must(path[0] != '/', "a path that begins nowhere else");
		status = unpacker_read(u, member, sizeof member, &size, &err);
		fuzz_must(size <= sizeof member, "no more than there is room for");
		if (status == SYM_OK)
			fuzz_format(NULL, member, size);
	}
	fuzz_must(status == SYM_OK || (err.status == status && err.text[0]), "what is damaged has a reason");
	return status == SYM_OK && path && size < sizeof member;
}

void fuzz_archive(const uint8_t *bytes, size_t n)
{
	struct bytes from = {bytes, n};
	struct unpacker *u;
	struct sym_err err = {0};

	if (!unpacker_knows(bytes, n < UNPACKER_HEAD_BYTES ? n : UNPACKER_HEAD_BYTES))
		return;
	if (unpacker_open(n, read_bytes, &from, "folder/file.gz", &u, &err) != SYM_OK) {
		fuzz_must(err.text[0], "an archive is refused with a reason");
		return;
	}
	for (int i = 0; i < MEMBERS_MAX && fuzz_next(u); i++)
		;
	unpacker_close(u);
}
