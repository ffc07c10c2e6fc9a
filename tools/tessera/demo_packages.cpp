#include "tools/tessera/demo_packages.hpp"

#include "tools/tessera/directory_admin.hpp"
#include "tools/tessera/owner_session.hpp"

#include <vector>

namespace tessera::cli {

namespace {

struct demo_package {
  const char* id;
  const char* name;
  std::int64_t amount;
  std::int64_t price_minor; // cents
  const char* discount;
  const char* stripe_price_id;
  std::vector<std::string> features;
};

// clang-format off
const std::vector<demo_package> packages = {
    {"basic-1000", "Basic 1000", 1'000, 50'00, "0", "", {}},
    {"premium-5000", "Premium 5000", 5'000, 225'00, "10", "", {}},
    {"enterprise-10000", "Enterprise 10000", 10'000, 400'00, "20", "", {}},
    {"starter", "Starter Pack", 1'000, 50'00, "0", "price_starter", {"Basic Support", "Email Notifications"}},
    {"professional", "Professional Pack", 5'000, 225'00, "0", "price_professional",
     {"Priority Support", "Advanced Analytics", "API Access"}},
    {"enterprise", "Enterprise Pack", 25'000, 1000'00, "0", "price_enterprise",
     {"Dedicated Support", "Custom Integrations", "SLA Guarantee"}},
};
// clang-format on

credit_package package_of(const demo_package& each) {
  credit_package package;
  package.id = each.id;
  package.name = each.name;
  package.amount = credits{each.amount};
  package.price_minor = each.price_minor;
  package.currency = "USD";
  package.validity_days = 365;
  package.discount = each.discount;
  package.features = each.features;
  package.stripe_price_id = each.stripe_price_id;
  return package;
}

} // namespace

void make_demo_packages(pg::connection& session, const std::string& tenant) {
  for (const auto& each : packages) {
    const auto code = create_package(session, tenant, package_of(each));
    if (code != errc::id_taken) require(code, each.id);
  }
}

} // namespace tessera::cli
