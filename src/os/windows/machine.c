/* SPDX-License-Identifier: MIT
 * Processors, clocks, randomness, console and requests to stop on Windows. */
#include "os/windows/nt.h"

#include "base/text.h"

#include <bcrypt.h>
#include <fcntl.h>
#include <io.h>
#include <limits.h>
#include <stdlib.h>
#include <time.h>

/* The system's `\\?\C:\folder` or `\\?\UNC\server\share` as users write it, with `/`. */
static char *users_form(wchar_t *path)
{
	static const wchar_t local[] = L"\\\\?\\", share[] = L"\\\\?\\UNC\\";
	int bytes;
	char *to;

	if (wcsncmp(path, share, ARRAY_LEN(share) - 1) == 0) {
		path += ARRAY_LEN(share) - 3; /* two units become the `\\` before the server */
		path[0] = L'\\';
	} else if (wcsncmp(path, local, ARRAY_LEN(local) - 1) == 0) {
		path += ARRAY_LEN(local) - 1;
	}
	bytes = WideCharToMultiByte(CP_UTF8, 0, path, -1, NULL, 0, NULL, NULL);
	to = bytes > 0 ? malloc((size_t)bytes) : NULL;
	if (to)
		WideCharToMultiByte(CP_UTF8, 0, path, -1, to, bytes, NULL, NULL);
	if (to)
		os_path_settle(to);
	return to;
}

char *os_absolute(const char *path)
{
	const struct nt_how how = {.disposition = FILE_OPEN};
	struct sym_err ignored;
	wchar_t *final;
	HANDLE handle;
	DWORD units;
	char *to = NULL;

	if (nt_open_name(NULL, path, &how, "open", &handle, &ignored) != SYM_OK)
		return NULL;
	units = GetFinalPathNameByHandleW(handle, NULL, 0, FILE_NAME_NORMALIZED);
	final = units > 0 ? calloc(units + 1, sizeof *final) : NULL;
	if (final && GetFinalPathNameByHandleW(handle, final, units + 1, FILE_NAME_NORMALIZED) > 0)
		to = users_form(final);
	free(final);
	CloseHandle(handle);
	return to;
}

/* Patterns are ours to expand, not the C library's. */
int _dowildcard = 0;

/* What the console was set to before, for who goes on in it. */
static struct {
	UINT code_page;
	HANDLE handle[2]; /* of standard output and error; NULL: no console, or one of an old Windows */
	DWORD mode[2];
} console;

static void restore_console(void)
{
	SetConsoleOutputCP(console.code_page);
	for (size_t i = 0; i < ARRAY_LEN(console.handle); i++)
		if (console.handle[i])
			SetConsoleMode(console.handle[i], console.mode[i]);
}

/* Colours and what erases a line are escape sequences here as elsewhere, if the console is asked to
 * read them. */
static void set_console(void)
{
	console.code_page = GetConsoleOutputCP();
	for (size_t i = 0; i < ARRAY_LEN(console.handle); i++) {
		HANDLE handle = (HANDLE)_get_osfhandle((int)i + 1);
		DWORD mode;

		if (GetConsoleMode(handle, &mode) &&
		    SetConsoleMode(handle, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING)) {
			console.handle[i] = handle;
			console.mode[i] = mode;
		}
	}
	SetConsoleOutputCP(CP_UTF8);
	atexit(restore_console);
}

void os_process_init(void)
{
	/* The C library holds them. */
	for (int fd = 0; fd < 3; fd++)
		_setmode(fd, _O_BINARY);
	set_console();
}

void os_names_init(void)
{
	/* The manifest makes UTF-8 the code page of the process. */
}

/* Behind the next slash, or at the end. */
static size_t behind_slash(const char *path, size_t at)
{
	at += strcspn(path + at, "/");
	return at + (path[at] == '/');
}

size_t os_root_len(const char *path)
{
	if (strncmp(path, "//", 2) == 0)
		return behind_slash(path, behind_slash(path, 2));
	if (text_lower(*path) >= 'a' && text_lower(*path) <= 'z' && path[1] == ':' && path[2] == '/')
		return 3;
	return *path == '/';
}

void os_path_settle(char *path)
{
	for (char *at = strchr(path, '\\'); at; at = strchr(at, '\\'))
		*at = '/';
}

void os_path_native(char *path)
{
	for (char *at = strchr(path, '/'); at; at = strchr(at, '/'))
		*at = '\\';
}

bool os_folds_case(void)
{
	return true;
}

const char *os_home(void)
{
	const char *home = getenv("HOME");

	return home ? home : getenv("USERPROFILE");
}

const char *os_ca_file(void)
{
	return NULL;
}

unsigned os_cpu_count(void)
{
	DWORD_PTR mine = 0, all = 0;
	unsigned n = 0;

	if (GetProcessAffinityMask(GetCurrentProcess(), &mine, &all))
		for (; mine; mine &= mine - 1)
			n++;
	return n ? n : 1;
}

unsigned os_handle_limit(void)
{
	return UINT_MAX;
}

void os_keep_memory(size_t bytes)
{
	(void)bytes; /* the heap does so by itself */
}

uint64_t os_now_ms(void)
{
	return GetTickCount64();
}

int64_t os_time_s(void)
{
	return (int64_t)time(NULL);
}

/* FILETIME counts 100 ns since 1601. */
#define TICKS_A_SECOND 10000000
#define TICKS_TO_1970 INT64_C(116444736000000000)

int64_t os_time_ns(void)
{
	FILETIME now;
	int64_t ticks;

	GetSystemTimeAsFileTime(&now);
	ticks = (int64_t)((uint64_t)now.dwHighDateTime << 32 | now.dwLowDateTime);
	return (ticks - TICKS_TO_1970) * 100;
}

/* Not _gmtime64_s, which knows no time before 1970. */
bool os_utc(int64_t time_s, struct tm *out)
{
	int64_t ticks;
	FILETIME when;
	SYSTEMTIME utc;

	if (time_s < -TICKS_TO_1970 / TICKS_A_SECOND || time_s > (INT64_MAX - TICKS_TO_1970) / TICKS_A_SECOND)
		return false;
	ticks = time_s * TICKS_A_SECOND + TICKS_TO_1970;
	when = (FILETIME){.dwLowDateTime = (DWORD)ticks, .dwHighDateTime = (DWORD)(ticks >> 32)};
	if (!FileTimeToSystemTime(&when, &utc))
		return false;
	*out = (struct tm){.tm_year = utc.wYear - 1900, .tm_mon = utc.wMonth - 1, .tm_mday = utc.wDay,
			   .tm_hour = utc.wHour, .tm_min = utc.wMinute, .tm_sec = utc.wSecond,
			   .tm_wday = utc.wDayOfWeek};
	return true;
}

bool os_local_time(int64_t time_s, struct tm *out)
{
	__time64_t when = time_s;

	return _localtime64_s(out, &when) == 0;
}

int64_t os_time_of_utc(struct tm *utc)
{
	return _mkgmtime64(utc);
}

void os_random(void *to, size_t n)
{
	if (BCryptGenRandom(NULL, to, (ULONG)n, BCRYPT_USE_SYSTEM_PREFERRED_RNG) != 0)
		abort(); /* no Windows without it */
}

bool os_is_unread(int fd)
{
	DWORD written;

	/* Nothing is written, and yet a pipe without its reader refuses it. */
	return !WriteFile((HANDLE)_get_osfhandle(fd), "", 0, &written, NULL) && GetLastError() == ERROR_NO_DATA;
}

bool os_is_terminal(int fd)
{
	return console.handle[fd - 1] != NULL;
}

unsigned os_terminal_columns(int fd)
{
	CONSOLE_SCREEN_BUFFER_INFO info;

	if (GetConsoleScreenBufferInfo((HANDLE)_get_osfhandle(fd), &info) &&
	    info.srWindow.Right >= info.srWindow.Left)
		return (unsigned)(info.srWindow.Right - info.srWindow.Left + 1);
	return 80;
}

unsigned long os_process_id(void)
{
	return GetCurrentProcessId();
}

static void (*stop_call)(int exit_status);
static volatile LONG stop_asked;

static BOOL WINAPI on_control(DWORD event)
{
	if (InterlockedExchange(&stop_asked, 1))
		return FALSE; /* the second request has its default effect */
	stop_call(event == CTRL_C_EVENT ? 130 : 143);
	return TRUE;
}

void os_on_stop(void (*stop)(int exit_status))
{
	stop_call = stop;
	SetConsoleCtrlHandler(on_control, TRUE);
}
