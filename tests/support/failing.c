/* The linker's --wrap leads here; see CMakeLists.txt for the list. */

#include "support/failing.h"

#include "keyring/keyring.h"
#include "store/store.h"

/* The one that fails, counted from 1; 0: none does. Of this thread: others of
 * the core go on. */
static _Thread_local struct {
	unsigned long at;
	unsigned long calls;
	bool is_armed;
	bool is_paused;
	const char *name; /* of what failed; NULL: nothing has */
} fault;

void
failing_arm(unsigned long at)
{
	fault.at = at;
	fault.calls = 0;
	fault.name = NULL;
	fault.is_armed = true;
}

void
failing_disarm(void)
{
	fault.is_armed = false;
}

void
failing_pause(void)
{
	fault.is_paused = true;
}

void
failing_resume(void)
{
	fault.is_paused = false;
}

const char *
failing_name(void)
{
	return fault.name;
}

static bool
fails(const char *name)
{
	if (!fault.is_armed || fault.is_paused || ++fault.calls != fault.at) {
		return false;
	}
	fault.name = name;
	return true;
}

#define WRAP_INT(name, parameters, arguments, code)                            \
	int __real_##name parameters;                                          \
	int __wrap_##name parameters;                                          \
	int __wrap_##name parameters                                           \
	{                                                                      \
		return fails(#name) ? err_set(code, "a test's fault")          \
				    : __real_##name arguments;                 \
	}
#define WRAP_PTR(type, name, parameters, arguments)                            \
	type __real_##name parameters;                                         \
	type __wrap_##name parameters;                                         \
	type __wrap_##name parameters                                          \
	{                                                                      \
		if (fails(#name)) {                                            \
			(void)err_set(ERR_NOMEM, "a test's fault");            \
			return NULL;                                           \
		}                                                              \
		return __real_##name arguments;                                \
	}

/* clang-format off: a table */
WRAP_INT(txn_get,
	 (struct txn * t, enum table n, struct bytes k, struct bytes *v),
	 (t, n, k, v), ERR_IO)
WRAP_INT(txn_has, (struct txn * t, enum table n, struct bytes k, bool *v),
	 (t, n, k, v), ERR_IO)
WRAP_INT(txn_put,
	 (struct txn * t, enum table n, struct bytes k, struct bytes v),
	 (t, n, k, v), ERR_NOMEM)
WRAP_INT(txn_del, (struct txn * t, enum table n, struct bytes k), (t, n, k),
	 ERR_NOMEM)
WRAP_INT(txn_trace_put,
	 (struct txn * t, enum table n, struct bytes k, struct bytes v),
	 (t, n, k, v), ERR_NOMEM)
WRAP_INT(txn_counter_take,
	 (struct txn * t, const char *c, uint64_t n, uint64_t *v), (t, c, n, v),
	 ERR_NOMEM)
WRAP_INT(txn_trace_counter_take,
	 (struct txn * t, const char *c, uint64_t n, uint64_t *v), (t, c, n, v),
	 ERR_NOMEM)
WRAP_INT(txn_counter_get, (struct txn * t, const char *c, uint64_t *v),
	 (t, c, v), ERR_IO)
WRAP_INT(range_next, (struct range * r, struct bytes *k, struct bytes *v),
	 (r, k, v), ERR_IO)
WRAP_INT(keyring_key, (struct keyring * k, slot_t s, struct key *v), (k, s, v),
	 ERR_IO)
WRAP_PTR(void *, arena_alloc, (struct arena * a, size_t n), (a, n))
WRAP_PTR(void *, arena_array, (struct arena * a, size_t n, size_t size),
	 (a, n, size))
WRAP_PTR(void *, arena_copy, (struct arena * a, const void *p, size_t n),
	 (a, p, n))
WRAP_PTR(char *, arena_text, (struct arena * a, const char *p, size_t n),
	 (a, p, n))
/* clang-format on */

int __real_range_open(struct txn *t, enum table table, struct bytes prefix,
		      struct bytes from, unsigned flags, struct range **out);
int __wrap_range_open(struct txn *t, enum table table, struct bytes prefix,
		      struct bytes from, unsigned flags, struct range **out);
int
__wrap_range_open(struct txn *t, enum table table, struct bytes prefix,
		  struct bytes from, unsigned flags, struct range **out)
{
	*out = NULL; /* as it promises */
	return fails("range_open")
		       ? err_set(ERR_IO, "a test's fault")
		       : __real_range_open(t, table, prefix, from, flags, out);
}

/* What fails while a txn joins its group, or the group is made durable, stops
 * the process, answers nothing, and is the store's own tests' matter. */
int __real_store_end(struct store *s, struct txn *t, bool keep_effect);
int __wrap_store_end(struct store *s, struct txn *t, bool keep_effect);
int
__wrap_store_end(struct store *s, struct txn *t, bool keep_effect)
{
	bool was_paused = fault.is_paused;
	int rc;

	fault.is_paused = true;
	rc = __real_store_end(s, t, keep_effect);
	fault.is_paused = was_paused;
	return rc;
}

int __real_store_sync(struct store *s);
int __wrap_store_sync(struct store *s);
int
__wrap_store_sync(struct store *s)
{
	bool was_paused = fault.is_paused;
	int rc;

	fault.is_paused = true;
	rc = __real_store_sync(s);
	fault.is_paused = was_paused;
	return rc;
}
