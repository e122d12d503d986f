/* SPDX-License-Identifier: MIT
 * One parcel on its way to a server that takes PUT. */
#ifndef TARGET_HTTP_TURN_H
#define TARGET_HTTP_TURN_H

#include "target/gzip.h"
#include "target/http/http.h"

/* Larger files are looked for before they are sent, and the first upload of such a file holds up
 * no other one. Bytes. */
#define HTTP_BLIND_BYTES (1u << 20)

struct http_turn {
	struct http *h;
	struct parcel *p;
	struct http_body body;
	struct gzipped packed;
	const struct parcel_path *twin; /* has got these very bytes; NULL: none yet */
	bool unseen; /* nobody could see whether the path in hand replaces anything */
	bool unsure; /* the last http_put may have stored it, by an attempt whose answer was lost */
};

enum http_sent {
	SENT_STORED, /* and proven */
	SENT_EXISTS, /* something stands there: look */
	SENT_NOT,    /* this way does not work here */
	SENT_FAILED, /* `err` says why */
};

/* The turn's bytes to a path, over what stands there only if `replace` (where the server keeps
 * conditions). Never SENT_NOT. */
enum http_sent http_put(struct http_turn *t, struct parcel_path *at, bool replace, struct sym_err *err);

/* The same by the server, from the turn's twin (COPY: RFC 4918, 9.8). Never SENT_FAILED. */
enum http_sent http_copy(struct http_turn *t, struct parcel_path *at, bool replace);

/* After some objects were stored: is If-None-Match honoured? Asked with the object
 * that was just stored, so that nothing is lost where it is not. */
void http_learn_conditional(struct http *h, const struct http_body *body, const char *path);

/* Learns from a packed file that lies there whether the server tells readers that it is packed:
 * they unpack nothing else. Where it does not, `at` is warned, once a run. */
void http_note_encoding(struct http_turn *t, struct parcel_path *at, const struct http_seen *seen);

#endif
