/* SPDX-License-Identifier: MIT */
#include "cli/signal.h"

#include "base/stop.h"
#include "os/os.h"

#include <stdatomic.h>

/* Set by a signal's handler in whichever thread it comes to, read in the first. */
static atomic_int status;

static void on_stop(int exit_status)
{
	status = exit_status;
	stop_ask();
}

void signal_stops(void)
{
	os_on_stop(on_stop);
}

int signal_status(void)
{
	return status;
}
