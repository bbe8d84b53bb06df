/* SPDX-License-Identifier: MIT */
#include "top/terminal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

/* On the other screen, if the terminal has two, without a cursor. Where it has
 * one, the end is below what was shown. */
static const char enter[] = "\033[?1049h\033[?25l\033[H\033[J";
static const char leave[] = "\033[0m\033[999;1H\r\n\033[?1049l\033[?25h";

static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };
enum { ENDING = sizeof ending / sizeof ending[0] };

/* A process has one terminal. */
static struct termios before;
static bool has_keys; /* standard input is the terminal, and `before` its state
		       */
static bool keys_are_at_their_end;
static volatile sig_atomic_t last_signal;
static sigset_t unblocked;

static void
note_signal(int signal)
{
	last_signal = signal;
}

/* They come only while terminal_wait() waits. */
static void
catch_signals(void)
{
	struct sigaction action = { .sa_handler = note_signal }, inherited;
	sigset_t blocked;

	sigemptyset(&blocked);
	sigfillset(&action.sa_mask);
	for (size_t i = 0; i < ENDING; i++) {
		sigaction(ending[i], NULL, &inherited);
		if (inherited.sa_handler == SIG_IGN)
			continue; /* as nohup(1) does */
		sigaddset(&blocked, ending[i]);
		sigaction(ending[i], &action, NULL);
	}
	sigaddset(&blocked, SIGWINCH);
	sigaction(SIGWINCH, &action, NULL);
	sigprocmask(SIG_BLOCK, &blocked, &unblocked);
}

/* Keys at once and unseen; ^C and ^Z still make signals. */
static void
take_over(void)
{
	struct termios raw = before;

	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	if (has_keys)
		tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	terminal_write(enter, sizeof enter - 1);
}

static void
give_back(void)
{
	terminal_write(leave, sizeof leave - 1);
	if (has_keys)
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

void
terminal_open(void)
{
	has_keys = tcgetattr(STDIN_FILENO, &before) == 0;
	keys_are_at_their_end = false;
	catch_signals();
	take_over();
}

void
terminal_close(void)
{
	give_back();
	sigprocmask(SIG_SETMASK, &unblocked, NULL);
}

/* As if it had never been caught; returns after a stop alone. */
static void
obey(int signal_number)
{
	struct sigaction caught, usual = { .sa_handler = SIG_DFL };
	sigset_t blocked;

	give_back();
	sigaction(signal_number, &usual, &caught);
	raise(signal_number);
	sigprocmask(SIG_SETMASK, &unblocked, &blocked);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	sigaction(signal_number, &caught, NULL);
	take_over();
}

struct terminal_size
terminal_size(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == -1 || size.ws_row == 0 ||
	    size.ws_col == 0)
		return (struct terminal_size){ 24, 80 };
	return (struct terminal_size){ size.ws_row, size.ws_col };
}

bool
terminal_write(const char *bytes, size_t length)
{
	ssize_t count;

	while (length > 0) {
		count = write(STDOUT_FILENO, bytes, length);
		if (count == -1 && errno == EAGAIN)
			poll(&(struct pollfd){ STDOUT_FILENO, POLLOUT, 0 }, 1,
			    -1);
		else if (count == -1 && errno != EINTR)
			return false;
		else if (count > 0) {
			bytes += count;
			length -= (size_t)count;
		}
	}
	return true;
}

/* Without a keyboard the view goes on. */
static enum terminal_event
read_key(char *key)
{
	ssize_t count = read(STDIN_FILENO, key, 1);

	if (count == 1)
		return TERMINAL_KEY;
	if (count == -1 && (errno == EAGAIN || errno == EINTR))
		return TERMINAL_TIMEOUT;
	keys_are_at_their_end = true;
	return has_keys ? TERMINAL_GONE : TERMINAL_REDRAW;
}

enum terminal_event
terminal_wait(int64_t until_ms, char *key)
{
	struct pollfd slot = { keys_are_at_their_end ? -1 : STDIN_FILENO,
		POLLIN, 0 };
	int64_t left_ms = until_ms - clock_now_ms();
	struct timespec left = { 0 };
	int ready, signal_number;

	if (left_ms > 0) {
		left.tv_sec = (time_t)(left_ms / 1000);
		left.tv_nsec = (long)(left_ms % 1000) * 1000000;
	}
	ready = ppoll(&slot, 1, &left, &unblocked);
	signal_number = last_signal;
	last_signal = 0;
	if (signal_number != 0 && signal_number != SIGWINCH)
		obey(signal_number);
	if (signal_number != 0)
		return TERMINAL_REDRAW;
	return ready > 0 ? read_key(key) : TERMINAL_TIMEOUT;
}
