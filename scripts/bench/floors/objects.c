/* SPDX-License-Identifier: MIT */
#include "objects.h"

#include "floor.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 1 << 20, PAGE = 1000 }; /* SLOTS: a power of two, far more than objects */

static struct object *slots[SLOTS];
static size_t count;

static struct object **slot_of(const char *path, size_t size)
{
	uint64_t hash = 0xcbf29ce484222325ull;
	size_t at;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ (unsigned char)path[i]) * 0x100000001b3ull;
	for (at = (size_t)(hash ^ hash >> 32) & (SLOTS - 1); slots[at]; at = (at + 1) & (SLOTS - 1))
		if (strncmp(slots[at]->path, path, size) == 0 && !slots[at]->path[size])
			break;
	return &slots[at];
}

struct object *objects_at(const char *path, size_t size)
{
	struct object **slot = slot_of(path, size);

	if (*slot)
		return *slot;
	if (++count > SLOTS / 2)
		die("too many objects");
	*slot = calloc(1, sizeof **slot);
	if (!*slot || !((*slot)->path = strndup(path, size)))
		die("memory");
	return *slot;
}

void objects_forget(void)
{
	for (size_t i = 0; i < SLOTS; i++) {
		if (slots[i])
			free(slots[i]->path);
		free(slots[i]);
		slots[i] = NULL;
	}
	count = 0;
}

/* ----------------------------------------------------------------- lists -- */

/* %XX becomes its byte; ends where the text or its parameter does. */
static void decode(const char *from, char *to, size_t room)
{
	size_t n = 0;

	while (*from && *from != '&' && n + 1 < room) {
		char hex[3] = "";

		to[n] = *from++;
		if (to[n] == '%' && from[0] && from[1]) {
			memcpy(hex, from, 2);
			to[n] = (char)strtoul(hex, NULL, 16);
			from += 2;
		}
		n++;
	}
	to[n] = '\0';
}

static void parameter(const char *target, const char *name, char *to, size_t room)
{
	const char *at = strpbrk(target, "?&");

	to[0] = '\0';
	for (; at; at = strchr(at + 1, '&'))
		if (strncmp(at + 1, name, strlen(name)) == 0 && at[1 + strlen(name)] == '=')
			decode(at + strlen(name) + 2, to, room);
}

static int compare_keys(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_text(FILE *out, const char *text)
{
	for (; *text; text++)
		if (strchr("&<>", *text))
			fprintf(out, "&#%d;", *text);
		else
			fputc(*text, out);
}

/* The keys of the target's bucket with its prefix that follow `after`, in order. */
static size_t find_keys(const char *target, char **keys)
{
	size_t bucket = strcspn(target, "?"), found = 0;
	char prefix[2048], after[2048], key[2048];

	while (bucket > 1 && target[bucket - 1] == '/')
		bucket--;
	parameter(target, "prefix", prefix, sizeof prefix);
	parameter(target, "start-after", after, sizeof after);
	if (strstr(target, "continuation-token="))
		parameter(target, "continuation-token", after, sizeof after);
	for (size_t i = 0; i < SLOTS; i++) {
		const struct object *o = slots[i];

		if (!o || !o->there || strncmp(o->path, target, bucket) != 0 || o->path[bucket] != '/')
			continue;
		decode(o->path + bucket + 1, key, sizeof key);
		if (strncmp(key, prefix, strlen(prefix)) == 0 && strcmp(key, after) > 0)
			keys[found++] = strdup(key);
	}
	qsort(keys, found, sizeof *keys, compare_keys);
	return found;
}

char *objects_listed(const char *target)
{
	char **keys = calloc(count + 1, sizeof *keys), *body = NULL;
	size_t found = keys ? find_keys(target, keys) : 0, size, i;
	FILE *out = open_memstream(&body, &size);

	if (!keys || !out)
		die("memory");
	fputs("<?xml version=\"1.0\"?><ListBucketResult>", out);
	for (i = 0; i < found && i < PAGE; i++) {
		fputs("<Contents><Key>", out);
		add_text(out, keys[i]);
		fputs("</Key><Size>0</Size><ETag>\"0-1\"</ETag></Contents>", out);
	}
	fprintf(out, "<KeyCount>%zu</KeyCount><IsTruncated>%s</IsTruncated>", i,
		found > PAGE ? "true" : "false");
	if (found > PAGE) {
		fputs("<NextContinuationToken>", out);
		add_text(out, keys[PAGE - 1]);
		fputs("</NextContinuationToken>", out);
	}
	fputs("</ListBucketResult>", out);
	fclose(out);
	for (i = 0; i < found; i++)
		free(keys[i]);
	free(keys);
	return body;
}
