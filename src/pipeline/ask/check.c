/* SPDX-License-Identifier: MIT */
#include "pipeline/ask/check.h"

#include "base/err.h"
#include "base/text.h"
#include "pipeline/ask/asking.h"
#include "target/advice.h"

#include <stdio.h>
#include <string.h>

enum { ADVICE_BYTES_MAX = 1024 };

/* Tells a finding, with what is to be done about it. */
static void tell(const struct check_options *o, struct finding *f, enum sym_status status)
{
	struct buf advice = BUF_MAX(ADVICE_BYTES_MAX);
	struct sym_err clock;

	advice_on(f->answer, status, os_time_s(), &advice);
	f->advice = advice.data ? advice.data : "";
	if (!f->why && *f->advice) {
		err_set(&clock, SYM_NET, "the server answers, but the clocks disagree");
		f->why = &clock;
		f->harmless = true;
	}
	o->found(o->ctx, f);
	buf_release(&advice);
}

/* cdb folds the path of a server to lower case before it asks. */
static void look_at_address(const struct check_options *o, const struct target *t)
{
	const char *path = strstr(t->shown, "://");
	struct sym_err why;
	struct finding f = {.target = asking_name(t, o->by_place),
			    .action = ACTION_FAILED,
			    .harmless = true,
			    .why = &why};

	if (!t->kind->is_remote || !path || !key_reads_symsrv(o->readers))
		return;
	for (path += 3 + strcspn(path + 3, "/"); *path; path++) {
		if (path[0] == '%' && path[1] && path[2])
			path += 2;
		else if (*path >= 'A' && *path <= 'Z')
			break;
	}
	if (!*path)
		return;
	err_set(&why, SYM_REFUSED, "the path of the address has capitals");
	f.advice = "cdb asks for the path of a server in lower case, and finds nothing here: choose a path "
		   "without capitals.";
	o->found(o->ctx, &f);
}

/* Is a path refused because nobody may look whether it is there, and not because of who asks? */
static bool hides_what_is_missing(const struct target_answer *answer)
{
	return answer->http == 403 && (!answer->code[0] || strcmp(answer->code, "AccessDenied") == 0);
}

/* What a store says of what is not there decides whether readers stay with it. */
static bool ask_unheard_of(const struct check_options *o, struct target *t)
{
	char path[KEY_PATH_MAX];
	struct target_answer answer;
	struct sym_err err;
	enum sym_status status;
	struct finding f = {.target = asking_name(t, o->by_place),
			    .path = path,
			    .probe = true,
			    .answer = &answer,
			    .why = &err};

	target_unheard_of(path);
	status = t->kind->ask(t, path, NULL, &answer, &err);
	f.action = status == SYM_NOT_FOUND ? ACTION_MISSING : ACTION_FAILED;
	if (status == SYM_NOT_FOUND) {
		f.why = NULL;
	} else if (status == SYM_OK) {
		err_set(&err, SYM_NET, "a path that cannot exist is answered as if it were there");
		f.advice = "Readers take what comes for the symbols they asked for: let the server answer "
			   "404 instead of a page.";
	} else if (hides_what_is_missing(&answer)) {
		err_prefix(&err, "a path that cannot exist is answered by 403 instead of 404");
		f.harmless = !key_reads_symsrv(o->readers);
	}
	if (status == SYM_OK)
		o->found(o->ctx, &f);
	else
		tell(o, &f, status == SYM_NOT_FOUND ? SYM_OK : status);
	/* SYM_OK: what it says of anything else tells nothing. */
	return status == SYM_NOT_FOUND || hides_what_is_missing(&answer) ||
	       status == SYM_UNSUPPORTED;
}

static void ask_for(const struct check_options *o, struct target *t, const char *path)
{
	struct target_answer answer;
	struct sym_err err;
	enum sym_status status = t->kind->ask(t, path, NULL, &answer, &err);
	struct finding f = {.target = asking_name(t, o->by_place),
			    .path = path,
			    .answer = &answer,
			    .why = status == SYM_OK ? NULL : &err,
			    .action = status == SYM_OK	        ? ACTION_PRESENT
				      : status == SYM_NOT_FOUND ? ACTION_MISSING
								: ACTION_FAILED};

	tell(o, &f, status);
}

/* Where there is no folder at all, its name is what is wrong, and not each path in it. */
static enum sym_status meet_folder(const char *where, struct sym_err *err)
{
	const char *folder = target_local_path(where);
	struct os_stat st;

	if (!folder || os_stat(NULL, folder, OS_FOLLOW, &st, err) == SYM_OK)
		return SYM_OK;
	return err_prefix(err, "%s", folder);
}

enum sym_status check_store(const struct check_options *options, bool *usable, struct sym_err *err)
{
	struct target *t;
	enum sym_status status = meet_folder(options->where, err);

	if (status == SYM_OK)
		status = asked_open(options->where, options->target, &t, err);
	if (status != SYM_OK)
		return status;
	look_at_address(options, t);
	*usable = ask_unheard_of(options, t);
	for (size_t i = 0; i < options->path_count && *usable; i++)
		ask_for(options, t, options->paths[i]);
	t->kind->close(t);
	return SYM_OK;
}
