/* Rows of enrolled keys, read. Enrolling and revoking is the service's. */
#include "call/principal.h"

#include "base/pack.h"

#define PRINCIPAL_SCHEMA 1

struct seal_context
principal_context(uint32_t number)
{
	return (struct seal_context){
		.type = SEAL_PRINCIPAL,
		.slot = SLOT_PRINCIPALS,
		.version = number,
		.day = DAY_NONE,
		.schema = PRINCIPAL_SCHEMA,
	};
}

int
principal_decode(struct call *c, struct bytes key, struct bytes value,
		 struct principal *out)
{
	struct principal p = {.number = 0};
	struct seal_context context;
	struct unpacker u = {0};
	const char *name;
	int rc;

	if (key.n != sizeof(p.key) || value.n < 4) {
		return err_set(ERR_CORRUPT, "a principal does not read");
	}
	memcpy(p.key, key.p, key.n);
	p.number = get_u32(value.p);
	context = principal_context(p.number);
	rc = seal_open(c->keys, &context,
		       bytes_of(value.p + 4, value.n - 4), c->arena, &u.from);
	if (rc != 0) {
		return rc;
	}
	/* The public key stands inside too: a row moved to another key would
	 * give that key these roles. */
	if (!bytes_equal(unpack_raw(&u, sizeof(p.key)), key)) {
		return err_set(ERR_SEAL, "a principal under another key");
	}
	name = unpack_text(&u, c->arena);
	p.roles = unpack_u32(&u);
	p.added_at_ms = unpack_i64(&u);
	rc = unpack_end(&u);
	if (rc == 0 && (name == NULL ||
			strlen(name) > PRINCIPAL_NAME_BYTES_MAX)) {
		rc = err_set(ERR_CORRUPT, "a principal without a name");
	}
	if (rc == 0) {
		memcpy(p.name, name, strlen(name) + 1);
		*out = p;
	}
	return rc;
}

/* Walks the rows: enrolling is rare, and the rows are the truth. */
int
principal_by_name(struct call *c, const char *name, struct principal *out,
		  size_t *out_count)
{
	struct range *r;
	struct bytes key;
	struct bytes value;
	struct principal p;
	bool found = false;
	int rc = range_open(c->txn, TABLE_PRINCIPAL, bytes_of(NULL, 0),
			    bytes_of(NULL, 0), 0, &r);

	*out_count = 0;
	while (rc == 0 && (rc = range_next(r, &key, &value)) == 1) {
		++*out_count;
		rc = principal_decode(c, key, value, &p);
		if (rc == 0 && strcmp(p.name, name) == 0) {
			*out = p;
			found = true;
		}
	}
	range_close(r);
	if (rc < 0) {
		return rc;
	}
	return found ? 0 : ERR_NOT_FOUND;
}
