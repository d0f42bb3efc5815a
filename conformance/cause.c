/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Groups red cases by cause: one bug makes many cases red, and the one to look
 * at first is the one that builds on no other red case.
 *
 * A case belongs to the entry of ct_builds_on[] that ct_cause_of[] says.  The
 * cases themselves are not looked at: pipc-stress has the report and no cases.
 * The root of a red case is the capability that it needs, when the case of that
 * capability is red; otherwise the first red entry without red ones below it
 * that is found from its own entry downwards.
 */
#include "cause.h"

#include "run.h"

#include <stdlib.h>
#include <string.h>

#define CAUSES 4 /* lines with a cause of their own */
#define NAMES 6	 /* ids or topics in a line */

struct red {
	const struct ct_case *self;
	size_t order;		/* among all cases */
	int entry;		/* of ct_builds_on[]; -1: none */
	const struct red *root; /* itself, when it builds on no red case */
	unsigned further;	/* of the root: how many build on it */
};

static struct red *reds;
static size_t reds_n;

/* Is the topic or id a part of this id that ends before a dot? */
static bool part_of(const char *part, const char *id)
{
	size_t n = strlen(part);

	return strncmp(part, id, n) == 0 && (id[n] == '\0' || id[n] == '.');
}

void ct_cause_clear(void)
{
	free(reds);
	reds = NULL;
	reds_n = 0;
}

void ct_cause_add(const struct ct_case *self)
{
	struct red *grown;
	size_t i, at;

	for (i = 0; ct_cause_of[i].id != NULL; i++)
		if (strcmp(ct_cause_of[i].id, self->id) == 0)
			break;
	if (ct_cause_of[i].id == NULL)
		return;
	/* Kept in the order of the cases, however they ended. */
	for (at = 0; at < reds_n && reds[at].order < i; at++)
		continue;
	if (at < reds_n && reds[at].order == i)
		return; /* run more than once */
	grown = realloc(reds, (reds_n + 1) * sizeof(*reds));
	if (grown == NULL)
		return; /* this is only a help */
	reds = grown;
	memmove(&reds[at + 1], &reds[at], (reds_n - at) * sizeof(*reds));
	reds[at] = (struct red){
	    .self = self, .order = i, .entry = ct_cause_of[i].entry};
	reds_n++;
}

#define CAPABILITY "capability."

/* The red case "capability.NAME", which has '-' where the name has '_'. */
static const struct red *red_capability(const char *name, size_t n)
{
	const char *id;
	size_t i, k;

	for (i = 0; i < reds_n; i++) {
		id = reds[i].self->id;
		if (!part_of("capability", id))
			continue;
		id += sizeof(CAPABILITY) - 1;
		for (k = 0; k < n; k++)
			if (id[k] != (name[k] == '_' ? '-' : name[k]))
				break;
		if (k == n && id[n] == '\0')
			return &reds[i];
	}
	return NULL;
}

/* The same, or that of what it extends: sem for sem_timedwait. */
static const struct red *capability_or_base(const char *name)
{
	const struct red *base = red_capability(name, strcspn(name, "_-"));

	return base != NULL ? base : red_capability(name, strlen(name));
}

/* The red capability that a case needs, or NULL. */
static const struct red *needed(const struct red *r)
{
	const struct ct_capability *c;
	const struct red *found;

	if (part_of("capability", r->self->id))
		return capability_or_base(r->self->id + sizeof(CAPABILITY) - 1);
	for (c = ct_capabilities; c->name != NULL; c++)
		if ((r->self->needs & c->need) != 0 &&
		    (found = capability_or_base(c->name)) != NULL)
			return found;
	return NULL;
}

/* The root below an entry, the entry itself included; NULL: nothing is red. */
static const struct red *root_of(int entry, bool *visited)
{
	const struct red *root;
	const short *on;
	size_t i;

	if (visited[entry])
		return NULL;
	visited[entry] = true;
	for (on = ct_builds_on[entry].on; *on >= 0; on++)
		if ((root = root_of(*on, visited)) != NULL)
			return root;
	for (i = 0; i < reds_n; i++)
		if (reds[i].entry == entry)
			return (root = needed(&reds[i])) != NULL ? root
								 : &reds[i];
	return NULL;
}

static void find_roots(void)
{
	size_t entries = 0, i;
	bool *visited;

	while (ct_builds_on[entries].id != NULL)
		entries++;
	visited = malloc(entries + 1);
	for (i = 0; i < reds_n; i++) {
		struct red *r = &reds[i];

		r->further = 0;
		r->root = needed(r);
		if (r->root == NULL && r->entry >= 0 && visited != NULL) {
			memset(visited, 0, entries + 1);
			r->root = root_of(r->entry, visited);
		}
		if (r->root == NULL)
			r->root = r;
	}
	free(visited);
	for (i = 0; i < reds_n; i++)
		if (reds[i].root != &reds[i])
			reds[reds[i].root - reds].further++;
}

/* The length of "sem.open" in "sem.open.crex-existing". */
static size_t topic_length(const char *id)
{
	size_t n = strcspn(id, ".");

	return id[n] == '.' ? n + 1 + strcspn(id + n + 1, ".") : n;
}

static bool same_topic(const struct red *a, const struct red *b)
{
	size_t n = topic_length(a->self->id);

	return n == topic_length(b->self->id) &&
	       strncmp(a->self->id, b->self->id, n) == 0;
}

struct topic {
	const struct red *first;
	unsigned n;
};

static int by_count(const void *a, const void *b)
{
	const struct topic *x = a, *y = b;

	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return x->first < y->first ? -1 : 1;
}

/* The topics of what builds on a root, with counts, the largest first. */
static void print_topics(FILE *f, const struct red *root)
{
	struct topic *topics = calloc(reds_n, sizeof(*topics));
	size_t i, k, n = 0;

	for (i = 0; topics != NULL && i < reds_n; i++) {
		if (reds[i].root != root || &reds[i] == root)
			continue;
		for (k = 0; k < n && !same_topic(topics[k].first, &reds[i]);)
			k++;
		if (k == n)
			topics[n++].first = &reds[i];
		topics[k].n++;
	}
	if (n > 1)
		qsort(topics, n, sizeof(*topics), by_count);
	for (i = 0; i < n && i < NAMES; i++)
		fprintf(f, "%s%.*s %u", i > 0 ? ", " : "",
			(int)topic_length(topics[i].first->self->id),
			topics[i].first->self->id, topics[i].n);
	fputs(n > NAMES ? ", ..." : "", f);
	free(topics);
}

/* The root with the most further cases, of those not printed yet. */
static struct red *next_root(const bool *printed)
{
	struct red *best = NULL;
	size_t i;

	for (i = 0; i < reds_n; i++)
		if (reds[i].root == &reds[i] && !printed[i] &&
		    (best == NULL || reds[i].further > best->further))
			best = &reds[i];
	return best;
}

void ct_cause_print(FILE *f)
{
	unsigned lines, shown = 0, left = 0;
	bool *printed;
	struct red *r;
	size_t i;

	if (reds_n < 2 || (printed = calloc(reds_n, 1)) == NULL)
		return;
	find_roots();
	for (lines = 0; lines < CAUSES; lines++) {
		r = next_root(printed);
		if (r == NULL || r->further == 0)
			break;
		printed[r - reds] = true;
		fprintf(f, "# look first at: %s (%u further red case%s on it: ",
			r->self->id, r->further,
			r->further == 1 ? " builds" : "s build");
		print_topics(f, r);
		fputs(")\n", f);
	}
	for (i = 0; i < reds_n; i++)
		left += reds[i].root == &reds[i] && !printed[i];
	for (; shown < NAMES && (r = next_root(printed)) != NULL; shown++) {
		printed[r - reds] = true;
		fprintf(f, "%s%s",
			shown > 0    ? ", "
			: lines == 0 ? "# red, and independent of each other: "
				     : "# red, and independent of these: ",
			r->self->id);
	}
	if (left > shown)
		fprintf(f, ", and %u more", left - shown);
	fputs(shown > 0 ? "\n" : "", f);
	free(printed);
}
