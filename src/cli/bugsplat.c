/* SPDX-License-Identifier: MIT */
#include "cli/bugsplat.h"

#include "base/text.h"
#include "cli/package_json.h"
#include "cli/rows.h"
#include "cli/say.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRIES = 16 }; /* of one file, as version 11 */

bool bugsplat_is_meant(const struct options *o)
{
	return options_given(o, "database") || options_given(o, "clientId") ||
	       options_given(o, "clientSecret");
}

bool bugsplat_is_target(const struct options *o)
{
	bool names_version = options_given(o, "application") || options_given(o, "version");
	bool asks_transaction = o->transaction || o->label;

	return bugsplat_is_meant(o) ||
	       (o->command == COMMAND_UPLOAD && names_version && !asks_transaction && !o->meant);
}

bool is_bugsplat(const struct option_destination *to)
{
	return !to->folder && strcmp(to->to, "bugsplat") == 0;
}

bool is_local(const struct option_destination *to)
{
	return !is_bugsplat(to) && target_local_path(to->to);
}

const struct option_destination *bugsplat_destination(const struct options *o)
{
	for (size_t i = 0; i < o->destination_count; i++)
		if (is_bugsplat(&o->destinations[i]))
			return &o->destinations[i];
	return NULL;
}

/* ------------------------------------------------------------- defaults -- */

/* Does the value of package.json count? It is stronger than the environment, as in version 11, but
 * weaker than the command line and symbol-upload.yaml; and so not where the environment overrides the
 * latter. */
static bool is_open(const struct options *o, const char *name)
{
	const struct option_origin *origin = options_origin(o, name);

	return origin->from == FROM_NOWHERE || (origin->from == FROM_ENVIRONMENT && origin->place.line == 0);
}

static enum sym_status take(struct options *o, const char *name, const char *value,
			    struct sym_err *err)
{
	const struct option_row *row = option_named(name);

	if (!value || !is_open(o, name))
		return SYM_OK;
	option_mark(o, row, (struct option_origin){.from = FROM_PACKAGE});
	return option_set(o, NULL, row, value, err);
}

static enum sym_status take_package(struct options *o, struct sym_err *err)
{
	struct package_json package;
	enum sym_status status;

	if (!is_open(o, "database") && !is_open(o, "application") && !is_open(o, "version"))
		return SYM_OK;
	status = package_json_read(&package, err);
	if (status == SYM_OK)
		status = take(o, "database", package.database, err);
	if (status == SYM_OK)
		status = take(o, "application", package.name, err);
	if (status == SYM_OK)
		status = take(o, "version", package.version, err);
	package_json_release(&package);
	return status;
}

/* Up to version 10 one logged in by user and password. These options now belong to other targets. */
static enum sym_status check_way_in(const struct options *o, struct sym_err *err)
{
	bool alone = true, asked = options_given(o, "user") || options_given(o, "password");

	for (size_t i = 0; i < o->destination_count; i++)
		alone &= is_bugsplat(&o->destinations[i]);
	if ((alone && asked) || (o->how.user && (!o->client_id || !o->client_secret)))
		return err_set(err, SYM_USAGE,
			       "BugSplat takes no user and password any more: give --clientId and "
			       "--clientSecret, or SYMBOL_UPLOAD_CLIENT_ID and SYMBOL_UPLOAD_CLIENT_SECRET");
	return SYM_OK;
}

static enum sym_status check_whole(const struct options *o, struct sym_err *err)
{
	const struct {
		const char *value, *what;
	} needed[] = {
		{o->database, "database: give -b, BUGSPLAT_DATABASE, or \"database\" in package.json"},
		{o->application, "application: give -a, or \"name\" in package.json"},
		{o->version, "version: give -v, or \"version\" in package.json"},
		{o->client_id, "clientId: give -i or SYMBOL_UPLOAD_CLIENT_ID"},
		{o->client_secret, "clientSecret: give -s or SYMBOL_UPLOAD_CLIENT_SECRET"},
	};

	for (size_t i = 0; i < ARRAY_LEN(needed); i++)
		if (!needed[i].value || !needed[i].value[0])
			return err_set(err, SYM_USAGE, "Missing argument: -%s", needed[i].what);
	return SYM_OK;
}

enum sym_status bugsplat_finish(struct options *o, struct sym_err *err)
{
	const struct option_row *files = option_named("files");

	if (take_package(o, err) != SYM_OK || check_way_in(o, err) != SYM_OK ||
	    check_whole(o, err) != SYM_OK)
		return err->status;
	if (o->files.count + o->paths.count > 0 || o->files_from)
		return SYM_OK;
	option_mark(o, files, (struct option_origin){.from = FROM_DEFAULT});
	return option_set(o, NULL, files, "*.js.map", err);
}

/* ------------------------------------------------------------------ log -- */

bool bugsplat_logs(const struct options *o)
{
	return bugsplat_destination(o) && o->format == FORMAT_TEXT && !o->quiet;
}

static void say(const char *before, const char *text, const char *after)
{
	char shown_text[SAY_PATH_MAX];

	text_shown(shown_text, sizeof shown_text, text, strlen(text));
	printf("%s%s%s\n", before, shown_text, after); /* at once: others write here too */
}

/* From any thread. A build's log is read while it is written. */
static void say_line(const char *line)
{
	say("", line, "");
	fflush(stdout);
}

void bugsplat_say_folders(const struct options *o)
{
	char *folder = os_absolute(".");

	say("Symbol upload working directory: ", folder ? folder : ".", "");
	free(folder);
	for (size_t i = 0; i < o->destination_count && !o->remove; i++)
		if (o->destinations[i].folder)
			say("Copying files to ", o->destinations[i].to, "...");
}

static void on_found(void *ctx, const char *path)
{
	bool *any = ctx;

	if (!*any)
		puts("Found files:");
	*any = true;
	say(" ", path, "");
}

struct reporter bugsplat_reporter(void)
{
	static bool any;

	return (struct reporter){.found = on_found, .ctx = &any};
}

/* ------------------------------------------------------------ to target -- */

void bugsplat_fill(const struct options *o, struct remote_options *to)
{
	const char *host = getenv("BUGSPLAT_HOST");

	to->database = o->database;
	to->application = o->application;
	to->version = o->version;
	to->client_id = o->client_id;
	to->client_secret = o->client_secret;
	to->host = host && host[0] ? host : "https://api.bugsplat.com";
	to->log = bugsplat_logs(o) ? say_line : NULL;
	to->connect.netrc = false; /* other credentials have no business there */
	if (options_from(o, "retries") == FROM_DEFAULT)
		to->tries = TRIES;
}
