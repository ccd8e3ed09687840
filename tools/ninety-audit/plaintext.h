#ifndef NINETY_AUDIT_PLAINTEXT_H
#define NINETY_AUDIT_PLAINTEXT_H

#include "daemon/config.h"
#include "shapes.h"

/*
 * Every file of an instance, whatever its name, and what its configuration
 * names elsewhere, looked through for plaintext. Canaries may stand nowhere;
 * shapes of personal data nowhere but in what people write and read:
 * configuration, policies and key files.
 */
struct plaintext {
	struct report *report;
	const struct canaries *canaries;
	uint64_t files;
	uint64_t bytes;
	struct shape_counts shapes;
	struct shape_counts chance; /* in as many random bytes */
};

/* Adds to the counts; tells faults. */
void plaintext_look(struct plaintext *p, const struct config *c);

#endif
