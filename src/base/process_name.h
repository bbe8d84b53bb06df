/* SPDX-License-Identifier: MIT */
/* process_name.h - the name that ps -o comm shows. Any process. */

#ifndef PROCESS_NAME_H
#define PROCESS_NAME_H

/* The kernel keeps the first 15 bytes. prctl(2) PR_SET_NAME. */
void process_name_set(const char *name);

#endif
