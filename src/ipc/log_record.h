/* log_record.h - what a worker or the resolver says to the master: the bytes
 * on the log pipe. Both ends. A record is shorter than PIPE_BUF and written
 * at once, so it is whole or dropped; the reader trusts none of it. */

#ifndef LOG_RECORD_H
#define LOG_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"

enum log_record_kind {
	LOG_RECORD_LINE, /* level and words */
	LOG_RECORD_LOOKUP, /* all upstream addresses failed: ask again */
	LOG_RECORD_FULL, /* the listener rests */
	LOG_RECORD_ROOM, /* it does not any more */
	LOG_RECORD_ACCEPTS, /* the worker's loop has begun */
	LOG_RECORD_DRAINS, /* a TERM made it drain */
};
enum { LOG_RECORD_KINDS = LOG_RECORD_DRAINS + 1 };

struct log_record {
	enum log_record_kind kind;
	enum log_level level;
	char words[LOG_WORDS_SIZE];
};

/* What was read from one pipe and is not yet a whole record. */
struct log_record_reader {
	size_t length;
	unsigned char bytes[4096];
};

/* True once the record is in the pipe; false where the pipe is full or gone.
 * Never waits: fd is non-blocking. */
bool log_record_write(
    int fd, enum log_record_kind kind, enum log_level level, const char *words);

enum log_record_verdict {
	LOG_RECORD_WHOLE, /* *record is set; there may be more */
	LOG_RECORD_PARTIAL, /* the rest has not come */
	LOG_RECORD_INVALID, /* no worker of ours writes this */
};

/* Takes the first record out of the reader. */
enum log_record_verdict log_record_next(
    struct log_record_reader *reader, struct log_record *record);

#endif
