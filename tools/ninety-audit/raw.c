/* Walking raw bytes of a store. LMDB's page layout is that of liblmdb 0.9,
 * little-endian: 16 bytes of header, offsets of nodes, a gap, nodes. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/pack.h"
#include "input.h"
#include "raw.h"
#include "store/write_set.h"

#define PAGE_BYTES 4096u
#define PAGE_HEADER_BYTES 16u
#define PAGE_FLAG_LEAF 0x02u
#define PAGE_FLAGS_OTHER 0x65u /* branch, overflow, leaf2, sub-page */
#define NODE_HEADER_BYTES 8u
#define NODE_FLAG_BIG 0x01u
#define NODE_FLAGS_OTHER 0x06u /* sub-database, duplicates */

#define GROUP_MAGIC 0x4e4a5231u
#define GROUP_HEADER_BYTES 24u

struct scan {
	struct bytes file;
	raw_row_fn *then;
	void *ctx;
	struct raw_counts *counts;
};

static unsigned
le16(const uint8_t *p)
{
	return (unsigned)p[0] | (unsigned)p[1] << 8;
}

static uint64_t
le64(const uint8_t *p)
{
	uint64_t v = 0;

	for (int i = 7; i >= 0; i--) {
		v = v << 8 | p[i];
	}
	return v;
}

static int
map(const char *path, struct bytes *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *p = NULL;
	int rc = 0;

	if (fd < 0) {
		return err_set(errno == ENOENT ? ERR_NOT_FOUND : ERR_IO,
			       "%s: %s", path, strerror(errno));
	}
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		rc = err_set(ERR_IO, "%s: no regular file", path);
	} else if (st.st_size > 0) {
		p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd,
			 0);
		if (p == MAP_FAILED) {
			rc = err_set(ERR_IO, "%s: %s", path, strerror(errno));
		}
	}
	(void)close(fd);
	if (rc == 0) {
		*out = bytes_of(p, p == NULL ? 0 : (size_t)st.st_size);
	}
	return rc;
}

static void
unmap(struct bytes b)
{
	union {
		const void *from;
		void *to;
	} p = {b.p};

	if (b.n > 0) {
		(void)munmap(p.to, b.n);
	}
}

/* A node at an offset of a page, if one can be there. In the gap (0: not in
 * it) one of which newer nodes have overwritten the key is none. */
static void
try_node(const struct scan *s, const uint8_t *page, size_t at, size_t gap_end)
{
	size_t key_end = gap_end == 0 ? PAGE_BYTES : gap_end;
	const uint8_t *node = page + at;
	size_t n = le16(node) | (size_t)le16(node + 2) << 16;
	unsigned flags = le16(node + 4);
	size_t key_n = le16(node + 6);
	struct bytes value;

	if (key_n == 0 || key_n > KEY_BYTES_MAX || n > VALUE_BYTES_MAX ||
	    (flags & ~NODE_FLAG_BIG) != 0 ||
	    at + NODE_HEADER_BYTES + key_n > key_end) {
		return;
	}
	value = bytes_of(node + NODE_HEADER_BYTES + key_n, n);
	if ((flags & NODE_FLAG_BIG) != 0) {
		uint64_t page_number;

		if (at + NODE_HEADER_BYTES + key_n + 8 > PAGE_BYTES) {
			return;
		}
		page_number = le64(value.p);
		if (page_number >= s->file.n / PAGE_BYTES ||
		    n > s->file.n - page_number * PAGE_BYTES -
				    PAGE_HEADER_BYTES) {
			return;
		}
		value.p = s->file.p + page_number * PAGE_BYTES +
			  PAGE_HEADER_BYTES;
	} else if (at + NODE_HEADER_BYTES + key_n + n > PAGE_BYTES ||
		   (gap_end != 0 && n == 0)) {
		return;
	}
	s->counts->rows++;
	s->then(s->ctx, TABLE_END,
		bytes_of(node + NODE_HEADER_BYTES, key_n), value);
}

static void
scan_page(const struct scan *s, const uint8_t *page)
{
	unsigned flags = le16(page + 10);
	size_t lower = le16(page + 12);
	size_t upper = le16(page + 14);

	if ((flags & PAGE_FLAG_LEAF) == 0 || (flags & PAGE_FLAGS_OTHER) != 0 ||
	    lower < PAGE_HEADER_BYTES || lower > upper || upper > PAGE_BYTES) {
		return;
	}
	s->counts->leaf_pages++;
	for (size_t i = PAGE_HEADER_BYTES; i + 2 <= lower; i += 2) {
		size_t at = le16(page + i);

		if (at >= upper && at + NODE_HEADER_BYTES <= PAGE_BYTES) {
			try_node(s, page, at, 0);
		}
	}
	/* What was deleted or moved may still stand in the gap. */
	for (size_t at = (lower + 1) & ~(size_t)1;
	     at + NODE_HEADER_BYTES < upper; at += 2) {
		try_node(s, page, at, upper);
	}
}

void
raw_scan_pages(struct bytes file, raw_row_fn *then, void *ctx,
	       struct raw_counts *counts)
{
	const struct scan s = {file, then, ctx, counts};

	for (size_t at = 0; at + PAGE_BYTES <= file.n; at += PAGE_BYTES) {
		counts->pages++;
		scan_page(&s, file.p + at);
	}
}

int
raw_scan_data(const char *file, raw_row_fn *then, void *ctx,
	      struct raw_counts *counts)
{
	struct bytes content;
	int rc = map(file, &content);

	if (rc == 0) {
		raw_scan_pages(content, then, ctx, counts);
		unmap(content);
	}
	return rc;
}

/* The rows of one group, as far as they read. */
static void
scan_group(const struct scan *s, struct bytes payload)
{
	struct packed_row row;

	while (write_set_unpack_row(&payload, &row)) {
		s->counts->rows++;
		s->then(s->ctx, row.table, row.key, row.value);
	}
}

void
raw_scan_segment(struct bytes file, raw_row_fn *then, void *ctx,
		 struct raw_counts *counts)
{
	const struct scan s = {file, then, ctx, counts};

	counts->segments++;
	for (size_t at = 0; at + GROUP_HEADER_BYTES <= file.n;
	     at += PAGE_BYTES) {
		const uint8_t *p = file.p + at;
		size_t room = file.n - at - GROUP_HEADER_BYTES;
		size_t n = get_u32(p + 12);

		if (get_u32(p + 8) == GROUP_MAGIC) {
			scan_group(&s, bytes_of(p + GROUP_HEADER_BYTES,
						n < room ? n : room));
		}
	}
}

int
raw_scan_journal(const char *directory, raw_row_fn *then, void *ctx,
		 struct raw_counts *counts)
{
	DIR *d = opendir(directory);
	char path[INPUT_PATH_BYTES];
	struct bytes content;
	struct dirent *e;
	int rc = 0;

	if (d == NULL) {
		return errno == ENOENT ? 0
				       : err_set(ERR_IO, "%s: %s", directory,
						 strerror(errno));
	}
	while (rc == 0 && (e = readdir(d)) != NULL) {
		int n = snprintf(path, sizeof(path), "%s/%s", directory,
				 e->d_name);

		if (e->d_name[0] == '.' || n < 0 ||
		    (size_t)n >= sizeof(path)) {
			continue;
		}
		rc = map(path, &content);
		if (rc == 0) {
			raw_scan_segment(content, then, ctx, counts);
			unmap(content);
		}
	}
	(void)closedir(d);
	return rc;
}
