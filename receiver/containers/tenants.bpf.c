// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The tables of tenants, which every object with limits shares: they outlive events and the part that fills
 * them. */
#include "tenant-maps.h"
