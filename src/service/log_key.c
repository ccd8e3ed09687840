/* Where the log's signing key lies. */

#include "service/log_key.h"

static struct bytes
seed_name(void)
{
	return bytes_str("log.seed");
}

static struct seal_context
seed_context(void)
{
	return (struct seal_context){
		.type = SEAL_LOG_KEY,
		.slot = SLOT_LOG_SIGNER,
		.day = DAY_NONE,
		.schema = 1,
	};
}

int
log_key_create(struct call *c)
{
	struct seal_context context = seed_context();
	struct bytes sealed;
	AUTO_KEY seed = {{0}};
	int rc;

	entropy_fill(c->entropy, seed.b, sizeof(seed.b));
	rc = seal_make(c->keys, &context, bytes_of(seed.b, sizeof(seed.b)),
		       c->arena, &sealed);
	return rc != 0 ? rc
		       : txn_put(c->txn, TABLE_SYSTEM, seed_name(), sealed);
}

int
log_key_load(struct call *c, struct key *out_seed)
{
	struct seal_context context = seed_context();
	struct bytes row;
	struct bytes plain;
	int rc = txn_get(c->txn, TABLE_SYSTEM, seed_name(), &row);

	if (rc == ERR_NOT_FOUND) {
		rc = err_set(ERR_CORRUPT, "the log's key is not in the store");
	}
	if (rc == 0) {
		rc = seal_open(c->keys, &context, row, c->arena, &plain);
	}
	if (rc == 0 && plain.n != sizeof(out_seed->b)) {
		rc = err_set(ERR_CORRUPT, "the log's key has a wrong length");
	}
	if (rc == 0) {
		memcpy(out_seed->b, plain.p, plain.n);
	}
	return rc;
}

int
log_origin(const struct policy *p, const struct head *head,
	   char out[ORIGIN_BYTES_MAX + 1])
{
	const struct checkpoint *last = head_checkpoint(head);
	const char *origin = last != NULL ? last->origin
					  : p->house.log_origin;

	if (strlen(origin) > ORIGIN_BYTES_MAX) {
		return err_set(ERR_CONFIG, "the log's origin is too long");
	}
	memcpy(out, origin, strlen(origin) + 1);
	return 0;
}
