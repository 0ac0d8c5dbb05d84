// SPDX-License-Identifier: GPL-2.0-or-later
/* What goes out of a text, and what stays. */
#include <stdlib.h>
#include <time.h>

#include <json-c/json.h>

#include "report/redact.h"
#include "test.h"
#include "util.h"

static char *rewritten(struct nest_redact *redact, enum nest_redact_form form, const char *text)
{
	char *out = nest_redact_rewrite(redact, form, text, strlen(text), NULL);

	if (!out)
		abort();
	return out;
}

struct row {
	const char *text, *want;
};

static void check_rows(enum nest_redact_form form, const struct row *row)
{
	for (; row->text; row++) {
		struct nest_redact redact = { 0 }, other = { 0 };
		char *out;

		nest_redact_learn(&redact, "secret-host", "host");
		nest_redact_learn(&other, "secret-host", "host");
		nest_redact_spare(&redact, "5.15.0.91-custom");
		out = rewritten(&redact, form, row->text);
		CHECK_STR(out, row->want);
		/* What a rewriting changes, a scan has told before; else it would be kept as it is.
		 */
		if (form == NEST_FORM_TEXT && strcmp(out, row->text))
			CHECK(nest_redact_scan(&other, row->text, strlen(row->text)));
		free(out);
		nest_redact_free(&redact);
		nest_redact_free(&other);
	}
}

TEST(kept, "a scan tells what no rewriting changes")
{
	static const char *const plain[] = {
		"",
		"DMA-FQ\n",
		"sys/devices/pci0000:00/0000:00:1f.2/config",
		"pci:v00008086d00001000sv00001AF4sd00001100bc02sc00i00",
		"0x00000000fee00000 0x00000000feefffff msi",
	};
	struct nest_redact redact = { 0 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(plain); i++)
		CHECK(!nest_redact_scan(&redact, plain[i], strlen(plain[i])));
	nest_redact_free(&redact);
}

TEST(forms, "numbers of a form get one of the same form, escaped or not")
{
	static const struct row rows[] = {
		{ "a 123e4567-e89b-12d3-a456-426614174000.",
		  "a 00000000-0000-0000-0000-000000000001." },
		{ "dev-x\\x2d123e4567\\x2de89b\\x2d12d3\\x2da456\\x2d426614174000.device",
		  "dev-x\\x2d00000000\\x2d0000\\x2d0000\\x2d0000\\x2d000000000001.device" },
		{ "x\\x5cx2d123e4567\\x5cx2de89b\\x5cx2d12d3\\x5cx2da456\\x5cx2d426614174000",
		  "x\\x5cx2d00000000\\x5cx2d0000\\x5cx2d0000\\x5cx2d0000\\x5cx2d000000000001" },
		{ "deadbeefdeadbeefdeadbeefdeadbeef-x", "00000000000000000000000000000001-x" },
		{ "52:54:00:AB:cd:ef", "02:00:00:00:00:01" },
		{ "wlx525400abcdef", "wlx020000000001" },
		{ "fe80::1234:5678", "2001:db8::1" },
		{ "10.1.2.3:22", "192.0.2.2:22" },
		{ "ip-10-1-2-3.internal ip-10-1-2-3", "host.example ip-192-0-2-2" },
		{ "nfs-10.1.2.3-data_10.1.2.3", "nfs-192.0.2.2-data_192.0.2.2" },
		{ "1.2.3.4.5 127.0.0.1", "1.2.3.4.5 127.0.0.1" },
		{ "0000:00:1f.2 fee00000-feefffff 77ef22294ada:0", NULL },
		{ "/lib/modules/5.15.0.91-custom/x", NULL },
		{ "on Secret\\x2dHost: secret-hostile", "on host: secret-hostile" },
		{ NULL, NULL },
	};
	struct row same[sizeof(rows) / sizeof(rows[0])];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		same[i] = (struct row){ rows[i].text, rows[i].want ? rows[i].want : rows[i].text };
	check_rows(NEST_FORM_TEXT, same);
}

TEST(labels, "what a label announces goes, the label stays")
{
	static const struct row rows[] = {
		{ "SerialNumber: 0123", "SerialNumber: REDACTED" },
		{ "serial console, serial=A1", "serial console, serial=REDACTED" },
		{ "target iqn.2001-04.com.example:disk1, up", "target iqn.REDACTED, up" },
		{ "nqn.2014-08.org.x:uuid eui.0025385b71b0c2a1", "nqn.REDACTED eui.REDACTED" },
		{ "wwn-0x5000c500a1b2c3d4 wwpn 0x1000", "wwn-REDACTED wwpn REDACTED" },
		{ "/dev/disk/by-id/ata-X_Y_Z123", "/dev/disk/by-id/REDACTED" },
		{ "dev-disk-by\\x2did-ata\\x2dX_Y123.device", "dev-disk-by\\x2did-REDACTED" },
		{ "nvme-Samsung_SSD_970_EVO_1TB_S4EWNX0M123456 nvme-pci usb-storage",
		  "nvme-REDACTED nvme-pci usb-storage" },
		{ "/home/alice/x.ko: bad, root/home/bob",
		  "/home/REDACTED: bad, root/home/REDACTED" },
		{ "SSID 'My Net' ssid=Cafe ssid: 0x12 ssid 3",
		  "SSID 'REDACTED' ssid=REDACTED ssid: 0x12 ssid 3" },
		{ "machine-qemu\\x2d3\\x2dpayroll.scope", "machine-qemu\\x2d3\\x2dREDACTED" },
		{ "New machine qemu-12-payroll.", "New machine qemu-12-REDACTED." },
		{ "-name guest=payroll,debug", "-name REDACTED,debug" },
		{ "domain 'payroll' has domain=0x1c", "domain 'REDACTED' has domain=0x1c" },
		{ "mail bob.b@corp.example now", "mail user@host now" },
		{ "eui.f025385b71b0c2a1 naa.600508b1", "eui.REDACTED naa.REDACTED" },
		{ "name='payroll' NAME=\"Debian\"", "name='REDACTED' NAME=\"Debian\"" },
		{ "server nas1.corp.test. vfio.ko 0.9.com",
		  "server host.example. vfio.ko host.example" },
		{ "(builder@cafe) (gcc)", "(user@host) (gcc)" },
		{ "Hostname set to <web>.", "Hostname set to <REDACTED>." },
		{ "member_token=x9 cafe_passwd: y", "member_token=REDACTED cafe_passwd: REDACTED" },
		{ "soc@0 iommu@2b400000 4@00:14.0 256M@16M",
		  "soc@0 iommu@2b400000 4@00:14.0 256M@16M" },
		{ NULL, NULL },
	};

	check_rows(NEST_FORM_TEXT, rows);
}

TEST(cmdline, "of the command line only what is known stays")
{
	static const struct row rows[] = {
		{ "quiet hunter2 iommu=pt intel_iommu=on,sm_on",
		  "quiet REDACTED iommu=pt intel_iommu=on,sm_on" },
		{ "member_token=a debug_key=b efi_pass=c",
		  "member_token=REDACTED debug_key=REDACTED efi_pass=REDACTED" },
		{ "crashkernel=256M@16M rd.driver.pre=vfio-pci video=efifb:off",
		  "crashkernel=256M@16M rd.driver.pre=vfio-pci video=efifb:off" },
		{ "vfio-pci.ids=8086:1572 ivrs_ioapic[4]=00:14.0",
		  "vfio-pci.ids=8086:1572 ivrs_ioapic[4]=00:14.0" },
		{ "\"dyndbg=file x +p\" iommu=pt", "\"dyndbg=REDACTED\" iommu=pt" },
		{ "c2VjcmV0IHdvcmQ= HUNTER=2 iommu.secret=4 -- a=b -- c\n",
		  "REDACTED REDACTED iommu.secret=REDACTED -- REDACTED -- REDACTED\n" },
		{ NULL, NULL },
	};

	check_rows(NEST_FORM_CMDLINE, rows);
}

TEST(log, "lines that repeat the command line are rewritten like it")
{
	static const struct row rows[] = {
		{ "[    0.0] Command line: root=x iommu=pt\nx",
		  "[    0.0] Command line: root=REDACTED iommu=pt\nx" },
		{ "Unknown kernel command line parameters \"a=b hunter2 iommu=pt\", will be passed "
		  "on\n",
		  "Unknown kernel command line parameters \"a=REDACTED REDACTED iommu=pt\", will "
		  "be passed on\n" },
		{ "Unknown command line parameters: a=b c\n",
		  "Unknown command line parameters: a=REDACTED REDACTED\n" },
		{ "[    1.0] Run /init\n[    1.0]   with environment:\n[    1.0]     TOKEN=x\n[    "
		  "1.1] DMAR: x\n",
		  "[    1.0] Run /init\n[    1.0]   with environment:\n[    1.0]     REDACTED\n[   "
		  " 1.1] DMAR: x\n" },
		{ "Linux version 5.15.0.91-custom (me@box) (gcc 12)\n",
		  "Linux version 5.15.0.91-custom (user@host) (gcc 12)\n" },
		{ NULL, NULL },
	};

	check_rows(NEST_FORM_LOG, rows);
}

TEST(order, "stand-ins have the order of what they stand for, and are the same in every text")
{
	struct nest_redact redact = { 0 };
	static const char late[] = "52:54:00:00:00:09", early[] = "52:54:00:00:00:01";
	char *a, *b;

	nest_redact_scan(&redact, late, strlen(late));
	nest_redact_scan(&redact, early, strlen(early));
	nest_redact_settle(&redact);
	a = rewritten(&redact, NEST_FORM_TEXT, late);
	b = rewritten(&redact, NEST_FORM_BINARY, early);
	CHECK_STR(a, "02:00:00:00:00:02");
	CHECK_STR(b, "02:00:00:00:00:01");
	free(a);
	free(b);
	nest_redact_free(&redact);
}

TEST(json, "every string of a document is rewritten, but for dumps of digits")
{
	struct json_object *root = json_tokener_parse(
		"{\"a\": [\"x secret-host\", {\"why\": \"me@box 52:54:00:12:34:56\"}], \"n\": 7,"
		" \"raw\": \"00112233445566778899aabbccddeeff\"}");
	struct nest_redact redact = { 0 };

	nest_redact_learn(&redact, "secret-host", "host");
	CHECK_EQ(nest_redact_json(&redact, root), 0);
	CHECK_STR(json_object_to_json_string_ext(root, JSON_C_TO_STRING_PLAIN),
		  "{\"a\":[\"x host\",{\"why\":\"user@host 02:00:00:00:00:01\"}],\"n\":7,"
		  "\"raw\":\"00112233445566778899aabbccddeeff\"}");
	nest_redact_json_free(root);
	nest_redact_free(&redact);
}

/* Seconds for text that is made of this, so many KiB long. */
static double seconds(const char *piece, size_t kib)
{
	struct nest_redact redact = { 0 };
	size_t len = strlen(piece), used = 0, size = kib << 10;
	char *text = malloc(size + len + 1);
	clock_t start;

	if (!text)
		abort();
	while (used < size) {
		memcpy(text + used, piece, len + 1);
		used += len;
	}
	start = clock();
	nest_redact_scan(&redact, text, used);
	free(rewritten(&redact, NEST_FORM_TEXT, text));
	nest_redact_free(&redact);
	free(text);
	return (double)(clock() - start) / CLOCKS_PER_SEC;
}

TEST(linear, "no text takes more than its length")
{
	static const char *const pieces[] = {
		"aa:", "nvme-", "serial=\"", "serial number ", "a.",	    "a@",
		"1-",  "1.",	"a:",	     "\\x2d",	       "'domain '",
	};
	size_t i;

	for (i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++)
		/* On a slow machine four times the text may take four times as long, not sixteen.
		 */
		CHECK(seconds(pieces[i], 256) < 2 ||
		      seconds(pieces[i], 256) < 8 * seconds(pieces[i], 64));
}

int main(void)
{
	return test_main();
}
