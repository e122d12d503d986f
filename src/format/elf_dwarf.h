/* SPDX-License-Identifier: MIT
 * What the DWARF of an ELF file says of other files that it needs. */
#ifndef FORMAT_ELF_DWARF_H
#define FORMAT_ELF_DWARF_H

#include "format/elf_contents.h"

/* Does the debug information say no more than in which .dwo file it is? Packed, this is told where the
 * blob can be unpacked. */
bool elf_dwarf_is_split(const struct elf_contents *contents);

#endif
