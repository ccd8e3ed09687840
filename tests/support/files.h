#ifndef SUPPORT_FILES_H
#define SUPPORT_FILES_H

#include "base/buf.h"

/* Whole files, for tests that plant, copy and look at raw bytes. Failures end
 * the test. The caller clears the buffer. */
#define FILE_BYTES_MAX (256u << 20)

void files_read(const char *path, struct buf *out);
void files_write(const char *path, struct bytes content);
void files_copy(const char *from, const char *to);
bool files_exists(const char *path);

/* Whether `needle` stands anywhere in the file. */
bool files_holds(const char *path, struct bytes needle);

#endif
