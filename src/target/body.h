/* SPDX-License-Identifier: MIT
 * The bytes of a parcel as a server gets them. Borrowed: the parcel's source stays open, and what was
 * packed stays there. */
#ifndef TARGET_BODY_H
#define TARGET_BODY_H

#include "target/gzip.h"
#include "target/target.h"
#include "target/xfer/xfer.h"

/* As they are. */
struct xfer_body body_plain(const struct parcel *p);

/* As they were packed. */
struct xfer_body body_packed(const struct parcel *p, const struct gzipped *packed);

/* The MD5 of a body, to be compared with what a server says that it has. False where it cannot be told. */
bool body_md5(const struct xfer_body *b, uint8_t md5[16]);

#endif
