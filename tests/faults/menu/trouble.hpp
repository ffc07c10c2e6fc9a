#pragma once

#include "tests/faults/campaign/node.hpp"

namespace tessera::test {

/// Something that goes wrong around a service while clients work, as often as one likes. Nothing of it is
/// left when it is destroyed.
class trouble {
public:
  virtual ~trouble() = default;
  virtual void begin() = 0;
  /// While it lasts, several times a second.
  virtual void go_on() {}
  /// Returns when the world is whole again; the service may still have to find out.
  virtual void end() = 0;
};

/// What trouble is made of.
struct trouble_place {
  postgres_cluster& cluster;
  node& service;
};

} // namespace tessera::test
