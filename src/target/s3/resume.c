/* SPDX-License-Identifier: MIT
 * Uploads in parts that were not ended: a killed run's, or those of a run that lives.
 *
 * The server tells number, size and ETag of the parts that it has. Where there are parts, and
 * every ETag is the MD5 of our bytes, whoever began the upload most likely wanted the same
 * object: this run goes on with it, and looks at the object's metadata afterwards. Should its
 * owner live, one of the two is first to complete it, and the other finds the object. One
 * without parts says nothing of what it is for. What holds other bytes is left alone for a
 * day, since its owner may live, and then aborted.
 *
 * Parts that are packed as they are sent are packed anew to be compared; packing then goes on
 * where the last of them ends. */
#include "target/s3/upload.h"

#include "target/body.h"

#include <stdlib.h>
#include <string.h>

enum {
	CANDIDATES_MAX = 8,
	PAGES_MAX = 10,        /* of 1000 parts */
	ANSWER_MAX = 1 << 20,  /* bytes */
	ABANDONED_S = 24 * 3600,
};

struct candidates {
	const char *key;
	size_t count;
	struct {
		char *id;
		int64_t begun_s;
	} at[CANDIDATES_MAX];
};

static void keep_candidate(void *ctx, const char *const values[XML_COLUMNS_MAX])
{
	struct candidates *list = ctx;

	if (strcmp(values[0], list->key) != 0 || list->count == CANDIDATES_MAX ||
	    strlen(values[1]) >= S3_UPLOAD_ID_MAX)
		return;
	list->at[list->count].id = strdup(values[1]);
	list->at[list->count].begun_s = aws_time_read(values[2]);
	list->count += list->at[list->count].id != NULL;
}

/* The uploads of this very key. None where they may not be listed. */
static void list_uploads(const struct multi *m, struct candidates *list)
{
	static const struct xml_rows rows[] = {
		{"ListMultipartUploadsResult/Upload", {"Key", "UploadId", "Initiated"}, keep_candidate}};
	const struct sigv4_pair query[] = {{"uploads", ""}, {"prefix", m->key}};
	const struct s3_request request = {.method = "GET", .key = "", .query = query,
					   .query_count = ARRAY_LEN(query), .answer_max = ANSWER_MAX,
					   .right = "s3:ListBucketMultipartUploads"};
	struct s3_call call;
	struct sym_err ignored;

	*list = (struct candidates){.key = m->key};
	if (atomic_load(&m->s->no_uploads))
		return;
	if (s3_perform(m->s, &request, &call, &ignored) == SYM_OK) {
		if (call.http != 200)
			atomic_store(&m->s->no_uploads, true);
		else
			(void)!xml_read(call.response.body.data, call.response.body.size, rows, 1, list,
					&ignored);
	}
	s3_call_release(&call);
}

static void release_candidates(struct candidates *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->at[i].id);
}

/* What an upload holds, as it is read. */
struct holding {
	struct multi *m;
	bool ours;      /* so far every part is */
	bool more;
	char marker[16];
	unsigned parts;
	char **etags;   /* [m->count] */
};

static bool is_our_part(struct multi *m, unsigned n, uint64_t size, const char *etag)
{
	uint8_t theirs[16], ours[16];
	struct s3_body body;
	struct sym_err ignored;

	if (!s3_etag_md5(etag, theirs))
		return false;
	if (m->etags[n]) /* known to be of our bytes */
		return s3_etag_md5(m->etags[n], ours) && memcmp(ours, theirs, 16) == 0;
	return multi_part(m, n, &body, &ignored) == SYM_OK && size == body.bytes.size &&
	       body_md5(&body.bytes, ours) && memcmp(ours, theirs, 16) == 0;
}

static void keep_part(void *ctx, const char *const values[XML_COLUMNS_MAX])
{
	struct holding *h = ctx;
	unsigned long number = strtoul(values[0], NULL, 10);

	if (!h->ours)
		return;
	if (number < 1 || number > h->m->count ||
	    !is_our_part(h->m, (unsigned)number - 1, strtoull(values[1], NULL, 10), values[2])) {
		h->ours = false;
		return;
	}
	free(h->etags[number - 1]);
	h->etags[number - 1] = strdup(values[2]);
	h->parts++;
}

static void end_page(void *ctx, const char *const values[XML_COLUMNS_MAX])
{
	struct holding *h = ctx;

	h->more = strcmp(values[0], "true") == 0 && strlen(values[1]) < sizeof h->marker;
	if (h->more)
		memcpy(h->marker, values[1], strlen(values[1]) + 1);
}

/* Reads the parts of one upload; `ours` is false where it cannot be known. To release. */
static void read_holding(struct multi *m, const char *id, struct holding *h)
{
	static const struct xml_rows rows[] = {
		{"ListPartsResult/Part", {"PartNumber", "Size", "ETag"}, keep_part},
		{"ListPartsResult", {"IsTruncated", "NextPartNumberMarker"}, end_page},
	};
	struct s3 *s = m->s;

	*h = (struct holding){.m = m, .etags = calloc(m->count, sizeof *h->etags), .more = true};
	h->ours = h->etags != NULL;
	for (int page = 0; page < PAGES_MAX && h->ours && h->more; page++) {
		const struct sigv4_pair query[] = {{"uploadId", id}, {"part-number-marker", h->marker}};
		const struct s3_request request = {.method = "GET", .key = m->key, .query = query,
						   .query_count = *h->marker ? 2 : 1,
						   .answer_max = ANSWER_MAX,
						   .right = "s3:ListMultipartUploadParts"};
		struct s3_call call;
		struct sym_err ignored;

		h->more = false;
		h->ours = s3_perform(s, &request, &call, &ignored) == SYM_OK && call.http == 200 &&
			  xml_read(call.response.body.data, call.response.body.size, rows, ARRAY_LEN(rows), h,
				   &ignored) == SYM_OK && h->ours;
		s3_call_release(&call);
	}
}

static void drop_etags(char **etags, unsigned count)
{
	for (unsigned n = 0; n < count; n++) {
		free(etags[n]);
		etags[n] = NULL;
	}
}

static void release_holding(struct holding *h)
{
	if (h->etags)
		drop_etags(h->etags, h->m->count);
	free(h->etags);
}

/* Is this upload better than what was found so far? Then its parts are m's. */
static bool take_over(struct multi *m, const char *id, unsigned *best, bool *ours)
{
	char **worse = m->etags;
	struct holding h;
	bool better;

	read_holding(m, id, &h);
	*ours = h.ours;
	better = h.ours && h.parts > *best;
	if (better) {
		*best = h.parts;
		m->etags = h.etags;
		h.etags = worse;
	}
	release_holding(&h);
	return better;
}

void multi_resume(struct multi *m)
{
	struct candidates list;
	struct sym_err ignored;
	unsigned best = 0;

	list_uploads(m, &list);
	m->others = list.count > 0;
	for (size_t i = 0; i < list.count; i++) {
		bool ours;

		if (take_over(m, list.at[i].id, &best, &ours)) {
			if (m->upload)
				memcpy(m->upload->id, list.at[i].id, strlen(list.at[i].id) + 1);
			else if (multi_register(m, list.at[i].id, &ignored) != SYM_OK)
				drop_etags(m->etags, m->count);
		}
		if (!ours && list.at[i].begun_s && os_time_s() - list.at[i].begun_s > ABANDONED_S)
			s3_abort_upload(m->s, m->key, list.at[i].id);
	}
	release_candidates(&list);
}

void multi_sweep(struct multi *m)
{
	struct candidates list;

	if (!m->others && !m->c->made_anew)
		return;
	list_uploads(m, &list);
	for (size_t i = 0; i < list.count; i++) {
		struct holding h;

		read_holding(m, list.at[i].id, &h);
		if (h.ours)
			s3_abort_upload(m->s, m->key, list.at[i].id);
		release_holding(&h);
	}
	release_candidates(&list);
}
