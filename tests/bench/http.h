/* SPDX-License-Identifier: MIT */
/* http.h - what both ends of the benchmark agree on for plain HTTP: a GET whose
 * path names the request alone, and a response whose body is that path. So a
 * relay that mixes up requests, or loses or adds a byte, fails. Load generator
 * and fixture. */

#ifndef HTTP_H
#define HTTP_H

#include "wire.h"

/* As long as a small answer of a tunnel. */
#define HTTP_PATH_BYTES WIRE_ECHO_BYTES

/* The request as a browser sends it, for message_send. */
void http_request_begin(struct message *m, const char *host, uint64_t number);

/* Receives the response to that request, which ends with the stream:
 * TRANSFER_MORE until then. Does not return when it is another one. */
enum transfer http_response_receive(int fd, struct message *m, uint64_t number);

/* The response that a request gets, at most WIRE_HEAD_MAX bytes; returns its
 * length. The request is whole, and a text. Does not return when it is none
 * for the base: `http://HOST`, or nothing where no proxy is asked. */
size_t http_response_write(
    char *response, const char *request, const char *base);

#endif
