/* SPDX-License-Identifier: MIT */
/* work_end.h - the keywords are keywords again (see work.h). */

#undef while
#undef for
#undef memchr
#undef memcpy
#undef memset
