/* SPDX-License-Identifier: MIT
 * An object in parts: CreateMultipartUpload with all the metadata, the parts four at a time,
 * CompleteMultipartUpload. Nothing shows under the key before the last. A part is a slice of
 * the body, what packing gives next, or a range of another object that the server copies. */
#include "target/s3/upload.h"

#include "base/err.h"
#include "base/text.h"
#include "target/body.h"
#include "target/digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	PARTS_MAX = 10000,
	PARTS_AT_ONCE = 4,
	PART_UNIT = 1 << 20,
	ANSWER_MAX = 64 << 10,        /* bytes */
	COMPLETE_MAX = 4 << 20,       /* bytes: 10,000 parts with their ETags */
};

uint64_t s3_part_size(uint64_t size, uint64_t usual)
{
	uint64_t least = units_of(units_of(size, PARTS_MAX), PART_UNIT) * PART_UNIT;

	return least > usual ? least : usual;
}

/* ------------------------------------------------------------ the upload -- */

enum sym_status multi_register(struct multi *m, const char *id, struct sym_err *err)
{
	struct s3_upload *upload = calloc(1, sizeof *upload);

	if (!upload)
		return err_set(err, SYM_NOMEM, "out of memory");
	if (!*id || strlen(id) >= sizeof upload->id) {
		free(upload);
		return err_set(err, SYM_NET, "the server gave no useful id for an upload in parts");
	}
	memcpy(upload->key, m->key, strlen(m->key) + 1);
	memcpy(upload->id, id, strlen(id) + 1);
	pthread_mutex_lock(&m->s->lock);
	upload->next = m->s->uploads;
	m->s->uploads = upload;
	pthread_mutex_unlock(&m->s->lock);
	m->upload = upload;
	return SYM_OK;
}

static void forget(struct multi *m)
{
	struct s3_upload **at = &m->s->uploads;

	pthread_mutex_lock(&m->s->lock);
	while (*at != m->upload)
		at = &(*at)->next;
	*at = m->upload->next;
	pthread_mutex_unlock(&m->s->lock);
	free(m->upload);
	m->upload = NULL;
}

void s3_abort_upload(struct s3 *s, const char *key, const char *id)
{
	const struct sigv4_pair query[] = {{"uploadId", id}};
	const struct s3_request request = {.method = "DELETE", .key = key, .query = query,
					   .query_count = 1, .right = "s3:AbortMultipartUpload"};
	struct s3_call call;
	struct sym_err ignored;

	(void)!s3_perform(s, &request, &call, &ignored);
	s3_call_release(&call);
}

void s3_abort_uploads(struct s3 *s)
{
	struct xfer *usual;

	if (!s->uploads)
		return;
	usual = s3_deafen(s);
	while (s->uploads) {
		struct s3_upload *upload = s->uploads;

		s3_abort_upload(s, upload->key, upload->id);
		s->uploads = upload->next;
		free(upload);
	}
	s3_hear(s, usual);
}

static void keep_id(void *ctx, const char *const values[XML_COLUMNS_MAX])
{
	snprintf(ctx, S3_UPLOAD_ID_MAX, "%s", values[0]);
}

static enum sym_status create(struct multi *m, struct sym_err *err)
{
	static const struct xml_rows rows[] = {
		{"InitiateMultipartUploadResult", {"UploadId"}, keep_id}};
	const struct sigv4_pair query[] = {{"uploads", ""}};
	/* Who is stopped must know what to abort. */
	struct s3_request request = {.method = "POST", .key = m->key, .query = query, .query_count = 1,
				     .answer_max = ANSWER_MAX, .right = "s3:PutObject", .outlives_stop = true};
	char id[S3_UPLOAD_ID_MAX] = "";
	struct s3_call call;
	enum sym_status status;

	s3_add_object_headers(m->s, m->c, &request);
	status = s3_perform(m->s, &request, &call, err);
	m->others |= call.attempt > 1; /* one whose answer was lost is there, too */
	if (status == SYM_OK && call.http / 100 != 2)
		status = s3_refused(&call, err);
	else if (status == SYM_OK)
		status = xml_read(call.response.body.data, call.response.body.size, rows, 1, id, err);
	s3_call_release(&call);
	return status == SYM_OK ? multi_register(m, id, err) : status;
}

/* ------------------------------------------------------------- its parts -- */

/* A part under way. */
struct part {
	unsigned n;
	char number[12], range[64];
	struct sigv4_pair query[2];
	struct buf source;     /* the text that names the object to copy */
	struct s3_body body;
	struct gzipped packed; /* what holds the body, where it was packed for this part */
	struct s3_request request;
	struct s3_call call;
};

static uint64_t offset_of(const struct multi *m, unsigned n)
{
	return n * m->part_bytes;
}

static uint64_t bytes_of(const struct multi *m, unsigned n)
{
	return min_u64(m->part_bytes, m->c->body.bytes.size - offset_of(m, n));
}

enum sym_status multi_part(struct multi *m, unsigned n, struct s3_body *out, struct sym_err *err)
{
	struct s3_packing *packing = &m->c->packing;
	enum sym_status status;

	if (!m->c->streams) {
		*out = m->c->body;
		out->bytes.offset += offset_of(m, n);
		out->bytes.size = bytes_of(m, n);
		out->bytes.plain = gauge_share(out->bytes.size, m->c->body.bytes.size, m->c->body.bytes.plain);
		out->sha256[0] = '\0';
		return SYM_OK;
	}
	status = s3_packing_seek(packing, n, err);
	if (status != SYM_OK)
		return status;
	out->bytes = body_packed(m->c->p, &packing->part);
	text_hex_lower(out->sha256, packing->part.sha256, sizeof packing->part.sha256);
	if (s3_packing_ended(packing))
		m->count = n + 1;
	return SYM_OK;
}

/* A packed part stays as it is until it is there, however often it is sent. */
static enum sym_status describe_sent(struct multi *m, struct part *p, struct sym_err *err)
{
	enum sym_status status = multi_part(m, p->n, &p->body, err);

	if (status == SYM_OK && m->c->streams)
		p->packed = s3_packing_take(&m->c->packing);
	if (status == SYM_OK && !p->body.sha256[0])
		status = s3_body_hash(&p->body, err);
	p->request.body = &p->body;
	return status;
}

static enum sym_status describe_copied(const struct multi *m, struct part *p, struct sym_err *err)
{
	uint64_t from = offset_of(m, p->n);

	snprintf(p->range, sizeof p->range, "bytes=%llu-%llu", (unsigned long long)from,
		 (unsigned long long)(from + bytes_of(m, p->n) - 1));
	s3_add_header(&p->request, "x-amz-copy-source-range", p->range);
	p->request.late_error = true;
	return s3_add_copy_source(m->s, m->c->copy_key, &p->source, &p->request, err);
}

static void release_part(struct part *p)
{
	s3_call_release(&p->call);
	buf_release(&p->source);
	gzipped_release(&p->packed);
}

static enum sym_status start_part(struct multi *m, struct part *p, unsigned n, struct sym_err *err)
{
	enum sym_status status;

	memset(p, 0, sizeof *p);
	p->packed.file = OS_NO_FILE;
	p->n = n;
	snprintf(p->number, sizeof p->number, "%u", n + 1);
	p->query[0] = (struct sigv4_pair){"partNumber", p->number};
	p->query[1] = (struct sigv4_pair){"uploadId", m->upload->id};
	p->request = (struct s3_request){.method = "PUT", .key = m->key, .query = p->query,
					 .query_count = 2, .answer_max = ANSWER_MAX,
					 .right = "s3:PutObject"};
	status = m->c->copy_key ? describe_copied(m, p, err) : describe_sent(m, p, err);
	if (status == SYM_OK)
		s3_call_start(m->s, &p->request, &p->call);
	else
		release_part(p);
	return status;
}

static enum sym_status etag_of_part(const struct multi *m, const struct s3_call *call,
				    char etag[S3_ETAG_MAX], struct sym_err *err)
{
	if (m->c->copy_key && s3_read_etag(call, "CopyPartResult", etag, err) != SYM_OK)
		return err->status;
	if (!m->c->copy_key && !xfer_header(&call->response, "ETag", etag, S3_ETAG_MAX))
		etag[0] = '\0';
	return *etag ? SYM_OK : err_set(err, SYM_NET, "the server gave no ETag for a part");
}

static enum sym_status end_part(struct multi *m, struct part *p, struct sym_err *err)
{
	char etag[S3_ETAG_MAX];
	enum sym_status status = s3_call_end(&p->call, err);

	m->c->attempts = m->c->attempts > p->call.attempt ? m->c->attempts : p->call.attempt;
	if (status == SYM_OK && p->call.http / 100 == 4 && m->c->copy_key) /* it became shorter, or is gone */
		status = err_set(err, SYM_UNSUPPORTED, "the object cannot be copied any more");
	else if (status == SYM_OK && p->call.http / 100 != 2)
		status = s3_refused(&p->call, err);
	if (status == SYM_OK)
		status = etag_of_part(m, &p->call, etag, err);
	if (status == SYM_OK) {
		m->etags[p->n] = strdup(etag);
		if (!m->etags[p->n])
			status = err_set(err, SYM_NOMEM, "out of memory");
	}
	return status;
}

/* Sends what is missing; while parts travel the next one is packed. `*gone`: the upload is not
 * there any more. */
static enum sym_status send_parts(struct multi *m, bool *gone, struct sym_err *err)
{
	struct part *parts = calloc(PARTS_AT_ONCE, sizeof *parts);
	unsigned next = 0, started = 0, ended = 0;
	enum sym_status status = SYM_OK, one;
	struct sym_err why;

	*gone = false;
	if (!parts)
		return err_set(err, SYM_NOMEM, "out of memory");
	while (status == SYM_OK || ended < started) {
		while (next < m->count && m->etags[next])
			next++;
		if (status == SYM_OK && next < m->count && started - ended < PARTS_AT_ONCE) {
			status = start_part(m, &parts[started % PARTS_AT_ONCE], next++, err);
			started += status == SYM_OK;
			continue;
		}
		if (ended == started)
			break;
		one = end_part(m, &parts[ended % PARTS_AT_ONCE], &why);
		*gone |= s3_says(&parts[ended % PARTS_AT_ONCE].call, "NoSuchUpload");
		release_part(&parts[ended++ % PARTS_AT_ONCE]);
		if (one != SYM_OK && status == SYM_OK) {
			*err = why;
			status = one;
		}
	}
	free(parts);
	return status;
}

/* --------------------------------------------------------------- its end -- */

static void write_list(const struct multi *m, struct buf *out)
{
	buf_add_text(out, "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
	for (unsigned n = 0; n < m->count; n++) {
		buf_printf(out, "<Part><PartNumber>%u</PartNumber><ETag>", n + 1);
		xml_escape(out, m->etags[n]);
		buf_add_text(out, "</ETag></Part>");
	}
	buf_add_text(out, "</CompleteMultipartUpload>");
}

/* Is the object there after all, although the server will not say that it ended the upload? Another
 * run that went on with it has ended it, or an earlier attempt of this one. */
static bool stands_already(struct multi *m)
{
	struct s3_found found;
	struct sym_err ignored;

	return s3_head(m->s, m->key, &found, &ignored) == SYM_OK && found.known == S3_THERE &&
	       found.has_sha256 && memcmp(found.sha256, m->c->hash, sizeof found.sha256) == 0;
}

/* Has another run, which has other bytes, overwritten a part? That is tried once more, in an upload of
 * this run's own. */
static bool is_overwritten(const struct multi *m, const struct s3_call *call)
{
	return s3_says(call, "InvalidPart") && !m->c->made_anew;
}

/* Is a refusal to end the upload due to another run, which goes on with it, too, or was first under this key? */
static bool is_shared(struct multi *m, const struct s3_call *call)
{
	static const char *const codes[] = {"ConditionalRequestConflict", "NoSuchUpload", "NoSuchKey", NULL};

	return call->http == 412 || s3_says_one_of(call, codes) || is_overwritten(m, call) ||
	       (call->http >= 500 && stands_already(m));
}

/* Is what was copied still what it was when the copying began? Else its parts can be of two objects. */
static enum sym_status check_source(const struct multi *m, struct sym_err *err)
{
	struct s3_found found;

	if (!m->c->copy_key)
		return SYM_OK;
	if (s3_head(m->s, m->c->copy_key, &found, err) != SYM_OK)
		return err->status;
	if (found.known == S3_THERE && s3_etags_same(found.etag, m->c->copy_etag))
		return SYM_OK;
	return err_set(err, SYM_UNSUPPORTED, "the object to copy was replaced meanwhile");
}

/* Does what was expected still hold? Asked just before the end, for servers that do not
 * keep conditions on it. */
static enum sym_status still_holds(struct multi *m, const struct s3_expect *expect, bool *holds,
				   struct sym_err *err)
{
	struct s3_found found;
	enum sym_status status;

	*holds = true;
	if (m->s->conditional_complete || (!expect->absent && !expect->etag))
		return SYM_OK;
	status = s3_head(m->s, m->key, &found, err);
	if (status == SYM_OK && found.known == S3_THERE)
		*holds = expect->etag && strcmp(expect->etag, found.etag) == 0;
	else if (status == SYM_OK && found.known == S3_ABSENT)
		*holds = expect->absent;
	return status;
}

/* The object's ETag, where the answer lacks it, as Ceph's does: MD5 of the parts' MD5s. */
static void infer_etag(const struct multi *m, char etag[S3_ETAG_MAX])
{
	struct buf all = BUF_MAX(PARTS_MAX * 16);
	uint8_t md5[16];
	bool known = true;

	for (unsigned n = 0; known && n < m->count; n++) {
		known = s3_etag_md5(m->etags[n], md5);
		buf_add(&all, md5, sizeof md5);
	}
	if (known && !all.failed && digest_md5(all.data, all.size, md5)) {
		text_hex_lower(etag, md5, sizeof md5);
		snprintf(etag + 32, S3_ETAG_MAX - 32, "-%u", m->count);
	}
	buf_release(&all);
}

static enum sym_status ask_complete(struct multi *m, const struct s3_expect *expect,
				    const struct s3_body *body, enum s3_sent *sent, struct sym_err *err)
{
	const struct sigv4_pair query[] = {{"uploadId", m->upload->id}};
	struct s3_request request = {.method = "POST", .key = m->key, .query = query, .query_count = 1,
				     .body = body, .answer_max = ANSWER_MAX, .late_error = true,
				     .right = "s3:PutObject"};
	struct s3_call call;
	enum sym_status status;

	if (m->s->conditional_complete && expect->absent)
		s3_add_header(&request, "If-None-Match", "*");
	else if (m->s->conditional_complete)
		s3_add_header(&request, "If-Match", expect->etag);
	status = s3_perform(m->s, &request, &call, err);
	m->c->attempts = m->c->attempts > call.attempt ? m->c->attempts : call.attempt;
	m->c->etag[0] = '\0';
	*sent = S3_SENT;
	if (status == SYM_OK && call.http / 100 != 2 && is_shared(m, &call)) {
		*sent = S3_RACED;
		m->c->made_anew |= is_overwritten(m, &call);
	} else if (status == SYM_OK && call.http / 100 != 2) {
		status = s3_refused(&call, err);
	} else if (status == SYM_OK) {
		status = s3_read_etag(&call, "CompleteMultipartUploadResult", m->c->etag, err);
	}
	if (status == SYM_OK && *sent == S3_SENT && !*m->c->etag)
		infer_etag(m, m->c->etag);
	s3_call_release(&call);
	return status;
}

static enum sym_status complete(struct multi *m, const struct s3_expect *expect, enum s3_sent *sent,
				struct sym_err *err)
{
	struct buf list = BUF_MAX(COMPLETE_MAX);
	struct s3_body body;
	bool holds;
	enum sym_status status = still_holds(m, expect, &holds, err);

	*sent = S3_RACED;
	if (status != SYM_OK || !holds)
		return status;
	write_list(m, &list);
	if (list.failed) {
		status = err_set(err, SYM_NOMEM, "out of memory");
	} else {
		body = s3_body_of(list.data, list.size);
		status = ask_complete(m, expect, &body, sent, err);
	}
	buf_release(&list);
	return status;
}

static enum sym_status transfer(struct multi *m, const struct s3_expect *expect, enum s3_sent *sent,
				struct sym_err *err)
{
	enum sym_status status = SYM_OK;
	bool gone = false;

	if (!m->c->copy_key && !m->c->made_anew)
		multi_resume(m);
	m->c->resumed = m->upload != NULL;
	if (!m->upload)
		status = create(m, err);
	if (status == SYM_OK)
		status = send_parts(m, &gone, err);
	if (status == SYM_OK && m->c->streams && !m->c->copy_key)
		m->c->body.bytes.size = m->c->packing.size;
	if (gone) {
		*sent = S3_RACED;
		forget(m);
		return SYM_OK;
	}
	if (status == SYM_OK)
		status = check_source(m, err);
	if (status == SYM_OK)
		status = complete(m, expect, sent, err);
	if (status == SYM_CANCELLED || !m->upload)
		return status; /* the end of the run aborts it */
	if (status != SYM_OK || *sent != S3_SENT)
		s3_abort_upload(m->s, m->key, m->upload->id);
	else
		multi_sweep(m);
	forget(m);
	return status;
}

enum sym_status s3_multipart(struct s3 *s, struct s3_cargo *c, const char *key,
			     const struct s3_expect *expect, enum s3_sent *sent, struct sym_err *err)
{
	bool packs = c->streams && !c->copy_key;
	uint64_t size = packs ? c->packing.size_max : c->body.bytes.size;
	struct multi m = {.s = s, .c = c, .key = key};
	enum sym_status status;

	m.part_bytes = packs ? c->packing.part_bytes : s3_part_size(size, S3_PART_BYTES);
	m.count = (unsigned)units_of(size, m.part_bytes);
	m.etags = calloc(m.count, sizeof *m.etags);
	if (!m.etags)
		return err_set(err, SYM_NOMEM, "out of memory");
	status = transfer(&m, expect, sent, err);
	for (unsigned n = 0; n < m.count; n++)
		free(m.etags[n]);
	free(m.etags);
	return status;
}
