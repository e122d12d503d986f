/* SPDX-License-Identifier: MIT
 * AWS Signature Version 4, as S3 reads it: paths are escaped once and never normalised.
 * Pure functions: the clock is passed in. Specification: "Signature Calculations for the
 * Authorization Header" of the S3 API reference. */
#ifndef TARGET_S3_SIGV4_H
#define TARGET_S3_SIGV4_H

#include "base/buf.h"
#include "sym.h"

#define SIGV4_HEADERS_MAX 32 /* of one request */
#define SIGV4_QUERY_MAX 16
#define SIGV4_TIME_MAX 17    /* "20130524T000000Z" and its NUL */
#define SIGV4_KEY_MAX 512    /* bytes of what a key is made of, with its NUL */

struct sigv4_pair {
	const char *name, *value;
};

/* Raw texts: all the escaping is done here. */
struct sigv4_request {
	const char *method;
	const char *path;                /* "/" and the key's bytes */
	const struct sigv4_pair *query;  /* in any order */
	size_t query_count;
	const char *const *headers;      /* "Name: value", ended by NULL; all are signed. Host is one of them */
	const char *payload;             /* SHA-256 of the body in hex */
};

/* A signing key, good for one secret, region and service on one day; {0}: none yet. Who signs
 * often keeps it, and wipes it in the end. */
struct sigv4_key {
	char made_of[SIGV4_KEY_MAX];     /* secret, date, region, service */
	uint8_t key[32];
};

struct sigv4_signer {
	const char *key_id, *secret;
	const char *region, *service;
	const char *time;                /* sigv4_time */
	struct sigv4_key *kept;          /* used where it is the right one, else made anew; or NULL */
};

/* A time (seconds since 1970) as X-Amz-Date wants it. */
void sigv4_time(int64_t time_s, char to[SIGV4_TIME_MAX]);

/* Adds what follows the host in the request's address: "/path?query", escaped. */
void sigv4_address(const struct sigv4_request *request, struct buf *out);

/* Adds the value of the Authorization header. SYM_TOO_BIG for too many headers or
 * parameters; SYM_NOMEM. */
enum sym_status sigv4_sign(const struct sigv4_request *request, const struct sigv4_signer *by,
			   struct buf *out, struct sym_err *err) MUST_CHECK;

#endif
