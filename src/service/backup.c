/*
 * Backups. The job's reading happens on a reader thread after everything that
 * was answered before is applied, so that the copy holds all of it. The log's
 * checkpoint is copied before its tiles: tiles only grow, so the copy holds
 * what its checkpoint promises.
 */

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/pack.h"
#include "service/backup.h"
#include "service/state.h"

#define PATH_BYTES_MAX 1024
#define COPY_BYTES 65536

static const struct field backup_create_in_fields[] = {
	F_WORD(struct backup_create_in, directory, 0, PATH_BYTES_MAX / 2,
	       "absolute path on the service's machine; must not exist"),
};
const struct field_table backup_create_in_table =
	FIELD_TABLE(struct backup_create_in, backup_create_in_fields);

static const struct field backup_create_out_fields[] = {
	F_MUST(struct backup_create_out, directory, FIELD_TEXT, "as given"),
	F_INT(struct backup_create_out, leaves, 0, 0, 0,
	      "of the log when it began: the backup holds at least these"),
	F_INT(struct backup_create_out, files, 0, 0, 0, "of the log, copied"),
	F_INT(struct backup_create_out, bytes, 0, 0, 0, "of those files"),
};
const struct field_table backup_create_out_table =
	FIELD_TABLE(struct backup_create_out, backup_create_out_fields);

int
backup_create(struct call *c, const void *in, void *out)
{
	const struct backup_create_in *i = in;
	struct value state = value_object();
	struct id job;
	uint64_t leaves;
	int rc;

	(void)out;
	if (i->directory[0] != '/') {
		return err_field(ERR_INVALID, "directory",
				 "must be an absolute path");
	}
	if (access(i->directory, F_OK) == 0) {
		return err_field(ERR_EXISTS, "directory",
				 "a backup goes into a new folder");
	}
	rc = txn_counter_get(c->txn, "log.size", &leaves);
	if (rc == 0) {
		rc = value_add(&state, c->arena, "directory",
			       value_text(i->directory));
	}
	if (rc == 0) {
		rc = value_add(&state, c->arena, "leaves",
			       value_int((int64_t)leaves));
	}
	if (rc == 0) {
		rc = job_start(c, backup_job.name, state, &job);
	}
	if (rc == 0) {
		job_answers(c, job);
	}
	return rc;
}

static int
os_error(const char *what)
{
	return err_set(errno == ENOSPC || errno == EDQUOT ? ERR_FULL : ERR_IO,
		       "backup: %s: errno %d", what, errno);
}

static int
bytes_copy(int from, int to, int64_t *bytes)
{
	static _Thread_local uint8_t block[COPY_BYTES];
	ssize_t n;

	while ((n = read(from, block, sizeof(block))) > 0) {
		for (ssize_t done = 0; done < n;) {
			ssize_t m = write(to, block + done,
					  (size_t)(n - done));

			if (m < 0) {
				return os_error("write");
			}
			done += m;
		}
		*bytes += n;
	}
	if (n < 0) {
		return os_error("read");
	}
	return fsync(to) == 0 ? 0 : os_error("fsync");
}

static int
file_copy(const char *from, const char *to, int64_t *bytes)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out;
	int rc;

	if (in < 0) {
		/* A partial tile that has become full meanwhile. */
		return errno == ENOENT ? 0 : os_error("open");
	}
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	rc = out < 0 ? os_error("create") : bytes_copy(in, out, bytes);
	(void)close(in);
	if (out >= 0) {
		(void)close(out);
	}
	return rc;
}

struct copied {
	int64_t files;
	int64_t bytes;
};

static int
entry_copy(const FTSENT *e, const char *root, const char *to,
	   struct copied *copied)
{
	char path[PATH_BYTES_MAX * 2];

	(void)snprintf(path, sizeof(path), "%s%s", to,
		       e->fts_path + strlen(root));
	switch (e->fts_info) {
	case FTS_D:
		if (mkdir(path, 0700) != 0 && errno != EEXIST) {
			return os_error("mkdir");
		}
		return 0;
	case FTS_F:
		/* The checkpoint went first. */
		if (e->fts_level == 1 && strcmp(e->fts_name, "checkpoint") == 0) {
			return 0;
		}
		copied->files++;
		return file_copy(e->fts_path, path, &copied->bytes);
	default:
		return 0;
	}
}

static int
log_copy(const char *log, const char *to, struct copied *copied)
{
	char from[PATH_BYTES_MAX];
	char path[PATH_BYTES_MAX * 2];
	char *roots[] = {from, NULL};
	FTS *fts;
	FTSENT *e;
	int rc;

	(void)snprintf(from, sizeof(from), "%s/checkpoint", log);
	(void)snprintf(path, sizeof(path), "%s/checkpoint", to);
	if (mkdir(to, 0700) != 0) {
		return os_error("mkdir");
	}
	rc = file_copy(from, path, &copied->bytes);
	(void)snprintf(from, sizeof(from), "%s", log);
	fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	if (fts == NULL) {
		return os_error("walk");
	}
	while (rc == 0 && (e = fts_read(fts)) != NULL) {
		rc = entry_copy(e, log, to, copied);
	}
	(void)fts_close(fts);
	return rc;
}

static int
backup_read(struct call *c, const struct job *job, struct buf *result)
{
	const char *directory = value_get_text(&job->state, "directory");
	char log[PATH_BYTES_MAX];
	struct copied copied = {0, 0};
	struct packer p = {.to = result};
	int rc;

	if (directory == NULL || strlen(directory) > sizeof(log) - 8) {
		return err_set(ERR_INTERNAL, "a backup without a directory");
	}
	if (mkdir(directory, 0700) != 0) {
		return errno == EEXIST || errno == ENOENT ||
				       errno == EACCES || errno == ENOTDIR ||
				       errno == EROFS
			       ? err_field(ERR_INVALID, "directory",
					   "the service cannot make it there")
			       : os_error("mkdir");
	}
	(void)snprintf(log, sizeof(log), "%s/log", directory);
	rc = log_copy(c->core->config.log, log, &copied);
	if (rc == 0) {
		rc = store_copy(c->core->store, directory);
	}
	if (rc == 0) {
		pack_i64(&p, copied.files);
		pack_i64(&p, copied.bytes);
		rc = p.rc;
	}
	return rc;
}

static int
backup_step(struct call *c, struct job *job, enum job_next *out_next)
{
	struct backup_create_out *out;
	const struct value *leaves = value_get(&job->state, "leaves");
	struct unpacker u = {.from = job->result};

	if (!job->has_result) {
		*out_next = JOB_SNAPSHOT;
		return 0;
	}
	out = ARENA_NEW(c->arena, struct backup_create_out);
	if (out == NULL || leaves == NULL) {
		return err_set(ERR_NOMEM, "no memory for a backup's answer");
	}
	out->directory = value_get_text(&job->state, "directory");
	out->leaves = leaves->number;
	out->files = unpack_i64(&u);
	out->bytes = unpack_i64(&u);
	job->answer_rc = job->result_rc;
	job->answer = out;
	*out_next = JOB_DONE;
	return call_leaf(c, (struct call_leaf){.type = LEAF_BACKUP,
					       .outcome = job->result_rc,
					       .log_slot = SLOT_NONE});
}

const struct job_kind backup_job = {"backup", backup_step, backup_read};
