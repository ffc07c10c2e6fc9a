#pragma once

#include "config/settings.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What `tessera doctor` looks at, one function for each part of the world.
namespace tessera::cli {

enum class verdict { ok, warning, failed };
std::string_view to_string(verdict which);

struct finding {
  std::string subject; // "database.fsync"
  verdict which = verdict::ok;
  std::string detail; // what was found, and what to do about it
};

class findings {
public:
  void ok(std::string subject, std::string detail) {
    add(std::move(subject), verdict::ok, std::move(detail));
  }
  void warn(std::string subject, std::string detail) {
    add(std::move(subject), verdict::warning, std::move(detail));
  }
  void fail(std::string subject, std::string detail) {
    add(std::move(subject), verdict::failed, std::move(detail));
  }
  /// ok, or what it is otherwise.
  void expect(bool truth, std::string subject, std::string good, verdict otherwise, std::string bad) {
    add(std::move(subject), truth ? verdict::ok : otherwise, truth ? std::move(good) : std::move(bad));
  }

  const std::vector<finding>& all() const { return all_; }
  bool any_failed() const;

private:
  void add(std::string subject, verdict which, std::string detail) {
    all_.push_back({std::move(subject), which, std::move(detail)});
  }
  std::vector<finding> all_;
};

/// The server, its settings, the schema, roles and row-level security, the clock, leases and time zones.
void examine_database(const config::settings& settings, findings& into);
/// Directories that must be writable, addresses and ports that must be free.
void examine_host(const config::settings& settings, findings& into);

} // namespace tessera::cli
