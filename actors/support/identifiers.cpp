#include "actors/support/identifiers.hpp"

#include <openssl/rand.h>

#include <array>
#include <cstring>
#include <stdexcept>

namespace tessera {

void random_bytes(void* out, std::size_t size) {
  // One call costs as much as 4 KiB at once.
  thread_local std::array<unsigned char, 4096> buffer;
  thread_local std::size_t left = 0;
  if (size > left) {
    if (RAND_bytes(buffer.data(), static_cast<int>(buffer.size())) != 1)
      throw std::runtime_error("the system gives no random bytes");
    left = buffer.size();
  }
  left -= size;
  std::memcpy(out, buffer.data() + left, size);
  OPENSSL_cleanse(buffer.data() + left, size);
}

uuid make_uuid(time_point now) {
  uuid id;
  random_bytes(id.bytes.data(), id.bytes.size());
  const auto ms = static_cast<std::uint64_t>(to_microseconds(now) / 1000);
  for (int i = 0; i < 6; ++i)
    id.bytes[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
  id.bytes[6] = static_cast<std::uint8_t>(0x70 | (id.bytes[6] & 0x0f));
  id.bytes[8] = static_cast<std::uint8_t>(0x80 | (id.bytes[8] & 0x3f));
  return id;
}

std::string make_api_key() {
  constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::array<unsigned char, 43> bytes;
  random_bytes(bytes.data(), bytes.size());
  std::string key = "tsk_";
  for (const auto byte : bytes)
    key += alphabet[byte & 63];
  return key;
}

} // namespace tessera
