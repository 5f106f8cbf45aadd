// SPDX-License-Identifier: Apache-2.0
// Fixed work on loopback.
#define _GNU_SOURCE
#include "measure.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define RETRANSMITTERS 50

static struct sockaddr_in loopback(uint16_t port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

static struct sockaddr_in bind_loopback(int fd)
{
	struct sockaddr_in address = loopback(0);
	socklen_t length = sizeof address;

	if (fd < 0 || bind(fd, (void *)&address, length) || getsockname(fd, (void *)&address, &length))
		die("bind a socket");
	return address;
}

static struct sockaddr_in listen_loopback(int fd)
{
	struct sockaddr_in address = bind_loopback(fd);

	if (listen(fd, RETRANSMITTERS))
		die("listen");
	return address;
}

static int peer;

static void echo_tcp(int listener)
{
	int fd = accept(listener, NULL, NULL);
	int on = 1;
	char byte;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	while (read(fd, &byte, 1) == 1 && write(fd, &byte, 1) == 1)
		;
}

static void echo_datagrams(int fd)
{
	struct sockaddr_in from;
	socklen_t length = sizeof from;
	char byte;

	while (recvfrom(fd, &byte, 1, 0, (void *)&from, &length) == 1)
		sendto(fd, &byte, 1, 0, (void *)&from, length);
}

static void start_echo(int type, int fd, struct sockaddr_in address, void (*echo)(int))
{
	pid_t parent = getpid();

	if (fork() == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == parent)
			echo(fd);
		_exit(0);
	}
	close(fd);
	peer = socket(AF_INET, type, 0);
	if (connect(peer, (void *)&address, sizeof address))
		die("connect");
}

static void prepare_tcp(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int on = 1;

	start_echo(SOCK_STREAM, fd, listen_loopback(fd), echo_tcp);
	setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static void prepare_datagrams(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	start_echo(SOCK_DGRAM, fd, bind_loopback(fd), echo_datagrams);
}

static void make_round_trips(unsigned count)
{
	char byte = 'k';

	while (count-- > 0)
		if (write(peer, &byte, 1) != 1 || read(peer, &byte, 1) != 1)
			die("round trip");
}

static int sender;
static struct sockaddr_in nobody;

// A socket that was not connected does not hear of the refusal.
static void find_nobody(void)
{
	int closed = socket(AF_INET, SOCK_DGRAM, 0);

	nobody = bind_loopback(closed);
	close(closed);
	sender = socket(AF_INET, SOCK_DGRAM, 0);
}

static void send_to_nobody(unsigned count)
{
	while (count-- > 0)
		if (sendto(sender, "k", 1, 0, (void *)&nobody, sizeof nobody) != 1)
			die("send a datagram");
}

static void send_in_new_namespaces(unsigned count)
{
	while (count-- > 0) {
		struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
		int fd;

		if (unshare(CLONE_NEWNET))
			die("make a network namespace");
		fd = socket(AF_INET, SOCK_DGRAM, 0);
		if (ioctl(fd, SIOCSIFFLAGS, &request))
			die("raise the loopback interface");
		close(fd);
		find_nobody();
		send_to_nobody(1);
		close(sender);
	}
}

static int senders[RETRANSMITTERS];

// Receivers whose filter refuses everything: the senders repeat themselves.
static void prepare_deaf(void)
{
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in address = listen_loopback(listener);
	struct sock_filter refuse = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog program = {1, &refuse};

	for (unsigned index = 0; index < RETRANSMITTERS; index++) {
		int receiver;

		senders[index] = socket(AF_INET, SOCK_STREAM, 0);
		if (connect(senders[index], (void *)&address, sizeof address))
			die("connect");
		receiver = accept(listener, NULL, NULL);
		if (setsockopt(receiver, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) ||
		    write(senders[index], "k", 1) != 1)
			die("make a deaf receiver");
	}
}

// Until there were `count` more retransmissions, all senders together.
static void await_retransmissions(unsigned count)
{
	static unsigned wanted;

	wanted += count;
	for (unsigned total = 0; total < wanted; usleep(10000)) {
		total = 0;
		for (unsigned index = 0; index < RETRANSMITTERS; index++) {
			struct tcp_info info = {};
			socklen_t length = sizeof info;

			getsockopt(senders[index], IPPROTO_TCP, TCP_INFO, &info, &length);
			total += info.tcpi_total_retrans;
		}
	}
}

const struct workload network_workloads[] = {
	{.name = "tcp-round-trip", .prepare = prepare_tcp, .run = make_round_trips},
	{.name = "datagram-round-trip", .prepare = prepare_datagrams, .run = make_round_trips},
	{.name = "closed-port", .prepare = find_nobody, .run = send_to_nobody},
	{.name = "closed-port-new-namespace", .run = send_in_new_namespaces},
	{.name = "retransmission", .prepare = prepare_deaf, .run = await_retransmissions},
	{},
};
