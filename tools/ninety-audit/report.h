#ifndef NINETY_AUDIT_REPORT_H
#define NINETY_AUDIT_REPORT_H

#include "base/arena.h"
#include "base/value.h"

/*
 * What a check has found: facts and counts in the order they were added,
 * faults, and remarks that are no faults. Printed for people, or as one JSON
 * document {command, input, ok, checked, faults, remarks}.
 */
#define REPORT_FAULTS_MAX 100 /* that are told one by one */

struct report {
	struct arena *arena;
	const char *command;
	const char *input;
	struct value checked;
	struct value faults;
	struct value remarks;
	uint64_t n_faults;
};

/* 0, or EXIT_BUG when there is no memory. */
int report_init(struct report *r, const char *command, const char *input);
void report_clear(struct report *r);

/* `name` is static. */
void report_number(struct report *r, const char *name, uint64_t n);
void report_text(struct report *r, const char *name, const char *text);
/* Takes the value as it is; it lives in the report's arena. */
void report_value(struct report *r, const char *name, struct value v);

void report_fault(struct report *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void report_remark(struct report *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Prints to standard output and returns the exit status. */
int report_print(const struct report *r, bool json);

#endif
