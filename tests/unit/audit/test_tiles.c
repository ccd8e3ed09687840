#include "unit/audit/folder.h"

#include <pthread.h>
#include <stdatomic.h>

#include "audit/tileread.h"
#include "audit/tiles.h"

static char parent[64];
static char folder[96];

static int
make_folder(void **state)
{
	(void)state;
	(void)snprintf(folder, sizeof(folder), "%s/log", folder_make(parent));
	return 0;
}

static int
remove_folder(void **state)
{
	(void)state;
	folder_remove(parent);
	return 0;
}

static struct bytes
leaf(uint64_t i)
{
	static uint8_t b[64];

	memset(b, 0, sizeof(b));
	memcpy(b, &i, sizeof(i));
	/* Not all the same length, so that bundles are really parsed. */
	return bytes_of(b, 60 + i % 5);
}

static void
feed(struct tiles *t, uint64_t upto)
{
	while (tiles_size(t) < upto) {
		assert_ok(tiles_append(t, leaf(tiles_size(t))));
	}
}

static struct hash
root_of(uint64_t size)
{
	struct merkle_edge edge = {0};

	for (uint64_t i = 0; i < size; i++) {
		struct hash h = merkle_leaf(leaf(i));

		merkle_edge_add(&edge, &h);
	}
	return merkle_edge_root(&edge);
}

static void
paths_follow_the_layout(void **state)
{
	static const struct {
		struct tile_name name;
		const char *path;
	} rows[] = {
		{{0, 0, 256}, "tile/0/000"},
		{{0, 1234067, 256}, "tile/0/x001/x234/067"},
		{{1, 17, 1}, "tile/1/017.p/1"},
		{{TILE_ENTRIES, 1000, 255}, "tile/entries/x001/000.p/255"},
	};
	static const char *const bad[] = {
		"", "tile", "tile/8/000", "tile/0/00", "tile/0/0000",
		"tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01",
		"tile/0/x000/001", "tile/00/000", "tile/0/001/000",
		"tile/0/x001/x000", "tile/0/000.p", "tile/0/-01",
		"tile/0/ 01", "tile/entries", "tile/0/000/",
	};
	struct tile_name name;
	char path[TILE_PATH_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_string_equal(tile_path(rows[i].name, path),
				    rows[i].path);
		assert_ok(tile_path_parse(rows[i].path, &name));
		assert_int_equal(name.level, rows[i].name.level);
		assert_true(name.n == rows[i].name.n);
		assert_int_equal(name.width, rows[i].name.width);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_err(ERR_INVALID, tile_path_parse(bad[i], &name));
	}
	/* The example of the specification: 70,000 entries. */
	assert_int_equal(tile_width(0, 272, 70000), 256);
	assert_int_equal(tile_width(0, 273, 70000), 112);
	assert_int_equal(tile_width(0, 274, 70000), 0);
	assert_int_equal(tile_width(1, 1, 70000), 17);
	assert_int_equal(tile_width(2, 0, 70000), 1);
	assert_int_equal(tile_width(3, 0, 70000), 0);
	assert_int_equal(tile_width(TILE_ENTRIES, 273, 70000), 112);
}

static void
published_roots_are_those_of_the_tree(void **state)
{
	static const uint64_t sizes[] = {1, 2, 3, 255, 256, 257, 700, 1000};
	struct tiles *t;
	struct hash root, want;

	(void)state;
	assert_ok(tiles_open(folder, 0, &t));
	assert_ok(tiles_publish(t, &root));
	want = merkle_empty();
	assert_true(hash_equal(&root, &want));
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		feed(t, sizes[i]);
		assert_ok(tiles_publish(t, &root));
		want = root_of(sizes[i]);
		assert_true(hash_equal(&root, &want));
	}
	tiles_close(t);
}

static void
each_signed_size_has_its_partial_tiles(void **state)
{
	struct tiles *t;
	struct hash root;

	(void)state;
	assert_ok(tiles_open(folder, 0, &t));
	feed(t, 10);
	assert_ok(tiles_publish(t, &root));
	feed(t, 200);
	assert_ok(tiles_publish(t, &root));
	assert_true(folder_has(folder, "tile/0/000.p/10"));
	assert_true(folder_has(folder, "tile/entries/000.p/10"));
	assert_true(folder_has(folder, "tile/0/000.p/200"));
	feed(t, 300);
	assert_ok(tiles_publish(t, &root));
	assert_false(folder_has(folder, "tile/0/000.p"));
	assert_false(folder_has(folder, "tile/entries/000.p"));
	assert_true(folder_has(folder, "tile/0/000"));
	assert_true(folder_has(folder, "tile/entries/000"));
	assert_true(folder_has(folder, "tile/0/001.p/44"));
	assert_true(folder_has(folder, "tile/1/000.p/1"));
	tiles_close(t);
}

static void
writer_goes_on_where_it_stopped(void **state)
{
	struct tiles *t;
	struct hash root, want = root_of(900);
	struct buf a, b;

	(void)state;
	buf_init(&a, TILE_BYTES);
	buf_init(&b, TILE_BYTES);
	for (uint64_t size = 0; size < 900; size += 100) {
		assert_ok(tiles_open(folder, size, &t));
		feed(t, size + 100);
		assert_ok(tiles_publish(t, &root));
		tiles_close(t);
	}
	assert_true(hash_equal(&root, &want));
	folder_load(folder, "tile/0/003.p/132", &a);
	/* Built again at one go: the same bytes. */
	assert_ok(tiles_open(folder, 0, &t));
	assert_false(folder_has(folder, "tile"));
	feed(t, 900);
	assert_ok(tiles_publish(t, &root));
	tiles_close(t);
	assert_true(hash_equal(&root, &want));
	folder_load(folder, "tile/0/003.p/132", &b);
	assert_true(bytes_equal(buf_bytes(&a), buf_bytes(&b)));
	buf_clear(&a);
	buf_clear(&b);
}

static void
unpublished_tiles_are_written_over(void **state)
{
	struct tiles *t;
	struct hash root, want = root_of(600);

	(void)state;
	assert_ok(tiles_open(folder, 0, &t));
	feed(t, 300);
	assert_ok(tiles_publish(t, &root));
	/* Full tiles of a size that is never published, then the end. */
	while (tiles_size(t) < 30000) {
		assert_ok(tiles_append(t, bytes_str("never signed")));
	}
	tiles_close(t);
	assert_ok(tiles_open(folder, 300, &t));
	feed(t, 600);
	assert_ok(tiles_publish(t, &root));
	tiles_close(t);
	assert_true(hash_equal(&root, &want));
}

static void
damaged_edge_is_not_continued(void **state)
{
	struct tiles *t;
	struct hash root;

	(void)state;
	assert_ok(tiles_open(folder, 0, &t));
	feed(t, 300);
	assert_ok(tiles_publish(t, &root));
	tiles_close(t);
	assert_err(ERR_CORRUPT, tiles_open(folder, 301, &t));
	folder_flip(folder, "tile/entries/001.p/44", 70);
	assert_err(ERR_CORRUPT, tiles_open(folder, 300, &t));
	folder_flip(folder, "tile/entries/001.p/44", 70);
	assert_ok(tiles_open(folder, 300, &t));
	tiles_close(t);
	folder_flip(folder, "tile/0/001.p/44", 3);
	assert_err(ERR_CORRUPT, tiles_open(folder, 300, &t));
}

static void
reader_proves_from_tiles(void **state)
{
	static const uint64_t sizes[] = {1, 255, 256, 300, 1000, 66000};
	struct tile_reader *r;
	struct tiles *t;
	struct hash roots[6];

	(void)state;
	assert_ok(tiles_open(folder, 0, &t));
	for (size_t i = 0; i < 6; i++) {
		feed(t, sizes[i]);
		assert_ok(tiles_publish(t, &roots[i]));
	}
	tiles_close(t);
	assert_ok(tile_reader_open(folder, &r));
	for (size_t i = 0; i < 6; i++) {
		struct merkle_source s = tile_reader_source(r, sizes[i]);
		struct merkle_proof p;
		struct hash root;

		assert_ok(merkle_root(&s, sizes[i], &root));
		assert_true(hash_equal(&root, &roots[i]));
		for (uint64_t k = 0; k < sizes[i]; k += 1 + sizes[i] / 7) {
			struct hash h = merkle_leaf(leaf(k));

			assert_ok(merkle_prove_inclusion(&s, k, sizes[i], &p));
			assert_ok(merkle_check_inclusion(&p, k, sizes[i], &h,
							 &root));
		}
		for (size_t k = 0; k <= i; k++) {
			assert_ok(merkle_prove_consistency(&s, sizes[k],
							   sizes[i], &p));
			assert_ok(merkle_check_consistency(
				&p, sizes[k], sizes[i], &roots[k], &root));
		}
	}
	tile_reader_close(r);
}

static void
reader_gives_entries(void **state)
{
	struct tile_reader *r;
	struct tiles *t;
	struct hash root;
	struct buf b;

	(void)state;
	buf_init(&b, LEAF_BYTES_MAX);
	assert_ok(tiles_open(folder, 0, &t));
	feed(t, 700);
	assert_ok(tiles_publish(t, &root));
	tiles_close(t);
	assert_ok(tile_reader_open(folder, &r));
	for (uint64_t i = 0; i < 700; i += 23) {
		buf_reset(&b);
		assert_ok(tile_reader_entry(r, 700, i, &b));
		assert_true(bytes_equal(buf_bytes(&b), leaf(i)));
	}
	assert_err(ERR_INVALID, tile_reader_entry(r, 700, 700, &b));
	assert_err(ERR_INVALID, tile_reader_hash(r, 700, 9, 1, &root));
	assert_err(ERR_CORRUPT, tile_reader_hash(r, 90000, 0, 80000, &root));
	tile_reader_close(r);
	buf_clear(&b);
}

/* What a writer has published so far, for a reader on another thread. */
#define PUBLISHES 120
static struct hash published_roots[PUBLISHES];
static uint64_t published_sizes[PUBLISHES];
static atomic_size_t n_published;

static void *
write_on(void *arg)
{
	struct tiles *t = arg;
	uint8_t b[60] = {0};

	for (size_t i = 0; i < PUBLISHES; i++) {
		for (size_t k = 0; k < 9 * (i % 11 + 1); k++) {
			uint64_t at = tiles_size(t);

			memcpy(b, &at, sizeof(at));
			if (tiles_append(t, bytes_of(b, sizeof(b))) != 0) {
				return NULL;
			}
		}
		if (tiles_publish(t, &published_roots[i]) != 0) {
			return NULL;
		}
		published_sizes[i] = tiles_size(t);
		atomic_store(&n_published, i + 1);
	}
	return t;
}

static void
reader_needs_no_lock(void **state)
{
	struct tile_reader *r;
	struct tiles *t;
	pthread_t writer;
	void *finished;
	size_t n;

	(void)state;
	assert_ok(tiles_open(folder, 0, &t));
	assert_ok(tile_reader_open(folder, &r));
	atomic_store(&n_published, 0);
	assert_int_equal(pthread_create(&writer, NULL, write_on, t), 0);
	do {
		n = atomic_load(&n_published);
		for (size_t i = n > 3 ? n - 3 : 0; i < n; i++) {
			uint64_t size = published_sizes[i];
			struct merkle_source s = tile_reader_source(r, size);
			struct hash root;

			assert_ok(merkle_root(&s, size, &root));
			assert_true(hash_equal(&root, &published_roots[i]));
		}
	} while (n < PUBLISHES);
	(void)pthread_join(writer, &finished);
	assert_ptr_equal(finished, t);
	tile_reader_close(r);
	tiles_close(t);
}

int
main(void)
{
#define FOLDER_TEST(f) \
	cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_follow_the_layout),
		FOLDER_TEST(published_roots_are_those_of_the_tree),
		FOLDER_TEST(each_signed_size_has_its_partial_tiles),
		FOLDER_TEST(writer_goes_on_where_it_stopped),
		FOLDER_TEST(unpublished_tiles_are_written_over),
		FOLDER_TEST(damaged_edge_is_not_continued),
		FOLDER_TEST(reader_proves_from_tiles),
		FOLDER_TEST(reader_gives_entries),
		FOLDER_TEST(reader_needs_no_lock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
