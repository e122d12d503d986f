/* SPDX-License-Identifier: MIT
 * Where bytes lie until they are whole: `.symbol-upload/<random>/<worker>/<number>`
 * in the store. A kernel lock on the random folder, and on the file `lock` in it, says
 * that its run lives, on whatever machine; the next run removes what it can lock. Nothing
 * that a killed run leaves is ever in the way. */
#ifndef TARGET_LOCAL_STAGING_H
#define TARGET_LOCAL_STAGING_H

#include "os/os.h"
#include "target/gauge.h"

#define STAGING_FOLDER ".symbol-upload"
#define STAGING_NAME_MAX 16 /* bytes of a staged file's name, with the NUL */

struct staging;

/* Makes and locks a staging folder with one sub-folder per worker. */
enum sym_status staging_open(struct os_dir *root, unsigned workers, struct staging **out,
			     struct sym_err *err) MUST_CHECK;

/* The number of the next file of `worker` (never 0), which is not there yet. */
uint32_t staging_number(struct staging *s, unsigned worker);

/* Creates the next file of `worker`, and tells its number. */
enum sym_status staging_create(struct staging *s, unsigned worker, os_file *file, uint32_t *ticket,
			       struct sym_err *err) MUST_CHECK;

/* Ends the writing of a file: flushes it where `sync`, and closes it. `status` is what came before: where that
 * is a failure, or one comes now, it is the answer, and the file is closed all the same. */
enum sym_status staging_end(os_file file, bool sync, enum sym_status status, struct sym_err *err) MUST_CHECK;

/* Creates the next file of `worker` with these bytes; `sync`: they are flushed. */
enum sym_status staging_write(struct staging *s, unsigned worker, const void *bytes, size_t n, bool sync,
			      uint32_t *ticket, struct sym_err *err) MUST_CHECK;

/* Copies [offset, offset + size) of `from` into the new, empty file `to`, in pieces, of which
 * the gauge (or NULL) hears. SYM_CHANGED where `from` ends early; SYM_IO, SYM_NOMEM,
 * SYM_CANCELLED. */
enum sym_status staging_fill(os_file to, os_file from, uint64_t offset, uint64_t size,
			     struct gauge *gauge, struct sym_err *err) MUST_CHECK;

/* The folder and the name of a staged file. */
struct os_dir *staging_dir(struct staging *s, uint32_t ticket);
void staging_name(uint32_t ticket, char name[STAGING_NAME_MAX]);

/* Gives a staged file its final name, where nothing stands; SYM_EXISTS where something does, and it stays
 * staged where that fails. Or in the place of what stands there; where that fails it is gone. Statuses as
 * os_publish and os_replace. */
enum sym_status staging_publish(struct staging *s, uint32_t ticket, struct os_dir *dir, const char *name,
				struct sym_err *err) MUST_CHECK;
enum sym_status staging_replace(struct staging *s, uint32_t ticket, struct os_dir *dir, const char *name,
				struct sym_err *err) MUST_CHECK;

void staging_remove(struct staging *s, uint32_t ticket);

/* Removes the folder with all that is left in it. NULL is fine. */
void staging_close(struct staging *s);

/* Removes the staging folders of runs that are no more. Failures are not worth a
 * word: the next run tries again. */
void staging_sweep(struct os_dir *root);

/* SYM_EXISTS where another run lives that fills the store. SYM_IO where that cannot be seen. */
enum sym_status staging_idle(struct os_dir *root, struct sym_err *err) MUST_CHECK;

#endif
