/* SPDX-License-Identifier: BSD-3-Clause */
/* What was not checked, and why: a line for each cause, not for each case. */
#include "unchecked.h"

#include <stdlib.h>
#include <string.h>

static struct ct_unchecked list[CT_CAUSES];
static unsigned causes, all, more;

/* The place in the sources is of no use to those who look for the cause. */
static const char *without_place(const char *text)
{
	static const char set_up[] = "set-up ";
	const char *p = text;
	size_t n;

	if (strncmp(p, set_up, sizeof(set_up) - 1) == 0)
		p += sizeof(set_up) - 1;
	n = strcspn(p, " \n");
	return n > 1 && p[n] == ' ' && p[n - 1] == ':' &&
		       strstr(p, ".c:") != NULL && strstr(p, ".c:") < p + n
		   ? p + n + 1
		   : text;
}

static struct ct_unchecked *cause_of(const char *what, const char *why)
{
	unsigned i;

	for (i = 0; i < causes; i++)
		if (strcmp(list[i].what, what) == 0 &&
		    strcmp(list[i].why, why) == 0)
			return &list[i];
	if (causes == CT_CAUSES)
		return NULL;
	snprintf(list[causes].what, sizeof(list[0].what), "%s", what);
	snprintf(list[causes].why, sizeof(list[0].why), "%s", why);
	return &list[causes++];
}

/*
 * The capability that a reason "mq: mq_open: EMFILE; ..." names, if the case is
 * about it or needs it.  Results of an earlier log have this text alone.
 */
static const struct ct_capability *named(const struct ct_case *self,
					 const char *why)
{
	const struct ct_capability *c;
	size_t n;

	for (c = ct_capabilities; c->name != NULL; c++) {
		n = strlen(c->name);
		if (strncmp(why, c->name, n) == 0 &&
		    strncmp(why + n, ": ", 2) == 0 &&
		    ((self->needs & c->need) ||
		     c == ct_capability_of_case(self->id)))
			return c;
	}
	return NULL;
}

void ct_unchecked_add(const struct ct_result *r)
{
	const char *text = without_place(r->messages), *kind, *remedy;
	const struct ct_capability *lack;
	struct ct_unchecked *u;
	char why[400], cause[410];

	all++;
	snprintf(why, sizeof(why), "%.*s", (int)strcspn(text, "\n"), text);
	lack = named(r->self, why);
	u = lack != NULL ? cause_of(lack->name, why + strlen(lack->name) + 2)
			 : cause_of(r->self->id, why);
	if (u == NULL) {
		more++;
		return;
	}
	/* The capability's own case is no loss of its own. */
	u->cases += ct_capability_of_case(r->self->id) == NULL;
	if (u->asked || (lack == NULL && strchr(why, ';') == NULL))
		return;
	u->asked = true;	       /* signs take their time */
	why[strcspn(why, ";")] = '\0'; /* the cause, without its sign */
	kind = lack == NULL ? ct_kind_of(why) : NULL;
	snprintf(cause, sizeof(cause), "%s%s%s", kind != NULL ? kind : "",
		 kind != NULL ? ": " : "", why);
	remedy = ct_remedy(cause);
	snprintf(u->remedy, sizeof(u->remedy), "%s",
		 remedy != NULL ? remedy : "");
}

unsigned ct_unchecked_all(void)
{
	return all;
}

const struct ct_unchecked *ct_unchecked_cause(unsigned i)
{
	return i < causes ? &list[i] : NULL;
}

void ct_unchecked_print(FILE *f)
{
	const struct ct_unchecked *u;

	for (u = list; u < list + causes; u++) {
		if (u->cases == 0 && causes > 1)
			continue; /* its cases need something else, too */
		fprintf(f, "# not checked: %s, %u case%s: %s%s%s\n", u->what,
			u->cases, u->cases == 1 ? "" : "s", u->why,
			u->remedy[0] != '\0' ? "; remedy: " : "", u->remedy);
	}
	if (more != 0)
		fprintf(f, "# not checked: %u more cases, for other causes\n",
			more);
}
