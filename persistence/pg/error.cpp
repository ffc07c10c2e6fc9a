#include "persistence/pg/error.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace tessera::pg {

namespace {

bool server_is_gone(std::string_view sqlstate) {
  return sqlstate.empty() || sqlstate.starts_with("08") || sqlstate.starts_with("57P0");
}

} // namespace

error::error(std::string message, std::string sqlstate, std::string constraint, std::string detail)
    : std::runtime_error(std::move(message)), sqlstate_(std::move(sqlstate)),
      constraint_(std::move(constraint)), detail_(std::move(detail)),
      rolled_back_(!server_is_gone(sqlstate_)) {}

error error::lost(std::string message) {
  return error(std::move(message), "", "", "");
}

bool error::is_transient() const {
  constexpr std::array<std::string_view, 4> states{"40001", "40P01", "55P03", "57014"};
  return std::find(states.begin(), states.end(), sqlstate_) != states.end();
}

} // namespace tessera::pg
