#pragma once

#include "http/auth/tokens/access_tokens.hpp"
#include "http/gateway.hpp"
#include "http/routes/service.hpp"
#include "messages/directory.hpp"
#include "messages/types/errors.hpp"
#include "tests/fuzz/scratch.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// The routes with nothing behind them: the real table, door and parsers, and a gateway that notes what it is
/// asked for.
namespace tessera::fuzz {

/// What the gateway of this executable (silent_gateway.cpp) knows and hears.
struct behind_gateway {
  const directory_view* tenants = nullptr;
  errc answer = errc::database_unavailable; // what every call is told
  std::string heard;                        // the commands, with key, fingerprint and amount
};
behind_gateway& behind();

/// The instant at which all requests arrive.
inline constexpr time_point time_of_requests{std::chrono::microseconds{1'790'000'000'000'000}};

inline constexpr std::string_view free_key = "tsk_free";   // of the whole tenant, every scope
inline constexpr std::string_view bound_key = "tsk_bound"; // at org-123, for crm
inline constexpr std::string_view operator_key = "operator-operator-operator";
inline constexpr std::string_view user_token = "a-user"; // of a tenant_admin

/// One tenant with `org-123` ⊃ `sub-org-456`, `loc-123`; `crm` and `hr`.
class route_world {
public:
  static route_world& one();
  const http::router& routes() const { return routes_; }
  const std::vector<http::route>& table() const { return table_; }

private:
  route_world();

  std::shared_ptr<const tenant_snapshot> tenant_;
  std::unique_ptr<directory_view> tenants_;
  std::unique_ptr<http::token_verifier> verifier_;
  scratch files_;
  http::key_ring ring_{files_.path("own.pem")};
  http::external_issuers others_;
  http::access_tokens tokens_{{}, ring_, others_};
  std::unique_ptr<http::sign_in_limits> sign_ins_;
  http::gateway gateway_;
  http::service service_;
  std::vector<http::route> table_;
  http::router routes_;
};

} // namespace tessera::fuzz
