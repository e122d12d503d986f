/* SPDX-License-Identifier: MIT
 * When is a server given up that forbids what it is sent? One path alone may be forbidden; where all
 * are, as with credentials that lack the right to write, ten thousand more need not be sent. */
#ifndef TARGET_REFUSALS_H
#define TARGET_REFUSALS_H

#include "target/target.h"

#include <stdatomic.h>

/* Paths that are refused before nothing more is sent, where none was taken. */
#define REFUSALS_MAX 32

struct refusals {
	_Atomic unsigned count;
	_Atomic bool taken; /* anything was: it is not all that is forbidden */
};

/* Hears what became of a path, from any thread. True: nothing more needs to be tried, and at->why
 * tells why. */
bool refusals_suffice(struct refusals *r, const struct parcel_path *at) MUST_CHECK;

#endif
