/* SPDX-License-Identifier: MIT */
/* scan.h - the verdicts of the scanners for a host name.
 * A scanner is handed each byte of a stream once, in pieces of any size, and
 * keeps its place in a struct of its own: the work is linear in the bytes,
 * however they are cut. */

#ifndef SCAN_H
#define SCAN_H

/* FOUND and NONE are final: the scanner must not be called again. */
enum scan {
	SCAN_MORE, /* so far so good: call again with the bytes that follow */
	SCAN_FOUND, /* the name is whole and valid */
	SCAN_NONE, /* not this protocol, or no valid name in it */
};

#endif
