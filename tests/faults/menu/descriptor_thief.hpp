#pragma once

#include "tests/faults/menu/trouble.hpp"
#include "tests/support/http_client.hpp"

#include <sys/resource.h>
#include <vector>

namespace tessera::test {

/// Strangers connect and say nothing until the service has no descriptor left for them, under a limit that is
/// not far away.
class descriptor_thief final : public trouble {
public:
  explicit descriptor_thief(trouble_place at) : at_(at) {}
  void begin() override;
  void go_on() override { connect(few); }
  void end() override;

private:
  /// How many descriptors the service has open.
  std::size_t open_now() const;
  bool is_turned_away() const;
  static constexpr std::size_t few = 8;
  static constexpr std::size_t spare = 96;
  void connect(std::size_t count);
  void limit(rlim_t most) const;

  trouble_place at_;
  std::vector<http_client> strangers_;
};

} // namespace tessera::test
