#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stddef.h>
#include <stdint.h>

/*
 * The operator's log: one JSON object a line on stderr, for journald and its
 * like. Events and names are static words; values are numbers, ids and words
 * of our own, never what somebody sent in. It is not the audit log.
 */
enum log_level { LOG_ERROR, LOG_WARNING, LOG_NOTICE, LOG_DEBUG };

struct log_value {
	const char *name;
	const char *text; /* NULL: the number counts */
	int64_t number;
};

void log_open(const char *program, enum log_level most);

void log_event(enum log_level level, const char *event,
	       const struct log_value *values, size_t n);

#define LOG_TEXT(name, text) ((struct log_value){(name), (text), 0})
#define LOG_NUMBER(name, number) \
	((struct log_value){(name), NULL, (int64_t)(number)})

/* log_write(LOG_NOTICE, "started", LOG_NUMBER("pid", 42)) */
#define log_write(level, event, ...)                                          \
	log_event((level), (event), (const struct log_value[]){__VA_ARGS__},  \
		  sizeof((const struct log_value[]){__VA_ARGS__}) /           \
			  sizeof(struct log_value))
#define log_plain(level, event) log_event((level), (event), NULL, 0)

#endif
