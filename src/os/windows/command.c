/* SPDX-License-Identifier: MIT
 * Programs that the user names, run by the command interpreter. */
#include "os/windows/nt.h"

#include "base/err.h"

#include <stdlib.h>

enum { COMMAND_MAX = 8191, LOOK_MS = 10 }; /* UTF-16 units that cmd.exe takes */

/* Starts cmd.exe with `output` as its standard output. */
static bool start_interpreter(const char *command, HANDLE output, PROCESS_INFORMATION *process)
{
	static const wchar_t before[] = L"cmd.exe /d /s /c \"";
	STARTUPINFOW how = {.cb = sizeof how, .dwFlags = STARTF_USESTDHANDLES, .hStdOutput = output,
			    .hStdError = GetStdHandle(STD_ERROR_HANDLE)};
	size_t used = ARRAY_LEN(before) - 1;
	wchar_t *line = calloc(COMMAND_MAX + ARRAY_LEN(before) + 2, sizeof *line);
	bool started;
	int n;

	if (!line)
		return false;
	for (size_t i = 0; i < used; i++)
		line[i] = before[i];
	n = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, command, -1, line + used, COMMAND_MAX);
	if (n > 0)
		line[used + (size_t)n - 1] = L'"';
	started = n > 0 && CreateProcessW(NULL, line, NULL, NULL, TRUE, 0, NULL, NULL, &how, process);
	free(line);
	return started;
}

/* Reads to the end of the output; false where that does not come in time. */
static bool read_output(HANDLE from, uint64_t until_ms, struct buf *out)
{
	char piece[4096];
	DWORD waiting, got;

	while (PeekNamedPipe(from, NULL, 0, NULL, &waiting, NULL)) {
		if (os_now_ms() >= until_ms)
			return false;
		if (waiting == 0) {
			Sleep(LOOK_MS);
			continue;
		}
		if (!ReadFile(from, piece, sizeof piece, &got, NULL))
			break;
		buf_add(out, piece, got);
	}
	return true;
}

enum sym_status os_command(const char *command, unsigned timeout_s, struct buf *out,
			   struct sym_err *err)
{
	SECURITY_ATTRIBUTES inherited = {.nLength = sizeof inherited, .bInheritHandle = TRUE};
	PROCESS_INFORMATION process;
	HANDLE from, to;
	DWORD ended = 1;
	bool in_time;

	if (!CreatePipe(&from, &to, &inherited, 0))
		return err_set(err, SYM_IO, "cannot make a pipe");
	SetHandleInformation(from, HANDLE_FLAG_INHERIT, 0);
	if (!start_interpreter(command, to, &process)) {
		CloseHandle(from);
		CloseHandle(to);
		return err_set(err, SYM_IO, "cannot run the command interpreter");
	}
	CloseHandle(to);
	in_time = read_output(from, os_now_ms() + timeout_s * 1000ull, out);
	CloseHandle(from);
	if (!in_time)
		TerminateProcess(process.hProcess, 1);
	WaitForSingleObject(process.hProcess, INFINITE);
	GetExitCodeProcess(process.hProcess, &ended);
	CloseHandle(process.hProcess);
	CloseHandle(process.hThread);
	if (!in_time)
		return err_set(err, SYM_IO, "it did not end within %u seconds", timeout_s);
	if (ended != 0)
		return err_set(err, SYM_IO, "it ended with status %lu", ended);
	return out->failed ? err_set(err, SYM_TOO_BIG, "it wrote too much") : SYM_OK;
}
