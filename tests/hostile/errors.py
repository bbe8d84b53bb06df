# SPDX-License-Identifier: MIT
"""The errors that each call of a worker can have."""

# EPIPE of a socket is not among them: it would falsely say that the peer's FIN
# and RST have come. attacks.py causes real ones.
ERRORS = {
    "accept4": "EAGAIN EINTR ECONNABORTED EPERM EPROTO ENETDOWN ETIMEDOUT "
               "EMFILE ENFILE ENOBUFS ENOMEM",
    "calloc": "ENOMEM",
    "close": "EINTR EIO ENOSPC",
    "connect": "EINTR EAGAIN EACCES EPERM EADDRNOTAVAIL ECONNREFUSED "
               "ENETUNREACH EHOSTUNREACH ETIMEDOUT ENOBUFS ENOMEM",
    "epoll_ctl": "ENOMEM ENOSPC",
    "epoll_wait": "EINTR",
    "fcntl": "EPERM EBUSY ENOMEM",
    "getsockopt": "ENOENT ENOPROTOOPT ENOMEM ENOBUFS",
    "ioctl": "ENOMEM EINVAL",
    "mmap": "ENOMEM EAGAIN",
    "munmap": "ENOMEM",
    "pipe2": "EMFILE ENFILE ENOMEM",
    "poll": "EINTR ENOMEM",
    "read": "EAGAIN EINTR EIO",
    "realloc": "ENOMEM",
    "reallocarray": "ENOMEM",
    "recv": "EAGAIN EINTR ECONNRESET ECONNREFUSED ETIMEDOUT EHOSTUNREACH "
            "ENOMEM",
    "send": "EAGAIN EINTR ECONNRESET ETIMEDOUT EHOSTUNREACH EPERM ENOBUFS "
            "ENOMEM",
    "setsockopt": "ENOPROTOOPT ENOMEM ENOBUFS",
    "shutdown": "ENOTCONN ENOBUFS",
    "socket": "EMFILE ENFILE ENOBUFS ENOMEM EACCES",
    "splice": "EAGAIN EINTR ENOMEM ECONNRESET ETIMEDOUT EINVAL ENOSYS",
    "strdup": "ENOMEM",
    "timerfd_settime": "ENOMEM",
    "write": "EAGAIN EINTR EPIPE ENOMEM",
}
