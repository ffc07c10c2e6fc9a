#include "tests/support/json.hpp"

#include <simdjson.h>

namespace tessera::test {

namespace {

template <class T, class Use> auto value_at(std::string_view json, std::string_view pointer, Use use) {
  simdjson::dom::parser parser;
  T value{};
  decltype(use(value)) nothing{};
  return parser.parse(json.data(), json.size()).at_pointer(pointer).get(value) == simdjson::SUCCESS
             ? use(value)
             : nothing;
}

} // namespace

std::string text_at(std::string_view json, std::string_view pointer) {
  return value_at<std::string_view>(json, pointer, [](std::string_view text) { return std::string(text); });
}

std::optional<std::int64_t> integer_at(std::string_view json, std::string_view pointer) {
  return value_at<std::int64_t>(json, pointer, [](std::int64_t number) { return std::optional(number); });
}

std::optional<bool> boolean_at(std::string_view json, std::string_view pointer) {
  return value_at<bool>(json, pointer, [](bool value) { return std::optional(value); });
}

std::optional<std::size_t> size_at(std::string_view json, std::string_view pointer) {
  return value_at<simdjson::dom::array>(json, pointer, [](simdjson::dom::array array) {
    return std::optional(array.size());
  });
}

std::vector<std::string> items_at(std::string_view json, std::string_view pointer) {
  return value_at<simdjson::dom::array>(json, pointer, [](simdjson::dom::array array) {
    std::vector<std::string> items;
    for (const auto item : array)
      items.push_back(simdjson::minify(item));
    return items;
  });
}

std::vector<std::string> names_at(std::string_view json, std::string_view pointer) {
  return value_at<simdjson::dom::object>(json, pointer, [](simdjson::dom::object object) {
    std::vector<std::string> names;
    for (const auto member : object)
      names.emplace_back(member.key);
    return names;
  });
}

} // namespace tessera::test
