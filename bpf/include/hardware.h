/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Kernel structs of devices, transmit queues and hardware errors; the rules are those of kernel.h. */
#ifndef KERNTEL_HARDWARE_H
#define KERNTEL_HARDWARE_H

#include "kernel.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* include/linux/device.h, include/linux/device/driver.h */
struct device_driver {
	const char *name;
};

struct device {
	struct device *parent;
	struct device_driver *driver;
};

/* include/linux/dynamic_queue_limits.h; the history since 6.9 */
struct dql {
	unsigned long history[4];
};

/* include/linux/netdevice.h */
struct netdev_queue {
	struct net_device *dev;
	struct dql dql;
};

struct net_device___queues {
	struct device dev;
	struct netdev_queue *_tx;
	unsigned int num_tx_queues;
};

/* arch/x86/include/asm/mce.h; since 6.13 within a struct mce_hw_err */
struct mce {
	__u64 status;
	__u64 misc;
	__u64 addr;
	__u64 mcgstatus;
	__u64 ip;
	__u64 synd;
	__u64 ipid;
	__u64 mcgcap;
	__u32 extcpu;
	__u32 cpuid;
	__u32 socketid;
	__u32 apicid;
	__u32 microcode;
	__u8 cpuvendor;
	__u8 bank;
	__u8 cs;
};

struct mce_hw_err {
	struct mce m;
};

/* include/linux/cper.h, after UEFI 2.10 appendix N.2.4.4: the same on every kernel */
struct cper_sec_proc_arm {
	__u32 validation_bits;
	__u16 err_info_num;
	__u32 section_length;
	__u8 affinity_level;
	__u64 mpidr;
	__u64 midr;
	__u32 running_state;
	__u32 psci_state;
};

#pragma clang attribute pop

#endif
