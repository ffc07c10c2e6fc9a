// tessera demo: a tenant to try things on. Idempotent; its credits are bought and spent through the API, so
// that its ledger is real.
#include "http/json/writer.hpp"
#include "tools/tessera/commands.hpp"
#include "tools/tessera/demo_credits.hpp"
#include "tools/tessera/demo_packages.hpp"
#include "tools/tessera/directory_admin.hpp"
#include "tools/tessera/owner_session.hpp"

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>

namespace tessera::cli {

namespace {

constexpr const char* tenant = "demo";

struct demo_options : operator_options {
  std::string base_url;
};

void accept_existing(errc code, const std::string& what) {
  if (code != errc::id_taken) require(code, what);
}

/// Its tenant_admin sells, gives and takes back credits, so that all of that can be tried (contract 4).
void let_manage_credits(pg::connection& session) {
  session.execute(
      "UPDATE tenants SET policies = policies || '{\"managesCredits\": true}' WHERE id = $1",
      pg::parameters().add(tenant),
      std::chrono::seconds(10)
  );
}

void make_directory(pg::connection& session) {
  if (!create_tenant(session, {tenant, "Demo", "UTC", "USD", "enterprise"}, true).existed)
    let_manage_credits(session);
  for (const auto* id : {"crm", "hr", "finance"})
    accept_existing(create_application(session, tenant, id), id);
  const auto organization = [](const char* id) { return entity_ref{entity_type::organization, id}; };
  const auto location = [](const char* id) { return entity_ref{entity_type::location, id}; };
  const entity_ref root{entity_type::tenant, tenant};
  const struct {
    entity_ref ref;
    const char* name;
    entity_ref parent;
  } entities[] = {
      {organization("org-123"), "Acme", root},
      {organization("sub-org-456"), "Acme Labs", organization("org-123")},
      {location("loc-123"), "Acme Berlin", organization("org-123")},
      {location("loc-456"), "Acme Mumbai", organization("org-123")},
      {location("loc-789"), "Acme Pune", organization("org-123")},
      {organization("org-456"), "Globex", root},
  };
  for (const auto& e : entities)
    accept_existing(create_entity(session, tenant, e.ref, e.name, e.parent), e.ref.id);
}

/// One of each role. Their passwords are new each time: only hashes are kept.
struct demo_person {
  const char* name; // before the @, and in the answer
  user_role role;
  std::vector<std::string> entities;
  std::vector<std::string> applications;
};
const std::vector<demo_person>& people() {
  static const std::vector<demo_person> all{
      {"admin", user_role::tenant_admin, {}, {}},
      {"org-admin", user_role::organization_admin, {"organization/org-123:editor"}, {"crm", "hr"}},
      {"location-manager", user_role::location_manager, {"location/loc-123:editor"}, {"crm"}},
      {"viewer", user_role::user, {"organization/org-123:viewer"}, {"crm"}},
  };
  return all;
}

std::string email_of(const demo_person& person) {
  return std::string(person.name) + "@demo.example";
}

/// The members that tools/start writes into var/demo.json.
void make_people(pg::connection& session, http::json::writer& out) {
  std::vector<std::pair<std::string, user_made>> made;
  for (const auto& person : people()) {
    user_request request{
        tenant, email_of(person), "Demo", person.name, person.role, {}, person.entities, person.applications};
    made.emplace_back(request.email, create_user(session, request, true));
  }
  out.field("adminEmail", made.front().first).field("adminPassword", made.front().second.password);
  out.key("users").begin_array();
  for (std::size_t i = 0; i < made.size(); ++i)
    out.begin_object()
        .field("email", made[i].first)
        .field("password", made[i].second.password)
        .field("role", to_string(people()[i].role))
        .end_object();
  out.end_array();
}

void run(const demo_options& chosen) {
  pg::connection session(owner_session(chosen.database_url));
  session.open();
  make_directory(session);
  make_demo_packages(session, tenant);
  const auto maker =
      create_key(session, {tenant, "demo set-up", {"credits:purchase", "credits:consume"}, "", ""});
  make_demo_credits(session, tenant, chosen.base_url, maker.key);
  session.execute(
      "UPDATE api_keys SET revoked_at = clock_timestamp() WHERE key_id = $1",
      pg::parameters().add(maker.key_id),
      std::chrono::seconds(10)
  );
  const auto shown = create_key(session, {tenant, "demo", {"credits:read", "credits:consume"}, "", ""});
  std::string text;
  http::json::writer out(text);
  out.begin_object().field("tenantId", tenant).field("apiKey", shown.key);
  make_people(session, out);
  out.end_object();
  std::cout << (chosen.json ? text : "tenant: demo\nkey: " + shown.key) << '\n';
}

} // namespace

void add_demo(CLI::App& app) {
  auto chosen = std::make_shared<demo_options>();
  auto* command = app.add_subcommand("demo", "Make a tenant to try things on");
  add_operator_options(*command, *chosen);
  command->add_option("--base-url", chosen->base_url, "Where the service listens, http://HOST:PORT")
      ->required();
  command->callback([chosen] { run(*chosen); });
}

} // namespace tessera::cli
