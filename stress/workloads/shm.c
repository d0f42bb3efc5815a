/* SPDX-License-Identifier: BSD-3-Clause */
/* Shared memory: to create, resize, map and touch it, and to copy through. */
#include "stress.h"

static uint64_t *map(struct st *st, int fd, size_t size)
{
	void *p =
	    st->os->mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED)
		st__failed(st, "mmap");
	return p;
}

struct shm {
	const char *name;
	size_t size, page;
};

/* Every page: what it must hold, and what it holds from now on. */
static void touch(struct st *st, uint64_t *p, const struct shm *s, size_t from,
		  size_t to, uint64_t was, uint64_t becomes)
{
	size_t at;

	for (at = from; at < to; at += s->page) {
		ST_HOLDS(st, p[at / 8] == was,
			 "page %zu holds %" PRIu64 " instead of %" PRIu64,
			 at / s->page, p[at / 8], was);
		p[at / 8] = becomes;
	}
}

static void create(struct st *st, struct st_worker *w, void *arg)
{
	struct shm *s = arg;
	uint64_t *p, n = 0;
	int fd;

	while (st_go(w)) {
		fd = st_shm(st, s->name);
		ST_MUST(st, st->os->ftruncate(fd, (off_t)s->size) == 0);
		p = map(st, fd, s->size);
		touch(st, p, s, 0, s->size, 0, ++n);
		ST_MUST(st, st->os->munmap(p, s->size) == 0);
		ST_MUST(st, st->os->close(fd) == 0);
		ST_MUST(st, st->os->shm_unlink(s->name) == 0);
		st_done(w, 1);
	}
}

/* Grows to twice the size and back: old pages keep, new ones are zero. */
static void resize(struct st *st, struct st_worker *w, void *arg)
{
	struct shm *s = arg;
	int fd = st_shm(st, s->name);
	uint64_t *p, n = 0;

	ST_MUST(st, st->os->ftruncate(fd, (off_t)s->size) == 0);
	while (st_go(w)) {
		ST_MUST(st, st->os->ftruncate(fd, 2 * (off_t)s->size) == 0);
		p = map(st, fd, 2 * s->size);
		touch(st, p, s, 0, s->size, n, n + 1);
		touch(st, p, s, s->size, 2 * s->size, 0, 7);
		n++;
		ST_MUST(st, st->os->munmap(p, 2 * s->size) == 0);
		ST_MUST(st, st->os->ftruncate(fd, (off_t)s->size) == 0);
		st_done(w, 1);
	}
	ST_MUST(st, st->os->close(fd) == 0);
	ST_MUST(st, st->os->shm_unlink(s->name) == 0);
}

/* Of what is there already: each mapping shows what the last one wrote. */
static void mapping(struct st *st, struct st_worker *w, void *arg)
{
	struct shm *s = arg;
	int fd = st_shm(st, s->name);
	uint64_t *p, n;

	ST_MUST(st, st->os->ftruncate(fd, (off_t)s->size) == 0);
	p = map(st, fd, s->size);
	touch(st, p, s, 0, s->size, 0, 1);
	ST_MUST(st, st->os->munmap(p, s->size) == 0);
	for (n = 0; st_go(w); n++) {
		p = map(st, fd, s->size);
		ST_HOLDS(st, p[1] == n,
			 "a mapping sees %" PRIu64 " instead of %" PRIu64, p[1],
			 n);
		p[1] = n + 1;
		ST_MUST(st, st->os->munmap(p, s->size) == 0);
		st_done(w, 1);
	}
	ST_MUST(st, st->os->close(fd) == 0);
	ST_MUST(st, st->os->shm_unlink(s->name) == 0);
}

static void fault(struct st *st, struct st_worker *w, void *arg)
{
	struct shm *s = arg;
	int fd = st_shm(st, s->name);
	unsigned pages = (unsigned)(s->size / s->page);
	uint64_t *p;

	while (st_go(w)) {
		ST_MUST(st, st->os->ftruncate(fd, 0) == 0);
		ST_MUST(st, st->os->ftruncate(fd, (off_t)s->size) == 0);
		p = map(st, fd, s->size);
		st_restart_clock(w);
		touch(st, p, s, 0, s->size, 0, 1);
		st_done(w, pages);
		ST_MUST(st, st->os->munmap(p, s->size) == 0);
	}
	ST_MUST(st, st->os->close(fd) == 0);
	ST_MUST(st, st->os->shm_unlink(s->name) == 0);
}

/* One writer and one reader of two blocks, each block with its number. */
struct copy {
	struct shm shm;
	struct st_wire full, empty;
	_Atomic bool *over;
};

static uint64_t *attach(struct st *st, const struct shm *s)
{
	int fd = st->os->shm_open(s->name, O_RDWR, 0);
	uint64_t *p;

	if (fd < 0)
		st__failed(st, "shm_open");
	p = map(st, fd, 2 * s->size);
	ST_MUST(st, st->os->close(fd) == 0);
	return p;
}

static void writer(struct st *st, struct st_worker *w, void *arg)
{
	struct copy *c = arg;
	uint64_t *p = attach(st, &c->shm), *block, n;
	size_t i, words = c->shm.size / 8;

	for (n = 1; st_go(w); n++) {
		st_await(st, &c->empty);
		block = p + (n % 2) * words;
		for (i = 0; i < words; i++)
			block[i] = n;
		st_tell(st, &c->full);
	}
	*c->over = true;
	st_tell(st, &c->full);
}

static void reader(struct st *st, struct st_worker *w, void *arg)
{
	struct copy *c = arg;
	uint64_t *p = attach(st, &c->shm), *block, n, differs;
	size_t i, words = c->shm.size / 8;

	for (n = 1;; n++) {
		st_await(st, &c->full);
		if (*c->over)
			break;
		block = p + (n % 2) * words;
		for (differs = i = 0; i < words; i++)
			differs |= block[i] ^ n;
		ST_HOLDS(st, differs == 0,
			 "torn block: number %" PRIu64 " is not all there", n);
		st_go(w);
		st_done(w, 1);
		st_tell(st, &c->empty);
	}
}

static struct shm shm(struct st *st, size_t size)
{
	struct shm s = {.name = st_name(st, 'm'), .size = size};

	s.page = (size_t)st->os->sysconf(_SC_PAGESIZE);
	st_note(st, "bytes", (long long)size);
	return s;
}

static void alone(struct st *st, st_body *body, size_t size)
{
	struct shm s = shm(st, size);

	st_start(st, 0, body, &s);
	st_measure(st, NULL);
}

static const struct st_variant sizes[] = {
    {"4k", {4096}, true}, {"1m", {1 << 20}, true}, {NULL}};
static const struct st_variant blocks[] = {
    {"4k", {4096}}, {"64k", {65536}, true}, {"1m", {1 << 20}}, {NULL}};

ST_WORKLOAD(shm_create, .id = "shm/create", .op = "create to unlink",
	    .text = "create, size, map, touch, remove: new pages are zero",
	    .variants = sizes)
{
	alone(st, create, (size_t)st_param(st, 0));
}

ST_WORKLOAD(shm_resize, .id = "shm/resize", .op = "resize",
	    .text = "grow and shrink: pages are kept, and new ones are zero",
	    .variants = sizes)
{
	alone(st, resize, (size_t)st_param(st, 0));
}

ST_WORKLOAD(shm_map, .id = "shm/map", .op = "map and unmap",
	    .text = "map, touch one page, unmap: what was written is kept",
	    .variants = sizes)
{
	alone(st, mapping, (size_t)st_param(st, 0));
}

ST_WORKLOAD(shm_fault, .id = "shm/fault", .op = "first touch of a page",
	    .text = "256 pages (the mean of a batch): each is zero",
	    .smoke = true)
{
	alone(st, fault, 256 * (size_t)st->os->sysconf(_SC_PAGESIZE));
}

ST_WORKLOAD(shm_copy, .id = "shm/copy", .op = "block",
	    .text = "blocks from process to process: never torn",
	    .variants = blocks)
{
	struct copy c = {.shm = shm(st, (size_t)st_param(st, 0)),
			 .full = st_wire(st),
			 .empty = st_wire(st)};
	int fd = st_shm(st, c.shm.name);

	ST_MUST(st, st->os->ftruncate(fd, 2 * (off_t)c.shm.size) == 0);
	c.over = st_memory(st, sizeof(*c.over));
	st_start(st, 0, reader, &c);
	st_start(st, 1, writer, &c);
	st_tell(st, &c.empty);
	st_tell(st, &c.empty);
	st_measure(st, NULL);
	ST_MUST(st, st->os->close(fd) == 0);
	ST_MUST(st, st->os->shm_unlink(c.shm.name) == 0);
}
