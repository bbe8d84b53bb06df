/* SPDX-License-Identifier: MIT */
/* scan_rows.h - checks a scanner against a row: the same verdict and name come
 * at the same byte, however the bytes are cut into pieces. */

#ifndef SCAN_ROWS_H
#define SCAN_ROWS_H

#include "cuts.h"
#include "protocol/host_name.h"
#include "protocol/scan.h"

struct scan_row {
	const char *title;
	struct span taken; /* up to the byte that decides, and with it */
	struct span behind; /* what may follow without changing anything */
	enum scan verdict;
	const char *name; /* with SCAN_FOUND */
};

struct scanner {
	void (*init)(void);
	enum scan (*scan)(struct span fresh, struct host_name *name);
};

struct scan_check {
	const struct scanner *scanner;
	const struct scan_row *row;
};

/* Each piece is a block of its own, gone when the scanner has seen it, so that
 * a sanitizer catches a look beyond it or back to it. */
static enum scan
scan_piece(
    const struct scanner *scanner, struct span bytes, struct host_name *name)
{
	unsigned char *piece = malloc(bytes.length + 1);
	enum scan verdict;

	if (piece == NULL)
		abort();
	memcpy(piece + 1, bytes.bytes, bytes.length);
	verdict = scanner->scan(span_of(piece + 1, bytes.length), name);
	free(piece);
	return verdict;
}

/* In pieces of `step` bytes, but for the first one of `first`. True if the
 * row's verdict, and no other, came with the byte that decides. */
static bool
scan_cut_is_right(
    const void *context, struct span bytes, size_t first, size_t step)
{
	const struct scan_check *check = context;
	const struct scanner *scanner = check->scanner;
	const struct scan_row *row = check->row;
	struct host_name name = { 0 };
	size_t given = 0, piece = first;
	enum scan verdict;

	scanner->init();
	for (;;) {
		verdict = scan_piece(
		    scanner, span_of(bytes.bytes + given, piece), &name);
		given += piece;
		if (given >= row->taken.length)
			break;
		if (verdict != SCAN_MORE)
			return false;
		piece = bytes.length - given;
		if (piece > step)
			piece = step;
	}
	if (verdict != SCAN_FOUND || row->verdict != SCAN_FOUND)
		return verdict == row->verdict;
	return strcmp(name.text, row->name) == 0 &&
	    name.length == strlen(row->name);
}

static void
check_scan_row(const struct scanner *scanner, const struct scan_row *row)
{
	const struct scan_check check = { scanner, row };

	check_cuts(
	    row->title, row->taken, row->behind, scan_cut_is_right, &check);
}

#endif
