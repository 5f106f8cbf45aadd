// SPDX-License-Identifier: Apache-2.0
// What a network driver says of itself and of its link, by the ethtool ioctl (include/uapi/linux/ethtool.h).
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "exports.h"

// 0 or an errno.
static int ask(const Bytes &interface, void *command)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno;
	ifreq request = {};
	// The kernel allows nearly any byte in a name: it is not text.
	std::copy_n(interface.data, std::min<size_t>(interface.size, IFNAMSIZ - 1),
		    reinterpret_cast<uint8_t *>(request.ifr_name));
	request.ifr_data = static_cast<char *>(command);
	int error_number = ioctl(fd, SIOCETHTOOL, &request) == 0 ? 0 : errno;
	close(fd);
	return error_number;
}

static bool is_unknown(int error_number)
{
	return error_number == EOPNOTSUPP || error_number == ENODEV || error_number == ENXIO;
}

static Napi::Value text(Napi::Env env, const char *field, size_t size)
{
	return Napi::Buffer<char>::Copy(env, field, strnlen(field, size));
}

// (interface) -> [driver, version, firmware version, bus address], or null where there is no such interface
// or it has no driver that answers
static Napi::Value ethtool_driver(Napi::Env env, Bytes interface)
{
	ethtool_drvinfo driver = {};
	driver.cmd = ETHTOOL_GDRVINFO;
	int error_number = ask(interface, &driver);
	if (is_unknown(error_number))
		return env.Null();
	if (error_number != 0)
		fail(env, error_number, "ETHTOOL_GDRVINFO");
	auto answer = Napi::Array::New(env, 4);
	answer.Set(0u, text(env, driver.driver, sizeof driver.driver));
	answer.Set(1u, text(env, driver.version, sizeof driver.version));
	answer.Set(2u, text(env, driver.fw_version, sizeof driver.fw_version));
	answer.Set(3u, text(env, driver.bus_info, sizeof driver.bus_info));
	return answer;
}

// (interface) -> [megabits a second, duplex] with the kernel's own numbers for "unknown", or null
static Napi::Value ethtool_link(Napi::Env env, Bytes interface)
{
	// Behind the struct three bitmaps of link modes, each of at most 127 words.
	std::array<__u32, sizeof(ethtool_link_settings) / sizeof(__u32) + 3 * 127> buffer = {};
	auto &link = *reinterpret_cast<ethtool_link_settings *>(buffer.data());
	link.cmd = ETHTOOL_GLINKSETTINGS;
	// First the kernel says, as a negative number, how long its bitmaps are.
	int error_number = ask(interface, &link);
	if (error_number == 0 && link.link_mode_masks_nwords < 0) {
		link.link_mode_masks_nwords = -link.link_mode_masks_nwords;
		link.cmd = ETHTOOL_GLINKSETTINGS;
		error_number = ask(interface, &link);
	}
	if (is_unknown(error_number))
		return env.Null();
	if (error_number != 0)
		fail(env, error_number, "ETHTOOL_GLINKSETTINGS");
	auto answer = Napi::Array::New(env, 2);
	answer.Set(0u, Napi::Number::New(env, link.speed));
	answer.Set(1u, Napi::Number::New(env, link.duplex));
	return answer;
}

void register_ethtool(Exports &exports)
{
	exports.add<ethtool_driver>("ethtool_driver");
	exports.add<ethtool_link>("ethtool_link");
}
