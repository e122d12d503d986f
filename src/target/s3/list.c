/* SPDX-License-Identifier: MIT
 * What stands below the prefix, by ListObjectsV2: a thousand answers for one request.
 *
 * A run does not know how many keys it will ask for, and a prefix can hold millions, so
 * the listing grows only as it pays: after every ASK_BEFORE questions that it could not
 * answer and that cost a HEAD each, or were announced, the thread with the last of them lists
 * PAGES_AT_ONCE pages more, from where the listing stood; the others go on. Keys come in the
 * order of their bytes, so all that is not after the last listed key is known. An object
 * counts as ours only where size and MD5 agree (the ETag of what came by one plain PUT);
 * everything else is still asked by HEAD, for its metadata.
 *
 * Kept are 32 bytes an object, of ENTRIES_MAX objects at most. */
#include "target/s3/s3.h"

#include "base/err.h"
#include "base/hash.h"
#include "base/table.h"
#include "target/body.h"

#include <stdlib.h>
#include <string.h>

enum {
	ASK_BEFORE = 50,
	PAGES_AT_ONCE = 20,
	ENTRIES_MAX = 3 << 16,  /* fills a table that grows by doubling */
};

struct entry {
	uint64_t key;    /* its hash. A clash costs a HEAD: size and MD5 must agree */
	uint64_t size;   /* bytes */
	uint8_t md5[16]; /* zeros: not told */
};

struct s3_list {
	pthread_mutex_t lock;
	struct table entries;
	unsigned asked;            /* questions without an answer since the last pages */
	bool listing;              /* a thread is at it */
	bool full;                 /* nothing more is kept */
	bool whole, closed;        /* all is listed; no more will be */
	char last[S3_KEY_MAX + 1]; /* key: all up to here are known */
};

struct s3_list *s3_list_new(void)
{
	struct s3_list *list = calloc(1, sizeof *list);

	if (!list)
		return NULL;
	list->entries = (struct table)TABLE_OF(struct entry);
	pthread_mutex_init(&list->lock, NULL);
	return list;
}

void s3_list_free(struct s3_list *list)
{
	if (!list)
		return;
	pthread_mutex_destroy(&list->lock);
	table_release(&list->entries);
	free(list);
}

/* -------------------------------------------------------------- listing -- */

static void add_object(void *ctx, const struct s3_object *object)
{
	struct s3_list *list = ctx;
	struct entry *entry = NULL;

	pthread_mutex_lock(&list->lock);
	if (list->entries.count < ENTRIES_MAX && !list->full)
		entry = table_add(&list->entries, hash_text(HASH_START, object->key));
	list->full = entry == NULL;
	if (entry && strlen(object->key) < sizeof list->last) {
		entry->size = object->size;
		if (!s3_etag_md5(object->etag, entry->md5))
			memset(entry->md5, 0, sizeof entry->md5);
		memcpy(list->last, object->key, strlen(object->key) + 1);
	}
	pthread_mutex_unlock(&list->lock);
}

static void list_pages(struct s3 *s)
{
	struct s3_list *list = s->list;
	char after[S3_KEY_MAX + 1];
	struct s3_pages pages = {.prefix = s->prefix, .after = after, .each = add_object, .ctx = list,
				 .more = true};
	struct sym_err ignored;
	bool read = true;

	memcpy(after, list->last, sizeof after); /* only the thread that lists writes it */
	for (int i = 0; i < PAGES_AT_ONCE && pages.more && read && !list->full; i++)
		read = s3_list_page(s, &pages, &ignored) == SYM_OK;
	s3_pages_release(&pages);
	pthread_mutex_lock(&list->lock);
	list->whole = read && !pages.more && !list->full;
	list->closed = !read || !pages.more || list->full;
	list->listing = false;
	list->asked = 0;
	pthread_mutex_unlock(&list->lock);
}

/* --------------------------------------------------------------- asking -- */

/* What the listing knows now. Counts the questions that it cannot answer, and says by
 * `*list_now` that this thread is to list more. */
static enum target_listed look_up(struct s3_list *list, const char *key, struct entry *found,
			      bool *list_now)
{
	enum target_listed listed = LISTED_UNKNOWN;
	const struct entry *entry;

	*list_now = false;
	pthread_mutex_lock(&list->lock);
	if (list->whole || strcmp(key, list->last) <= 0) {
		entry = table_find(&list->entries, hash_text(HASH_START, key));
		listed = entry ? LISTED_THERE : LISTED_ABSENT;
		if (entry)
			*found = *entry;
	} else if (!list->closed && !list->listing && ++list->asked > ASK_BEFORE) {
		*list_now = list->listing = true;
	}
	pthread_mutex_unlock(&list->lock);
	return listed;
}

static bool is_ours(const struct parcel *p, const struct entry *there)
{
	static const uint8_t none[16];
	struct xfer_body body = body_plain(p);
	uint8_t md5[16];

	return there->size == body.size && memcmp(there->md5, none, sizeof none) != 0 && body_md5(&body, md5) &&
	       memcmp(md5, there->md5, sizeof md5) == 0;
}

/* The same, listing where it is this thread's turn. */
static enum target_listed find(struct s3 *s, const char *key, struct entry *found)
{
	bool list_now;
	enum target_listed listed = look_up(s->list, key, found, &list_now);

	if (!list_now)
		return listed;
	list_pages(s);
	return look_up(s->list, key, found, &list_now);
}

enum target_listed s3_listed(struct target *t, const char *path)
{
	struct s3 *s = (struct s3 *)t;
	char key[S3_KEY_MAX + 1];
	struct entry found;
	struct sym_err ignored;

	return s3_key(s, path, key, &ignored) == SYM_OK ? find(s, key, &found) : LISTED_UNKNOWN;
}

/* Where many will come, the first one lists: they count as asked. */
void s3_expect(struct target *t, size_t questions)
{
	struct s3_list *list = ((struct s3 *)t)->list;

	pthread_mutex_lock(&list->lock);
	list->asked += (unsigned)min_u64(questions, ASK_BEFORE);
	pthread_mutex_unlock(&list->lock);
}

enum target_listed s3_list_ask(struct s3 *s, const char *key, const struct parcel *p, bool *same)
{
	struct entry found;
	enum target_listed listed = find(s, key, &found);

	*same = listed == LISTED_THERE && is_ours(p, &found);
	return listed;
}
