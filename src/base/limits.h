/* SPDX-License-Identifier: MIT
 * Every ceiling in one place, each with its unit and its reason. A loop over
 * what a file says is bounded by one of these. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

/* Reading. */
#define BLOB_WINDOW_BYTES 8192u /* one window: the largest single view a parser may ask for */
#define BLOB_WINDOWS 4u         /* kept windows: header, tables, strings, data */
#define FORMAT_READS_MAX 16384u /* of one file to identify it: a tenth of a second where all lie far apart */

/* PE. */
#define PE_SECTIONS_MAX 1024u    /* Windows loads at most 96 */
#define PE_DEBUG_ENTRIES_MAX 64u /* images seen in the wild have under 10 */

/* PDB (MSF). */
#define MSF_BLOCK_MIN 512u
#define MSF_BLOCK_MAX 65536u
#define MSF_DIRECTORY_BYTES_MAX (64u << 20)
#define PDB_NAMES_BYTES_MAX 2048u /* of the stream names, what is looked through */
#define PDB_FEATURES_MAX 64u

/* Portable PDB and CLI metadata. */
#define CLI_VERSION_BYTES_MAX 255u  /* ECMA-335 II.24.2.1 */
#define CLI_STREAM_NAME_MAX 32u     /* ECMA-335 II.24.2.2 */
#define CLI_STREAMS_MAX 64u

/* ELF. */
#define ELF_SEGMENTS_MAX 65536u
#define ELF_SECTIONS_MAX (1u << 20) /* -ffunction-sections objects have many */
#define ELF_NOTES_MAX 4096u         /* notes looked at in one segment or section */
#define ELF_NOTES_FILE_MAX 65536u   /* and in one file: segments and sections can all name the same bytes */
#define ELF_DYNAMIC_MAX 4096u       /* entries of .dynamic looked at for DT_SONAME */
#define ELF_TEXT_HASH_BYTES 4096u   /* Breakpad hashes the first page of .text */

/* Mach-O. */
#define MACHO_SLICES_MAX 30u /* more would be a Java class file's version */
#define MACHO_COMMANDS_MAX 65536u
#define MACHO_SECTIONS_MAX 4096u /* in one slice; symbols number them in one byte */

/* Text formats. */
#define SYM_LINE_MAX BLOB_WINDOW_BYTES /* bytes of the MODULE line of a .sym, and of its head */
#define PERFMAP_HEAD_BYTES 1024u

/* wasm. */
#define WASM_SECTIONS_MAX 65536u

/* symbol-upload.yaml. */
#define CONFIG_BYTES_MAX (1u << 20) /* a list of names belongs in --files-from */
#define CONFIG_VALUE_MAX 65536u     /* bytes of one value after ${...} */
#define CONFIG_TARGETS_MAX 64u

/* File patterns. */
#define GLOB_PATTERN_BYTES_MAX 65536u     /* npm's minimatch takes no more either */
#define GLOB_ALTERNATIVES_MAX 10000u      /* npm's glob stops there, too */
#define GLOB_ALTERNATIVES_BYTES_MAX (4u << 20)
#define GLOB_NESTING_MAX 32u              /* braces in braces, groups in groups */
#define GLOB_REGEX_BYTES_MAX (1u << 20)
#define GLOB_MATCH_STEPS_MAX 1000000u     /* of PCRE2 on one path: some 10 ms */

/* Pairs. */
#define PAIR_NAMES_MAX 1024u /* files of one name looked at for one that is nearly the right one */

/* Walking. */
#define SOURCE_PATH_BYTES_MAX 4095u       /* Linux opens no longer path */
#define SOURCE_TREE_BYTES_MAX (64u << 20) /* the names of the folders on one branch */
#define SOURCE_HANDLES_MAX 32u            /* folders held open at once, however deep the tree */

/* Compressed files of a store. */
#define CABINET_MEMORY_BYTES_MAX (8u << 20) /* larger ones go through a temporary file */
#define CABINET_FREE_BYTES (64u << 20)      /* up to here any ratio will do: a PDB of mostly zeros */
#define CABINET_RATIO_MAX 64u               /* beyond that; compilers' PDBs shrink to a fifth at best */

/* Archives. What is passed over in them, as no symbol file, costs time alone, and is not counted. */
#define ARCHIVE_NESTING_MAX 4u             /* a tar in an xz in a deb in a zip */
#define ARCHIVE_FREE_BYTES (256u << 20)    /* up to here any ratio will do */
#define ARCHIVE_RATIO_MAX 64u              /* beyond that, times its size, all of its files together */

/* What dump_syms writes: a .sym is seldom larger than what it is made of. */
#define DUMP_FREE_BYTES (64u << 20)
#define DUMP_RATIO_MAX 16u              /* beyond that, times the size of the file */
#define DUMP_MESSAGES_BYTES_MAX 2048u   /* the end of what it says; kept where it fails */

/* Remote targets. */
#define GZIP_MEMORY_BYTES_MAX (16u << 20) /* of packed bytes, all workers' together */

#endif
