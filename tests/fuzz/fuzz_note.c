/* Aims at note_parse, checkpoint_parse, note_vkey_parse, log_rotation_open.
 * A note that parses and has one signature of 64 bytes is spelled in one way
 * only; a checkpoint and a key print as they were read. */
// links: ninety_audit ninety_base

#include "audit/logkeys.h"
#include "fuzz.h"

static void
try_checkpoint(struct bytes text)
{
	struct checkpoint c;
	struct buf again;

	if (checkpoint_parse(text, &c) != 0) {
		return;
	}
	buf_init(&again, NOTE_BYTES_MAX);
	FUZZ_ASSERT(checkpoint_print(&c, &again) == 0);
	/* Further lines are allowed, and dropped. */
	FUZZ_ASSERT(bytes_begins(text, buf_bytes(&again)));
	buf_clear(&again);
}

static void
try_note(struct bytes from)
{
	struct log_rotation rotation;
	struct note note;

	if (note_parse(from, &note) != 0) {
		return;
	}
	FUZZ_ASSERT(note.text.n < from.n && note.n_signatures > 0);
	FUZZ_ASSERT(note.text.p[note.text.n - 1] == '\n');
	for (size_t i = 0; i < note.n_signatures; i++) {
		struct bytes name = note.signatures[i].name;

		FUZZ_ASSERT(note_name_is_good(name));
		FUZZ_ASSERT(name.p >= from.p &&
			    name.p + name.n < from.p + from.n);
	}
	try_checkpoint(note.text);
	if (log_rotation_open(from, &rotation) == 0) {
		FUZZ_ASSERT(strcmp(rotation.old.name, rotation.next.name) ==
			    0);
	}
}

static void
try_vkey(struct bytes text)
{
	struct note_verifier v;
	struct note_verifier again;
	char printed[NOTE_VKEY_BYTES];

	if (note_vkey_parse(text, &v) != 0) {
		return;
	}
	(void)note_vkey_print(&v, printed);
	FUZZ_ASSERT(note_vkey_parse(bytes_str(printed), &again) == 0);
	FUZZ_ASSERT(again.id == v.id && strcmp(again.name, v.name) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes from = bytes_of(data, n);

	try_note(from);
	try_checkpoint(from);
	try_vkey(from);
	return 0;
}
