// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <csignal>
#include <initializer_list>

// While it lives, signals to this thread wait. The verifier gives up with EAGAIN when one comes
// (kernel/bpf/verifier.c, do_check), libbpf asks it five times in all, and a profiler sends one each
// millisecond: a long program would never load. Faults of our own still end the process at once.
class HeldSignals
{
      public:
	HeldSignals()
	{
		sigset_t held;
		sigfillset(&held);
		for (int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT})
			sigdelset(&held, fault);
		pthread_sigmask(SIG_BLOCK, &held, &before_);
	}
	~HeldSignals()
	{
		pthread_sigmask(SIG_SETMASK, &before_, nullptr);
	}
	HeldSignals(const HeldSignals &) = delete;
	HeldSignals &operator=(const HeldSignals &) = delete;

      private:
	sigset_t before_;
};
