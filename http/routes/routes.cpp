#include "http/auth/operator.hpp"
#include "http/routes/auth/auth.hpp"
#include "http/routes/credits/credits.hpp"
#include "http/routes/directory/directory.hpp"
#include "http/routes/operations/operations.hpp"
#include "http/routes/service.hpp"

namespace tessera::http {

namespace {

constexpr std::size_t batch_body_limit = 4 * 1024 * 1024; // of metering batches (contract 2 `limits`)

} // namespace

std::vector<route> api_routes(service& with) {
  auto& behind = with.behind;
  const auto or_operator = [&](scope needed, caller_handler handle) {
    return authenticated_or_operator(behind, with.operator_key_sha256, needed, std::move(handle));
  };
  return {
      {"POST",
       "/api/credits/consume",
       authenticated(behind, scope::credits_consume, consume(with)),
       batch_body_limit,
       "application/json, application/cloudevents+json, application/cloudevents-batch+json"},
      {"GET",
       "/api/credits/balance/:entityType/:entityId",
       authenticated(behind, scope::credits_read, balance(with))},
      {"GET",
       "/api/credits/lots/:entityType/:entityId",
       authenticated(behind, scope::credits_read, lots(with))},
      {"POST", "/api/credits/purchase", authenticated(behind, scope::credits_purchase, purchase(with))},
      {"POST", "/api/credits/allocate", authenticated(behind, scope::credits_allocate, allocate(with))},
      {"GET", "/api/credits/allocations", authenticated(behind, scope::credits_read, allocations(with))},
      {"GET", "/api/credits/allocations/:id", authenticated(behind, scope::credits_read, allocation(with))},
      {"GET", "/api/credits/purchases", authenticated(behind, scope::credits_read, purchases(with))},
      {"GET", "/api/credits/purchases/:id", authenticated(behind, scope::credits_read, one_purchase(with))},
      {"GET",
       "/api/credits/purchases/:id/invoice",
       authenticated(behind, scope::credits_read, invoice(with))},
      {"GET", "/api/credits/packages", or_operator(scope::credits_read, packages(with))},
      {"POST", "/api/credits/packages", or_operator(scope::credits_read, create_package(with))},
      {"GET", "/api/credits/packages/:id", or_operator(scope::credits_read, one_package(with))},
      {"PUT", "/api/credits/packages/:id", or_operator(scope::credits_read, edit_package(with))},
      {"DELETE", "/api/credits/packages/:id", or_operator(scope::credits_read, end_package(with))},
      {"GET", "/api/credits/transactions", authenticated(behind, scope::credits_read, transactions(with))},
      {"GET", "/api/credits/usage", authenticated(behind, scope::credits_read, usage(with))},

      {"POST",
       "/api/organizations",
       authenticated(behind, scope::directory_write, create_organization(with))},
      {"POST", "/api/locations", authenticated(behind, scope::directory_write, create_location(with))},
      {"POST", "/api/applications", authenticated(behind, scope::directory_write, create_application(with))},

      {"POST", "/api/auth/login", login(with)},
      {"POST", "/api/auth/refresh", refresh(with)},
      {"POST", "/api/auth/logout", logout(with)},
      {"GET", "/.well-known/jwks.json", jwks(with)},

      {"GET", "/healthz", healthz()},
      {"GET", "/readyz", readyz(with)},
      {"GET", "/openapi.json", openapi()},
  };
}

std::vector<route> admin_routes(service& with) {
  return {{"GET", "/metrics", metrics(with)}};
}

} // namespace tessera::http
