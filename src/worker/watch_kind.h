/* SPDX-License-Identifier: MIT */
/* watch_kind.h - what a watch in a worker's set belongs to. */

#ifndef WATCH_KIND_H
#define WATCH_KIND_H

enum watch_kind {
	WATCH_CONTROL, /* messages from the master */
	WATCH_STOP, /* a TERM came */
	WATCH_TIMER,
	WATCH_CLIENT, /* a connection's socket, as the next */
	WATCH_UPSTREAM,
	WATCH_PROBE, /* an upstream's, as the next */
	WATCH_SILENCE_CHECK,
	WATCH_READY, /* a socket of ready.h */
};

#endif
