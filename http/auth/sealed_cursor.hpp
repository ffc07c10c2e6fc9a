#pragma once

#include "http/auth/idempotency.hpp"
#include "messages/types/ids.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace tessera::http {

/// Cursors of one list, with the filters that it was asked with. A cursor of another tenant, another list or
/// other filters, or one that somebody wrote himself, does not open. No secret: there is nothing to win, a
/// cursor shows nothing that the list would not.
class sealed_cursor {
public:
  sealed_cursor(const tenant_id& tenant, std::string_view route, const fingerprint& filters);

  /// `position`: letters, digits, `_`, `-` and `.` only.
  std::string seal(std::string_view position) const;
  /// The position, if `cursor` came from `seal`.
  std::optional<std::string_view> open(std::string_view cursor) const;

private:
  std::string stamp_of(std::string_view position) const;
  fingerprint list_;
};

} // namespace tessera::http
