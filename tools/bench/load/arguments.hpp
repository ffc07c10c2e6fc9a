#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <stdexcept>
#include <string>

namespace tessera::bench {

/// The command line does not say what is needed.
struct usage_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// `--name value` pairs. Whoever reads a flag names it; `finish` refuses what nobody read.
class arguments {
public:
  explicit arguments(std::span<char*> words);

  std::string text(const std::string& name, const std::string& fallback = "");
  std::string required(const std::string& name);
  double number(const std::string& name, double fallback);
  std::uint64_t count(const std::string& name, std::uint64_t fallback);
  void finish() const;

private:
  std::map<std::string, std::string> values_;
  std::set<std::string> read_;
};

} // namespace tessera::bench
