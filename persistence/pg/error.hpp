#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace tessera::pg {

/// A statement failed. `rolled_back` says whether it is certain that nothing of it happened: an SQLSTATE is
/// in hand that does not stand for a lost server (57P0x, 08xxx). Otherwise nobody knows.
class error : public std::runtime_error {
public:
  error(std::string message, std::string sqlstate, std::string constraint, std::string detail);

  /// The connection was lost or too slow: the outcome is unknown.
  static error lost(std::string message);

  bool rolled_back() const { return rolled_back_; }
  /// Serialization failure, deadlock, lock or statement timeout: the same work may succeed at once.
  bool is_transient() const;
  bool is_unique_violation() const { return sqlstate_ == "23505"; }
  std::string_view sqlstate() const { return sqlstate_; }
  std::string_view constraint() const { return constraint_; }
  /// May repeat contents of rows: not for logs.
  std::string_view detail() const { return detail_; }

private:
  std::string sqlstate_;
  std::string constraint_;
  std::string detail_;
  bool rolled_back_ = false;
};

} // namespace tessera::pg
