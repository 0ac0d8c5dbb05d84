// SPDX-License-Identifier: GPL-2.0-or-later
/* The hardware database: against fnmatch(3) on random patterns, against libudev on the installed
 * one. */
#include "test.h"

#include <errno.h>
#include <fnmatch.h>
#include <libudev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/hwdb.h"

#define PATTERNS 12
#define ROOM	 (64u << 10)

/* ---- a database ---- */

/* A node before it is written; a character leads to each but the first. */
struct trie {
	struct trie *children[128];
	int value; /* number of the pattern that ends here, or -1 */
};

struct image {
	uint8_t bytes[ROOM];
	size_t size;
};

static void put(uint8_t *at, uint64_t value)
{
	int i;

	for (i = 0; i < 8; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static size_t put_text(struct image *image, const char *text)
{
	size_t at = image->size;

	memcpy(image->bytes + at, text, strlen(text) + 1);
	image->size += strlen(text) + 1;
	return at;
}

static struct trie *node(void)
{
	struct trie *made = calloc(1, sizeof(*made));

	made->value = -1;
	return made;
}

/* With room for two fields more in each value, as files have it since systemd 227. */
static size_t put_trie(struct image *image, struct trie *trie)
{
	size_t at, next = 24, child;
	char key[16], text[16];
	int i;

	for (i = 0; i < 128; i++)
		next += trie->children[i] ? 16 : 0;
	at = image->size;
	image->size += next + (trie->value >= 0 ? 32 : 0);
	put(image->bytes + at, put_text(image, ""));
	if (trie->value >= 0) {
		snprintf(key, sizeof(key), " P%d", trie->value);
		snprintf(text, sizeof(text), "%d", trie->value);
		put(image->bytes + at + 16, 1);
		put(image->bytes + at + next, put_text(image, key));
		put(image->bytes + at + next + 8, put_text(image, text));
	}
	for (i = 0, child = at + 24; i < 128; i++) {
		if (!trie->children[i])
			continue;
		image->bytes[at + 8]++;
		image->bytes[child] = (uint8_t)i;
		put(image->bytes + child + 8, put_trie(image, trie->children[i]));
		child += 16;
	}
	free(trie);
	return at;
}

/* Each pattern says " PN" = "N", N its place. */
static void make(struct image *image, char patterns[][16], int count)
{
	static const uint64_t header[] = { 252, 0, 80, 24, 16, 32 };
	struct trie *root = node();
	size_t i;
	int p;

	for (p = 0; p < count; p++) {
		struct trie *at = root;
		const char *c;

		for (c = patterns[p]; *c; c++) {
			if (!at->children[(int)*c])
				at->children[(int)*c] = node();
			at = at->children[(int)*c];
		}
		at->value = p;
	}
	memset(image, 0, sizeof(*image));
	memcpy(image->bytes, "KSLPHHRH", 8);
	for (i = 0; i < 6; i++)
		put(image->bytes + 8 + 8 * i, header[i]);
	image->size = 80;
	put(image->bytes + 56, put_trie(image, root));
	put(image->bytes + 16, image->size);
}

/* What the image says of pattern p for the modalias: its number, -1 for nothing, or -errno - 1. */
static int said(const struct image *image, const char *modalias, int p)
{
	char name[16];
	struct nest_hwdb_value value = { name, NULL };
	struct nest_hwdb hwdb;
	int err = nest_hwdb_read(image->bytes, image->size, &hwdb);

	snprintf(name, sizeof(name), "P%d", p);
	if (!err)
		err = nest_hwdb_find(&hwdb, modalias, &value, 1);
	if (err)
		return err - 1;
	return value.text ? atoi(value.text) : -1;
}

static unsigned int seed = 1;

static unsigned int random_below(unsigned int n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % n;
}

static void random_text(const char *alphabet, char *buf, unsigned int max)
{
	unsigned int i, len = random_below(max);

	for (i = 0; i < len; i++)
		buf[i] = alphabet[random_below((unsigned int)strlen(alphabet))];
	buf[len] = '\0';
}

TEST(patterns, "random patterns match what fnmatch(3) says")
{
	static struct image image;
	char patterns[PATTERNS][16], modalias[24];
	int round, p, q, matched = 0, differ = 0;

	for (round = 0; round < 3000; round++) {
		for (p = 0; p < PATTERNS; p++) {
			random_text("ab*?", patterns[p], 9);
			for (q = 0; q < p && strcmp(patterns[q], patterns[p]) != 0; q++)
				;
			p -= q < p; /* once each: the last of two would hide the first */
		}
		make(&image, patterns, PATTERNS);
		random_text("aab*", modalias, 12);
		for (p = 0; p < PATTERNS; p++) {
			int want = fnmatch(patterns[p], modalias, 0) ? -1 : p;

			matched += want == p;
			differ += said(&image, modalias, p) != want;
		}
	}
	CHECK(matched > 3000);
	CHECK_EQ(differ, 0);
}

TEST(brackets, "a pattern with brackets or a backslash is left to libudev, where it may match")
{
	static struct image image;
	char patterns[][16] = { "a[bc]*", "d\\*", "e*" };

	make(&image, patterns, 3);
	CHECK_EQ(said(&image, "ab", 0), -EOPNOTSUPP - 1);
	CHECK_EQ(said(&image, "d*", 1), -EOPNOTSUPP - 1);
	CHECK_EQ(said(&image, "ef", 2), 2);
	CHECK_EQ(said(&image, "x", 2), -1);
}

TEST(twice, "what two patterns say is left to libudev, which knows their order")
{
	static struct image image;
	char patterns[][16] = { "ab*", "a*" };
	uint8_t *key;

	make(&image, patterns, 2);
	key = memmem(image.bytes, image.size, " P1", 3);
	CHECK(key);
	key[2] = '0';
	CHECK_EQ(said(&image, "abc", 0), -EOPNOTSUPP - 1);
	CHECK_EQ(said(&image, "acc", 0), 1);
}

TEST(long_modalias, "a modalias of 63 characters is answered, one of 64 left to libudev")
{
	static struct image image;
	char patterns[][16] = { "a*", "?*" }, modalias[80] = "";

	make(&image, patterns, 2);
	memset(modalias, 'a', 64);
	CHECK_EQ(said(&image, modalias, 0), -EOPNOTSUPP - 1);
	modalias[63] = '\0';
	CHECK_EQ(said(&image, modalias, 0), 0);
}

TEST(damaged, "a damaged database is no answer and no crash, wherever it is damaged")
{
	static struct image whole, broken;
	char patterns[][16] = { "abc*", "ab?d", "*d" };
	struct nest_hwdb hwdb;
	size_t i;
	int value;

	make(&whole, patterns, 3);
	for (i = 0; i < whole.size; i++) {
		CHECK_EQ(nest_hwdb_read(whole.bytes, i, &hwdb), -EBADMSG);
		for (value = 0; value < 256; value += 15) {
			broken = whole;
			broken.bytes[i] = (uint8_t)value;
			said(&broken, "abcd", 1);
		}
	}
	CHECK_EQ(said(&whole, "abcd", 1), 1);
	/* The second node leads to the first. */
	broken = whole;
	memcpy(broken.bytes + 80 + 24 + 8, broken.bytes + 56, 8);
	broken.bytes[80 + 24] = '*';
	CHECK_EQ(said(&broken, "abcd", 1), -EBADMSG - 1);
}

/* ---- the installed database ---- */

static bool same(struct udev_hwdb *theirs, const struct nest_hwdb *ours, const char *modalias,
		 int *named)
{
	static const char *const names[] = { "ID_VENDOR_FROM_DATABASE", "ID_MODEL_FROM_DATABASE",
					     "ID_PCI_CLASS_FROM_DATABASE",
					     "ID_PCI_SUBCLASS_FROM_DATABASE" };
	struct nest_hwdb_value values[] = {
		{ names[0], NULL }, { names[1], NULL }, { names[2], NULL }, { names[3], NULL }
	};
	struct udev_list_entry *list = udev_hwdb_get_properties_list_entry(theirs, modalias, 0);
	int err = nest_hwdb_find(ours, modalias, values, 4);
	size_t i;

	if (err) /* this host may have patterns that are left to libudev */
		return err == -EOPNOTSUPP;
	for (i = 0; i < 4; i++) {
		struct udev_list_entry *entry = udev_list_entry_get_by_name(list, names[i]);
		const char *text = entry ? udev_list_entry_get_value(entry) : NULL;

		if (!text != !values[i].text || (text && strcmp(text, values[i].text) != 0))
			return false;
		*named += text != NULL;
	}
	return true;
}

TEST(installed, "the installed database is read as libudev reads it")
{
	static const unsigned int vendors[] = { 0x8086, 0x10de, 0x1002, 0x15b3, 0x1b36, 0xffff };
	struct udev *udev = udev_new();
	struct udev_hwdb *theirs = udev_hwdb_new(udev);
	struct nest_hwdb ours;
	int err = nest_hwdb_open(&ours), named = 0, differ = 0;
	char modalias[96];
	unsigned int i;

	if (!theirs) {
		CHECK_EQ(err, -ENOENT);
		udev_unref(udev);
		SKIP("udev's hardware database is not installed");
	}
	CHECK_EQ(err, 0);
	for (i = 0; !err && i < 6 * 256; i++) {
		snprintf(modalias, sizeof(modalias), "pci:v%08Xd%08Xsv*", vendors[i / 256],
			 i % 256 * 37);
		differ += !same(theirs, &ours, modalias, &named);
		snprintf(modalias, sizeof(modalias), "pci:v*d*sv*sd*bc%02Xsc%02Xi%02X", i % 20,
			 i / 20 % 16, i / 320);
		differ += !same(theirs, &ours, modalias, &named);
	}
	CHECK(named > 1000);
	CHECK_EQ(differ, 0);
	if (!err)
		nest_hwdb_close(&ours);
	udev_hwdb_unref(theirs);
	udev_unref(udev);
}

int main(void)
{
	return test_main();
}
