/* Files as bytes, for tests. */

#include <unistd.h>

#include "support/test.h"

#include "support/files.h"

void
files_read(const char *path, struct buf *out)
{
	FILE *f = fopen(path, "rb");
	long n;

	assert_non_null(f);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	n = ftell(f);
	assert_true(n >= 0);
	rewind(f);
	buf_init(out, FILE_BYTES_MAX);
	if (n > 0) {
		uint8_t *to = buf_room(out, (size_t)n);

		assert_non_null(to);
		assert_int_equal(fread(to, 1, (size_t)n, f), (size_t)n);
		buf_grown(out, (size_t)n);
	}
	assert_int_equal(fclose(f), 0);
}

void
files_write(const char *path, struct bytes content)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(content.p, 1, content.n, f), content.n);
	assert_int_equal(fclose(f), 0);
}

void
files_copy(const char *from, const char *to)
{
	struct buf b;

	files_read(from, &b);
	files_write(to, buf_bytes(&b));
	buf_clear(&b);
}

bool
files_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

bool
files_holds(const char *path, struct bytes needle)
{
	struct buf b;
	bool holds;

	files_read(path, &b);
	holds = memmem(b.data, b.len, needle.p, needle.n) != NULL;
	buf_clear(&b);
	return holds;
}
