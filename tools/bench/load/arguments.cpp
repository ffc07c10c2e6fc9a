#include "tools/bench/load/arguments.hpp"

#include <charconv>

namespace tessera::bench {

namespace {

template <class Number> Number parse(const std::string& name, const std::string& text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < Number{})
    throw usage_error("--" + name + " must be a number, not '" + text + "'");
  return number;
}

} // namespace

arguments::arguments(std::span<char*> words) {
  for (std::size_t at = 0; at < words.size(); at += 2) {
    const std::string name = words[at];
    if (!name.starts_with("--")) throw usage_error("expected a flag, not '" + name + "'");
    if (at + 1 == words.size()) throw usage_error(name + " needs a value");
    values_[name.substr(2)] = words[at + 1];
  }
}

std::string arguments::text(const std::string& name, const std::string& fallback) {
  read_.insert(name);
  const auto here = values_.find(name);
  return here == values_.end() ? fallback : here->second;
}

std::string arguments::required(const std::string& name) {
  auto value = text(name);
  if (value.empty()) throw usage_error("--" + name + " is missing");
  return value;
}

double arguments::number(const std::string& name, double fallback) {
  const auto given = text(name);
  return given.empty() ? fallback : parse<double>(name, given);
}

std::uint64_t arguments::count(const std::string& name, std::uint64_t fallback) {
  const auto given = text(name);
  return given.empty() ? fallback : parse<std::uint64_t>(name, given);
}

void arguments::finish() const {
  for (const auto& [name, value] : values_)
    if (!read_.contains(name)) throw usage_error("unknown flag --" + name);
}

} // namespace tessera::bench
