/* One error context per thread: a call lives on one thread, so the context
 * needs no passing around and no lock. */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"

#undef err_set /* the analyzer's */
#undef err_field

static _Thread_local struct err_info context;

static const struct {
	const char *word;
	const char *sentence;
} words[] = {
#define X(name, word, sentence) [ERR_##name - ERR_BASE_] = {word, sentence},
	NINETY_STATUSES(X)
#undef X
	[ERR_NOMEM - ERR_BASE_] = {"nomem", ""},
	[ERR_IO - ERR_BASE_] = {"io", ""},
	[ERR_FULL - ERR_BASE_] = {"full", ""},
	[ERR_SEAL - ERR_BASE_] = {"seal", ""},
	[ERR_CORRUPT - ERR_BASE_] = {"corrupt", ""},
	[ERR_CONFIG - ERR_BASE_] = {"config", ""},
	[ERR_RETRY - ERR_BASE_] = {"retry", ""},
	[ERR_OUTCOME - ERR_BASE_] = {"outcome_unknown", ""},
};

static void __attribute__((format(printf, 3, 0)))
context_set(int code, const char *field, const char *format, va_list ap)
{
	/* The arguments may point into the context itself. */
	char text[ERR_TEXT_BYTES];
	char name[ERR_FIELD_BYTES];

	(void)vsnprintf(text, sizeof(text), format, ap);
	(void)snprintf(name, sizeof(name), "%s", field);
	context.code = code;
	context.n_extra = 0;
	memcpy(context.text, text, sizeof(text));
	memcpy(context.field, name, sizeof(name));
}

int
err_set(int code, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	context_set(code, "", format, ap);
	va_end(ap);
	return code;
}

int
err_field(int code, const char *field, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	context_set(code, field, format, ap);
	va_end(ap);
	return code;
}

void
err_field_within(const char *parent)
{
	char joined[2 * ERR_FIELD_BYTES];

	if (context.field[0] == '\0') {
		return;
	}
	/* An index stands against its list without a dot: "events[3].at". */
	(void)snprintf(joined, sizeof(joined), "%s%s%s", parent,
		       context.field[0] == '[' ? "" : ".", context.field);
	(void)snprintf(context.field, sizeof(context.field), "%.*s",
		       ERR_FIELD_BYTES - 1, joined);
}

static struct err_extra *
extra_next(const char *name)
{
	struct err_extra *extra;

	if (context.n_extra == ERR_EXTRA_MAX) {
		return NULL;
	}
	extra = &context.extra[context.n_extra++];
	*extra = (struct err_extra){.name = name};
	return extra;
}

void
err_extra_text(const char *name, const char *text)
{
	struct err_extra *extra = extra_next(name);

	if (extra != NULL) {
		(void)snprintf(extra->text, sizeof(extra->text), "%s", text);
	}
}

void
err_extra_number(const char *name, int64_t number)
{
	struct err_extra *extra = extra_next(name);

	if (extra != NULL) {
		extra->is_number = true;
		extra->number = number;
	}
}

const struct err_info *
err_last(void)
{
	return &context;
}

void
err_clear(void)
{
	context = (struct err_info){0};
}

void
err_restore(const struct err_info *info)
{
	context = *info;
}

const char *
err_word(int code)
{
	if (code == ERR_NONE) {
		return "ok";
	}
	if (code <= ERR_BASE_ || code >= ERR_END_) {
		return "unknown";
	}
	return words[code - ERR_BASE_].word;
}

int
err_status(int code)
{
	if (code == ERR_NONE || (code > ERR_BASE_ && code <= ERR_INTERNAL)) {
		return code;
	}
	if (code == ERR_FULL || code == ERR_NOMEM) {
		return ERR_UNAVAILABLE;
	}
	return ERR_INTERNAL;
}

const char *
err_sentence(int code)
{
	code = err_status(code);
	return code == ERR_NONE ? "" : words[code - ERR_BASE_].sentence;
}

enum err_class
err_class_of(int code)
{
	switch (code) {
	case ERR_STATE:
	case ERR_HELD:
	case ERR_EXPIRED:
	case ERR_EXISTS:
	case ERR_CONFLICT:
		return ERR_CLASS_STATE;
	case ERR_BUSY:
	case ERR_UNAVAILABLE:
	case ERR_NOMEM:
	case ERR_IO:
	case ERR_FULL:
		return ERR_CLASS_RESOURCE;
	case ERR_INTERNAL:
	case ERR_SEAL:
	case ERR_CORRUPT:
		return ERR_CLASS_INTEGRITY;
	case ERR_RETRY:
		return ERR_CLASS_RETRY;
	case ERR_OUTCOME:
	case ERR_CONFIG:
		return ERR_CLASS_FATAL;
	default:
		return ERR_CLASS_CALLER;
	}
}
