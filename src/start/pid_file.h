/* SPDX-License-Identifier: MIT */
/* pid_file.h - the file with the master's pid. Locked while the master lives:
 * the lock, not the number in it, says whether an instance runs. At the start
 * and at the end. */

#ifndef PID_FILE_H
#define PID_FILE_H

/* Writes our pid into the file, mode 0644, ours, and keeps it locked: the
 * descriptor, to be given to pid_file_close(). -1 with errno: EWOULDBLOCK where
 * another instance has it. A lock that a mere reader of the file holds counts
 * for nothing. Links are not followed, and a file with a second name is
 * refused. fcntl(2), F_SETLK */
int pid_file_open(const char *path);

/* Empties the file and removes it where that is permitted. */
void pid_file_close(const char *path, int *fd);

#endif
