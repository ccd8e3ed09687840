#ifndef NINETY_AUDIT_SHAPES_H
#define NINETY_AUDIT_SHAPES_H

#include "report.h"

/*
 * Looking for plaintext in raw bytes: canaries, which somebody gave the
 * service and knows; and shapes of personal data inside of printable runs. A
 * stream of random bytes of the same length is looked through as well: what it
 * shows is what sealed bytes show by chance.
 */
#define SHAPES_RUN_BYTES_MIN 12
#define CANARIES_MAX 1000
#define CANARY_BYTES_MIN 6
#define CANARY_BYTES_MAX 256

struct shape_counts {
	uint64_t emails;
	uint64_t cards;     /* 13 to 19 digits that pass Luhn */
	uint64_t addresses; /* IPv4 */
};

/* Adds what stands in the bytes. */
void shapes_count(struct bytes in, struct shape_counts *counts);

/* As many random bytes, from a fixed seed. */
void shapes_count_random(uint64_t n, struct shape_counts *counts);

/* A text in every form in which it is looked for: as it is, in hexadecimal of
 * both cases, in base64 at each of three offsets. */
#define CANARY_FORMS 6
struct canary {
	size_t n[CANARY_FORMS];
	char forms[CANARY_FORMS][2 * CANARY_BYTES_MAX + 8];
};

/* ERR_INVALID: too short or too long. */
int canary_make(struct bytes text, struct canary *out) MUST_CHECK;
bool canary_found(const struct canary *c, struct bytes in);

/* A file of them, one a line; path NULL: none. Complains on standard error and
 * returns an exit status. canaries_clear frees. */
struct canaries {
	struct canary *all;
	size_t n;
};
int canaries_read(const char *path, struct canaries *out);
void canaries_clear(struct canaries *c);
/* The number, from 1, of the first that stands there; 0: none. */
size_t canaries_find(const struct canaries *c, struct bytes in);

#endif
