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

TEST(terminal, "and at the width of a narrow terminal")
{
	struct winsize size = { .ws_col = 44, .ws_row = 24 };
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave;
	struct termios raw;
	char text[1024], name[41];
	FILE *out;
	ssize_t len, got;
	struct pollfd end = { .fd = master, .events = POLLIN };
	int n;

	REQUIRE(master >= 0 && !grantpt(master) && !unlockpt(master));
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	REQUIRE(slave >= 0 && !ioctl(master, TIOCSWINSZ, &size));
	tcgetattr(slave, &raw);
	cfmakeraw(&raw);
	tcsetattr(slave, TCSANOW, &raw);
	for (n = 1; n <= 40; n++) {
		memset(name, 'l', sizeof(name));
		name[n] = '\0';
		out = fdopen(dup(slave), "w");
		nest_fact(out, &run, name, "vvvvvvvvv vvvvvvvvv vvvvvvvvv");
		fclose(out);
		/* One write may come in parts. */
		for (len = 0; len < (ssize_t)sizeof(text) - 1 && poll(&end, 1, 100) == 1;
		     len += got)
			if ((got = read(master, text + len, sizeof(text) - 1 - (size_t)len)) <= 0)
				break;
		text[len] = '\0';
		CHECK(is_apart(text, n));
		CHECK(strcspn(text, "\n") <= 44);
	}
	close(slave);
	close(master);
}

int main(void)
{
	return test_main();
}
