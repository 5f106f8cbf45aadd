// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A switch that is none: a devlink device with one port. What is written to its parameter `report`, as "drop
 * 5", it shows to the kernel as its driver would: so many packets that a trap of that type brought up.
 */
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/udp.h>
#include <linux/version.h>
#include <net/devlink.h>

static const struct devlink_trap_group groups[] = {
	DEVLINK_TRAP_GROUP_GENERIC(L2_DROPS, 0),
	DEVLINK_TRAP_GROUP_GENERIC(L3_EXCEPTIONS, 0),
	DEVLINK_TRAP_GROUP_GENERIC(NEIGH_DISCOVERY, 0),
};

#define GROUP(name) DEVLINK_TRAP_GROUP_GENERIC_ID_##name

static const struct devlink_trap traps[] = {
	DEVLINK_TRAP_GENERIC(DROP, TRAP, SMAC_MC, GROUP(L2_DROPS), 0),
	DEVLINK_TRAP_GENERIC(EXCEPTION, TRAP, TTL_ERROR, GROUP(L3_EXCEPTIONS), 0),
	DEVLINK_TRAP_GENERIC(CONTROL, TRAP, ARP_REQUEST, GROUP(NEIGH_DISCOVERY), 0),
};

static const char *const types[] = {"drop", "exception", "control"};

static struct platform_device *device;
static struct devlink *devlink;
static struct devlink_port port;
static struct net_device *port_device;
/* What devlink wants back when a trap reports. */
static void *trap_contexts[ARRAY_SIZE(traps)];

static int init_trap(struct devlink *owner, const struct devlink_trap *trap, void *context)
{
	trap_contexts[trap - traps] = context;
	return 0;
}

static int set_trap_action(struct devlink *owner, const struct devlink_trap *trap,
			   enum devlink_trap_action action, struct netlink_ext_ack *extack)
{
	return 0;
}

static const struct devlink_ops operations = {
	.trap_init = init_trap,
	.trap_action_set = set_trap_action,
};

static netdev_tx_t send_nothing(struct sk_buff *packet, struct net_device *sender)
{
	dev_kfree_skb(packet);
	return NETDEV_TX_OK;
}

static const struct net_device_ops port_operations = {.ndo_start_xmit = send_nothing};

/* Written to the parameter `failure`: the error number that every query of ethtool is answered with; 0: none.
 */
static int failure;
module_param(failure, int, 0600);

static u32 speed = SPEED_10000;
static u8 duplex = DUPLEX_FULL;

static int get_settings(struct net_device *asked, struct ethtool_link_ksettings *settings)
{
	bool has_carrier = netif_carrier_ok(asked);

	if (failure)
		return -failure;
	settings->base.speed = has_carrier ? speed : SPEED_UNKNOWN;
	settings->base.duplex = has_carrier ? duplex : DUPLEX_UNKNOWN;
	return 0;
}

static const struct ethtool_ops port_settings = {
	.get_link = ethtool_op_get_link,
	.get_link_ksettings = get_settings,
};

/* 192.0.2.1:4711 → 192.0.2.2:9, as it comes from the port: with no header found yet but Ethernet's. */
static struct sk_buff *make_packet(void)
{
	struct {
		struct ethhdr ethernet;
		struct iphdr ip;
		struct udphdr udp;
		char text[7];
	} __packed *frame;
	struct sk_buff *packet = alloc_skb(sizeof(*frame), GFP_KERNEL);

	if (!packet)
		return NULL;
	frame = skb_put_zero(packet, sizeof(*frame));
	eth_broadcast_addr(frame->ethernet.h_dest);
	frame->ethernet.h_proto = htons(ETH_P_IP);
	frame->ip.version = 4;
	frame->ip.ihl = 5;
	frame->ip.ttl = 1;
	frame->ip.protocol = IPPROTO_UDP;
	frame->ip.tot_len = htons(sizeof(*frame) - ETH_HLEN);
	frame->ip.saddr = htonl(0xc0000201);
	frame->ip.daddr = htonl(0xc0000202);
	frame->udp.source = htons(4711);
	frame->udp.dest = htons(9);
	frame->udp.len = htons(sizeof(frame->udp) + sizeof(frame->text));
	packet->protocol = eth_type_trans(packet, port_device);
	return packet;
}

static int set_report(const char *value, const struct kernel_param *parameter)
{
	char type[16];
	unsigned int count;
	int index;

	if (!devlink || sscanf(value, "%15s %u", type, &count) != 2)
		return -EINVAL;
	index = match_string(types, ARRAY_SIZE(types), type);
	if (index < 0)
		return index;
	while (count--) {
		struct sk_buff *packet = make_packet();

		if (!packet)
			return -ENOMEM;
		devlink_trap_report(devlink, packet, trap_contexts[index], &port, NULL);
		consume_skb(packet);
	}
	return 0;
}

static const struct kernel_param_ops report_operations = {.set = set_report};
module_param_cb(report, &report_operations, NULL, 0200);

static int set_link(const char *value, const struct kernel_param *parameter)
{
	unsigned int megabits;
	char text[8];

	if (!devlink || sscanf(value, "%u %7s", &megabits, text) != 2)
		return -EINVAL;
	if (!megabits) {
		netif_carrier_off(port_device);
		return 0;
	}
	speed = megabits;
	duplex = sysfs_streq(text, "half") ? DUPLEX_HALF : DUPLEX_FULL;
	netif_carrier_on(port_device);
	return 0;
}

static const struct kernel_param_ops link_operations = {.set = set_link};
module_param_cb(link, &link_operations, NULL, 0200);

static int make_port(struct device *parent)
{
	struct devlink_port_attrs attributes = {.flavour = DEVLINK_PORT_FLAVOUR_PHYSICAL};
	int error;

	port_device = alloc_etherdev(0);
	if (!port_device)
		return -ENOMEM;
	strscpy(port_device->name, "kswitch%d", IFNAMSIZ);
	port_device->netdev_ops = &port_operations;
	port_device->ethtool_ops = &port_settings;
	eth_hw_addr_random(port_device);
	SET_NETDEV_DEV(port_device, parent);
	devlink_port_attrs_set(&port, &attributes);
	error = devlink_port_register(devlink, &port, 0);
	if (error)
		goto free;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
	SET_NETDEV_DEVLINK_PORT(port_device, &port);
#endif
	error = register_netdev(port_device);
	if (error)
		goto unregister;
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
	devlink_port_type_eth_set(&port, port_device);
#endif
	return 0;
unregister:
	devlink_port_unregister(&port);
free:
	free_netdev(port_device);
	return error;
}

static int start_switch(struct platform_device *found)
{
	int error;

	devlink = devlink_alloc(&operations, 0, &found->dev);
	if (!devlink)
		return -ENOMEM;
	error = devlink_trap_groups_register(devlink, groups, ARRAY_SIZE(groups));
	if (error)
		goto free;
	error = devlink_traps_register(devlink, traps, ARRAY_SIZE(traps), NULL);
	if (error)
		goto forget_groups;
	error = make_port(&found->dev);
	if (error)
		goto forget_traps;
	devlink_register(devlink);
	return 0;
forget_traps:
	devlink_traps_unregister(devlink, traps, ARRAY_SIZE(traps));
forget_groups:
	devlink_trap_groups_unregister(devlink, groups, ARRAY_SIZE(groups));
free:
	devlink_free(devlink);
	devlink = NULL;
	return error;
}

static struct platform_driver driver = {
	.driver = {.name = "kerntel-switch"},
	.probe = start_switch,
};

static int __init load(void)
{
	int error = platform_driver_register(&driver);

	if (error)
		return error;
	device = platform_device_register_simple("kerntel-switch", PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(device)) {
		platform_driver_unregister(&driver);
		return PTR_ERR(device);
	}
	return devlink ? 0 : -ENODEV;
}

/* It has no exit: it stays until the virtual machine ends. */
module_init(load);
MODULE_DESCRIPTION("Shows packets to the kernel as a switch's driver does");
MODULE_LICENSE("Dual BSD/GPL");
