#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

namespace tessera::http {

/// What was received and not used yet, in one piece. Views into it hold until the next `space`, `append` or
/// `release`.
class byte_queue {
public:
  std::string_view view() const { return {memory_.get() + begin_, end_ - begin_}; }
  std::size_t size() const { return end_ - begin_; }
  bool empty() const { return begin_ == end_; }

  /// Free bytes behind the last one: all that is left, made larger when that is little.
  std::span<char> space() {
    if (capacity_ - end_ < smallest_space) make_room(size() + smallest_space);
    return {memory_.get() + end_, capacity_ - end_};
  }
  void commit(std::size_t count) { end_ += count; }

  void consume(std::size_t count) {
    begin_ += count;
    if (empty()) begin_ = end_ = 0;
  }

  void append(std::string_view bytes) {
    if (capacity_ - end_ < bytes.size()) make_room(size() + bytes.size());
    std::memcpy(memory_.get() + end_, bytes.data(), bytes.size());
    end_ += bytes.size();
  }

  /// Gives memory back that an unusual request has taken: an idle connection should cost little.
  void release() {
    if (!empty() || capacity_ <= kept_capacity) return;
    memory_.reset();
    capacity_ = 0;
  }

private:
  static constexpr std::size_t first_capacity = 2'048;
  static constexpr std::size_t kept_capacity = 4'096;
  static constexpr std::size_t smallest_space = 512;

  void make_room(std::size_t wanted) {
    if (wanted <= capacity_) {
      std::memmove(memory_.get(), memory_.get() + begin_, size());
    } else {
      auto capacity = capacity_ == 0 ? first_capacity : capacity_ * 2;
      while (capacity < wanted)
        capacity *= 2;
      auto memory = std::make_unique_for_overwrite<char[]>(capacity);
      if (!empty()) std::memcpy(memory.get(), memory_.get() + begin_, size());
      memory_ = std::move(memory);
      capacity_ = capacity;
    }
    end_ -= begin_;
    begin_ = 0;
  }

  std::unique_ptr<char[]> memory_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

} // namespace tessera::http
