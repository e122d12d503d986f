/* SPDX-License-Identifier: MIT
 *
 *   canonical request = method \n path \n query \n header:value\n… \n names \n payload
 *   string to sign    = AWS4-HMAC-SHA256 \n time \n date/region/service/aws4_request \n
 *                       hex(SHA-256(canonical request))
 *   signing key       = HMAC(HMAC(HMAC(HMAC("AWS4" secret, date), region), service), "aws4_request")
 *   signature         = hex(HMAC(signing key, string to sign)) */
#include "target/s3/sigv4.h"

#include "base/err.h"
#include "base/text.h"
#include "os/os.h"
#include "target/digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	CANONICAL_USUAL = 1000,   /* bytes of most of them */
	CANONICAL_MAX = 64 << 10, /* bytes of a canonical request: session tokens are long */
	DATE_SIZE = 8,            /* "20130524" */
	SECRET_MAX = 256,         /* bytes; AWS's have 40 */
};

void sigv4_time(int64_t time_s, char to[SIGV4_TIME_MAX])
{
	struct tm utc = {0};

	os_utc(time_s, &utc);
	strftime(to, SIGV4_TIME_MAX, "%Y%m%dT%H%M%SZ", &utc);
}

/* ------------------------------------------------------- path and query -- */

/* Pairs stand in the order of their escaped names, then of their escaped values. Where two
 * texts differ, their escaped forms compare by the first byte that differs: plain, or `%`. */
static int compare_escaped(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	if (text_is_unreserved(*a) && text_is_unreserved(*b))
		return (unsigned char)*a - (unsigned char)*b;
	if (!*a || !*b)
		return (*a != 0) - (*b != 0);
	if (text_is_unreserved(*a) || text_is_unreserved(*b)) /* `%` stands before all plain characters */
		return text_is_unreserved(*a) ? 1 : -1;
	return (unsigned char)*a - (unsigned char)*b;
}

static int compare_pairs(const void *a, const void *b)
{
	const struct sigv4_pair *x = a, *y = b;
	int order = compare_escaped(x->name, y->name);

	return order ? order : compare_escaped(x->value, y->value);
}

static void add_query(const struct sigv4_request *request, struct buf *out)
{
	struct sigv4_pair sorted[SIGV4_QUERY_MAX];
	size_t count = (size_t)min_u64(request->query_count, SIGV4_QUERY_MAX);

	if (count == 0)
		return;
	memcpy(sorted, request->query, count * sizeof *sorted);
	qsort(sorted, count, sizeof *sorted, compare_pairs);
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_add_char(out, '&');
		buf_add_encoded(out, sorted[i].name, strlen(sorted[i].name), "");
		buf_add_char(out, '=');
		buf_add_encoded(out, sorted[i].value, strlen(sorted[i].value), "");
	}
}

void sigv4_address(const struct sigv4_request *request, struct buf *out)
{
	buf_add_encoded(out, request->path, strlen(request->path), "/");
	if (request->query_count > 0)
		buf_add_char(out, '?');
	add_query(request, out);
}

/* -------------------------------------------------------------- headers -- */

struct header {
	const char *name;
	size_t name_size;
	const char *value;
	size_t place; /* among the request's: values of one name keep their order */
};

static int compare_headers(const void *a, const void *b)
{
	const struct header *x = a, *y = b;
	size_t common = (size_t)min_u64(x->name_size, y->name_size);

	for (size_t i = 0; i < common; i++) {
		int order = text_lower(x->name[i]) - text_lower(y->name[i]);

		if (order)
			return order;
	}
	if (x->name_size != y->name_size)
		return x->name_size < y->name_size ? -1 : 1;
	return x->place < y->place ? -1 : 1;
}

static bool same_name(const struct header *a, const struct header *b)
{
	if (a->name_size != b->name_size)
		return false;
	for (size_t i = 0; i < a->name_size; i++)
		if (text_lower(a->name[i]) != text_lower(b->name[i]))
			return false;
	return true;
}

/* The value without blanks around it, and with one blank for several inside. */
static void add_value(struct buf *out, const char *value)
{
	static const char blanks[] = " \t\r\n";

	for (value += strspn(value, blanks); *value;) {
		size_t word = strcspn(value, blanks);

		buf_add(out, value, word);
		value += word;
		value += strspn(value, blanks);
		if (*value)
			buf_add_char(out, ' ');
	}
}

/* The request's headers in the order of their names. SYM_TOO_BIG. */
static enum sym_status sort_headers(const struct sigv4_request *request,
				    struct header sorted[SIGV4_HEADERS_MAX], size_t *count,
				    struct sym_err *err)
{
	*count = 0;
	for (size_t i = 0; request->headers[i]; i++) {
		const char *name = request->headers[i];
		size_t size = strcspn(name, ":");

		if (i == SIGV4_HEADERS_MAX)
			return err_set(err, SYM_TOO_BIG, "a request has too many headers to sign");
		sorted[i] = (struct header){name, size, name + size + (name[size] == ':'), i};
		(*count)++;
	}
	qsort(sorted, *count, sizeof *sorted, compare_headers);
	return SYM_OK;
}

static void add_names(struct buf *out, const struct header *headers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (i > 0 && same_name(&headers[i], &headers[i - 1]))
			continue;
		if (i > 0)
			buf_add_char(out, ';');
		buf_add(out, headers[i].name, headers[i].name_size);
		for (size_t k = headers[i].name_size; k > 0 && !out->failed; k--)
			out->data[out->size - k] = text_lower(out->data[out->size - k]);
	}
}

static void add_headers(struct buf *out, const struct header *headers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (i > 0 && same_name(&headers[i], &headers[i - 1])) {
			buf_add_char(out, ',');
		} else {
			if (i > 0)
				buf_add_char(out, '\n');
			add_names(out, &headers[i], 1);
			buf_add_char(out, ':');
		}
		add_value(out, headers[i].value);
	}
	buf_add_text(out, "\n\n");
}

/* -------------------------------------------------------------- signing -- */

static void add_canonical(struct buf *out, const struct sigv4_request *request,
			  const struct header *headers, size_t count)
{
	buf_add_text(out, request->method);
	buf_add_char(out, '\n');
	buf_add_encoded(out, request->path, strlen(request->path), "/");
	buf_add_char(out, '\n');
	add_query(request, out);
	buf_add_char(out, '\n');
	add_headers(out, headers, count);
	add_names(out, headers, count);
	buf_add_char(out, '\n');
	buf_add_text(out, request->payload);
}

static void mac_text(uint8_t key[32], const char *text)
{
	uint8_t mac[32];

	digest_hmac(key, 32, text, strlen(text), mac);
	memcpy(key, mac, sizeof mac);
}

static void make_key(const struct sigv4_signer *by, uint8_t key[32])
{
	char secret[SECRET_MAX + 8];
	int size = snprintf(secret, sizeof secret, "AWS4%.*s", SECRET_MAX, by->secret);

	digest_hmac(secret, (size_t)size, by->time, DATE_SIZE, key);
	bytes_wipe(secret, sizeof secret);
	mac_text(key, by->region);
	mac_text(key, by->service);
	mac_text(key, "aws4_request");
}

static void get_key(const struct sigv4_signer *by, uint8_t key[32])
{
	char text[SIGV4_KEY_MAX];
	int size = snprintf(text, sizeof text, "%.*s %.*s %s %s", DATE_SIZE, by->time, SECRET_MAX, by->secret,
			    by->region, by->service);

	if (!by->kept || size >= (int)sizeof text) {
		make_key(by, key);
	} else {
		if (strcmp(text, by->kept->made_of) != 0) {
			make_key(by, by->kept->key);
			memcpy(by->kept->made_of, text, sizeof text);
		}
		memcpy(key, by->kept->key, 32);
	}
	bytes_wipe(text, sizeof text);
}

enum sym_status sigv4_sign(const struct sigv4_request *request, const struct sigv4_signer *by,
			   struct buf *out, struct sym_err *err)
{
	struct header headers[SIGV4_HEADERS_MAX];
	struct buf text = BUF_MAX(CANONICAL_MAX);
	uint8_t hash[32], key[32];
	char hex[65];
	size_t count;
	enum sym_status status = sort_headers(request, headers, &count, err);

	if (status != SYM_OK)
		return status;
	if (request->query_count > SIGV4_QUERY_MAX)
		return err_set(err, SYM_TOO_BIG, "a request has too many parameters to sign");
	buf_reserve(&text, CANONICAL_USUAL);
	add_canonical(&text, request, headers, count);
	if (text.failed) {
		buf_release(&text);
		return err_set(err, SYM_TOO_BIG, "a request is too long to sign");
	}
	digest_sha256(text.data, text.size, hash);
	text_hex_lower(hex, hash, sizeof hash);
	buf_clear(&text);
	buf_printf(&text, "AWS4-HMAC-SHA256\n%s\n%.*s/%s/%s/aws4_request\n%s", by->time, DATE_SIZE,
		   by->time, by->region, by->service, hex);
	get_key(by, key);
	digest_hmac(key, sizeof key, text.data, text.size, hash);
	bytes_wipe(key, sizeof key);
	text_hex_lower(hex, hash, sizeof hash);
	buf_release(&text);
	buf_printf(out, "AWS4-HMAC-SHA256 Credential=%s/%.*s/%s/%s/aws4_request, SignedHeaders=",
		   by->key_id, DATE_SIZE, by->time, by->region, by->service);
	add_names(out, headers, count);
	buf_printf(out, ", Signature=%s", hex);
	return out->failed ? err_set(err, SYM_NOMEM, "out of memory") : SYM_OK;
}
