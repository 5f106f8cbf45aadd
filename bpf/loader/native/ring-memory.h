// SPDX-License-Identifier: Apache-2.0
// The memory of a BPF ring buffer, as Documentation/bpf/ringbuf.rst of the kernel describes it: one page with
// the consumer's position that we may write, then the producer's page and the data, twice in a row, that we
// may not.
#pragma once
#include <cstddef>
#include <cstdint>

struct RingRead {
	uint32_t count = 0;	   // records copied
	uint32_t used_bytes = 0;   // bytes of the output that are filled
	uint32_t needed_bytes = 0; // nothing fitted: the size of the record that waits
	bool is_busy = false;	   // stopped at a record that the kernel is still writing
	bool is_full = false;	   // stopped because the output is full
	bool has_more = false;	   // stopped at a limit, or because the output is full
};

struct RingOutput {
	uint8_t *bytes;
	uint32_t size_bytes;
	uint32_t *offsets; // of each record in `bytes`
	uint32_t *lengths;
};

struct RingLimits {
	uint32_t records;
	uint32_t bytes; // of ring space, headers and discarded records included
};

class RingMemory
{
      public:
	~RingMemory();
	// 0 or an errno
	int map(int fd, size_t size_bytes);
	void unmap();
	bool is_mapped() const
	{
		return data_ != nullptr;
	}
	// Copies committed records, each to a multiple of 8.
	RingRead read(RingOutput output, RingLimits limits);
	uint64_t consumer_position() const;
	uint64_t producer_position() const;

      private:
	size_t page_bytes_ = 0;
	size_t size_bytes_ = 0;
	uint64_t *consumer_ = nullptr;
	const uint64_t *producer_ = nullptr;
	const uint8_t *data_ = nullptr;
};
