/* Enrolled keys: the copy in memory, and enrolling and revoking. How a row
 * reads is call/principal's. */

#include <stdlib.h>

#include "base/pack.h"
#include "service/principals.h"

int
principals_load(struct call *c, struct principals *p)
{
	struct range *r;
	struct bytes key;
	struct bytes value;
	size_t n = 0;
	int rc = range_open(c->txn, TABLE_PRINCIPAL, bytes_of(NULL, 0),
			    bytes_of(NULL, 0), 0, &r);

	if (rc != 0) {
		return rc;
	}
	while (n < PRINCIPALS_MAX &&
	       (rc = range_next(r, &key, &value)) == 1) {
		rc = principal_decode(c, key, value, &p->items[n]);
		if (rc != 0) {
			break;
		}
		memcpy(p->keys[n], p->items[n].key, sizeof(p->keys[n]));
		n++;
	}
	range_close(r);
	if (rc < 0) {
		return rc;
	}
	p->n = n;
	p->is_stale = false;
	return 0;
}

static int
by_key(const void *key, const void *item)
{
	return memcmp(key, ((const struct principal *)item)->key, 32);
}

struct principal *
principals_find(struct principals *p, const uint8_t *key)
{
	return bsearch(key, p->items, p->n, sizeof(p->items[0]), by_key);
}

void
principals_rest(struct principals *p)
{
	for (size_t i = 0; i < p->n; i++) {
		p->items[i].in_group = 0;
	}
}

int
principal_enrol(struct call *c, const char *name, const uint8_t *key,
		unsigned roles)
{
	struct seal_context context;
	struct principal other;
	struct packer p = {0};
	struct buf row;
	struct buf plain;
	uint64_t number;
	size_t count;
	bool has;
	int rc = principal_by_name(c, name, &other, &count);

	if (rc == 0) {
		return err_field(ERR_EXISTS, "name",
				 "a principal of this name is enrolled");
	}
	if (rc != ERR_NOT_FOUND) {
		return rc;
	}
	if (count >= PRINCIPALS_MAX) {
		return err_set(ERR_TOO_MANY, "at most %d principals",
			       PRINCIPALS_MAX);
	}
	rc = txn_has(c->txn, TABLE_PRINCIPAL, bytes_of(key, 32), &has);
	if (rc == 0 && has) {
		return err_field(ERR_EXISTS, "public_key",
				 "this key is enrolled under another name");
	}
	if (rc == 0) {
		rc = txn_counter_take(c->txn, "principals", 1, &number);
	}
	if (rc != 0) {
		return rc;
	}
	number++; /* 0 is the service itself */
	buf_init(&plain, 4096);
	buf_init(&row, 4096);
	p.to = &plain;
	pack_raw(&p, key, 32);
	pack_text(&p, name);
	pack_u32(&p, roles);
	pack_i64(&p, c->now_ms);
	rc = p.rc;
	p = (struct packer){.to = &row};
	pack_u32(&p, (uint32_t)number);
	if (rc == 0) {
		rc = p.rc;
	}
	context = principal_context((uint32_t)number);
	if (rc == 0) {
		rc = seal_put(c->keys, &context, buf_bytes(&plain), &row);
	}
	if (rc == 0) {
		rc = txn_put(c->txn, TABLE_PRINCIPAL, bytes_of(key, 32),
			     buf_bytes(&row));
	}
	buf_clear(&plain);
	buf_clear(&row);
	return rc;
}

int
principal_remove(struct call *c, const char *name)
{
	struct principal p;
	size_t count;
	int rc = principal_by_name(c, name, &p, &count);

	if (rc == ERR_NOT_FOUND) {
		return err_field(ERR_NOT_FOUND, "name",
				 "no principal of this name");
	}
	if (rc == 0) {
		rc = txn_del(c->txn, TABLE_PRINCIPAL,
			     bytes_of(p.key, sizeof(p.key)));
	}
	return rc;
}
