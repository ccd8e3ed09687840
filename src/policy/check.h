#ifndef POLICY_CHECK_H
#define POLICY_CHECK_H

#include "policy/raw.h"

/* One check a kind of file; each adds its faults to the set's. */
void check_house(struct raw_set *s);
void check_ages(struct raw_set *s);
void check_categories(struct raw_set *s);
void check_purposes(struct raw_set *s);
void check_recipients(struct raw_set *s);
void check_regime(struct raw_set *s, size_t i);

/* The date in the head of a file. */
void check_head(struct raw_set *s, size_t file, const struct policy_file *head);

/* The i-th item of a list at the top of a file. */
const struct node *check_item(const struct raw_set *s, enum raw_source file,
			      const char *list, size_t i);

/* Both there, not empty, and equal: an empty name has had its fault. */
bool check_is_same(const char *a, const char *b);

#endif
