/* SPDX-License-Identifier: MIT
 * The compressed files of a symbol store (x.pd_, x.dl_, x.ex_): a Microsoft cabinet
 * that holds one file. Its bytes are unpacked once, into memory or, beyond
 * CABINET_MEMORY_BYTES_MAX, into a temporary file that has no name. */
#ifndef SOURCE_CABINET_H
#define SOURCE_CABINET_H

#include "base/blob.h"
#include "base/def.h"
#include "sym.h"

struct cabinet;

/* Do these first bytes of a file say that it is a cabinet? Four are enough. */
bool cabinet_is(const void *head, size_t size);

/* Unpacks the cabinet whose `size` bytes `read` delivers (it is not needed after the
 * call). SYM_MALFORMED: damaged or cut short; SYM_UNSUPPORTED: more than one file,
 * none, a part of a set, or compressed by Quantum; SYM_TOO_BIG: beyond the ceilings
 * of base/limits.h; SYM_IO, SYM_NOMEM. On success cabinet_close is due. */
enum sym_status cabinet_open(uint64_t size, blob_read_fn *read, void *ctx, struct cabinet **out,
			     struct sym_err *err) MUST_CHECK;
void cabinet_close(struct cabinet *cabinet); /* NULL is fine */

/* The file inside: its name as written there (a name, not a path; may be hostile) and
 * its size in bytes. */
const char *cabinet_name(const struct cabinet *cabinet);
uint64_t cabinet_size(const struct cabinet *cabinet);

/* A blob_read_fn over the unpacked bytes; `ctx` is the struct cabinet. */
enum sym_status cabinet_read(void *ctx, uint64_t offset, void *to, size_t n, size_t *got,
			     struct sym_err *err);

#endif
