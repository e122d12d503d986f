/* SPDX-License-Identifier: MIT
 * What S3 and the ways to find credentials share: keys, the settings of the user's profile,
 * addresses, and signed requests. */
#ifndef TARGET_S3_AWS_H
#define TARGET_S3_AWS_H

#include "target/s3/ini.h"
#include "target/s3/sigv4.h"
#include "target/xfer/retry.h"
#include "target/xfer/xfer.h"

/* ----------------------------------------------------------------- keys -- */

/* Credentials. Owned texts; `token` is NULL for keys that last. */
struct aws_keys {
	char *id, *secret, *token;
	int64_t expires_s; /* since 1970; 0 = never */
};

void aws_keys_release(struct aws_keys *keys); /* wipes them */

/* Copies of these texts. SYM_NOMEM. */
enum sym_status aws_keys_set(struct aws_keys *keys, const char *id, const char *secret, const char *token,
			     int64_t expires_s, struct sym_err *err) MUST_CHECK;

/* "2026-01-31T12:00:00Z" (or an offset, or a fraction), or milliseconds since 1970 in digits,
 * as seconds since 1970; 0 for anything else. */
int64_t aws_time_read(const char *text);

/* ------------------------------------------------------------- settings -- */

/* An environment variable; NULL where it is unset or empty. */
const char *aws_env(const char *name);

/* The user's shared files and the profile that was chosen. */
struct aws_settings {
	struct ini ini;
	const char *profile;  /* borrowed */
	bool named;           /* by the user; else "default" need not exist */
};

/* Reads the files (AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE, else ~/.aws). `profile`: NULL
 * for AWS_PROFILE, AWS_DEFAULT_PROFILE or "default". SYM_USAGE: a file that cannot be read, a
 * profile that is in neither. */
enum sym_status aws_settings_load(const char *profile, struct aws_settings *out,
				  struct sym_err *err) MUST_CHECK;
void aws_settings_release(struct aws_settings *s);

/* A setting of the chosen profile, or NULL. */
const char *aws_setting(const struct aws_settings *s, const char *key);

/* The address that the user gives for a service ("s3", "sts", "sso"), or NULL for AWS's own. */
const char *aws_endpoint(const struct aws_settings *s, const char *service);

/* The whole of a small file, `path` beginning with "~/" or not. SYM_NOT_FOUND, SYM_IO. */
enum sym_status aws_read_file(const char *path, struct buf *out, struct sym_err *err) MUST_CHECK;

/* ------------------------------------------------------------ addresses -- */

struct aws_site {
	char scheme[6];   /* "https" */
	char host[272];   /* as in the Host header: the port only where it is not the scheme's own */
	char base[256];   /* what stands before every path: "" or "/proxy" */
};

/* Takes https://host:port/base apart. SYM_USAGE. */
enum sym_status aws_site_read(const char *url, struct aws_site *out, struct sym_err *err) MUST_CHECK;

/* ------------------------------------------------------------- requests -- */

struct aws_request {
	const struct aws_site *site;
	const char *host;                 /* in front of site->host with a dot, or NULL */
	const char *method, *path;        /* raw, begins with "/" */
	const struct sigv4_pair *query;
	size_t query_count;
	const struct sigv4_pair *headers; /* ended by one without a name; may be NULL */
	const char *payload;              /* SHA-256 of the body in hex */
	const char *service, *region;
	struct sigv4_key *kept;           /* as in sigv4_signer; or NULL */
};

/* A request with its signature, ready for xfer. The texts of the headers lie one behind the other. */
struct aws_signed {
	struct buf url, text;
	size_t at[SIGV4_HEADERS_MAX + 2]; /* where in `text` each header begins */
	size_t count;
	const char *headers[SIGV4_HEADERS_MAX + 2]; /* ended by NULL */
};

/* Signs for now; `keys` NULL: leaves it unsigned. SYM_TOO_BIG, SYM_NOMEM. Release it in any case. */
enum sym_status aws_sign(const struct aws_request *request, const struct aws_keys *keys,
			 struct aws_signed *out, struct sym_err *err) MUST_CHECK;
void aws_signed_release(struct aws_signed *s); /* wipes the headers */

/* Performs a request until an answer comes that is worth no other try. */
void aws_perform(struct xfer *x, const struct xfer_request *request,
		 const struct retry_policy *policy, struct xfer_response *out);

/* The same of a request that it signs, as aws_sign does. `body`: NULL, or what the request's payload is the hash of.
 * SYM_OK: there is an answer; SYM_TOO_BIG, SYM_NOMEM; as xfer_perform. Release it in any case. */
enum sym_status aws_ask(struct xfer *x, const struct aws_request *request, const struct aws_keys *keys,
			const struct xfer_body *body, struct xfer_response *out, struct sym_err *err) MUST_CHECK;

#endif
