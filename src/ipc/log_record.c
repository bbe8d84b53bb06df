#include "ipc/log_record.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

struct header {
	uint8_t kind;
	uint8_t level;
	uint16_t length; /* of the words, without a terminator */
};

_Static_assert(sizeof(struct header) + LOG_WORDS_SIZE <= PIPE_BUF,
    "a record must be written at once");

bool
log_record_write(
    int fd, enum log_record_kind kind, enum log_level level, const char *words)
{
	unsigned char bytes[sizeof(struct header) + LOG_WORDS_SIZE];
	size_t length = strnlen(words, LOG_WORDS_SIZE - 1);
	struct header header = {
		.kind = (uint8_t)kind,
		.level = (uint8_t)level,
		.length = (uint16_t)length,
	};

	memcpy(bytes, &header, sizeof header);
	memcpy(bytes + sizeof header, words, length);
	return write(fd, bytes, sizeof header + length) != -1;
}

enum log_record_verdict
log_record_next(struct log_record_reader *reader, struct log_record *record)
{
	struct header header;
	size_t whole;

	if (reader->length < sizeof header)
		return LOG_RECORD_PARTIAL;
	memcpy(&header, reader->bytes, sizeof header);
	if (header.kind >= LOG_RECORD_KINDS || header.level >= LOG_LEVELS ||
	    header.length >= LOG_WORDS_SIZE)
		return LOG_RECORD_INVALID;
	whole = sizeof header + header.length;
	if (reader->length < whole)
		return LOG_RECORD_PARTIAL;
	record->kind = (enum log_record_kind)header.kind;
	record->level = (enum log_level)header.level;
	memcpy(record->words, reader->bytes + sizeof header, header.length);
	record->words[header.length] = '\0';
	reader->length -= whole;
	memmove(reader->bytes, reader->bytes + whole, reader->length);
	return LOG_RECORD_WHOLE;
}
