#pragma once

#include "http/routing/router.hpp"
#include "tools/paysim/api/endpoint.hpp"
#include "tools/paysim/api/failures.hpp"
#include "tools/paysim/api/idempotency.hpp"

#include <optional>
#include <string>
#include <vector>

namespace tessera::paysim {

/// Everything below /v1: reads a call, runs its endpoint, and answers as the provider does, repetitions and
/// planned failures included.
class api {
public:
  explicit api(sandbox& account);

  /// Rows for the server. Paths and methods that the API does not have get its own kind of 404.
  std::vector<http::route> routes();
  failures& failing() { return failing_; }
  idempotency& keys() { return keys_; }

private:
  struct incoming;
  struct answer;

  void receive(const endpoint_row* row, const http::request& from, const http::responder& respond);
  void
  run(const endpoint_row* row,
      const incoming& came,
      const std::optional<failure>& failing,
      const http::responder& respond);
  answer carry_out(const endpoint_row* row, const incoming& came);
  void keep(const incoming& came, const answer& given, bool has_begun);
  void send(const incoming& came, answer given, const http::responder& respond);

  sandbox& account_;
  endpoint_table table_;
  idempotency keys_;
  failures failing_;
};

} // namespace tessera::paysim
