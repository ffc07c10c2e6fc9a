#include "tests/fuzz/route_world.hpp"

#include "actors/support/sha256.hpp"
#include "http/auth/limits/sign_in_limits.hpp"

namespace tessera::fuzz {

namespace {

account_id account(std::uint8_t number) {
  return account_id{{{number}}};
}

api_key key_named(std::string id) {
  api_key key;
  key.id = std::move(id);
  for (const auto one : all_scopes())
    key.scopes = static_cast<std::uint16_t>(key.scopes | static_cast<std::uint16_t>(one));
  return key;
}

std::shared_ptr<const tenant_snapshot> make_tenant() {
  auto tenant = std::make_shared<tenant_snapshot>();
  tenant->tenant = tenant_id{{{9}}};
  tenant->id = "acme";
  tenant->timezone = "UTC";
  tenant->policies.manages_credits = true;
  const entity_tree::row rows[] = {
      {account(1), entity_type::tenant, "acme", {}},
      {account(2), entity_type::organization, "org-123", account(1)},
      {account(3), entity_type::organization, "sub-org-456", account(2)},
      {account(4), entity_type::location, "loc-123", account(2)}};
  tenant->tree = entity_tree(rows);
  tenant->applications = {"crm", "hr"};
  auto bound = key_named("key-bound");
  bound.bound_to = account(2);
  bound.application = "crm";
  tenant->keys = {{sha256::local()(free_key), key_named("key-free")}, {sha256::local()(bound_key), bound}};
  tenant->users = {{"usr-1", user_role::tenant_admin, {}, {"crm"}, {}}};
  return tenant;
}

class one_tenant final : public directory_view {
public:
  explicit one_tenant(std::shared_ptr<const tenant_snapshot> tenant) : tenant_(std::move(tenant)) {}

  std::optional<authenticated_key> find_key(const digest& key_sha256) const override {
    for (const auto& [hash, key] : tenant_->keys)
      if (hash == key_sha256) return authenticated_key{tenant_, &key};
    return std::nullopt;
  }
  std::shared_ptr<const tenant_snapshot> find_tenant(const tenant_id& tenant) const override {
    return tenant == tenant_->tenant ? tenant_ : nullptr;
  }
  std::shared_ptr<const tenant_snapshot> find_tenant_named(std::string_view id) const override {
    return id == tenant_->id ? tenant_ : nullptr;
  }

private:
  std::shared_ptr<const tenant_snapshot> tenant_;
};

class one_user final : public http::token_verifier {
public:
  explicit one_user(tenant_id tenant) : tenant_(tenant) {}
  std::optional<http::access_token> verify(std::string_view bearer, time_point now) override {
    if (bearer != user_token) return std::nullopt;
    return http::access_token{tenant_, "usr-1", uuid{{5}}, now, now + std::chrono::hours{1}, {}, {}};
  }

private:
  tenant_id tenant_;
};

/// Stands for what the gateway of this executable never touches.
template <class Absent> Absent& absent() {
  alignas(std::max_align_t) static std::byte place;
  return reinterpret_cast<Absent&>(place);
}

http::gateway::neighbours nobody() {
  return {
      absent<caf::actor_system>(),
      absent<placement>(),
      absent<database>(),
      absent<directory>(),
      absent<clock>(),
      absent<password_hasher>(),
      absent<payment_desk>()};
}

http::service
service_of(http::gateway& behind, http::token_verifier* verifier, http::sign_in_limits* sign_ins) {
  http::service with{behind};
  with.allow_test_payments = true;
  with.public_base_url = "https://credits.example.org";
  with.operator_key_sha256 = sha256::local()(operator_key);
  with.now = [] { return time_of_requests; };
  with.not_ready = [] { return std::string(); };
  with.verifier = verifier;
  with.sign_ins = sign_ins;
  with.hash_password = [](const std::string&, const http::callback<std::string>& done) {
    done(std::string("$argon2id$"));
  };
  return with;
}

} // namespace

route_world& route_world::one() {
  static route_world world;
  return world;
}

route_world::route_world()
    : tenant_(make_tenant()), tenants_(std::make_unique<one_tenant>(tenant_)),
      verifier_(std::make_unique<one_user>(tenant_->tenant)),
      sign_ins_(std::make_unique<http::sign_in_limits>(1e6)), gateway_(nobody(), std::chrono::seconds{1}),
      service_(service_of(gateway_, verifier_.get(), sign_ins_.get())), table_(http::api_routes(service_)),
      routes_(table_) {
  service_.tokens = &tokens_; // of the key set; the routes verify with `verifier_`
  behind().tenants = tenants_.get();
}

} // namespace tessera::fuzz
