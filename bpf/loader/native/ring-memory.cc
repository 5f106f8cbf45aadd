// SPDX-License-Identifier: Apache-2.0
#include "ring-memory.h"

#include <linux/bpf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

RingMemory::~RingMemory()
{
	unmap();
}

int RingMemory::map(int fd, size_t size_bytes)
{
	page_bytes_ = sysconf(_SC_PAGESIZE);
	size_bytes_ = size_bytes;
	void *consumer = mmap(nullptr, page_bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (consumer == MAP_FAILED)
		return errno;
	void *producer = mmap(nullptr, page_bytes_ + 2 * size_bytes, PROT_READ, MAP_SHARED, fd, page_bytes_);
	if (producer == MAP_FAILED) {
		int error_number = errno;
		munmap(consumer, page_bytes_);
		return error_number;
	}
	consumer_ = static_cast<uint64_t *>(consumer);
	producer_ = static_cast<const uint64_t *>(producer);
	data_ = static_cast<const uint8_t *>(producer) + page_bytes_;
	return 0;
}

void RingMemory::unmap()
{
	if (!is_mapped())
		return;
	munmap(consumer_, page_bytes_);
	munmap(const_cast<uint64_t *>(producer_), page_bytes_ + 2 * size_bytes_);
	data_ = nullptr;
}

uint64_t RingMemory::consumer_position() const
{
	return __atomic_load_n(consumer_, __ATOMIC_RELAXED); // we are the only writer
}

uint64_t RingMemory::producer_position() const
{
	return __atomic_load_n(producer_, __ATOMIC_ACQUIRE);
}

RingRead RingMemory::read(RingOutput output, RingLimits limits)
{
	RingRead result;
	const uint64_t start = consumer_position();
	const uint64_t end = producer_position();
	uint64_t position = start;
	while (position < end && result.count < limits.records && position - start < limits.bytes) {
		const uint8_t *header = data_ + (position & (size_bytes_ - 1));
		// Acquire: the record's bytes were written before the busy bit was cleared.
		const uint32_t word =
			__atomic_load_n(reinterpret_cast<const uint32_t *>(header), __ATOMIC_ACQUIRE);
		if (word & BPF_RINGBUF_BUSY_BIT) {
			result.is_busy = true;
			break;
		}
		// Never beyond the two copies of the data, whatever the header says.
		const uint32_t length =
			std::min<uint64_t>(word & ~BPF_RINGBUF_DISCARD_BIT, size_bytes_ - BPF_RINGBUF_HDR_SZ);
		if (!(word & BPF_RINGBUF_DISCARD_BIT)) {
			if (length > output.size_bytes - result.used_bytes) {
				result.is_full = true;
				result.needed_bytes = result.count == 0 ? length : 0;
				break;
			}
			memcpy(output.bytes + result.used_bytes, header + BPF_RINGBUF_HDR_SZ, length);
			output.offsets[result.count] = result.used_bytes;
			output.lengths[result.count] = length;
			result.count++;
			// So that 64-bit fields stay aligned.
			result.used_bytes =
				std::min(result.used_bytes + ((length + 7) & ~7u), output.size_bytes);
		}
		position += (length + BPF_RINGBUF_HDR_SZ + 7) & ~7ull;
	}
	// Release: the kernel may overwrite the space only after it was copied.
	__atomic_store_n(consumer_, position, __ATOMIC_RELEASE);
	result.has_more = position < end && !result.is_busy;
	return result;
}
