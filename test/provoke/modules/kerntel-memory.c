// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A memory controller that is none. What is written to its parameter `report`, as "0 3 DIMM_A1"
 * (HW_EVENT_ERR_…, number of errors, label), it reports as EDAC does for its drivers
 * (edac_raw_mc_handle_error, drivers/edac/edac_mc.c), which Debian's cloud kernels leave out.
 */
#include <linux/module.h>
#include <linux/edac.h>
#include <ras/ras_event.h>

static int set_report(const char *value, const struct kernel_param *parameter)
{
	unsigned int type, errors;
	char label[32];

	if (sscanf(value, "%u %u %31s", &type, &errors, label) != 3)
		return -EINVAL;
	trace_mc_event(type, "memory read error", label, errors, 1, 2, 0, -1, 0x12345000, 12, 0xbeef,
		       "row:5 col:7");
	return 0;
}

static const struct kernel_param_ops report_operations = {.set = set_report};
module_param_cb(report, &report_operations, NULL, 0200);
MODULE_DESCRIPTION("Reports memory errors as EDAC does");
MODULE_LICENSE("Dual BSD/GPL");
