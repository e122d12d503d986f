/* SPDX-License-Identifier: MIT
 * What the files of the BugSplat target share: the service's API as version 11 of the npm
 * tool speaks it. A file is announced, put to a presigned address, and confirmed; what has
 * no key goes the older way, zipped and without the confirmation. */
#ifndef TARGET_BUGSPLAT_BUGSPLAT_H
#define TARGET_BUGSPLAT_BUGSPLAT_H

#include "base/table.h"
#include "target/remote.h"
#include "target/target.h"
#include "target/xfer/retry.h"

#include <pthread.h>

#define BUGSPLAT_ORIGIN_MAX 300 /* bytes: scheme, host and port */

/* One request's worth of form fields. */
#define BUGSPLAT_FIELDS_MAX 10

struct bugsplat_field {
	const char *name, *value; /* UTF-8; borrowed */
};

struct bugsplat_form {
	size_t count;
	struct bugsplat_field at[BUGSPLAT_FIELDS_MAX];
};

/* What the run has sent, so that a second file for the same path is not sent over the first. The
 * service cannot be asked. */
struct bugsplat_sent {
	uint64_t path;  /* its hash */
	uint64_t bytes; /* the first eight bytes of the content's SHA-256 */
};

struct bugsplat {
	struct target base;
	struct target_options options;
	const struct remote_options *remote; /* borrowed */
	struct xfer *xfer;
	struct retry_policy policy;
	char origin[BUGSPLAT_ORIGIN_MAX];    /* "https://api.bugsplat.com" */
	char boundary[48];                   /* of multipart bodies; drawn for each run */

	pthread_mutex_t lock;                /* over what follows */
	char *token;                         /* "Authorization: Bearer …"; NULL: none yet */
	unsigned token_number;               /* counts the log-ins */
	bool token_worked;                   /* the service took it at least once */
	unsigned tokens_refused;             /* one after the other, that never worked */
	uint64_t token_ends_ms;              /* os_now_ms from which another is fetched */
	struct table sent;                   /* of struct bugsplat_sent */
	uint64_t too_big;                    /* bytes: no file of so many is taken; UINT64_MAX: not known */
	struct sym_err too_big_why;
	uint64_t planned;                    /* files that are there to be sent */
	uint64_t began_ms;                   /* the first of them; 0: none has */
	unsigned *numbers;                   /* of the workers, for the log: as they begin, from 1 */
	unsigned numbered;
	uint64_t files, bytes;               /* that were sent, as they go over the line */
};

/* Connects to nothing yet. Closed by its kind, also where it failed and is not NULL.
 * SYM_USAGE (the host's address), SYM_NOMEM, SYM_NET. */
enum sym_status bugsplat_new(const struct remote_options *o, struct bugsplat **out,
			     struct sym_err *err) MUST_CHECK;

/* Sees to it that there is a token. Statuses as bugsplat_token_take. */
enum sym_status bugsplat_log_in(struct bugsplat *b, struct sym_err *err) MUST_CHECK;

/* Puts the service's name before what is said of it, unless it stands there. */
enum sym_status bugsplat_name(struct sym_err *err);

/* ---------------------------------------------------------- text (form.c) -- */

/* The text of a multipart/form-data body with these fields, in their order. */
void bugsplat_form_body(const struct bugsplat_form *form, const char *boundary, struct buf *out);

/* A time as JavaScript writes it: "2026-11-23T01:23:17.020Z", and as the text of a Date,
 * "Mon Nov 23 2026 01:23:17 GMT+0000 (Coordinated Universal Time)": always in UTC. */
#define BUGSPLAT_TIME_MAX 80
void bugsplat_time_iso(int64_t ns, char out[BUGSPLAT_TIME_MAX]);
void bugsplat_time_text(int64_t ns, char out[BUGSPLAT_TIME_MAX]);

/* Scheme, host and port of BUGSPLAT_HOST; a path behind them is dropped, as version 11 did.
 * SYM_USAGE where it is no web address. */
enum sym_status bugsplat_origin(const char *host, char out[BUGSPLAT_ORIGIN_MAX],
				struct sym_err *err) MUST_CHECK;

/* Bytes for people, in version 11's log lines: "1.23 MB", with powers of ten. */
#define BUGSPLAT_SIZE_MAX 32
void bugsplat_size_text(uint64_t bytes, char out[BUGSPLAT_SIZE_MAX]);

/* ------------------------------------------------------ answers (answer.c) -- */

/* The members of an answer that matter; NULL or false where they are missing. Owned. */
struct bugsplat_answer {
	bool is_json;
	bool failed;         /* "Status": "Failed" */
	char *url;
	char *access_token, *token_type;
	uint64_t expires_s;  /* 0: not said */
	char *error;         /* the OAuth error's word */
	char *message;       /* what the server says of it, for people */
};

void bugsplat_answer_read(const char *body, size_t size, struct bugsplat_answer *out);
void bugsplat_answer_release(struct bugsplat_answer *a); /* tokens and addresses are overwritten */

/* ----------------------------------------------------------- calls (api.c) -- */

#define BUGSPLAT_LOG_IN "/oauth2/authorize" /* the one route that goes without a token */

/* Why an attempt came to nothing. */
struct bugsplat_failure {
	int curl;            /* what retry_decide is asked with; both 0: for good */
	long http;
	char retry_after[64];
	bool unauthorised;   /* 401 */
	bool too_big;        /* the service takes no file of this size */
	bool leave_alone;    /* bugsplat_again: it wants a longer pause than a run makes */
	struct sym_err err;
};

/* Posts a form to `route`, once, with the token of the run; where that token has ended, with
 * a new one. True: the answer says that all is well. `answer` is to be released where it
 * does, and after BUGSPLAT_LOG_IN always. */
bool bugsplat_post(struct bugsplat *b, const char *route, const struct bugsplat_form *form,
		   uint64_t not_before_ms, struct bugsplat_answer *answer,
		   struct bugsplat_failure *failure);

/* The same by DELETE, of a whole address and without a form. */
bool bugsplat_delete(struct bugsplat *b, const char *url, uint64_t not_before_ms,
		     struct bugsplat_failure *failure);

/* Puts a body to a presigned address, once, without any credentials: they are none of the
 * storage's business. */
bool bugsplat_put(struct bugsplat *b, const char *url, const struct xfer_body *body, bool gzip,
		  struct bugsplat_failure *failure);

/* Is there another attempt after number `attempt` (from 1)? Then `*at_ms` is when; the log
 * hears of the wait. */
bool bugsplat_again(struct bugsplat *b, struct bugsplat_failure *failure, unsigned attempt,
		    uint64_t *at_ms);

/* A line of version 11's log. Nothing where none is kept. */
void bugsplat_log(const struct bugsplat *b, const char *format, ...) PRINTF_LIKE(2, 3);

/* --------------------------------------------------------- token (token.c) -- */

/* A copy of the header that authorises, for text_forget; logs in where there is no token,
 * or an old one. SYM_AUTH, SYM_NET, SYM_CANCELLED, SYM_NOMEM. */
enum sym_status bugsplat_token_take(struct bugsplat *b, char **header, unsigned *number,
				    struct sym_err *err) MUST_CHECK;

/* What the service said to the token with this number. Where it refused it, the next taker gets
 * another; where it refused several, one after the other, nobody gets any more. */
void bugsplat_token_answered(struct bugsplat *b, unsigned number, bool refused);

/* ------------------------------------------------------ files (announce.c) -- */

/* What the service is told of a file. */
struct bugsplat_file {
	char module[KEY_PATH_MAX];           /* moduleName; "": none */
	char id[KEY_PATH_MAX];               /* dbgId; "": it has none, and goes the older way */
	char name[KEY_PATH_MAX + sizeof ".zip"]; /* symFileName */
	uint64_t size;                       /* bytes: of the file, and the older way of the zip */
	int64_t mtime_ns;
};

/* Names and identifier out of a path of the reader `bugsplat`; or the name alone that a file
 * without a key has. `size` and `mtime_ns` are left to the caller. */
void bugsplat_file_of(const struct sym_identity *id, const char *path, struct bugsplat_file *out);

/* Asks where to put the file: one attempt. `answer->url` is there where it succeeds. */
bool bugsplat_announce(struct bugsplat *b, const struct bugsplat_file *file, uint64_t not_before_ms,
		       struct bugsplat_answer *answer, struct bugsplat_failure *failure);

/* Says that it was put there: one attempt. Not for the older way. */
bool bugsplat_confirm(struct bugsplat *b, const struct bugsplat_file *file,
		      struct bugsplat_failure *failure);

/* --------------------------------------------------------- sizes (size.c) -- */

/* Does the service take no file of so many bytes, as far as it has said? */
bool bugsplat_is_too_big(struct bugsplat *b, uint64_t size, struct sym_err *why);

/* Remembers that it took none of so many. */
void bugsplat_too_big(struct bugsplat *b, uint64_t size, const struct sym_err *why);

/* What target.h says of `foresee`. */
enum sym_status bugsplat_foresee(struct target *t, const struct parcel *p, struct sym_err *err);

/* -------------------------------------------------------- parcels (send.c) -- */

enum sym_status bugsplat_stage(struct target *t, unsigned worker, struct parcel *p,
			       struct sym_err *err);

/* The address of this version at the service, for removing it: also the target's place, in
 * words that tell it from any other. */
void bugsplat_add_address(const struct bugsplat *b, struct buf *to);

extern const struct target_kind bugsplat_target;

#endif
