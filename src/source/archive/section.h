/* SPDX-License-Identifier: MIT
 * The beginning of a section that is packed inside of a file that is not (ELF's SHF_COMPRESSED). */
#ifndef SOURCE_SECTION_H
#define SOURCE_SECTION_H

#include "base/blob.h"

/* The blob_unpack_fn of this program. */
blob_unpack_fn section_unpack;

#endif
