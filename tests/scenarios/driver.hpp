#pragma once

#include <cstdint>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

/// What a scenario wants done, and what the caller is told: the same for every implementation.
namespace tessera::test {

struct sell_package {
  std::string name;
  std::int64_t credits = 0;
  std::int64_t days = 0;
};
struct make_entity {
  std::string type, name, parent;
};
struct buy_credits {
  std::string entity, package, label, key;
};
struct grant_lot {
  std::string entity, label, kind = "bonus", application;
  std::int64_t credits = 0, priority = 50, days = 0; // no days: it never ends
};
struct spend_credits {
  std::string entity, application, key;
  std::int64_t credits = 0;
};
struct move_credits {
  struct leg {
    std::string to; // empty: the one above
    std::int64_t credits = 0;
  };
  enum class way { allocate, give_back, reclaim } how = way::allocate;
  std::string from, policy, key;
  std::vector<leg> legs;
  std::vector<std::string> only; // labels
  std::int64_t lasting_days = 0;
};

struct put_aside {
  std::string entity, label, application, key;
  std::int64_t credits = 0, hours = 0; // no hours: as long as it lasts when nobody says
};
struct use_held {
  std::string label, application, key;
  std::int64_t credits = 0;
  bool more = false; // will be captured
  bool overage = false;
};
struct let_go {
  std::string label, application, key;
};

/// The answer to a change.
struct told {
  std::string refused; // the code; empty: it happened
  bool replayed = false;
  std::int64_t available = -1;   // afterwards, usable by the application that called
  std::int64_t would_allow = -1; // when it was refused for want of credits, or of units in a hold
};
struct told_balance {
  std::int64_t available = 0, used = 0, total = 0;
};
struct told_lot {
  std::int64_t free = 0;
  std::string label; // of its root; says so when the terms are not the root's
};

/// One implementation with one tenant, empty at first. A step that it cannot do throws std::exception.
class scenario_driver {
public:
  virtual ~scenario_driver() = default;

  virtual void make(const sell_package& command) = 0;
  virtual void make(const make_entity& command) = 0;
  virtual told take(const buy_credits& command) = 0;
  virtual told take(const spend_credits& command) = 0;
  virtual told take(const move_credits& command) = 0;
  virtual told take(const put_aside& command) = 0;
  virtual told take(const use_held& command) = 0;
  virtual told take(const let_go& command) = 0;
  virtual told_balance balance(const std::string& entity, const std::string& application) = 0;
  virtual std::vector<told_lot> lots(const std::string& entity) = 0;

  // Only where the scenario says that it needs them.
  virtual told take(const grant_lot&) { throw std::logic_error("needs grants"); }
  virtual void pass_hours(std::int64_t) { throw std::logic_error("needs clock"); }
};

} // namespace tessera::test
