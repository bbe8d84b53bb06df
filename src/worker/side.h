/* SPDX-License-Identifier: MIT */
/* side.h - the two sides of a connection. */

#ifndef SIDE_H
#define SIDE_H

enum side { CLIENT, UPSTREAM };

static inline enum side
side_other(enum side side)
{
	return side == CLIENT ? UPSTREAM : CLIENT;
}

#endif
