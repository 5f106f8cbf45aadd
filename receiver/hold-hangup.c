// SPDX-License-Identifier: Apache-2.0
// Keeps SIGHUP from ending the program between exec and its first line of JavaScript. The launcher ignores
// the signal, but Node sets ignored signals back to their default action when it starts (PlatformInit in
// src/node.cc); a handler that is there by then it leaves alone. The launcher has this library loaded before
// Node's main() with LD_PRELOAD. A signal that arrives in that time may be forgotten: the configuration is
// read later.
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void ignore(int signal)
{
	(void)signal;
}

__attribute__((constructor)) static void hold_hangup(void)
{
	struct sigaction action = {.sa_handler = ignore, .sa_flags = SA_RESTART};
	const char *preload = getenv("LD_PRELOAD");
	const char *last;
	char *others;
	int descriptor;

	sigaction(SIGHUP, &action, NULL);
	if (!preload)
		return;
	// Ours is the last; what others asked for stays for processes that this one starts.
	last = strrchr(preload, ':');
	if (sscanf(last ? last + 1 : preload, "/proc/self/fd/%d", &descriptor) == 1)
		close(descriptor);
	others = strdup(preload);
	if (others && strrchr(others, ':')) {
		*strrchr(others, ':') = '\0';
		setenv("LD_PRELOAD", others, 1);
	} else {
		unsetenv("LD_PRELOAD");
	}
	free(others);
}
