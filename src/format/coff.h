/* SPDX-License-Identifier: MIT
 * The machine numbers that PE, PDB and .DBG share. */
#ifndef FORMAT_COFF_H
#define FORMAT_COFF_H

#include "sym.h"

/* IMAGE_FILE_MACHINE_* as an architecture, SYM_ARCH_UNKNOWN for one that is not in the
 * table. Ready-to-run images of other systems hide it behind a tag of the system. */
enum sym_arch coff_arch(uint16_t machine);

#endif
