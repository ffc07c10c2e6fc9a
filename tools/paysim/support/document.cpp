#include "tools/paysim/support/document.hpp"

namespace tessera::paysim {

namespace {

const json::value* member(const document& of, std::string_view name) {
  const auto found = of.find(name);
  return found == of.end() ? nullptr : &found->value();
}

} // namespace

std::string_view text_of(const document& of, std::string_view name) {
  const auto* found = member(of, name);
  return found && found->is_string() ? std::string_view{found->get_string()} : std::string_view{};
}

std::int64_t number_of(const document& of, std::string_view name) {
  const auto* found = member(of, name);
  if (!found) return 0;
  if (found->is_uint64()) return static_cast<std::int64_t>(found->get_uint64());
  return found->is_int64() ? found->get_int64() : 0;
}

bool is_set(const document& of, std::string_view name) {
  const auto* found = member(of, name);
  return found && found->is_bool() && found->get_bool();
}

bool has(const document& of, std::string_view name) {
  const auto* found = member(of, name);
  return found && !found->is_null();
}

const document& object_of(const document& of, std::string_view name) {
  static const document nothing;
  const auto* found = member(of, name);
  return found && found->is_object() ? found->get_object() : nothing;
}

json::value text_or_null(std::string_view text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

json::value shown(const json::value& of) {
  if (of.is_array()) {
    json::array copy;
    for (const auto& each : of.get_array())
      copy.push_back(shown(each));
    return copy;
  }
  if (!of.is_object()) return of;
  document copy;
  for (const auto& [name, value] : of.get_object())
    if (!name.starts_with('_')) copy[name] = shown(value);
  return copy;
}

std::string to_json(const json::value& of) {
  return json::serialize(of);
}

} // namespace tessera::paysim
