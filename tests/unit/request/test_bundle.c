/* What an access bundle is made of: page, archive, envelope. */

#include "support/test.h"

#include <sodium.h>
#include <zip.h>

#include "base/secret.h"
#include "request/archive.h"
#include "request/envelope.h"
#include "request/page.h"

static void
page_takes_nothing_for_markup(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct value v = value_object();
	struct value list = value_list();
	struct value item = value_object();
	struct buf html;

	(void)state;
	assert_ok(value_add(&v, a, "controller", value_text("House")));
	assert_ok(value_add(&item, a, "<b>\"name",
			    value_text("<script>alert(1)</script>\x01&amp;")));
	assert_ok(value_push(&list, a, item));
	assert_ok(value_add(&v, a, "things", list));
	buf_init(&html, 1 << 20);
	assert_ok(page_make(&v, &html));
	assert_ok(buf_put(&html, "", 1));
	assert_non_null(strstr((char *)html.data, "<!DOCTYPE html"));
	assert_null(strstr((char *)html.data, "<script"));
	assert_null(strstr((char *)html.data, "<b>"));
	assert_non_null(strstr((char *)html.data,
			       "&lt;script&gt;alert(1)&lt;/script&gt;"));
	assert_non_null(strstr((char *)html.data, "&amp;amp;"));
	assert_non_null(strstr((char *)html.data, "\xef\xbf\xbd"));
	buf_clear(&html);
	arena_free(a);
}

static void
archive_opens_again(void **state)
{
	const struct archive_file files[] = {
		{"data.json", bytes_str("{}")},
		{"index.html", bytes_str("<html></html>")}};
	struct buf zip;
	zip_source_t *source;
	zip_t *opened;
	zip_file_t *file;
	char text[32] = "";

	(void)state;
	buf_init(&zip, 1 << 20);
	assert_ok(archive_make(files, 2, 1795435200000LL, &zip));
	source = zip_source_buffer_create(zip.data, zip.len, 0, NULL);
	assert_non_null(source);
	opened = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS,
				      NULL);
	assert_non_null(opened);
	assert_int_equal(zip_get_num_entries(opened, 0), 2);
	file = zip_fopen(opened, "index.html", 0);
	assert_non_null(file);
	assert_int_equal(zip_fread(file, text, sizeof(text)), 13);
	assert_string_equal(text, "<html></html>");
	zip_fclose(file);
	zip_discard(opened);
	buf_clear(&zip);
}

static void
archive_keeps_its_bound(void **state)
{
	static const uint8_t noise[4096];
	const struct archive_file files[] = {
		{"a", bytes_of(noise, sizeof(noise))}};
	struct buf zip;

	(void)state;
	buf_init(&zip, 32);
	assert_err(ERR_TOO_LARGE,
		   archive_make(files, 1, 1795435200000LL, &zip));
	buf_clear(&zip);
}

static void
envelope_of(size_t n)
{
	uint8_t pk[crypto_box_PUBLICKEYBYTES];
	uint8_t sk[crypto_box_SECRETKEYBYTES];
	uint8_t k[32];
	crypto_secretstream_xchacha20poly1305_state st;
	uint8_t *plain = calloc(1, n + 1);
	uint8_t *opened = calloc(1, ENVELOPE_CHUNK_BYTES);
	size_t at = 0;
	size_t i = ENVELOPE_HEAD_BYTES;
	unsigned char tag = 0;
	struct buf b;

	assert_true(plain != NULL && opened != NULL);
	randombytes_buf(plain, n);
	crypto_box_keypair(pk, sk);
	buf_init(&b, 1 << 22);
	assert_ok(envelope_seal(pk, bytes_of(plain, n), &b));
	assert_int_equal(crypto_box_seal_open(k, b.data, 80, pk, sk), 0);
	crypto_secretstream_xchacha20poly1305_init_pull(&st, b.data + 112, k);
	while (i < b.len) {
		size_t chunk = b.len - i < ENVELOPE_CHUNK_BYTES + 17
				       ? b.len - i
				       : ENVELOPE_CHUNK_BYTES + 17;
		unsigned long long got;

		assert_int_equal(crypto_secretstream_xchacha20poly1305_pull(
					 &st, opened, &got, &tag, b.data + i,
					 chunk, NULL, 0),
				 0);
		assert_memory_equal(opened, plain + at, got);
		at += got;
		i += chunk;
		assert_int_equal(
			tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL,
			i == b.len);
	}
	assert_int_equal(at, n);
	assert_int_equal(tag,
			 crypto_secretstream_xchacha20poly1305_TAG_FINAL);
	buf_clear(&b);
	free(plain);
	free(opened);
}

static void
envelope_ends_with_the_final_tag(void **state)
{
	(void)state;
	assert_ok(secret_init());
	envelope_of(0);
	envelope_of(1);
	envelope_of(ENVELOPE_CHUNK_BYTES);
	envelope_of(2 * ENVELOPE_CHUNK_BYTES + 1);
}

static void
envelope_refuses_a_weak_key(void **state)
{
	static const uint8_t zero[ENVELOPE_KEY_BYTES];
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	assert_err(ERR_INVALID, envelope_seal(zero, bytes_str("x"), &b));
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(page_takes_nothing_for_markup),
		cmocka_unit_test(archive_opens_again),
		cmocka_unit_test(archive_keeps_its_bound),
		cmocka_unit_test(envelope_ends_with_the_final_tag),
		cmocka_unit_test(envelope_refuses_a_weak_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
