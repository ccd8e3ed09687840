/* write_instance DIRECTORY: what the service would write there, small: a key
 * tree after a few batches, its keystore, and records, sealed, in a store, with
 * a list of them in records.json: what opens, with its plaintext, and what must
 * not. From before the last batch: keystore.before, and backup/. */

#include <sys/stat.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/pack.h"
#include "store/store.h"
#include "vault/seal.h"
#include "wire/schema.h"

#define RECORDS 40
#define ROOM_BYTES 4096

struct instance {
	char keys[ROOM_BYTES];
	char keystore[ROOM_BYTES];
	char passphrase[ROOM_BYTES];
	char list[ROOM_BYTES];
	char before[ROOM_BYTES];
	char backup[ROOM_BYTES];
	char data[ROOM_BYTES];
	struct keyring *keyring;
	struct store *store;
	struct arena *arena;
	struct value records;
};

static void
die(const char *what)
{
	(void)fprintf(stderr, "write_instance: %s: %s\n", what,
		      err_last()->text);
	exit(1);
}

static void
must(int rc, const char *what)
{
	if (rc != 0) {
		die(what);
	}
}

static struct value
hex(struct arena *a, struct bytes b)
{
	char *text = arena_alloc(a, 2 * b.n + 1);

	for (size_t i = 0; i < b.n; i++) {
		(void)snprintf(text + 2 * i, 3, "%02x", b.p[i]);
	}
	return value_text(text);
}

static void
add_number(struct instance *in, struct value *to, const char *name, int64_t n)
{
	must(value_add(to, in->arena, name, value_int(n)), "list");
}

/* The row, as the vault writes records. */
static void
store_record(struct instance *in, const struct seal_context *c,
	     struct bytes sealed)
{
	struct key_maker k = {.n = 0};
	uint8_t *row = arena_alloc(in->arena, 4 + sealed.n);
	struct txn *t;

	key_u64(&k, c->slot);
	key_u8(&k, (uint8_t)c->category);
	key_id(&k, c->record);
	key_u32(&k, (uint32_t)c->version);
	put_u32(row, (uint32_t)c->day);
	memcpy(row + 4, sealed.p, sealed.n);
	must(store_begin(in->store, &t), "store");
	must(txn_put(t, TABLE_RECORD, key_bytes(&k),
		     bytes_of(row, 4 + sealed.n)),
	     "store");
	must(store_end(in->store, t, true), "store");
	must(store_sync(in->store), "store");
}

/* One record, sealed, and its entry. */
static void
add_record(struct instance *in, int i, slot_t slot, date_t day, bool opens)
{
	struct seal_context c = {.type = SEAL_RECORD,
				 .category = (uint16_t)i,
				 .slot = slot,
				 .record = {{(uint8_t)i, 1, 2}},
				 .version = (uint64_t)i + 1,
				 .day = day,
				 .schema = 1};
	struct value context = value_object();
	struct value entry = value_object();
	struct bytes sealed = {0};
	char *plain = arena_printf(in->arena, "record number %d", i);

	must(seal_make(in->keyring, &c, bytes_str(plain), in->arena, &sealed),
	     "seal");
	store_record(in, &c, sealed);
	add_number(in, &context, "type", (int64_t)c.type);
	add_number(in, &context, "category", c.category);
	add_number(in, &context, "slot", (int64_t)slot);
	must(value_add(&context, in->arena, "record",
		       hex(in->arena, bytes_of(c.record.b, ID_BYTES))),
	     "list");
	add_number(in, &context, "version", (int64_t)c.version);
	add_number(in, &context, "day", day);
	add_number(in, &context, "schema", c.schema);
	must(value_add(&entry, in->arena, "context", context), "list");
	must(value_add(&entry, in->arena, "plain",
		       hex(in->arena, bytes_str(plain))),
	     "list");
	must(value_add(&entry, in->arena, "sealed", hex(in->arena, sealed)),
	     "list");
	must(value_add(&entry, in->arena, "opens", value_bool(opens)), "list");
	must(value_push(&in->records, in->arena, entry), "list");
}

static void
destroy(struct instance *in, const slot_t *slots, size_t n)
{
	struct keyring_destroyed out;

	must(keyring_destroy(in->keyring,
			     (struct keyring_batch){
				     keyring_epoch(in->keyring),
				     keyring_epoch(in->keyring) + 1},
			     slots, n, &out),
	     "destroy");
}

static void
write_passphrase(const struct instance *in)
{
	FILE *f = fopen(in->passphrase, "w");

	if (f == NULL || fchmod(fileno(f), 0600) != 0 ||
	    fputs("a passphrase\n", f) < 0 || fclose(f) != 0) {
		die("passphrase");
	}
}

static void
write_list(struct instance *in)
{
	FILE *f = fopen(in->list, "w");
	struct buf b;

	buf_init(&b, 1u << 22);
	must(schema_value_encode(&in->records, 1, &b), "list");
	if (f == NULL || fwrite(b.data, 1, b.len, f) != b.len ||
	    fclose(f) != 0) {
		die("list");
	}
	buf_clear(&b);
}

static void
copy(const char *from, const char *to)
{
	FILE *in = fopen(from, "rb");
	FILE *out = fopen(to, "wb");
	char room[ROOM_BYTES];
	size_t n;

	if (in == NULL || out == NULL) {
		die("copy");
	}
	while ((n = fread(room, 1, sizeof(room), in)) > 0) {
		if (fwrite(room, 1, n, out) != n) {
			die("copy");
		}
	}
	if (fclose(in) != 0 || fclose(out) != 0) {
		die("copy");
	}
}

static void
name(char *out, const char *directory, const char *file)
{
	(void)snprintf(out, ROOM_BYTES, "%s/%s", directory, file);
}

static void
open_all(struct instance *in)
{
	struct keyring_config config = {.directory = in->keys,
					.keystore = in->keystore,
					.passphrase_file = in->passphrase,
					.accept_weak_keystore = true,
					.cheap_kdf_for_tests = true,
					.entropy = entropy_system()};
	struct store_config store = {.directory = in->data,
				     .segment_bytes = (size_t)4 << 20,
				     .entropy = entropy_system()};
	struct keyring_recovery recovery;
	struct id store_id;

	write_passphrase(in);
	entropy_fill(entropy_system(), store_id.b, ID_BYTES);
	must(keyring_create(&config, store_id, 1000), "create");
	must(keyring_open(&config, (struct keyring_batch){0}, &in->keyring,
			  &recovery),
	     "open");
	must(store_open(&store, &in->store), "store");
}

static void
work(struct instance *in)
{
	const date_t day = KEYRING_DAY_FIRST + 2500;
	slot_t first = keyring_first_free();
	slot_t dead[] = {first + 3, first + 202, keyring_day_slot(day + 1)};
	uint64_t left;

	for (int i = 0; i < RECORDS; i++) {
		add_record(in, i, first + 10 + (slot_t)i * 5,
			   i % 3 == 0 ? DAY_NONE : day, true);
	}
	add_record(in, RECORDS, first + 3, DAY_NONE, false);
	add_record(in, RECORDS + 1, first + 202, day, false);
	add_record(in, RECORDS + 2, first + 4, day + 1, false);
	must(keyring_rotate(in->keyring, 100, &left), "rotate");
	must(keyring_grow(in->keyring, keyring_grown(in->keyring), 500),
	     "grow");
	destroy(in, dead, 1);
	copy(in->keystore, in->before);
	must(store_drain(in->store), "drain");
	must(store_copy(in->store, in->backup), "backup");
	destroy(in, dead, 3);
}

int
main(int argc, char **argv)
{
	static struct instance in;

	if (argc != 2 || secret_init() != 0) {
		return 64;
	}
	secret_unlocked_ok(true);
	name(in.keys, argv[1], "keys");
	name(in.keystore, argv[1], "keystore");
	if (mkdir(in.keystore, 0700) != 0) {
		perror(in.keystore);
		return 74;
	}
	name(in.keystore, argv[1], "keystore/keystore");
	name(in.passphrase, argv[1], "passphrase");
	name(in.list, argv[1], "records.json");
	name(in.before, argv[1], "keystore.before");
	name(in.backup, argv[1], "backup");
	name(in.data, argv[1], "store");
	in.arena = arena_new(1u << 24);
	in.records = value_list();
	open_all(&in);
	work(&in);
	keyring_close(in.keyring);
	store_close(in.store);
	write_list(&in);
	arena_free(in.arena);
	return 0;
}
