/* The keystore: reading all copies, writing one slot of each in place, bringing
 * copies in step. One copy as a file is keystore_file.c's, what the content
 * means recover.c's. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "keyring/keystore.h"
#include "keyring/keystore_file.h"

struct copy {
	char *path;
	int fd; /* -1: not there */
	atomic_bool valid[KEYSTORE_SLOTS]; /* also read by keyring_status */
	uint64_t sequence[KEYSTORE_SLOTS]; /* 0: not valid */
};

/* In secret memory. */
struct keys {
	struct key kek;
	struct keystore_content newest;
	struct keystore_content slots[KEYSTORE_COPIES_MAX][KEYSTORE_SLOTS];
};

struct keystore {
	struct copy copies[KEYSTORE_COPIES_MAX];
	unsigned n;
	struct keystore_header header;
	struct keys *keys;
	bool weak;
	bool broken;
	bool cheap_kdf;
	struct entropy *entropy;
	void (*step)(const char *name, void *ctx);
	void *step_ctx;
};

static struct keystore *
keystore_new(const struct keystore_config *config)
{
	struct keystore *s = calloc(1, sizeof(*s));

	if (s == NULL) {
		return NULL;
	}
	for (int i = 0; i < KEYSTORE_COPIES_MAX; i++) {
		s->copies[i].fd = -1;
	}
	s->cheap_kdf = config->cheap_kdf_for_tests;
	s->entropy = config->entropy;
	s->step = config->step;
	s->step_ctx = config->step_ctx;
	s->keys = secret_alloc(sizeof(*s->keys));
	for (int i = 0; i < KEYSTORE_COPIES_MAX; i++) {
		if (config->paths[i] == NULL) {
			break;
		}
		s->copies[i].path = strdup(config->paths[i]);
		s->n++;
		if (s->copies[i].path == NULL) {
			keystore_close(s);
			return NULL;
		}
	}
	if (s->keys == NULL || s->n == 0) {
		keystore_close(s);
		return NULL;
	}
	return s;
}

void
keystore_close(struct keystore *s)
{
	if (s == NULL) {
		return;
	}
	for (int i = 0; i < KEYSTORE_COPIES_MAX; i++) {
		if (s->copies[i].fd >= 0) {
			(void)close(s->copies[i].fd);
		}
		free(s->copies[i].path);
	}
	secret_free(s->keys);
	free(s);
}

static void
kdf_choose(const struct keystore *s, struct keystore_kdf *kdf)
{
	entropy_fill(s->entropy, kdf->salt, sizeof(kdf->salt));
	kdf->operations = crypto_pwhash_OPSLIMIT_INTERACTIVE;
	kdf->memory_bytes = crypto_pwhash_MEMLIMIT_INTERACTIVE;
	if (s->cheap_kdf) {
		kdf->operations = crypto_pwhash_OPSLIMIT_MIN;
		kdf->memory_bytes = crypto_pwhash_MEMLIMIT_MIN;
	}
}

/* Writes the content, with the next sequence, into one slot of one copy. */
static int
copy_write(struct keystore *s, unsigned copy, int slot,
	   const struct keystore_content *content)
{
	struct copy *c = &s->copies[copy];
	uint8_t bytes[KEYSTORE_SLOT_BYTES];
	int rc;

	keystore_slot_encode(&s->header, content, &s->keys->kek, s->entropy,
			     bytes);
	rc = keystore_file_write(c->fd, slot, bytes);
	if (rc != 0) {
		s->broken = true;
		return rc;
	}
	c->valid[slot] = true;
	c->sequence[slot] = content->sequence;
	s->keys->slots[copy][slot] = *content;
	return 0;
}

int
keystore_create(const struct keystore_config *config, struct id store_id,
		const struct keystore_content *content)
{
	struct keystore *s = keystore_new(config);
	int rc = 0;

	if (s == NULL) {
		return err_set(ERR_NOMEM, "no memory for the keystore");
	}
	s->header.store_id = store_id;
	kdf_choose(s, &s->header.kdf);
	for (unsigned i = 0; rc == 0 && i < s->n; i++) {
		rc = keystore_file_weak(s->copies[i].path, config->accept_weak,
				&s->header.weak);
	}
	if (rc == 0) {
		rc = keystore_kek(&config->source, &s->header.kdf,
				  &s->keys->kek);
	}
	for (unsigned i = 0; rc == 0 && i < s->n; i++) {
		rc = keystore_file_make(s->copies[i].path, &s->copies[i].fd);
		for (int slot = 0; rc == 0 && slot < KEYSTORE_SLOTS; slot++) {
			rc = copy_write(s, i, slot, content);
		}
	}
	keystore_close(s);
	return rc;
}

/* Opens one slot's bytes. The key is derived once, for the first slot that
 * opens, and again only for a slot that says it was made otherwise: a changed
 * header of one must not hide the other. */
static int
slot_try(struct keystore *s, const struct keystore_source *source,
	 struct bytes raw, bool *made, struct keystore_content *out,
	 bool *out_valid)
{
	AUTO_KEY kek = s->keys->kek;
	struct keystore_header h;
	int rc;

	if (keystore_header_decode(raw, &h) != 0) {
		return 0;
	}
	if (!*made || memcmp(&h.kdf, &s->header.kdf, sizeof(h.kdf)) != 0) {
		rc = keystore_kek(source, &h.kdf, &kek);
		if (rc != 0) {
			return rc;
		}
	}
	if (keystore_slot_decode(raw, &kek, out) != 0) {
		return 0;
	}
	if (*made && !id_equal(h.store_id, s->header.store_id)) {
		return err_set(ERR_CONFIG, "keystore: its copies belong to "
					   "different stores");
	}
	if (!*made) {
		s->header = h;
		s->keys->kek = kek;
		*made = true;
	}
	*out_valid = true;
	return 0;
}

/* Reads both slots of one copy. A copy that is not there is no error: another
 * one may repair it. */
static int
copy_read(struct keystore *s, unsigned copy,
	  const struct keystore_config *config, bool readonly, bool *made,
	  bool *out_seen)
{
	struct copy *c = &s->copies[copy];
	int rc = 0;

	c->fd = open(c->path, (readonly ? O_RDONLY : O_RDWR | O_DSYNC) |
				      O_NOFOLLOW | O_CLOEXEC);
	if (c->fd < 0) {
		return errno == ENOENT || errno == EIO
			       ? 0
			       : err_set(ERR_IO, "keystore: %s",
					 strerror(errno));
	}
	*out_seen = true;
	for (int slot = 0; rc == 0 && slot < KEYSTORE_SLOTS; slot++) {
		uint8_t bytes[KEYSTORE_SLOT_BYTES];
		size_t n = keystore_file_read(c->fd, slot, bytes);
		struct keystore_content *to = &s->keys->slots[copy][slot];
		bool valid = false;

		rc = slot_try(s, &config->source,
			      bytes_of(bytes, n), made, to, &valid);
		c->valid[slot] = valid;
		if (rc == 0 && valid) {
			c->sequence[slot] = to->sequence;
		}
	}
	return rc;
}

static bool
newest_choose(struct keystore *s)
{
	bool found = false;

	for (unsigned i = 0; i < s->n; i++) {
		for (int slot = 0; slot < KEYSTORE_SLOTS; slot++) {
			if (s->copies[i].valid[slot] &&
			    (!found || s->copies[i].sequence[slot] >
					       s->keys->newest.sequence)) {
				s->keys->newest = s->keys->slots[i][slot];
				found = true;
			}
		}
	}
	return found;
}

int
keystore_open(const struct keystore_config *config, bool readonly,
	      struct keystore **out)
{
	struct keystore *s = keystore_new(config);
	bool made = false;
	bool seen = false;
	int rc = 0;

	if (s == NULL) {
		return err_set(ERR_NOMEM, "no memory for the keystore");
	}
	for (unsigned i = 0; rc == 0 && i < s->n; i++) {
		rc = copy_read(s, i, config, readonly, &made, &seen);
	}
	if (rc == 0 && !newest_choose(s)) {
		rc = seen ? err_set(ERR_SEAL, "keystore: no slot opens with "
					      "this passphrase")
			  : err_set(ERR_CORRUPT,
				    "keystore: not there, or no slot in it");
	}
	s->weak = s->header.weak;
	for (unsigned i = 0; rc == 0 && !readonly && i < s->n; i++) {
		rc = keystore_file_weak(s->copies[i].path,
				config->accept_weak || s->header.weak,
				&s->weak);
	}
	if (rc != 0) {
		keystore_close(s);
		return rc;
	}
	*out = s;
	return 0;
}

const struct keystore_content *
keystore_content(const struct keystore *s)
{
	return &s->keys->newest;
}

struct id
keystore_store_id(const struct keystore *s)
{
	return s->header.store_id;
}

bool
keystore_is_weak(const struct keystore *s)
{
	return s->weak;
}

unsigned
keystore_copies(const struct keystore *s)
{
	return s->n;
}

unsigned
keystore_good_slots(const struct keystore *s)
{
	unsigned n = 0;

	for (unsigned i = 0; i < s->n; i++) {
		n += s->copies[i].valid[0];
		n += s->copies[i].valid[1];
	}
	return n;
}

/* The same state and keys; sequences may differ. */
static bool
content_equal(const struct keystore_content *a,
	      const struct keystore_content *b)
{
	return a->state == b->state && a->epoch == b->epoch &&
	       a->batch == b->batch &&
	       secret_equal(&a->root, &b->root, KEY_BYTES) &&
	       secret_equal(&a->next, &b->next, KEY_BYTES) &&
	       secret_equal(&a->outer, &b->outer, KEY_BYTES);
}

static bool
slot_has_newest(const struct keystore *s, unsigned copy, int slot)
{
	return s->copies[copy].valid[slot] &&
	       content_equal(&s->keys->slots[copy][slot], &s->keys->newest);
}

bool
keystore_is_even(const struct keystore *s)
{
	for (unsigned i = 0; i < s->n; i++) {
		if (!slot_has_newest(s, i, 0) || !slot_has_newest(s, i, 1)) {
			return false;
		}
	}
	return true;
}

static void
step_copy(struct keystore *s, const char *step)
{
	char name[64];

	if (s->step != NULL) {
		(void)snprintf(name, sizeof(name), "%s-copy", step);
		s->step(name, s->step_ctx);
	}
}

int
keystore_write(struct keystore *s, const struct keystore_content *content,
	       const char *step)
{
	uint64_t sequence = s->keys->newest.sequence + 1;
	int rc = 0;

	if (s->broken) {
		return err_set(ERR_OUTCOME, "keystore: an earlier write "
					    "failed");
	}
	s->keys->newest = *content;
	s->keys->newest.sequence = sequence;
	for (unsigned i = 0; rc == 0 && i < s->n; i++) {
		struct copy *c = &s->copies[i];
		int slot = c->sequence[1] < c->sequence[0];

		if (c->fd < 0) {
			rc = keystore_file_make(c->path, &c->fd);
		}
		if (rc != 0) {
			break;
		}
		rc = copy_write(s, i, slot, &s->keys->newest);
		if (rc == 0) {
			step_copy(s, step);
		}
	}
	return rc;
}

int
keystore_repair(struct keystore *s, unsigned *out_repaired)
{
	unsigned repaired = 0;

	for (unsigned i = 0; i < s->n; i++) {
		struct copy *c = &s->copies[i];
		int first = slot_has_newest(s, i, 1) ? 1 : 0;
		int rc = 0;

		if (!slot_has_newest(s, i, 0) && !slot_has_newest(s, i, 1)) {
			repaired++;
			first = c->sequence[1] < c->sequence[0];
		}
		if (c->fd < 0) {
			rc = keystore_file_make(c->path, &c->fd);
		}
		for (int j = 0; rc == 0 && j < KEYSTORE_SLOTS; j++) {
			s->keys->newest.sequence++;
			rc = copy_write(s, i, first ^ j, &s->keys->newest);
		}
		if (rc != 0) {
			return rc;
		}
	}
	*out_repaired = repaired;
	return 0;
}

int
keystore_reseal(struct keystore *s, const struct keystore_source *next,
		int (*between)(void *ctx), void *ctx)
{
	struct keystore_kdf kdf;
	AUTO_KEY kek = {{0}};
	unsigned repaired;
	int rc = keystore_is_even(s) ? 0 : keystore_repair(s, &repaired);

	kdf_choose(s, &kdf);
	if (rc == 0) {
		rc = keystore_kek(next, &kdf, &kek);
	}
	if (rc != 0) {
		return rc;
	}
	s->header.kdf = kdf;
	s->keys->kek = kek;
	rc = keystore_write(s, &s->keys->newest, "reseal-first");
	if (rc == 0) {
		rc = between(ctx);
	}
	return rc == 0 ? keystore_write(s, &s->keys->newest, "reseal-second")
		       : rc;
}
