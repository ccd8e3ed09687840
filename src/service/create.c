/* A new instance. The keys come first: without them nothing below can be
 * sealed; a half-made instance is refused by the next try and by the
 * service. */

#include "audit/head.h"
#include "service/log_key.h"
#include "service/state.h"
#include "vault/index.h"

#define FIRST_PEOPLE 25000u

int
create_keys(const struct core_config *config)
{
	struct id store_id = id_new(clock_wall_ms(config->clock),
				    config->entropy);
	const struct core_creation *n = config->creates;
	uint64_t people = n->people < FIRST_PEOPLE ? FIRST_PEOPLE : n->people;

	return keyring_create(&config->keyring, store_id, people * SLOT_PARTS);
}

int
create_head(struct core *core)
{
	AUTO_KEY mac = {{0}};
	int rc = keyring_outer_key(core->keys, "head", &mac);

	return rc != 0 ? rc : head_create(core->config.head, &mac);
}

int
create_rows(struct call *c, void *arg)
{
	const struct core_creation *n = arg;
	struct vault v = call_vault(c);
	bool has;
	int rc = txn_has(c->txn, TABLE_SYSTEM, bytes_str("log.keys"), &has);

	if (rc == 0 && has) {
		rc = err_set(ERR_EXISTS, "there is a store already");
	}
	if (rc == 0) {
		rc = index_set_buckets(&v, n->index_buckets);
	}
	if (rc == 0) {
		rc = log_key_create(c);
	}
	for (size_t i = 0; i < n->n && rc == 0; i++) {
		rc = principal_enrol(c, n->principals[i].name,
				     n->principals[i].key,
				     n->principals[i].roles);
	}
	return rc;
}
