#pragma once

#include "messages/types/ids.hpp"
#include "messages/types/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tessera {

/// What an API key may do. The numbers are bits of a set; the text form is the contract's.
enum class scope : std::uint16_t {
  credits_read = 1 << 0,
  credits_consume = 1 << 1,
  credits_hold = 1 << 2,
  credits_reverse = 1 << 3,
  credits_allocate = 1 << 4,
  credits_purchase = 1 << 5,
  invitations_read = 1 << 6,
  invitations_write = 1 << 7,
  directory_read = 1 << 8,
  directory_write = 1 << 9,
  audit_read = 1 << 10,
};
std::string_view to_string(scope one);
std::optional<scope> parse_scope(std::string_view text);
std::vector<scope> all_scopes();

struct api_key {
  std::string id;
  std::uint16_t scopes = 0;           // a set of `scope`
  std::optional<account_id> bound_to; // this entity and what is below it
  std::string application;            // empty: the request names one
  std::optional<time_point> expires_at;

  bool may(scope one) const { return (scopes & static_cast<std::uint16_t>(one)) != 0; }
};

} // namespace tessera
