/* SPDX-License-Identifier: MIT
 * Identifiers as text. */
#include "key/key.h"

#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void key_code_text(const struct sym_code_id *code, char out[KEY_ID_MAX])
{
	char *end;

	switch (code->form) {
	case SYM_CODE_NONE:
		out[0] = '\0';
		break;
	case SYM_CODE_PE: /* SymSrv: stamp padded and upper case, size neither */
		end = text_hex_number(out, code->stamp, 8);
		text_upper_all(out);
		text_hex_number(end, code->image_size, 1);
		break;
	case SYM_CODE_BYTES:
		text_hex_lower(out, code->bytes, code->len);
		break;
	case SYM_CODE_TEXT:
		memcpy(out, code->bytes, code->len);
		out[code->len] = '\0';
		break;
	}
}

void key_debug_text(const struct sym_debug_id *debug, char out[KEY_ID_MAX])
{
	char *end;
	uint32_t signature;

	switch (debug->form) {
	case SYM_DEBUG_NONE:
		out[0] = '\0';
		break;
	case SYM_DEBUG_GUID:
		text_hex_upper(out, debug->guid, 16);
		break;
	case SYM_DEBUG_AGE:
		end = text_hex_upper(out, debug->guid, 16);
		text_hex_number(end, debug->age, 1);
		break;
	case SYM_DEBUG_PORTABLE: /* as an age of -1; the stamp is no part of the key */
		end = text_hex_upper(out, debug->guid, 16);
		memcpy(end, "ffffffff", 9);
		break;
	case SYM_DEBUG_NB10:
		signature = (uint32_t)debug->guid[0] << 24 | (uint32_t)debug->guid[1] << 16 |
			    (uint32_t)debug->guid[2] << 8 | debug->guid[3];
		snprintf(out, KEY_ID_MAX, "%" PRIX32 "%" PRIx32, signature, debug->age);
		break;
	}
}

bool key_same(const struct sym_identity *a, const struct sym_identity *b)
{
	char code_a[KEY_ID_MAX], code_b[KEY_ID_MAX], debug_a[KEY_ID_MAX], debug_b[KEY_ID_MAX];

	key_code_text(&a->code, code_a);
	key_code_text(&b->code, code_b);
	key_debug_text(&a->debug, debug_a);
	key_debug_text(&b->debug, debug_b);
	return a->kind == b->kind && strcmp(code_a, code_b) == 0 && strcmp(debug_a, debug_b) == 0 &&
	       strcmp(a->name, b->name) == 0;
}
