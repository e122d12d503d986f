/* SPDX-License-Identifier: MIT
 * Files of transactions that go: each is looked at and deleted by requests of its own, for not every
 * server takes lists of keys, and so many of them side by side. */
#include "target/s3/admin/admin.h"

#include "base/err.h"
#include "base/stop.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS = 64 };

struct discard_slot {
	char path[KEY_PATH_MAX];
	char key[S3_KEY_MAX + 1];
	enum removal_fate fate;
	uint64_t by, bytes;
	struct sym_err why;
	struct s3_request request;
	struct s3_call call;
};

enum sym_status s3_discard_init(struct s3_discard *d, struct sym_err *err)
{
	d->slots = calloc(SLOTS, sizeof *d->slots);
	return d->slots ? SYM_OK : err_set(err, SYM_NOMEM, "out of memory");
}

void s3_discard_release(struct s3_discard *d)
{
	free(d->slots);
	d->slots = NULL;
}

/* What an answer makes of a file that is to go. */
static void read_look(struct discard_slot *slot)
{
	if (slot->call.http == 404)
		slot->fate = FATE_MISSING;
	else if (slot->call.http / 100 != 2)
		slot->fate = FATE_FAILED;
	else
		(void)response_size(&slot->call.response, &slot->bytes);
}

/* That it is gone by now is what was wanted. */
static void read_deletion(struct discard_slot *slot)
{
	if (slot->call.http / 100 != 2 && slot->call.http != 404)
		slot->fate = FATE_FAILED;
}

/* Sends a request for each file that still goes, and reads the answers. SYM_CANCELLED. */
static enum sym_status send_all(struct s3_discard *d, const char *method, const char *right,
				void (*read)(struct discard_slot *slot), struct sym_err *err)
{
	enum sym_status status = SYM_OK;

	for (size_t i = 0; i < d->count; i++) {
		struct discard_slot *slot = &d->slots[i];

		slot->request = (struct s3_request){.method = method, .key = slot->key, .right = right};
		if (slot->fate == FATE_GONE)
			s3_call_start(d->s, &slot->request, &slot->call);
	}
	for (size_t i = 0; i < d->count; i++) {
		struct discard_slot *slot = &d->slots[i];
		enum sym_status answer;

		if (slot->fate != FATE_GONE)
			continue;
		answer = s3_call_end(&slot->call, &slot->why);
		if (answer == SYM_OK)
			read(slot);
		else
			slot->fate = FATE_FAILED;
		if (answer == SYM_OK && slot->fate == FATE_FAILED)
			(void)!s3_refused(&slot->call, &slot->why);
		if (answer == SYM_CANCELLED)
			status = stop_check(err);
		s3_call_release(&slot->call);
	}
	return status;
}

static void tell_all(struct s3_discard *d)
{
	for (size_t i = 0; i < d->count; i++) {
		struct discard_slot *slot = &d->slots[i];
		struct removal_told told = {.path = slot->path,
					    .fate = slot->fate,
					    .by = slot->by,
					    .files = slot->fate == FATE_GONE,
					    .bytes = slot->fate == FATE_GONE ? slot->bytes : 0,
					    .why = &slot->why};

		d->told(d->ctx, &told);
	}
}

enum sym_status s3_discard_end(struct s3_discard *d, struct sym_err *err)
{
	enum sym_status status = d->count > 0 ? d->may_go_on(d->ctx, err) : SYM_OK;

	if (status == SYM_OK)
		status = send_all(d, "HEAD", "s3:GetObject and s3:ListBucket", read_look, err);
	if (status == SYM_OK && !d->plan && d->count > 0)
		status = d->may_go_on(d->ctx, err);
	if (status == SYM_OK && !d->plan)
		status = send_all(d, "DELETE", "s3:DeleteObject", read_deletion, err);
	if (status == SYM_OK)
		tell_all(d);
	d->count = 0;
	return status;
}

enum sym_status s3_discard_add(struct s3_discard *d, const char *path, enum removal_fate fate, uint64_t by,
			       const struct sym_err *why, struct sym_err *err)
{
	struct discard_slot *slot = &d->slots[d->count++];

	*slot = (struct discard_slot){.fate = fate, .by = by};
	memcpy(slot->path, path, strnlen(path, sizeof slot->path - 1));
	if (why)
		slot->why = *why;
	if (fate == FATE_GONE && s3_key(d->s, path, slot->key, &slot->why) != SYM_OK)
		slot->fate = FATE_REFUSED;
	return d->count == SLOTS ? s3_discard_end(d, err) : SYM_OK;
}
