#include "tools/bench/load/request_maker.hpp"

#include <cstdio>
#include <random>

namespace tessera::bench {

namespace {

constexpr std::string_view entity_mark = "@entity";   // 7: as long as what replaces it
constexpr std::string_view key_mark = "@request_key"; // 12

std::uint64_t seed() {
  std::random_device source;
  return (std::uint64_t{source()} << 32 | source()) | 1; // the generator must not start at 0
}

std::string hex(std::uint64_t value) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return text;
}

/// As long as what replaces it.
std::string value_mark(const request_options& options) {
  return std::string(options.values.empty() ? 0 : options.values.front().size(), '@');
}

std::string with_value_marks(const request_options& options) {
  constexpr std::string_view name = "@value";
  auto content = options.content;
  const auto mark = value_mark(options);
  for (auto at = content.find(name); !mark.empty() && at != content.npos;
       at = content.find(name, at + mark.size()))
    content.replace(at, name.size(), mark);
  return content;
}

void overwrite(char* place, std::size_t digits, std::uint64_t value) {
  for (; digits > 0; value /= 10)
    place[--digits] = static_cast<char>('0' + value % 10);
}

} // namespace

request_maker::request_maker(const request_options& options) : options_(options), random_(seed()) {
  const auto content = body(options);
  bytes_ =
      (options.kind == request_kind::get ? "GET " : "POST ") + options.path + " HTTP/1.1\r\nHost: bench\r\n";
  if (!options.key.empty()) bytes_ += "Authorization: Bearer " + options.key + "\r\n";
  if (options.kind != request_kind::get) {
    bytes_ += "Content-Type: application/json\r\n";
    bytes_ += "Content-Length: " + std::to_string(content.size()) + "\r\n";
  }
  if (options.kind == request_kind::consume || options.kind == request_kind::hold)
    bytes_ += "Idempotency-Key: " + hex(random_) + "-" + std::string(key_mark) + "\r\n";
  bytes_ += "\r\n" + content;
  find_places(entity_mark, entity_places_);
  find_places(key_mark, key_places_);
  if (!options.values.empty()) find_places(value_mark(options), value_places_);
}

std::string request_maker::body(const request_options& options) {
  if (options.kind == request_kind::get) return "";
  if (options.kind == request_kind::post) return with_value_marks(options);
  if (options.batch == 0) return item(options, false);
  std::string content = R"({"items":[)";
  for (std::uint64_t n = 0; n < options.batch; ++n)
    content += (n == 0 ? "" : ",") + item(options, true);
  return content += "]}";
}

std::string request_maker::item(const request_options& options, bool with_event) {
  auto text = R"({"entityType":"organization","entityId":"b-)" + std::string(entity_mark) +
              R"(","credits":)" + std::to_string(options.credits);
  if (with_event) text += R"(,"eventId":")" + hex(random_) + "-" + std::string(key_mark) + "\"";
  return text += "}";
}

void request_maker::find_places(std::string_view mark, std::vector<std::size_t>& places) {
  for (auto at = bytes_.find(mark); at != std::string::npos; at = bytes_.find(mark, at + mark.size()))
    places.push_back(at);
}

std::uint64_t request_maker::next_entity() {
  if (options_.order == entity_order::sequential) return made_ % options_.entities + 1;
  random_ ^= random_ >> 12;
  random_ ^= random_ << 25;
  random_ ^= random_ >> 27;
  return (random_ * 0x2545f4914f6cdd1dU >> 32) % options_.entities + 1;
}

std::string_view request_maker::next() {
  for (const auto place : entity_places_)
    overwrite(bytes_.data() + place, entity_mark.size(), next_entity());
  std::uint64_t part = 0;
  for (const auto place : key_places_)
    overwrite(bytes_.data() + place, key_mark.size(), made_ * key_places_.size() + part++);
  for (const auto place : value_places_)
    options_.values[made_ % options_.values.size()].copy(bytes_.data() + place, value_mark(options_).size());
  ++made_;
  return bytes_;
}

std::string_view request_maker::capture_of(std::string_view answer) {
  constexpr std::string_view name = R"("holdId":")";
  const auto begin = answer.find(name);
  if (begin == answer.npos) return {};
  const auto id =
      answer.substr(begin + name.size(), answer.find('"', begin + name.size()) - begin - name.size());
  const auto content = R"({"credits":)" + std::to_string(options_.credits) + "}";
  capture_ = "POST " + options_.path + "/";
  capture_.append(id).append("/capture HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer ");
  capture_.append(options_.key).append("\r\nContent-Type: application/json\r\nContent-Length: ");
  capture_.append(std::to_string(content.size())).append("\r\nIdempotency-Key: ").append(id);
  return capture_.append("\r\n\r\n").append(content);
}

} // namespace tessera::bench
