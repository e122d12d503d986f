/* SPDX-License-Identifier: MIT
 * Makes a corpus out of templates.
 *
 * usage: generate SHAPE TEMPLATES FOLDER
 *
 * The same templates give the same bytes: each file has a sequence of random numbers of
 * its own, which begins with the file's number. */
#include "patch.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_BYTES 512
#define FILE_BYTES_MAX (512u << 20)

enum sizes { LOG_UNIFORM, LOG_NORMAL, STEPS };

struct shape {
	const char *name;
	unsigned files;   /* with symbols */
	unsigned noise;   /* without */
	unsigned modules; /* folders that they are spread over */
	enum sizes sizes;
	double total; /* bytes of all files with symbols; LOG_NORMAL only */
};

static const struct shape shapes[] = {
	{.name = "small", .files = 20000, .noise = 60000, .modules = 400, .sizes = LOG_UNIFORM},
	{.name = "small2k", .files = 2000, .noise = 6000, .modules = 400, .sizes = LOG_UNIFORM},
	{.name = "mixed", .files = 2000, .modules = 60, .sizes = LOG_NORMAL, .total = 3e9},
	{.name = "large", .files = 10, .modules = 1, .sizes = STEPS},
};

/* Of 100 files so many are of each kind; `large` is PDBs alone. */
static const struct {
	unsigned share;
	const char *extension;
} kinds[KIND_COUNT] = {
	[PDB] = {30, ".pdb"}, [DLL] = {15, ".dll"},   [EXE] = {10, ".exe"},
	[ELF] = {15, ".elf"}, [DSYM] = {5, ".dylib"}, [SYM] = {25, ".sym"},
};

/* A template of each kind for each of so many functions; ascending. */
static const char *const template_names[] = {"1", "30", "300", "3000"};

enum { TEMPLATES = sizeof template_names / sizeof template_names[0] };

static struct bytes templates[KIND_COUNT][TEMPLATES], pool;
static uint8_t *work; /* FILE_BYTES_MAX */

__attribute__((format(printf, 2, 3))) static void set_path(char path[PATH_BYTES],
							   const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(path, PATH_BYTES, format, args);
	va_end(args);
	if (n < 0 || n >= PATH_BYTES)
		die("the path is too long", path);
}

static struct bytes read_file(const char *path)
{
	struct bytes file = {0};
	FILE *from = fopen(path, "rb");
	struct stat st;

	if (!from || fstat(fileno(from), &st) < 0)
		die("cannot open", path);
	file.size = (size_t)st.st_size;
	file.at = need(file.size);
	if (fread(file.at, 1, file.size, from) != file.size)
		die("cannot read", path);
	fclose(from);
	return file;
}

static void read_templates(const char *folder)
{
	char path[PATH_BYTES];

	for (int kind = 0; kind < SYM; kind++)
		for (int i = 0; i < TEMPLATES; i++) {
			set_path(path, "%s/t%s%s", folder, template_names[i],
				 kinds[kind].extension);
			templates[kind][i] = read_file(path);
		}
	set_path(path, "%s/pool", folder);
	pool = read_file(path);
	work = need(FILE_BYTES_MAX);
}

/* The largest template of a kind that is not larger than `size`, or else the smallest. */
static const struct bytes *template_for(enum kind kind, size_t size)
{
	int i = TEMPLATES - 1;

	while (i > 0 && templates[kind][i].size > size)
		i--;
	return &templates[kind][i];
}

/* ------------------------------------------------------------ Breakpad -- */

/* A .sym of about `size` bytes in `work`; answers how many it became. */
static size_t make_sym(const char *module, size_t size, uint64_t *random)
{
	static const char *const systems[] = {"windows", "Linux", "mac"};
	char *at = (char *)work, *end = at + size;
	uint64_t a = next_random(random), b = next_random(random);
	unsigned address = 0x1000;

	at += snprintf(at, PATH_BYTES, "MODULE %s x86_64 %016llX%016llX1 %s\n",
		       systems[next_random(random) % 3], (unsigned long long)a,
		       (unsigned long long)b, module);
	for (int i = 0; i < 8; i++)
		at += snprintf(at, PATH_BYTES, "FILE %d src/module/part_%d.cc\n", i, i);
	while (at < end) {
		unsigned lines = 3 + (unsigned)(next_random(random) % 12);

		at += snprintf(at, PATH_BYTES,
			       "FUNC %x %x 0 module::part::function_%x(int, char const*)\n",
			       address, 16 * lines, address);
		for (unsigned i = 0; i < lines; i++, address += 16)
			at += snprintf(at, PATH_BYTES, "%x 10 %u %u\n", address, 40 + i,
				       address % 8);
		at += snprintf(at, PATH_BYTES,
			       "STACK CFI INIT %x %x .cfa: $rsp 8 + .ra: .cfa -8 + ^\n",
			       address - 16 * lines, 16 * lines);
	}
	return (size_t)(at - (char *)work);
}

/* ---------------------------------------------------------------- files -- */

/* Makes the folders of `path`, whose last component is a file. */
static void make_folders(const char *path)
{
	char folder[PATH_BYTES];

	for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		set_path(folder, "%.*s", (int)(slash - path), path);
		if (mkdir(folder, 0755) < 0 && errno != EEXIST)
			die("cannot make the folder", folder);
	}
}

static void write_plist(const char *folder)
{
	static const char text[] =
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\"><dict>"
		"<key>CFBundlePackageType</key><string>dSYM</string></dict></plist>\n";
	char path[PATH_BYTES];

	set_path(path, "%s.dSYM/Contents/Info.plist", folder);
	write_file(path, text, sizeof text - 1);
}

/* Writes the file with symbols `folder`/`stem`, of `kind` and about `size` bytes. */
static void write_symbols(const char *folder, const char *stem, enum kind kind, size_t size,
			  uint64_t *random)
{
	const struct bytes *from;
	char path[PATH_BYTES], whole[PATH_BYTES];

	set_path(path, "%s/%s%s", folder, stem, kinds[kind].extension);
	set_path(whole, "%s", path);
	if (kind == DSYM)
		set_path(whole, "%s.dSYM/Contents/Resources/DWARF/%s.dylib", path, stem);
	make_folders(whole);
	if (kind == PDB) {
		write_pdb(whole, template_for(PDB, size), size, &pool, random);
		return;
	}
	if (size > FILE_BYTES_MAX - PATH_BYTES * 32)
		die("too large", whole);
	if (kind == SYM) {
		set_path(path, "%s.so", stem);
		write_file(whole, work, make_sym(path, size, random));
		return;
	}
	from = template_for(kind, size);
	memcpy(work, from->at, from->size);
	patch_key(kind, (struct bytes){work, from->size}, random);
	if (size > from->size)
		fill(&pool, work + from->size, size - from->size, random);
	write_file(whole, work, size > from->size ? size : from->size);
	if (kind == DSYM)
		write_plist(path);
}

/* A number in [0, 1). */
static double uniform(uint64_t *random)
{
	return (double)(next_random(random) >> 11) * 0x1p-53;
}

/* Of a normal distribution with sigma 1 (Box and Muller). */
static double normal(uint64_t *random)
{
	double radius = sqrt(-2 * log(1 - uniform(random)));

	return radius * cos(2 * 3.14159265358979323846 * uniform(random));
}

/* Sizes before they are scaled to the total; the longest tail is cut. */
static double log_normal_weight(unsigned i)
{
	uint64_t random = 0x10000000ull + i;
	double weight = exp(1.5 * normal(&random));

	return weight < 60 ? weight : 60;
}

static size_t size_of(const struct shape *s, unsigned i, double weights, uint64_t *random)
{
	switch (s->sizes) {
	case LOG_UNIFORM: /* 4 to 200 KiB */
		return (size_t)(4096 * exp(uniform(random) * log(50)));
	case LOG_NORMAL:
		return 4096 + (size_t)(log_normal_weight(i) / weights * s->total);
	default: /* 500 to 995 MiB */
		return ((size_t)500 + 55 * i) << 20;
	}
}

static enum kind kind_of(const struct shape *s, uint64_t *random)
{
	unsigned n = (unsigned)(next_random(random) % 100), kind = 0;

	if (s->sizes == STEPS)
		return PDB;
	while (n >= kinds[kind].share)
		n -= kinds[kind++].share;
	return (enum kind)kind;
}

static void set_module(char to[PATH_BYTES], const struct shape *s, const char *root, unsigned i)
{
	unsigned module = i % s->modules;

	set_path(to, "%s/team%02u/module%03u", root, module % 20, module);
}

static void make_symbols(const struct shape *s, const char *root)
{
	double weights = 0;
	char module[PATH_BYTES], folder[PATH_BYTES], stem[32];

	for (unsigned i = 0; i < s->files && s->sizes == LOG_NORMAL; i++)
		weights += log_normal_weight(i);
	for (unsigned i = 0; i < s->files; i++) {
		uint64_t random = 0x20000000ull + i;
		enum kind kind = kind_of(s, &random);

		set_module(module, s, root, i);
		set_path(folder, "%s/bin/x64/Release", module);
		snprintf(stem, sizeof stem, "Part%05u", i);
		write_symbols(folder, stem, kind, size_of(s, i, weights, &random), &random);
	}
}

/* What compilers leave lying about, in many small folders. */
static void make_noise(const struct shape *s, const char *root)
{
	static const char *const extensions[] = {".obj", ".h", ".o", ".tlog"};
	char module[PATH_BYTES], path[PATH_BYTES];

	for (unsigned i = 0; i < s->noise; i++) {
		uint64_t random = 0x40000000ull + i;
		size_t size = 200 + next_random(&random) % 7800;

		set_module(module, s, root, i);
		set_path(path, "%s/obj/x64/Release/part%02u/unit_%05u%s", module,
			 i / s->modules % 20, i, extensions[next_random(&random) % 4]);
		make_folders(path);
		fill(&pool, work, size, &random);
		write_file(path, work, size);
	}
}

int main(int argc, char **argv)
{
	if (argc != 4)
		die("usage", "generate SHAPE TEMPLATES FOLDER");
	for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
		if (strcmp(shapes[i].name, argv[1]) != 0)
			continue;
		read_templates(argv[2]);
		make_symbols(&shapes[i], argv[3]);
		make_noise(&shapes[i], argv[3]);
		return 0;
	}
	die("no such shape", argv[1]);
}
