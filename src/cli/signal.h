/* SPDX-License-Identifier: MIT
 * What a command does when the user or the system asks it to end. */
#ifndef CLI_SIGNAL_H
#define CLI_SIGNAL_H

/* From now on a signal asks the run to stop (base/stop.h), which then ends in order. */
void signal_stops(void);

/* The exit status after a signal, 130 or 143; 0 while none came. */
int signal_status(void);

#endif
