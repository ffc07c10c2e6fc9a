#include "messages/types/uuid.hpp"

namespace tessera {

namespace {

constexpr char digits[] = "0123456789abcdef";

int value_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool dash_before(std::size_t byte) {
  return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

} // namespace

std::optional<uuid> uuid::parse(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  uuid result;
  std::size_t at = 0;
  for (std::size_t byte = 0; byte < 16; ++byte) {
    if (dash_before(byte) && text[at++] != '-') return std::nullopt;
    const int high = value_of(text[at]);
    const int low = value_of(text[at + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    result.bytes[byte] = static_cast<std::uint8_t>(high * 16 + low);
    at += 2;
  }
  return result;
}

std::string to_string(const uuid& value) {
  std::string text;
  text.reserve(36);
  for (std::size_t byte = 0; byte < 16; ++byte) {
    if (dash_before(byte)) text += '-';
    text += digits[value.bytes[byte] >> 4];
    text += digits[value.bytes[byte] & 15];
  }
  return text;
}

} // namespace tessera
