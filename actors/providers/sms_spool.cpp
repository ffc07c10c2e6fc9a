#include "actors/providers/sms_spool.hpp"

#include <utility>

namespace tessera {

namespace {

/// Of text without control characters, which messages have not got.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) >= 0x20) out += c;
  }
  return out += '"';
}

} // namespace

sms_spool::sms_spool(std::string directory, std::string from)
    : directory_(std::move(directory)), from_(std::move(from)) {}

delivery_outcome sms_spool::send(const outgoing_sms& message) {
  return directory_.put(
      message.id + ".json",
      "{\"id\":" + quoted(message.id) + ",\"to\":" + quoted(message.to) + ",\"from\":" + quoted(from_) +
          ",\"text\":" + quoted(message.text) + ",\"segments\":" + std::to_string(message.segments) + "}\n"
  );
}

} // namespace tessera
