/* Makes a log for the verifiers: OUT/log as the service writes it, OUT/vkey,
 * OUT/since/<size> the checkpoints on the way, OUT/proofs/<index> receipts,
 * every third without an opening. Leaves come from a seed: the same arguments
 * give the same bytes.
 *
 *	make_log OUT LEAVES [change=INDEX] [rotate] [store=ROWS] [differ=INDEX]
 *
 * change: that leaf is another one, as in a fork of the same log. rotate: half
 * the checkpoints are by a second key; OUT/vkey holds the first. store: OUT is
 * an instance whose store holds so many leaves, one of which may differ. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "audit/file.h"
#include "audit/leaf.h"
#include "audit/proof.h"
#include "audit/signer.h"
#include "audit/tileread.h"
#include "base/entropy.h"
#include "store/keyspace.h"
#include "store/store.h"

#define ORIGIN "ninety.example/test-log"
#define CHECKPOINTS 7
#define PROOFS 24
#define PATH_BYTES 512
#define START_MS INT64_C(1795467240000)

static const struct key log_slot = {{0x10}};
static const struct key seed = {{0x30}};
static const struct key second_seed = {{0x31}};
static uint64_t changed = UINT64_MAX;
static uint64_t differing = UINT64_MAX;
static uint64_t stored;
static bool rotates;

static void
die(const char *what, int rc)
{
	(void)fprintf(stderr, "make_log: %s: %s %s\n", what, err_word(rc),
		      err_last()->text);
	exit(1);
}

static void
must(const char *what, int rc)
{
	if (rc != 0) {
		die(what, rc);
	}
}

static size_t
details_of(uint64_t i, char out[64])
{
	return (size_t)snprintf(out, 64, "details of leaf %" PRIu64, i);
}

/* Everything about leaf i follows from i. */
static void
make_leaf(uint64_t i, struct leaf *l, struct key *k_leaf)
{
	static const enum leaf_type types[] = {
		LEAF_READ, LEAF_WRITE, LEAF_DISCLOSE, LEAF_REQUEST_SUBMITTED,
		LEAF_REQUEST_FULFILLED, LEAF_ERASURE, LEAF_DENIED};
	struct entropy_seeded e;
	struct leaf_keys keys;
	char details[64];
	size_t n = details_of(i, details);

	entropy_seeded_init(&e, i == changed ? UINT64_MAX : i);
	*l = (struct leaf){.type = types[i % 7],
			   .category = (uint8_t)(i % 4),
			   .recipient = (uint16_t)(i % 5),
			   .at_ms = START_MS + (int64_t)i};
	entropy_fill(&e.base, l->id.b, sizeof(l->id.b));
	leaf_keys(&log_slot, l->id, &keys);
	*k_leaf = keys.commit;
	leaf_commit(k_leaf, bytes_of(details, n), l->commitment);
}

static int
folder_open(const char *out, const char *name)
{
	char path[PATH_BYTES];
	int fd = -1;

	(void)snprintf(path, sizeof(path), "%s/%s", out, name);
	must(path, file_root_open(path, &fd));
	return fd;
}

static void
feed(struct signer *s, uint64_t upto)
{
	uint8_t bytes[LEAF_BYTES];
	struct key k_leaf;
	struct leaf l;

	while (signer_size(s) < upto) {
		make_leaf(signer_size(s), &l, &k_leaf);
		leaf_encode(&l, bytes);
		must("feed", signer_feed(s, bytes_of(bytes, sizeof(bytes))));
	}
}

static void
make_checkpoints(struct signer *s, const char *out, uint64_t size)
{
	int fd = folder_open(out, "since");
	char name[32];

	for (uint64_t i = 1; i <= CHECKPOINTS; i++) {
		/* Uneven sizes: partial tiles on each level. */
		feed(s, i == CHECKPOINTS ? size : size * i / CHECKPOINTS + i);
		must("checkpoint", signer_checkpoint(s));
		if (rotates && i == CHECKPOINTS / 2) {
			must("rotate", signer_rotate(s, &second_seed));
		}
		(void)snprintf(name, sizeof(name), "%" PRIu64, signer_size(s));
		must("since", file_put(fd, name, signer_note(s)));
	}
}

static void
make_proof(int fd, struct tile_reader *r, struct bytes note, uint64_t index,
	   uint64_t size)
{
	struct merkle_source tree = tile_reader_source(r, size);
	struct proof_file p = {.index = index, .checkpoint = note};
	struct receipt receipt = {.is_open = index % 3 != 0};
	struct buf extra, file;
	char details[64], name[32];
	struct leaf l;

	buf_init(&extra, PROOF_EXTRA_BYTES_MAX);
	buf_init(&file, PROOF_BYTES_MAX);
	make_leaf(index, &l, &receipt.k_leaf);
	leaf_encode(&l, receipt.leaf);
	receipt.details = bytes_of(details, details_of(index, details));
	must("receipt", receipt_encode(&receipt, &extra));
	p.extra = buf_bytes(&extra);
	must("prove", merkle_prove_inclusion(&tree, index, size, &p.path));
	must("print", proof_print(&p, &file));
	(void)snprintf(name, sizeof(name), "%" PRIu64, index);
	must("proof", file_put(fd, name, buf_bytes(&file)));
	buf_clear(&extra);
	buf_clear(&file);
}

static void
make_proofs(struct signer *s, const char *out, const char *folder)
{
	uint64_t size = signer_size(s);
	int fd = folder_open(out, "proofs");
	struct tile_reader *r;

	must("reader", tile_reader_open(folder, &r));
	for (uint64_t i = 0; i < PROOFS; i++) {
		make_proof(fd, r, signer_note(s), (size - 1) * i / (PROOFS - 1),
			   size);
	}
	tile_reader_close(r);
}

static void
make_vkey(const struct note_verifier *v, const char *out)
{
	char vkey[NOTE_VKEY_BYTES];
	int fd = folder_open(out, ".");
	size_t n = strlen(note_vkey_print(v, vkey));

	vkey[n] = '\n';
	must("vkey", file_put(fd, "vkey", bytes_of(vkey, n + 1)));
}

static void
store_row(struct store *s, uint64_t i)
{
	struct key_maker k = {.n = 0};
	struct key k_leaf;
	uint8_t bytes[LEAF_BYTES];
	struct leaf l;
	struct txn *t;

	make_leaf(i, &l, &k_leaf);
	leaf_encode(&l, bytes);
	bytes[LEAF_BYTES - 1] ^= i == differing;
	key_u64(&k, i);
	must("begin", store_begin(s, &t));
	must("row", txn_put(t, TABLE_LEAF, key_bytes(&k),
			    bytes_of(bytes, sizeof(bytes))));
	must("end", store_end(s, t, true));
}

static void
make_store(const char *out)
{
	char path[PATH_BYTES];
	struct store_config config = {.directory = path};
	struct store *s;

	(void)snprintf(path, sizeof(path), "%s/store", out);
	(void)mkdir(path, 0700);
	must("store", store_open(&config, &s));
	for (uint64_t i = 0; i < stored; i++) {
		store_row(s, i);
		if (i % 100 == 99) {
			must("sync", store_sync(s));
		}
	}
	must("sync", store_sync(s));
	store_close(s);
}

static bool
parse_number(const char *argument, const char *name, uint64_t *out)
{
	size_t n = strlen(name);

	return strncmp(argument, name, n) == 0 &&
	       decimal_read(bytes_str(argument + n), out) == 0;
}

/* Whether the arguments after the second one are known. */
static bool
parse_rest(int argc, char **argv)
{
	for (int i = 3; i < argc; i++) {
		if (strcmp(argv[i], "rotate") == 0) {
			rotates = true;
		} else if (!parse_number(argv[i], "change=", &changed) &&
			   !parse_number(argv[i], "store=", &stored) &&
			   !parse_number(argv[i], "differ=", &differing)) {
			return false;
		}
	}
	return true;
}

int
main(int argc, char **argv)
{
	static const struct key mac = {{0x20}};
	char folder[PATH_BYTES], head_path[PATH_BYTES];
	struct signer_options o = {.folder = folder,
				   .origin = ORIGIN,
				   .keys = {.seed = &seed}};
	struct note_verifier first;
	struct signer *s;
	uint64_t size;

	if (argc < 3 || decimal_read(bytes_str(argv[2]), &size) != 0 ||
	    size < 100 || !parse_rest(argc, argv)) {
		(void)fputs("usage: make_log OUT LEAVES (>= 100) "
			    "[change=INDEX] [rotate] [store=ROWS] "
			    "[differ=INDEX]\n",
			    stderr);
		return 64;
	}
	must("sodium", secret_init());
	secret_unlocked_ok(true);
	(void)mkdir(argv[1], 0755);
	(void)snprintf(folder, sizeof(folder), "%s/log", argv[1]);
	(void)snprintf(head_path, sizeof(head_path), "%s/head", argv[1]);
	must("head", head_create(head_path, &mac));
	must("head", head_open(head_path, &mac, &o.head));
	must("signer", signer_open(&o, &s));
	first = *signer_verifier(s);
	make_checkpoints(s, argv[1], size);
	make_proofs(s, argv[1], folder);
	make_vkey(&first, argv[1]);
	if (stored > 0) {
		make_store(argv[1]);
	}
	signer_close(s);
	head_close(o.head);
	return 0;
}
