/* SPDX-License-Identifier: MIT
 * How large a file may be only the service knows: 25 GB by default, as its documentation
 * has it, and another limit for each database that asks for one; 4 GB it was for years. So
 * no number stands here. Files of a size that may be refused are announced before the
 * first one is packed, and what the service says of one holds for all that are larger. */
#include "target/bugsplat/bugsplat.h"

#include "base/err.h"

#define ASKED_FROM 4000000000u /* bytes: no database takes less */

bool bugsplat_is_too_big(struct bugsplat *b, uint64_t size, struct sym_err *why)
{
	bool refused;

	pthread_mutex_lock(&b->lock);
	refused = size >= b->too_big;
	if (refused)
		*why = b->too_big_why;
	pthread_mutex_unlock(&b->lock);
	return refused;
}

void bugsplat_too_big(struct bugsplat *b, uint64_t size, const struct sym_err *why)
{
	pthread_mutex_lock(&b->lock);
	if (size < b->too_big) {
		b->too_big = size;
		b->too_big_why = *why;
	}
	pthread_mutex_unlock(&b->lock);
}

/* Announces the file; the address that comes back is not used, and so the service hears
 * nothing more of it. What fails for another reason will fail, or not, in its turn. */
static void ask(struct bugsplat *b, const struct bugsplat_file *file)
{
	struct bugsplat_failure failure;
	struct bugsplat_answer answer;
	uint64_t at_ms = 0;

	for (unsigned attempt = 1; !bugsplat_announce(b, file, at_ms, &answer, &failure); attempt++) {
		if (failure.too_big)
			bugsplat_too_big(b, file->size, &failure.err);
		if (!bugsplat_again(b, &failure, attempt, &at_ms))
			return;
	}
	bugsplat_answer_release(&answer);
}

enum sym_status bugsplat_foresee(struct target *t, const struct parcel *p, struct sym_err *err)
{
	struct bugsplat *b = (struct bugsplat *)t;
	struct bugsplat_file file;

	b->planned++;
	/* How large a zip will be is not known before it is made. */
	if (p->id->slice_size < ASKED_FROM || p->id->kind == SYM_SOURCEMAP || p->id->kind == SYM_UNREAL_SYM)
		return SYM_OK;
	bugsplat_file_of(p->id, p->at[0].path, &file);
	file.size = p->id->slice_size;
	file.mtime_ns = p->mtime_ns;
	if (!bugsplat_is_too_big(b, file.size, err))
		ask(b, &file);
	return bugsplat_is_too_big(b, file.size, err) ? err->status : SYM_OK;
}
