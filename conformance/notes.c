/* SPDX-License-Identifier: BSD-3-Clause */
/* The tables of notes: those read at run time come before those compiled in. */
#include "notes.h"

#include <stdlib.h>

static struct ct_quirk *quirks;
static struct ct_remedy *remedies;
static struct ct_provision *provisions;
static size_t quirks_n, remedies_n, provisions_n;

bool ct_quirk_add(const struct ct_quirk *quirk)
{
	struct ct_quirk *grown =
	    realloc(quirks, (quirks_n + 1) * sizeof(*quirks));

	if (grown == NULL)
		return false;
	quirks = grown;
	quirks[quirks_n++] = *quirk;
	return true;
}

bool ct_remedy_add(const struct ct_remedy *remedy)
{
	struct ct_remedy *grown =
	    realloc(remedies, (remedies_n + 1) * sizeof(*remedies));

	if (grown == NULL)
		return false;
	remedies = grown;
	remedies[remedies_n++] = *remedy;
	return true;
}

bool ct_provision_add(const struct ct_provision *provision)
{
	struct ct_provision *grown =
	    realloc(provisions, (provisions_n + 1) * sizeof(*provisions));

	if (grown == NULL)
		return false;
	provisions = grown;
	provisions[provisions_n++] = *provision;
	return true;
}

size_t ct_notes_read(enum ct_notes which)
{
	return which == CT_QUIRKS     ? quirks_n
	       : which == CT_REMEDIES ? remedies_n
				      : provisions_n;
}

const struct ct_quirk *ct_quirk_at(size_t i)
{
	const struct ct_quirk *q =
	    i < quirks_n ? &quirks[i] : &ct_quirks[i - quirks_n];

	return q->id != NULL ? q : NULL;
}

const struct ct_remedy *ct_remedy_at(size_t i)
{
	const struct ct_remedy *r =
	    i < remedies_n ? &remedies[i] : &ct_remedies[i - remedies_n];

	return r->id != NULL ? r : NULL;
}

const struct ct_provision *ct_provision_at(size_t i)
{
	const struct ct_provision *p = i < provisions_n
					   ? &provisions[i]
					   : &ct_provisions[i - provisions_n];

	return p->id != NULL ? p : NULL;
}
