/* SPDX-License-Identifier: MIT
 * Machine numbers: Microsoft's PE format specification; the tags: dotnet's
 * "ReadyToRun File Format". */
#include "format/coff.h"

#include "base/def.h"

enum sym_arch coff_arch(uint16_t machine)
{
	static const uint16_t os_tags[] = {0,
					   0x7B79 /* Linux */,
					   0x4644 /* macOS */,
					   0xADC4 /* FreeBSD */,
					   0x1993 /* NetBSD */,
					   0x1992 /* SunOS */};
	static const struct {
		uint16_t machine;
		enum sym_arch arch;
	} rows[] = {
		{0x014C, SYM_ARCH_X86},     {0x8664, SYM_ARCH_X86_64},
		{0x01C0, SYM_ARCH_ARM},     {0x01C2, SYM_ARCH_ARM},
		{0x01C4, SYM_ARCH_ARM},     {0xAA64, SYM_ARCH_ARM64},
		{0xA641, SYM_ARCH_ARM64},   {0xA64E, SYM_ARCH_ARM64},
		{0x0200, SYM_ARCH_IA64},    {0x5032, SYM_ARCH_RISCV32},
		{0x5064, SYM_ARCH_RISCV64}, {0x6264, SYM_ARCH_LOONGARCH64},
		{0x0162, SYM_ARCH_MIPS},    {0x0166, SYM_ARCH_MIPS},
		{0x0168, SYM_ARCH_MIPS},    {0x0169, SYM_ARCH_MIPS},
		{0x01F0, SYM_ARCH_PPC},     {0x01F1, SYM_ARCH_PPC},
	};

	for (size_t tag = 0; tag < ARRAY_LEN(os_tags); tag++)
		for (size_t i = 0; i < ARRAY_LEN(rows); i++)
			if ((machine ^ os_tags[tag]) == rows[i].machine)
				return rows[i].arch;
	return SYM_ARCH_UNKNOWN;
}
