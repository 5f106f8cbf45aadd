/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Kernel structs of devlink: what hardware says of the packets it drops; the rules are those of kernel.h. */
#ifndef KERNTEL_KERNEL_DEVLINK_H
#define KERNTEL_KERNEL_DEVLINK_H

#include "kernel.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* include/linux/kobject.h, include/linux/device.h; the suffix keeps it apart from the one in hardware.h */
struct kobject {
	const char *name;
};

struct device___named {
	struct kobject kobj;
};

/* net/devlink/devl_internal.h; before 6.3 net/core/devlink.c */
struct devlink {
	struct device___named *dev;
};

/* include/uapi/linux/devlink.h */
enum devlink_trap_type {
	DEVLINK_TRAP_TYPE_DROP,
	DEVLINK_TRAP_TYPE_EXCEPTION,
	DEVLINK_TRAP_TYPE_CONTROL,
};

/* include/net/devlink.h, since 5.11 */
struct devlink_trap_metadata {
	const char *trap_name;
	const char *trap_group_name;
	struct net_device *input_dev;
	enum devlink_trap_type trap_type;
};

#pragma clang attribute pop

#endif
