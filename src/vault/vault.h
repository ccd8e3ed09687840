#ifndef VAULT_VAULT_H
#define VAULT_VAULT_H

#include "base/arena.h"
#include "base/entropy.h"
#include "keyring/keyring.h"
#include "policy/policy.h"
#include "store/txn.h"

/*
 * What the functions of the vault work with: one operation's reads and writes,
 * its memory, the keys, and the moment it is. An operation gets one from
 * call_vault; a report makes one over its snapshot.
 */
struct vault {
	struct txn *txn;
	struct keyring *keys;
	const struct policy *policy;
	struct entropy *entropy;
	struct arena *arena;
	int64_t now_ms;
	date_t today; /* in the house's time zone */
};

#endif
