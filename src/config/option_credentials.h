/* SPDX-License-Identifier: MIT */
/* option_credentials.h - setters of fields in requests to upstreams:
 * credentials and others. */

#ifndef OPTION_CREDENTIALS_H
#define OPTION_CREDENTIALS_H

#include "config/option_value.h"

option_setter option_set_credentials; /* struct credentials, not read */
option_setter option_add_connect_header; /* struct connect_headers */

#endif
