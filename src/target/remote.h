/* SPDX-License-Identifier: MIT
 * What a remote target can be told, by options, environment or configuration. All
 * borrowed; NULL, 0 and false are the defaults. */
#ifndef TARGET_REMOTE_H
#define TARGET_REMOTE_H

#include "target/xfer/xfer.h"

/* What target_open takes for BugSplat, which needs no address. */
#define BUGSPLAT_ADDRESS "bugsplat://"

struct remote_options {
	struct xfer_options connect;   /* `transfers` as many as there are workers */
	unsigned tries;                /* of one request, the first counted; 0 = as retry_default */
	bool gzip;                     /* --compress gzip: target/gzip.h */

	/* HTTPS. */
	const char *const *headers;    /* "Name: value", ended by NULL */
	const char *user, *password;   /* Basic, or Digest where the server asks for it; before
					* those of the address, which are before netrc's */
	const char *bearer;

	/* S3. */
	const char *region, *endpoint, *profile;
	bool virtual_host, path_style; /* neither: virtual-host for AWS, path for an endpoint of the user's */
	const char *storage_class, *sse, *sse_kms_key, *acl;
	const char *tags;              /* as x-amz-tagging has it: "a=b&c=d", encoded */
	bool requester_pays;

	/* BugSplat; all but `log` are needed. */
	const char *database, *application, *version, *client_id, *client_secret;
	const char *host;              /* "https://api.bugsplat.com" */
	void (*log)(const char *line); /* gets version 11's log lines, from any thread; or NULL */
};

/* Removes all symbols of o's version from BugSplat's database. SYM_AUTH, SYM_NET,
 * SYM_CANCELLED; SYM_USAGE, SYM_NOMEM. */
enum sym_status bugsplat_remove(const struct remote_options *o, struct sym_err *err) MUST_CHECK;

#endif
