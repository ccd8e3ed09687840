/* Wycheproof's files (C2SP/wycheproof, testvectors_v1) on the primitives that
 * the service calls. They are read from where they lie; none is copied here. */

#include <sodium.h>

#include "vectors.h"

/* Whether the primitive did with one test what it must. */
typedef bool test_fn(const struct value *group, const struct value *test,
		     bool valid, struct arena *a, struct vector_set *set);

static bool
xchacha_test(const struct value *group, const struct value *test, bool valid,
	     struct arena *a, struct vector_set *set)
{
	struct bytes key = vectors_hex(test, "key", a);
	struct bytes iv = vectors_hex(test, "iv", a);
	struct bytes aad = vectors_hex(test, "aad", a);
	struct bytes msg = vectors_hex(test, "msg", a);
	struct bytes ct = vectors_hex(test, "ct", a);
	struct bytes tag = vectors_hex(test, "tag", a);
	uint8_t *both = arena_alloc(a, ct.n + tag.n + 1);
	uint8_t *out = arena_alloc(a, msg.n + 17);
	unsigned long long n = 0;
	bool opens;

	(void)group;
	if (both == NULL || out == NULL || key.n != 32) {
		return false;
	}
	if (iv.n != crypto_aead_xchacha20poly1305_ietf_NPUBBYTES) {
		/* Our nonces have a fixed length by type. */
		set->refused++;
		return !valid;
	}
	memcpy(both, ct.p, ct.n);
	memcpy(both + ct.n, tag.p, tag.n);
	opens = crypto_aead_xchacha20poly1305_ietf_decrypt(
			out, &n, NULL, both, ct.n + tag.n, aad.p, aad.n, iv.p,
			key.p) == 0 &&
		n == msg.n && (n == 0 || memcmp(out, msg.p, msg.n) == 0);
	if (!valid) {
		set->refused += !opens;
		return !opens;
	}
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(
		out, &n, msg.p, msg.n, aad.p, aad.n, NULL, iv.p, key.p);
	return opens && n == ct.n + tag.n && memcmp(out, both, (size_t)n) == 0;
}

static bool
ed25519_test(const struct value *group, const struct value *test, bool valid,
	     struct arena *a, struct vector_set *set)
{
	const struct value *named = value_get(group, "publicKey");
	struct bytes key = vectors_hex(named, "pk", a);
	struct bytes msg = vectors_hex(test, "msg", a);
	struct bytes sig = vectors_hex(test, "sig", a);
	bool good = key.n == 32 && sig.n == 64 &&
		    crypto_sign_ed25519_verify_detached(sig.p, msg.p, msg.n,
							key.p) == 0;

	set->refused += !valid && !good;
	return good == valid;
}

/* "acceptable" ones: a shared secret of zeros must be refused, every other
 * must come out as it stands. */
static bool
x25519_test(const struct value *group, const struct value *test, bool valid,
	    struct arena *a, struct vector_set *set)
{
	struct bytes point = vectors_hex(test, "public", a);
	struct bytes scalar = vectors_hex(test, "private", a);
	struct bytes shared = vectors_hex(test, "shared", a);
	uint8_t out[32];
	bool taken;

	(void)group;
	(void)valid;
	if (point.n != 32 || scalar.n != 32 || shared.n != 32) {
		return false;
	}
	taken = crypto_scalarmult_curve25519(out, scalar.p, point.p) == 0;
	if (sodium_is_zero(shared.p, shared.n)) {
		set->refused += !taken;
		return !taken;
	}
	return taken && memcmp(out, shared.p, sizeof(out)) == 0;
}

static bool
hmac_test(const struct value *group, const struct value *test, bool valid,
	  struct arena *a, struct vector_set *set)
{
	struct bytes key = vectors_hex(test, "key", a);
	struct bytes msg = vectors_hex(test, "msg", a);
	struct bytes tag = vectors_hex(test, "tag", a);
	crypto_auth_hmacsha256_state state;
	uint8_t out[32];
	bool same;

	(void)group;
	(void)crypto_auth_hmacsha256_init(&state, key.p, key.n);
	(void)crypto_auth_hmacsha256_update(&state, msg.p, msg.n);
	(void)crypto_auth_hmacsha256_final(&state, out);
	same = tag.n > 0 && tag.n <= sizeof(out) &&
	       sodium_memcmp(out, tag.p, tag.n) == 0;
	set->refused += !valid && !same;
	return same == valid;
}

static void
group_run(struct report *r, struct vector_set *set, const struct value *group,
	  test_fn *run, struct arena *a)
{
	const struct value *tests = value_get(group, "tests");

	for (size_t i = 0; tests != NULL && tests->kind == VALUE_LIST &&
			   i < tests->of.n;
	     i++) {
		const struct value *test = &tests->of.items[i].value;
		const char *result = value_get_text(test, "result");
		const char *comment = value_get_text(test, "comment");
		bool valid = result != NULL && strcmp(result, "valid") == 0;

		vectors_count(r, set, run(group, test, valid, a, set),
			      comment == NULL ? "" : comment);
	}
}

static bool
file_run(struct report *r, const char *directory, const char *file,
	 const char *name, test_fn *run)
{
	struct vector_set set = {.name = name};
	struct arena *a = arena_new(VECTORS_ARENA_BYTES_MAX);
	const struct value *groups;
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
	groups = value_get(&all, "testGroups");
	for (size_t i = 0; groups != NULL && groups->kind == VALUE_LIST &&
			   i < groups->of.n;
	     i++) {
		group_run(r, &set, &groups->of.items[i].value, run, a);
	}
	vectors_tell(r, &set);
	arena_free(a);
	return true;
}

bool
vectors_wycheproof(struct report *r, const char *directory)
{
	static const struct {
		const char *file;
		const char *name;
		test_fn *run;
	} files[] = {
		{"xchacha20_poly1305_test.json", "wycheproof_xchacha20",
		 xchacha_test},
		{"ed25519_test.json", "wycheproof_ed25519", ed25519_test},
		{"x25519_test.json", "wycheproof_x25519", x25519_test},
		{"hmac_sha256_test.json", "wycheproof_hmac", hmac_test},
	};
	bool any = false;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		bool there = file_run(r, directory, files[i].file,
				      files[i].name, files[i].run);

		any = any || there;
	}
	return any;
}
