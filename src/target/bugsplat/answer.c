/* SPDX-License-Identifier: MIT
 * The service's answers, which are JSON. */
#include "target/bugsplat/bugsplat.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? strdup(text) : NULL;
}

/* The first of these members that holds text. */
static char *first_text(const json_t *object, const char *const names[], size_t count)
{
	char *text = NULL;

	for (size_t i = 0; i < count && !text; i++)
		text = text_of(object, names[i]);
	return text;
}

void bugsplat_answer_read(const char *body, size_t size, struct bugsplat_answer *out)
{
	static const char *const messages[] = {"error_description", "message", "Error", "Message", "error"};
	json_t *root = json_loadb(body ? body : "", size, 0, NULL);
	const char *status = json_string_value(json_object_get(root, "Status"));
	double expires = json_number_value(json_object_get(root, "expires_in"));

	*out = (struct bugsplat_answer){
		.is_json = json_is_object(root),
		.failed = status && strcmp(status, "Failed") == 0,
		.url = text_of(root, "url"),
		.access_token = text_of(root, "access_token"),
		.token_type = text_of(root, "token_type"),
		.expires_s = expires > 0 && expires < 1e9 ? (uint64_t)expires : 0,
		.error = text_of(root, "error"),
		.message = first_text(root, messages, ARRAY_LEN(messages)),
	};
	json_decref(root);
}

static void forget(char *text)
{
	for (volatile char *c = text; c && *c; c++)
		*c = '\0';
	free(text);
}

void bugsplat_answer_release(struct bugsplat_answer *a)
{
	forget(a->url);
	forget(a->access_token);
	free(a->token_type);
	free(a->error);
	free(a->message);
	*a = (struct bugsplat_answer){0};
}
