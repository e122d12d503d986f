/* SPDX-License-Identifier: MIT
 * What a command does when the user or the system asks it to end. */
#ifndef CLI_SIGNAL_H
#define CLI_SIGNAL_H

/* From now on a signal asks the run to stop (base/stop.h), which then ends in order. */
void signal_stops(void);

/* 130 or 143 once a signal came, else 0: the exit status then. */
int signal_status(void);

#endif
