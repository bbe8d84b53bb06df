/* option_credentials.h - the setters of what upstreams want to see in a
 * request: credentials, and other fields. */

#ifndef OPTION_CREDENTIALS_H
#define OPTION_CREDENTIALS_H

#include "config/option_value.h"

option_setter option_set_credentials; /* struct credentials, not read */
option_setter option_add_connect_header; /* struct connect_headers */

#endif
