// SPDX-License-Identifier: GPL-2.0-or-later
/* A label and its value on a line of the output for people, at every length and width. */
#include "test.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "print/human.h"

static struct nest_options options;
static const struct nest_run run = { .options = &options };

/* What nest_fact() prints into a file. */
static char *printed(const char *name, const char *value)
{
	static char text[4096];
	FILE *out = fmemopen(text, sizeof(text), "w");

	nest_fact(out, &run, name, "%s", value);
	fclose(out);
	return text;
}

/* A label of n letters l, a blank at least, and a value of letters v. */
static bool is_apart(const char *line, int n)
{
	int i;

	for (i = 0; i < n; i++)
		if (line[2 + i] != 'l')
			return false;
	return line[2 + n] == ' ' || line[2 + n] == '\n';
}

TEST(every_length, "a label of any length is apart from its value, and short ones line up")
{
	char name[80];
	int n;

	for (n = 1; n < 80; n++) {
		memset(name, 'l', (size_t)n);
		name[n] = '\0';
		CHECK(is_apart(printed(name, "vvv vvv"), n));
		if (n <= 17)
			CHECK_EQ(strchr(printed(name, "vvv"), 'v') - printed(name, "vvv"), 20);
	}
	CHECK_STR(printed("", "vvv"), "                    vvv\n");
	CHECK_STR(printed("HWPT dirty_tracking", "EOPNOTSUPP"),
		  "  HWPT dirty_tracking EOPNOTSUPP\n");
}

TEST(wrapping, "the value is wrapped at the edge, also behind a long label")
{
	char value[300] = "", name[96];
	const char *line;
	int i;

	for (i = 0; i < 40; i++)
		strcat(value, i ? " vvvvv" : "vvvvv");
	for (i = 1; i < 95; i++) {
		memset(name, 'l', sizeof(name));
		name[i] = '\0';
		for (line = printed(name, value); *line; line += strcspn(line, "\n") + 1) {
			CHECK(strcspn(line, "\n") <= 100);
			CHECK(line[strcspn(line, "\n") - 1] != ' ');
		}
	}
}

/* A terminal of so many columns: *ret_slave prints, the number that is returned reads. */
static int terminal_open(unsigned short columns, int *ret_slave)
{
	struct winsize size = { .ws_col = columns, .ws_row = 24 };
	int master = posix_openpt(O_RDWR | O_NOCTTY);
	struct termios raw;

	if (master < 0 || grantpt(master) || unlockpt(master))
		return -1;
	*ret_slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	if (*ret_slave < 0 || ioctl(master, TIOCSWINSZ, &size) || tcgetattr(*ret_slave, &raw))
		return -1;
	cfmakeraw(&raw);
	return tcsetattr(*ret_slave, TCSANOW, &raw) ? -1 : master;
}

/* What was printed since; one write may come in parts. */
static void terminal_read(int master, char *text, size_t size)
{
	struct pollfd end = { .fd = master, .events = POLLIN };
	size_t len = 0;
	ssize_t got;

	while (len < size - 1 && poll(&end, 1, 100) == 1 &&
	       (got = read(master, text + len, size - 1 - len)) > 0)
		len += (size_t)got;
	text[len] = '\0';
}

TEST(terminal, "and at the width of a narrow terminal")
{
	int slave = -1, master = terminal_open(44, &slave), n;
	char text[1024], name[41];
	FILE *out;

	REQUIRE(master >= 0);
	for (n = 1; n <= 40; n++) {
		memset(name, 'l', sizeof(name));
		name[n] = '\0';
		out = fdopen(dup(slave), "w");
		nest_fact(out, &run, name, "vvvvvvvvv vvvvvvvvv vvvvvvvvv");
		fclose(out);
		terminal_read(master, text, sizeof(text));
		CHECK(is_apart(text, n));
		CHECK(strcspn(text, "\n") <= 44);
	}
	close(slave);
	close(master);
}

static const struct {
	const char *commands, *want;
} broken[] = {
	{ /* what fits is whole */ "modprobe a && b", "                    modprobe a && b\n" },
	{ /* what does not is broken, further to the left */
	  "aaaaaaaaaaaaaaaaaaaaaaaaa && bbbbbbbbbbbb && cccccccccc",
	  "    aaaaaaaaaaaaaaaaaaaaaaaaa &&\n      bbbbbbbbbbbb &&\n      cccccccccc\n" },
	{ /* a comment stays one */ "# to go back: aaaaaaaaaaaaaaaaaaa && bbbbbbbbbbbb",
	  "    # to go back: aaaaaaaaaaaaaaaaaaa &&\n    #   bbbbbbbbbbbb\n" },
	{ /* words in quotes are not touched */
	  "echo 'aaaaaaaaaa && aaaaaaaaaa' && \"bbbbbbb && bbbbbbbb\" && c\\' && d",
	  "    echo 'aaaaaaaaaa && aaaaaaaaaa' &&\n      \"bbbbbbb && bbbbbbbb\" &&\n"
	  "      c\\' &&\n      d\n" },
	{ /* a comment is said once */ "# first:\naaa\n# first:\nbbb",
	  "                    # first:\n                    aaa\n                    bbb\n" },
};

TEST(commands, "a command without room is broken where a shell reads on, on a terminal only")
{
	int slave = -1, master = terminal_open(44, &slave);
	char text[1024];
	size_t i;
	FILE *out;

	REQUIRE(master >= 0);
	for (i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
		out = fdopen(dup(slave), "w");
		nest_human_commands(out, &run, broken[i].commands);
		fclose(out);
		terminal_read(master, text, sizeof(text));
		CHECK_STR(text, broken[i].want);
	}
	close(slave);
	close(master);
	out = fmemopen(text, sizeof(text), "w");
	nest_human_commands(out, &run, broken[1].commands);
	fclose(out);
	CHECK(strstr(text, broken[1].commands));
}

TEST(names, "a list of names ends where there is no room, and says how many it leaves out")
{
	static const char *const all[] = { "dmar0", "dmar1", "dmar0", "dmar2", "dmar\033[2J" };
	struct nest_names names = { 0 };
	char *text;
	size_t i, room;

	for (i = 0; i < sizeof(all) / sizeof(*all); i++)
		REQUIRE(!nest_names_add(&names, all[i]));
	CHECK_EQ(names.n, 4);
	text = nest_names_text(&names, 100);
	CHECK_STR(text, "dmar0, dmar1, dmar2, dmar\033[2J");
	free(text);
	/* Escaped, the last one takes 11 columns. */
	for (room = 0; room < 40; room++) {
		text = nest_names_text(&names, room);
		CHECK_STR(text, room >= 32   ? "dmar0, dmar1, dmar2, dmar\033[2J"
				: room >= 29 ? "dmar0, dmar1 and 2 more"
					     : "dmar0 and 3 more");
		free(text);
	}
	nest_names_free(&names);
}

int main(void)
{
	return test_main();
}
