/* The project's own known answers, made by the second implementation, through
 * the functions that the service itself uses. */

#include "base/pack.h"
#include "keyring/keystore.h"
#include "keyring/node.h"
#include "vault/bucket.h"
#include "vectors.h"

#include <sodium.h>

static bool
fixed(const struct value *v, const char *name, struct arena *a, void *to,
      size_t n)
{
	struct bytes b = vectors_hex(v, name, a);

	if (b.n != n) {
		return false;
	}
	memcpy(to, b.p, n);
	return true;
}

static bool
seal_test(const struct value *v, struct arena *a, bool *out_opens)
{
	const struct value *context = value_get(v, "context");
	struct bytes sealed = vectors_hex(v, "sealed", a);
	struct bytes plain = vectors_hex(v, "plain", a);
	struct seal_context c;
	struct key slot, day;
	struct id store;
	uint8_t aad[SEAL_AAD_BYTES];
	uint8_t *out = arena_alloc(a, sealed.n + 1);
	struct bytes at = bytes_of(aad, sizeof(aad));

	if (context == NULL || out == NULL || sealed.n == 0 ||
	    !fixed(v, "store", a, store.b, ID_BYTES) ||
	    !fixed(v, "slot_key", a, slot.b, KEY_BYTES) ||
	    !fixed(v, "day_key", a, day.b, KEY_BYTES) ||
	    !fixed(context, "record", a, c.record.b, ID_BYTES)) {
		return false;
	}
	c.type = (enum seal_type)vectors_number(context, "type");
	c.category = (uint16_t)vectors_number(context, "category");
	c.slot = (slot_t)vectors_number(context, "slot");
	c.version = (uint64_t)vectors_number(context, "version");
	c.day = (date_t)vectors_number(context, "day");
	c.schema = (uint16_t)vectors_number(context, "schema");
	seal_aad(&c, store, aad);
	*out_opens = sealed.n >= SEAL_OVERHEAD_BYTES &&
		     sealed.p[0] == SEAL_VERSION &&
		     aead_open(&slot, &day, at,
			       bytes_of(sealed.p + 1, sealed.n - 1),
			       out) == 0 &&
		     bytes_equal(bytes_of(out, sealed.n - SEAL_OVERHEAD_BYTES),
				 plain);
	if (*out_opens) {
		/* And sealing again gives the same bytes. */
		out[0] = SEAL_VERSION;
		aead_seal_nonce(&slot, &day, sealed.p + 1, at, plain, out + 1);
		*out_opens = bytes_equal(bytes_of(out, sealed.n), sealed);
	}
	return true;
}

static bool
node_test(const struct value *v, struct arena *a, bool *out_opens)
{
	struct bytes node = vectors_hex(v, "node", a);
	struct bytes plain = vectors_hex(v, "plain", a);
	uint8_t out[NODE_PLAIN_BYTES];
	struct key key;
	struct id store;

	if (node.n == 0 || plain.n != sizeof(out) ||
	    !fixed(v, "store", a, store.b, ID_BYTES) ||
	    !fixed(v, "key", a, key.b, KEY_BYTES)) {
		return false;
	}
	*out_opens = node_open(&key, (uint8_t)vectors_number(v, "level"),
			       (uint64_t)vectors_number(v, "index"), store,
			       node, out) == 0 &&
		     bytes_equal(bytes_of(out, sizeof(out)), plain);
	return true;
}

static bool
keystore_test(const struct value *v, struct arena *a, bool *out_opens)
{
	const struct value *want = value_get(v, "content");
	const char *passphrase = value_get_text(v, "passphrase");
	struct bytes given = vectors_hex(v, "slot", a);
	uint8_t slot[KEYSTORE_SLOT_BYTES] = {0};
	struct keystore_content content;
	struct keystore_header header;
	struct key kek, root, next, outer;

	if (want == NULL || passphrase == NULL || given.n == 0 ||
	    given.n > sizeof(slot) ||
	    !fixed(want, "root", a, root.b, KEY_BYTES) ||
	    !fixed(want, "next", a, next.b, KEY_BYTES) ||
	    !fixed(want, "outer", a, outer.b, KEY_BYTES)) {
		return false;
	}
	memcpy(slot, given.p, given.n);
	*out_opens = false;
	if (keystore_header_decode(bytes_of(slot, sizeof(slot)), &header) ==
		    0 &&
	    crypto_pwhash(kek.b, KEY_BYTES, passphrase, strlen(passphrase),
			  header.kdf.salt, header.kdf.operations,
			  (size_t)header.kdf.memory_bytes,
			  crypto_pwhash_ALG_ARGON2ID13) == 0 &&
	    keystore_slot_decode(bytes_of(slot, sizeof(slot)), &kek,
				 &content) == 0) {
		*out_opens =
			(int64_t)content.state ==
				vectors_number(want, "state") &&
			(int64_t)content.sequence ==
				vectors_number(want, "sequence") &&
			(int64_t)content.epoch ==
				vectors_number(want, "epoch") &&
			(int64_t)content.batch ==
				vectors_number(want, "batch") &&
			secret_equal(&content.root, &root, KEY_BYTES) &&
			secret_equal(&content.next, &next, KEY_BYTES) &&
			secret_equal(&content.outer, &outer, KEY_BYTES);
	}
	return true;
}

/* A value finds its bucket, and in the row the entry of its owner. */
static bool
bucket_test(const struct value *v, struct arena *a, bool *out_opens)
{
	const char *text = value_get_text(v, "value");
	struct bytes row = vectors_hex(v, "row", a);
	struct bytes want = vectors_hex(v, "entries", a);
	slot_t slot = (slot_t)vectors_number(v, "slot");
	uint8_t hash[BUCKET_HASH_BYTES], given[BUCKET_HASH_BYTES];
	uint8_t aad[SEAL_AAD_BYTES];
	uint8_t *plain = arena_alloc(a, row.n + 1);
	struct key route, key;
	struct seal_context c;
	struct bytes entries;
	uint32_t number;
	struct id store;

	if (text == NULL || plain == NULL || row.n == 0 ||
	    !fixed(v, "route_key", a, route.b, KEY_BYTES) ||
	    !fixed(v, "slot_key", a, key.b, KEY_BYTES) ||
	    !fixed(v, "store", a, store.b, ID_BYTES) ||
	    !fixed(v, "hash", a, given, sizeof(given))) {
		return false;
	}
	bucket_route(&route, (enum index_kind)vectors_number(v, "kind"), text,
		     (uint32_t)vectors_number(v, "buckets"), &number, hash);
	c = bucket_context(number, slot);
	seal_aad(&c, store, aad);
	*out_opens = number == (uint32_t)vectors_number(v, "bucket") &&
		     memcmp(hash, given, sizeof(hash)) == 0 &&
		     row.n >= 8 + SEAL_OVERHEAD_BYTES &&
		     get_u64(row.p) == slot && row.p[8] == SEAL_VERSION &&
		     aead_open(&key, NULL, bytes_of(aad, sizeof(aad)),
			       bytes_of(row.p + 9, row.n - 9), plain) == 0 &&
		     bucket_entries(bytes_of(plain,
					     row.n - 8 - SEAL_OVERHEAD_BYTES),
				    &entries) == 0 &&
		     bytes_equal(entries, want);
	return true;
}

static bool
file_run(struct report *r, const char *directory, const char *file,
	 const char *name,
	 bool (*run)(const struct value *, struct arena *, bool *))
{
	struct vector_set set = {.name = name};
	struct arena *a = arena_new(VECTORS_ARENA_BYTES_MAX);
	const struct value *list;
	struct value all;
	int rc = a == NULL ? err_set(ERR_NOMEM, "no memory")
			   : vectors_read(directory, file, a, &all);

	if (rc == ERR_NOT_FOUND) {
		arena_free(a);
		return false;
	}
	if (rc != 0) {
		report_fault(r, "%s: %s", file, err_last()->text);
		arena_free(a);
		return true;
	}
	list = value_get(&all, "vectors");
	for (size_t i = 0;
	     list != NULL && list->kind == VALUE_LIST && i < list->of.n; i++) {
		const struct value *v = &list->of.items[i].value;
		const char *result = value_get_text(v, "result");
		const char *comment = value_get_text(v, "comment");
		bool valid = result != NULL && strcmp(result, "valid") == 0;
		bool opens = false;
		bool readable = run(v, a, &opens);

		set.refused += readable && !opens && !valid;
		vectors_count(r, &set, readable && opens == valid,
			      comment == NULL ? "" : comment);
	}
	vectors_tell(r, &set);
	arena_free(a);
	return true;
}

bool
vectors_own(struct report *r, const char *directory)
{
	bool seal = file_run(r, directory, "seal.json", "ours_seal",
			     seal_test);
	bool node = file_run(r, directory, "node.json", "ours_node",
			     node_test);
	bool keystore = file_run(r, directory, "keystore.json",
				 "ours_keystore", keystore_test);

	bool bucket = file_run(r, directory, "bucket.json", "ours_bucket",
			       bucket_test);

	return seal || node || keystore || bucket;
}
