/* SPDX-License-Identifier: MIT
 * Who logs in: a user with a password, or a token. Of the two ways the one counts that is given for a
 * target itself, or else in a stronger place; what has no use then is refused, lest whoever gave it
 * wait for it to do something. */
#include "cli/login.h"

#include "cli/bugsplat.h"
#include "cli/rows.h"

#include <string.h>

static bool holds_password(const char *user)
{
	return user && strchr(user, ':');
}

static enum sym_status two_passwords(struct sym_err *err)
{
	return err_set(err, SYM_USAGE, "--user (SYMBOL_UPLOAD_USER) holds a password, and --password "
				       "(SYMBOL_UPLOAD_PASSWORD) is given too");
}

static enum sym_status settle_password(struct options *o, struct sym_err *err)
{
	enum option_from user = options_from(o, "user"), password = options_from(o, "password");

	if (!holds_password(o->how.user) || !o->how.password)
		return SYM_OK;
	if (user == password)
		return two_passwords(err);
	if (user > password)
		option_forget(o, "password");
	return SYM_OK;
}

enum sym_status login_settle(struct options *o, struct sym_err *err)
{
	enum option_from user = options_from(o, "user"), token = options_from(o, "bearer");

	if (!o->how.user || !o->how.bearer)
		return settle_password(o, err);
	if (user == token)
		return err_set(err, SYM_USAGE, "%s exclude each other",
			       user == FROM_ENVIRONMENT ? "SYMBOL_UPLOAD_USER and SYMBOL_UPLOAD_TOKEN"
							: "--user and --bearer");
	option_forget(o, user > token ? "bearer" : "user");
	return settle_password(o, err);
}

static bool gives(const struct option_target *t, const char *name)
{
	return t->given[option_named(name) - option_rows];
}

bool login_inherits(const struct option_target *t, const struct option_row *row)
{
	if (row == option_named("bearer"))
		return !gives(t, "user") && !gives(t, "password");
	if (row == option_named("user"))
		return !gives(t, "bearer");
	if (row == option_named("password"))
		return !gives(t, "bearer") && !holds_password(t->how.user);
	return true;
}

static enum sym_status check_target(const struct option_target *t, struct sym_err *err)
{
	if (gives(t, "user") && gives(t, "bearer"))
		return err_set(err, SYM_USAGE, "--user and --bearer exclude each other");
	if (gives(t, "user") && gives(t, "password") && holds_password(t->how.user))
		return two_passwords(err);
	return SYM_OK;
}

/* The target of symbol-upload.yaml that it is, or NULL. */
static const struct option_target *target_of(const struct options *o, const struct option_destination *to)
{
	for (size_t i = 0; i < o->target_count; i++)
		if (&o->targets[i].how == to->how)
			return &o->targets[i];
	return NULL;
}

static bool has_user(const struct option_destination *to)
{
	struct address_parts at = address_parts(to->to);

	return to->how->user || at.host > at.user;
}

/* Is the password there for nobody? One of a place weaker than the token's does no harm. */
static bool is_idle(const struct options *o, const struct option_destination *to)
{
	return !is_local(to) && strncmp(to->to, "http", 4) == 0 && to->how->password && !has_user(to) &&
	       (!to->how->bearer || options_from(o, "password") >= options_from(o, "bearer"));
}

static enum sym_status no_user(struct sym_err *err)
{
	return err_set(err, SYM_USAGE, "--password (SYMBOL_UPLOAD_PASSWORD) belongs to --user (SYMBOL_UPLOAD_USER), "
				       "which is not given");
}

/* The user was forgotten: by the target whose password it is, or by all that have the whole run's. */
static enum sym_status check_user(const struct options *o, struct sym_err *err)
{
	bool idle = false, used = false;

	for (size_t i = 0; i < o->destination_count; i++) {
		const struct option_destination *to = &o->destinations[i];
		const struct option_target *named = target_of(o, to);

		if (is_idle(o, to) && named && gives(named, "password")) {
			no_user(err);
			return fault_at(o, named->place, named->name, err);
		}
		idle |= is_idle(o, to);
		used |= !is_local(to) && has_user(to);
	}
	return idle && !used ? no_user(err) : SYM_OK;
}

enum sym_status login_check(const struct options *o, struct sym_err *err)
{
	for (size_t i = 0; i < o->target_count; i++)
		if (check_target(&o->targets[i], err) != SYM_OK)
			return fault_at(o, o->targets[i].place, o->targets[i].name, err);
	return check_user(o, err);
}
