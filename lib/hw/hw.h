/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kinds of IOMMU, one row a kind: how sysfs, firmware, the kernel log and iommufd show it, what
 * its registers mean, which kernels nest on it, and the sentences about it. No other file compares
 * kinds. Pure.
 *
 * Source of the kernels' behaviour: drivers/iommu of Linux 5.10 to 7.3.
 */
#ifndef NEST_HW_H
#define NEST_HW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "failure.h"
#include "hw/acpi.h"
#include "hw/regs.h"
#include "hwvalues.h"
#include "tri.h"

struct nest_hw_register {
	const char *name; /* "cap", "idr0" */
	uint8_t bits;	  /* 32 or 64 */
	const char *list; /* JSON key of a list of such registers; NULL: a key for each */
};

/* An attribute of a unit in sysfs that holds registers. */
struct nest_hw_attr {
	const char *file;   /* below the unit's folder: "intel-iommu/ecap" */
	uint32_t registers; /* bit n: it shows register n */
	/* Reads the text of the file. -EINVAL: not the format that the driver writes. */
	int (*parse)(const char *text, struct nest_hw_values *values);
};

/* A field that has to be set, and what it stands for. */
struct nest_hw_capability {
	const char *field, *what;
};

/* What shared page tables need of the unit if the processor uses it, by its flag in cpuinfo. */
struct nest_hw_paging {
	const char *cpu, *field, *what;
};

/* What a request needs of the hardware, a clause, and the fields that say whether it is there. */
struct nest_hw_needs {
	enum nest_stage stage;
	const char *what;
	const char *fields[3]; /* none: it is not of the registers alone */
};

/* A request that makes the kernel warn, for a device with PASIDs behind a unit with the flag. */
struct nest_hw_hazard {
	unsigned int major, minor; /* first release that does */
	const char *flag;	   /* a field of the unit */
	const char *why;	   /* it is not made, a clause */
};

/* A flag of IOMMU_GET_HW_INFO: a peculiarity of this part. */
struct nest_hw_quirk {
	uint32_t flag;
	const char *brief; /* for a list */
	const char *text;  /* what it means for user space */
};

/* Why a unit does not nest: the gate, a clause, and the remedy (NULL: none). */
struct nest_hw_gate {
	const char *gate, *reason, *remedy;
};

/* What helps where a gate of the registers fails. */
struct nest_hw_help {
	const char *gate, *remedy;
};

/* Which first-stage tables a unit walks, and how, by its registers. */
struct nest_hw_walk {
	const char *s1, *no_s1;	  /* as in struct nest_hw */
	unsigned int output_bits; /* of the addresses that a table leads to; 0: not known */
	uint64_t least;		  /* bytes of the smallest page of either stage; 0: not known */
	bool huge;		  /* a leaf can map 1 GiB */
	bool ranges;		  /* one command invalidates a range of pages */
	bool repeat;		  /* each command has to be given twice (an erratum) */
	bool breaks;		  /* a page changes its size only by way of an absent entry */
};

struct nest_hw {
	const char *name;  /* word of JSON and of list --iommu: "vt-d" */
	const char *title; /* in sentences: "VT-d" */
	bool for_tests;	   /* no hardware: nothing is to be said of it */

	/* In /sys/class/iommu, NULL for none. The folder decides, then the driver. */
	const char *folder;		  /* of attributes, in the unit's */
	const char *driver;		  /* of the device that carries it; or several, by blanks */
	const char *prefix;		  /* of the unit's name */
	const struct nest_hw_attr *attrs; /* the last has no file; NULL: shows no register */
	const char *version_file, *address_file, *domains_file, *domains_used_file;

	bool late_groups; /* before Linux 6.15 a device may get its group only with its driver */

	/* In firmware and on the kernel's command line. */
	const char *table;		       /* ACPI table that announces it, or NULL */
	const struct nest_acpi_kind *firmware; /* ACPI table that describes it; NULL, or DMAR */
	const char *reserved;	   /* structure of it that reserves memory for devices, or NULL */
	const char *vendor;	   /* its name in firmware's setup: "Intel VT-d" */
	const char *option;	   /* that is "…=off" to switch it off, or NULL */
	const char *enable;	   /* word of the command line that switches it on, or NULL */
	const char *driver_symbol; /* option that builds the driver, or NULL */
	const char *start; /* remedy where firmware announces it and the kernel does not drive it */
	const char *start_asked; /* the same, where enable is on the command line already */

	/* In the kernel's log. */
	const char *log;	/* what grep finds its messages by, or NULL */
	const char *log_faults; /* whether the words of its faults are known: NULL, or why not */
	const char *log_interrupts; /* messages on interrupt remapping; NULL: it remaps none */
	/*
	 * Where something else isolates interrupts: what is missing when they are not isolated, a
	 * clause, and the remedy. NULL: the unit itself, and there are words for that elsewhere.
	 */
	const char *not_isolated, *isolate;

	/* Registers, their fields, and the verdict. */
	const char *arguments; /* of decode: registers by name, an optional one in brackets */
	const struct nest_hw_register *registers;
	size_t nregisters;
	uint32_t required; /* bit n: no verdict without register n */
	uint32_t decides;  /* bit n: register n is the evidence of the verdict */
	const struct nest_field *fields;
	size_t nfields;
	void (*judge)(struct nest_regs *regs); /* sets the verdict and remarks */
	struct nest_hw_gate unread;	  /* of the verdict "unknown" while registers are missing */
	const struct nest_hw_help *helps; /* the last has no gate; NULL: other_machine for all */

	/* Width of the unit's PASIDs, 0 for none. -ENODATA: not known. NULL: never known. */
	int (*pasid_bits)(const struct nest_regs *regs, unsigned int *ret_bits);
	const struct nest_hw_capability *sva; /* what PASIDs need; the last has no field */
	const char *(*broken_pasid)(const struct nest_hw_values *values); /* a sentence, or NULL */
	const struct nest_hw_capability *remapping; /* of interrupts; NULL: no register shows it */
	const char *coherent; /* field: walks snoop the CPU's caches; NULL: VFIO demands it */

	/* Nesting by the kernel. */
	unsigned int major, minor; /* first release with it; 0.0: none up to NEST_HW_LOOKED_AT */
	const char *symbol;	   /* option that it needs besides CONFIG_IOMMUFD, or NULL */
	bool symbol_shown;	   /* the driver has no unit without that option */
	const char *option_remedy; /* where symbol is missing; NULL: a kernel with it helps */
	const char *no_kernel;	   /* 0.0: why, a clause */
	uint32_t info_type;	   /* of IOMMU_GET_HW_INFO, 0: none */
	bool has_cmdqv;		   /* some parts have NVIDIA's command queues for guests */
	void (*from_info)(const void *data, struct nest_hw_values *values);
	const struct nest_hw_hazard *info_hazard; /* where that is not asked, or NULL */
	struct nest_hw_gate refused; /* why no nest parent, where no gate of the registers fails */
	struct nest_hw_gate untold;  /* the same, where the registers are not known */
	struct nest_hw_gate viommu;  /* why no vIOMMU, where viommu_field is clear; or no gate */
	const char *viommu_field;
	struct nest_hw_gate coarse; /* its pages are all larger than the kernel's; or no gate */
	const struct nest_hw_needs *needs;  /* the last has no stage */
	const struct nest_hw_quirk *quirks; /* the last has no flag */
	const char *other_machine;	    /* remedy for a unit that cannot nest */

	const char *qemu; /* QEMU's device that lets a guest nest on it, or NULL */
	/* Shared virtual addressing (SVA) by the kernel. */
	unsigned int sva_major, sva_minor; /* no release before has it; 0.0: none, or not known */
	unsigned int sva_sure_major, sva_sure_minor; /* from here on it was seen to be there */
	const char *sva_symbol;			     /* option that it needs, or NULL */
	const char *no_sva; /* 0.0: why there is none up to NEST_HW_LOOKED_AT; NULL: not known */
	bool sva_by_ats;    /* page requests come over PCI, which needs ATS */
	const struct nest_hw_paging *sva_paging; /* the last has no field; NULL: all are alike */
	const char *sva_untranslated; /* word of the command line with which devices whose domain
					 translates share addresses too; NULL: all do */

	/* First stage: the name of its format in s1/, or NULL and the reason for none, a clause. */
	const char *s1, *no_s1;
	void (*walk)(const struct nest_hw_values *values, uint64_t page,
		     struct nest_hw_walk *walk); /* or NULL */
};

/* For log_faults. */
#define NEST_HW_FAULTS_UNKNOWN                                                                     \
	"how the driver of this kind of IOMMU reports faults is not known to the tool"

/* Newest release whose drivers were read: what later ones do is not known. */
#define NEST_HW_LOOKED_AT_MAJOR 7
#define NEST_HW_LOOKED_AT_MINOR 3

extern const struct nest_hw nest_hw_vtd, nest_hw_amd, nest_hw_smmuv3, nest_hw_smmu, nest_hw_virtio,
	nest_hw_riscv, nest_hw_s390, nest_hw_dart, nest_hw_soc, nest_hw_mock, nest_hw_other;

/* Every kind, in the order in which sysfs is asked; the last one, "other", fits anything. */
extern const struct nest_hw *const nest_hws[];
extern const size_t nest_hws_count;

/* By the number of IOMMU_GET_HW_INFO: "other" for an unknown one, NULL for 0 (not told). */
const struct nest_hw *nest_hw_by_type(uint32_t type);

/* The word for that number: "none", "vt-d", "tegra241-cmdqv", "other". */
const char *nest_hw_type_name(uint32_t type);

/* The registers in the answer to IOMMU_GET_HW_INFO; of NEST_HW_INFO_MAX bytes, zeros at the end. */
#define NEST_HW_INFO_MAX 64
void nest_hw_from_info(uint32_t type, const void *data, struct nest_hw_values *ret_values);

/*
 * Whether a unit nests by the registers that its structure in a table holds. False: it holds none,
 * or Linux does not use them.
 */
bool nest_acpi_verdict(const struct nest_acpi *table, const struct nest_acpi_node *node,
		       struct nest_hw_verdict *ret_verdict);

/* What its table calls reserved memory: "RMRR", "IVMD"; NULL is fine. Never NULL. */
const char *nest_hw_reserved(const struct nest_hw *hw);

/* Stores a register, as known. */
void nest_hw_set(struct nest_hw_values *values, unsigned int n, uint64_t value);

/*
 * Decodes the registers: fields, verdict and remarks. False: a register that the verdict needs was
 * not read, or the kind has none; ret_regs is untouched then.
 */
bool nest_hw_decode(const struct nest_hw *hw, const struct nest_hw_values *values,
		    struct nest_regs *ret_regs);

/* The verdict alone, always one. */
void nest_hw_judge(const struct nest_hw *hw, const struct nest_hw_values *values,
		   struct nest_hw_verdict *ret_verdict);

/* One flag by its field's name; unknown where its register is, or where the kind has no such flag.
 */
enum nest_tri nest_hw_flag(const struct nest_hw *hw, const struct nest_hw_values *values,
			   const char *field);

/* One field by its name, as it is in the register. -ENODATA: as unknown above. */
int nest_hw_number(const struct nest_hw *hw, const struct nest_hw_values *values, const char *field,
		   uint64_t *ret_value);

/* As the row's, from values. -ENODATA: not known. */
int nest_hw_pasid_bits(const struct nest_hw *hw, const struct nest_hw_values *values,
		       unsigned int *ret_bits);

/*
 * What the row says of the walk, corrected by the registers. page: no page of the table can be
 * smaller, since the second stage maps none that is (0: any).
 */
struct nest_hw_walk nest_hw_walk(const struct nest_hw *hw, const struct nest_hw_values *values,
				 uint64_t page);

/* Do walks of first-stage tables snoop the CPU's caches? */
enum nest_tri nest_hw_walks_snoop(const struct nest_hw *hw, const struct nest_hw_values *values);

/*
 * Why the kernel refused a nest parent with err (positive): the gate of the registers if one fails,
 * else that of the row. False: err is not EOPNOTSUPP, which alone is about the hardware, or nothing
 * is known about this kind.
 */
struct nest_hw_refusal {
	const char *gate;
	char reason[240]; /* a clause */
	const char *remedy;
};
bool nest_hw_parent_refused(const struct nest_hw *hw, const struct nest_hw_values *values, int err,
			    struct nest_hw_refusal *ret_refusal);

/*
 * The same where the kernel attaches no device to a table of any kind, or makes no such table:
 * host_page is the size of its own pages (0: not known).
 */
bool nest_hw_pages_refused(const struct nest_hw *hw, const struct nest_hw_values *values, int err,
			   uint64_t host_page, struct nest_hw_refusal *ret_refusal);

/* The same of a vIOMMU, after a nest parent was made. */
bool nest_hw_viommu_refused(const struct nest_hw *hw, const struct nest_hw_values *values, int err,
			    struct nest_hw_refusal *ret_refusal);

/* What helps where that gate of the registers fails; NULL: nothing is known that does. */
const char *nest_hw_help(const struct nest_hw *hw, const char *gate);

/* What a request needs of this hardware, a clause; NULL: not known, or the hardware has it. */
const char *nest_hw_needs(const struct nest_hw *hw, const struct nest_hw_values *values,
			  enum nest_stage stage);

/* The first quirk that is set, or NULL. */
const struct nest_hw_quirk *nest_hw_quirk(const struct nest_hw *hw,
					  const struct nest_hw_values *values);

/* "cap 0x…, ecap 0x…": the known ones of a set of registers, "" for none. Cut to size. */
void nest_hw_values_text(const struct nest_hw *hw, const struct nest_hw_values *values,
			 uint32_t registers, char *buf, size_t size);

#endif
