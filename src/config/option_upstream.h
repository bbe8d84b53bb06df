/* SPDX-License-Identifier: MIT */
/* option_upstream.h - the setters of the options that say which upstreams a
 * connection goes by. Pure. */

#ifndef OPTION_UPSTREAM_H
#define OPTION_UPSTREAM_H

#include "config/option_value.h"

option_setter option_set_proxies; /* struct config_proxies */
option_setter option_set_upstream_order; /* enum upstream_order */
option_setter option_set_route; /* struct routes */

#endif
