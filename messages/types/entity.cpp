#include "messages/types/entity.hpp"

#include <algorithm>

namespace tessera {

std::string_view to_string(entity_type type) {
  switch (type) {
  case entity_type::tenant: return "tenant";
  case entity_type::organization: return "organization";
  case entity_type::location: return "location";
  }
  return "unknown";
}

std::optional<entity_type> parse_entity_type(std::string_view text) {
  for (auto type : {entity_type::tenant, entity_type::organization, entity_type::location})
    if (text == to_string(type)) return type;
  return std::nullopt;
}

bool is_valid_id(std::string_view text) {
  const auto alphanumeric = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  return !text.empty() && text.size() <= 64 && alphanumeric(text[0]) &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           return alphanumeric(c) || c == '_' || c == '-';
         });
}

} // namespace tessera
