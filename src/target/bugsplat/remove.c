/* SPDX-License-Identifier: MIT
 * Removing all symbols of a version. */
#include "target/bugsplat/bugsplat.h"

#include "base/err.h"

#include <string.h>

/* As JavaScript's encodeURIComponent. */
static void add_encoded(struct buf *to, const char *text)
{
	buf_add_encoded(to, text, strlen(text), "!*'()");
}

void bugsplat_add_address(const struct bugsplat *b, struct buf *to)
{
	buf_printf(to, "%s/api/v2/versions?database=", b->origin);
	add_encoded(to, b->remote->database);
	buf_add_text(to, "&appName=");
	add_encoded(to, b->remote->application);
	buf_add_text(to, "&appVersion=");
	add_encoded(to, b->remote->version);
}

static enum sym_status insist(struct bugsplat *b, const char *url, struct sym_err *err)
{
	const struct remote_options *o = b->remote;
	struct bugsplat_failure failure;
	uint64_t at_ms = 0;

	bugsplat_log(b, "About to delete symbols for %s-%s-%s...", o->database, o->application, o->version);
	for (unsigned attempt = 1; !bugsplat_delete(b, url, at_ms, &failure); attempt++) {
		if (!bugsplat_again(b, &failure, attempt, &at_ms)) {
			*err = failure.err;
			return err->status;
		}
	}
	bugsplat_log(b, "Symbols deleted successfully!");
	return SYM_OK;
}

enum sym_status bugsplat_remove(const struct remote_options *options, struct sym_err *err)
{
	struct bugsplat *b;
	enum sym_status status = bugsplat_new(options, &b, err);

	if (status == SYM_OK)
		status = bugsplat_log_in(b, err);
	if (status == SYM_OK)
		status = insist(b, b->base.place, err);
	if (b)
		b->base.kind->close(&b->base);
	return status == SYM_OK ? SYM_OK : bugsplat_name(err);
}
