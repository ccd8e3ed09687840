#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ninety/errors.h"

/*
 * Errors: a function that can fail returns int, 0 or one of these negative
 * codes. The codes up to ERR_INTERNAL are the wire's own; those after it stay
 * inside and leave as `internal` or `unavailable` (err_status).
 *
 * Beside the code, each thread keeps one context: a text, the member of the
 * request that is at fault, a few extra members for the reply. Texts hold ids
 * and counts, never a value that somebody sent in.
 */
enum err {
	ERR_NONE = 0,
	ERR_BASE_ = -100,
#define X(name, word, sentence) ERR_##name,
	NINETY_STATUSES(X)
#undef X
	ERR_NOMEM,    /* a bound on memory was reached */
	ERR_IO,       /* the operating system refused; nothing was changed */
	ERR_FULL,     /* no room on the disk for another write */
	ERR_SEAL,     /* a sealed record does not open */
	ERR_CORRUPT,  /* stored bytes are not what was written */
	ERR_CONFIG,   /* configuration or policy is wrong */
	ERR_RETRY,    /* conflict in the engine: run the operation again */
	ERR_OUTCOME,  /* a sync failed: unknown outcome, stop and recover */
	ERR_END_
};

enum err_class {
	ERR_CLASS_CALLER,    /* the call was wrong */
	ERR_CLASS_STATE,     /* the world does not allow it now */
	ERR_CLASS_RESOURCE,  /* memory, disk, queue */
	ERR_CLASS_INTEGRITY, /* raise an alarm */
	ERR_CLASS_RETRY,
	ERR_CLASS_FATAL      /* stop the process */
};

#define ERR_TEXT_BYTES 256
#define ERR_FIELD_BYTES 128
#define ERR_EXTRA_MAX 4

struct err_extra {
	const char *name; /* static */
	bool is_number;
	int64_t number;
	char text[64];
};

struct err_info {
	int code;
	char field[ERR_FIELD_BYTES];
	char text[ERR_TEXT_BYTES];
	struct err_extra extra[ERR_EXTRA_MAX];
	size_t n_extra;
};

#define MUST_CHECK __attribute__((warn_unused_result))

/* Sets this thread's context and returns `code`, so that one can write
 * `return err_set(ERR_STATE, "...")`. Drops an earlier context. */
int err_set(int code, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* As err_set, naming the member at fault, as "contact.email". */
int err_field(int code, const char *field, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#ifdef __clang_analyzer__
/* The analyzer does not see into err.c: it learns here that what comes back is
 * the code, so that after it nothing counts as done. */
#define err_set(code, ...)                                                    \
	__extension__({                                                       \
		const int err_code_ = (code);                                 \
		(void)(err_set)(err_code_, __VA_ARGS__);                      \
		err_code_;                                                    \
	})
#define err_field(code, field, ...)                                           \
	__extension__({                                                       \
		const int err_code_ = (code);                                 \
		(void)(err_field)(err_code_, field, __VA_ARGS__);             \
		err_code_;                                                    \
	})
#endif

/* Puts the parent's name before the member at fault: "email" in "contact"
 * becomes "contact.email". No effect without a field. */
void err_field_within(const char *parent);

/* Adds a member to the reply's body; `name` must be static. */
void err_extra_text(const char *name, const char *text);
void err_extra_number(const char *name, int64_t number);

/* This thread's context: valid until the next err_ call of this thread. */
const struct err_info *err_last(void);
void err_clear(void);

/* Puts a copy back, made before something else may have set another. */
void err_restore(const struct err_info *info);

/* The word of a code, "invalid", "seal", ...: for logs and replies. */
const char *err_word(int code);

/* The wire code that a caller is told: internal ones become ERR_UNAVAILABLE
 * (ERR_FULL, ERR_NOMEM) or ERR_INTERNAL. */
int err_status(int code);

/* The sentence that goes with a wire code. */
const char *err_sentence(int code);

enum err_class err_class_of(int code);

#endif
