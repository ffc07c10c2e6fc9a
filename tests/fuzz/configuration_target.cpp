#include "config/keys.hpp"
#include "config/load.hpp"
#include "config/toml_file.hpp"
#include "tests/fuzz/scratch.hpp"
#include "tests/fuzz/target.hpp"

#include <algorithm>
#include <set>

namespace tessera::fuzz {

namespace {

/// Lines of `name=value`.
config::text_map map_of(std::string_view lines) {
  config::text_map map;
  while (!lines.empty()) {
    auto value = take_until(lines, '\n');
    const auto name = take_until(value, '=');
    map.emplace(name, value);
  }
  return map;
}

/// Keys that name a file with a secret would open whatever the bytes say.
bool names_a_file(std::string_view bytes) {
  std::string low(bytes);
  std::ranges::transform(low, low.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return low.find("file") != low.npos;
}

/// The last names of keys that are not simply shown.
const std::set<std::string_view>& secret_names() {
  static const auto all = [] {
    std::set<std::string_view> names;
    for (const auto& k : config::keys())
      if (k.visibility != config::secrecy::open) names.insert(k.name.substr(k.name.rfind('.') + 1));
    return names;
  }();
  return all;
}

/// What is shown of a secret, and of the file that could name it, can't be given.
bool is_about_secret(std::string_view line) {
  const auto name = take_until(line, ' ');
  return name.ends_with("_file") || secret_names().contains(name);
}

std::string without_secrets(std::string_view toml) {
  std::string kept;
  while (!toml.empty())
    if (const auto line = take_until(toml, '\n'); !is_about_secret(line)) kept.append(line).append("\n");
  return kept;
}

/// What is hidden or masked is repeated nowhere, unless it stands somewhere else, too: as a name, say.
void check_secrets(
    std::string_view bytes, const config::load_request& asked, const config::load_result& got
) {
  for (const auto& k : config::keys()) {
    const auto given = asked.environ.find(config::variable_of(k));
    if (k.visibility == config::secrecy::open || given == asked.environ.end() || given->second.size() < 28)
      continue;
    const auto tail = given->second.substr(16); // the beginning may be a word of the message: `postgresql://`
    const bool stands_anyway = config::render({}).find(tail) != std::string::npos;
    if (stands_anyway || bytes.find(tail) != bytes.rfind(tail)) continue;
    for (const auto& error : got.errors)
      claim(config::to_string(error).find(tail) == std::string::npos, "a secret is in no message");
    claim(config::render(got.settings).find(tail) == std::string::npos, "a secret is not shown");
  }
}

} // namespace

/// A file, variables and flags, with a NUL between them.
void run_configuration(std::string_view bytes) {
  const auto all = bytes;
  static const scratch files;
  const auto file = take_until(bytes, '\0');
  const auto parsed = config::parse_toml(file);
  claim(parsed.errors.empty() || parsed.errors.front().line > 0, "an error has its place");
  if (names_a_file(file) || names_a_file(bytes)) return;
  config::load_request asked;
  asked.file = files.write("given.toml", file);
  asked.environ = map_of(take_until(bytes, '\0'));
  asked.overrides = map_of(bytes);
  const auto got = config::load(asked);
  check_secrets(all, asked, got);
  if (!got.ok()) return;
  const auto shown = config::render(got.settings);
  config::load_request again;
  again.file = files.write("shown.toml", without_secrets(shown));
  const auto same = config::load(again);
  claim(same.ok(), "settings that are shown can be read");
  claim(without_secrets(config::render(same.settings)) == without_secrets(shown), "and mean the same");
}

} // namespace tessera::fuzz
