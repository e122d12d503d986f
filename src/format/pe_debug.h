/* SPDX-License-Identifier: MIT
 * The debug directory of a PE image, which names its PDBs. */
#ifndef FORMAT_PE_DEBUG_H
#define FORMAT_PE_DEBUG_H

#include "format/pe_file.h"

/* Sets the wants and the debug identifier of `id`, and adds to what it has. A directory or
 * record that is damaged, or lies outside the file, costs the image its debug identifier, not
 * its key: loaders do not read it either. SYM_MALFORMED where it was never written. */
enum sym_status pe_debug_read(const struct pe_file *pe, struct sym_identity *id, struct sym_err *err) MUST_CHECK;

#endif
