/* SPDX-License-Identifier: MIT
 * When is a server given up that refuses what it is sent? One path alone may be refused; where all
 * are, for want of rights or because nothing there takes files, ten thousand more need not be sent. */
#ifndef TARGET_REFUSALS_H
#define TARGET_REFUSALS_H

#include "target/target.h"

#include <stdatomic.h>

/* Paths that are refused before nothing more is sent, where none was taken. */
#define REFUSALS_MAX 32

struct refusals {
	_Atomic unsigned count;
	_Atomic bool taken; /* anything was: it is not everything that is refused */
};

/* Hears what became of a path, from any thread. True: nothing more is to be sent, for the reason
 * `why`. */
bool refusals_suffice(struct refusals *r, const struct parcel_path *at, struct sym_err *why) MUST_CHECK;

#endif
