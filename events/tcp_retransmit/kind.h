/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Why TCP sends a segment again, from the state of its connection at that moment. */
#ifndef KERNTEL_RETRANSMIT_KIND_H
#define KERNTEL_RETRANSMIT_KIND_H

#include "kernel.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

/* include/net/tcp_states.h, inet_connection_sock.h, include/uapi/linux/tcp.h */
#define STATE_SYN_SENT	 2
#define STATE_SYN_RECV	 3
#define TIMER_NONE	 0
#define TIMER_LOSS_PROBE 5
#define CA_RECOVERY	 3
#define CA_LOSS		 4

enum retransmit_kind {
	RETRANSMIT_SYN,
	RETRANSMIT_SYN_ACK,
	RETRANSMIT_FAST,
	RETRANSMIT_TIMEOUT,
	RETRANSMIT_TAIL_LOSS_PROBE,
	RETRANSMIT_LOSS_RECOVERY,
};

/*
 * The timer that made the kernel send is still marked as pending in a tail loss probe and is no longer so in
 * a timeout (tcp_write_timer_handler, net/ipv4/tcp_timer.c); everything else answers an acknowledgement.
 */
static __always_inline enum retransmit_kind kind_of(struct sock *socket,
						    struct inet_connection_sock *connection)
{
	__u8 state = BPF_CORE_READ(socket, __sk_common.skc_state);
	__u8 congestion = BPF_CORE_READ_BITFIELD_PROBED(connection, icsk_ca_state);
	__u8 pending = BPF_CORE_READ(connection, icsk_pending);

	if (state == STATE_SYN_SENT)
		return RETRANSMIT_SYN;
	if (state == STATE_SYN_RECV)
		return RETRANSMIT_SYN_ACK;
	if (pending == TIMER_LOSS_PROBE && congestion < CA_RECOVERY)
		return RETRANSMIT_TAIL_LOSS_PROBE;
	if (congestion != CA_LOSS)
		return RETRANSMIT_FAST;
	return pending == TIMER_NONE ? RETRANSMIT_TIMEOUT : RETRANSMIT_LOSS_RECOVERY;
}

#endif
