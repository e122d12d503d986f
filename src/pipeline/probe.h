/* SPDX-License-Identifier: MIT
 * From an open file to its identities, whatever it is wrapped in. */
#ifndef PIPELINE_PROBE_H
#define PIPELINE_PROBE_H

#include "format/format.h"
#include "os/os.h"

#include <stdbool.h>

/* One per worker: holds the windows through which files are read. */
struct probe;

struct probe *probe_new(bool fallback_age); /* NULL when out of memory */
void probe_free(struct probe *p);

/* What lies in a file from `offset` on, in bytes; and a blob_read_fn over it, whose `ctx` is the part. */
struct part {
	os_file file;
	uint64_t offset;
};
enum sym_status part_read(void *ctx, uint64_t offset, void *to, size_t n, size_t *got, struct sym_err *err);

/* Identifies the file that lies at [offset, offset + size) of `file`. `fallback_age` (of
 * probe_new): a PDB without a DBI stream is keyed with the age of its info stream, as dotnet does.
 * Identities of a compressed file speak of the file in it, but their slice is the compressed file;
 * `member` is the name of the one in it, else "", before the first identity comes.
 * Statuses as format_identify and cabinet_open. */
enum sym_status probe_part(struct probe *p, os_file file, uint64_t offset, uint64_t size,
			   const struct identity_sink *sink, char member[SYM_NAME_MAX + 1],
			   struct sym_err *err) MUST_CHECK;

/* Was what was looked at last an archive? It need not be read again to learn it. */
bool probe_met_archive(const struct probe *p);

/* Can what begins with these `n` bytes be a symbol file, or one packed as in a store? `whole`: there
 * are no more. */
bool probe_may_be(struct probe *p, const void *head, size_t n, bool whole);

#endif
