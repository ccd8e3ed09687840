/* The last promise of the log, in two slots. What the MAC key is derived from
 * and where the file lies is for the keyring and the daemon. */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <sodium.h>

#include "audit/head.h"
#include "base/pack.h"

#define MAGIC "NINETYH1"
#define AT_SEQUENCE 8
#define AT_NOTE_BYTES 16
#define AT_NOTE 20
#define MAC_BYTES 32
#define AT_MAC (HEAD_SLOT_BYTES - MAC_BYTES)

_Static_assert(AT_NOTE + HEAD_NOTE_BYTES_MAX <= AT_MAC, "slot layout");

struct head {
	int fd;
	unsigned slot; /* the one that counts */
	struct head_slot now;
	struct checkpoint checkpoint; /* what `now` says */
	struct key *mac;              /* secret memory */
};

static void
slot_mac(const uint8_t *slot, const struct key *mac, uint8_t out[MAC_BYTES])
{
	(void)crypto_generichash_blake2b(out, MAC_BYTES, slot, AT_MAC, mac->b,
					 KEY_BYTES);
}

void
head_slot_encode(const struct head_slot *s, const struct key *mac,
		 uint8_t out[HEAD_SLOT_BYTES])
{
	memset(out, 0, HEAD_SLOT_BYTES);
	memcpy(out, MAGIC, AT_SEQUENCE);
	put_u64(out + AT_SEQUENCE, s->sequence);
	put_u32(out + AT_NOTE_BYTES, (uint32_t)s->note_bytes);
	memcpy(out + AT_NOTE, s->note, s->note_bytes);
	slot_mac(out, mac, out + AT_MAC);
}

int
head_slot_decode(const uint8_t from[HEAD_SLOT_BYTES], const struct key *mac,
		 struct head_slot *out)
{
	uint8_t expected[MAC_BYTES];
	struct head_slot s = {0};

	slot_mac(from, mac, expected);
	if (!secret_equal(expected, from + AT_MAC, MAC_BYTES) ||
	    memcmp(from, MAGIC, AT_SEQUENCE) != 0) {
		return err_set(ERR_CORRUPT, "a slot of the head is not valid");
	}
	s.sequence = get_u64(from + AT_SEQUENCE);
	s.note_bytes = get_u32(from + AT_NOTE_BYTES);
	if (s.note_bytes > HEAD_NOTE_BYTES_MAX) {
		return err_set(ERR_CORRUPT, "a slot of the head is not valid");
	}
	memcpy(s.note, from + AT_NOTE, s.note_bytes);
	*out = s;
	return 0;
}

static int
write_slot(int fd, unsigned slot, const struct head_slot *s,
	   const struct key *mac)
{
	uint8_t bytes[HEAD_SLOT_BYTES];
	off_t at = (off_t)slot * HEAD_SLOT_DISTANCE_BYTES;
	ssize_t n;

	head_slot_encode(s, mac, bytes);
	do {
		n = pwrite(fd, bytes, sizeof(bytes), at);
	} while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(bytes)
		       ? 0
		       : err_set(ERR_OUTCOME, "the head could not be written");
}

int
head_create(const char *path, const struct key *mac)
{
	struct head_slot empty = {.sequence = 1};
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_DSYNC | O_CLOEXEC,
		      0600);
	int rc;

	if (fd < 0) {
		return errno == EEXIST
			       ? err_set(ERR_EXISTS, "there is a head already")
			       : err_set(ERR_IO, "cannot make the head: %s",
					 strerror(errno));
	}
	rc = write_slot(fd, 0, &empty, mac);
	if (rc == 0) {
		rc = write_slot(fd, 1, &empty, mac);
	}
	(void)close(fd);
	return rc;
}

/* Takes the slot over when it is valid and newer than what we have. */
static void
consider_slot(struct head *h, unsigned slot)
{
	uint8_t bytes[HEAD_SLOT_BYTES];
	off_t at = (off_t)slot * HEAD_SLOT_DISTANCE_BYTES;
	struct checkpoint c = {0};
	struct head_slot s;
	struct note note;

	if (pread(h->fd, bytes, sizeof(bytes), at) != (ssize_t)sizeof(bytes) ||
	    head_slot_decode(bytes, h->mac, &s) != 0 ||
	    s.sequence <= h->now.sequence) {
		return;
	}
	if (s.note_bytes > 0 &&
	    (note_parse(bytes_of(s.note, s.note_bytes), &note) != 0 ||
	     checkpoint_parse(note.text, &c) != 0)) {
		return;
	}
	h->slot = slot;
	h->now = s;
	h->checkpoint = c;
}

static int
head_open_for(int access_flags, const char *path, const struct key *mac,
	      struct head **out)
{
	struct head *h = calloc(1, sizeof(*h));
	int rc = 0;

	if (h == NULL) {
		return err_set(ERR_NOMEM, "no memory for the head");
	}
	h->mac = secret_alloc(sizeof(*h->mac));
	h->fd = open(path, access_flags | O_CLOEXEC);
	if (h->mac == NULL) {
		rc = ERR_NOMEM;
	} else if (h->fd < 0) {
		rc = errno == ENOENT
			     ? err_set(ERR_NOT_FOUND, "there is no head")
			     : err_set(ERR_IO, "cannot open the head: %s",
				       strerror(errno));
	} else {
		*h->mac = *mac;
		consider_slot(h, 0);
		consider_slot(h, 1);
		if (h->now.sequence == 0) {
			rc = err_set(ERR_CORRUPT,
				     "the head is not valid under this "
				     "keystore");
		}
	}
	if (rc != 0) {
		head_close(h);
		return rc;
	}
	*out = h;
	return 0;
}

int
head_open(const char *path, const struct key *mac, struct head **out)
{
	return head_open_for(O_RDWR | O_DSYNC, path, mac, out);
}

int
head_open_readonly(const char *path, const struct key *mac, struct head **out)
{
	return head_open_for(O_RDONLY, path, mac, out);
}

void
head_close(struct head *h)
{
	if (h == NULL) {
		return;
	}
	if (h->fd >= 0) {
		(void)close(h->fd);
	}
	secret_free(h->mac);
	free(h);
}

const struct checkpoint *
head_checkpoint(const struct head *h)
{
	return h->now.note_bytes == 0 ? NULL : &h->checkpoint;
}

struct bytes
head_note(const struct head *h)
{
	return bytes_of(h->now.note, h->now.note_bytes);
}

int
head_check(const struct head *h, const struct checkpoint *next,
	   const struct merkle_source *tree)
{
	const struct checkpoint *was = head_checkpoint(h);
	struct merkle_proof proof;
	int rc;

	if (was == NULL) {
		return 0;
	}
	if (strcmp(was->origin, next->origin) != 0) {
		return err_set(ERR_CORRUPT, "the head is of another log");
	}
	if (next->size < was->size) {
		return err_set(ERR_CORRUPT,
			       "the log has %llu leaves, %llu were signed",
			       (unsigned long long)next->size,
			       (unsigned long long)was->size);
	}
	rc = merkle_prove_consistency(tree, was->size, next->size, &proof);
	return rc == 0 ? merkle_check_consistency(&proof, was->size,
						  next->size, &was->root,
						  &next->root)
		       : rc;
}

int
head_move(struct head *h, struct bytes note)
{
	struct head_slot s = {.sequence = h->now.sequence + 1,
			      .note_bytes = note.n};
	struct checkpoint c;
	struct note parsed;
	int rc;

	if (note.n > HEAD_NOTE_BYTES_MAX) {
		return err_set(ERR_TOO_LARGE, "the checkpoint is too long for "
					      "the head");
	}
	rc = note_parse(note, &parsed);
	if (rc == 0) {
		rc = checkpoint_parse(parsed.text, &c);
	}
	if (rc != 0) {
		return rc;
	}
	memcpy(s.note, note.p, note.n);
	rc = write_slot(h->fd, 1 - h->slot, &s, h->mac);
	if (rc == 0) {
		h->slot = 1 - h->slot;
		h->now = s;
		h->checkpoint = c;
	}
	return rc;
}
