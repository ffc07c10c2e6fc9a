#pragma once

#include "tests/support/json.hpp"
#include "tests/support/tessera_service.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace tessera::test {

/// acme: org-own ⊃ loc-own, and org-sib ⊃ loc-sib; a second tenant with org-for ⊃ loc-for. Each entity has
/// bought, allocated, held and spent. People have the name of their principal.
class people_world {
public:
  people_world() {
    service.create_tenant(tenant);
    service.create_tenant("other");
    tokens["key"] = furnish(tenant, {"own", "sib"});
    furnish("other", {"for"});
    tokens["scopeless"] = service.create_api_key(tenant, {"audit:read"});
    tokens["bound"] = service.create_api_key(tenant, scopes, {}, "organization/org-own");
    tokens["operator"] = service.operator_key();
    tokens["nobody"] = {};
    hire("tenant_admin", "tenant_admin");
    hire("organization_admin", "organization_admin", "organization/org-own:viewer");
    hire("location_manager", "location_manager", "location/loc-own:viewer");
    hire("editor", "user", "organization/org-own:editor");
    hire("viewer", "user", "organization/org-own:viewer");
  }

  /// What stands for the placeholders when this principal calls for what is there.
  std::map<std::string, std::string> values(const std::string& principal, const std::string& place) {
    const auto short_name = place == "sibling"   ? "sib"
                            : place == "foreign" ? "for"
                            : place == "missing" ? "mis"
                                                 : "own";
    const bool at_location = principal == "location_manager" && place == "own";
    const auto entity = std::string(at_location ? "loc-" : "org-") + short_name;
    auto made = objects[entity];
    if (place == "missing") made = missing_objects();
    made["$TYPE"] = at_location ? "location" : "organization";
    made["$ID"] = entity;
    made["$BELOW"] = place == "sibling" ? "loc-sib" : "loc-own";
    made["$ORG"] = std::string("org-") + short_name;
    made["$LOC"] = std::string("loc-") + short_name;
    made["$ENDPOINT"] = std::string("whe-") + short_name;
    // What is ended would be missed by the next one who asks: of the own tenant something that is not there.
    for (const auto* kind : {"KEY", "USER", "APPLICATION", "INVITATION", "LINK", "ENDPOINT"})
      made[std::string("$GONE_") + kind] =
          place == "foreign" || place == "missing" ? made[std::string("$") + kind] : "gone";
    made["$JOB"] = cancelled_job();
    made["$NEW"] = "new-" + std::to_string(++made_ids_);
    return made;
  }

  // Guesses at tokens count against the address, and here all come from one.
  tessera_service service{{.environment = {{"TESSERA_LIMITS_SCALE", "1000"}}}};
  const std::string tenant = "acme";
  const std::vector<std::string> scopes{
      "credits:read",
      "credits:consume",
      "credits:hold",
      "credits:reverse",
      "credits:purchase",
      "credits:allocate",
      "directory:read",
      "directory:write",
      "invitations:read",
      "invitations:write"};
  std::map<std::string, std::string> tokens; // bearer by principal; who has none is not asked

  bool people_sign_in() const { return people_sign_in_; }
  /// Calling for crm.
  http_client client_of(const std::string& principal) const { return as(tokens.at(principal)); }
  void sql(const std::string& statement) { service.cluster().query(service.database(), statement); }

private:
  /// Of many invitations, by the key.
  const std::string& cancelled_job() {
    if (!job_.empty()) return job_;
    job_ = posted(as(tokens.at("key")), "/api/invitations/bulk", R"([{"email":"nobody"}])", "jobId");
    sql("UPDATE invitation_jobs SET state = 4, finished_at = clock_timestamp() WHERE job_id = '" + job_ + "'"
    );
    return job_;
  }

  using names = std::map<std::string, std::string>;

  http_client as(const std::string& bearer) const {
    auto client = service.client(bearer);
    client.set_header("X-Application", "crm");
    return client;
  }

  static std::string
  posted(http_client client, const std::string& route, const std::string& body, const char* id) {
    const auto answer = client.post(route, body);
    if (answer.status() >= 300 || answer.status() == 0)
      throw std::runtime_error(route + ": " + answer.response.body);
    return text_at(answer.response.body, std::string("/") + id);
  }

  std::string buy(const std::string& key, const std::string& type, const std::string& id) const {
    return posted(
        as(key),
        "/api/credits/purchase",
        R"({"packageId":"thousand","paymentMethod":"test","entityType":")" + type + R"(","entityId":")" + id +
            "\"}",
        "purchaseId"
    );
  }

  std::string hold(const std::string& key, const std::string& type, const std::string& id) const {
    return posted(
        as(key),
        "/api/credits/holds",
        R"({"credits":5,"entityType":")" + type + R"(","entityId":")" + id + "\"}",
        "holdId"
    );
  }

  std::string spend(const std::string& key, const std::string& type, const std::string& id) const {
    return posted(
        as(key),
        "/api/credits/consume",
        R"({"credits":9,"entityType":")" + type + R"(","entityId":")" + id + "\"}",
        "transactionId"
    );
  }

  /// Returns a key that may everything.
  std::string furnish(const std::string& of, const std::vector<std::string>& branches) {
    const auto key = service.create_api_key(of, scopes);
    service.create_application(key, "crm");
    service.create_application(key, "app-of-" + of);
    service.create_package(of, "thousand", 1000, 5000);
    service.create_package(of, "package-of-" + of, 1, 1);
    for (const auto& branch : branches) {
      const auto org = service.create_organization(key, "org-" + branch);
      const auto loc = service.create_location(key, "loc-" + branch, org);
      const auto package = "package-of-" + of;
      const auto bought = buy(key, "organization", org);
      const auto moved = posted(
          as(key),
          "/api/credits/allocate",
          R"({"fromEntityType":"organization","fromEntityId":")" + org +
              R"(","allocations":[{"toEntityType":"location","credits":10,"toEntityId":")" + loc + "\"}]}",
          "allocationId"
      );
      objects[org] = {{"$PURCHASE", bought}, {"$ALLOCATION", moved}, {"$PACKAGE", package}};
      objects[loc] = {
          {"$PURCHASE", buy(key, "location", loc)}, {"$ALLOCATION", moved}, {"$PACKAGE", package}};
      objects[org]["$HOLD"] = hold(key, "organization", org);
      objects[loc]["$HOLD"] = hold(key, "location", loc);
      objects[org]["$SPENT"] = spend(key, "organization", org);
      objects[loc]["$SPENT"] = spend(key, "location", loc);
      add_people(of, "organization", org);
      add_people(of, "location", loc);
      sql("INSERT INTO webhook_endpoints (tenant_id, endpoint_id, url, events) SELECT tenant_id, 'whe-" +
          branch + "', 'https://example.com/hooks', '{invitation.expired}' FROM tenants WHERE id = '" + of +
          "'");
    }
    return key;
  }

  /// A key that is bound to the entity, a user who is viewer of it, and an application.
  void add_people(const std::string& of, const std::string& type, const std::string& entity) {
    service.create_api_key(of, {"credits:read"}, "crm", type + "/" + entity);
    const auto run = [this](const std::string& sql) {
      return service.cluster().query(service.database(), sql);
    };
    const auto user = "user-of-" + entity;
    const auto from = " FROM entities e WHERE e.entity_id = '" + entity + "'";
    run("INSERT INTO users (tenant_id, user_id, email, email_key, role) SELECT tenant_id, '" + user + "', '" +
        user + "@acme.test', '" + user + "@acme.test', 1" + from);
    run("INSERT INTO user_applications (tenant_id, user_id, application_id) SELECT tenant_id, '" + user +
        "', 'crm'" + from);
    run("INSERT INTO memberships (tenant_id, user_id, account_id, entity_role) SELECT tenant_id, '" + user +
        "', account_id, 1" + from);
    auto& made = objects[entity];
    made["$USER"] = user;
    made["$KEY"] =
        run("SELECT k.key_id FROM api_keys k JOIN entities e ON e.account_id = k.bound_account WHERE "
            "e.entity_id = '" +
            entity + "'");
    add_invitation(entity);
    // People are hired for crm alone.
    made["$APPLICATION"] = of == tenant && entity.ends_with("own") ? "crm" : "app-of-" + of;
  }

  /// Of a viewer of the entity, by somebody who is not there any more.
  void add_invitation(const std::string& entity) {
    const auto id = "inv-of-" + entity;
    const auto from = " FROM entities e WHERE e.entity_id = '" + entity + "'";
    sql("INSERT INTO user_invitations (tenant_id, invitation_id, invited_by, inviter_kind, email, email_key,"
        " email_canonical, email_person, role, expiry_hours, expires_at) SELECT tenant_id, '" +
        id + "', 'usr-gone', 2, 'ann@" + entity + ".test', 'ann@" + entity + ".test', 'ann@" + entity +
        ".test', 'ann@" + entity + ".test', 1, 168, clock_timestamp() + interval '168 hours'" + from);
    sql("INSERT INTO invitation_assignments (tenant_id, invitation_id, position, account_id, entity_role,"
        " email_canonical) SELECT tenant_id, '" +
        id + "', 1, account_id, 1, 'ann@" + entity + ".test'" + from);
    objects[entity]["$INVITATION"] = id;
    const auto link = "lnk-of-" + entity;
    sql("INSERT INTO invitation_links (tenant_id, link_id, token_sha256, created_by, creator_kind, most_uses,"
        " expiry_hours, expires_at) SELECT tenant_id, '" +
        link + "', sha256('" + link + "'), 'usr-gone', 2, 9, 168, clock_timestamp() + interval '168 hours'" +
        from);
    sql("INSERT INTO invitation_link_assignments (tenant_id, link_id, position, account_id, entity_role)"
        " SELECT tenant_id, '" +
        link + "', 1, account_id, 1" + from);
    objects[entity]["$LINK"] = link;
  }

  /// The other tenant's ids with another end: as long, and nobody's.
  names missing_objects() {
    auto made = objects["org-for"];
    for (auto& [name, id] : made)
      id.back() = id.back() == '0' ? '1' : '0';
    return made;
  }

  /// Somebody for whom nothing is signed in yet is left out.
  void hire(const std::string& principal, const std::string& role, const std::string& entity = {}) {
    if (!people_sign_in_)
      return void(std::printf("left out: %s, for nobody can sign in\n", principal.c_str()));
    const auto email = principal + "@acme.test";
    std::vector<std::string> arguments = {
        "user", "create", "--tenant", tenant, "--email", email, "--role", role};
    if (!entity.empty()) arguments.insert(arguments.end(), {"--entity", entity});
    arguments.insert(arguments.end(), {"--application", "crm", "--json"});
    const auto made = service.command(arguments);
    if (!made.ok()) throw std::runtime_error("user create: " + made.output);
    tokens[principal] = sign_in(email, text_at(made.output, "/password"));
  }

  std::string sign_in(const std::string& email, const std::string& password) const {
    return posted(
        service.client(),
        "/api/auth/login",
        R"({"email":")" + email + R"(","password":")" + password + R"(","tenantId":")" + tenant + "\"}",
        "accessToken"
    );
  }

  bool has_operation(const std::string& path) const {
    const auto paths = names_at(service.client().get("/openapi.json").response.body, "/paths");
    return std::find(paths.begin(), paths.end(), path) != paths.end();
  }

  bool people_sign_in_ = has_operation("/api/auth/login");
  std::map<std::string, names> objects; // by entity
  std::string job_;
  int made_ids_ = 0;
};

} // namespace tessera::test
