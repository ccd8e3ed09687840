/* Key files: a small YAML document that its owner alone may read. Nothing here
 * talks to anybody. */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cyaml/cyaml.h>
#include <zmq.h>

#include "base/secret.h"
#include "ninety/client.h"

#define KEY_FILE_BYTES_MAX 4096

static const cyaml_schema_field_t key_fields[] = {
	CYAML_FIELD_STRING("name", CYAML_FLAG_OPTIONAL, struct ninety_key, name,
			   0),
	CYAML_FIELD_STRING("role", CYAML_FLAG_OPTIONAL, struct ninety_key, role,
			   0),
	CYAML_FIELD_STRING("public", CYAML_FLAG_DEFAULT, struct ninety_key,
			   public_key, NINETY_KEY_TEXT_BYTES - 1),
	CYAML_FIELD_STRING("secret", CYAML_FLAG_DEFAULT, struct ninety_key,
			   secret_key, NINETY_KEY_TEXT_BYTES - 1),
	CYAML_FIELD_STRING("server", CYAML_FLAG_OPTIONAL, struct ninety_key,
			   server_key, 0),
	CYAML_FIELD_STRING("endpoint", CYAML_FLAG_OPTIONAL, struct ninety_key,
			   endpoint, 0),
	CYAML_FIELD_END};

static const cyaml_schema_value_t key_schema = {CYAML_VALUE_MAPPING(
	CYAML_FLAG_POINTER, struct ninety_key, key_fields)};

/* Freed memory may have held a secret. cyaml frees by a size of nought; the
 * size that was asked for stands before the block. */
static void *
wiping_memory(void *ctx, void *p, size_t n)
{
	size_t *block = p == NULL ? NULL : (size_t *)p - 2;
	size_t *fresh = NULL;

	(void)ctx;
	if (n > 0) {
		fresh = calloc(1, n + 2 * sizeof(size_t));
		if (fresh == NULL) {
			return NULL;
		}
		*fresh = n;
	}
	if (block != NULL) {
		if (fresh != NULL) {
			memcpy(fresh + 2, p, *block < n ? *block : n);
		}
		secret_wipe(p, *block);
		free(block);
	}
	return fresh == NULL ? NULL : fresh + 2;
}

static const cyaml_config_t yaml = {
	.log_fn = NULL, /* the result says enough, and no secret is printed */
	.mem_fn = wiping_memory,
	.flags = CYAML_CFG_NO_ALIAS};

int
ninety_key_generate(struct ninety_key *key)
{
	return zmq_curve_keypair(key->public_key, key->secret_key) == 0
		       ? NINETY_DONE
		       : NINETY_IO;
}

static int
key_file_load(int fd, uint8_t *text, size_t *out_n)
{
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) != 0) {
		return NINETY_IO;
	}
	if (!S_ISREG(st.st_mode)) {
		return NINETY_BAD_KEY_FILE;
	}
	if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
		return NINETY_KEY_FILE_MODE;
	}
	n = read(fd, text, KEY_FILE_BYTES_MAX);
	if (n < 0) {
		return NINETY_IO;
	}
	if (n == KEY_FILE_BYTES_MAX) {
		return NINETY_BAD_KEY_FILE;
	}
	*out_n = (size_t)n;
	return NINETY_DONE;
}

static int
key_parse(const uint8_t *text, size_t n, struct ninety_key *out_key)
{
	char public_key[NINETY_KEY_TEXT_BYTES];
	uint8_t raw[NINETY_KEY_BYTES];
	struct ninety_key *key = NULL;
	int rc = NINETY_DONE;

	if (cyaml_load_data(text, n, &yaml, &key_schema,
			    (cyaml_data_t **)&key, NULL) != CYAML_OK ||
	    key == NULL) {
		return NINETY_BAD_KEY_FILE;
	}
	if (zmq_curve_public(public_key, key->secret_key) != 0 ||
	    strcmp(public_key, key->public_key) != 0 ||
	    (key->server_key[0] != '\0' &&
	     (strlen(key->server_key) != NINETY_KEY_TEXT_BYTES - 1 ||
	      zmq_z85_decode(raw, key->server_key) == NULL))) {
		rc = NINETY_BAD_KEY_FILE;
	} else {
		*out_key = *key;
	}
	ninety_key_wipe(key);
	(void)cyaml_free(&yaml, &key_schema, key, 0);
	return rc;
}

int
ninety_key_read(const char *path, struct ninety_key *out_key)
{
	uint8_t text[KEY_FILE_BYTES_MAX];
	size_t n = 0;
	int rc;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0) {
		return NINETY_IO;
	}
	rc = key_file_load(fd, text, &n);
	(void)close(fd);
	if (rc == NINETY_DONE) {
		rc = key_parse(text, n, out_key);
	}
	secret_wipe(text, sizeof(text));
	return rc;
}

static int
write_whole(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno != EINTR) {
			return NINETY_IO;
		}
		if (done > 0) {
			p += done;
			n -= (size_t)done;
		}
	}
	return fsync(fd) == 0 ? NINETY_DONE : NINETY_IO;
}

int
ninety_key_write(const char *path, const struct ninety_key *key)
{
	char *text = NULL;
	size_t n = 0;
	int rc;
	int fd;

	if (cyaml_save_data(&text, &n, &yaml, &key_schema, key, 0) !=
	    CYAML_OK) {
		return NINETY_NO_MEMORY;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) {
		rc = NINETY_IO;
	} else {
		rc = write_whole(fd, text, n);
		if (close(fd) != 0 && rc == NINETY_DONE) {
			rc = NINETY_IO;
		}
		if (rc != NINETY_DONE) {
			(void)unlink(path);
		}
	}
	(void)wiping_memory(NULL, text, 0);
	return rc;
}

int
ninety_key_raw(const struct ninety_key *key,
	       unsigned char out_secret[NINETY_KEY_BYTES],
	       unsigned char out_public[NINETY_KEY_BYTES])
{
	return zmq_z85_decode(out_secret, key->secret_key) != NULL &&
			       zmq_z85_decode(out_public, key->public_key) !=
				       NULL
		       ? NINETY_DONE
		       : NINETY_BAD_ARGUMENT;
}

void
ninety_key_wipe(struct ninety_key *key)
{
	if (key != NULL) {
		secret_wipe(key, sizeof(*key));
	}
}
