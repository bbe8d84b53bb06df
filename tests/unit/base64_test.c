/* SPDX-License-Identifier: MIT */
#include "base/base64.h"

#include <string.h>

#include "check.h"

/* RFC 4648 10, RFC 7617 2, and all signs of the alphabet. */
static void
bytes_become_characters(void)
{
	static const struct {
		struct span in;
		const char *out;
	} rows[] = {
#define ROW(in, out) { { (const unsigned char *)(in), sizeof(in) - 1 }, out }
		ROW("", ""),
		ROW("f", "Zg=="),
		ROW("fo", "Zm8="),
		ROW("foo", "Zm9v"),
		ROW("foob", "Zm9vYg=="),
		ROW("fooba", "Zm9vYmE="),
		ROW("foobar", "Zm9vYmFy"),
		ROW("Aladdin:open sesame", "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
		ROW("test:123\xc2\xa3", "dGVzdDoxMjPCow=="),
		ROW("\0\x10\x83\x10\x51\x87\x20\x92\x8b\x30\xd3\x8f\x41\x14\x93"
		    "\x51\x55\x97\x61\x96\x9b\x71\xd7\x9f\x82\x18\xa3\x92\x59"
		    "\xa7\xa2\x9a\xab\xb2\xdb\xaf\xc3\x1c\xb3\xd3\x5d\xb7\xe3"
		    "\x9e\xbb\xf3\xdf\xbf",
		    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		    "0123456789+/"),
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		size_t length = strlen(rows[i].out);
		char out[128];

		memset(out, '#', sizeof out);
		CHECK_ROW(
		    base64_encode(out, rows[i].in) == length, rows[i].out);
		CHECK_ROW(
		    BASE64_LENGTH(rows[i].in.length) == length, rows[i].out);
		CHECK_ROW(memcmp(out, rows[i].out, length) == 0, rows[i].out);
		CHECK_ROW(out[length] == '#', rows[i].out);
	}
}

int
main(void)
{
	RUN(bytes_become_characters);
	return check_report();
}
