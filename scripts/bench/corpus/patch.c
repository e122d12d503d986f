/* SPDX-License-Identifier: MIT */
#include "patch.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void die(const char *what, const char *name)
{
	fprintf(stderr, "%s: %s\n", what, name);
	exit(1);
}

void *need(size_t size)
{
	void *p = calloc(1, size ? size : 1);

	if (!p)
		die("out of memory", "");
	return p;
}

uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static void random_bytes(uint8_t *to, size_t size, uint64_t *random)
{
	for (size_t i = 0; i < size; i++)
		to[i] = (uint8_t)(next_random(random) >> 32);
}

static uint32_t get32(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	       (uint32_t)at[3] << 24;
}

static void put32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static void write_at(int fd, const char *path, const uint8_t *bytes, size_t size, uint64_t offset)
{
	while (size > 0) {
		ssize_t n = pwrite(fd, bytes, size, (off_t)offset);

		if (n <= 0)
			die("cannot write", path);
		bytes += n;
		size -= (size_t)n;
		offset += (uint64_t)n;
	}
}

static int create(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0)
		die("cannot create", path);
	return fd;
}

void write_file(const char *path, const void *bytes, size_t size)
{
	int fd = create(path);

	write_at(fd, path, bytes, size, 0);
	if (close(fd) < 0)
		die("cannot write", path);
}

void fill(const struct bytes *pool, uint8_t *to, size_t size, uint64_t *random)
{
	while (size > 0) {
		size_t piece = 512 + next_random(random) % 3584;
		size_t from = next_random(random) % (pool->size - 4096);

		if (piece > size)
			piece = size;
		memcpy(to, pool->at + from, piece);
		to += piece;
		size -= piece;
	}
}

/* ----------------------------------------------------------------- keys -- */

static uint8_t *find(struct bytes file, const char *what, size_t size)
{
	uint8_t *at = memmem(file.at, file.size, what, size);

	if (!at)
		die("a template lacks its identifier", what);
	return at;
}

/* The time stamp of the COFF header, and the GUID of the CodeView record. */
static void patch_pe(struct bytes file, uint64_t *random)
{
	put32(file.at + get32(file.at + 0x3c) + 8, (uint32_t)next_random(random));
	random_bytes(find(file, "RSDS", 4) + 4, 16, random);
}

/* The build-id: a note of 20 bytes and type 3 for "GNU". */
static void patch_elf(struct bytes file, uint64_t *random)
{
	static const char note[] = "\4\0\0\0\24\0\0\0\3\0\0\0GNU";

	random_bytes(find(file, note, sizeof note) + sizeof note, 20, random);
}

/* LC_UUID among the load commands behind a 64 bit header. */
static void patch_macho(struct bytes file, uint64_t *random)
{
	enum { HEADER = 32, COMMANDS = 16, LC_UUID = 0x1b };
	uint8_t *at = file.at + HEADER;

	for (uint32_t i = get32(file.at + COMMANDS); i > 0; i--, at += get32(at + 4))
		if (get32(at) == LC_UUID) {
			random_bytes(at + 8, 16, random);
			return;
		}
	die("a template lacks its identifier", "LC_UUID");
}

void patch_key(enum kind kind, struct bytes file, uint64_t *random)
{
	switch (kind) {
	case DLL:
	case EXE:
		patch_pe(file, random);
		break;
	case ELF:
		patch_elf(file, random);
		break;
	case DSYM:
		patch_macho(file, random);
		break;
	default:
		die("no such template", "");
	}
}

/* ------------------------------------------------------------------ PDB -- */

enum {
	BLOCK = 4096,
	SUPER_BLOCKS = 40,    /* offsets in the super block */
	SUPER_DIRECTORY = 44, /* bytes of the directory */
	SUPER_MAP = 52,       /* the block that lists the directory's blocks */
	INFO_GUID = 12,       /* offset in stream 1 */
};

/* A PDB that is being written. */
struct pdb {
	const char *path;
	int fd;
	uint32_t next; /* block */
};

static size_t blocks_of(uint32_t bytes)
{
	return bytes == UINT32_MAX ? 0 : ((size_t)bytes + BLOCK - 1) / BLOCK;
}

/* Writes one block where there is room, and answers its number. The second and third block
 * of each 4096 hold the map of free blocks: all zero, nothing is free. */
static uint32_t add_block(struct pdb *pdb, const uint8_t *bytes)
{
	static const uint8_t nothing_free[BLOCK];

	while (pdb->next % BLOCK == 1 || pdb->next % BLOCK == 2)
		write_at(pdb->fd, pdb->path, nothing_free, BLOCK, (uint64_t)BLOCK * pdb->next++);
	write_at(pdb->fd, pdb->path, bytes, BLOCK, (uint64_t)BLOCK * pdb->next);
	return pdb->next++;
}

/* The stream directory in one piece. */
static uint8_t *read_directory(const struct bytes *file)
{
	uint32_t size = get32(file->at + SUPER_DIRECTORY);
	const uint8_t *map = file->at + (size_t)get32(file->at + SUPER_MAP) * BLOCK;
	uint8_t *directory = need(blocks_of(size) * BLOCK);

	for (size_t i = 0; i < blocks_of(size); i++)
		memcpy(directory + i * BLOCK, file->at + (size_t)get32(map + 4 * i) * BLOCK, BLOCK);
	return directory;
}

/* Writes `size` bytes as blocks, and lists these at `list`. */
static void add_bytes(struct pdb *pdb, const uint8_t *bytes, size_t size, uint8_t *list)
{
	uint8_t block[BLOCK];

	for (size_t at = 0; at < size; at += BLOCK, list += 4) {
		size_t n = size - at < BLOCK ? size - at : BLOCK;

		memset(block, 0, sizeof block);
		memcpy(block, bytes + at, n);
		put32(list, add_block(pdb, block));
	}
}

/* The blocks of the template's streams, the GUID renewed; their new numbers go to `list`. */
static void add_streams(struct pdb *pdb, const struct bytes *file, const uint8_t *directory,
			uint8_t *list, uint64_t *random)
{
	uint32_t count = get32(directory);
	const uint8_t *from = directory + 4 + 4 * (size_t)count;

	for (uint32_t stream = 0; stream < count; stream++) {
		size_t blocks = blocks_of(get32(directory + 4 + 4 * (size_t)stream));

		for (size_t i = 0; i < blocks; i++, from += 4, list += 4) {
			uint8_t block[BLOCK];

			memcpy(block, file->at + (size_t)get32(from) * BLOCK, BLOCK);
			if (stream == 1 && i == 0)
				random_bytes(block + INFO_GUID, 16, random);
			put32(list, add_block(pdb, block));
		}
	}
}

void write_pdb(const char *path, const struct bytes *template, size_t size,
	       const struct bytes *pool, uint64_t *random)
{
	struct pdb pdb = {.path = path, .fd = create(path), .next = 1};
	size_t filling = size > template->size ? (size - template->size) / BLOCK : 0;
	uint8_t *old = read_directory(template);
	uint32_t old_size = get32(template->at + SUPER_DIRECTORY), streams = get32(old);
	size_t new_size = old_size + 4 + 4 * filling; /* one more stream, with its blocks */
	size_t lists = 4 + 4 * (size_t)streams;       /* where the lists of blocks begin */
	uint8_t *directory = need(new_size), *map = need(blocks_of((uint32_t)new_size) * 4);
	uint8_t block[BLOCK];

	memcpy(directory, old, lists);
	put32(directory, streams + 1);
	put32(directory + lists, (uint32_t)(filling * BLOCK));
	for (size_t i = 0; i < filling; i++) {
		fill(pool, block, BLOCK, random);
		put32(directory + old_size + 4 + 4 * i, add_block(&pdb, block));
	}
	add_streams(&pdb, template, old, directory + lists + 4, random);
	add_bytes(&pdb, directory, new_size, map);
	if (blocks_of((uint32_t)new_size) * 4 > BLOCK)
		die("too large for one map of the directory", path);
	memcpy(block, template->at, BLOCK);
	add_bytes(&pdb, map, blocks_of((uint32_t)new_size) * 4, block + SUPER_MAP);
	put32(block + SUPER_BLOCKS, pdb.next);
	put32(block + SUPER_DIRECTORY, (uint32_t)new_size);
	write_at(pdb.fd, path, block, BLOCK, 0);
	if (close(pdb.fd) < 0)
		die("cannot write", path);
	free(old);
	free(directory);
	free(map);
}
