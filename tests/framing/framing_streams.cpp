// framing_streams SEED FIRST COUNT [--without-gate]: makes streams of bytes and writes each, with what the
// service sees in it, to standard output for compare.mjs. Exits with 3 where what is seen depends on how the
// bytes arrive.
#include "tests/framing/sight.hpp"
#include "tests/framing/stream_maker.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace tessera::test;

void put(std::string& out, std::size_t number) {
  for (int shift = 24; shift >= 0; shift -= 8)
    out += static_cast<char>(number >> shift & 0xff);
}

void put(std::string& out, std::string_view text) {
  put(out, text.size());
  out += text;
}

std::string record_of(std::string_view stream, const sight& seen) {
  std::string out;
  put(out, stream);
  put(out, seen.requests.size());
  for (const auto& one : seen.requests)
    for (const auto& text : {one.method, one.target, one.headers, one.body})
      put(out, text);
  return out;
}

/// However the bytes arrive, and wherever they are cut.
bool is_steady(std::string_view stream, const sight& seen, std::uint64_t number) {
  if (seen.quarrel.empty() && look(stream, 1 + number % 13) == seen) return true;
  std::fprintf(stderr, "stream %llu: %s\n", static_cast<unsigned long long>(number), seen.quarrel.c_str());
  return false;
}

} // namespace

int main(int argc, char** argv) {
  if (argc < 4) return std::fputs("framing_streams SEED FIRST COUNT [--without-gate]\n", stderr), 2;
  const auto seed = std::strtoull(argv[1], nullptr, 10);
  const auto first = std::strtoull(argv[2], nullptr, 10);
  const auto end = first + std::strtoull(argv[3], nullptr, 10);
  const bool bare = argc > 4 && std::string_view(argv[4]) == "--without-gate";
  for (auto number = first; number < end; ++number) {
    const auto stream = stream_maker(seed, number).make();
    const auto seen = bare ? look_without_gate(stream) : look(stream);
    if (!bare && !is_steady(stream, seen, number)) return 3;
    const auto record = record_of(stream, seen);
    if (std::fwrite(record.data(), 1, record.size(), stdout) != record.size()) return 1;
  }
  return std::fflush(stdout) == 0 ? 0 : 1;
}
