/* Aims at raw_scan_pages and raw_scan_segment. The bytes are a file as it is;
 * then pages whose headers are those of LMDB leaves, so that most of them are
 * walked. What is handed on must lie within the file. */
// links: ninety_audit_cli ninety_audit ninety_base

#include "fuzz.h"
#include "ninety-audit/raw.h"

#define PAGE_BYTES ((size_t)4096)
#define FILE_BYTES_MAX (4 * PAGE_BYTES)

static void
see(void *ctx, enum table table, struct bytes key, struct bytes value)
{
	const struct bytes *file = ctx;
	const uint8_t *end = file->p + file->n;

	FUZZ_ASSERT(table <= TABLE_END);
	FUZZ_ASSERT(key.n <= KEY_BYTES_MAX && key.p >= file->p &&
		    key.p <= end && key.n <= (size_t)(end - key.p));
	FUZZ_ASSERT(value.p >= file->p && value.p <= end &&
		    value.n <= (size_t)(end - value.p));
}

static void
scan(struct bytes file)
{
	struct raw_counts counts = {0};

	raw_scan_pages(file, see, &file, &counts);
	FUZZ_ASSERT(counts.pages == file.n / PAGE_BYTES);
	FUZZ_ASSERT(counts.leaf_pages <= counts.pages);
	raw_scan_segment(file, see, &file, &counts);
	FUZZ_ASSERT(counts.segments == 1);
}

/* A leaf's flags, and a gap somewhere. */
static void
make_leaves(uint8_t *p, size_t n)
{
	for (size_t at = 0; at + PAGE_BYTES <= n; at += PAGE_BYTES) {
		uint8_t *page = p + at;

		page[10] = 2;
		page[11] = 0;
		page[13] &= 0x0f;
		page[15] &= 0x1f;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const uint8_t magic[] = {'N', 'J', 'R', '1'};
	/* Of its own, so that a sanitizer sees what is read beyond it. */
	uint8_t *file = malloc(FILE_BYTES_MAX);

	FUZZ_ASSERT(file != NULL);
	scan(bytes_of(data, n));
	if (n > FILE_BYTES_MAX) {
		n = FILE_BYTES_MAX;
	}
	for (size_t at = 0; n > 0 && at < FILE_BYTES_MAX; at++) {
		file[at] = data[at % n];
	}
	make_leaves(file, FILE_BYTES_MAX);
	scan(bytes_of(file, FILE_BYTES_MAX));
	memcpy(file + 8, magic, sizeof(magic));
	scan(bytes_of(file, FILE_BYTES_MAX));
	free(file);
	return 0;
}
