#include "http/auth/entrance.hpp"
#include "http/routes/credits/credits.hpp"
#include "http/routes/directory/directory.hpp"
#include "http/routes/operations/operations.hpp"
#include "http/routes/service.hpp"

#include <utility>

namespace tessera::http {

namespace {

constexpr std::size_t batch_body_limit = 4 * 1024 * 1024; // of metering batches (contract 2 `limits`)

} // namespace

std::vector<route> api_routes(service& with) {
  const entrance door(with.behind, {with.operator_key_sha256, with.verifier, with.now});
  const auto to = [&door](act what, caller_handler handle) { return door.to(what, std::move(handle)); };
  return {
      {"POST",
       "/api/credits/consume",
       to(act::spend, consume(with)),
       batch_body_limit,
       "application/json, application/cloudevents+json, application/cloudevents-batch+json"},
      {"GET", "/api/credits/balance/:entityType/:entityId", to(act::read_balance, balance(with))},
      {"GET", "/api/credits/lots/:entityType/:entityId", to(act::read_balance, lots(with))},
      {"POST", "/api/credits/purchase", to(act::purchase, purchase(with))},
      {"POST", "/api/credits/allocate", to(act::allocate, allocate(with))},
      {"GET", "/api/credits/allocations", to(act::read_ledger, allocations(with))},
      {"GET", "/api/credits/allocations/:id", to(act::read_ledger, allocation(with))},
      {"GET", "/api/credits/purchases", to(act::read_ledger, purchases(with))},
      {"GET", "/api/credits/purchases/:id", to(act::read_ledger, one_purchase(with))},
      {"GET", "/api/credits/purchases/:id/invoice", to(act::read_ledger, invoice(with))},
      {"GET", "/api/credits/packages", to(act::read_packages, packages(with))},
      {"POST",
       "/api/credits/packages",
       to(act::read_packages, create_package(with))}, // lists, without a body
      {"GET", "/api/credits/packages/:id", to(act::read_packages, one_package(with))},
      {"PUT", "/api/credits/packages/:id", to(act::edit_packages, edit_package(with))},
      {"DELETE", "/api/credits/packages/:id", to(act::edit_packages, end_package(with))},
      {"GET", "/api/credits/transactions", to(act::read_ledger, transactions(with))},
      {"GET", "/api/credits/usage", to(act::read_ledger, usage(with))},

      {"POST", "/api/organizations", to(act::edit_directory, create_organization(with))},
      {"POST", "/api/locations", to(act::edit_directory, create_location(with))},
      {"POST", "/api/applications", to(act::edit_applications, create_application(with))},

      {"GET", "/healthz", healthz()},
      {"GET", "/readyz", readyz(with)},
      {"GET", "/openapi.json", openapi()},
  };
}

std::vector<route> admin_routes(service& with) {
  return {{"GET", "/metrics", metrics(with)}};
}

} // namespace tessera::http
