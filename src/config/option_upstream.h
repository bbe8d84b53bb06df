/* option_upstream.h - the setter of -upstream-proxy. Pure. */

#ifndef OPTION_UPSTREAM_H
#define OPTION_UPSTREAM_H

#include "config/option_value.h"

option_setter option_set_upstreams; /* struct upstream_set */

#endif
