/* SPDX-License-Identifier: MIT
 * A disk that takes nothing more is said once, and not of each file. */
#include "target/local.h"

#include "base/err.h"

enum sym_status local_fail(struct local *l, struct sym_err *err)
{
	if (!os_takes_nothing(err->sys))
		return err->status;
	pthread_mutex_lock(&l->lock);
	if (l->full.status == SYM_OK)
		err_sys(&l->full, SYM_IO, err->sys, "nothing more can be written there");
	*err = l->full;
	pthread_mutex_unlock(&l->lock);
	return err->status;
}

bool local_given_up(struct target *t, struct sym_err *why)
{
	struct local *l = (struct local *)t;
	struct sym_err full;

	pthread_mutex_lock(&l->lock);
	full = l->full;
	pthread_mutex_unlock(&l->lock);
	if (full.status == SYM_OK)
		return false;
	*why = full;
	return true;
}
