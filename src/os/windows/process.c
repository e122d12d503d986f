/* SPDX-License-Identifier: MIT
 * Other programs, by CreateProcess: their output comes through pipes, which are looked at
 * now and then. */
#include "os/windows/nt.h"

#include "base/err.h"
#include "os/common.h"

#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_BYTES = 32767, LOOK_MS = 10 };

enum { ITS_OUTPUT, ITS_ERRORS, ITS_STREAMS };

/* A handle that was never opened is NULL. */
struct child {
	HANDLE process;
	HANDLE job;               /* holds it and what it starts, where it is apart */
	HANDLE from[ITS_STREAMS];
	HANDLE to[1 + ITS_STREAMS]; /* the child's: its input, output, errors */
};

static void close_handle(HANDLE *handle)
{
	if (*handle)
		CloseHandle(*handle);
	*handle = NULL;
}

/* ---------------------------------------------------------- command line -- */

/* One argument, as CommandLineToArgvW and the C library read it back: backslashes count only
 * before a quote. */
static void add_argument(struct buf *line, const char *text)
{
	if (line->size > 0)
		buf_add_char(line, ' ');
	buf_add_char(line, '"');
	while (*text) {
		size_t slashes = strspn(text, "\\");
		char next = text[slashes];

		buf_add(line, text, slashes);
		if (next == '"' || next == '\0')
			buf_add(line, text, slashes);
		if (next == '"')
			buf_add_char(line, '\\');
		if (next)
			buf_add_char(line, next);
		text += slashes + (next != '\0');
	}
	buf_add_char(line, '"');
}

/* UTF-16, to free; NULL where it is not UTF-8, or too long. */
static wchar_t *wide_line(const struct buf *line)
{
	wchar_t *to = line->failed ? NULL : calloc(LINE_MAX_BYTES + 1, sizeof *to);

	if (to && MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, line->data, -1, to, LINE_MAX_BYTES) <= 0) {
		free(to);
		to = NULL;
	}
	return to;
}

/* -------------------------------------------------------------- starting -- */

static bool open_streams(struct child *c, bool messages)
{
	SECURITY_ATTRIBUTES inherited = {.nLength = sizeof inherited, .bInheritHandle = TRUE};
	HANDLE nothing = CreateFileW(L"NUL", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE,
				     &inherited, OPEN_EXISTING, 0, NULL);
	HANDLE self = GetCurrentProcess();

	if (nothing == INVALID_HANDLE_VALUE)
		return false;
	c->to[0] = nothing;
	for (size_t i = 0; i < ITS_STREAMS; i++) {
		if (i == ITS_ERRORS && !messages) {
			if (!DuplicateHandle(self, GetStdHandle(STD_ERROR_HANDLE), self, &c->to[1 + i], 0, TRUE,
					     DUPLICATE_SAME_ACCESS) &&
			    !DuplicateHandle(self, nothing, self, &c->to[1 + i], 0, TRUE, DUPLICATE_SAME_ACCESS))
				return false;
			continue;
		}
		if (!CreatePipe(&c->from[i], &c->to[1 + i], &inherited, 0))
			return false;
		SetHandleInformation(c->from[i], HANDLE_FLAG_INHERIT, 0);
	}
	return true;
}

/* A job whose processes end when it is closed, even by our own end. */
static bool put_into_job(struct child *c)
{
	JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {0};

	limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
	c->job = CreateJobObjectW(NULL, NULL);
	return c->job &&
	       SetInformationJobObject(c->job, JobObjectExtendedLimitInformation, &limits, sizeof limits) &&
	       AssignProcessToJobObject(c->job, c->process);
}

/* Of our handles, the child gets the three streams alone. */
static bool create(wchar_t *line, bool apart, struct child *c)
{
	DWORD flags = EXTENDED_STARTUPINFO_PRESENT | (apart ? CREATE_SUSPENDED | CREATE_NEW_PROCESS_GROUP : 0);
	STARTUPINFOEXW how = {.StartupInfo = {.cb = sizeof how, .dwFlags = STARTF_USESTDHANDLES}};
	PROCESS_INFORMATION process;
	SIZE_T size = 0;
	bool started;

	how.StartupInfo.hStdInput = c->to[0];
	how.StartupInfo.hStdOutput = c->to[1];
	how.StartupInfo.hStdError = c->to[2];
	InitializeProcThreadAttributeList(NULL, 1, 0, &size);
	how.lpAttributeList = malloc(size);
	if (!how.lpAttributeList || !InitializeProcThreadAttributeList(how.lpAttributeList, 1, 0, &size)) {
		free(how.lpAttributeList);
		return false;
	}
	started = UpdateProcThreadAttribute(how.lpAttributeList, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, c->to,
					    sizeof c->to, NULL, NULL) &&
		  CreateProcessW(NULL, line, NULL, NULL, TRUE, flags, NULL, NULL, &how.StartupInfo, &process);
	DeleteProcThreadAttributeList(how.lpAttributeList);
	free(how.lpAttributeList);
	if (!started)
		return false;
	c->process = process.hProcess;
	if (apart && !put_into_job(c)) {
		TerminateProcess(c->process, 1);
		started = false;
	} else if (apart) {
		ResumeThread(process.hThread);
	}
	CloseHandle(process.hThread);
	return started;
}

/* ------------------------------------------------------------- attending -- */

/* Takes what there is of one stream. */
static enum sym_status take(const struct os_run *run, struct child *c, size_t stream, bool *any,
			    struct sym_err *err)
{
	DWORD waiting, got;
	char piece[16384];

	if (!c->from[stream] || !PeekNamedPipe(c->from[stream], NULL, 0, NULL, &waiting, NULL) ||
	    waiting == 0 || !ReadFile(c->from[stream], piece, sizeof piece, &got, NULL))
		return SYM_OK;
	*any = true;
	if (stream == ITS_OUTPUT)
		return run->output(run->ctx, piece, got, err);
	buf_add_tail(run->messages, piece, got);
	return SYM_OK;
}

/* Until it has ended and everything is read. What it started may live on and hold the
 * streams: they are not waited for. */
static enum sym_status attend(const struct os_run *run, struct child *c, struct sym_err *err)
{
	uint64_t until_ms = os_now_ms() + run->timeout_s * UINT64_C(1000);
	bool ended = false;

	for (;;) {
		enum sym_status status = SYM_OK;
		bool any = false;

		for (size_t i = 0; i < ITS_STREAMS && status == SYM_OK; i++)
			status = take(run, c, i, &any, err);
		if (status != SYM_OK)
			return status;
		if (!any && ended)
			return SYM_OK;
		if (!any)
			ended = WaitForSingleObject(c->process, LOOK_MS) == WAIT_OBJECT_0;
		if (run->stop && run->stop())
			return err_set(err, SYM_CANCELLED, "stopped");
		if (os_now_ms() >= until_ms)
			return err_set(err, SYM_IO, "it did not end within %u seconds", run->timeout_s);
	}
}

static enum sym_status run_line(const struct os_run *run, const struct buf *text, bool apart,
				struct sym_err *err)
{
	struct child c = {0};
	wchar_t *line = wide_line(text);
	enum sym_status status;
	DWORD ended = 1;

	if (!line)
		return err_set(err, SYM_IO, "cannot run a command that is not UTF-8, or longer than Windows takes");
	if (!open_streams(&c, run->messages != NULL) || !create(line, apart, &c))
		status = err_set(err, SYM_IO, "cannot run %s (Windows error %lu)",
				 apart ? run->argv[0] : "the command interpreter", GetLastError());
	else
		status = SYM_OK;
	free(line);
	for (size_t i = 0; i < ARRAY_LEN(c.to); i++)
		close_handle(&c.to[i]);
	if (status == SYM_OK) {
		status = attend(run, &c, err);
		if (status != SYM_OK)
			TerminateProcess(c.process, 1);
		close_handle(&c.job);
		WaitForSingleObject(c.process, INFINITE);
		GetExitCodeProcess(c.process, &ended);
		if (status == SYM_OK && ended != 0)
			status = err_set(err, SYM_IO, "it ended with status %lu", ended);
	}
	close_handle(&c.job);
	close_handle(&c.process);
	for (size_t i = 0; i < ITS_STREAMS; i++)
		close_handle(&c.from[i]);
	return status;
}

enum sym_status os_run(const struct os_run *run, struct sym_err *err)
{
	struct buf line = BUF_MAX(LINE_MAX_BYTES);
	enum sym_status status;

	for (const char *const *at = run->argv; *at; at++)
		add_argument(&line, *at);
	status = run_line(run, &line, true, err);
	buf_release(&line);
	return status;
}

enum sym_status os_command(const char *command, unsigned timeout_s, struct buf *out,
			   struct sym_err *err)
{
	struct os_run run = {.timeout_s = timeout_s, .output = add_output, .ctx = out};
	struct buf line = BUF_MAX(LINE_MAX_BYTES);
	enum sym_status status;

	buf_printf(&line, "cmd.exe /d /s /c \"%s\"", command);
	/* On our console: it may have to ask the user something. */
	status = run_line(&run, &line, false, err);
	buf_release(&line);
	return status;
}

/* --------------------------------------------------------------- finding -- */

char *os_find_program(const char *name)
{
	struct buf text = BUF_MAX(LINE_MAX_BYTES);
	/* Left to itself, Windows looks in the current folder, which whoever filled it chose, before PATH. */
	const wchar_t *folders = strpbrk(name, "/\\:") ? NULL : _wgetenv(L"PATH");
	wchar_t found[MAX_PATH], *wide;
	char *path = NULL;
	DWORD len;

	buf_add_text(&text, name);
	wide = wide_line(&text);
	buf_release(&text);
	len = wide ? SearchPathW(folders, wide, L".exe", MAX_PATH, found, NULL) : 0;
	free(wide);
	if (len > 0 && len < MAX_PATH)
		path = calloc(MAX_PATH, 4);
	if (path && WideCharToMultiByte(CP_UTF8, 0, found, -1, path, MAX_PATH * 4, NULL, NULL) <= 0) {
		free(path);
		return NULL;
	}
	if (path)
		os_path_settle(path);
	return path;
}
