/* SPDX-License-Identifier: MIT
 * What the files of the S3 target share. Nobody else includes it. */
#ifndef TARGET_S3_S3_H
#define TARGET_S3_S3_H

#include "target/existing.h"
#include "target/gzip.h"
#include "target/remote.h"
#include "target/s3/credentials.h"
#include "target/s3/xml.h"
#include "target/target.h"

#include <pthread.h>
#include <stdatomic.h>

#define S3_KEY_MAX 1024           /* bytes of a key, S3's own limit */
#define S3_PATH_MAX (S3_KEY_MAX + 320) /* "/bucket/key" and the NUL */
#define S3_REGION_MAX 64          /* bytes with the NUL */
#define S3_ETAG_MAX 128           /* bytes with the NUL; kept as the server writes it */
#define S3_SHA256 "x-amz-meta-sha256" /* of the plain bytes, in hex */
#define S3_PUT_MAX (5ull << 30)   /* bytes of one PUT or CopyObject */
#define S3_MULTIPART_BYTES (64ull << 20) /* from here on in parts */
#define S3_SMALL_BYTES (1u << 20) /* sent in vain, or twice, it costs less than the request saved */

/* Why a request of a removal is not made any more. */
#define S3_STOOD_STILL "this machine or its network stood still for too long: run it again"

/* Does the server keep If-None-Match: * on a PUT? Learnt once a run. */
enum s3_condition { S3_CONDITION_UNKNOWN, S3_CONDITION_WORKS, S3_CONDITION_NONE };

/* How it wants the ETag of an If-Match: Ceph up to 17 finds it only without its quotes. */
enum s3_match { S3_MATCH_QUOTED, S3_MATCH_BARE, S3_MATCH_NONE };

extern const struct target_kind s3_target;

struct s3_list;
struct s3_transaction;
struct s3_upload;

struct s3 {
	struct target base;
	struct target_options options;
	struct remote_options remote;
	struct retry_policy retry;
	struct aws_settings settings;
	struct aws_credentials *credentials;
	struct xfer *x;
	char *bucket;
	char *prefix;          /* "" or "win/" */
	bool virtual_host;     /* the bucket stands in the host's name */
	bool amazon;           /* Amazon's own endpoint: its region names the host */
	bool regional;         /* one of Amazon's that the user named: it is of one region */
	bool conditional_complete; /* CompleteMultipartUpload keeps If-None-Match */

	struct s3_transaction *transaction; /* of the run; NULL: it is none */
	uint64_t until_ms;     /* of a removal, which has one thread: no attempt begins after it by
				* os_now_ms; 0 = none … */
	int64_t until_s;       /* … nor after this by os_time_s, which goes on while a machine sleeps */

	_Atomic int condition; /* enum s3_condition */
	pthread_mutex_t first; /* held by who finds out: others wait with their first write */
	_Atomic int match;     /* enum s3_match */
	_Atomic unsigned doubt; /* so many absent answers more, and a small object is sent unasked */
	_Atomic bool no_copy;  /* the server does not copy, or these credentials may not */
	_Atomic bool no_uploads; /* ListMultipartUploads is refused */
	_Atomic bool blind;    /* these credentials may not look at objects */
	_Atomic bool told_blind; /* and that was said */
	_Atomic uint64_t answered_ms; /* os_now_ms at which the server last said anything */
	_Atomic bool bucket_is_there; /* by an answer to s3_ask */

	pthread_mutex_t lock;  /* over all below */
	struct aws_site site;
	char region[S3_REGION_MAX];
	struct sigv4_key signing_key;
	struct s3_upload *uploads; /* begun in this run and not ended */
	struct s3_list *list;
};

/* -------------------------------------------------------------- open.c -- */

/* Reads address, options, environment and profile. No request is made. `options` and its `remote` are
 * copied; what they point to is borrowed. */
enum sym_status s3_open(const char *where, const struct target_options *options, struct target **out,
			struct sym_err *err) MUST_CHECK;
void s3_free(struct s3 *s);

/* A run that was stopped moves nothing any more: what is said until s3_hear goes another way, and is
 * not tried for long, nor the server's pauses waited for. Answers what s3_hear wants back. */
struct xfer *s3_deafen(struct s3 *s);
void s3_hear(struct s3 *s, struct xfer *usual);

bool s3_is_region(const char *name);

/* Amazon's own address of S3 in a region. */
enum sym_status s3_amazon_site(const struct s3 *s, const char *region, struct aws_site *out,
			       struct sym_err *err) MUST_CHECK;

/* The key of a path below the target's prefix. SYM_TOO_BIG. */
enum sym_status s3_key(const struct s3 *s, const char *path, char key[S3_KEY_MAX + 1],
		       struct sym_err *err) MUST_CHECK;

/* -------------------------------------------------------------- call.c -- */

struct s3_body {
	struct xfer_body bytes;
	char sha256[65]; /* hex */
};

/* Bytes in memory, borrowed, and their hash. */
struct s3_body s3_body_of(const void *bytes, size_t size);

/* Fills in the hash. SYM_CHANGED, SYM_IO, SYM_CANCELLED; in memory it cannot fail. */
enum sym_status s3_body_hash(struct s3_body *b, struct sym_err *err) MUST_CHECK;

#define S3_HEADERS_MAX 12 /* of one request, the end counted */

struct s3_request {
	const char *method;
	const char *key;             /* "" for the bucket itself */
	const struct sigv4_pair *query;
	size_t query_count;
	struct sigv4_pair headers[S3_HEADERS_MAX]; /* ended by one without a name */
	const struct s3_body *body;  /* or NULL */
	size_t answer_max;           /* bytes of the answer's body that are kept */
	bool late_error;             /* a 200 can bring an error in its body, or half an answer */
	bool may_be_anonymous;       /* where there are no credentials */
	const char *right;           /* what it takes: "s3:PutObject" */
	unsigned tries;              /* at most; 0 = as the policy has it */
	const struct target_sink *sink; /* gets the body of a 2xx, or NULL */
	bool outlives_stop;          /* as that of struct xfer_request */
};

/* Adds a header; a value of NULL is none. Both are borrowed. */
void s3_add_header(struct s3_request *r, const char *name, const char *value);

/* One request with all its attempts. Borrows the request. */
struct s3_call {
	struct s3 *s;
	const struct s3_request *request;
	struct aws_keys keys;
	bool anonymous;                 /* no keys were found, and none are needed */
	struct aws_signed made;
	struct xfer_job *job;           /* NULL: nothing is under way */
	struct xfer_response response;
	char region[S3_REGION_MAX];     /* that was signed for … */
	int64_t signed_s;               /* … and when, since 1970 */
	unsigned attempt, region_moves, renewals;
	uint64_t began_ms, not_before_ms;
	uint64_t too_long_ms;           /* Retry-After of the last answer, where no run waits so long; else 0 */
	struct sym_err failure;         /* why there is no answer; status SYM_OK where there is one */
	long http;                      /* of the last answer; an error in a 200 counts as if it were said at once */
	struct s3_error error;          /* what its body tells, where it is not 2xx */
};

/* Starts; a failure shows in s3_call_end. */
void s3_call_start(struct s3 *s, const struct s3_request *request, struct s3_call *call);

/* Waits, with all further attempts. SYM_OK: the server answered, see `http`; else there is no
 * answer, and why. Release it in any case. */
enum sym_status s3_call_end(struct s3_call *call, struct sym_err *err) MUST_CHECK;
void s3_call_release(struct s3_call *call);

/* Both. */
enum sym_status s3_perform(struct s3 *s, const struct s3_request *request, struct s3_call *call,
			   struct sym_err *err) MUST_CHECK;

/* ------------------------------------------------------------- error.c -- */

/* Is this S3's own word for what is wrong, or one of these, ended by NULL? */
bool s3_says(const struct s3_call *call, const char *code);
bool s3_says_one_of(const struct s3_call *call, const char *const *codes);

/* What the answer means, in words with advice; gives the target up where everything
 * will be refused. SYM_AUTH, SYM_NOT_FOUND (the bucket), SYM_REFUSED, SYM_TOO_BIG, SYM_NET. */
enum sym_status s3_refused(struct s3_call *call, struct sym_err *err);

/* -------------------------------------------------------------- look.c -- */

enum s3_known {
	S3_NOT_ASKED,
	S3_ABSENT,
	S3_THERE,
	S3_SAME,   /* there, by the listing: with our size and MD5 */
	S3_DENIED, /* these credentials may not look */
};

/* What is known of an object. */
struct s3_found {
	enum s3_known known; /* nothing below counts unless it is S3_THERE */
	uint64_t size;
	char etag[S3_ETAG_MAX];
	bool gzip; /* it lies there packed */
	bool has_sha256, has_has;
	uint8_t sha256[32];
	unsigned has; /* enum sym_has */
};

/* HEAD: S3_ABSENT, S3_THERE or S3_DENIED. SYM_OK; as s3_refused for an answer that is neither 200, 403 nor 404. */
enum sym_status s3_head(struct s3 *s, const char *key, struct s3_found *found, struct sym_err *err) MUST_CHECK;

struct s3_cargo;

/* Settles a path where an object stands and nothing is to be written; else sets `*replace`,
 * with `why` saying what was found. The cargo has its hash where the object has one. */
void s3_settle(const struct s3 *s, const struct s3_cargo *c, struct parcel_path *at,
	       const struct s3_found *found, bool *replace);

/* Are two ETags one, in quotes or not? */
bool s3_etags_same(const char *a, const char *b) MUST_CHECK;

/* The MD5 that an ETag is (32 hex digits, mostly in quotes); false where it is none: of an object
 * in parts, or an encrypted one's. */
bool s3_etag_md5(const char *etag, uint8_t md5[16]) MUST_CHECK;

/* The value of x-amz-meta-has: words joined by commas. */
void s3_has_words(unsigned has, char to[HAS_TEXT_MAX]);

/* ------------------------------------------------------------- pages.c -- */

/* An object of a listing. Borrowed for the call. */
struct s3_object {
	const char *key;      /* with the target's prefix */
	uint64_t size;        /* bytes */
	const char *etag;     /* as the server writes it */
	int64_t modified_s;   /* since 1970; 0 = not told */
};

/* A listing by ListObjectsV2, of a thousand objects a page, in the order of their keys. */
struct s3_pages {
	const char *prefix;      /* of the keys */
	const char *after;       /* where to begin: behind this key; "" or NULL: at the first */
	bool may_be_anonymous;
	void (*each)(void *ctx, const struct s3_object *object);
	void *ctx;
	bool more;               /* out: there is another page; set it before the first */
	int64_t date_s;          /* out: the server's clock, since 1970; 0 = not told */
	char *token;             /* its own */
	bool escaped;            /* the same: this page's keys are %-encoded */
};

/* Lists the next page. SYM_OK; as s3_perform and s3_refused. */
enum sym_status s3_list_page(struct s3 *s, struct s3_pages *pages, struct sym_err *err) MUST_CHECK;
void s3_pages_release(struct s3_pages *pages);

/* As target_kind.list. */
enum sym_status s3_list(struct target *t, const char *prefix, size_t most,
			const struct target_lister *to, bool *all, struct sym_err *err);

/* -------------------------------------------------------------- list.c -- */

struct s3_list *s3_list_new(void); /* NULL when out of memory */
void s3_list_free(struct s3_list *list);

/* What a listing of the prefix tells of a key, asked before a HEAD; `*same`: an object of the parcel's
 * size and MD5 stands there. After some unanswered questions the calling thread lists a few pages. */
enum target_listed s3_list_ask(struct s3 *s, const char *key, const struct parcel *p, bool *same);

/* The same for target.h's `listed` and `expect`. */
enum target_listed s3_listed(struct target *t, const char *path);
void s3_expect(struct target *t, size_t questions);

/* ----------------------------------------------------------- packing.c -- */

/* A body that is packed as it is sent: its parts, of which one at a time is in hand. */
struct s3_packing {
	struct gzip_source from;
	uint64_t size_max;          /* bytes that all parts can have together */
	uint64_t part_bytes;        /* of every part but the last */
	struct gzip_stream *stream; /* NULL: not begun */
	unsigned next;              /* the part that the stream gives next, from 0 */
	uint64_t size;              /* bytes of the parts before it */
	bool in_hand;
	struct gzipped part;        /* number `next - 1` */
};

void s3_packing_init(struct s3_packing *p, const struct gzip_source *from);
void s3_packing_release(struct s3_packing *p); /* one that was never begun is fine */

/* Puts part `n` (from 0) into the hand: packs on to it, or from the beginning where packing
 * is past it. SYM_NOT_FOUND: there are fewer; else as gzip_next. */
enum sym_status s3_packing_seek(struct s3_packing *p, unsigned n, struct sym_err *err) MUST_CHECK;

/* Is the part that was last put into the hand the last one? `size` is then that of all. */
bool s3_packing_ended(const struct s3_packing *p);

/* The part in hand is the caller's from now on, to release. */
struct gzipped s3_packing_take(struct s3_packing *p);

/* ------------------------------------------------------------- cargo.c -- */

/* Everything about the bytes of a parcel on their way. */
struct s3_cargo {
	const struct parcel *p;
	bool loaded;              /* how it is sent is decided: */
	struct s3_body body;      /* … as a whole; of what streams `size` alone, until its end the most */
	bool gzip;                /* … packed */
	bool streams;             /* … packed on the way, in parts */
	struct gzipped packed;    /* holds the body where `gzip` but not `streams` */
	struct s3_packing packing; /* where `streams` */
	uint8_t hash[32];         /* SHA-256 of the plain bytes, where … */
	char sha256[65];          /* … the same in hex is not empty */
	char has[HAS_TEXT_MAX];
	const char *copy_key;     /* an object of this run with the same bytes, or NULL */
	char copy_etag[S3_ETAG_MAX]; /* its ETag, while it is copied in parts */
	bool resumed;             /* it went into an upload that another run began, with its metadata */
	bool made_anew;           /* that upload was no good: begin a new one, and share it with nobody */
	char etag[S3_ETAG_MAX];   /* of what was written last; "" = not told */
	unsigned attempts;        /* at the path in hand */
};

void s3_cargo_init(struct s3_cargo *c, const struct parcel *p);
void s3_cargo_release(struct s3_cargo *c);

/* Makes the hash where it is not known yet: a dry run does without, until an object tells its
 * own. SYM_CHANGED, SYM_IO. */
enum sym_status s3_cargo_hash(struct s3_cargo *c, struct sym_err *err) MUST_CHECK;

/* Makes the body, packed where the options say so and where that makes it smaller: large ones
 * on the way, but as a `whole` where they may not go in parts. Once a parcel. SYM_CHANGED,
 * SYM_CANCELLED, SYM_IO, SYM_NOMEM. */
enum sym_status s3_cargo_load(const struct s3 *s, struct s3_cargo *c, bool whole,
			      struct sym_err *err) MUST_CHECK;

/* --------------------------------------------------------------- put.c -- */

/* What must hold for a write. */
struct s3_expect {
	bool absent;      /* nothing stands there */
	const char *etag; /* this object does, or NULL */
};

enum s3_sent {
	S3_SENT,        /* it is there now */
	S3_RACED,       /* what was expected does not hold any more: look again */
	S3_NO_CONDITION, /* the server does not know the condition: write without, and look again */
};

/* The headers of a new object: metadata and what the options ask for. */
void s3_add_object_headers(const struct s3 *s, const struct s3_cargo *c, struct s3_request *r);
/* Those that a copy does not take over. */
void s3_add_copy_headers(const struct s3 *s, struct s3_request *r);

/* One PUT. */
enum sym_status s3_put(struct s3 *s, struct s3_cargo *c, const char *key,
		       const struct s3_expect *expect, enum s3_sent *sent,
		       struct sym_err *err) MUST_CHECK;

/* After a PUT with If-None-Match: * that succeeded: does the server keep it? Sends the small
 * object once more, which a server that does must refuse. */
enum sym_status s3_learn_condition(struct s3 *s, struct s3_cargo *c, const char *key,
				   struct sym_err *err) MUST_CHECK;

/* An If-Match spelled like `used` was refused though the object did not change: try the next. */
void s3_learn_match(struct s3 *s, enum s3_match used);

/* ------------------------------------------------------------- stage.c -- */

/* As target_kind.stage: does all. */
enum sym_status s3_stage(struct target *t, unsigned worker, struct parcel *p,
			 struct sym_err *err) MUST_CHECK;

/* --------------------------------------------------------------- ask.c -- */

/* As target_kind.ask. */
enum sym_status s3_ask(struct target *t, const char *path, const struct target_sink *sink,
		       struct target_answer *out, struct sym_err *err) MUST_CHECK;

/* -------------------------------------------------------------- copy.c -- */

/* The ETag in the element `row` of an answer's body, or "". SYM_MALFORMED, SYM_NOMEM. */
enum sym_status s3_read_etag(const struct s3_call *call, const char *row, char etag[S3_ETAG_MAX],
			     struct sym_err *err) MUST_CHECK;

/* Adds the header that names an object to copy; the buffer holds its text. SYM_NOMEM. */
enum sym_status s3_add_copy_source(const struct s3 *s, const char *key, struct buf *text, struct s3_request *r,
				   struct sym_err *err) MUST_CHECK;

/* CopyObject from c->copy_key, by parts where it is too large: these may be lost (S3_RACED). Those are copied
 * only from what lies there as it would be sent, for they get the metadata of that.
 * SYM_UNSUPPORTED: not possible here, send the bytes. */
enum sym_status s3_copy(struct s3 *s, struct s3_cargo *c, const char *key, enum s3_sent *sent,
			struct sym_err *err) MUST_CHECK;

/* --------------------------------------------------------- multipart.c -- */

/* Sends the body in parts, going on with what a killed run left, where that holds the same
 * bytes. With c->copy_key: the server copies the parts. */
enum sym_status s3_multipart(struct s3 *s, struct s3_cargo *c, const char *key,
			     const struct s3_expect *expect, enum s3_sent *sent,
			     struct sym_err *err) MUST_CHECK;

/* Aborts what this run began and did not end. */
void s3_abort_uploads(struct s3 *s);

#define S3_PART_BYTES (16u << 20)       /* of a usual part */
#define S3_PACKED_PART_BYTES (8u << 20) /* of one that waits in memory until it is sent */

/* Bytes of a part: the usual ones, or more, so that 10,000 parts are enough for `size`. */
uint64_t s3_part_size(uint64_t size, uint64_t usual);

#endif
