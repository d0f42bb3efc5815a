/* SPDX-License-Identifier: BSD-3-Clause */
/* What is known of systems: notes read at run time, then those compiled in. */
#ifndef CT_NOTES_H
#define CT_NOTES_H

#include "expect.h"

/*
 * --quirks FILE: reads stanzas as platform-notes/README.md describes them.
 * False after lines on stderr, each of which names the file, the line and what
 * is wrong.
 */
bool ct_quirks_file(const char *name);

/* The notes in the order in which they count; NULL after the last. */
const struct ct_quirk *ct_quirk_at(size_t i);
const struct ct_remedy *ct_remedy_at(size_t i);
const struct ct_provision *ct_provision_at(size_t i);

/* Adds one that was read; false without memory.  How many there are so far. */
enum ct_notes { CT_QUIRKS, CT_REMEDIES, CT_PROVISIONS };
bool ct_quirk_add(const struct ct_quirk *quirk);
bool ct_remedy_add(const struct ct_remedy *remedy);
bool ct_provision_add(const struct ct_provision *provision);
size_t ct_notes_read(enum ct_notes which);

#endif
