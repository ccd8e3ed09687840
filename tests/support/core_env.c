/* A core without a socket. */

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/role.h"
#include "support/core_env.h"
#include "support/test.h"
#include "vault/index.h"
#include "wire/schema.h"

#define NOW_DEFAULT_MS 1772442000000LL
#define TURNS_MAX 20000

const uint8_t *
core_env_key(unsigned role)
{
	static uint8_t keys[64][32];
	uint8_t *key = keys[role % 64];

	memset(key, (int)role, 32);
	return key;
}

static void
host_reply(void *ctx, struct origin to, const struct frames *frames)
{
	struct core_env *e = ctx;
	struct reply_frames reply;

	assert_ok(frames_parse_reply(frames, &reply));
	e->answered = true;
	e->answered_token = to.token;
	(void)snprintf(e->status, sizeof(e->status), "%s", reply.status);
	free(e->body);
	e->body = strndup((const char *)reply.body.p, reply.body.n);
	arena_reset(e->arena);
	assert_ok(schema_value_decode(reply.body, e->arena, &e->answer));
}

static void
host_keys(void *ctx, const uint8_t *keys, size_t n)
{
	struct core_env *e = ctx;

	assert_true(n <= 64);
	memcpy(e->keys_seen, keys, n * 32);
	e->n_keys_seen = n;
}

static void
config_make(struct core_env *e, const struct core_env_options *o)
{
	(void)snprintf(e->store, sizeof(e->store), "%s/store", e->directory);
	(void)snprintf(e->log, sizeof(e->log), "%s/log", e->directory);
	(void)snprintf(e->head, sizeof(e->head), "%s/head", e->directory);
	(void)snprintf(e->policies, sizeof(e->policies), "%s",
		       o->policies != NULL ? o->policies
					   : SOURCE_DIR "/policies");
	assert_int_equal(mkdir(e->store, 0700), 0);
	e->config = (struct core_config){
		.store = {.directory = e->store,
			  .in_memory = !o->on_disk,
			  .entropy = &e->keys.entropy.base},
		.keyring = e->keys.config,
		.policies = e->policies,
		.log = e->log,
		.head = e->head,
		.clock = &e->clock.base,
		.calls_per_key_max = o->calls_per_key_max,
		.entropy = &e->keys.entropy.base,
		.host = {host_reply, host_keys, e},
	};
}

void
core_env_open(struct core_env *e, const struct core_env_options *o)
{
	static const struct core_env_options defaults;
	struct core_principal principals[] = {
		{"portal", {0}, ROLE_PORTAL},
		{"support", {0}, ROLE_SUPPORT},
		{"billing", {0}, ROLE_BILLING},
		{"compliance", {0}, ROLE_COMPLIANCE},
		{"auditor", {0}, ROLE_AUDITOR},
		{"admin", {0}, ROLE_ADMIN},
	};

	if (o == NULL) {
		o = &defaults;
	}
	memset(e, 0, sizeof(*e));
	e->arena = arena_new(64u << 20);
	assert_non_null(e->arena);
	keyring_env_init(&e->keys);
	(void)snprintf(e->directory, sizeof(e->directory), "%s",
		       e->keys.directory);
	clock_fake_init(&e->clock,
			o->now_ms == 0 ? NOW_DEFAULT_MS : o->now_ms);
	config_make(e, o);
	for (size_t i = 0; i < 6; i++) {
		memcpy(principals[i].key, core_env_key(principals[i].roles),
		       32);
	}
	e->config.creates = &(struct core_creation){
		.index_buckets = o->index_buckets != 0
					 ? o->index_buckets
					 : INDEX_BUCKETS_DEFAULT,
		.principals = principals,
		.n = 6,
	};
	assert_ok(core_open(&e->config, &e->core));
	e->config.creates = NULL;
	/* What a new instance does by itself is over before a test begins. */
	core_env_settle(e);
}

void
core_env_close(struct core_env *e)
{
	core_close(e->core);
	free(e->body);
	arena_free(e->arena);
	keyring_env_close(&e->keys);
}

void
core_env_restart(struct core_env *e)
{
	core_close(e->core);
	assert_ok(core_open(&e->config, &e->core));
}

static void
turn(struct core_env *e, int64_t *wait_ms)
{
	struct pollfd p = {core_fd(e->core), POLLIN, 0};

	assert_ok(core_turn(e->core, wait_ms));
	if (!core_is_idle(e->core)) {
		(void)poll(&p, 1, 2);
	}
}

void
core_env_settle(struct core_env *e)
{
	int64_t wait_ms = 0;
	int quiet = 0;

	for (int i = 0; i < TURNS_MAX && quiet < 3; i++) {
		turn(e, &wait_ms);
		quiet = wait_ms > 0 && core_is_idle(e->core) ? quiet + 1 : 0;
	}
	assert_true(quiet == 3);
}

void
core_env_advance(struct core_env *e, int64_t ms)
{
	clock_fake_advance(&e->clock, ms);
	core_env_settle(e);
}

void
core_env_call_id(struct core_env *e, unsigned role, const char *operation,
		 const struct id *id, const char *json)
{
	struct origin from = {.token = ++e->token, .roles = ROLE_ENROLLED};
	struct frames frames;
	int64_t wait_ms;

	frames_build_request(operation, id, bytes_str(json), &frames);
	e->answered = false;
	assert_ok(core_call(e->core, from, core_env_key(role), &frames));
	for (int i = 0; i < TURNS_MAX && !e->answered; i++) {
		turn(e, &wait_ms);
		if (!e->answered && core_is_idle(e->core)) {
			/* It waits for time to pass. */
			clock_fake_advance(&e->clock, 10);
		}
	}
	assert_true(e->answered && e->answered_token == from.token);
}

void
core_env_call(struct core_env *e, unsigned role, const char *operation,
	      const char *json)
{
	struct id id = id_new(e->clock.wall, &e->keys.entropy.base);

	core_env_call_id(e, role, operation, &id, json);
}

void
core_env_ok(struct core_env *e, unsigned role, const char *operation,
	    const char *json)
{
	core_env_call(e, role, operation, json);
	if (strcmp(e->status, "ok") != 0) {
		fail_msg("%s %s: %s %s", operation, json, e->status, e->body);
	}
}

void
core_env_refused(struct core_env *e, unsigned role, const char *operation,
		 const char *json, const char *status, const char *field)
{
	const char *at;

	core_env_call(e, role, operation, json);
	at = core_env_text(e, "field");
	if (strcmp(e->status, status) != 0 ||
	    (field != NULL && (at == NULL || strcmp(at, field) != 0))) {
		fail_msg("%s %s: %s %s, not %s at %s", operation, json,
			 e->status, e->body, status,
			 field == NULL ? "any" : field);
	}
}

const char *
json_of(const char *format, ...)
{
	static char texts[8][8192];
	static unsigned next;
	char *text = texts[next++ % 8];
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(text, sizeof(texts[0]), format, ap);
	va_end(ap);
	return text;
}

const struct value *
core_env_at(const struct core_env *e, const char *path)
{
	const struct value *v = &e->answer;
	char name[128];

	while (v != NULL && *path != '\0') {
		size_t n = strcspn(path, ".");

		assert_true(n < sizeof(name));
		memcpy(name, path, n);
		name[n] = '\0';
		path += n + (path[n] == '.' ? 1 : 0);
		if (v->kind == VALUE_LIST) {
			size_t i = (size_t)strtoul(name, NULL, 10);

			v = i < v->of.n ? &v->of.items[i].value : NULL;
		} else {
			v = value_get(v, name);
		}
	}
	return v;
}

const char *
core_env_text(const struct core_env *e, const char *path)
{
	const struct value *v = core_env_at(e, path);

	return v != NULL && v->kind == VALUE_TEXT ? v->text.s : NULL;
}

int64_t
core_env_number(const struct core_env *e, const char *path)
{
	const struct value *v = core_env_at(e, path);

	assert_non_null(v);
	if (v->kind == VALUE_BOOL) {
		return v->truth ? 1 : 0;
	}
	assert_int_equal(v->kind, VALUE_INT);
	return v->number;
}
