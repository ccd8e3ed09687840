/*
 * The positive control of the closure scan: what it reports as none must be
 * found where it is known to be. A small tree is copied with its keystore,
 * people are erased, and the old keystore tried on the old copy must bring
 * back every one of their keys.
 */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sysexits.h>
#include <unistd.h>

#include "erase.h"
#include "keyring/scan.h"
#include "local.h"

#define PEOPLE 10000
#define ERASED 1000
#define PATH_BYTES (LOCAL_PATH_BYTES + 32)

static int
copy(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	ssize_t n = in < 0 || out < 0 ? -1 : 1;

	while (n > 0) {
		n = sendfile(out, in, NULL, 1u << 20);
	}
	if (in >= 0) {
		(void)close(in);
	}
	if (out >= 0) {
		(void)close(out);
	}
	if (n < 0) {
		perror("ninety-bench: control");
	}
	return n < 0 ? EX_IOERR : 0;
}

struct control_run {
	struct local at;
	struct keyring_config config;
	char tree[PATH_BYTES];
	char old_tree[PATH_BYTES];
	char old_keystore[PATH_BYTES];
};

static int
people_erase(struct control_run *c)
{
	static slot_t slots[ERASED * SLOT_PARTS];
	struct keyring_recovery recovery;
	struct keyring_destroyed done;
	struct keyring_batch batch = {.id = 1};
	struct keyring *k = NULL;
	int rc = keyring_open(&c->config, (struct keyring_batch){0}, &k,
			      &recovery);

	for (size_t i = 0; i < ERASED * SLOT_PARTS; i++) {
		slots[i] = keyring_first_free() +
			   i / SLOT_PARTS * (PEOPLE / ERASED) * SLOT_PARTS +
			   i % SLOT_PARTS;
	}
	if (rc == 0) {
		batch.epoch_to = keyring_epoch(k) + 1;
		rc = keyring_destroy(k, batch, slots, ERASED * SLOT_PARTS,
				     &done);
	}
	keyring_close(k);
	return rc == 0 ? 0 : local_failed("control");
}

static int
control_scan(struct control_run *c, struct scan_control *out)
{
	const struct keystore_source source = {c->at.passphrase, NULL};
	struct keyring *k = NULL;
	int rc = keyring_open_readonly(&c->config, &k);

	if (rc == 0) {
		rc = scan_control(k, c->old_tree, c->old_keystore, &source,
				  out);
	}
	keyring_close(k);
	return rc == 0 ? 0 : local_failed("control");
}

int
erase_control(const struct erase_options *o, struct figures *f)
{
	struct control_run c = {.at.body = NULL};
	struct id id = id_new(clock_wall_ms(clock_system()), entropy_system());
	struct scan_control found = {.nodes = 0};
	int rc = local_folder(o->under, c.at.directory);

	if (rc != 0) {
		return rc;
	}
	rc = local_keyring(c.at.directory, &c.at, &c.config);
	(void)snprintf(c.tree, sizeof(c.tree), "%s/data.mdb", c.at.keys);
	(void)snprintf(c.old_tree, sizeof(c.old_tree), "%s/old.mdb",
		       c.at.directory);
	(void)snprintf(c.old_keystore, sizeof(c.old_keystore),
		       "%s/old.keystore", c.at.directory);
	if (rc == 0 &&
	    keyring_create(&c.config, id, PEOPLE * SLOT_PARTS) != 0) {
		rc = local_failed("control");
	}
	if (rc == 0) {
		rc = copy(c.tree, c.old_tree);
	}
	if (rc == 0) {
		rc = copy(c.at.keystore, c.old_keystore);
	}
	if (rc == 0) {
		rc = people_erase(&c);
	}
	if (rc == 0) {
		rc = control_scan(&c, &found);
	}
	if (rc == 0) {
		figure_at_least(f, "control_percent",
				"  found by the positive control", "%",
				100.0 * (double)found.slots_back /
					(ERASED * SLOT_PARTS),
				100);
	}
	local_remove(c.at.directory);
	return rc;
}
