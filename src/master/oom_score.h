/* SPDX-License-Identifier: MIT */
/* oom_score.h - which process the kernel kills where memory is short. The
 * memory of tunnels is the kernel's own, so that it would take other daemons
 * first. Master only. proc(5), oom_score_adj */

#ifndef OOM_SCORE_H
#define OOM_SCORE_H

struct oom_score {
	int fd; /* owned: the master's own score; -1: it cannot be set here */
	int own;
};

/* Before root is gone: behind that, the file belongs to root. */
void oom_score_open(struct oom_score *score);

/* For a child that is forked now, which inherits it; then back again. Raising
 * needs no privilege, nor does what was raised before. */
void oom_score_raise(const struct oom_score *score, int by);
void oom_score_restore(const struct oom_score *score);

#endif
