/* SPDX-License-Identifier: MIT
 * AWS credentials, found where AWS's own tools find them, and renewed before they expire. */
#ifndef TARGET_S3_CREDENTIALS_H
#define TARGET_S3_CREDENTIALS_H

#include "target/s3/aws.h"

struct aws_credentials;

/* Nothing is looked for yet. `settings` and `x` (for STS and SSO) are borrowed until the
 * close; `region` is copied. NULL when out of memory. */
struct aws_credentials *aws_credentials_new(const struct aws_settings *settings, struct xfer *x,
					    const char *region);
void aws_credentials_free(struct aws_credentials *c); /* NULL is fine */

/* A copy of the keys that are good now; callable by many threads at once. SYM_NOT_FOUND: there
 * are none anywhere; SYM_AUTH: they were refused, or have expired; SYM_USAGE: the profile is
 * not complete; SYM_NET, SYM_CANCELLED, SYM_NOMEM. */
enum sym_status aws_credentials_get(struct aws_credentials *c, struct aws_keys *out,
				    struct sym_err *err) MUST_CHECK;

/* The newest keys, where they are good and at hand: asks nobody, and waits for nobody who does. */
bool aws_credentials_at_hand(struct aws_credentials *c, struct aws_keys *out);

/* A server said that these keys have expired: the next get finds others. */
void aws_credentials_expired(struct aws_credentials *c, const struct aws_keys *keys);

/* When keys that were got at `got_s` should be renewed: five minutes before they expire, or
 * when a quarter of their time is left, whichever is later. Seconds since 1970. */
int64_t aws_renew_at(int64_t got_s, int64_t expires_s);

/* ------------------------------------------- the places (one file each) -- */

/* What a place may need. Borrowed. */
struct aws_finder {
	const struct aws_settings *settings;
	struct xfer *x;
	const char *region;
	unsigned depth; /* of profiles that name each other */
};

/* SYM_NOT_FOUND: nothing is set up there, ask the next place; else as aws_credentials_get. */
typedef enum sym_status aws_find_fn(const struct aws_finder *f, struct aws_keys *out,
				    struct sym_err *err);

aws_find_fn aws_find_environment;  /* AWS_ACCESS_KEY_ID … */
aws_find_fn aws_find_web_identity; /* AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN */
aws_find_fn aws_find_profile;      /* ~/.aws */
aws_find_fn aws_find_container;    /* ECS, EKS pod identity */
aws_find_fn aws_find_instance;     /* EC2's IMDSv2 */

/* The single sign-on of the profile, by the token that `aws sso login` left behind. */
aws_find_fn aws_find_sso;

/* STS: keys of another role. */
struct aws_role {
	const char *arn;
	const char *session, *external_id, *duration; /* may be NULL */
	const char *token_file;                       /* of a web identity, or NULL */
};

/* AssumeRole by `by`, or AssumeRoleWithWebIdentity where the role has a token file. */
enum sym_status aws_assume_role(const struct aws_finder *f, const struct aws_role *role,
				const struct aws_keys *by, struct aws_keys *out,
				struct sym_err *err) MUST_CHECK;

/* Keys out of a place's JSON. `names`: id, secret, token and expiry as json_read takes them;
 * SYM_MALFORMED where id or secret is missing. */
enum sym_status aws_keys_read(const struct buf *text, const char *const names[4], struct aws_keys *out,
			      struct sym_err *err) MUST_CHECK;

#endif
