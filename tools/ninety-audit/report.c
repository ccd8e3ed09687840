/* Collecting and printing what was found. */

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "command.h"
#include "report.h"
#include "wire/schema.h"

#define ARENA_BYTES_MAX (64u << 20)
#define JSON_BYTES_MAX (16u << 20)
#define LINE_BYTES 512

int
report_init(struct report *r, const char *command, const char *input)
{
	*r = (struct report){.arena = arena_new(ARENA_BYTES_MAX),
			     .command = command,
			     .input = input,
			     .checked = value_object(),
			     .faults = value_list(),
			     .remarks = value_list()};
	return r->arena == NULL ? EXIT_BUG : EXIT_GOOD;
}

void
report_clear(struct report *r)
{
	arena_free(r->arena);
}

void
report_value(struct report *r, const char *name, struct value v)
{
	/* Without memory the report is short, and says so by its status. */
	if (value_add(&r->checked, r->arena, name, v) != 0) {
		r->n_faults++;
	}
}

void
report_number(struct report *r, const char *name, uint64_t n)
{
	report_value(r, name, value_int((int64_t)n));
}

void
report_text(struct report *r, const char *name, const char *text)
{
	const char *copy = arena_text(r->arena, text, strlen(text));

	report_value(r, name, value_text(copy == NULL ? "" : copy));
}

static void
push_line(struct report *r, struct value *list, const char *line)
{
	const char *copy = arena_text(r->arena, line, strlen(line));

	if (copy == NULL || value_push(list, r->arena, value_text(copy)) != 0) {
		r->n_faults++;
	}
}

void
report_fault(struct report *r, const char *format, ...)
{
	char line[LINE_BYTES];
	va_list ap;

	if (r->n_faults++ < REPORT_FAULTS_MAX) {
		va_start(ap, format);
		(void)vsnprintf(line, sizeof(line), format, ap);
		va_end(ap);
		push_line(r, &r->faults, line);
	}
}

void
report_remark(struct report *r, const char *format, ...)
{
	char line[LINE_BYTES];
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	push_line(r, &r->remarks, line);
}

static int
print_json(const struct report *r)
{
	struct value all = value_object();
	struct buf b;
	int rc;

	buf_init(&b, JSON_BYTES_MAX);
	rc = value_add(&all, r->arena, "command", value_text(r->command));
	if (rc == 0) {
		rc = value_add(&all, r->arena, "input", value_text(r->input));
	}
	if (rc == 0) {
		rc = value_add(&all, r->arena, "ok",
			       value_bool(r->n_faults == 0));
	}
	if (rc == 0) {
		rc = value_add(&all, r->arena, "checked", r->checked);
	}
	if (rc == 0) {
		rc = value_add(&all, r->arena, "faults", r->faults);
	}
	if (rc == 0) {
		rc = value_add(&all, r->arena, "remarks", r->remarks);
	}
	if (rc == 0) {
		rc = schema_value_encode(&all, 2, &b);
	}
	if (rc == 0) {
		(void)fwrite(b.data, 1, b.len, stdout);
		(void)fputc('\n', stdout);
	}
	buf_clear(&b);
	return rc;
}

static void
print_value(const char *name, const struct value *v)
{
	if (v->kind == VALUE_OBJECT) {
		(void)printf("  %s\n", name);
		for (size_t i = 0; i < v->of.n; i++) {
			(void)printf("  ");
			print_value(v->of.items[i].name,
				    &v->of.items[i].value);
		}
	} else if (v->kind == VALUE_INT) {
		(void)printf("  %-26s %" PRId64 "\n", name, v->number);
	} else if (v->kind == VALUE_TEXT) {
		(void)printf("  %-26s %s\n", name, v->text.s);
	} else if (v->kind == VALUE_BOOL) {
		(void)printf("  %-26s %s\n", name, v->truth ? "yes" : "no");
	}
}

static void
print_lines(const char *mark, const struct value *list)
{
	for (size_t i = 0; i < list->of.n; i++) {
		(void)printf("%s %s\n", mark, list->of.items[i].value.text.s);
	}
}

static void
print_text(const struct report *r)
{
	(void)printf("ninety-audit %s %s\n", r->command, r->input);
	for (size_t i = 0; i < r->checked.of.n; i++) {
		print_value(r->checked.of.items[i].name,
			    &r->checked.of.items[i].value);
	}
	print_lines("note:", &r->remarks);
	print_lines("FAULT:", &r->faults);
	if (r->n_faults == 0) {
		(void)puts("OK: everything checked is as it should be.");
	} else {
		(void)printf("FAILED: %" PRIu64 " fault%s.\n", r->n_faults,
			     r->n_faults == 1 ? "" : "s");
	}
}

int
report_print(const struct report *r, bool json)
{
	if (!json) {
		print_text(r);
	} else if (print_json(r) != 0) {
		return EXIT_BUG;
	}
	if (fflush(stdout) != 0) {
		return EXIT_IO;
	}
	return r->n_faults == 0 ? EXIT_GOOD : EXIT_BAD_NEWS;
}
