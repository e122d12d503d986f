/* SPDX-License-Identifier: MIT
 * Single objects of 000Admin. */
#include "target/s3/admin/admin.h"

#include "base/err.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void s3_admin_name(uint64_t id, const char *state, char out[ADMIN_NAME_MAX])
{
	snprintf(out, ADMIN_NAME_MAX, "%010" PRIu64 "%s", id, state);
}

enum sym_status s3_admin_file(os_file file, uint64_t size, struct s3_body *out, struct sym_err *err)
{
	*out = (struct s3_body){.bytes = {.file = file, .size = size}};
	return s3_body_hash(out, err);
}

static void start(struct s3 *s, struct s3_asked *a, const char *method, const char *name, const char *right)
{
	char path[sizeof ADMIN_FOLDER + MARKER_MAX];

	snprintf(a->name, sizeof a->name, "%s", name);
	snprintf(path, sizeof path, ADMIN_FOLDER "/%s", a->name);
	a->request.method = method;
	a->request.key = a->key;
	a->request.right = right;
	a->failed.status = SYM_OK;
	if (s3_key(s, path, a->key, &a->failed) == SYM_OK)
		s3_call_start(s, &a->request, &a->call);
}

/* SYM_OK: there is an answer, whatever it says; release a->call then. */
static enum sym_status end(struct s3_asked *a, struct sym_err *err)
{
	enum sym_status status;

	*err = a->failed;
	if (a->failed.status != SYM_OK)
		return a->failed.status;
	status = s3_call_end(&a->call, err);
	if (status == SYM_OK)
		return SYM_OK;
	s3_call_release(&a->call);
	return status == SYM_CANCELLED ? status : err_prefix(err, ADMIN_FOLDER "/%s", a->name);
}

static enum sym_status ask(struct s3 *s, struct s3_asked *a, const char *method, const char *name,
			   const char *right, struct sym_err *err)
{
	start(s, a, method, name, right);
	return end(a, err);
}

/* What an answer means that is not the one hoped for. */
static enum sym_status refused(struct s3_asked *a, struct sym_err *err)
{
	if (a->call.http == 404 && !s3_says(&a->call, "NoSuchBucket"))
		return err_set(err, SYM_NOT_FOUND, ADMIN_FOLDER "/%s: it is not there", a->name);
	(void)!s3_refused(&a->call, err);
	return err_prefix(err, ADMIN_FOLDER "/%s", a->name);
}

/* ----------------------------------------------------------------- writing -- */

/* Encryption as for symbols, for a policy of the bucket may demand it; of access lists only those that
 * give its owner the object: build machines' paths are for nobody else. Never another storage class:
 * these objects are read by each removal. */
static void add_headers(const struct s3 *s, bool absent, struct s3_request *r)
{
	const struct remote_options *o = &s->remote;

	s3_add_header(r, "Content-Type", "application/json");
	s3_add_header(r, "If-None-Match", absent ? "*" : NULL);
	s3_add_header(r, "x-amz-acl", o->acl && strncmp(o->acl, "bucket-owner-", 13) == 0 ? o->acl : NULL);
	s3_add_header(r, "x-amz-server-side-encryption", o->sse);
	s3_add_header(r, "x-amz-server-side-encryption-aws-kms-key-id", o->sse_kms_key);
}

/* `*http`: the answer's status, one of 2xx, 412 and 501; the last two where `absent` alone. `*tries`: attempts. */
static enum sym_status put(struct s3 *s, const char *name, struct s3_body *body, bool absent, long *http,
			   unsigned *tries, struct sym_err *err)
{
	/* Who is stopped must know what to take back. */
	struct s3_asked a = {.request = {.body = body, .outlives_stop = true}};
	enum sym_status status;

	add_headers(s, absent, &a.request);
	status = ask(s, &a, "PUT", name, "s3:PutObject", err);
	if (status != SYM_OK)
		return status;
	*http = a.call.http;
	*tries = a.call.attempt;
	if (*http / 100 != 2 && !(absent && (*http == 412 || *http == 501)))
		status = refused(&a, err);
	s3_call_release(&a.call);
	return status;
}

enum sym_status s3_admin_put(struct s3 *s, const char *name, struct s3_body *body, struct sym_err *err)
{
	unsigned tries;
	long http;

	return put(s, name, body, false, &http, &tries, err);
}

enum sym_status s3_admin_put_state(struct s3 *s, uint64_t id, const char *state, const char *text, struct sym_err *err)
{
	struct s3_body body = s3_body_of(text, strlen(text));
	char name[ADMIN_NAME_MAX];

	s3_admin_name(id, state, name);
	return s3_admin_put(s, name, &body, err);
}

/* The answer to an attempt that made it may have been lost, and the next one found it. */
static enum sym_status is_ours(struct s3 *s, const char *name, const struct s3_body *body, bool *ours,
			       struct sym_err *err)
{
	struct buf there = BUF_MAX(TITLE_BYTES_MAX);
	char ours_begin[TITLE_BYTES_MAX];
	size_t n = (size_t)min_u64(body->bytes.size, sizeof ours_begin), got = n;
	struct s3_asked a;
	enum sym_status status;

	s3_admin_begin_start(s, name, &a);
	status = s3_admin_begin_end(&a, &there, err);
	if (status == SYM_OK && body->bytes.file != OS_NO_FILE)
		status = os_read_at(body->bytes.file, 0, ours_begin, n, &got, err);
	else if (status == SYM_OK)
		memcpy(ours_begin, body->bytes.memory, n);
	*ours = status == SYM_OK && got == n && there.size >= n && memcmp(there.data, ours_begin, n) == 0;
	buf_release(&there);
	return status == SYM_NOT_FOUND ? SYM_OK : status;
}

/* Nobody knows yet whether the server heeds the condition: the same again must be refused. */
static enum sym_status learn(struct s3 *s, const char *name, struct s3_body *body, struct sym_err *err)
{
	unsigned tries;
	long http;
	enum sym_status status = put(s, name, body, true, &http, &tries, err);

	if (status == SYM_OK)
		atomic_store(&s->condition, http == 412 ? S3_CONDITION_WORKS : S3_CONDITION_NONE);
	return status;
}

enum sym_status s3_admin_make(struct s3 *s, const char *name, struct s3_body *body, bool *made, struct sym_err *err)
{
	struct sym_err ignored;
	unsigned tries;
	long http = 501;
	enum sym_status status = SYM_OK;

	*made = false;
	if (atomic_load(&s->condition) != S3_CONDITION_NONE)
		status = put(s, name, body, true, &http, &tries, err);
	if (status != SYM_OK)
		return status;
	if (http == 412) {
		atomic_store(&s->condition, S3_CONDITION_WORKS);
		return tries > 1 ? is_ours(s, name, body, made, err) : SYM_OK;
	}
	if (http == 501)
		atomic_store(&s->condition, S3_CONDITION_NONE);
	else if (atomic_load(&s->condition) == S3_CONDITION_UNKNOWN)
		status = learn(s, name, body, err);
	*made = http != 501;
	if (status != SYM_OK)
		return status;
	*made = atomic_load(&s->condition) != S3_CONDITION_NONE;
	if (*made)
		return SYM_OK;
	if (http != 501)
		(void)!s3_admin_delete(s, name, &ignored);
	return err_set(err, SYM_UNSUPPORTED, "transactions need a server that keeps If-None-Match: * on a PUT, and "
		       "this one does not");
}

/* ------------------------------------------------------- reading, removing -- */

void s3_admin_begin_start(struct s3 *s, const char *name, struct s3_asked *a)
{
	a->request = (struct s3_request){.headers = {{"Range", "bytes=0-8191"}}, /* TITLE_BYTES_MAX */
					 .answer_max = TITLE_BYTES_MAX};
	start(s, a, "GET", name, "s3:GetObject");
}

enum sym_status s3_admin_begin_end(struct s3_asked *a, struct buf *out, struct sym_err *err)
{
	enum sym_status status = end(a, err);
	const struct buf *body = &a->call.response.body;

	if (status != SYM_OK)
		return status;
	if (a->call.http / 100 == 2)
		buf_add(out, body->data, (size_t)min_u64(body->size, TITLE_BYTES_MAX));
	else
		status = refused(a, err);
	s3_call_release(&a->call);
	return status;
}

static enum sym_status take(void *ctx, const void *bytes, size_t size, struct sym_err *err)
{
	struct s3_fetch *f = ctx;

	f->size = bytes ? f->size + size : 0;
	return bytes ? os_write(f->file, bytes, size, err) : os_cut(f->file, 0, err);
}

void s3_admin_fetch_start(struct s3 *s, const char *name, struct s3_fetch *f)
{
	*f = (struct s3_fetch){.sink = {.take = take, .ctx = f}, .file = OS_NO_FILE};
	f->asked.request.sink = &f->sink;
	if (os_spool(&f->file, &f->asked.failed) == SYM_OK)
		start(s, &f->asked, "GET", name, "s3:GetObject");
}

enum sym_status s3_admin_fetch_end(struct s3_fetch *f, struct sym_err *err)
{
	enum sym_status status = end(&f->asked, err);

	if (status == SYM_OK) {
		if (f->asked.call.http / 100 != 2)
			status = refused(&f->asked, err);
		s3_call_release(&f->asked.call);
	}
	if (status != SYM_OK) {
		os_close_quietly(f->file);
		f->file = OS_NO_FILE;
	}
	return status;
}

/* An object that is looked for in a listing. */
struct sought {
	const char *key;
	bool there;
};

static void compare(void *ctx, const struct s3_object *object)
{
	struct sought *sought = ctx;

	sought->there |= strcmp(object->key, sought->key) == 0;
}

/* By a listing, as all that a run asks of 000Admin: it takes no right to read. Its name comes first among
 * those that begin like it. */
enum sym_status s3_admin_exists(struct s3 *s, const char *name, bool *there, struct sym_err *err)
{
	char path[sizeof ADMIN_FOLDER + MARKER_MAX], key[S3_KEY_MAX + 1];
	struct sought sought = {.key = key};
	struct s3_pages pages = {.prefix = key, .each = compare, .ctx = &sought, .more = true};
	enum sym_status status;

	snprintf(path, sizeof path, ADMIN_FOLDER "/%s", name);
	status = s3_key(s, path, key, err);
	if (status == SYM_OK)
		status = s3_list_page(s, &pages, err);
	s3_pages_release(&pages);
	*there = sought.there;
	return status == SYM_OK || status == SYM_CANCELLED ? status : err_prefix(err, "%s", path);
}

enum sym_status s3_admin_delete(struct s3 *s, const char *name, struct sym_err *err)
{
	struct s3_asked a = {{0}};
	enum sym_status status = ask(s, &a, "DELETE", name, "s3:DeleteObject", err);

	if (status != SYM_OK)
		return status;
	if (a.call.http / 100 != 2)
		status = refused(&a, err);
	s3_call_release(&a.call);
	return status == SYM_NOT_FOUND ? SYM_OK : status;
}

enum sym_status s3_admin_delete_state(struct s3 *s, uint64_t id, const char *state, struct sym_err *err)
{
	char name[ADMIN_NAME_MAX];

	s3_admin_name(id, state, name);
	return s3_admin_delete(s, name, err);
}
