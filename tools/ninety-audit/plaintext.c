/* The files in which plaintext is looked for, one after the other. What
 * plaintext looks like is known to shapes.c. */

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "instance.h"
#include "plaintext.h"

#define DESCRIPTORS_MAX 16

/* nftw carries no context. */
static struct plaintext *looking;
static const struct config *looked_at;

static bool
lies_in(const char *path, const char *directory)
{
	size_t n = directory == NULL ? 0 : strlen(directory);

	return n > 0 && strncmp(path, directory, n) == 0 &&
	       (path[n] == '/' || path[n] == '\0');
}

/* What people write and read: Z85 and addresses of authors are no finds. */
static bool
is_for_people(const char *path, const struct config *c)
{
	char settings[INPUT_PATH_BYTES], public_key[INPUT_PATH_BYTES];

	path_join(settings, c->dir, "ninety.yaml");
	path_join(public_key, c->dir, "server.pub");
	return lies_in(path, c->policies) || lies_in(path, c->clients) ||
	       strcmp(path, c->server_key) == 0 ||
	       strcmp(path, settings) == 0 || strcmp(path, public_key) == 0 ||
	       (c->passphrase_file != NULL &&
		strcmp(path, c->passphrase_file) == 0);
}

static uint64_t
total(const struct shape_counts *s)
{
	return s->emails + s->cards + s->addresses;
}

static void
look_for_shapes(struct plaintext *p, const char *path, struct bytes content)
{
	uint64_t before = total(&p->chance);
	struct shape_counts here = {0};
	uint64_t chance;

	shapes_count(content, &here);
	shapes_count_random(content.n, &p->chance);
	chance = total(&p->chance) - before;
	if (total(&here) > chance) {
		report_fault(p->report,
			     "%s: looks like plaintext: %" PRIu64
			     " e-mail addresses, %" PRIu64
			     " card numbers, %" PRIu64
			     " IP addresses; by chance %" PRIu64 " of them all",
			     path, here.emails, here.cards, here.addresses,
			     chance);
	}
	p->shapes.emails += here.emails;
	p->shapes.cards += here.cards;
	p->shapes.addresses += here.addresses;
}

static void
look_into(struct plaintext *p, const char *path, struct bytes content)
{
	size_t canary = canaries_find(p->canaries, content);

	p->files++;
	p->bytes += content.n;
	if (canary != 0) {
		report_fault(p->report, "%s: canary %zu stands in it", path,
			     canary);
	}
	if (!is_for_people(path, looked_at)) {
		look_for_shapes(p, path, content);
	}
}

static int
look_at(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	struct plaintext *p = looking;
	void *content;
	int fd;

	(void)ftw;
	if (flag != FTW_F && flag != FTW_D) {
		return 0;
	}
	if ((st->st_mode & S_IWOTH) != 0) {
		report_fault(p->report, "%s: anybody may write to it", path);
	}
	/* Whoever may read a client's key is that client. */
	if (flag == FTW_F && lies_in(path, looked_at->clients) &&
	    (st->st_mode & (S_IRWXG | S_IRWXO)) != 0) {
		report_fault(p->report, "%s: others may read a client's key",
			     path);
	}
	if (flag == FTW_D || !S_ISREG(st->st_mode) || st->st_size == 0) {
		return 0;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	content = fd < 0 ? MAP_FAILED
			 : mmap(NULL, (size_t)st->st_size, PROT_READ,
				MAP_PRIVATE, fd, 0);
	if (content == MAP_FAILED) {
		report_fault(p->report, "%s: %s", path, strerror(errno));
	} else {
		look_into(p, path, bytes_of(content, (size_t)st->st_size));
		(void)munmap(content, (size_t)st->st_size);
	}
	if (fd >= 0) {
		(void)close(fd);
	}
	return 0;
}

static void
look_under(const char *path)
{
	if (nftw(path, look_at, DESCRIPTORS_MAX, FTW_PHYS) != 0) {
		report_fault(looking->report, "%s: %s", path, strerror(errno));
	}
}

/* What lies within the instance's own folder is looked at there. */
static void
look_elsewhere(const char *path, const char *instance)
{
	char *real = path == NULL ? NULL : realpath(path, NULL);

	if (real != NULL && !lies_in(real, instance)) {
		look_under(real);
	}
	free(real);
}

void
plaintext_look(struct plaintext *p, const struct config *c)
{
	char *instance = realpath(c->dir, NULL);
	char head[INPUT_PATH_BYTES];

	looking = p;
	looked_at = c;
	look_under(c->dir);
	look_elsewhere(c->store, instance);
	look_elsewhere(c->keys, instance);
	look_elsewhere(c->log, instance);
	look_elsewhere(c->archive, instance);
	for (size_t i = 0; i < c->n_key_mirrors; i++) {
		look_elsewhere(c->key_mirrors[i], instance);
	}
	for (size_t i = 0; i < c->n_keystores; i++) {
		look_elsewhere(c->keystores[i], instance);
	}
	instance_head(c, head);
	look_elsewhere(head, instance);
	free(instance);
}
