#include "tests/framing/sight.hpp"

#include "http/server/decoder.hpp"
#include "http/server/framing.hpp"

#include <algorithm>
#include <utility>

namespace tessera::test {

namespace {

using progress = http::decoder::progress;

constexpr std::uint64_t body_limit = 64 * 1024;

/// A connection that has all its bytes, and lets them arrive in pieces.
class spectator {
public:
  spectator(std::string_view bytes, std::size_t piece)
      : rest_(bytes), piece_(piece == 0 ? bytes.size() : piece) {}

  sight watch() {
    while (true) {
      switch (gate_.read(input_)) {
      case http::framing::need_more:
        if (!read_piece(input_)) return std::move(seen_);
        break;
      case http::framing::refused: return refuse();
      case http::framing::accepted:
        if (!serve()) return std::move(seen_);
        break;
      }
    }
  }

private:
  bool read_piece(std::string& into) {
    const auto taken = rest_.substr(0, piece_);
    rest_.remove_prefix(taken.size());
    into.append(taken);
    return !taken.empty();
  }

  sight refuse() {
    seen_.refused = true;
    return std::move(seen_);
  }

  /// Whether another request may follow.
  bool serve() {
    ++seen_.heads;
    auto one = head_of(gate_.head());
    std::string decoded;
    http::decoder decoder{decoded, body_limit};
    std::size_t used = 0;
    auto held = input_;
    auto result = decoder.feed(held, used, true);
    auto all_used = used;
    one.body = decoder.body();
    while (result == progress::need_more) {
      held.erase(0, used);
      if (!read_piece(held)) return false;
      result = decoder.feed(held, used, false);
      all_used += used;
      one.body = decoder.body();
    }
    seen_.refused = result != progress::done;
    if (seen_.refused) return false;
    compare_ends(gate_.head(), one, all_used);
    seen_.requests.push_back(std::move(one));
    const bool goes_on = gate_.head().keep_alive;
    input_ = held.substr(used);
    gate_.next();
    return goes_on;
  }

  static seen_request head_of(const http::request_head& head) {
    seen_request one{std::string(head.method), std::string(head.target), {}, {}};
    for (const auto& [name, value] : head.headers)
      one.headers.append(name).append(": ").append(value).append("\n");
    return one;
  }

  void compare_ends(const http::request_head& head, const seen_request& one, std::size_t used) {
    const bool agree = head.body == http::body_kind::chunked ? used >= head.size + 5 + one.body.size()
                                                             : used == head.size + head.content_length &&
                                                                   one.body.size() == head.content_length;
    if (!agree) seen_.quarrel = one.method + " " + one.target;
  }

  std::string_view rest_;
  std::size_t piece_;
  std::string input_;
  http::framing_gate gate_;
  sight seen_;
};

} // namespace

sight look(std::string_view bytes, std::size_t piece) {
  return spectator(bytes, piece).watch();
}

} // namespace tessera::test
