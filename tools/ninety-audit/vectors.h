#ifndef NINETY_AUDIT_VECTORS_H
#define NINETY_AUDIT_VECTORS_H

#include "report.h"

/*
 * Known answers, tried on the functions that the service is built on. Each
 * set says how many it ran and reports every one that came out otherwise.
 */
struct vector_set {
	const char *name;
	uint64_t ran;
	uint64_t wrong;
	uint64_t refused; /* rightly: inputs that must not be taken */
};

/* RFC 4231, 7693, 7748, 8032 and the XChaCha20 draft, built in. */
void vectors_rfc(struct report *r);

/* The files of Wycheproof in a directory; false when none is there. */
bool vectors_wycheproof(struct report *r, const char *directory);

/* seal.json, node.json, keystore.json of the project, docs/format.md; false
 * when the directory has none. */
bool vectors_own(struct report *r, const char *directory);

/* log.json of the project, docs/format.md "The log"; false without it. */
bool vectors_log(struct report *r, const char *directory);

/* Shared by the above. */

#define VECTORS_FILE_BYTES_MAX (16u << 20)
#define VECTORS_ARENA_BYTES_MAX (256u << 20)

/* Reads DIRECTORY/NAME as JSON into the arena; ERR_NOT_FOUND without it. */
int vectors_read(const char *directory, const char *name, struct arena *a,
		 struct value *out) MUST_CHECK;

/* The bytes of a member in hexadecimal; n 0 and p NULL when it is none. */
struct bytes vectors_hex(const struct value *v, const char *name,
			 struct arena *a);
/* A whole number, 0 when it is none. */
int64_t vectors_number(const struct value *v, const char *name);

/* Counts one vector, and reports it when it came out wrong. */
void vectors_count(struct report *r, struct vector_set *set, bool right,
		   const char *comment);

/* Adds the set's counts to the report; an empty one is a fault. */
void vectors_tell(struct report *r, const struct vector_set *set);

#endif
