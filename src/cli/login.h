/* SPDX-License-Identifier: MIT
 * Who logs in at a target. */
#ifndef CLI_LOGIN_H
#define CLI_LOGIN_H

#include "cli/options.h"

/* Of a user and a token, and of two passwords, for the whole run: keeps the one from the stronger
 * place. SYM_USAGE where none is. */
enum sym_status login_settle(struct options *o, struct sym_err *err) MUST_CHECK;

/* May the target, which does not give the row's option, have the whole run's? Not where it gives
 * another way to log in. */
bool login_inherits(const struct option_target *t, const struct option_row *row);

/* Once the destinations are known: refuses what has no use. SYM_USAGE. */
enum sym_status login_check(const struct options *o, struct sym_err *err) MUST_CHECK;

#endif
