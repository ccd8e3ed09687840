/* What Linux counts of this process: writes on their way to the disk, for the
 * whole or for one thread, and locked memory. */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "erase.h"

#define PATH_BYTES 320
#define LINE_BYTES 256

/* The number after `name` in a file of lines "name: number". */
static uint64_t
number_in(const char *path, const char *name)
{
	char line[LINE_BYTES];
	uint64_t v = 0;
	FILE *f = fopen(path, "re");

	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		if (strncmp(line, name, strlen(name)) == 0) {
			v = strtoull(line + strlen(name), NULL, 10);
		}
	}
	if (f != NULL) {
		(void)fclose(f);
	}
	return v;
}

static int
is_named(const char *task, const char *thread)
{
	char path[PATH_BYTES];
	char line[LINE_BYTES] = "";
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/self/task/%s/comm", task);
	f = fopen(path, "re");
	if (f != NULL) {
		if (fgets(line, sizeof(line), f) != NULL) {
			line[strcspn(line, "\n")] = '\0';
		}
		(void)fclose(f);
	}
	return strcmp(line, thread) == 0;
}

uint64_t
written_bytes(const char *thread)
{
	static const char name[] = "wchar:";
	char path[PATH_BYTES];
	uint64_t v = 0;
	struct dirent *e;
	DIR *d;

	if (thread == NULL) {
		return number_in("/proc/thread-self/io", name);
	}
	if (*thread == '\0') {
		return number_in("/proc/self/io", name);
	}
	d = opendir("/proc/self/task");
	while (d != NULL && (e = readdir(d)) != NULL) {
		if (e->d_name[0] != '.' && is_named(e->d_name, thread)) {
			(void)snprintf(path, sizeof(path),
				       "/proc/self/task/%s/io", e->d_name);
			v += number_in(path, name);
		}
	}
	if (d != NULL) {
		(void)closedir(d);
	}
	return v;
}

uint64_t
locked_bytes(void)
{
	return number_in("/proc/self/status", "VmLck:") * 1024;
}
