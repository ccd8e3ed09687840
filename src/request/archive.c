/* A zip in memory, by libzip. */
#include "request/archive.h"

#include <zip.h>

#include "base/timefmt.h"

static int
failed(const char *what)
{
	return err_set(ERR_NOMEM, "no zip could be made: %s", what);
}

/* The archive takes the sources over; on failure it is the caller's. */
static int
files_add(zip_t *zip, const struct archive_file *files, size_t n,
	  int64_t at_ms)
{
	for (size_t i = 0; i < n; i++) {
		zip_source_t *content = zip_source_buffer(
			zip, files[i].content.p, files[i].content.n, 0);
		zip_int64_t at;

		if (content == NULL) {
			return failed("a file's content");
		}
		at = zip_file_add(zip, files[i].name, content,
				  ZIP_FL_ENC_UTF_8);
		if (at < 0) {
			zip_source_free(content);
			return failed("a file");
		}
		if (zip_file_set_mtime(zip, (zip_uint64_t)at,
				       (time_t)(at_ms / MS_PER_SECOND),
				       0) != 0) {
			return failed("a file's time");
		}
	}
	return 0;
}

static int
source_read(zip_source_t *source, struct buf *to)
{
	zip_stat_t stat;
	uint8_t *place;
	int rc = 0;

	if (zip_source_stat(source, &stat) != 0 ||
	    (stat.valid & ZIP_STAT_SIZE) == 0 ||
	    zip_source_open(source) != 0) {
		return failed("reading it");
	}
	place = buf_room(to, stat.size);
	if (place == NULL) {
		rc = err_set(ERR_TOO_LARGE, "the bundle is too large");
	} else if (zip_source_read(source, place, stat.size) !=
		   (zip_int64_t)stat.size) {
		rc = failed("reading it");
	} else {
		buf_grown(to, stat.size);
	}
	zip_source_close(source);
	return rc;
}

int
archive_make(const struct archive_file *files, size_t n, int64_t at_ms,
	     struct buf *to)
{
	zip_source_t *source = zip_source_buffer_create(NULL, 0, 0, NULL);
	zip_t *zip;
	int rc;

	if (source == NULL) {
		return failed("a buffer");
	}
	/* Opening takes one reference over; the content is read by another. */
	zip_source_keep(source);
	zip = zip_open_from_source(source, ZIP_CREATE | ZIP_TRUNCATE, NULL);
	if (zip == NULL) {
		zip_source_free(source);
		zip_source_free(source);
		return failed("opening it");
	}
	rc = files_add(zip, files, n, at_ms);
	if (rc != 0) {
		zip_discard(zip);
	} else if (zip_close(zip) != 0) {
		zip_discard(zip);
		rc = failed("closing it");
	}
	if (rc == 0) {
		rc = source_read(source, to);
	}
	zip_source_free(source);
	return rc;
}
