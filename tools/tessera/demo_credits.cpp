#include "tools/tessera/demo_credits.hpp"

#include "http/json/writer.hpp"
#include "tools/tessera/api_client.hpp"
#include "tools/tessera/directory_admin.hpp"
#include "tools/tessera/owner_session.hpp"

namespace tessera::cli {

namespace {

// Packages of odd sizes that are not for sale: taken off again when the demo has bought them.
constexpr int odd_sizes[] = {500, 800};

std::string odd_package(int amount) {
  return "demo-" + std::to_string(amount);
}

void put_on_sale(pg::connection& session, const std::string& tenant, bool on_sale) {
  for (const auto amount : odd_sizes) {
    const auto id = odd_package(amount);
    const credit_package package{
        id, "Demo " + std::to_string(amount), credits{amount}, amount * 5, "USD", 365, "0", {}, "", true};
    if (const auto code = create_package(session, tenant, package); code != errc::id_taken) require(code, id);
    session.execute(
        "UPDATE credit_packages SET is_active = $2 WHERE tenant_id = (SELECT tenant_id FROM tenants WHERE id "
        "= $1)"
        " AND package_id = $3",
        pg::parameters().add(tenant).add(on_sale).add(id),
        std::chrono::seconds(10)
    );
  }
}

/// Makes the calls of the demo; each has a key of its own.
class shopper {
public:
  shopper(const std::string& base_url, const std::string& key) : api_(base_url, key, "crm") {}

  void buy(const char* number, const entity_ref& entity, const std::string& package) const {
    std::string body;
    auto out = begin(body, entity);
    out.field("packageId", package).field("paymentMethod", "test").end_object();
    api_.post("/api/credits/purchase", std::string("demo-purchase-") + number, body);
  }

  void spend(const char* number, const entity_ref& entity, std::int64_t amount) const {
    std::string body;
    auto out = begin(body, entity);
    out.field("credits", amount).end_object();
    api_.post("/api/credits/consume", std::string("demo-spend-") + number, body);
  }

private:
  static http::json::writer begin(std::string& body, const entity_ref& entity) {
    http::json::writer out(body);
    out.begin_object().field("entityType", to_string(entity.type)).field("entityId", entity.id);
    return out;
  }

  api_client api_;
};

} // namespace

void make_demo_credits(
    pg::connection& session, const std::string& tenant, const std::string& base_url, const std::string& key
) {
  const shopper demo(base_url, key);
  const entity_ref acme{entity_type::organization, "org-123"};
  const entity_ref globex{entity_type::organization, "org-456"};
  const entity_ref berlin{entity_type::location, "loc-123"};
  const entity_ref mumbai{entity_type::location, "loc-456"};
  put_on_sale(session, tenant, true);
  demo.buy("1", acme, "basic-1000");
  demo.buy("2", acme, "basic-1000");
  demo.buy("3", globex, "basic-1000");
  demo.buy("4", globex, odd_package(500));
  demo.buy("5", berlin, odd_package(500));
  demo.buy("6", mumbai, odd_package(800));
  put_on_sale(session, tenant, false);
  demo.spend("1", acme, 1200);
  demo.spend("2", globex, 800);
  demo.spend("3", berlin, 300);
  demo.spend("4", mumbai, 400);
}

} // namespace tessera::cli
