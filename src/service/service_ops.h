#ifndef SERVICE_SERVICE_OPS_H
#define SERVICE_SERVICE_OPS_H

#include "call/call.h"

/* The operations of the service itself: who it is, who may call it, how it
 * fares. docs/protocol.md, "Service". */

struct ping_out {
	int64_t at;
	const char *version;
};
extern const struct field_table ping_out_table;
int service_ping(struct call *c, const void *in, void *out);

struct value_out {
	struct value value;
};

/* service.describe answers {operations: [...]}; made from the table. */
struct describe_in {
	const char *operation;
};
struct describe_out {
	struct value operations;
	const char *protocol;
};
extern const struct field_table describe_in_table;
extern const struct field_table describe_out_table;
int service_describe(struct call *c, const void *in, void *out);

struct status_out {
	const char *version;
	int64_t started_at;
	int64_t now;
	struct value store;
	struct value keys;
	struct value calls;
	struct value fronts;
	struct value log;
	struct value operations;
	struct value gap;
};
extern const struct field_table status_out_table;
int service_status(struct call *c, const void *in, void *out);

struct policy_show_out {
	struct value files;
	struct value house;
	struct value ages;
	struct value categories;
	struct value purposes;
	struct value recipients;
	struct value regimes;
};
extern const struct field_table policy_show_out_table;
int service_policy_show(struct call *c, const void *in, void *out);

struct principal_add_in {
	const char *name;
	const char *public_key;
	const int *roles;
	size_t n_roles;
};
extern const struct field_table principal_add_in_table;
int service_principal_add(struct call *c, const void *in, void *out);

struct principal_revoke_in {
	const char *name;
};
extern const struct field_table principal_revoke_in_table;
int service_principal_revoke(struct call *c, const void *in, void *out);

struct principal_item {
	const char *name;
	const char *public_key;
	const int *roles;
	size_t n_roles;
	int64_t added_at;
};
struct principal_list_out {
	const struct principal_item *items;
	size_t n_items;
};
extern const struct field_table principal_list_out_table;
int service_principal_list(struct call *c, const void *in, void *out);

struct key_status_out {
	int64_t epoch;
	int64_t nodes;
	int64_t slots;
	int64_t cache_bytes;
	int64_t rotation_left;
	int64_t nodes_opened;
	int64_t nodes_written;
	int64_t bytes_written;
	int64_t mirrors;
	int64_t keystores;
	const char *keystore;
	bool weak_keystore;
	bool unlocked_memory;
	bool erasing;
	int64_t log_rotations;
};
extern const struct field_table key_status_out_table;
int service_key_status(struct call *c, const void *in, void *out);

#endif
