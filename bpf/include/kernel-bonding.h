/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Kernel structs of 802.3ad bonds (include/net/bonding.h, include/net/bond_3ad.h); mostly in a module's BTF.
 */
#ifndef KERNTEL_KERNEL_BONDING_H
#define KERNTEL_KERNEL_BONDING_H

#include "kernel.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct bonding {
	struct net_device *dev;
};

struct slave {
	struct net_device *dev;
	struct bonding *bond;
};

struct mac_addr {
	__u8 mac_addr_value[6];
};

struct port_params {
	struct mac_addr system;
	__u16 key;
	__u16 port_number;
	__u16 port_state;
};

struct aggregator {
	__u16 aggregator_identifier;
};

typedef enum { AD_CHURN_MONITOR, AD_CHURN, AD_NO_CHURN } churn_state_t;

struct port {
	__u8 actor_oper_port_state;
	struct port_params partner_oper;
	churn_state_t sm_churn_actor_state;
	churn_state_t sm_churn_partner_state;
	struct slave *slave;
	struct aggregator *aggregator;
};

/*
 * Where a port lies. Ports are read as a part of it, because `struct port` may be another driver's: CO-RE
 * looks for a struct of that name in the kernel first (virtio_console has one), and in modules only where
 * there is none.
 */
struct ad_slave_info {
	struct port port;
};

#pragma clang attribute pop

#endif
