/* SPDX-License-Identifier: MIT
 * Text in the forms that the service expects. */
#include "target/bugsplat/bugsplat.h"

#include "base/err.h"
#include "os/os.h"

#include <stdio.h>
#include <string.h>

/* A line break in a value is CR LF on the wire, as browsers and version 11 send it. */
static void add_value(struct buf *out, const char *value)
{
	for (; *value; value++) {
		bool crlf = value[0] == '\r' && value[1] == '\n';

		if (*value == '\r' || *value == '\n')
			buf_add_text(out, "\r\n");
		else
			buf_add_char(out, *value);
		value += crlf;
	}
}

void bugsplat_form_body(const struct bugsplat_form *form, const char *boundary, struct buf *out)
{
	for (size_t i = 0; i < form->count; i++) {
		buf_printf(out, "--%s\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n", boundary,
			   form->at[i].name);
		add_value(out, form->at[i].value);
		buf_add_text(out, "\r\n");
	}
	buf_printf(out, "--%s--\r\n", boundary);
}

/* --------------------------------------------------------------- times -- */

/* In UTC. Answers the milliseconds, rounded as Node.js does with a file's time. */
static int moment_of(int64_t ns, struct tm *utc)
{
	int64_t ms = ns / 1000000 + (ns % 1000000 >= 500000) - (ns % 1000000 < -500000);
	int64_t s = ms / 1000 - (ms % 1000 < 0);

	*utc = (struct tm){0};
	(void)os_utc(s, utc);
	return (int)(ms - s * 1000);
}

void bugsplat_time_iso(int64_t ns, char out[BUGSPLAT_TIME_MAX])
{
	struct tm utc;
	int ms = moment_of(ns, &utc);

	snprintf(out, BUGSPLAT_TIME_MAX, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", utc.tm_year + 1900, utc.tm_mon + 1,
		 utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, ms);
}

void bugsplat_time_text(int64_t ns, char out[BUGSPLAT_TIME_MAX])
{
	struct tm utc;

	(void)moment_of(ns, &utc);
	strftime(out, BUGSPLAT_TIME_MAX, "%a %b %d %Y %H:%M:%S GMT+0000 (Coordinated Universal Time)", &utc);
}

/* --------------------------------------------------------------- others -- */

enum sym_status bugsplat_origin(const char *host, char out[BUGSPLAT_ORIGIN_MAX],
				struct sym_err *err)
{
	size_t scheme = strncmp(host, "https://", 8) == 0 ? 8 : strncmp(host, "http://", 7) == 0 ? 7 : 0;
	size_t name = strcspn(host + scheme, "/?#\\ ");

	if (scheme == 0 || name == 0)
		return err_set(err, SYM_USAGE, "BUGSPLAT_HOST is no web address: https://HOST is expected");
	if (memchr(host + scheme, '@', name))
		return err_set(err, SYM_USAGE, "BUGSPLAT_HOST holds a user's name, which BugSplat does not take");
	if (scheme + name >= BUGSPLAT_ORIGIN_MAX)
		return err_set(err, SYM_USAGE, "BUGSPLAT_HOST is longer than a host's name can be");
	memcpy(out, host, scheme + name);
	out[scheme + name] = '\0';
	return SYM_OK;
}

void bugsplat_size_text(uint64_t bytes, char out[BUGSPLAT_SIZE_MAX])
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
	double value = (double)bytes;
	size_t unit = 0;

	for (; value >= 999.5 && unit + 1 < ARRAY_LEN(units); unit++)
		value /= 1000;
	snprintf(out, BUGSPLAT_SIZE_MAX, "%.3g %s", value, units[unit]);
}
