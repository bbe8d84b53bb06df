/* SPDX-License-Identifier: MIT */
/* render.h - what the status process writes of a made-up snapshot, as a string.
 */

#ifndef RENDER_H
#define RENDER_H

#include "snapshots.h"
#include "status/output.h"

typedef void render_writer(
    struct output *output, const struct snapshot *snapshot);

/* False where it does not fit into size - 1 bytes, or has a NUL. */
static bool
render_sample(
    const struct sample *sample, render_writer *write, char *bytes, size_t size)
{
	static struct snapshot snapshot;
	struct output output = output_of(size - 1);
	bool is_whole;

	sample->fill(&snapshot);
	write(&output, &snapshot);
	memcpy(bytes, output_span(&output).bytes, output.length);
	bytes[output.length] = '\0';
	is_whole = !output.failed && strlen(bytes) == output.length;
	output_clear(&output);
	return is_whole;
}

#endif
