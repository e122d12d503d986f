/* SPDX-License-Identifier: MIT
 *
 *	symbol-upload journal 1
 *	target 0 s3://bucket/prefix
 *	0 WHEN DEVICE INODE SIZE MTIME CTIME OFFSET SIZE INODE SIZE CTIME + SHA256 PATH
 *
 * Numbers are decimal, the first of an entry is its target's; a missing SHA-256 is `-`.
 * PATH is a store's path, in which no newline can be (key_name_check). */
#include "pipeline/journal.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/table.h"
#include "base/text.h"
#include "os/os.h"
#include "pipeline/replace.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define OURS "symbol-upload journal " /* so does every version of it begin */
#define HEAD OURS "1"

enum {
	WINDOW = 64 << 10,        /* of the old journal; runs ask in the order in which they noted */
	LINE_MAX_BYTES = 8 << 10, /* a target's address is the longest */
	PLACES_MAX = 1024,
	FLUSH_BYTES = 256 << 10,
	NUMBERS = 11,             /* of an entry, behind its target */
};

/* Where an entry of the old journal begins. */
struct slot {
	uint64_t entry;  /* hash of its target and path */
	uint64_t offset; /* bytes from the start of the file */
	bool touched;    /* this run knows better */
};

struct places {
	char *at[PLACES_MAX];
	size_t count;
};

struct journal {
	char *path;
	int64_t oldest_s;  /* entries before it are dropped */
	os_file old;       /* OS_NO_FILE: there is none */
	uint64_t old_size;
	uint64_t window_at;
	size_t window_size;
	char window[WINDOW + 1];
	struct table slots;
	struct places places;     /* of the old journal, by its numbers */
	struct places new_places; /* of the new one */
	struct buf lines;         /* not yet in `spool` */
	os_file spool;            /* the new entries; it has no name */
	struct sym_err failure;   /* the first, of writing */
};

/* ---------------------------------------------------------------- lines -- */

/* The line at `offset`, without its newline, and where the next one begins. False at the
 * end, and where a line has none. */
static bool line_at(struct journal *j, uint64_t offset, char **line, uint64_t *next)
{
	char *start, *end;
	struct sym_err ignored;

	for (int tries = 0; tries < 2; tries++) {
		if (offset >= j->window_at && offset < j->window_at + j->window_size) {
			start = j->window + (offset - j->window_at);
			end = memchr(start, '\n', j->window_size - (size_t)(offset - j->window_at));
			if (end && end - start < LINE_MAX_BYTES) {
				*line = start;
				*next = offset + (uint64_t)(end - start) + 1;
				return true;
			}
		}
		j->window_at = offset;
		if (os_read_at(j->old, offset, j->window, WINDOW, &j->window_size, &ignored) != SYM_OK)
			j->window_size = 0;
	}
	return false;
}

static char *read_number(char *c, uint64_t *out)
{
	uint64_t value = 0;
	char *start = c;

	for (; *c >= '0' && *c <= '9' && value <= (UINT64_MAX - (uint64_t)(*c - '0')) / 10; c++)
		value = 10 * value + (uint64_t)(*c - '0');
	*out = value;
	return c > start && *c == ' ' ? c + 1 : NULL;
}

/* Reads what stands before the path; answers the path, or NULL where this is no entry. The
 * line ends at its newline. */
static const char *parse_entry(char *line, uint64_t *place, struct journal_entry *e)
{
	uint64_t n[NUMBERS];
	char *c = read_number(line, place);

	for (size_t i = 0; i < NUMBERS && c; i++) {
		bool minus = *c == '-';

		c = read_number(c + minus, &n[i]);
		if (c && minus)
			n[i] = 0 - n[i];
	}
	if (!c || (*c != JOURNAL_THERE && *c != JOURNAL_KEPT && *c != JOURNAL_WARNED) || c[1] != ' ')
		return NULL;
	*e = (struct journal_entry){.state = (enum journal_state)*c,
				    .when_s = (int64_t)n[0],
				    .device = n[1],
				    .inode = n[2],
				    .size = n[3],
				    .mtime_ns = (int64_t)n[4],
				    .ctime_ns = (int64_t)n[5],
				    .slice_offset = n[6],
				    .slice_size = n[7],
				    .target_inode = n[8],
				    .target_size = n[9],
				    .target_ctime_ns = (int64_t)n[10],
				    .has_sha256 = c[2] != '-'};
	c += 2;
	if (!e->has_sha256)
		return c[1] == ' ' ? c + 2 : NULL;
	if (strcspn(c, " \n") != 64 || c[64] != ' ' || !text_hex_bytes(c, e->sha256, 32))
		return NULL;
	return c + 65;
}

static void add_entry(struct buf *out, size_t place, const char *path, const struct journal_entry *e)
{
	char hex[65] = "-";

	if (e->has_sha256)
		text_hex_lower(hex, e->sha256, 32);
	buf_printf(out, "%zu %" PRId64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRId64 " %" PRId64, place,
		   e->when_s, e->device, e->inode, e->size, e->mtime_ns, e->ctime_ns);
	buf_printf(out, " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRId64 " %c %s %s\n",
		   e->slice_offset, e->slice_size, e->target_inode, e->target_size, e->target_ctime_ns,
		   e->state, hex, path);
}

/* ------------------------------------------------------------ the index -- */

static uint64_t hash_of(const char *place, const char *path)
{
	return hash_text(hash_text(HASH_START, place), path);
}

/* The slot of an entry that the old journal has, or NULL. journal_find compares all the same. */
static struct slot *known_slot(struct journal *j, const char *place, const char *path)
{
	return table_find(&j->slots, hash_of(place, path));
}

/* -------------------------------------------------------------- opening -- */

/* "target N PLACE": numbers go up from 0. */
static bool read_place(struct journal *j, char *line, size_t len)
{
	uint64_t number;
	char *place = read_number(line + 7, &number);

	if (!place || number != j->places.count || number == PLACES_MAX)
		return false;
	j->places.at[number] = text_copy(place, len - (size_t)(place - line));
	j->places.count++;
	return j->places.at[number] != NULL;
}

static bool read_entry(struct journal *j, char *line, size_t len, uint64_t offset)
{
	struct journal_entry e;
	uint64_t place;
	const char *path = parse_entry(line, &place, &e);
	struct slot *s;

	if (!path || place >= j->places.count)
		return false;
	line[len] = '\0';
	s = table_add(&j->slots, hash_of(j->places.at[place], path));
	line[len] = '\n';
	if (s)
		s->offset = offset;
	return s != NULL;
}

/* What was meant for another option, or for another program, is not to be written over. */
static enum sym_status check_ours(struct journal *j, struct sym_err *err)
{
	char head[sizeof OURS - 1];
	size_t got;
	enum sym_status status = os_read_at(j->old, 0, head, sizeof head, &got, err);

	if (status == SYM_OK && memcmp(head, OURS, got) != 0)
		return err_set(err, SYM_USAGE, "the file is no journal, and is left as it is");
	return status;
}

/* Reads all lines; false where one of them is none of ours. */
static bool read_all(struct journal *j)
{
	uint64_t at = 0, next = 0;
	char *line;

	for (; line_at(j, at, &line, &next); at = next) {
		size_t len = (size_t)(next - at - 1);
		bool good = at == 0 ? len == strlen(HEAD) && memcmp(line, HEAD, len) == 0
			    : strncmp(line, "target ", 7) == 0 ? read_place(j, line, len)
							       : read_entry(j, line, len, at);

		if (!good)
			return false;
	}
	return at == j->old_size && at > 0;
}

static void forget_all(struct journal *j)
{
	for (size_t i = 0; i < j->places.count; i++)
		free(j->places.at[i]);
	j->places.count = 0;
	table_release(&j->slots);
	os_close_quietly(j->old);
	j->old = OS_NO_FILE;
}

static void journal_free(struct journal *j)
{
	forget_all(j);
	for (size_t i = 0; i < j->new_places.count; i++)
		free(j->new_places.at[i]);
	os_close_quietly(j->spool);
	buf_release(&j->lines);
	free(j->path);
	free(j);
}

enum sym_status journal_open(const char *path, int64_t age_s, int64_t now_s, struct journal **out,
			     bool *damaged, struct sym_err *err)
{
	struct journal *j = calloc(1, sizeof *j);
	struct os_stat st;
	enum sym_status status;

	*damaged = false;
	if (!j)
		return err_set(err, SYM_NOMEM, "out of memory");
	j->old = j->spool = OS_NO_FILE;
	j->slots = (struct table)TABLE_OF(struct slot);
	j->oldest_s = now_s - age_s;
	j->lines = (struct buf)BUF_MAX(FLUSH_BYTES + LINE_MAX_BYTES + 1024);
	j->path = strdup(path);
	status = j->path ? os_open(NULL, path, OS_FOLLOW, &j->old, &st, err)
			 : err_set(err, SYM_NOMEM, "out of memory");
	if (status == SYM_OK)
		status = check_ours(j, err);
	if (status == SYM_OK) {
		j->old_size = st.size;
		*damaged = !read_all(j);
		if (*damaged)
			forget_all(j);
	}
	if (status == SYM_OK || status == SYM_NOT_FOUND)
		status = os_spool(&j->spool, err);
	buf_add_text(&j->lines, HEAD "\n");
	if (status != SYM_OK) {
		journal_free(j);
		return err_prefix(err, "the journal %s", path);
	}
	*out = j;
	return SYM_OK;
}

/* -------------------------------------------------------- asking, noting -- */

bool journal_find(struct journal *j, const char *place, const char *path, struct journal_entry *out)
{
	const struct slot *s = known_slot(j, place, path);
	size_t len = strlen(path);
	uint64_t next, number;
	const char *noted;
	char *line;

	if (!s || s->touched || !line_at(j, s->offset, &line, &next))
		return false;
	noted = parse_entry(line, &number, out);
	return noted && number < j->places.count && strcmp(j->places.at[number], place) == 0 &&
	       strncmp(noted, path, len) == 0 && noted[len] == '\n';
}

static void fail(struct journal *j, const struct sym_err *err)
{
	if (j->failure.status == SYM_OK)
		j->failure = *err;
}

static void flush_lines(struct journal *j, os_file to)
{
	struct sym_err err;

	if (j->lines.failed)
		err_set(&err, SYM_NOMEM, "out of memory");
	else if (j->lines.size == 0 || os_write(to, j->lines.data, j->lines.size, &err) == SYM_OK)
		err.status = SYM_OK;
	if (err.status != SYM_OK)
		fail(j, &err);
	buf_clear(&j->lines);
}

/* The number of a target in the new journal, introduced where it is new; PLACES_MAX for one that
 * has no line there: a folder's name may hold a newline. */
static size_t number_of(struct journal *j, const char *place)
{
	struct places *p = &j->new_places;

	for (size_t i = p->count; i > 0; i--) /* the newest is the likeliest */
		if (strcmp(p->at[i - 1], place) == 0)
			return i - 1;
	if (p->count == PLACES_MAX || strlen(place) > LINE_MAX_BYTES / 2 || strchr(place, '\n'))
		return PLACES_MAX;
	p->at[p->count] = strdup(place);
	if (!p->at[p->count])
		return PLACES_MAX;
	buf_printf(&j->lines, "target %zu %s\n", p->count, place);
	return p->count++;
}

static void put(struct journal *j, os_file to, const char *place, const char *path,
		const struct journal_entry *e)
{
	size_t number = number_of(j, place);

	if (number == PLACES_MAX)
		return; /* it is asked for again: no harm */
	add_entry(&j->lines, number, path, e);
	if (j->lines.size >= FLUSH_BYTES || j->lines.failed)
		flush_lines(j, to);
}

void journal_forget(struct journal *j, const char *place, const char *path)
{
	struct slot *s = known_slot(j, place, path);

	if (s)
		s->touched = true;
}

void journal_note(struct journal *j, const char *place, const char *path,
		  const struct journal_entry *entry)
{
	journal_forget(j, place, path);
	put(j, j->spool, place, path, entry);
}

/* -------------------------------------------------------------- closing -- */

/* The entries of earlier runs that this one had nothing to do with. */
static void keep_old(struct journal *j, os_file to)
{
	uint64_t at = 0, next = 0;
	char *line;

	for (; j->old != OS_NO_FILE && line_at(j, at, &line, &next); at = next) {
		struct journal_entry e;
		uint64_t number;
		const char *path = parse_entry(line, &number, &e);
		const struct slot *s;

		if (!path || number >= j->places.count || e.when_s < j->oldest_s)
			continue;
		line[next - at - 1] = '\0';
		s = known_slot(j, j->places.at[number], path);
		if (s && !s->touched && s->offset == at)
			put(j, to, j->places.at[number], path, &e);
		line[next - at - 1] = '\n';
	}
}

static enum sym_status write_all(void *ctx, os_file to, struct sym_err *err)
{
	struct journal *j = ctx;
	struct os_stat st;
	uint64_t copied;
	enum sym_status status;

	flush_lines(j, j->spool);
	status = os_file_stat(j->spool, &st, err);
	if (status == SYM_OK)
		status = os_copy(j->spool, 0, st.size, to, &copied, err);
	if (status != SYM_OK)
		return status;
	keep_old(j, to);
	flush_lines(j, to);
	if (j->failure.status != SYM_OK) {
		*err = j->failure;
		return err->status;
	}
	return os_sync_file(to, err); /* else a loss of power could leave the name without the lines */
}

enum sym_status journal_close(struct journal *j, bool keep, struct sym_err *err)
{
	enum sym_status status = SYM_OK;

	if (!j)
		return SYM_OK;
	if (keep)
		status = replace_file(j->path, write_all, j, err);
	if (status != SYM_OK)
		err_prefix(err, "cannot write the journal %s", j->path);
	journal_free(j);
	return status;
}
