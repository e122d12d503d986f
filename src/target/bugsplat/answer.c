/* SPDX-License-Identifier: MIT
 * The service's answers, which are JSON. */
#include "target/bugsplat/bugsplat.h"

#include "base/text.h"
#include "target/json_read.h"

#include <stdlib.h>
#include <string.h>

static uint64_t seconds(const char *text)
{
	double value = text ? strtod(text, NULL) : 0;

	return value > 0 && value < 1e9 ? (uint64_t)value : 0;
}

/* Takes the first text that is there; the others are freed. */
static char *first_of(char *texts[], size_t count)
{
	char *first = NULL;

	for (size_t i = 0; i < count; i++)
		if (first)
			free(texts[i]);
		else
			first = texts[i];
	return first;
}

void bugsplat_answer_read(const char *body, size_t size, struct bugsplat_answer *out)
{
	char *status = NULL, *expires = NULL, *said[5] = {NULL};
	const struct json_want wants[] = {
		{"Status", &status},
		{"url", &out->url},
		{"access_token", &out->access_token},
		{"token_type", &out->token_type},
		{"expires_in", &expires},
		{"error", &out->error},
		{"error_description", &said[0]},
		{"message", &said[1]},
		{"Error", &said[2]},
		{"Message", &said[3]},
		{"error", &said[4]},
	};
	struct sym_err ignored;

	*out = (struct bugsplat_answer){0};
	out->is_json = json_read(body, size, wants, ARRAY_LEN(wants), &ignored) == SYM_OK;
	out->failed = status && strcmp(status, "Failed") == 0;
	out->expires_s = seconds(expires);
	out->message = first_of(said, ARRAY_LEN(said));
	free(status);
	free(expires);
}

void bugsplat_answer_release(struct bugsplat_answer *a)
{
	text_forget(a->url);
	text_forget(a->access_token);
	free(a->token_type);
	free(a->error);
	free(a->message);
	*a = (struct bugsplat_answer){0};
}
