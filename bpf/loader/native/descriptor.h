// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <unistd.h>

#include <cerrno>

// A file descriptor of ours, negative where there is none: closed on the way out, also by an exception. errno
// stays as it was.
struct Descriptor {
	int fd = -1;

	explicit Descriptor(int opened = -1) : fd(opened) {}
	Descriptor(const Descriptor &) = delete;
	Descriptor &operator=(const Descriptor &) = delete;
	~Descriptor()
	{
		close();
	}
	void close()
	{
		int before = errno;
		if (fd >= 0)
			::close(fd);
		fd = -1;
		errno = before;
	}
};
