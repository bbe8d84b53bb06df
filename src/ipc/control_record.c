#include "ipc/control_record.h"

#include <errno.h>
#include <limits.h>
#include <unistd.h>

_Static_assert(sizeof(struct control_record) <= PIPE_BUF,
    "a record must be written at once");

int
control_record_write(int fd, const struct control_record *record)
{
	return write(fd, record, sizeof *record) == -1 ? -1 : 0;
}

static bool
addresses_are_valid(const struct upstream_addresses *addresses)
{
	if (addresses->count == 0 || addresses->count > UPSTREAM_ADDRESSES)
		return false;
	for (unsigned i = 0; i < addresses->count; i++) {
		const struct address *address = &addresses->list[i];

		if (address->any.sa_family != AF_INET &&
		    address->any.sa_family != AF_INET6)
			return false;
		if (address_port(address) == 0)
			return false;
	}
	return true;
}

int
control_record_read(int fd, struct control_record *record)
{
	ssize_t length = read(fd, record, sizeof *record);

	if (length <= 0)
		return (int)length;
	if ((size_t)length != sizeof *record ||
	    (unsigned)record->kind >= CONTROL_KINDS ||
	    (record->kind == CONTROL_ADDRESSES &&
		!addresses_are_valid(&record->addresses))) {
		errno = EBADMSG;
		return -1;
	}
	return 1;
}
