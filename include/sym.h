/* SPDX-License-Identifier: MIT
 *
 * The vocabulary that every floor shares. Start reading here.
 *
 * A file is *recognised* by its bytes, each slice of it gets one *identity*,
 * each *reader* turns an identity into the paths it will ask a store for, and
 * a *target* puts the bytes there. This header includes no project header.
 */
#ifndef SYM_H
#define SYM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ------------------------------------------------------------ outcomes -- */

/* What a fallible function answers. Each value asks its caller to do
 * something else, which is why there are several. */
enum sym_status {
	SYM_OK = 0,
	SYM_NOT_MINE,    /* not this format: ask the next one */
	SYM_MALFORMED,   /* this format, but damaged or hostile */
	SYM_UNSUPPORTED, /* a valid file that the program does not handle */
	SYM_NO_KEY,      /* a valid file without an identifier: no reader can ask for it */
	SYM_TOO_BIG,     /* beyond a ceiling of base/limits.h */
	SYM_NOT_FOUND,   /* no such file, folder, object */
	SYM_EXISTS,      /* there is one already, and it was left alone */
	SYM_CHANGED,     /* a file changed while it was read */
	SYM_IO,          /* the machine said no: sym_err.sys holds errno */
	SYM_NET,         /* the network or a server said no */
	SYM_AUTH,        /* credentials were refused */
	SYM_REFUSED,     /* a name, value or link that must not be used */
	SYM_USAGE,       /* a wrong option, pattern or configuration */
	SYM_NOMEM,
	SYM_CANCELLED,   /* the user or a signal stopped the run */
};

/* What went wrong: fixed in size, so that an error cannot fail itself.
 * The origin states the fact; a caller may add one prefix (err_prefix). */
struct sym_err {
	enum sym_status status;
	int sys;             /* errno, or 0 */
	bool has_offset;
	uint64_t offset;     /* bytes from the start of the file */
	char text[240];      /* UTF-8, no newline */
};

/* ------------------------------------------------------------ identity -- */

/* The kinds of `inspect`'s JSON, in the order of the summary. */
enum sym_kind {
	SYM_KIND_NONE = 0,
	SYM_PE,
	SYM_PDB,
	SYM_PORTABLE_PDB,
	SYM_ELF,
	SYM_MACHO,
	SYM_BREAKPAD,
	SYM_WASM,
	SYM_SOURCEMAP,
	SYM_UNREAL_SYM,
	SYM_PERFMAP,
	SYM_ZIP, /* taken as it is, and only by BugSplat */
	SYM_KIND_COUNT
};

enum sym_arch {
	SYM_ARCH_UNKNOWN = 0,
	SYM_ARCH_X86,
	SYM_ARCH_X86_64,
	SYM_ARCH_X86_64H,  /* Mach-O's Haswell slice */
	SYM_ARCH_ARM,
	SYM_ARCH_ARMV7,    /* Mach-O names its ARM slices apart */
	SYM_ARCH_ARMV7S,
	SYM_ARCH_ARMV7K,
	SYM_ARCH_ARM64,
	SYM_ARCH_ARM64E,
	SYM_ARCH_ARM64_32,
	SYM_ARCH_PPC,
	SYM_ARCH_PPC64,
	SYM_ARCH_MIPS,
	SYM_ARCH_MIPS64,
	SYM_ARCH_RISCV32,
	SYM_ARCH_RISCV64,
	SYM_ARCH_S390X,
	SYM_ARCH_SPARC,
	SYM_ARCH_LOONGARCH64,
	SYM_ARCH_IA64,
	SYM_ARCH_WASM32,
	SYM_ARCH_COUNT
};

/* What a file offers to a debugger. `richer` is a strict superset of these. */
enum sym_has {
	SYM_HAS_SYMBOLS = 1 << 0, /* a symbol table or public symbols */
	SYM_HAS_DEBUG   = 1 << 1, /* lines and types */
	SYM_HAS_UNWIND  = 1 << 2,
	SYM_HAS_SOURCES = 1 << 3, /* source text, or an index to fetch it */
};

/* Facts about a slice that readers and warnings need. */
enum sym_trait {
	SYM_IMAGE     = 1 << 0, /* holds code: what a loader maps */
	SYM_COMPANION = 1 << 1, /* holds debug info for readers that ask for that alone (ELF .debug_info, dSYM) */
	SYM_DSYM      = 1 << 2, /* Mach-O file type DSYM */
	SYM_FASTLINK  = 1 << 3, /* PDB of /DEBUG:FASTLINK: useless away from its object files */
	SYM_PUBLIC    = 1 << 4, /* stripped ("public") PDB */
	SYM_NO_BUILD_ID = 1 << 5, /* ELF whose debug identifier is the hash of .text: Breakpad only */
	SYM_OBJECT    = 1 << 6, /* what a compiler wrote for a linker, without an identifier of its own */
	SYM_NO_CODE_ID  = 1 << 7, /* .sym that does not tell its image's code identifier, and should */
	SYM_DATA_ONLY   = 1 << 8, /* image without code (resources, tables): nothing crashes in it */
	SYM_SPLIT_DWARF = 1 << 9, /* ELF of -gsplit-dwarf: useless away from its .dwo files, or its .dwp */
	SYM_BY_NAME   = 1 << 10, /* DWARF that debuggers look for by its name, beside the image: .dwo, .dwp */
	SYM_TWO_IDS   = 1 << 11, /* ELF with two build-ids: gdb asks for the last, others for the first */
	SYM_SHARED_DWARF = 1 << 12, /* ELF of dwz --dwarf-5: useless away from the file that its .debug_sup names */
};

/* A code identifier: what a loader or a minidump knows of an image. */
enum sym_code_form {
	SYM_CODE_NONE = 0,
	SYM_CODE_PE,    /* time stamp and image size */
	SYM_CODE_BYTES, /* ELF build-id, Mach-O UUID, wasm build_id */
	SYM_CODE_TEXT,  /* .sym's INFO CODE_ID: the digits as written, in `bytes` */
};

#define SYM_CODE_MAX 64 /* bytes */

struct sym_code_id {
	enum sym_code_form form;
	uint32_t stamp;      /* PE: COFF TimeDateStamp, never read as a date */
	uint32_t image_size; /* PE: SizeOfImage, bytes */
	uint8_t len;         /* bytes in use */
	uint8_t bytes[SYM_CODE_MAX];
};

/* A debug identifier: what ties an image to its debug information. */
enum sym_debug_form {
	SYM_DEBUG_NONE = 0,
	SYM_DEBUG_AGE,      /* GUID and age */
	SYM_DEBUG_GUID,     /* GUID alone: a PDB without a DBI stream; `age` holds the info stream's */
	SYM_DEBUG_PORTABLE, /* portable PDB: GUID, and `age` holds the #Pdb stamp */
	SYM_DEBUG_NB10,     /* signature (the first four bytes of `guid`) and age */
};

struct sym_debug_id {
	enum sym_debug_form form;
	uint8_t guid[16]; /* in the order in which the digits are printed */
	uint32_t age;
};

#define SYM_NAME_MAX 255 /* bytes: what common file systems allow for one name */

/* A file that this one names: the PDB of a PE; the debuglink of an ELF, or, last, its dwz file. */
struct sym_want {
	char name[SYM_NAME_MAX + 1]; /* last component, UTF-8 or the file's bytes; empty = not named */
	struct sym_code_id code;     /* of a dwz file, which has a build-id of its own */
	struct sym_debug_id debug;
	bool has_crc32;
	uint32_t crc32;              /* of the whole wanted file (ELF debuglink) */
};

#define SYM_WANTS_MAX 8
#define SYM_WRITTEN_ID_MAX 40 /* 32 digits and an age of at most 8 */

/* One slice of one file. Plain data: copy it, no ownership. */
struct sym_identity {
	enum sym_kind kind;
	enum sym_arch arch;
	unsigned has;    /* enum sym_has */
	unsigned traits; /* enum sym_trait */
	/* The module's name as the file itself gives it (.sym's MODULE line,
	 * ELF's DT_SONAME); empty where only the file's name on disk counts. */
	char name[SYM_NAME_MAX + 1];
	struct sym_code_id code;
	struct sym_debug_id debug;
	char written_id[SYM_WRITTEN_ID_MAX + 1]; /* .sym: the digits of the MODULE line as written */
	uint32_t perfmap_version;  /* perfmap only; its signature is debug.guid */
	bool id_has_length_byte;   /* wasm: the section states its id's length first */
	bool whole_file;           /* the slice is the whole file, whatever its size */
	uint64_t slice_offset;     /* bytes from the start of the file */
	uint64_t slice_size;       /* bytes */
	unsigned wants_count;
	struct sym_want wants[SYM_WANTS_MAX];
};

#endif
