/* The service's own operations. */

#include "base/base64.h"
#include "base/secret.h"
#include "service/log_key.h"
#include "service/service_ops.h"
#include "service/state.h"
#include "ninety/protocol.h"
#include "wire/describe.h"

static const char *const role_words[] = {
#define X(name, word) word,
	NINETY_ROLES(X)
#undef X
	NULL};

#define ROLE_WORDS (FIELD_COUNT(role_words) - 1)

static const struct field ping_out_fields[] = {
	F_MUST(struct ping_out, at, FIELD_TIME, "the service's clock"),
	F_MUST(struct ping_out, version, FIELD_TEXT, "of the program"),
};
const struct field_table ping_out_table =
	FIELD_TABLE(struct ping_out, ping_out_fields);

int
service_ping(struct call *c, const void *in, void *out)
{
	struct ping_out *o = out;

	(void)in;
	o->at = c->now_ms;
	o->version = NINETY_VERSION;
	return 0;
}

static const struct field describe_in_fields[] = {
	F_WORD(struct describe_in, operation, FIELD_OPTIONAL,
	       NINETY_OPERATION_BYTES_MAX, "one operation; without it, all"),
};
const struct field_table describe_in_table =
	FIELD_TABLE(struct describe_in, describe_in_fields);
static const struct field describe_out_fields[] = {
	F_MUST(struct describe_out, protocol, FIELD_TEXT, "N1"),
	F_MUST(struct describe_out, operations, FIELD_VALUE,
	       "by name: what it does, for whom, its members"),
};
const struct field_table describe_out_table =
	FIELD_TABLE(struct describe_out, describe_out_fields);

static int
roles_value(unsigned roles, struct arena *a, struct value *out)
{
	struct value list = value_list();
	int rc = 0;

	for (size_t i = 0; i < ROLE_WORDS && rc == 0; i++) {
		if ((roles & 1u << i) != 0) {
			rc = value_push(&list, a, value_text(role_words[i]));
		}
	}
	*out = list;
	return rc;
}

static int
operation_value(const struct operation *op, struct arena *a, struct value *out)
{
	static const char *const classes[] = {[OP_READ] = "read",
					      [OP_WRITE] = "write",
					      [OP_SNAPSHOT] = "report",
					      [OP_LISTING] = "report"};
	struct value v = value_object();
	struct value part;
	int rc = value_add(&v, a, "help", value_text(op->help));

	if (rc == 0) {
		rc = value_add(&v, a, "class", value_text(classes[op->class]));
	}
	if (rc == 0) {
		rc = roles_value(op->roles, a, &part);
	}
	if (rc == 0) {
		rc = value_add(&v, a, "roles", part);
	}
	if (rc == 0) {
		rc = describe_fields(op->in->rows, op->in->n, a, &part);
	}
	if (rc == 0) {
		rc = value_add(&v, a, "in", part);
	}
	if (rc == 0) {
		rc = describe_fields(op->out->rows, op->out->n, a, &part);
	}
	if (rc == 0) {
		rc = value_add(&v, a, "out", part);
	}
	*out = v;
	return rc;
}

int
service_describe(struct call *c, const void *in, void *out)
{
	const struct describe_in *i = in;
	struct describe_out *o = out;
	struct value all = value_object();
	struct value one;
	int rc = 0;

	if (i->operation != NULL && operation_find(i->operation) == NULL) {
		return err_field(ERR_NOT_FOUND, "operation",
				 "there is no such operation");
	}
	for (size_t k = 0; k < n_operations && rc == 0; k++) {
		const struct operation *op = &operations[k];

		if (i->operation == NULL ||
		    strcmp(i->operation, op->name) == 0) {
			rc = operation_value(op, c->arena, &one);
			if (rc == 0) {
				rc = value_add(&all, c->arena, op->name, one);
			}
		}
	}
	o->protocol = NINETY_PROTOCOL;
	o->operations = all;
	return rc;
}

static const struct field policy_show_out_fields[] = {
	F_MUST(struct policy_show_out, files, FIELD_VALUE,
	       "every file in force: file, sha256, version, source, date"),
	F_MUST(struct policy_show_out, house, FIELD_VALUE, "the house's own"),
	F_MUST(struct policy_show_out, ages, FIELD_VALUE, "the age gate"),
	F_MUST(struct policy_show_out, categories, FIELD_VALUE,
	       "what is held, how long, on what ground"),
	F_MUST(struct policy_show_out, purposes, FIELD_VALUE,
	       "what it may be read for"),
	F_MUST(struct policy_show_out, recipients, FIELD_VALUE,
	       "who may be given some of it"),
	F_MUST(struct policy_show_out, regimes, FIELD_VALUE,
	       "the laws and their dates"),
};
const struct field_table policy_show_out_table =
	FIELD_TABLE(struct policy_show_out, policy_show_out_fields);

int
service_policy_show(struct call *c, const void *in, void *out)
{
	struct policy_show_out *o = out;
	struct value v;
	int rc = policy_show(c->policy, c->arena, &v);
	const struct {
		const char *name;
		struct value *to;
	} parts[] = {
		{"files", &o->files},
		{"house", &o->house},
		{"ages", &o->ages},
		{"categories", &o->categories},
		{"purposes", &o->purposes},
		{"recipients", &o->recipients},
		{"regimes", &o->regimes},
	};

	(void)in;
	for (size_t i = 0; i < FIELD_COUNT(parts) && rc == 0; i++) {
		const struct value *part = value_get(&v, parts[i].name);

		if (part == NULL) {
			return err_set(ERR_INTERNAL, "no %s in the policy",
				       parts[i].name);
		}
		*parts[i].to = *part;
	}
	return rc;
}

static const struct field principal_add_in_fields[] = {
	F_WORD(struct principal_add_in, name, 0, PRINCIPAL_NAME_BYTES_MAX,
	       "what the key is called in the log and in lists"),
	F_MUST(struct principal_add_in, public_key, FIELD_Z85,
	       "CURVE public key, 40 characters of Z85"),
	{.name = "roles", .type = FIELD_LIST,
	 .offset = offsetof(struct principal_add_in, roles),
	 .has_offset = FIELD_NO_OFFSET, .min = 1, .max = ROLE_WORDS,
	 .item = FIELD_ENUM, .item_bytes = sizeof(int),
	 .names = role_words,
	 .count_offset = offsetof(struct principal_add_in, n_roles),
	 .help = "what it may do"},
};
const struct field_table principal_add_in_table =
	FIELD_TABLE(struct principal_add_in, principal_add_in_fields);

static int
principal_leaf(struct call *c, enum leaf_type type, const char *name)
{
	struct value details = value_object();
	int rc = value_add(&details, c->arena, "principal", value_text(name));

	return rc != 0 ? rc
		       : call_leaf(c, (struct call_leaf){.type = type,
							 .log_slot = SLOT_NONE,
							 .details = details});
}

int
service_principal_add(struct call *c, const void *in, void *out)
{
	const struct principal_add_in *i = in;
	uint8_t key[Z85_KEY_BYTES];
	unsigned roles = 0;
	int rc = z85_decode_key(i->public_key, key);

	(void)out;
	if (rc != 0) {
		return err_field(ERR_INVALID, "public_key",
				 "must be 40 characters of Z85");
	}
	for (size_t k = 0; k < i->n_roles; k++) {
		roles |= 1u << i->roles[k];
	}
	rc = principal_enrol(c, i->name, key, roles);
	if (rc == 0) {
		c->core->principals->is_stale = true;
		rc = principal_leaf(c, LEAF_PRINCIPAL_ADDED, i->name);
	}
	return rc;
}

static const struct field principal_revoke_in_fields[] = {
	F_WORD(struct principal_revoke_in, name, 0, PRINCIPAL_NAME_BYTES_MAX,
	       "whose key is revoked"),
};
const struct field_table principal_revoke_in_table =
	FIELD_TABLE(struct principal_revoke_in, principal_revoke_in_fields);

int
service_principal_revoke(struct call *c, const void *in, void *out)
{
	const struct principal_revoke_in *i = in;
	int rc;

	(void)out;
	if (strcmp(i->name, c->caller.name) == 0) {
		return err_field(ERR_NOT_PERMITTED, "name",
				 "a key cannot revoke itself: the last admin "
				 "would be gone");
	}
	rc = principal_remove(c, i->name);
	if (rc == 0) {
		c->core->principals->is_stale = true;
		rc = principal_leaf(c, LEAF_PRINCIPAL_REVOKED, i->name);
	}
	return rc;
}

static const struct field principal_item_fields[] = {
	F_MUST(struct principal_item, name, FIELD_TEXT, "of the key"),
	F_MUST(struct principal_item, public_key, FIELD_Z85, "in Z85"),
	{.name = "roles", .type = FIELD_LIST,
	 .offset = offsetof(struct principal_item, roles),
	 .has_offset = FIELD_NO_OFFSET, .item = FIELD_ENUM,
	 .item_bytes = sizeof(int), .names = role_words,
	 .count_offset = offsetof(struct principal_item, n_roles),
	 .help = "what it may do"},
	F_MUST(struct principal_item, added_at, FIELD_TIME, "enrolled"),
};

static const struct field principal_list_out_fields[] = {
	F_LIST(struct principal_list_out, items, 0, principal_item_fields,
	       PRINCIPALS_MAX, "the enrolled keys"),
};
const struct field_table principal_list_out_table =
	FIELD_TABLE(struct principal_list_out, principal_list_out_fields);

static int
principal_item_make(struct call *c, const struct principal *p,
		    struct principal_item *item)
{
	int *roles = arena_array(c->arena, ROLE_WORDS, sizeof(*roles));
	char *text = arena_alloc(c->arena, Z85_KEY_TEXT_BYTES);
	size_t n = 0;

	if (roles == NULL || text == NULL) {
		return ERR_NOMEM;
	}
	for (int k = 0; k < (int)ROLE_WORDS; k++) {
		if ((p->roles & 1u << k) != 0) {
			roles[n++] = k;
		}
	}
	*item = (struct principal_item){
		.name = p->name,
		.public_key = z85_encode_key(p->key, text),
		.roles = roles,
		.n_roles = n,
		.added_at = p->added_at_ms,
	};
	return 0;
}

int
service_principal_list(struct call *c, const void *in, void *out)
{
	const struct principals *p = c->core->principals;
	struct principal_list_out *o = out;
	struct principal_item *items =
		arena_array(c->arena, p->n, sizeof(*items));
	int rc = items == NULL ? ERR_NOMEM : 0;

	(void)in;
	for (size_t i = 0; i < p->n && rc == 0; i++) {
		rc = principal_item_make(c, &p->items[i], &items[i]);
	}
	o->items = items;
	o->n_items = p->n;
	return rc;
}

#define STATUS_KEY(m, h) F_INT(struct key_status_out, m, 0, 0, 0, h)

static const struct field key_status_out_fields[] = {
	STATUS_KEY(epoch, "raised by each batch that destroys or grows"),
	STATUS_KEY(nodes, "of the key tree"),
	STATUS_KEY(slots, "made, in use or not"),
	STATUS_KEY(cache_bytes, "guarded memory that holds keys"),
	STATUS_KEY(rotation_left, "nodes that a rotation has still to do"),
	STATUS_KEY(nodes_opened, "since the start: read from the disk and "
				 "opened, to find a key"),
	STATUS_KEY(nodes_written, "since the start: by erasures, growth and "
				  "rotation"),
	STATUS_KEY(bytes_written, "with them, the keystore's included"),
	STATUS_KEY(mirrors, "further copies of the tree"),
	STATUS_KEY(keystores, "copies of the keystore"),
	F_MUST(struct key_status_out, keystore, FIELD_TEXT,
	       "what kind it is: how well it forgets"),
	F_MUST(struct key_status_out, weak_keystore, FIELD_BOOL,
	       "its file system may keep what was overwritten"),
	F_MUST(struct key_status_out, unlocked_memory, FIELD_BOOL,
	       "some key memory could not be locked"),
	F_MUST(struct key_status_out, erasing, FIELD_BOOL,
	       "a batch is running"),
	STATUS_KEY(log_rotations, "how often the log's key was changed"),
};
const struct field_table key_status_out_table =
	FIELD_TABLE(struct key_status_out, key_status_out_fields);

int
service_key_status(struct call *c, const void *in, void *out)
{
	struct key_status_out *o = out;
	struct log_rotations log;
	struct keyring_status s;
	int64_t n_rotations;
	int rc = log_key_rotations(c->txn, &log);

	(void)in;
	if (rc != 0) {
		return rc;
	}
	n_rotations = (int64_t)log.n;
	log_rotations_clear(&log);
	keyring_status(c->keys, &s);
	*o = (struct key_status_out){
		.epoch = (int64_t)s.epoch,
		.nodes = (int64_t)s.nodes,
		.slots = (int64_t)s.grown,
		.cache_bytes = (int64_t)s.cache_bytes,
		.rotation_left = (int64_t)s.rotation_left,
		.nodes_opened = (int64_t)s.nodes_opened,
		.nodes_written = (int64_t)s.nodes_written,
		.bytes_written = (int64_t)s.bytes_written,
		.mirrors = s.mirrors,
		.keystores = s.keystores,
		.keystore = arena_text(c->arena, s.keystore_class,
				       strlen(s.keystore_class)),
		.weak_keystore = s.weak_keystore,
		.unlocked_memory = s.unlocked_memory,
		.erasing = c->core->is_erasing,
		.log_rotations = n_rotations,
	};
	return o->keystore == NULL ? ERR_NOMEM : 0;
}
