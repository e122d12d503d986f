/* SPDX-License-Identifier: MIT
 * ListObjectsV2, page by page. */
#include "target/s3/s3.h"

#include "base/err.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { ANSWER_MAX = 4 << 20 }; /* bytes of one page: 1000 keys of 1 KiB, escaped, and what is said of each */

/* From the way in which the fields of a form are written: a blank is a plus. */
static void decode_key(char *key)
{
	for (char *c = key; *c; c++)
		if (*c == '+')
			*c = ' ';
	text_decode(key);
}

static void each_row(void *ctx, const char *const values[XML_COLUMNS_MAX])
{
	struct s3_pages *pages = ctx;
	char key[3 * S3_KEY_MAX + 1];
	const struct s3_object object = {.key = key,
					 .size = strtoull(values[1], NULL, 10),
					 .etag = values[2],
					 .modified_s = aws_time_read(values[3])};

	if (strlen(values[0]) >= sizeof key)
		return; /* nobody can ask for it */
	memcpy(key, values[0], strlen(values[0]) + 1);
	if (pages->escaped)
		decode_key(key);
	pages->each(pages->ctx, &object);
}

static void end_page(void *ctx, const char *const values[XML_COLUMNS_MAX])
{
	struct s3_pages *pages = ctx;

	pages->more = strcmp(values[0], "true") == 0;
	pages->token = values[1][0] ? strdup(values[1]) : NULL;
}

static void keep_encoding(void *ctx, const char *const values[XML_COLUMNS_MAX])
{
	struct s3_pages *pages = ctx;

	pages->escaped = strcmp(values[0], "url") == 0;
}

/* Not every server does as it is asked; and some say so behind the keys. */
static const struct xml_rows encoding = {"ListBucketResult", {"EncodingType"}, keep_encoding};

static const struct xml_rows rows[] = {
	{"ListBucketResult/Contents", {"Key", "Size", "ETag", "LastModified"}, each_row},
	{"ListBucketResult", {"IsTruncated", "NextContinuationToken"}, end_page},
};

enum sym_status s3_list_page(struct s3 *s, struct s3_pages *pages, struct sym_err *err)
{
	/* Keys hold control characters, and XML does not. */
	struct sigv4_pair query[4] = {{"list-type", "2"}, {"encoding-type", "url"}, {"prefix", pages->prefix}};
	struct s3_request request = {.method = "GET", .key = "", .query = query, .query_count = 3,
				     .answer_max = ANSWER_MAX, .may_be_anonymous = pages->may_be_anonymous,
				     .right = "s3:ListBucket"};
	char *token = pages->token;
	struct s3_call call;
	const struct buf *body = &call.response.body;
	enum sym_status status;

	pages->more = false;
	pages->token = NULL;
	if (token)
		query[request.query_count++] = (struct sigv4_pair){"continuation-token", token};
	else if (pages->after && *pages->after)
		query[request.query_count++] = (struct sigv4_pair){"start-after", pages->after};
	status = s3_perform(s, &request, &call, err);
	if (status == SYM_OK && call.http != 200)
		status = s3_refused(&call, err);
	if (status == SYM_OK)
		status = xml_read(body->data, body->size, &encoding, 1, pages, err);
	if (status == SYM_OK)
		status = xml_read(body->data, body->size, rows, ARRAY_LEN(rows), pages, err);
	if (status == SYM_OK && pages->more && !pages->token) /* the same page would come for ever */
		status = err_set(err, SYM_NET, "the server's listing goes on, and does not tell where");
	pages->date_s = response_date_s(&call.response);
	s3_call_release(&call);
	free(token);
	return status;
}

void s3_pages_release(struct s3_pages *pages)
{
	free(pages->token);
	pages->token = NULL;
}

/* ------------------------------------------------------------ for anybody -- */

struct telling {
	const struct target_lister *to;
	size_t prefix; /* bytes of the target's, which its paths have not */
	size_t told, most;
};

static void tell(void *ctx, const struct s3_object *object)
{
	struct telling *t = ctx;
	struct target_entry entry = {.size = object->size, .mtime_s = object->modified_s};

	if (strlen(object->key) < t->prefix || t->told++ >= t->most)
		return;
	entry.path = object->key + t->prefix;
	t->to->each(t->to->ctx, &entry);
}

enum sym_status s3_list(struct target *t, const char *prefix, size_t most,
			const struct target_lister *to, bool *all, struct sym_err *err)
{
	struct s3 *s = (struct s3 *)t;
	char key[S3_KEY_MAX + 1];
	struct telling telling = {.to = to, .prefix = strlen(s->prefix), .most = most};
	struct s3_pages pages = {.prefix = key, .may_be_anonymous = true, .each = tell, .ctx = &telling,
				 .more = true};
	enum sym_status status = s3_key(s, prefix, key, err);

	while (status == SYM_OK && pages.more && telling.told < most)
		status = s3_list_page(s, &pages, err);
	s3_pages_release(&pages);
	*all = status == SYM_OK && !pages.more && telling.told <= most;
	return status;
}
