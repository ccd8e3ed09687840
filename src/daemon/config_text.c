/* YAML and libcyaml stay in here: what the members mean is config_check.c's
 * matter. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cyaml/cyaml.h>

#include "daemon/config.h"
#include "daemon/config_text.h"

#define OPTIONAL CYAML_FLAG_OPTIONAL
#define TEXT(s, m)                                                            \
	CYAML_FIELD_STRING_PTR(#m, CYAML_FLAG_POINTER | OPTIONAL, struct s, m, \
			       0, 4096)

static const cyaml_schema_value_t text_value = {
	CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char *, 1, 4096)};

static const cyaml_schema_field_t endpoint_fields[] = {
	CYAML_FIELD_STRING_PTR("address", CYAML_FLAG_POINTER,
			       struct config_text_endpoint, address, 1,
			       CONFIG_ENDPOINT_BYTES_MAX),
	CYAML_FIELD_SEQUENCE_COUNT("roles", CYAML_FLAG_POINTER | OPTIONAL,
				   struct config_text_endpoint, roles, n_roles,
				   &text_value, 1, 16),
	CYAML_FIELD_END};

static const cyaml_schema_value_t endpoint_value = {CYAML_VALUE_MAPPING(
	CYAML_FLAG_DEFAULT, struct config_text_endpoint, endpoint_fields)};

static const cyaml_schema_field_t limit_fields[] = {
	TEXT(config_text_limits, connections),
	TEXT(config_text_limits, calls),
	TEXT(config_text_limits, calls_per_key),
	TEXT(config_text_limits, front_memory_mib),
	TEXT(config_text_limits, unapplied_mib),
	TEXT(config_text_limits, stop_seconds),
	CYAML_FIELD_END};

static const cyaml_schema_field_t config_fields[] = {
	TEXT(config_text, endpoint),
	CYAML_FIELD_SEQUENCE_COUNT("endpoints", CYAML_FLAG_POINTER | OPTIONAL,
				   struct config_text, endpoints, n_endpoints,
				   &endpoint_value, 1, CONFIG_ENDPOINTS_MAX),
	TEXT(config_text, store),
	TEXT(config_text, keys),
	TEXT(config_text, log),
	TEXT(config_text, policies),
	TEXT(config_text, archive),
	TEXT(config_text, clients),
	TEXT(config_text, server_key),
	CYAML_FIELD_SEQUENCE_COUNT("key_mirrors",
				   CYAML_FLAG_POINTER | OPTIONAL,
				   struct config_text, key_mirrors,
				   n_key_mirrors, &text_value, 0,
				   CONFIG_MIRRORS_MAX),
	CYAML_FIELD_SEQUENCE_COUNT("keystores", CYAML_FLAG_POINTER | OPTIONAL,
				   struct config_text, keystores, n_keystores,
				   &text_value, 1, CONFIG_KEYSTORES_MAX),
	CYAML_FIELD_SEQUENCE_COUNT("backups", CYAML_FLAG_POINTER | OPTIONAL,
				   struct config_text, backups, n_backups,
				   &text_value, 0, CONFIG_BACKUPS_MAX),
	TEXT(config_text, passphrase_file),
	TEXT(config_text, credential),
	TEXT(config_text, allow_unlocked_memory),
	TEXT(config_text, sandbox),
	TEXT(config_text, front),
	TEXT(config_text, log_level),
	CYAML_FIELD_MAPPING_PTR("limits", CYAML_FLAG_POINTER | OPTIONAL,
				struct config_text, limits, limit_fields),
	CYAML_FIELD_END};

static const cyaml_schema_value_t config_schema = {CYAML_VALUE_MAPPING(
	CYAML_FLAG_POINTER, struct config_text, config_fields)};

/* What libcyaml says when it refuses: the first sentence, and the place, which
 * comes in lines after it. */
struct complaint {
	char sentence[160];
	int line;
	int column;
};

static void __attribute__((format(printf, 3, 0)))
complaint_take(cyaml_log_t level, void *ctx, const char *format, va_list args)
{
	struct complaint *c = ctx;
	char text[256];
	const char *place;

	if (level < CYAML_LOG_ERROR) {
		return;
	}
	(void)vsnprintf(text, sizeof(text), format, args);
	text[strcspn(text, "\n")] = '\0';
	place = strstr(text, "(line: ");
	if (place != NULL) {
		if (c->line == 0) {
			(void)sscanf(place, "(line: %d, column: %d", &c->line,
				     &c->column);
		}
		return;
	}
	if (c->sentence[0] == '\0' && strstr(text, "Backtrace") == NULL) {
		const char *s = strncmp(text, "Load: ", 6) == 0 ? text + 6
								: text;

		(void)snprintf(c->sentence, sizeof(c->sentence), "%.159s", s);
	}
}

static cyaml_config_t
yaml_config(struct complaint *c)
{
	return (cyaml_config_t){.log_fn = complaint_take,
				.log_ctx = c,
				.log_level = CYAML_LOG_ERROR,
				.mem_fn = cyaml_mem,
				.flags = CYAML_CFG_NO_ALIAS |
					 CYAML_CFG_STYLE_BLOCK};
}

static const char *
remedy_of(cyaml_err_t rc)
{
	switch ((int)rc) {
	case CYAML_ERR_INVALID_KEY:
		return "there is no such setting; ninetyd --print-config "
		       "shows all";
	case CYAML_ERR_ALIAS:
		return "write the value itself in place of the alias";
	case CYAML_ERR_MAPPING_FIELD_MISSING:
		return "each endpoint has an 'address'";
	case CYAML_ERR_SEQUENCE_ENTRIES_MAX:
		return "the list is too long";
	case CYAML_ERR_SEQUENCE_ENTRIES_MIN:
		return "the list needs an item";
	case CYAML_ERR_UNEXPECTED_EVENT:
	case CYAML_ERR_INVALID_VALUE:
		return "write 'setting: value', and lists as '- item'";
	default:
		return "see ninetyd --print-config for the form";
	}
}

/* Nothing but blanks and comments: libcyaml has no document to load then. */
static bool
is_blank(struct bytes yaml)
{
	bool in_comment = false;

	for (size_t i = 0; i < yaml.n; i++) {
		uint8_t c = yaml.p[i];

		if (c == '\n') {
			in_comment = false;
		} else if (c == '#') {
			in_comment = true;
		} else if (!in_comment && c != ' ' && c != '\r') {
			return false;
		}
	}
	return true;
}

void
config_text_place(struct bytes yaml, const char *setting, bool of_value,
		  int *out_line, int *out_column)
{
	const char *at = (const char *)yaml.p;
	const char *end = at + yaml.n;
	size_t n = strlen(setting);

	*out_line = 1;
	*out_column = 1;
	for (int line = 1; at < end; line++) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		const char *p = at;

		stop = stop == NULL ? end : stop;
		while (p < stop && (*p == ' ' || *p == '-')) {
			p++;
		}
		if ((size_t)(stop - p) > n && memcmp(p, setting, n) == 0 &&
		    p[n] == ':') {
			p += of_value ? n + 1 : 0;
			while (p < stop && *p == ' ') {
				p++;
			}
			*out_line = line;
			*out_column = (int)(p - at) + 1;
			if (of_value) {
				return;
			}
		}
		at = stop < end ? stop + 1 : end;
	}
}

/* For these libcyaml gives the place of what stood before. */
static void
complaint_find_key(struct complaint *c, struct bytes yaml)
{
	static const char *const openings[] = {
		"Unexpected key: ", "Mapping field already seen: "};

	for (size_t i = 0; i < 2; i++) {
		size_t n = strlen(openings[i]);

		if (strncmp(c->sentence, openings[i], n) == 0) {
			config_text_place(yaml, c->sentence + n, false,
					  &c->line, &c->column);
		}
	}
}

int
config_text_load(const char *file, struct bytes yaml, struct config_text **out)
{
	struct complaint c = {.line = 0};
	cyaml_config_t how = yaml_config(&c);
	struct config_text *t = NULL;
	cyaml_err_t rc;

	if (is_blank(yaml)) {
		*out = calloc(1, sizeof(**out));
		return *out == NULL ? err_set(ERR_NOMEM, "no memory") : 0;
	}
	rc = cyaml_load_data(yaml.p, yaml.n, &how, &config_schema,
			     (cyaml_data_t **)&t, NULL);
	if (rc == CYAML_ERR_OOM) {
		return err_set(ERR_NOMEM, "no memory");
	}
	if (rc != CYAML_OK || t == NULL) {
		complaint_find_key(&c, yaml);
		return err_set(ERR_CONFIG, "%s:%d:%d: %s; %s", file,
			       c.line > 0 ? c.line : 1,
			       c.column > 0 ? c.column : 1,
			       c.sentence[0] != '\0' ? c.sentence
						     : cyaml_strerror(rc),
			       remedy_of(rc));
	}
	*out = t;
	return 0;
}

void
config_text_free(struct config_text *t)
{
	struct complaint c = {.line = 0};
	cyaml_config_t how = yaml_config(&c);

	(void)cyaml_free(&how, &config_schema, t, 0);
}

int
config_text_save(const struct config_text *t, struct buf *to)
{
	struct complaint c = {.line = 0};
	cyaml_config_t how = yaml_config(&c);
	char *text = NULL;
	size_t n = 0;
	int rc;

	if (cyaml_save_data(&text, &n, &how, &config_schema, t, 0) !=
	    CYAML_OK) {
		return err_set(ERR_INTERNAL, "cannot write: %s", c.sentence);
	}
	rc = buf_put(to, text, n);
	free(text);
	return rc;
}
