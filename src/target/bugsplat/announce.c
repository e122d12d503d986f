/* SPDX-License-Identifier: MIT
 * What the service is told of a file before it is put, and after. Servers read the fields
 * by their names; the order is version 11's. */
#include "target/bugsplat/bugsplat.h"

#include "base/err.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* "module/ID/file": the path under which version 11 keeps the file in a folder. */
static void split(const char *path, struct bugsplat_file *out)
{
	const char *slash = strchr(path, '/'), *last = strrchr(path, '/');

	snprintf(out->module, sizeof out->module, "%.*s", (int)(slash - path), path);
	snprintf(out->id, sizeof out->id, "%.*s", (int)(last - slash - 1), slash + 1);
	snprintf(out->name, sizeof out->name, "%s", last + 1);
}

void bugsplat_file_of(const struct sym_identity *id, const char *path, struct bugsplat_file *out)
{
	*out = (struct bugsplat_file){0};
	if (strchr(path, '/')) {
		split(path, out);
		return;
	}
	if (id->kind != SYM_UNREAL_SYM) /* of which version 11 knew no module */
		snprintf(out->module, sizeof out->module, "%s", path);
	snprintf(out->name, sizeof out->name, "%s%s", path, id->kind == SYM_ZIP ? "" : ".zip");
}

static void add(struct bugsplat_form *form, const char *name, const char *value)
{
	form->at[form->count++] = (struct bugsplat_field){name, value};
}

static bool post(struct bugsplat *b, const char *route, const struct bugsplat_file *file, const char *modified,
		 uint64_t not_before_ms, struct bugsplat_answer *answer, struct bugsplat_failure *failure)
{
	struct bugsplat_form form = {0};
	bool keyed = file->id[0];
	char size[24];

	snprintf(size, sizeof size, "%" PRIu64, file->size);
	add(&form, "database", b->remote->database);
	add(&form, "appName", b->remote->application);
	add(&form, "appVersion", b->remote->version);
	add(&form, "size", size);
	add(&form, "symFileName", file->name);
	if (keyed) {
		add(&form, "moduleName", file->module);
		add(&form, "dbgId", file->id);
	}
	add(&form, "lastModified", modified);
	if (keyed)
		add(&form, "SendPdbsVersion", "spdbsv2");
	else if (file->module[0])
		add(&form, "moduleName", file->module);
	return bugsplat_post(b, route, &form, not_before_ms, answer, failure);
}

bool bugsplat_announce(struct bugsplat *b, const struct bugsplat_file *file, uint64_t not_before_ms,
		       struct bugsplat_answer *answer, struct bugsplat_failure *failure)
{
	const char *route = file->id[0] ? "/symsrv/uploadUrl" : "/api/v2/versions";
	char modified[BUGSPLAT_TIME_MAX];

	if (file->id[0])
		bugsplat_time_iso(file->mtime_ns, modified);
	else
		bugsplat_time_text(file->mtime_ns, modified);
	if (!post(b, route, file, modified, not_before_ms, answer, failure))
		return false;
	if (answer->url &&
	    (text_starts_nocase(answer->url, "https://") || text_starts_nocase(answer->url, "http://")))
		return true;
	bugsplat_answer_release(answer);
	err_set(&failure->err, SYM_NET, "BugSplat answers without a web address to put the file to");
	return false;
}

bool bugsplat_confirm(struct bugsplat *b, const struct bugsplat_file *file,
		      struct bugsplat_failure *failure)
{
	char modified[BUGSPLAT_TIME_MAX];
	struct bugsplat_answer answer;

	bugsplat_time_text(file->mtime_ns, modified);
	if (!post(b, "/symsrv/uploadComplete", file, modified, 0, &answer, failure))
		return false;
	bugsplat_answer_release(&answer);
	return true;
}
