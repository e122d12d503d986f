/* SPDX-License-Identifier: MIT
 * AWS's shared files, ~/.aws/config and ~/.aws/credentials: sections, `key = value`, and one
 * level of `key = value` below a key. */
#ifndef TARGET_S3_INI_H
#define TARGET_S3_INI_H

#include "base/arena.h"
#include "sym.h"

struct ini_entry {
	const char *section; /* "profile NAME", "sso-session NAME", "services NAME" */
	const char *key;     /* in lower case; "s3.endpoint_url" for a key below a key */
	const char *value;
};

/* Zero-initialise; what is read later goes before what was read earlier. */
struct ini {
	struct arena arena;
	struct ini_entry *entries;
	size_t count, room;
};

enum ini_kind {
	INI_CONFIG,      /* [default], [profile NAME], [sso-session NAME], [services NAME] */
	INI_CREDENTIALS, /* [NAME] */
};

/* Adds what a file's text says. SYM_MALFORMED with the number of the line; SYM_NOMEM. */
enum sym_status ini_read(struct ini *ini, const char *text, size_t size, enum ini_kind kind,
			 struct sym_err *err) MUST_CHECK;

/* The value, or NULL. `section` is "profile", `name` the profile's. */
const char *ini_get(const struct ini *ini, const char *section, const char *name, const char *key);

bool ini_has(const struct ini *ini, const char *section, const char *name);

void ini_release(struct ini *ini);

#endif
