/* SPDX-License-Identifier: MIT
 * Text in the forms that the service expects. */
#include "target/bugsplat/bugsplat.h"

#include "base/err.h"

#include <inttypes.h>
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

struct moment {
	int64_t year;
	unsigned month, day;   /* from 1 */
	unsigned weekday;      /* 0 = Sunday */
	unsigned hour, minute, second, millisecond;
};

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Days since 1970 into year, month, day of the Gregorian calendar: eras of 400 years, in
 * which years begin in March so that the leap day is their last. */
static void set_date(struct moment *m, int64_t days)
{
	int64_t shifted = days + 719468, era = floor_div(shifted, 146097);
	int64_t of_era = shifted - era * 146097;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153;

	m->day = (unsigned)(of_year - (153 * month + 2) / 5 + 1);
	m->month = (unsigned)(month < 10 ? month + 3 : month - 9);
	m->year = year + era * 400 + (m->month <= 2);
	m->weekday = (unsigned)(((days + 4) % 7 + 7) % 7);
}

/* Rounded to milliseconds, as Node.js does with a file's time. */
static struct moment moment_of(int64_t ns)
{
	int64_t ms = floor_div(ns, 1000000) + (ns - floor_div(ns, 1000000) * 1000000 >= 500000);
	int64_t days = floor_div(ms, 86400000), of_day = ms - days * 86400000;
	struct moment m = {.hour = (unsigned)(of_day / 3600000),
			   .minute = (unsigned)(of_day / 60000 % 60),
			   .second = (unsigned)(of_day / 1000 % 60),
			   .millisecond = (unsigned)(of_day % 1000)};

	set_date(&m, days);
	return m;
}

void bugsplat_time_iso(int64_t ns, char out[BUGSPLAT_TIME_MAX])
{
	struct moment m = moment_of(ns);

	snprintf(out, BUGSPLAT_TIME_MAX, "%04" PRId64 "-%02u-%02uT%02u:%02u:%02u.%03uZ", m.year, m.month,
		 m.day, m.hour, m.minute, m.second, m.millisecond);
}

void bugsplat_time_text(int64_t ns, char out[BUGSPLAT_TIME_MAX])
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct moment m = moment_of(ns);

	snprintf(out, BUGSPLAT_TIME_MAX,
		 "%.3s %.3s %02u %04" PRId64 " %02u:%02u:%02u GMT+0000 (Coordinated Universal Time)",
		 days + 3 * m.weekday, months + 3 * (m.month - 1), m.day, m.year, m.hour, m.minute,
		 m.second);
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
