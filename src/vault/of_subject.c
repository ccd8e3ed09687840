/* What a person has, by kind: rows that say only that, so that an erasure, a
 * status or an access bundle finds everything without a search. */
#include "vault/subject.h"

#include "base/pack.h"

#define PREFIX_BYTES (1 + 8)

static void
of_subject_key(struct key_maker *k, enum of_subject kind, slot_t base)
{
	key_u8(k, (uint8_t)kind);
	key_u64(k, base);
}

int
of_subject_add(struct txn *t, enum of_subject kind, slot_t base, struct id id)
{
	struct key_maker k = {.n = 0};

	of_subject_key(&k, kind, base);
	key_id(&k, id);
	return txn_put(t, TABLE_OF_SUBJECT, key_bytes(&k), bytes_of(NULL, 0));
}

int
of_subject_remove(struct txn *t, enum of_subject kind, slot_t base,
		  struct id id)
{
	struct key_maker k = {.n = 0};

	of_subject_key(&k, kind, base);
	key_id(&k, id);
	return txn_del(t, TABLE_OF_SUBJECT, key_bytes(&k));
}

int
of_subject_list(struct txn *t, struct arena *a, enum of_subject kind,
		slot_t base, struct id after, size_t max, struct id **out,
		size_t *out_n)
{
	struct key_maker prefix = {.n = 0};
	struct key_maker from = {.n = 0};
	struct id *ids = arena_array(a, max, sizeof(*ids));
	struct range *r;
	struct bytes key;
	struct bytes value;
	size_t n = 0;
	int rc;

	if (ids == NULL) {
		return ERR_NOMEM;
	}
	of_subject_key(&prefix, kind, base);
	of_subject_key(&from, kind, base);
	key_id(&from, after);
	rc = range_open(t, TABLE_OF_SUBJECT, key_bytes(&prefix),
			key_bytes(&from), 0, &r);
	if (rc != 0) {
		return rc;
	}
	while (n < max && (rc = range_next(r, &key, &value)) == 1) {
		if (key.n != PREFIX_BYTES + ID_BYTES) {
			rc = err_set(ERR_CORRUPT, "a key of no person");
			break;
		}
		memcpy(ids[n].b, key.p + PREFIX_BYTES, ID_BYTES);
		if (id_is_nil(after) || !id_equal(ids[n], after)) {
			n++;
		}
	}
	range_close(r);
	if (rc < 0) {
		return rc;
	}
	*out = ids;
	*out_n = n;
	return 0;
}

int
visitor_held_slot(struct txn *t, slot_t visitor, slot_t *out)
{
	struct key_maker k = {.n = 0};
	struct bytes row;
	int rc;

	key_u64(&k, visitor);
	rc = txn_get(t, TABLE_VISITOR, key_bytes(&k), &row);
	if (rc == ERR_NOT_FOUND) {
		err_clear();
		*out = SLOT_NONE;
		return 0;
	}
	if (rc == 0 && row.n < 2 * sizeof(slot_t)) {
		return err_set(ERR_CORRUPT, "a visitor's row is too short");
	}
	if (rc == 0) {
		*out = get_u64(row.p + sizeof(slot_t));
	}
	return rc;
}
