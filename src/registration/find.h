#ifndef REGISTRATION_FIND_H
#define REGISTRATION_FIND_H

#include "call/call.h"

/* subject.find and subject.status: who, and what there is, without values. */

struct subject_find_in {
	const char *email;
	const char *phone;
};
struct subject_found {
	struct id subject;
	int standing; /* enum subject_standing */
};
struct subject_find_out {
	struct id subject; /* the customer, or the first that was found */
	const struct subject_found *subjects;
	size_t n_subjects;
};
extern const struct field_table subject_find_in_table;
extern const struct field_table subject_find_out_table;
/* Customers before prospects, then in the order of the index. Those who are
 * known by a guardian's address are found too. ERR_NOT_FOUND: nobody. */
int subject_find(struct call *c, const void *in, void *out);

struct subject_status_in {
	struct id subject;
};
struct subject_status_out {
	int standing;
	int account; /* enum account_state */
	int64_t since;
	const char **categories;
	size_t n_categories;
	struct id *holds;
	size_t n_holds;
	struct id *requests; /* open ones */
	size_t n_requests;
	const char *band;
	const char *terms_version;
	int64_t terms_at;
	bool guardian;
	bool legal_capacity;
};
extern const struct field_table subject_status_in_table;
extern const struct field_table subject_status_out_table;
int subject_status(struct call *c, const void *in, void *out);

#endif
