/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Settings: numbers that user space may change while the program runs, each read with one load. */
#ifndef KERNTEL_SETTINGS_H
#define KERNTEL_SETTINGS_H

#include <bpf/bpf_helpers.h>

/*
 * A section of their own, because user space writes it whole: nothing that a program writes may stand there.
 * `volatile`, so that the compiler neither folds the value of the file nor loads it twice and compares two.
 */
#define SETTING volatile SEC(".data.settings")

#endif
