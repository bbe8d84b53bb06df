/* SPDX-License-Identifier: MIT */
/* privileges_old_machine.c - preloaded into the daemon: a kernel without
 * close_range(2), landlock(7) and seccomp(2), and a root directory without
 * /dev/null. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

long
syscall(long number, ...)
{
	long (*real)(long, ...) =
	    (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	long arguments[6];
	va_list list;

	if (number == SYS_close_range ||
	    number == SYS_landlock_create_ruleset) {
		errno = ENOSYS;
		return -1;
	}
	va_start(list, number);
	for (int i = 0; i < 6; i++)
		arguments[i] = va_arg(list, long);
	va_end(list);
	return real(number, arguments[0], arguments[1], arguments[2],
	    arguments[3], arguments[4], arguments[5]);
}

int
prctl(int option, ...)
{
	unsigned long arguments[4];
	va_list list;

	if (option == PR_SET_SECCOMP) {
		errno = EINVAL;
		return -1;
	}
	va_start(list, option);
	for (int i = 0; i < 4; i++)
		arguments[i] = va_arg(list, unsigned long);
	va_end(list);
	return (int)syscall(SYS_prctl, option, arguments[0], arguments[1],
	    arguments[2], arguments[3]);
}

static int
open_file(const char *symbol, const char *path, int flags, int mode)
{
	int (*real)(const char *, int, ...) =
	    (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, symbol);

	if (strcmp(path, "/dev/null") == 0) {
		errno = ENOENT;
		return -1;
	}
	return real(path, flags, mode);
}

/* The headers declare these as variadic. */
int replaced_open(const char *path, int flags, int mode) __asm__("open");
int replaced_open64(const char *path, int flags, int mode) __asm__("open64");

int
replaced_open(const char *path, int flags, int mode)
{
	return open_file("open", path, flags, mode);
}

int
replaced_open64(const char *path, int flags, int mode)
{
	return open_file("open64", path, flags, mode);
}
