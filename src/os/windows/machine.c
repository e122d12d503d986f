/* SPDX-License-Identifier: MIT
 * Processors, clocks, randomness, console and requests to stop on Windows. */
#include "os/windows/nt.h"

#include <bcrypt.h>
#include <io.h>
#include <stdlib.h>
#include <time.h>

unsigned os_cpu_count(void)
{
	DWORD_PTR mine = 0, all = 0;
	unsigned n = 0;

	if (GetProcessAffinityMask(GetCurrentProcess(), &mine, &all))
		for (; mine; mine &= mine - 1)
			n++;
	return n ? n : 1;
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

int64_t os_time_ns(void)
{
	FILETIME now; /* 100 ns since 1601 */
	int64_t ticks;

	GetSystemTimeAsFileTime(&now);
	ticks = (int64_t)((uint64_t)now.dwHighDateTime << 32 | now.dwLowDateTime);
	return (ticks - INT64_C(116444736000000000)) * 100;
}

void os_random(void *to, size_t n)
{
	if (BCryptGenRandom(NULL, to, (ULONG)n, BCRYPT_USE_SYSTEM_PREFERRED_RNG) != 0)
		abort(); /* no Windows without it */
}

bool os_is_terminal(int fd)
{
	DWORD mode;

	return GetConsoleMode((HANDLE)_get_osfhandle(fd), &mode) != 0;
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
