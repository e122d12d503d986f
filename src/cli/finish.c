/* SPDX-License-Identifier: MIT
 * The environment, the defaults, and what only the whole of the options can tell. */
#include "cli/rows.h"

#include "base/text.h"
#include "cli/bugsplat.h"
#include "cli/config.h"
#include "cli/login.h"
#include "cli/suggest.h"
#include "key/key.h"
#include "os/os.h"
#include "target/target.h"

#include <stdlib.h>
#include <string.h>

enum sym_status options_read_environment(struct options *o, struct sym_err *err)
{
	for (size_t i = 0; i < option_row_count; i++) {
		const struct option_row *row = &option_rows[i];
		const char *value = row->env ? getenv(row->env) : NULL;

		if (!value || !value[0] || !option_is_open(o, row, FROM_ENVIRONMENT) ||
		    !(row->commands >> o->command & 1))
			continue;
		if (option_set(o, NULL, row, value, err) != SYM_OK)
			return err_prefix(err, "%s", row->env);
		option_mark(o, row, (struct option_origin){.from = FROM_ENVIRONMENT});
	}
	return SYM_OK;
}

static enum sym_status set_default(struct options *o, const struct option_row *row,
				   struct sym_err *err)
{
	/* `inspect` shows every reader's path, `verify` takes any for right: nothing is written. */
	if (row->kind != OPTION_NAMES ||
	    (o->command != COMMAND_INSPECT && o->command != COMMAND_VERIFY))
		return option_set(o, NULL, row, row->standard, err);
	for (size_t i = 0; i < key_reader_count; i++)
		if (option_set(o, NULL, row, key_readers[i].name, err) != SYM_OK)
			return err->status;
	return SYM_OK;
}

static enum sym_status set_defaults(struct options *o, struct sym_err *err)
{
	for (size_t i = 0; i < option_row_count; i++) {
		const struct option_row *row = &option_rows[i];

		if (!row->standard || o->origins[i].from != FROM_NOWHERE)
			continue;
		if (set_default(o, row, err) != SYM_OK)
			return err->status;
		option_mark(o, row, (struct option_origin){.from = FROM_DEFAULT});
	}
	return SYM_OK;
}

/* ------------------------------------------------------------- targets -- */

/* A named target does as the whole run where it does not say otherwise. */
static enum sym_status complete_target(const struct options *o, struct option_target *t,
				       struct sym_err *err)
{
	for (size_t i = 0; i < option_row_count; i++) {
		const struct option_row *row = &option_rows[i];

		if (!(row->traits & OPTION_PER_TARGET) || t->given[i] || !login_inherits(t, row))
			continue;
		if (option_copy(&o->how, &t->how, row, err) != SYM_OK)
			return err->status;
	}
	return SYM_OK;
}

bool is_address(const char *to)
{
	return strstr(to, "://") != NULL || strcmp(to, "bugsplat") == 0;
}

enum sym_status fault_at(const struct options *o, struct config_place place, const char *what,
			 struct sym_err *err)
{
	return err_prefix(err, "%s:%u:%u: %s", config_name(o), place.line, place.column, what);
}

/* Puts the place of this option before the error, where its value came from the file. */
static enum sym_status fault_of(const struct options *o, const char *option, struct sym_err *err)
{
	const struct option_origin *origin = options_origin(o, option);

	return origin->from == FROM_CONFIG ? fault_at(o, origin->place, option, err) : err->status;
}

static enum sym_status no_such_target(const struct options *o, const char *name,
				      struct sym_err *err)
{
	struct suggest nearest = suggest_for(name);
	char word[SHOWN_MAX], end[HINT_MAX];

	if (strchr(name, '/') || name[0] == '.')
		return err_set(
			err, SYM_USAGE,
			"--to takes an address or a name, not \"%s\"; a folder is given with -l",
			shown_address(word, name));
	suggest_offer(&nearest, "bugsplat");
	for (size_t i = 0; i < o->target_count; i++)
		suggest_offer(&nearest, o->targets[i].name);
	return err_set(err, SYM_USAGE, "%s names no target \"%s\"%s", config_name(o), shown_address(word, name),
		       nearest.best ? hint(end, "", nearest.best) : "; a folder is given with -l");
}

static const struct option_target *named_target(const struct options *o, const char *name)
{
	for (size_t i = 0; i < o->target_count; i++)
		if (strcmp(o->targets[i].name, name) == 0)
			return &o->targets[i];
	return NULL;
}

static bool is_taken(const char *address, struct sym_err *err)
{
	return strcmp(address, "bugsplat") == 0 || target_check(address, err) == SYM_OK;
}

/* A word of --to is an address, or names a target of the file. */
static enum sym_status resolve(const struct options *o, const char *to,
			       struct option_destination *out, struct sym_err *err)
{
	const struct option_target *named = is_address(to) ? NULL : named_target(o, to);

	if (named && named->missing.status != SYM_OK) {
		*err = named->missing;
		return err->status;
	}
	*out = (struct option_destination){.name = to,
					   .to = named ? named->to : to,
					   .how = named ? &named->how : &o->how};
	if (named && !is_taken(named->to, err))
		return fault_at(o, named->place, named->name, err);
	if (named || (is_address(to) && is_taken(to, err)))
		return SYM_OK;
	if (!is_address(to))
		no_such_target(o, to, err);
	return fault_of(o, "to", err);
}

/* A folder of such a name would be made, and never found again. One that is there was meant. */
static enum sym_status check_folder(const char *path, struct sym_err *err)
{
	bool is_shells = path[0] == '$' || (path[0] == '~' && (path[1] == '/' || !path[1]));
	bool is_drives = path[0] && strncmp(path + 1, ":\\", 2) == 0 && os_root_len("C:/") == 0;
	char word[SHOWN_MAX];

	if ((!is_shells && !is_drives) || !is_no_file(path))
		return SYM_OK;
	return err_set(err, SYM_USAGE, is_drives ? "-l: %s is a path of Windows, and this system has no drives"
						 : "-l: %s begins with what a shell expands, and none did: write the "
						   "whole path", shown(word, path));
}

/* The folder of -l. */
static enum sym_status add_folder(struct options *o, struct sym_err *err)
{
	const char *folder = target_local_path(o->local_path);
	char word[SHOWN_MAX];

	if (!folder)
		err_set(err, SYM_USAGE, "-l takes a folder; the address %s is given with --to",
			shown_address(word, o->local_path));
	if (!folder || check_folder(folder, err) != SYM_OK)
		return fault_of(o, "localPath", err);
	o->destinations[o->destination_count++] =
		(struct option_destination){.name = o->local_path, .to = folder, .folder = true, .how = &o->how};
	return SYM_OK;
}

static enum sym_status list_destinations(struct options *o, struct sym_err *err)
{
	o->destinations = calloc(o->to.count + 2, sizeof *o->destinations);
	if (!o->destinations)
		return err_set(err, SYM_NOMEM, "out of memory");
	if (o->local_path && add_folder(o, err) != SYM_OK)
		return err->status;
	for (size_t i = 0; i < o->to.count; i++) {
		struct option_destination *out = &o->destinations[o->destination_count];

		if (resolve(o, o->to.at[i], out, err) != SYM_OK)
			return err->status;
		o->destination_count++;
	}
	if (o->destination_count == 0 && bugsplat_is_target(o))
		o->destinations[o->destination_count++] = (struct option_destination){
			.name = "bugsplat", .to = "bugsplat", .how = &o->how};
	return SYM_OK;
}

/* ------------------------------------------------------------ headers -- */

/* `Name: value`, RFC 9110 5.1 and 5.5; what is wrong is said without the value. */
static bool is_header(const char *text)
{
	static const char token[] = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	size_t name = strspn(text, token);
	const char *value = text + name + 1;

	if (name == 0 || text[name] != ':')
		return false;
	for (const char *c = value; *c; c++)
		if (((unsigned char)*c < 0x20 && *c != '\t') || *c == 0x7f)
			return false;
	return value[strspn(value, " \t")] != '\0';
}

/* What a token can be made of, RFC 6750 2.1, and more: no blanks, no line's end, no BOM. */
static bool is_token(const char *text)
{
	while (*text > ' ' && *text < 0x7f)
		text++;
	return *text == '\0';
}

static enum sym_status check_delivery(const struct option_delivery *how, struct sym_err *err)
{
	for (size_t i = 0; i < how->headers.count; i++)
		if (!is_header(how->headers.at[i]))
			return err_set(err, SYM_USAGE, "--header takes \"Name: value\"");
	for (size_t i = 0; i < how->tags.count; i++)
		if (strcspn(how->tags.at[i], "=") == 0 || !strchr(how->tags.at[i], '='))
			return err_set(err, SYM_USAGE, "--tag takes KEY=VALUE");
	if (how->bearer && !is_token(how->bearer))
		return err_set(err, SYM_USAGE, "--bearer (SYMBOL_UPLOAD_TOKEN): the token holds a blank, a line's "
					       "end or a letter that is not ASCII");
	if (how->key && !how->cert)
		return err_set(err, SYM_USAGE, "--key belongs to --cert, which is not given");
	if (how->sse_kms_key && (!how->sse || strncmp(how->sse, "aws:kms", 7) != 0))
		return err_set(err, SYM_USAGE, "--sse-kms-key belongs to --sse aws:kms");
	return SYM_OK;
}

static enum sym_status complete_targets(struct options *o, struct sym_err *err)
{
	enum sym_status status = check_delivery(&o->how, err);

	for (size_t i = 0; i < o->target_count && status == SYM_OK; i++) {
		status = complete_target(o, &o->targets[i], err);
		if (status == SYM_OK && check_delivery(&o->targets[i].how, err) != SYM_OK)
			status = fault_at(o, o->targets[i].place, o->targets[i].name, err);
	}
	return status;
}

/* A file that libcurl is to read when it connects, and would miss only where somebody listens. */
static enum sym_status check_file(const char *option, const char *path, struct sym_err *err)
{
	struct os_stat st;

	if (!path || strncmp(path, "pkcs11:", 7) == 0 || os_stat(NULL, path, OS_FOLLOW, &st, err) == SYM_OK)
		return SYM_OK;
	err_prefix(err, "--%s: %s", option, path);
	return err->status = SYM_USAGE;
}

static enum sym_status check_certificates(const struct options *o, struct sym_err *err)
{
	for (size_t i = 0; i < o->destination_count; i++) {
		const struct option_destination *to = &o->destinations[i];

		if (is_local(to))
			continue;
		if (check_file("cacert", to->how->ca_file, err) != SYM_OK ||
		    check_file("cert", to->how->cert, err) != SYM_OK ||
		    check_file("key", to->how->key, err) != SYM_OK)
			return err->status;
	}
	return SYM_OK;
}

static bool has_certificate(const struct options *o)
{
	for (size_t i = 0; i < o->destination_count; i++)
		if (o->destinations[i].how->cert)
			return true;
	return false;
}

/* Refuses what says how another option works, on a command line where that is not given. In
 * symbol-upload.yaml it may stand: other runs may have the other. */
static enum sym_status check_companions(const struct options *o, struct sym_err *err)
{
	const struct {
		const char *option, *of;
		bool there;
		const char *hint;
	} companions[] = {
		{"null", "--files-from", o->files_from},
		{"directory", "-f", o->files.count > 0 || (o->paths.count == 0 && !o->files_from),
		 "; a folder that is named like a file is searched whole"},
		{"key-password", "--cert", has_certificate(o)},
		{"journal-age", "--journal", o->journal},
		{"keep-originals", "-m", o->dump_syms},
		{"dump-syms", "-m", o->dump_syms},
		{"dump-syms-timeout", "-m", o->dump_syms},
	};

	for (size_t i = 0; i < ARRAY_LEN(companions); i++)
		if (options_given(o, companions[i].option) && !companions[i].there)
			return err_set(err, SYM_USAGE, "--%s belongs to %s, which is not given%s", companions[i].option,
				       companions[i].of, companions[i].hint ? companions[i].hint : "");
	return SYM_OK;
}

/* Refuses, on a command line, what says how objects of S3 are made or asked for, where no target is of S3. */
static enum sym_status check_s3_options(const struct options *o, struct sym_err *err)
{
	for (size_t i = 0; i < o->destination_count; i++)
		if (strncmp(o->destinations[i].to, "s3://", 5) == 0)
			return SYM_OK;
	for (size_t i = 0; i < option_row_count; i++)
		if (option_rows[i].group == GROUP_S3 && o->origins[i].from == FROM_ARGV)
			return err_set(err, SYM_USAGE, "--%s belongs to --to s3://BUCKET, which is not given",
				       option_rows[i].name);
	return SYM_OK;
}

/* Of two that exclude each other the one from the stronger place counts. */
static enum sym_status settle_pairs(struct options *o, struct sym_err *err)
{
	enum option_from no = options_from(o, "no-pairs"), require = options_from(o, "require-pairs");

	if (o->no_pairs && o->require_pairs && no == require)
		return err_set(err, SYM_USAGE, "--require-pairs and --no-pairs exclude each other");
	if (o->no_pairs && o->require_pairs) {
		o->no_pairs = no > require;
		o->require_pairs = no < require;
		option_forget(o, no > require ? "require-pairs" : "no-pairs");
	}
	if (o->require_pairs && o->shard.count > 1)
		return err_set(err, SYM_USAGE, "--require-pairs needs all files of a run, and --shard puts an "
					       "image and its PDB into different parts: demand it of a run "
					       "without --shard, which with -n writes nothing");
	return SYM_OK;
}

/* Whoever forgot --to is told so, without the login in the address. `C://` is a drive. */
static enum sym_status refuse_address(const char *text, struct sym_err *err)
{
	const char *scheme_end = strstr(text, "://");
	char word[SHOWN_MAX];

	if (!scheme_end || scheme_end <= text + 1 || strcspn(text, "/") <= (size_t)(scheme_end - text))
		return SYM_OK;
	return err_set(err, SYM_USAGE, "%s is an address, and given with --to", shown_address(word, text));
}

/* `why` takes what a debugger's log says, addresses too: of these what names the file. */
static void keep_question(char *text)
{
	struct address_parts at = address_parts(text);

	if (at.user <= strlen("C://"))
		return;
	text_wipe(text + at.query);
	text[at.query] = '\0';
	memmove(text + at.user, text + at.host, at.query - at.host + 1);
}

static enum sym_status check_sources(const struct options *o, struct sym_err *err)
{
	for (size_t i = 0; i < o->paths.count; i++)
		if (o->command == COMMAND_WHY)
			keep_question(o->paths.at[i]);
		else if (refuse_address(o->paths.at[i], err) != SYM_OK)
			return err->status;
	for (size_t i = 0; i < o->files.count; i++)
		if (refuse_address(o->files.at[i], err) != SYM_OK)
			return fault_of(o, "files", err);
	for (size_t i = 0; i < o->directories.count; i++)
		if (refuse_address(o->directories.at[i], err) != SYM_OK)
			return fault_of(o, "directory", err);
	if (o->input_is_secret && o->files_from && strcmp(o->files_from, "-") == 0)
		return err_set(err, SYM_USAGE, "--files-from: the standard input is read for a secret (@-)");
	return o->files_from && refuse_address(o->files_from, err) != SYM_OK ? fault_of(o, "files-from", err) : SYM_OK;
}

/* Version 11 took a backslash in -d for a slash on every system. So does this program, unless there
 * is a folder of that very name. */
static void settle_folders(struct options *o)
{
	for (size_t i = 0; i < o->directories.count; i++) {
		char *folder = o->directories.at[i];

		os_path_settle(folder);
		if (!is_no_file(folder))
			continue;
		for (char *at = strchr(folder, '\\'); at; at = strchr(at, '\\'))
			*at = '/';
	}
}

enum sym_status options_finish(struct options *o, struct sym_err *err)
{
	if (set_defaults(o, err) != SYM_OK)
		return err->status;
	settle_folders(o);
	if (check_sources(o, err) != SYM_OK)
		return err->status;
	if (o->quiet && o->verbose)
		return err_set(err, SYM_USAGE, "--quiet and --verbose exclude each other");
	if (login_settle(o, err) != SYM_OK || settle_pairs(o, err) != SYM_OK ||
	    complete_targets(o, err) != SYM_OK)
		return err->status;
	if (list_destinations(o, err) != SYM_OK || check_companions(o, err) != SYM_OK ||
	    check_s3_options(o, err) != SYM_OK || login_check(o, err) != SYM_OK ||
	    check_certificates(o, err) != SYM_OK)
		return err->status;
	if (o->command == COMMAND_UPLOAD && bugsplat_destination(o))
		return bugsplat_finish(o, err);
	return SYM_OK;
}

void options_release(struct options *o)
{
	for (size_t i = 0; i < option_row_count; i++) {
		const struct option_row *row = &option_rows[i];

		option_release(row, option_field(o, NULL, row));
		for (size_t t = 0; t < o->target_count && (row->traits & OPTION_PER_TARGET); t++)
			option_release(row, option_field(o, &o->targets[t].how, row));
	}
	strings_release(&o->paths);
	for (size_t i = 0; i < o->target_count; i++) {
		free(o->targets[i].name);
		free(o->targets[i].to);
	}
	free(o->targets);
	free(o->destinations);
	*o = (struct options){0};
}
