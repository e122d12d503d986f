/* SPDX-License-Identifier: MIT
 * Defaults from the package.json of the current folder, as version 11 took them. */
#ifndef CLI_PACKAGE_JSON_H
#define CLI_PACKAGE_JSON_H

#include "sym.h"

/* Owned; NULL where the file has no such member, or it holds no text. */
struct package_json {
	char *name, *version, *database;
};

/* Reads ./package.json; none there is as an empty one. SYM_USAGE where it is no JSON or
 * larger than CONFIG_BYTES_MAX. */
enum sym_status package_json_read(struct package_json *out, struct sym_err *err);
void package_json_release(struct package_json *p);

#endif
