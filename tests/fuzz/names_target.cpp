#include "messages/access.hpp"
#include "messages/api_keys.hpp"
#include "messages/entries.hpp"
#include "messages/holds.hpp"
#include "messages/types/entity.hpp"
#include "messages/types/money.hpp"
#include "messages/types/uuid.hpp"
#include "tests/fuzz/target.hpp"

#include <algorithm>

namespace tessera::fuzz {

namespace {

bool equal_but_for_case(std::string_view one, std::string_view other) {
  const auto low = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(one, other, {}, low, low);
}

void check_words(std::string_view bytes) {
  if (const auto type = parse_entity_type(bytes)) claim(to_string(*type) == bytes, "a type of entity");
  if (const auto type = parse_entry_type(bytes)) claim(to_string(*type) == bytes, "a type of entry");
  if (const auto role = parse_user_role(bytes)) claim(to_string(*role) == bytes, "a role");
  if (const auto role = parse_entity_role(bytes)) claim(to_string(*role) == bytes, "a role at an entity");
  if (const auto one = parse_scope(bytes)) claim(to_string(*one) == bytes, "a scope");
}

void check_money(std::string_view bytes) {
  for (const std::string_view currency : {"JPY", "USD", "KWD"}) {
    const auto minor = minor_units_of(bytes, *exponent_of(currency));
    if (!minor) continue;
    claim(*minor >= 0 && *minor <= most_minor_units, "a price is within its bounds");
    claim(
        minor_units_of(decimal_text(*minor, currency), *exponent_of(currency)) == minor,
        "a price is read back"
    );
    claim(
        minor_units_of(amount_text(*minor, currency), *exponent_of(currency)) == minor,
        "an amount is read back"
    );
  }
}

} // namespace

void run_names(std::string_view bytes) {
  check_words(bytes);
  check_money(bytes);
  if (const auto id = uuid::parse(bytes))
    claim(equal_but_for_case(to_string(*id), bytes), "a UUID has one form");
  if (const auto hold = parse_hold_id(bytes)) claim(hold_id_of(*hold) == bytes, "a hold has one name");
  if (is_valid_id(bytes))
    claim(bytes.size() <= 64 && bytes.find_first_of("/.%\" \r\n") == bytes.npos, "an id is safe in a path");
}

} // namespace tessera::fuzz
