/* SPDX-License-Identifier: MIT
 * What a transaction brought: 000Admin/0000000007, one entry a line.
 *
 *   "app.pdb\7F3A…1","C:\build\app.pdb"
 *
 * An entry is the folder of name/KEY/name, as symstore.exe has it, without the tier of a store
 * in two tiers. Of a path of any other shape, which symstore.exe knows nothing of, it is the
 * whole path: `.build-id\ab\cd.debug`. Which of the two it is tells the store. */
#ifndef TARGET_ADMIN_LIST_H
#define TARGET_ADMIN_LIST_H

#include "key/key.h"
#include "target/admin/admin.h"

struct list_entry {
	const char *text;   /* as written */
	const char *source; /* the file that it came from; "" where the line does not tell */
};

/* The entry of a path of the store. True where it is a folder. */
bool list_entry_of(const char *path, bool two_tier, char out[KEY_PATH_MAX]);

/* The path of an entry below the root, `/` between components; that of the folder where the entry
 * is the whole path name\KEY\name. SYM_REFUSED where it would leave the store or names what is the
 * store's own: the file may be anybody's. */
enum sym_status list_path_of(const char *entry, char out[KEY_PATH_MAX], struct sym_err *err) MUST_CHECK;

/* May the file at `path`, of which somebody says that a transaction brought it, be touched? SYM_REFUSED
 * as above. */
enum sym_status list_check_path(const char *path, struct sym_err *err) MUST_CHECK;

/* The name of the file whose folder name/KEY is at `path`. */
void list_name_of(const char *path, char out[KEY_PATH_MAX]);

/* What stands at the path of an entry, which becomes the very place: in a store of two tiers, that
 * below the tier of its name. SYM_NOT_FOUND where nothing does; what os_stat answers. */
enum sym_status list_find(const struct admin *a, char path[KEY_PATH_MAX], enum os_type *type,
			  struct sym_err *err) MUST_CHECK;

/* Is there a list of this transaction, or with `deleted` one of which a removal was begun? */
bool list_is_there(const struct admin *a, uint64_t id, bool deleted);

typedef enum sym_status list_entry_fn(void *ctx, const struct list_entry *entry, struct sym_err *err);

/* Calls `each` for every entry, in their order, until it answers something else than SYM_OK.
 * SYM_NOT_FOUND: there is no such file; SYM_MALFORMED names the line; SYM_IO, SYM_NOMEM. */
enum sym_status list_read(const struct admin *a, uint64_t id, bool deleted, list_entry_fn *each, void *ctx,
			  struct sym_err *err) MUST_CHECK;

/* The same of whichever there is: of a transaction that lives, or of one whose removal was begun. */
enum sym_status list_read_either(const struct admin *a, uint64_t id, list_entry_fn *each, void *ctx,
				 struct sym_err *err) MUST_CHECK;

/* The same of a text in memory. */
enum sym_status list_parse(const char *text, size_t n, list_entry_fn *each, void *ctx,
			   struct sym_err *err) MUST_CHECK;

#endif
