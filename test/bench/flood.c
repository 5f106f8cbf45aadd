/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sends frames that nobody takes to loopback, as fast as one process can: flood COUNT. Prints how many went
 * out, nanoseconds, and the inode number of the network namespace.
 */
#define _GNU_SOURCE
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

#define BATCH 512

static long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000L + now.tv_nsec;
}

int main(int argc, char **argv)
{
	/* EtherType 0x88b5 is for experiments (IEEE 802), so no protocol has it. */
	unsigned char frame[60] = {[12] = 0x88, [13] = 0xb5};
	struct iovec part = {frame, sizeof(frame)};
	struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex("lo")};
	struct mmsghdr batch[BATCH] = {0};
	struct stat namespace;
	long wanted = argc > 1 ? atol(argv[1]) : 0;
	long sent = 0;
	int socket_fd = socket(AF_PACKET, SOCK_RAW, 0);
	int yes = 1;
	long begin;

	setsockopt(socket_fd, SOL_PACKET, PACKET_QDISC_BYPASS, &yes, sizeof(yes));
	if (bind(socket_fd, (struct sockaddr *)&address, sizeof(address)) ||
	    stat("/proc/self/ns/net", &namespace)) {
		perror("flood");
		return 1;
	}
	for (int index = 0; index < BATCH; index++) {
		batch[index].msg_hdr.msg_iov = &part;
		batch[index].msg_hdr.msg_iovlen = 1;
	}
	begin = now_ns();
	while (sent < wanted) {
		long left = wanted - sent;
		int taken = sendmmsg(socket_fd, batch, left < BATCH ? (unsigned)left : BATCH, 0);

		if (taken > 0)
			sent += taken;
	}
	printf("%ld %ld %lu\n", sent, now_ns() - begin, namespace.st_ino);
	return 0;
}
