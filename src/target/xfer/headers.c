/* SPDX-License-Identifier: MIT
 * What the headers of an answer tell. */
#include "target/xfer/xfer.h"

#include "base/text.h"

#include <curl/curl.h> /* dates */
#include <stdlib.h>
#include <string.h>

/* Where the value of a header line begins, if the line is called `name`. */
static const char *value_of(const char *line, const char *name)
{
	size_t n = strlen(name);

	if (!text_starts_nocase(line, name) || line[n++] != ':')
		return NULL;
	return line + n + strspn(line + n, " \t");
}

const char *xfer_header_nth(const struct xfer_response *r, const char *name, size_t nth, char *to,
			    size_t size)
{
	const char *line = r->headers.data, *end;

	for (; line && (end = strstr(line, "\r\n")); line = end + 2) {
		const char *value = value_of(line, name);
		size_t n;

		if (!value || nth-- > 0)
			continue;
		n = (size_t)(end - value);
		while (n > 0 && (value[n - 1] == ' ' || value[n - 1] == '\t'))
			n--;
		if (n >= size)
			return NULL; /* not one that the caller can use */
		memcpy(to, value, n);
		to[n] = '\0';
		return to;
	}
	return NULL;
}

const char *xfer_header(const struct xfer_response *r, const char *name, char *to, size_t size)
{
	return xfer_header_nth(r, name, 0, to, size);
}

bool response_size(const struct xfer_response *r, uint64_t *size)
{
	char text[24], *end;

	if (!xfer_header(r, "Content-Length", text, sizeof text) || text[0] < '0' || text[0] > '9')
		return false;
	*size = strtoull(text, &end, 10);
	return *end == '\0';
}

bool response_sha256(const struct xfer_response *r, const char *name, uint8_t sha256[32])
{
	char text[65];

	return xfer_header(r, name, text, sizeof text) && strlen(text) == 64 && text_hex_bytes(text, sha256, 32);
}

bool response_is_gzip(const struct xfer_response *r)
{
	char text[32];

	return xfer_header(r, "Content-Encoding", text, sizeof text) && text_same_nocase(text, "gzip");
}

int64_t response_date_s(const struct xfer_response *r)
{
	char text[40];
	int64_t date = xfer_header(r, "Date", text, sizeof text) ? (int64_t)curl_getdate(text, NULL) : 0;

	return date > 0 ? date : 0;
}

void xfer_response_release(struct xfer_response *r)
{
	buf_forget(&r->headers);
	buf_forget(&r->body);
}
