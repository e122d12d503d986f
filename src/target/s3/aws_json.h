/* SPDX-License-Identifier: MIT
 * Credentials and tokens out of JSON: the metadata services, credential_process, SSO. */
#ifndef TARGET_S3_AWS_JSON_H
#define TARGET_S3_AWS_JSON_H

#include "sym.h"

#include "base/def.h"

/* A value to look for: "AccessKeyId", or "roleCredentials.accessKeyId" in an inner object. */
struct json_want {
	const char *name;
	char **text; /* the value as text; stays NULL where there is none. To free */
};

/* Reads an object's strings and whole numbers. SYM_MALFORMED where it is none; SYM_NOMEM. */
enum sym_status json_read(const char *text, size_t size, const struct json_want *wants,
			  size_t count, struct sym_err *err) MUST_CHECK;

#endif
