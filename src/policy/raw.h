#ifndef POLICY_RAW_H
#define POLICY_RAW_H

#include "policy/policy.h"
#include "policy/shape.h"
#include "policy/tree.h"

/*
 * A set of policy files while it is being loaded: what the tables of
 * shapes.c fill, before names have become pointers. Item i of a list stands
 * at the i-th node of that list, so that check.c can say where a fault is.
 */
struct raw_file {
	const char *file;        /* relative, "regimes/gdpr.yaml" */
	const struct node *root; /* NULL: not there or not YAML */
	struct policy_file head;
};

struct raw_access {
	const char *category;
	const char *const *fields; /* none: all */
	size_t n_fields;
	bool needs_ticket;
};

struct raw_category {
	struct policy_category as;
	struct policy_field *fields;
	size_t n_fields;
};

struct raw_purpose {
	struct policy_purpose as;
	struct raw_access *access;
	size_t n_access;
};

struct raw_recipient {
	struct policy_recipient as;
	const char *const *purposes;
	size_t n_purposes;
	struct raw_access *access;
	size_t n_access;
};

struct raw_regime {
	struct policy_file head;
	struct policy_regime as;
	struct policy_place *places;
	size_t n_places;
};

struct raw_house {
	struct policy_file head;
	struct policy_house as;
};

struct raw_ages {
	struct policy_file head;
	struct policy_ages as;
};

struct raw_categories {
	struct policy_file head;
	struct raw_category *items;
	size_t n;
};

struct raw_purposes {
	struct policy_file head;
	struct raw_purpose *items;
	size_t n;
};

struct raw_recipients {
	struct policy_file head;
	struct raw_recipient *items;
	size_t n;
};

enum raw_source {
	RAW_HOUSE,
	RAW_CATEGORIES,
	RAW_PURPOSES,
	RAW_RECIPIENTS,
	RAW_AGES,
	RAW_REGIMES /* and all after it */
};

struct raw_set {
	struct arena *a;
	struct policy_faults *faults;
	struct raw_file files[POLICY_FILES_MAX];
	size_t n_files;
	struct raw_house house;
	struct raw_categories categories;
	struct raw_purposes purposes;
	struct raw_recipients recipients;
	struct raw_ages ages;
	struct raw_regime
		regimes[POLICY_FILES_MAX]; /* of files RAW_REGIMES + i */
	size_t n_regimes;
	/* Made by link_names; the items above have their `as` filled too. */
	const struct policy_category *linked_categories;
	const struct policy_purpose *linked_purposes;
};

/* What each kind of file may hold. */
extern const struct shape shape_house;
extern const struct shape shape_categories;
extern const struct shape shape_purposes;
extern const struct shape shape_recipients;
extern const struct shape shape_ages;
extern const struct shape shape_regime;

/* The keys of house.yaml that are settings: those a house decision may be
 * about. */
bool shape_is_house_setting(const char *key);

/* What no single value shows: values beside each other and across files. Adds
 * its faults to the set's. Wants link_names to have run. */
void check_set(struct raw_set *s);

/* Names into pointers: fills the `as` of purposes, recipients, categories and
 * regimes. Unknown names are faults. ERR_NOMEM. */
int link_names(struct raw_set *s) MUST_CHECK;

/* A fault at a key of a map, or at the map where it lacks the key. */
void fault_at(struct raw_set *s, enum raw_source file, const struct node *map,
	      const char *key, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

#endif
