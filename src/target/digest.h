/* SPDX-License-Identifier: MIT
 * SHA-256 of files: the only use of OpenSSL's hashes. */
#ifndef TARGET_DIGEST_H
#define TARGET_DIGEST_H

#include "os/os.h"

/* SHA-256 of [offset, offset + size). SYM_CHANGED where the file ends early; SYM_IO. */
enum sym_status digest_file(os_file file, uint64_t offset, uint64_t size, uint8_t sha256[32],
			    struct sym_err *err) MUST_CHECK;

/* The same of bytes that come in pieces. NULL when out of memory. */
struct digest;
struct digest *digest_new(void);
void digest_restart(struct digest *d);
void digest_feed(struct digest *d, const void *bytes, size_t size);
void digest_end(struct digest *d, uint8_t sha256[32]); /* restart or free must follow */
void digest_free(struct digest *d); /* NULL is fine */

#endif
