/* SPDX-License-Identifier: MIT */
/* log_sink.h - where the log's lines leave the daemon: standard error, a file
 * or syslog. Master only. It never blocks: what the sink does not take is
 * dropped and counted, and said once there is room. */

#ifndef LOG_SINK_H
#define LOG_SINK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/log.h"
#include "base/text.h"
#include "config/config.h"

/* Opens the sink and leads this process's log verbs to it. A file that has to
 * be made is given to that user and group (-1: left as it is). False with the
 * reason in *error. */
bool log_sink_open(
    const struct config *config, uid_t uid, gid_t gid, struct text *error);

/* The same at a reload. Where it fails the old sink stays in use, and says
 * so. */
void log_sink_reopen(const struct config *config);

/* A file wants a process that writes it, and so does standard error once it has
 * shown to be slow: log_writer.h. `fd` is the pipe to it, -1 once that has
 * died; *sent counts the lines that the pipe took. Both stay the caller's. The
 * writer of a former sink is not used any more. */
bool log_sink_wants_writer(void);
void log_sink_use_writer(int fd, uint64_t *sent);
bool log_sink_uses_writer(int fd);

/* In a child, which logs elsewhere: closes what is not standard error. The
 * writer takes the file out first. */
void log_sink_close(void);
int log_sink_take_file(void);

/* One line, with the time and the process's name in front of it, in the format
 * of the configuration: log_line.h. */
void log_sink_write(
    enum log_level level, const char *process, const char *words);

/* How many lines were dropped since the start. The others count lines that were
 * dropped elsewhere: another process says so, or the sink will. */
uint64_t log_sink_dropped(void);
void log_sink_count_dropped(uint64_t lines);
void log_sink_say_dropped(uint64_t lines);

/* Says how many lines were dropped, if there is room again. */
void log_sink_tick(void);

#endif
