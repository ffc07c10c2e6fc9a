#include "actors/domain/template_tag.hpp"

#include <algorithm>

namespace tessera {

namespace {

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

} // namespace

template_tag next_tag(std::string_view text, std::size_t from) {
  template_tag found;
  found.begin = text.find("{{", from);
  if (found.begin == template_tag::none) return found;
  const auto close = text.find("}}", found.begin + 2);
  if (close == template_tag::none) return found;
  found.end = close + 2;
  auto inside = text.substr(found.begin + 2, close - found.begin - 2);
  if (!inside.empty() && std::string_view("#^/!").find(inside.front()) != template_tag::none) {
    found.sign = inside.front();
    inside.remove_prefix(1);
  }
  found.name = trimmed(inside);
  return found;
}

} // namespace tessera
