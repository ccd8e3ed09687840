#include "support/test.h"

#include <sys/stat.h>
#include <unistd.h>

#include "daemon/config.h"
#include "ninety/protocol.h"

static char dir[64];
static char path[128];

static int
make_dir(void **state)
{
	char made[64] = "/tmp/ninety-config-XXXXXX";

	(void)state;
	if (mkdtemp(made) == NULL) {
		return -1;
	}
	(void)snprintf(dir, sizeof(dir), "%s", made);
	(void)snprintf(path, sizeof(path), "%s/ninety.yaml", dir);
	return 0;
}

static int
drop_dir(void **state)
{
	char command[128];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static void
write_file(const char *to, const char *text, mode_t mode)
{
	FILE *f = fopen(to, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(0, fclose(f));
	assert_int_equal(0, chmod(to, mode));
}

static char *
below(const char *name)
{
	static char text[256];

	(void)snprintf(text, sizeof(text), "%s/%s", dir, name);
	return text;
}

static void
one_line_is_a_whole_configuration(void **state)
{
	struct config *c;

	(void)state;
	write_file(path, "endpoint: tcp://127.0.0.1:6000\n", 0644);
	assert_ok(config_read(path, &c));
	assert_string_equal(path, c->file);
	assert_string_equal(dir, c->dir);
	assert_int_equal(1, c->n_endpoints);
	assert_string_equal("tcp://127.0.0.1:6000", c->endpoints[0].address);
	assert_int_equal(NINETY_ROLE_ALL, c->endpoints[0].roles);
	assert_string_equal(below("store"), c->store);
	assert_string_equal(below("keys"), c->keys);
	assert_string_equal(below("policies"), c->policies);
	assert_string_equal(below("passphrase"), c->passphrase_file);
	assert_string_equal(below("server.key"), c->server_key);
	assert_int_equal(1, c->n_keystores);
	assert_string_equal(below("keystore/keystore"), c->keystores[0]);
	assert_int_equal(0, c->n_key_mirrors);
	assert_null(c->archive);
	assert_null(c->front);
	assert_true(c->is_sandboxed);
	assert_false(c->allow_unlocked_memory);
	assert_int_equal(10000, c->limits.stop_ms);
	config_free(c);
}

static void
empty_file_has_all_defaults(void **state)
{
	struct config *c;

	(void)state;
	write_file(path, "# nothing\n\n", 0644);
	assert_ok(config_read(path, &c));
	assert_string_equal(NINETY_ENDPOINT_DEFAULT, c->endpoints[0].address);
	config_free(c);
	assert_ok(config_default(dir, &c));
	assert_string_equal(path, c->file);
	assert_string_equal(NINETY_ENDPOINT_DEFAULT, c->endpoints[0].address);
	config_free(c);
}

static const char full[] =
	"endpoints:\n"
	"  - address: tcp://0.0.0.0:5390\n"
	"    roles: [portal, support]\n"
	"  - address: ipc://run/ninety.sock\n"
	"    roles:\n"
	"      - admin\n"
	"store: /var/lib/ninety/store\n"
	"key_mirrors: [/mnt/a/keys]\n"
	"keystores:\n"
	"  - /mnt/b/keystore\n"
	"  - keystore\n"
	"archive: archive\n"
	"backups: [/mnt/backups]\n"
	"allow_unlocked_memory: yes\n"
	"sandbox: off\n"
	"log_level: debug\n"
	"limits:\n"
	"  connections: 100\n"
	"  unapplied_mib: 8\n"
	"  stop_seconds: 5\n";

static void
check_full(const struct config *c)
{
	assert_int_equal(2, c->n_endpoints);
	assert_int_equal(NINETY_ROLE_PORTAL | NINETY_ROLE_SUPPORT,
			 c->endpoints[0].roles);
	assert_int_equal(NINETY_ROLE_ADMIN, c->endpoints[1].roles);
	assert_string_equal("/var/lib/ninety/store", c->store);
	assert_int_equal(1, c->n_key_mirrors);
	assert_int_equal(2, c->n_keystores);
	assert_string_equal(below("keystore"), c->keystores[1]);
	assert_string_equal(below("archive"), c->archive);
	assert_int_equal(1, c->n_backups);
	assert_string_equal("/mnt/backups", c->backups[0]);
	assert_true(c->allow_unlocked_memory);
	assert_false(c->is_sandboxed);
	assert_int_equal(LOG_DEBUG, c->log_level);
	assert_int_equal(100, c->limits.connections);
	assert_int_equal(8 << 20, c->limits.unapplied_bytes);
	assert_int_equal(5000, c->limits.stop_ms);
}

static void
every_setting_is_read(void **state)
{
	struct config *c;
	char address[256];

	(void)state;
	write_file(path, full, 0644);
	assert_ok(config_read(path, &c));
	check_full(c);
	(void)snprintf(address, sizeof(address), "ipc://%s/run/ninety.sock",
		       dir);
	assert_string_equal(address, c->endpoints[1].address);
	config_free(c);
}

static void
printed_configuration_reads_back(void **state)
{
	struct config *c;
	FILE *f;

	(void)state;
	write_file(path, full, 0644);
	assert_ok(config_read(path, &c));
	f = fopen(path, "w");
	assert_non_null(f);
	assert_ok(config_print(c, f));
	assert_int_equal(0, fclose(f));
	config_free(c);
	assert_ok(config_read(path, &c));
	check_full(c);
	config_free(c);
}

static void
mistakes_are_named_with_their_place(void **state)
{
	static const struct {
		const char *yaml;
		const char *place;
		const char *words;
	} rows[] = {
		{"endpoint: tcp://127.0.0.1:5390\nfoo: 1\n", ":2:", "foo"},
		{"endpoint: http://x\n", ":1:11: endpoint", "tcp://"},
		{"endpoint: tcp://127.0.0.1:99999\n", ":1:11:", "5390"},
		{"endpoint: tcp://127.0.0.1:0\n", ":1:11:", "5390"},
		{"endpoint: tcp://5390\n", ":1:11:", "5390"},
		{"endpoint: \"ipc://\"\n", ":1:11:", "absolute"},
		{"endpoint: [a, b]\n", ":1:", ""},
		{"endpoint: a\nendpoint: b\n", ":2:", ""},
		{"# c\nlimits:\n  calls: 90x\n", ":3:10: calls", "64"},
		{"limits:\n  calls: 1\n", ":2:10: calls", "64"},
		{"limits:\n  calls: -5\n", ":2:10: calls", "64"},
		{"limits:\n  calls: 99999999999999999999\n", ":2:10:", "64"},
		{"limits:\n  cals: 99\n", ":2:", "cals"},
		{"key_mirrors: [keys]\n", ":1:", "the same folder"},
		{"key_mirrors: [/mnt/a, /mnt/a]\n", ":1:", "the same folder"},
		{"key_mirrors: [log]\n", ":1:", "'log'"},
		{"store: x\narchive: x\n", ":2:10: archive", "'store'"},
		{"keystores: [k/k, k/k]\n", ":1:", "twice"},
		{"sandbox: maybe\n", ":1:10: sandbox", "yes nor no"},
		{"log_level: loud\n", ":1:12: log_level", "notice"},
		{"store: \"\"\n", ":1:8: store", "empty"},
		{"endpoints: []\n", ":1:", ""},
		{"endpoints:\n  - roles: [portal]\n", ":2:", "address"},
		{"endpoints:\n  - address: tcp://[::1]:1\n    roles: [boss]\n",
		 ":3:12: roles", "portal"},
		{"endpoint: tcp://a:1\nendpoints:\n  - address: tcp://b:2\n",
		 ":2:", "beside"},
		{"endpoints:\n  - address: tcp://b:2\n  - address: tcp://b:2\n",
		 ":1:", "twice"},
		{"store: &a x\nkeys: *a\n", ":2:", "alias"},
		{"store: [\n", ":", ""},
		{"\tstore: x\n", ":1:", ""},
		{"credential: a/b\n", ":1:13: credential", "name"},
	};
	struct config *c;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *text;

		write_file(path, rows[i].yaml, 0644);
		if (config_read(path, &c) != ERR_CONFIG) {
			fail_msg("accepted: %s", rows[i].yaml);
		}
		text = err_last()->text;
		print_message("%s\n", text);
		if (strncmp(text, path, strlen(path)) != 0 ||
		    strstr(text, rows[i].place) == NULL ||
		    strstr(text, rows[i].words) == NULL) {
			fail_msg("%s: %s", rows[i].yaml, text);
		}
	}
}

static void
missing_file_is_an_input_error(void **state)
{
	struct config *c;

	(void)state;
	assert_err(ERR_IO, config_read("/nonexistent/ninety.yaml", &c));
	assert_non_null(strstr(err_last()->text, "No such file"));
}

static void
open_secrets_are_refused_with_the_remedy(void **state)
{
	struct config *c;

	(void)state;
	assert_ok(config_default(dir, &c));
	assert_ok(config_check_secrets(c));
	write_file(below("server.key"), "x", 0600);
	assert_ok(config_check_secrets(c));
	assert_int_equal(0, mkdir(below("keystore"), 0700));
	write_file(below("keystore/keystore"), "x", 0640);
	assert_err(ERR_CONFIG, config_check_secrets(c));
	assert_non_null(strstr(err_last()->text, "chmod 600"));
	assert_int_equal(0, chmod(below("keystore/keystore"), 0600));
	assert_ok(config_check_secrets(c));
	assert_int_equal(0, mkdir(below("keys"), 0755));
	assert_err(ERR_CONFIG, config_check_secrets(c));
	assert_non_null(strstr(err_last()->text, "chmod 700"));
	config_free(c);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, make_dir, drop_dir)
	const struct CMUnitTest tests[] = {
		T(one_line_is_a_whole_configuration),
		T(empty_file_has_all_defaults),
		T(every_setting_is_read),
		T(printed_configuration_reads_back),
		T(mistakes_are_named_with_their_place),
		T(missing_file_is_an_input_error),
		T(open_secrets_are_refused_with_the_remedy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
