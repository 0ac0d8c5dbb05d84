/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PCI devices: models, config space, and what vfio-pci makes of them. */
#ifndef FAKE_DEVICE_H
#define FAKE_DEVICE_H

#include "fake-machine.h"

struct fake_iommufd;
struct vfio_irq_set;

/* A kind of device. Its registers are in BAR 0; BAR 2, if it has one, takes stores alone. */
struct fake_model {
	const char *name;
	uint16_t vendor, device;
	uint32_t class;
	uint64_t bar_size, bar2_size;
	bool express, msi, flr;
	unsigned int msix;			/* vectors, in BAR 0 */
	void (*init)(struct fake_device *dev);	/* capabilities and state, once; may be NULL */
	void (*reset)(struct fake_device *dev); /* function reset; may be NULL */
	uint64_t (*read)(struct fake_device *dev, uint64_t offset, unsigned int size);
	void (*write)(struct fake_device *dev, uint64_t offset, unsigned int size, uint64_t value);
	/* A store of 64 bytes; NULL: no register takes one. offset: with the BAR in bits 40 up. */
	void (*store)(struct fake_device *dev, uint64_t offset, const uint64_t words[8]);
	uint64_t (*due)(const struct fake_device *dev); /* time of the next tick, or UINT64_MAX */
	void (*tick)(struct fake_device *dev);
	/* The answer to a page request. */
	void (*response)(struct fake_device *dev, uint32_t group, uint32_t code);
};

extern const struct fake_model fake_edu_model, fake_edu_pri_model, fake_nvme_model, fake_igb_model,
	fake_dsa_model;

/* "edu", "edu-pri", "nvme", "igb", "dsa", "none"; NULL if there is no such model. */
const struct fake_model *fake_model_find(const char *name);

#define FAKE_CONFIG_SIZE 4096

struct fake_device {
	char address[16];
	uint16_t source_id;
	const struct fake_model *model;
	struct fake_group *group;
	char driver[32]; /* "" for none */
	int cdev;	 /* N of vfioN, or -1 */
	bool reset_works, pri, ats, is_vf, busy, no_cache_coherency;
	char token[40]; /* of its physical function; "": needs none */
	unsigned int pasid_bits;
	uint64_t dma_mask;
	uint64_t dma_us; /* from the command to its doing */
	uint8_t config[FAKE_CONFIG_SIZE];
	size_t config_size;
	uint16_t config_end;	/* of the extended capabilities */
	void *state;		/* of the model */
	struct fake_ring *ring; /* of faults, NULL: none */
	struct fake_file *msi;	/* eventfd of its one message, or NULL */
	uint32_t msi_index;	/* the kind of interrupt that is on; 0: none */
	unsigned int open_count;
	bool excused; /* a write to it was made to fail: its end is not judged */
	uint16_t command_at_open;
	struct fake_iommufd *iommufd; /* bound */
	uint32_t devid;
};

/* vfio_pci_validate_vf_token(): given is NULL, or a UUID as text. 0 or -errno. */
int fake_device_check_token(const struct fake_device *dev, const char *given);

bool fake_device_has_vfio(const struct fake_device *dev);
bool fake_device_is_master(const struct fake_device *dev);
uint32_t fake_device_bit(const struct fake_device *dev); /* in a mask of devices */

/* PASID bits device and unit have in common, 0 for no PASIDs; and page requests likewise. */
unsigned int fake_device_pasid_bits(const struct fake_device *dev);
bool fake_device_has_pri(const struct fake_device *dev);

/* First open and last close. */
void fake_device_enable(struct fake_device *dev);
void fake_device_disable(struct fake_device *dev);

/* What an open device file can do, whichever way it was opened. */
long fake_device_ioctl(struct fake_device *dev, unsigned long request, uintptr_t arg);
ssize_t fake_device_rw(struct fake_device *dev, void *buf, size_t len, uint64_t offset, bool write);
int fake_device_mmap(struct fake_device *dev, size_t len, uint64_t offset, void **ret_addr);
unsigned int fake_device_left(FILE *out);
uint64_t fake_device_bar_size(const struct fake_device *dev, uint32_t bar); /* 0: there is none */

/* ---- fake-irq.c: interrupts by message ---- */

long fake_irq_set(struct fake_device *dev, const struct vfio_irq_set *set);
void fake_irq_off(struct fake_device *dev);
void fake_irq_send(struct fake_device *dev);

/* What the second stage has there for messages: the page of the doorbell, or NULL. */
uint8_t *fake_irq_doorbell(uint64_t ipa);

/* ---- fake-config.c: config space as vfio-pci shows it ---- */

void fake_config_init(struct fake_device *dev);
ssize_t fake_config_rw(struct fake_device *dev, void *buf, size_t len, uint64_t offset, bool write);
uint16_t fake_config_command(const struct fake_device *dev);
void fake_config_set_command(struct fake_device *dev, uint16_t command);
void fake_config_add_ext(struct fake_device *dev, uint16_t id, uint8_t version, uint16_t len);

#endif
