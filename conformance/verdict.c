/* SPDX-License-Identifier: BSD-3-Clause */
/* Turns outcomes into verdicts: what was not learned is not green. */
#include "notes.h"
#include "options.h"

#include <stdio.h>
#include <string.h>

static const char *required; /* by --require */
static bool allowed;	     /* --allow-unchecked */

const char *const ct_verdict_names[] = {"ok",	      "xfail",	"xpass",
					"regression", "absent", "unchecked"};

static bool capability_named(const char *word, size_t n)
{
	const struct ct_capability *c;

	for (c = ct_capabilities; c->name != NULL; c++)
		if (strlen(c->name) == n && strncmp(c->name, word, n) == 0)
			return true;
	return false;
}

static const char *capability_name(size_t i)
{
	return ct_capabilities[i].name;
}

bool ct_require(const char *list)
{
	const char *p;
	char word[40];
	size_t n;

	for (p = list;; p += n + 1) {
		n = strcspn(p, ",");
		if (!capability_named(p, n)) {
			snprintf(word, sizeof(word), "%.*s", (int)n, p);
			ct_bad("no such capability", word,
			       ct_nearest(word, capability_name));
			return false;
		}
		if (p[n] == '\0')
			break;
	}
	required = list;
	return true;
}

void ct_allow_unchecked(void)
{
	allowed = true;
}

bool ct_unchecked_allowed(void)
{
	return allowed;
}

bool ct_known(void)
{
	const struct ct_provision *p;
	size_t i;

	for (i = 0; (p = ct_provision_at(i)) != NULL; i++)
		if (ct_describes(p->match))
			return true;
	return required != NULL;
}

static bool in_list(const char *list, const char *name)
{
	size_t n, length = strlen(name);

	for (; *list != '\0'; list += n) {
		list += strspn(list, ", ");
		n = strcspn(list, ", ");
		if (n == length && strncmp(list, name, n) == 0)
			return true;
	}
	return false;
}

bool ct_provided(const char *capability)
{
	const struct ct_provision *p;
	size_t i;

	if (required != NULL)
		return in_list(required, capability);
	for (i = 0; (p = ct_provision_at(i)) != NULL; i++)
		if (ct_describes(p->match) &&
		    in_list(p->capabilities, capability))
			return true;
	return false;
}

enum ct_verdict ct_judge_lack(const struct ct_capability *c)
{
	bool is_provided = ct_provided(c->name);

	if (c->state == CT_ABSENT && !is_provided)
		return CT_VERDICT_ABSENT;
	if (allowed)
		return CT_VERDICT_UNCHECKED;
	if (required != NULL && is_provided)
		return CT_REGRESSION;
	/* Privileges are the run's: nothing is to be known of the system. */
	if (c->need == CT_NEED_UIDS)
		return CT_VERDICT_UNCHECKED;
	/* Of a system that nothing is known of no cause excuses a refusal. */
	return c->explained && ct_known() ? CT_VERDICT_UNCHECKED
					  : CT_REGRESSION;
}

/* "capability.sem-init" is the case of "sem_init". */
const struct ct_capability *ct_capability_of_case(const char *id)
{
	static const char prefix[] = "capability.";
	char name[40], *p;

	if (strncmp(id, prefix, sizeof(prefix) - 1) != 0)
		return NULL;
	snprintf(name, sizeof(name), "%s", id + sizeof(prefix) - 1);
	for (p = name; *p != '\0'; p++)
		if (*p == '-')
			*p = '_';
	return ct_capability(name);
}

/* Of a case that was not run, or could not learn what it was to learn. */
static enum ct_verdict judge_unseen(const char *id, enum ct_outcome outcome,
				    const struct ct_capability *lack,
				    bool expected)
{
	const struct ct_capability *c = ct_capability_of_case(id);
	enum ct_verdict verdict;

	if (c != NULL)
		return expected && required == NULL ? CT_VERDICT_ABSENT
						    : ct_judge_lack(c);
	if (lack != NULL) {
		/* The capability's own case is red, if it is. */
		verdict = ct_judge_lack(lack);
		return verdict == CT_REGRESSION ? CT_VERDICT_UNCHECKED
						: verdict;
	}
	if (outcome == CT_UNRESOLVED)
		return CT_VERDICT_UNCHECKED;
	/* On a known system it is known, too, which cases find nothing. */
	return expected || !ct_known() ? CT_VERDICT_ABSENT
				       : CT_VERDICT_UNCHECKED;
}

enum ct_verdict ct_judge(const char *id, enum ct_outcome outcome,
			 const struct ct_capability *lack, bool use_quirks,
			 const struct ct_quirk **quirk)
{
	const struct ct_quirk *q = ct_quirk_for(id, outcome, use_quirks);
	bool good = outcome == CT_PASS || outcome == CT_NOTED;
	bool unseen = outcome == CT_UNSUPPORTED || outcome == CT_UNRESOLVED;
	bool expected = q != NULL && ct_expects(q, outcome);

	*quirk = expected || !unseen ? q : NULL;
	if (unseen)
		return judge_unseen(id, outcome, lack, expected);
	if (q == NULL)
		return good ? CT_VERDICT_OK : CT_REGRESSION;
	if (expected)
		return good ? CT_VERDICT_OK : CT_XFAIL;
	return good ? CT_XPASS : CT_REGRESSION;
}
