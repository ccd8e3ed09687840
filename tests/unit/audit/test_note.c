#include "support/test.h"

#include "audit/checkpoint.h"

/* golang.org/x/mod/sumdb/note's own example. */
#define GO_VKEY "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
#define GO_NOTE                                                               \
	"If you think cryptography is the answer to your problem,\n"          \
	"then you don't know what your problem is.\n"                         \
	"\n"                                                                  \
	"\xe2\x80\x94 PeterNeumann "                                          \
	"x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXg"     \
	"KvqfqdngotpRZb6KE6RyyBwJnAM=\n"

static struct note_signer *signer;

static int
make_signer(void **state)
{
	struct key seed = {{1, 2, 3}};

	(void)state;
	if (secret_init() != 0) {
		return -1;
	}
	secret_unlocked_ok(true);
	signer = note_signer_new("ninety.example/log", &seed);
	return signer == NULL ? -1 : 0;
}

static int
free_signer(void **state)
{
	(void)state;
	note_signer_free(signer);
	return 0;
}

static void
go_example_verifies(void **state)
{
	char text[NOTE_VKEY_BYTES];
	struct note_verifier v;
	struct note note;
	size_t which;

	(void)state;
	assert_ok(note_vkey_parse(bytes_str(GO_VKEY), &v));
	assert_string_equal(note_vkey_print(&v, text), GO_VKEY);
	assert_ok(note_parse(bytes_str(GO_NOTE), &note));
	assert_ok(note_check(&note, &v, 1, &which));
	assert_int_equal(which, 0);
}

static void
signed_note_opens(void **state)
{
	struct note_verifier known[2];
	struct note note;
	struct buf b;
	size_t which;

	(void)state;
	buf_init(&b, NOTE_BYTES_MAX);
	assert_ok(note_vkey_parse(bytes_str(GO_VKEY), &known[0]));
	known[1] = signer->verifier;
	assert_ok(note_sign(bytes_str("a\n\nb\n"),
			    (const struct note_signer *[]){signer}, 1, &b));
	assert_ok(note_parse(buf_bytes(&b), &note));
	assert_int_equal(note.text.n, 5);
	assert_ok(note_check(&note, known, 2, &which));
	assert_int_equal(which, 1);
	assert_err(ERR_CORRUPT, note_check(&note, known, 1, NULL));
	buf_clear(&b);
}

static void
each_flipped_bit_is_refused(void **state)
{
	struct note_verifier v;
	char bad[sizeof(GO_NOTE)];

	(void)state;
	assert_ok(note_vkey_parse(bytes_str(GO_VKEY), &v));
	for (size_t bit = 0; bit < 8 * strlen(GO_NOTE); bit++) {
		struct note note;

		memcpy(bad, GO_NOTE, sizeof(bad));
		bad[bit / 8] = (char)(bad[bit / 8] ^ (1 << bit % 8));
		assert_false(note_parse(bytes_of(bad, sizeof(bad) - 1),
					&note) == 0 &&
			     note_check(&note, &v, 1, NULL) == 0);
	}
}

static void
malformed_notes_are_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"\n",
		"text\n",
		"text\n\n",
		"text\n\nno dash\n",
		"text\n\n\xe2\x80\x94 \n",
		"text\n\n\xe2\x80\x94 name\n",
		"text\n\n\xe2\x80\x94 name AAAA\n",
		"text\n\n\xe2\x80\x94 name AAAAAAA=",
		"text\n\n\xe2\x80\x94 na+me AAAAAAA=\n",
		"text\n\n\xe2\x80\x94 na me AAAAAAA=\n",
		"text\n\n\xe2\x80\x94 name AAAAAAB=\n",
		"text\n\n\xe2\x80\x94 name AAAAAAA\n",
		"te\txt\n\n\xe2\x80\x94 name AAAAAAA=\n",
		"te\xffxt\n\n\xe2\x80\x94 name AAAAAAA=\n",
		"\xed\xa0\x80\n\n\xe2\x80\x94 name AAAAAAA=\n",
	};
	struct note note;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_err(ERR_INVALID, note_parse(bytes_str(bad[i]), &note));
	}
	assert_ok(note_parse(
		bytes_str("text\n\n\xe2\x80\x94 name AAAAAAA=\n"), &note));
	assert_err(ERR_INVALID,
		   note_sign(bytes_str("no newline"), NULL, 0, NULL));
}

static void
malformed_keys_are_refused(void **state)
{
	static const char *const bad[] = {
		"", "name", "name+", "+c74f20a3+", "PeterNeumann+c74f20a3+",
		/* another id, another type, no name, a short key */
		"PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		"PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		"PeterNeumann+c74f20a3+Ahpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		"+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		"PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy",
	};
	struct note_verifier v;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_err(ERR_INVALID, note_vkey_parse(bytes_str(bad[i]), &v));
	}
	assert_ok(note_vkey_parse(bytes_str("  " GO_VKEY "\n"), &v));
}

static void
checkpoint_survives_the_round_trip(void **state)
{
	struct checkpoint c = {.origin = "ninety.example/log",
			       .size = UINT64_MAX,
			       .root = {{9, 8, 7}}};
	struct checkpoint back;
	struct buf b;

	(void)state;
	buf_init(&b, NOTE_BYTES_MAX);
	assert_ok(checkpoint_sign(&c, signer, &b));
	assert_ok(checkpoint_open(buf_bytes(&b), &signer->verifier, 1, &back));
	assert_string_equal(back.origin, c.origin);
	assert_true(back.size == c.size);
	assert_true(hash_equal(&back.root, &c.root));
	buf_clear(&b);
}

static void
checkpoint_of_another_origin_is_refused(void **state)
{
	struct checkpoint c = {.origin = "other.example/log"};
	struct buf b;

	(void)state;
	buf_init(&b, NOTE_BYTES_MAX);
	assert_ok(checkpoint_sign(&c, signer, &b));
	assert_err(ERR_CORRUPT, checkpoint_open(buf_bytes(&b),
						&signer->verifier, 1, &c));
	buf_clear(&b);
}

#define ROOT "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

static void
malformed_checkpoints_are_refused(void **state)
{
	static const char *const bad[] = {
		"", "o\n", "o\n1\n", "o\n1\n" ROOT, "\n1\n" ROOT "\n",
		"o o\n1\n" ROOT "\n", "o+\n1\n" ROOT "\n",
		"o\n01\n" ROOT "\n", "o\n-1\n" ROOT "\n", "o\n\n" ROOT "\n",
		"o\n1 \n" ROOT "\n", "o\n18446744073709551616\n" ROOT "\n",
		"o\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=\n",
		"o\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuA==\n",
		"o\n1\n" ROOT "\n\n", "o\n1\n" ROOT "\next",
	};
	struct checkpoint c;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_err(ERR_INVALID, checkpoint_parse(bytes_str(bad[i]), &c));
	}
	assert_ok(checkpoint_parse(bytes_str("o\n1\n" ROOT "\next\n"), &c));
}

static void
successors_count_from_two(void **state)
{
	char out[ORIGIN_BYTES_MAX + 1];

	(void)state;
	assert_ok(origin_successor("ninety.example/log", out));
	assert_string_equal(out, "ninety.example/log/2");
	assert_ok(origin_successor("ninety.example/log/2", out));
	assert_string_equal(out, "ninety.example/log/3");
	assert_ok(origin_successor("ninety.example", out));
	assert_string_equal(out, "ninety.example/2");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(go_example_verifies),
		cmocka_unit_test(signed_note_opens),
		cmocka_unit_test(each_flipped_bit_is_refused),
		cmocka_unit_test(malformed_notes_are_refused),
		cmocka_unit_test(malformed_keys_are_refused),
		cmocka_unit_test(checkpoint_survives_the_round_trip),
		cmocka_unit_test(checkpoint_of_another_origin_is_refused),
		cmocka_unit_test(malformed_checkpoints_are_refused),
		cmocka_unit_test(successors_count_from_two),
	};

	return cmocka_run_group_tests(tests, make_signer, free_signer);
}
