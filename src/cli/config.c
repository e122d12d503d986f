/* SPDX-License-Identifier: MIT
 * The only file that knows libyaml. A value of the file goes through the same
 * setters as one of the command line; an error names file, line and column. */
#include "cli/config.h"

#include "base/limits.h"
#include "base/text.h"
#include "cli/rows.h"
#include "cli/suggest.h"
#include "os/os.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

struct config {
	const char *name; /* as errors call the file */
	yaml_document_t *document;
	struct options *o;
	struct sym_err *err;
	struct option_target *target; /* whose keys are read, or NULL at the top */
	const char *key;              /* whose value is read, or NULL */
};

const char *config_name(const struct options *o)
{
	return o->config ? o->config : "symbol-upload.yaml";
}

/* ------------------------------------------------------------- errors -- */

static struct config_place place_of(const yaml_node_t *node)
{
	return (struct config_place){.line = (unsigned)node->start_mark.line + 1,
				     .column = (unsigned)node->start_mark.column + 1};
}

static enum sym_status prefix(struct config *c, yaml_mark_t mark)
{
	if (c->key)
		err_prefix(c->err, "%s", c->key);
	return err_prefix(c->err, "%s:%zu:%zu", c->name, mark.line + 1, mark.column + 1);
}

static enum sym_status refuse(struct config *c, const yaml_node_t *node, const char *what)
{
	err_set(c->err, SYM_USAGE, "%s", what);
	return prefix(c, node->start_mark);
}

static const char *scalar(const yaml_node_t *node)
{
	return (const char *)node->data.scalar.value;
}

static enum sym_status unknown_key(struct config *c, const yaml_node_t *key)
{
	struct suggest nearest = suggest_for(scalar(key));
	char word[SHOWN_MAX], end[HINT_MAX];

	for (size_t i = 0; i < option_row_count; i++)
		if (c->target && (option_rows[i].traits & OPTION_PER_TARGET))
			suggest_offer(&nearest, option_rows[i].name);
	suggest_offer(&nearest, c->target ? "to" : "targets");
	if (!c->target && !nearest.best)
		nearest.best = option_nearest(scalar(key), OPTION_ARGV_ONLY);
	err_set(c->err, SYM_USAGE, "unknown key \"%s\"%s", shown(word, scalar(key)),
		hint(end, "", nearest.best));
	return prefix(c, key->start_mark);
}

static enum sym_status key_twice(struct config *c, const yaml_node_t *key)
{
	char word[SHOWN_MAX];

	err_set(c->err, SYM_USAGE, "the key \"%s\" is there twice", shown(word, scalar(key)));
	return prefix(c, key->start_mark);
}

/* ------------------------------------------------------------- values -- */

/* Adds the value of the variable in ${NAME}, which `text` is the start of; answers what follows. */
static const char *expand_one(struct config *c, const yaml_node_t *node, const char *text,
			      struct buf *out)
{
	size_t len = strcspn(text + 2, "}");
	char word[SHOWN_MAX];
	const char *value;
	char *name;

	if (!text[2 + len] || len == 0) {
		refuse(c, node,
		       "\"${\" without a name and \"}\"; a plain \"${\" is written \"$${\"");
		return NULL;
	}
	name = text_copy(text + 2, len);
	if (!name) {
		err_set(c->err, SYM_NOMEM, "out of memory");
		return NULL;
	}
	value = getenv(name);
	if (value) {
		buf_add_text(out, value);
	} else {
		err_set(c->err, SYM_NOT_FOUND, "the environment has no variable %s",
			shown(word, name));
		prefix(c, node->start_mark);
	}
	free(name);
	return value ? text + 2 + len + 1 : NULL;
}

/* A scalar's text with its variables, in `out`. */
static enum sym_status expand(struct config *c, const yaml_node_t *node, struct buf *out)
{
	const char *text = scalar(node);

	if (strlen(text) != node->data.scalar.length)
		return refuse(c, node, "the value holds a NUL");
	while (text && *text) {
		size_t plain = strcspn(text, "$");

		buf_add(out, text, plain);
		text += plain;
		if (strncmp(text, "$${", 3) == 0) {
			buf_add_text(out, "${");
			text += 3;
		} else if (strncmp(text, "${", 2) == 0) {
			text = expand_one(c, node, text, out);
		} else if (*text) {
			buf_add_char(out, *text++);
		}
	}
	if (!text)
		return c->err->status;
	return out->failed ? refuse(c, node, "the value is too long") : SYM_OK;
}

static bool is_nothing(const yaml_node_t *node)
{
	return node->type == YAML_SCALAR_NODE &&
	       node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	       (node->data.scalar.length == 0 || strcmp(scalar(node), "~") == 0 ||
		strcmp(scalar(node), "null") == 0);
}

/* One scalar into a row's value. */
static enum sym_status read_scalar(struct config *c, const struct option_row *row,
				   const yaml_node_t *node)
{
	struct buf text = BUF_MAX(CONFIG_VALUE_MAX);
	struct option_delivery *how = c->target ? &c->target->how : NULL;
	enum sym_status status;

	if (node->type != YAML_SCALAR_NODE)
		return refuse(c, node, "a text is expected here");
	if (is_nothing(node))
		return refuse(c, node, "the value is missing");
	status = expand(c, node, &text);
	if (status == SYM_OK && text.size == 0) {
		if (!option_may_be_empty(c->o, row))
			status = refuse(c, node, "the value is empty");
	} else if (status == SYM_OK) {
		status = option_take(c->o, how, row, text.data, c->err);
		if (status != SYM_OK)
			prefix(c, node->start_mark);
	}
	if (row->traits & OPTION_SECRET)
		bytes_wipe(text.data, text.size);
	buf_release(&text);
	return status;
}

static enum sym_status read_list(struct config *c, const struct option_row *row,
				 const yaml_node_t *list)
{
	const yaml_node_item_t *item = list->data.sequence.items.start;
	enum sym_status status = SYM_OK;

	for (; status == SYM_OK && item < list->data.sequence.items.top; item++)
		status = read_scalar(c, row, yaml_document_get_node(c->document, *item));
	return status;
}

/* A scalar, or for what can be given several times a sequence of them. */
static enum sym_status read_value(struct config *c, const struct option_row *row,
				  const yaml_node_t *node)
{
	bool many = row->kind == OPTION_LIST || row->kind == OPTION_NAMES;
	enum sym_status status;

	c->key = row->name;
	if (node->type == YAML_SCALAR_NODE)
		status = read_scalar(c, row, node);
	else if (node->type == YAML_SEQUENCE_NODE && many)
		status = read_list(c, row, node);
	else
		status = refuse(c, node,
				many ? "a text or a list of texts is expected here"
				     : "one value is expected here");
	c->key = NULL;
	return status;
}

/* ----------------------------------------------------------- mappings -- */

typedef enum sym_status pair_fn(struct config *c, const yaml_node_t *key, const yaml_node_t *value);

/* Calls `each` for the pairs of a mapping whose keys are texts, each once. */
static enum sym_status each_pair(struct config *c, const yaml_node_t *mapping, pair_fn *each)
{
	const yaml_node_pair_t *first = mapping->data.mapping.pairs.start;

	for (const yaml_node_pair_t *p = first; p < mapping->data.mapping.pairs.top; p++) {
		const yaml_node_t *key = yaml_document_get_node(c->document, p->key);
		enum sym_status status;

		if (key->type != YAML_SCALAR_NODE)
			return refuse(c, key, "a key must be a text");
		for (const yaml_node_pair_t *q = first; q < p; q++)
			if (strcmp(scalar(yaml_document_get_node(c->document, q->key)),
				   scalar(key)) == 0)
				return key_twice(c, key);
		status = each(c, key, yaml_document_get_node(c->document, p->value));
		if (status != SYM_OK)
			return status;
	}
	return SYM_OK;
}

static enum sym_status read_address(struct config *c, const yaml_node_t *value)
{
	struct buf text = BUF_MAX(CONFIG_VALUE_MAX);
	enum sym_status status;

	if (value->type != YAML_SCALAR_NODE || is_nothing(value))
		return refuse(c, value, "an address is expected here");
	status = expand(c, value, &text);
	if (status == SYM_OK && (text.size == 0 || !is_address(text.data)))
		status = refuse(c, value, "this is not an address, such as s3://bucket/prefix");
	if (status == SYM_OK) {
		c->target->to = strdup(text.data);
		if (!c->target->to)
			status = err_set(c->err, SYM_NOMEM, "out of memory");
	}
	buf_release(&text);
	return status;
}

/* Notes SYM_NOT_FOUND (a variable or a secret's file is missing on this machine) as the target's
 * fault, and goes on: it matters only to a run that uses the target. */
static enum sym_status unless_missing(struct config *c, enum sym_status status)
{
	if (status != SYM_NOT_FOUND)
		return status;
	if (c->target->missing.status == SYM_OK)
		c->target->missing = *c->err;
	c->target->missing.status = SYM_USAGE;
	return SYM_OK;
}

static enum sym_status target_pair(struct config *c, const yaml_node_t *key,
				   const yaml_node_t *value)
{
	const struct option_row *row = option_named(scalar(key));
	struct option_target *t = c->target;

	if (strcmp(scalar(key), "to") == 0)
		return unless_missing(c, read_address(c, value));
	if (!row || !(row->traits & OPTION_PER_TARGET))
		return unknown_key(c, key);
	t->given[row - option_rows] = true;
	return unless_missing(c, read_value(c, row, value));
}

static enum sym_status target_name(struct config *c, const yaml_node_t *key,
				   const yaml_node_t *value)
{
	struct options *o = c->o;
	enum sym_status status;

	if (!scalar(key)[0] || strchr("./", scalar(key)[0]) || is_address(scalar(key)))
		return refuse(c, key, "this cannot be the name of a target");
	if (o->target_count == CONFIG_TARGETS_MAX)
		return refuse(c, key, "there are more than 64 targets");
	c->target = &o->targets[o->target_count++];
	c->target->place = place_of(key);
	c->target->name = strdup(scalar(key));
	if (!c->target->name)
		return err_set(c->err, SYM_NOMEM, "out of memory");
	if (value->type == YAML_MAPPING_NODE)
		status = each_pair(c, value, target_pair);
	else
		status = unless_missing(c, read_address(c, value));
	if (status == SYM_OK && !c->target->to && c->target->missing.status == SYM_OK)
		status = refuse(c, key, "the target has no \"to\"");
	c->target = NULL;
	return status;
}

static enum sym_status read_targets(struct config *c, const yaml_node_t *value)
{
	if (value->type != YAML_MAPPING_NODE)
		return refuse(c, value,
			      "names of targets, each with its address, are expected here");
	c->o->targets = calloc(CONFIG_TARGETS_MAX, sizeof *c->o->targets);
	if (!c->o->targets)
		return err_set(c->err, SYM_NOMEM, "out of memory");
	return each_pair(c, value, target_name);
}

/* Checks a value that does not count in this run, because a stronger place has one: the next run may
 * need it. */
static enum sym_status read_checked_only(struct config *c, const struct option_row *row,
					 const yaml_node_t *value)
{
	struct options spare = {0}, *o = c->o;
	enum sym_status status;

	c->o = &spare;
	status = read_value(c, row, value);
	c->o = o;
	options_release(&spare);
	return status == SYM_NOT_FOUND ? SYM_OK : status; /* what it lacks is not wanted */
}

static enum sym_status top_pair(struct config *c, const yaml_node_t *key, const yaml_node_t *value)
{
	const struct option_row *row = option_named(scalar(key));
	enum sym_status status;

	if (strcmp(scalar(key), "targets") == 0)
		return read_targets(c, value);
	if (!row)
		return unknown_key(c, key);
	if (row->traits & OPTION_ARGV_ONLY)
		return refuse(c, key, "this is an option of the command line only");
	if (c->o->origins[row - option_rows].from == FROM_CONFIG)
		return refuse(c, key, "the key is there twice, under both its names");
	c->o->origins[row - option_rows].place = place_of(key);
	if (!(row->commands >> c->o->command & 1) || !option_is_open(c->o, row, FROM_CONFIG))
		return read_checked_only(c, row, value);
	status = read_value(c, row, value);
	option_mark(c->o, row, (struct option_origin){FROM_CONFIG, place_of(key)});
	return status;
}

/* --------------------------------------------------------------- file -- */

static enum sym_status read_document(struct config *c)
{
	const yaml_node_t *root = yaml_document_get_root_node(c->document);

	if (!root || is_nothing(root))
		return SYM_OK;
	if (root->type != YAML_MAPPING_NODE)
		return refuse(c, root, "options by their names are expected here");
	return each_pair(c, root, top_pair);
}

/* libyaml's words, but for the usual mistakes: with patterns, of which * makes an alias, with @FILE, and
 * with tabs. */
static const char *problem_of(const yaml_parser_t *parser)
{
	const char *problem = parser->problem ? parser->problem : "this is not YAML";

	if (strstr(problem, "alias") || (parser->context && strstr(parser->context, "alias")))
		return "a pattern that begins with * must stand in quotes";
	if (!strstr(problem, "cannot start any token"))
		return problem;
	return *parser->buffer.pointer == '\t' ? "a tab stands where YAML wants blanks"
					       : "a value that begins with @, % or ` must stand in quotes";
}

static enum sym_status no_yaml(struct config *c, const yaml_parser_t *parser)
{
	if (parser->error == YAML_MEMORY_ERROR)
		return err_set(c->err, SYM_NOMEM, "out of memory");
	err_set(c->err, SYM_USAGE, "%s", problem_of(parser));
	if (parser->error == YAML_READER_ERROR)
		return err_prefix(c->err, "%s: byte %zu", c->name, parser->problem_offset);
	return prefix(c, parser->problem_mark);
}

enum sym_status config_read_text(const char *name, const char *text, size_t size, struct options *o,
				 struct sym_err *err)
{
	yaml_document_t document;
	struct config c = {.name = name, .document = &document, .o = o, .err = err};
	yaml_parser_t parser;
	enum sym_status status = SYM_OK;
	bool more = true;

	if (!yaml_parser_initialize(&parser))
		return err_set(err, SYM_NOMEM, "out of memory");
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
	for (unsigned count = 0; more && status == SYM_OK; count++) {
		if (!yaml_parser_load(&parser, &document)) {
			status = no_yaml(&c, &parser);
			break;
		}
		more = yaml_document_get_root_node(&document) != NULL;
		if (more && count > 0)
			status = refuse(&c, yaml_document_get_root_node(&document),
					"a second document begins here");
		else
			status = read_document(&c);
		yaml_document_delete(&document);
	}
	yaml_parser_delete(&parser);
	return status == SYM_NOT_FOUND ? (err->status = SYM_USAGE) : status;
}

enum sym_status config_load(const char *name, struct buf *out, struct sym_err *err)
{
	enum sym_status status = os_read_text(NULL, name, OS_FOLLOW, out, err);

	if (status == SYM_TOO_BIG)
		status = err_set(err, SYM_USAGE, "larger than 1 MiB");
	return status == SYM_OK ? SYM_OK : err_prefix(err, "%s", name);
}

enum sym_status config_read(struct options *o, struct sym_err *err)
{
	const char *name = config_name(o);
	struct buf text = BUF_MAX(CONFIG_BYTES_MAX);
	enum sym_status status = config_load(name, &text, err);

	if (status == SYM_NOT_FOUND && !o->config)
		status = SYM_OK;
	else if (status == SYM_OK)
		status = config_read_text(name, text.data ? text.data : "", text.size, o, err);
	buf_forget(&text); /* secrets may stand in it */
	return status;
}
