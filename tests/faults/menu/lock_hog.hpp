#pragma once

#include "tests/faults/menu/trouble.hpp"
#include "tests/support/postgres_session.hpp"

#include <optional>
#include <string>
#include <utility>

namespace tessera::test {

/// Somebody's transaction holds what the service needs, and does nothing.
class lock_hog final : public trouble {
public:
  lock_hog(trouble_place at, std::string sql) : at_(at), sql_(std::move(sql)) {}
  void begin() override {
    holder_.emplace(at_.cluster.url(at_.service.database()));
    holder_->execute("BEGIN");
    holder_->execute(sql_);
  }
  void end() override { holder_.reset(); }

private:
  trouble_place at_;
  std::string sql_;
  std::optional<postgres_session> holder_;
};

} // namespace tessera::test
