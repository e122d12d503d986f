/* SPDX-License-Identifier: MIT
 * What the files of the HTTPS target share: a store on a server that takes PUT (nginx and
 * Apache with WebDAV, IIS, Artifactory, Nexus, Azure Blob by SAS address, …).
 *
 * Servers differ in what they do beyond PUT. It is learnt from their answers, once a run. */
#ifndef TARGET_HTTP_HTTP_H
#define TARGET_HTTP_HTTP_H

#include "base/table.h"
#include "target/remote.h"
#include "target/target.h"
#include "target/xfer/retry.h"

#include <pthread.h>
#include <stdatomic.h>

#define HTTP_HEADERS_MAX 64u      /* of the user's, for each request */
#define HTTP_URL_MAX 8192u        /* bytes: common servers take no longer line */
#define HTTP_WORDS_MAX 4096u      /* bytes of a refusal's body that are looked at */

#define HTTP_BEARER "Authorization: Bearer "

enum known { UNKNOWN, YES, NO };

/* What the server does. Each field is set by whatever thread sees it first. */
struct http_learnt {
	_Atomic int auth;          /* enum xfer_auth */
	_Atomic int heads;         /* enum known: HEAD tells what stands there */
	_Atomic int conditional;   /* If-None-Match: * is honoured by PUT */
	_Atomic bool unconditional; /* it refuses what comes with If-None-Match */
	_Atomic int parents;       /* YES: by us (MKCOL). NO: by the server */
	_Atomic int copies;        /* COPY works */
	_Atomic unsigned stored;   /* objects so far */
	_Atomic unsigned absent;   /* paths in a row under which nothing stood */
	_Atomic bool created;      /* 201 was seen: another 2xx means that something stood there */
	_Atomic bool locked_out;   /* 401 was the last word to a request */
	_Atomic int encodings;     /* enum known: the Content-Encoding of an upload is told to readers */
	_Atomic bool said_size_only, said_no_look;
};

struct http {
	struct target base;
	struct target_options options;
	struct xfer_options connect;
	struct xfer *xfer;
	struct retry_policy policy;
	bool gzip;
	char *root;      /* "https://host/path/", encoded; no user, no query */
	char *query;     /* "?…" of the user's address, kept on every path; or "" */
	char *user, *password, *bearer; /* NULL: none (a user's password: of netrc); bearer is the whole header */
	bool netrc;
	bool azure;
	bool answers_all; /* whatever it is asked for, is there */
	const char *headers[HTTP_HEADERS_MAX]; /* of every request; ended by NULL */
	size_t header_count;
	struct http_learnt learnt;
	pthread_mutex_t first;     /* held for the first upload: what it teaches, all profit from */
	pthread_mutex_t lock;      /* over the fields below it */
	struct xfer *http1;        /* for what HTTP/2 does not get through; or NULL */
	struct table made;         /* collections (folders) that are there: hashes of their addresses */
	_Atomic int dead_curl;     /* CURLcode for which it was given up, where there was no answer; else 0 */
	_Atomic uint64_t answered_ms; /* os_now_ms at which the server last said anything */
};

/* ----------------------------------------------------- requests (call.c) -- */

/* What is to stand under a path. */
struct http_body {
	struct xfer_body bytes;
	const uint8_t *sha256;     /* of these bytes; NULL: not known */
	bool packed;               /* gzip */
	const uint8_t *plain_sha256; /* before they were packed; NULL: not known, or not packed */
};

struct http_call {
	const char *method;
	const char *path;          /* relative to the root, plain; "" = the root; or … */
	const char *url;           /* … a whole address */
	const char *extra[4];      /* headers beside the target's */
	const struct http_body *body; /* NULL = none */
	size_t body_max;
	bool anonymous;            /* without credentials */
	unsigned tries;            /* at most; 0 = as the policy has it */
	const struct target_sink *sink; /* gets the body of a 2xx */
	unsigned attempts;         /* out: how often it was tried */
	bool unsure;               /* out: an attempt before the last may have brought the body to the server */
};

/* Asks until there is a final answer. SYM_OK: `r` holds one, of any status; to be
 * released in any case. Else there was none, and `err` says why. */
enum sym_status http_call(struct http *h, struct http_call *call, struct xfer_response *r,
			  struct sym_err *err) MUST_CHECK;

/* The address of a path below the root, percent-encoded, with the query. SYM_TOO_BIG. */
enum sym_status http_url(const struct http *h, const char *path, char to[HTTP_URL_MAX],
			 struct sym_err *err) MUST_CHECK;

/* ------------------------------------------------------ words (words.c) -- */

/* A refusal as an error: what the status means, and what the server says itself, but for what is secret. */
enum sym_status http_refusal(const struct http *h, const struct xfer_response *r, const char *method,
			     struct sym_err *err);

/* Is it nginx itself that failed, and no server behind it? Its pages tell. To an upload it
 * says so of its file system: a folder that is not there, a full disk, missing rights. */
bool http_failed_by_nginx(const struct xfer_response *r);

/* ------------------------------------------------------ learn (learn.c) -- */

/* As target_kind.meet: how to authenticate, whether the store has two tiers, and whether it is one. A
 * server that cannot be reached is given up. */
enum sym_status http_meet(struct target *t, struct sym_err *err);

/* Does the refusal ask for Digest authentication? Then it is used from now on. */
bool http_learn_digest(struct http *h, const struct xfer_response *r);

/* Does a refusal of `If-None-Match: *` say that something stands there? */
bool http_stands_already(const struct xfer_response *r);

/* Makes the missing collections above `path`. `anew`: also those that are known. */
enum sym_status http_make_parents(struct http *h, const char *path, bool anew,
				  struct sym_err *err) MUST_CHECK;

/* -------------------------------------------------------- look (look.c) -- */

enum http_sight { SIGHT_NOTHING, SIGHT_SAME, SIGHT_OTHER, SIGHT_UNKNOWN };

/* What stands under a path. */
struct http_seen {
	enum http_sight sight;     /* UNKNOWN: the server does not tell */
	bool stands;               /* something does */
	bool by_size;              /* SAME: only the size was compared */
	bool packed;               /* readers are told that it is packed by gzip */
	bool has_size;
	uint64_t size;             /* bytes */
};

/* The hash of what the server has, where it tells it, as Artifactory does. */
#define HTTP_SHA256 "X-Checksum-Sha256"

/* Holds what stands under a path against `body`. SYM_NET, SYM_AUTH, …: no answer to that. */
enum sym_status http_look(struct http *h, const char *path, const struct http_body *body,
			  struct http_seen *seen, struct sym_err *err) MUST_CHECK;

enum sym_status http_ask(struct target *t, const char *path, const struct target_sink *sink,
			 struct target_answer *out, struct sym_err *err);

/* --------------------------------------------------- deliver (stage.c) -- */

enum sym_status http_stage(struct target *t, unsigned worker, struct parcel *p,
			   struct sym_err *err);

extern const struct target_kind http_target, https_target;

#endif
