/* SPDX-License-Identifier: MIT
 * What the options say of a remote target, as the floor of targets takes it. */
#ifndef CLI_REMOTE_H
#define CLI_REMOTE_H

#include "cli/options.h"
#include "target/remote.h"

/* Room for what struct remote_options borrows. */
struct remote {
	struct remote_options options;
	const char **headers;
	char *user;     /* "name" and "password" in one, cut by a NUL */
	size_t user_len;
	struct buf tags;
	unsigned warnings; /* that were told; for --strict */
};

/* Borrows from `to`, and warns of what makes its connection unsafe: --insecure, and credentials over plain
 * http://. `jobs`: how many transfers there will be at once; 0: as many as threads that wait for servers.
 * SYM_NOMEM. */
enum sym_status remote_init(struct remote *r, const struct option_destination *to, unsigned jobs,
			    struct sym_err *err) MUST_CHECK;
void remote_release(struct remote *r); /* zero-initialised is fine */

#endif
