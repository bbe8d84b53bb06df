#include "config/options.h"

#include <getopt.h>
#include <string.h>

#include "config/config_file.h"
#include "config/option_value.h"

/* Where an option's value lives. */
#define FIELD(member) \
	offsetof(struct config, member), sizeof(((struct config *)0)->member)

static const char a_duration[] = "a duration above 0 such as 25s or 1m30s";
static const char a_duration_or_0[] = "0 or a duration such as 25s or 1m30s";
static const char a_port_list[] =
    "ports such as 443,8443,9000-9100, or all, or none";
static const char a_path[] = "a path";
static const char true_or_false[] = "true or false";

/* A default of NULL leaves the field all bytes 0; default_words say what that
 * means, or what the default's text would not. An argument of NULL makes a
 * switch. */
static const struct option_row {
	const char *name;
	const char *argument;
	const char *default_value;
	const char *default_words;
	const char *expected;
	const char *help;
	option_setter *set;
	size_t offset;
	size_t size;
	enum option_scope scope;
} table[] = {
	{ "local-port", "N", "8443", NULL, "a port from 1 to 65535",
	    "TCP port to listen on", option_set_port, FIELD(local_port),
	    OPTION_OF_START },
	{ "local-address", "IP", "0.0.0.0", NULL, "an IPv4 address",
	    "address to listen on", option_set_ipv4, FIELD(local_address),
	    OPTION_OF_START },
	{ "upstream-proxy", "HOST[:PORT]", "localhost:3128", NULL,
	    "HOST or HOST:PORT, an IPv6 address as [::1]:3128",
	    "the upstream HTTP proxy; the port is 3128 where none is given",
	    option_set_upstream, FIELD(upstream), OPTION_OF_WORKERS },
	{ "dial-timeout", "D", "3m", NULL, a_duration,
	    "to connect to the upstream proxy, name resolution included",
	    option_set_positive_duration, FIELD(dial_timeout_ms),
	    OPTION_OF_WORKERS },
	{ "response-timeout", "D", "3m", NULL, a_duration,
	    "from the sent CONNECT to the end of the proxy's response header",
	    option_set_positive_duration, FIELD(response_timeout_ms),
	    OPTION_OF_WORKERS },
	{ "sniff-timeout", "D", "-1s", NULL, "a duration such as 2s or -1s",
	    "the longest wait for a host name in the client's first bytes; "
	    "negative: no sniffing; 0: 1s",
	    option_set_sniff_timeout, FIELD(sniff_timeout_ms),
	    OPTION_OF_WORKERS },
	{ "sniff-max-bytes", "N", "8192", NULL,
	    "a number of bytes up to 1048576",
	    "the most bytes looked at for a host name; 0 or less: the default",
	    option_set_sniff_limit, FIELD(sniff_limit_bytes),
	    OPTION_OF_WORKERS },
	{ "sniff-tls-ports", "LIST", "all", NULL, a_port_list,
	    "destination ports whose first bytes the TLS scanner looks at",
	    option_set_ports, FIELD(sniff_tls_ports), OPTION_OF_WORKERS },
	{ "sniff-http-ports", "LIST", "all", NULL, a_port_list,
	    "destination ports whose first bytes the HTTP scanner looks at",
	    option_set_ports, FIELD(sniff_http_ports), OPTION_OF_WORKERS },
	{ "half-close", "forward|hold", "forward", NULL, "forward or hold",
	    "what becomes of a client's FIN while the origin still sends: "
	    "passed on at once, or held until the origin has ended",
	    option_set_half_close, FIELD(half_close), OPTION_OF_WORKERS },
	{ "idle-timeout", "D", "2h4m", NULL, a_duration_or_0,
	    "closes a tunnel silent in both directions for so long; 0: never",
	    option_set_duration, FIELD(idle_timeout_ms), OPTION_OF_WORKERS },
	{ "half-closed-timeout", "D", "10m", NULL, a_duration_or_0,
	    "the same, once one side has ended its stream; 0: never",
	    option_set_duration, FIELD(half_closed_timeout_ms),
	    OPTION_OF_WORKERS },
	{ "drain-timeout", "D", "5s", NULL, a_duration_or_0,
	    "how long a stop lets open tunnels finish", option_set_duration,
	    FIELD(drain_timeout_ms), OPTION_OF_WORKERS },
	{ "workers", "N", "auto", "one per CPU, at least 2",
	    "a number from 1 to 256", "worker processes", option_set_workers,
	    FIELD(workers), OPTION_OF_WORKERS },
	{ "max-connections", "N", NULL, "what descriptors and memory allow",
	    "a number from 1 to 10000000",
	    "connections served at once, all workers together",
	    option_set_connections, FIELD(max_connections), OPTION_OF_MASTER },
	{ "user", "NAME", NULL, "handyproxy if there is one, else nobody",
	    "the name of a user",
	    "whom to become once the port is bound, when started as root",
	    option_set_user, FIELD(user), OPTION_OF_START },
	{ "group", "NAME", NULL, "the user's", "the name of a group",
	    "the same for the group", option_set_user, FIELD(group),
	    OPTION_OF_START },
	{ "chroot", "DIR", NULL, "none", a_path,
	    "root directory of the workers", option_set_path,
	    FIELD(chroot_path), OPTION_OF_START },
	{ "sandbox", "on|off", "on", NULL, "on or off",
	    "the workers' system-call filter and file-system ban",
	    option_set_on_off, FIELD(sandbox), OPTION_OF_WORKERS },
	{ "log-to", "stderr|syslog|FILE", NULL, "stderr; with -daemon: syslog",
	    "stderr, syslog or a path", "where the log goes", option_set_log_to,
	    FIELD(log), OPTION_OF_MASTER },
	{ "log-level", "LEVEL", "notice", NULL,
	    "error, warning, notice, info or debug",
	    "error, warning, notice, info or debug; info adds one line per "
	    "finished connection",
	    option_set_log_level, FIELD(log_level), OPTION_OF_WORKERS },
	{ "daemon", NULL, NULL, "off", true_or_false,
	    "go to the background once the port is bound", option_set_switch,
	    FIELD(background), OPTION_OF_START },
	{ "pid-file", "FILE", NULL, "none", a_path,
	    "the master's pid, written once the port is bound", option_set_path,
	    FIELD(pid_file), OPTION_OF_START },
	{ "config", "FILE", NULL, "none", a_path,
	    "options from a file, one `name value` a line; the command line "
	    "wins",
	    option_set_path, FIELD(config_file), OPTION_OF_CALLER },
	{ "check", NULL, NULL, NULL, true_or_false,
	    "parse everything, say what is wrong or `configuration ok`",
	    option_set_switch, FIELD(check), OPTION_OF_CALLER },
	{ "version", NULL, NULL, NULL, true_or_false,
	    "print the version and exit", option_set_switch, FIELD(version),
	    OPTION_OF_CALLER },
	{ "help", NULL, NULL, NULL, true_or_false, "print this and exit",
	    option_set_switch, FIELD(help), OPTION_OF_CALLER },
};

enum { ROWS = sizeof table / sizeof table[0] };

static const struct option_row *
row_named(const char *name)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	}
	return NULL;
}

static void
append_value(struct text *error, const char *value)
{
	text_append(error, "\"");
	text_short(error, value);
	text_append(error, "\"");
}

static bool
argument_refuse(const char *what, const char *argument, struct text *error)
{
	text_format(error, "%s ", what);
	append_value(error, argument);
	text_append(error, ": expected an option that -help lists");
	return false;
}

/* `dash` is how the option was written: with one or, in a file, without. */
static bool
row_set(const struct option_row *row, struct config *config, const char *value,
    const char *directory, const char *dash, struct text *error)
{
	if (value == NULL && row->argument != NULL) {
		text_format(error, "%s%s: a value is missing, expected %s",
		    dash, row->name, row->expected);
		return false;
	}
	if (row->set((char *)config + row->offset, value, directory))
		return true;
	text_format(error, "%s%s ", dash, row->name);
	append_value(error, value != NULL ? value : "");
	text_format(error, ": expected %s", row->expected);
	return false;
}

bool
options_set(struct config *config, const char *name, const char *value,
    const char *directory, struct text *error)
{
	const struct option_row *row = row_named(name);

	if (row == NULL)
		return argument_refuse("unknown option", name, error);
	if (row->scope != OPTION_OF_CALLER)
		return row_set(row, config, value, directory, "", error);
	text_format(error, "%s: not possible in a file", name);
	return false;
}

static void
set_defaults(struct config *config)
{
	memset(config, 0, sizeof *config);
	for (size_t i = 0; i < ROWS; i++) {
		if (table[i].default_value != NULL)
			table[i].set((char *)config + table[i].offset,
			    table[i].default_value, "");
	}
}

/* The whole name is written; getopt_long_only(3) takes an abbreviation too,
 * which another option of a later version would make ambiguous. */
static bool
is_written_out(const char *argument, const char *name)
{
	argument += strspn(argument, "-");
	return strlen(name) == strcspn(argument, "=") &&
	    strncmp(argument, name, strlen(name)) == 0;
}

/* Neither getopt_long_only(3) permutes ("+") nor prints (":"); 0 makes it
 * begin anew in glibc and musl. An argument is one option at most, so the one
 * it began with is the one that is wrong. */
static bool
arguments_apply(struct config *config, int argc, char *argv[],
    const char *directory, struct text *error)
{
	enum { FOUND = 256 };
	struct option names[ROWS + 1];
	int at = 1, result;

	memset(names, 0, sizeof names);
	for (size_t i = 0; i < ROWS; i++) {
		names[i].name = table[i].name;
		names[i].has_arg = table[i].argument != NULL
		    ? required_argument
		    : optional_argument;
		names[i].val = FOUND + (int)i;
	}
	optind = 0;
	while (
	    (result = getopt_long_only(argc, argv, "+:", names, NULL)) != -1) {
		int found = result == ':' ? optopt : result;

		if (found < FOUND ||
		    !is_written_out(argv[at], table[found - FOUND].name))
			return argument_refuse(
			    "unknown option", argv[at], error);
		if (!row_set(&table[found - FOUND], config,
			result == ':' ? NULL : optarg, directory, "-", error))
			return false;
		at = optind;
	}
	return optind >= argc ||
	    argument_refuse("unexpected argument", argv[optind], error);
}

/* The command line is read twice: for the file's name and for what is wrong
 * with it first, and to win over the file afterwards. */
bool
options_load(struct config *config, int argc, char *argv[],
    const char *directory, struct text *error)
{
	char path[PATH_MAX];

	set_defaults(config);
	if (!arguments_apply(config, argc, argv, directory, error))
		return false;
	if (config->config_file[0] == '\0')
		return true;
	memcpy(path, config->config_file, sizeof path);
	set_defaults(config);
	return config_file_read(config, path, directory, error) &&
	    arguments_apply(config, argc, argv, directory, error);
}

void
options_compare(const struct config *before, const struct config *after,
    void (*changed)(enum option_scope scope, const char *name, void *context),
    void *context)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (memcmp((const char *)before + table[i].offset,
			(const char *)after + table[i].offset,
			table[i].size) != 0)
			changed(table[i].scope, table[i].name, context);
	}
}

void
options_copy_scope(
    struct config *config, const struct config *from, enum option_scope scope)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (table[i].scope == scope)
			memcpy((char *)config + table[i].offset,
			    (const char *)from + table[i].offset,
			    table[i].size);
	}
}

/* Words on lines of at most 79 columns, indented. */
static void
print_wrapped(FILE *out, const char *words)
{
	enum { INDENT = 8, WIDTH = 71 };

	while (*words != '\0') {
		size_t length = strlen(words);

		if (length > WIDTH) {
			for (length = WIDTH; words[length] != ' ';)
				length--;
		}
		fprintf(out, "%*s%.*s\n", INDENT, "", (int)length, words);
		words += length;
		words += strspn(words, " ");
	}
}

void
options_print_help(FILE *out)
{
	fprintf(out,
	    "usage: handyproxy [-option value]...\n\n"
	    "Relays redirected TCP connections through an HTTP proxy.\n\n");
	for (size_t i = 0; i < ROWS; i++) {
		const struct option_row *row = &table[i];
		char words[256];
		struct text text = text_in(words, sizeof words);

		fprintf(out, "  -%s%s%s\n", row->name,
		    row->argument != NULL ? " " : "",
		    row->argument != NULL ? row->argument : "");
		text_append(&text, row->help);
		if (row->default_words != NULL)
			text_format(
			    &text, " (default: %s)", row->default_words);
		else if (row->default_value != NULL)
			text_format(
			    &text, " (default: %s)", row->default_value);
		print_wrapped(out, words);
	}
}
