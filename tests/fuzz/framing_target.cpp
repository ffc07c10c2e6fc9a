#include "http/server/framing.hpp"
#include "tests/framing/sight.hpp"
#include "tests/fuzz/target.hpp"

namespace tessera::fuzz {

namespace {

/// What the gate has accepted, written down again, means the same: nothing of it had a second reading.
void check_reading(std::string_view bytes) {
  http::framing_gate gate;
  if (gate.read(bytes) != http::framing::accepted) return;
  const auto first = gate.head();
  claim(
      first.size <= bytes.size() && bytes.substr(0, first.size).ends_with("\r\n\r\n"),
      "a head ends with an empty line"
  );
  std::string again(first.method);
  again.append(" ").append(first.target).append(first.minor_version == 1 ? " HTTP/1.1\r\n" : " HTTP/1.0\r\n");
  for (const auto& [name, value] : first.headers)
    again.append(name).append(": ").append(value).append("\r\n");
  again += "\r\n";
  http::framing_gate second({.max_bytes = 2 * 16 * 1024});
  claim(second.read(again) == http::framing::accepted, "what was accepted is accepted again");
  const auto& head = second.head();
  claim(head.headers == first.headers && head.target == first.target, "a head has one reading");
  claim(
      head.body == first.body && head.content_length == first.content_length &&
          head.keep_alive == first.keep_alive,
      "an end has one reading"
  );
}

} // namespace

/// The first byte says in pieces of how many bytes the rest arrives.
void run_framing(std::string_view bytes) {
  const auto piece = std::size_t{1} + take_byte(bytes);
  check_reading(bytes);
  const auto whole = test::look(bytes);
  claim(whole.quarrel.empty(), "gate and decoder agree about the end of a request");
  claim(test::look(bytes, piece) == whole, "it does not matter how bytes arrive");
}

} // namespace tessera::fuzz
