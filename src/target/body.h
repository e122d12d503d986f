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

#endif
