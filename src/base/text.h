/* SPDX-License-Identifier: MIT
 * Bytes as text: hex digits, ASCII letters, UTF-8, and what may be shown. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/def.h"

/* Writes `n` bytes as 2 n hex digits and a NUL; answers the end (the NUL). */
char *text_hex_lower(char *to, const uint8_t *bytes, size_t n);
char *text_hex_upper(char *to, const uint8_t *bytes, size_t n);

/* Writes a number in lower-case hex, with zeros before it where it has less than `digits`
 * (1 to 16), and a NUL; answers the end. */
char *text_hex_number(char *to, uint64_t number, unsigned digits);

/* A copy of `len` bytes, none of them NUL, and a NUL; the caller frees it. NULL: out of memory. (It
 * is strndup, which Windows has not.) */
char *text_copy(const char *text, size_t len);

/* Makes %XX the byte that it stands for, in its place; but %00, which would end the text. */
void text_decode(char *text);

/* Copies what fits of `from` before `end`, and a NUL; answers where the NUL is. `to` < `end`. */
char *text_put(char *to, const char *end, const char *from);

/* A letter, a digit, or one of `-._~`: what RFC 3986 (2.3) lets stand in any part of an address. */
bool text_is_unreserved(char c);

/* The value of one hex digit, or -1. */
int text_hex_value(char c);

/* Reads 2 n hex digits into `n` bytes; false where one is no hex digit. */
bool text_hex_bytes(const char *digits, uint8_t *to, size_t n);

/* Base64 (RFC 4648, padded) and a NUL. `to` takes TEXT_BASE64_SIZE(n) bytes. */
#define TEXT_BASE64_SIZE(n) (((n) + 2) / 3 * 4 + 1)
void text_base64(char *to, const void *bytes, size_t n);

/* ASCII only: the store layouts that fold case need no more, and bytes above 127 stay. */
char text_lower(char c);
char text_upper(char c);
void text_lower_all(char *text);
void text_upper_all(char *text);
bool text_same_nocase(const char *a, const char *b);
bool text_starts_nocase(const char *text, const char *beginning);
bool text_ends_nocase(const char *text, const char *ending);

/* Are these `len` bytes, which need no NUL behind them, equal to `word`? */
bool text_is(const char *text, size_t len, const char *word);

/* The part behind the last `/` or `\`: symbol files name their kin with the paths of their build machine. */
const char *text_last_component(const char *path, size_t len, size_t *out_len);

/* The name at the end of a path of this system, behind its last `/`. */
const char *text_file_name(const char *path);

/* Overwrites a secret; the compiler cannot leave it out, as it may a memset before free. NULL
 * is fine. */
void text_wipe(char *text);
void bytes_wipe(void *bytes, size_t n);
void text_forget(char *text); /* and frees it */

/* Puts "..." in the place of `len` bytes at `at`, of which there are at least as many; answers what
 * follows it. The other does so wherever `secret` stands in `text`; either may be NULL. A secret of
 * less than four bytes is left: it stands in words that are none. */
char *text_hide_at(char *at, size_t len);
void text_hide(char *text, const char *secret);

/* Length in bytes of the valid UTF-8 sequence at `text` (of `len` bytes), or 0
 * where there is none (RFC 3629: no surrogates, no overlong forms). */
size_t text_utf8_len(const char *text, size_t len);
bool text_is_utf8(const char *text, size_t len);

/* The bytes of the byte order mark that a UTF-8 text begins with, as Notepad and PowerShell write it: 3, or 0. */
size_t text_mark(const char *text, size_t len);

/* Is the byte one of a character, but not its first? */
bool text_is_inside(char c);

/* How much of `text` to show where there is room for `max` bytes, for "%.*s": all of it, or what ends
 * with a whole character. */
int text_fit(const char *text, size_t max);

/* Does a control character begin at `text` (one valid UTF-8 sequence)? C0, DEL and C1:
 * they move cursors, clear screens and rename windows. */
bool text_is_control(const char *text);

/* Does something begin here that a CI system takes for a command, wherever it stands in its
 * log: "##[", "##vso[", "##teamcity["? */
bool text_is_log_command(const char *text, size_t len);

/* Copies for a person or a log: control characters, those that turn the order of others, and what
 * is not UTF-8 become \xNN, so that a file's name can neither write to the terminal nor look like
 * another; and so do the first characters of what CI systems take for commands in a log ("##vso[",
 * "##[", "##teamcity[" anywhere, "::" at the start or behind blanks). Cut at `size` with a NUL. */
void text_shown(char *to, size_t size, const char *text, size_t len);

#endif
