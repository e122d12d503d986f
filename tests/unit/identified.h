/* SPDX-License-Identifier: MIT
 * What format_identify says of crafted bytes, kept for a test to look at. */
#ifndef TESTS_IDENTIFIED_H
#define TESTS_IDENTIFIED_H

#include "base/text.h"
#include "format/format.h"

#include <stdio.h>
#include <string.h>

struct identified {
	enum sym_status status;
	struct sym_err err;
	unsigned count;
	struct sym_identity id; /* the first one */
	unsigned reads;
};

static inline enum sym_status identified_found(void *ctx, const struct sym_identity *id)
{
	struct identified *out = ctx;

	if (out->count++ == 0)
		out->id = *id;
	return SYM_OK;
}

static inline struct identified identified_blob(struct blob *blob)
{
	struct identified out = {0};
	struct identity_sink sink = {.found = identified_found, .ctx = &out};

	out.status = format_identify(blob, &sink, &out.err);
	out.reads = blob->reads;
	return out;
}

static inline struct identified identified_bytes(const void *bytes, size_t size)
{
	static struct blob blob;

	blob_open_memory(&blob, bytes, size);
	return identified_blob(&blob);
}

static inline struct identified identified_text(const char *text)
{
	return identified_bytes(text, strlen(text));
}

/* The GUID in upper case and the age in hex, whatever the form says of them. */
static inline const char *debug_text(const struct sym_debug_id *debug)
{
	static char text[48];

	snprintf(text_hex_upper(text, debug->guid, 16), 10, "-%x", (unsigned)debug->age);
	return text;
}

#endif
