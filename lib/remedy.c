// SPDX-License-Identifier: GPL-2.0-or-later
/* Shell commands, filled in with what they are about. */
#include "remedy.h"
#include "util.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define WORD_MAX 1100 /* of a name of 255 bytes, each of them a quote */

/* The user that ran sudo, else the user that is logged in. */
#define CALLER "\"${SUDO_USER:-$USER}\""

/* ---- words of a shell ---- */

static bool is_plain(const char *text)
{
	return *text &&
	       !text[strspn(
		       text,
		       "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:@%+=,-")];
}

/* Bytes that a line of text cannot hold. */
static char shown(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f ? '?' : c;
}

void nest_remedy_quote(const char *text, char *buf, size_t size)
{
	size_t used = 0;

	if (is_plain(text)) {
		snprintf(buf, size, "%s", text);
		return;
	}
	if (size < 3) {
		*buf = '\0';
		return;
	}
	buf[used++] = '\'';
	for (; *text && used + 6 < size; text++) {
		if (*text == '\'')
			used += (size_t)(stpcpy(buf + used, "'\\''") - (buf + used));
		else
			buf[used++] = shown(*text);
	}
	strcpy(buf + used, "'");
}

/* ---- templates ---- */

struct words {
	char object[WORD_MAX], quoted[WORD_MAX], user[WORD_MAX];
	const char *number;
};

static void take_words(struct words *words, const char *object, const char *user)
{
	size_t len = strlen(object), i;

	snprintf(words->object, sizeof(words->object), "%s", object);
	for (i = 0; words->object[i]; i++)
		words->object[i] = shown(words->object[i]);
	nest_remedy_quote(object, words->quoted, sizeof(words->quoted));
	if (user && *user)
		nest_remedy_quote(user, words->user, sizeof(words->user));
	else
		strcpy(words->user, CALLER);
	words->number = object + len;
	while (words->number > object && isdigit((unsigned char)words->number[-1]))
		words->number--;
}

/* What a placeholder at text stands for, and its length; NULL: it is none. */
static const char *placed(const struct words *words, const char *text, bool command,
			  size_t *ret_len)
{
	if (!strncmp(text, "{}", 2)) {
		*ret_len = 2;
		return command ? words->quoted : words->object;
	}
	*ret_len = 3;
	return !strncmp(text, "{N}", 3)	  ? words->number
	       : !strncmp(text, "{U}", 3) ? words->user
					  : NULL;
}

/* command: the first line is one already. */
static void fill(const char *template, const struct words *words, bool command, char *buf,
		 size_t size)
{
	size_t used = 0, line = 0, len;

	for (; template && *template; template += len) {
		const char *with = placed(words, template, command, &len);
		char one[2] = { *template, '\0' };
		size_t more;

		if (!with) {
			with = one;
			len = 1;
		}
		more = strlen(with);
		if (more >= size - used) {
			/* Half a command may do anything. */
			more = command ? 0 : size - 1 - used;
			memcpy(buf + used, with, more);
			used = command ? line : used + more;
			break;
		}
		if (*template == '\n') {
			command = true;
			line = used;
		}
		memcpy(buf + used, with, more);
		used += more;
	}
	buf[used] = '\0';
}

static void fill_for(const char *template, const char *object, const char *user, bool command,
		     char *buf, size_t size)
{
	struct words words = { 0 };

	take_words(&words, object, user);
	fill(template, &words, command, buf, size);
}

void nest_remedy_fill(const char *template, const char *object, char *buf, size_t size)
{
	fill_for(template, object, NULL, false, buf, size);
}

void nest_remedy_commands(const char *template, const char *object, char *buf, size_t size)
{
	fill_for(template, object, NULL, true, buf, size);
}

void nest_remedy_and(const char *object, char *buf, size_t size)
{
	char word[WORD_MAX];
	size_t used = strlen(buf);

	nest_remedy_quote(object, word, sizeof(word));
	if (strlen(word) + 2 <= size - used)
		snprintf(buf + used, size - used, " %s", word);
}

/* ---- drivers of PCI devices ---- */

#define DRIVERCTL "driverctl set-override {} vfio-pci\n"
#define UNBIND	  "echo {} > /sys/bus/pci/devices/{}/driver/unbind"
#define PROBE	  "echo {} > /sys/bus/pci/drivers_probe"

/* Nothing is taken from its driver before vfio-pci is there: the device would be left with none. */
#define BIND(unbind)                                                                               \
	DRIVERCTL                                                                                  \
	"# or, without driverctl (until the next reboot):\n"                                       \
	"modprobe vfio-pci && echo vfio-pci > /sys/bus/pci/devices/{}/driver_override && " unbind  \
		PROBE

void nest_remedy_bind(const char *address, enum nest_tri bound, char *buf, size_t size)
{
	static const char *const templates[] = {
		[NEST_UNKNOWN] =
			BIND("{ [ ! -e /sys/bus/pci/devices/{}/driver ] || " UNBIND "; } && "),
		[NEST_NO] = BIND(""),
		[NEST_YES] = BIND(UNBIND " && "),
	};

	nest_remedy_commands(templates[bound], address, buf, size);
}

void nest_remedy_bind_back(const char *address, char *buf, size_t size)
{
	nest_remedy_commands("driverctl unset-override {}\n"
			     "# or, without driverctl:\n"
			     "echo > /sys/bus/pci/devices/{}/driver_override && " UNBIND
			     " && " PROBE,
			     address, buf, size);
}

void nest_remedy_bind_and_back(const char *address, enum nest_tri bound, char *buf, size_t size)
{
	char back[NEST_REMEDY_MAX], *line, *rest = back;
	size_t used;

	nest_remedy_bind(address, bound, buf, size);
	used = strlen(buf);
	nest_remedy_bind_back(address, back, sizeof(back));
	while ((line = strsep(&rest, "\n"))) {
		static const char label[] = "\n# to go back: ";

		if (*line == '#' || strlen(line) + sizeof(label) > size - used)
			continue;
		used += (size_t)snprintf(buf + used, size - used, "%s%s", label, line);
	}
}

void nest_remedy_free(const char *address, char *buf, size_t size)
{
	nest_remedy_commands(
		DRIVERCTL "# or, without driverctl, to no driver (until the next reboot):\n" UNBIND,
		address, buf, size);
}

void nest_remedy_free_back(const char *address, char *buf, size_t size)
{
	nest_remedy_commands("driverctl unset-override {}\n"
			     "# or, without driverctl:\n" PROBE,
			     address, buf, size);
}

/* ---- device nodes ---- */

/* A prefix that ends in a letter is a whole path, or what stands before a number. */
static const struct node {
	const char *prefix;
	bool numbered;
	const char *udev, *make; /* NULL: none is needed */
} nodes[] = {
#define MAKE(mode, dir, class)                                                                     \
	"mkdir -p " dir " && mknod -m " mode " {} c $(tr : ' ' < /sys/class/" class "/dev)"
	{ "/dev/iommu", false, NEST_UDEV_IOMMUFD, MAKE("0660", "/dev", "misc/iommu") },
	{ "/dev/vfio/vfio", false, NEST_CMD_OPEN_TO_ALL, MAKE("0666", "/dev/vfio", "misc/vfio") },
	{ "/dev/vfio/devices/vfio", true, NEST_UDEV_DEVICE,
	  MAKE("0600", "/dev/vfio/devices", "vfio-dev/vfio{N}") },
	{ "/dev/vfio/", true, NEST_UDEV_GROUP, MAKE("0600", "/dev/vfio", "vfio/{N}") },
#undef MAKE
};

static const struct node *node_of(const char *path)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(nodes); i++) {
		size_t len = strlen(nodes[i].prefix);
		const char *rest = path + len;

		if (strncmp(path, nodes[i].prefix, len))
			continue;
		if (nodes[i].numbered ? *rest && !rest[strspn(rest, "0123456789")] : !*rest)
			return &nodes[i];
	}
	return NULL;
}

void nest_remedy_node(const char *path, char *buf, size_t size)
{
	const struct node *node = node_of(path);

	nest_remedy_commands(node ? node->make : NULL, path, buf, size);
}

void nest_remedy_udev(const char *path, const char *user, char *buf, size_t size)
{
	const struct node *node = node_of(path);

	fill_for(node ? node->udev : NULL, path, user, true, buf, size);
}

void nest_remedy_join(const char *group, const char *user, char *buf, size_t size)
{
	fill_for("usermod -aG {} {U}", group, user, true, buf, size);
}

/* ---- limits ---- */

void nest_remedy_memlock(const char *service, char *buf, size_t size)
{
	char unit[300];

	if (!service) {
		nest_remedy_commands(NEST_CMD_MEMLOCK, "", buf, size);
		return;
	}
	snprintf(unit, sizeof(unit), "%.255s%s", service, strchr(service, '.') ? "" : ".service");
	nest_remedy_commands(
		"mkdir -p /etc/systemd/system/{}.d && printf "
		"'[Service]\\nLimitMEMLOCK=infinity\\n' > /etc/systemd/system/{}.d/memlock.conf && "
		"systemctl daemon-reload && systemctl restart {}",
		unit, buf, size);
}
