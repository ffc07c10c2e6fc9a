// Every operation of the document × every principal × every place, against access_matrix.txt.
#include "tests/api/access_table.hpp"
#include "tests/support/json.hpp"
#include "tests/support/tessera_service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <regex>
#include <stdexcept>

namespace tessera::test {

namespace {

using testing::AnyOf;
using testing::ElementsAre;

/// acme: org-own ⊃ loc-own, and org-sib ⊃ loc-sib; a second tenant with org-for ⊃ loc-for. Each entity has
/// bought and allocated. People have the name of their principal.
class matrix_world {
public:
  matrix_world() {
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
    // What is ended would be missed by the next one who asks: of the own tenant something that is not there.
    for (const auto* kind : {"KEY", "USER", "APPLICATION"})
      made[std::string("$GONE_") + kind] =
          place == "foreign" || place == "missing" ? made[std::string("$") + kind] : "gone";
    made["$NEW"] = "new-" + std::to_string(++made_ids_);
    return made;
  }

  tessera_service service;
  const std::string tenant = "acme";
  const std::vector<std::string> scopes{
      "credits:read",
      "credits:consume",
      "credits:hold",
      "credits:purchase",
      "credits:allocate",
      "directory:read",
      "directory:write"};
  std::map<std::string, std::string> tokens; // bearer by principal; who has none is not asked

private:
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
        R"({"credits":50,"entityType":")" + type + R"(","entityId":")" + id + "\"}",
        "holdId"
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
      add_people(of, "organization", org);
      add_people(of, "location", loc);
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
    made["$APPLICATION"] = of == tenant ? "crm" : "app-of-" + of;
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
  int made_ids_ = 0;
};

class AccessMatrixTest : public testing::Test {
protected:
  static matrix_world& world() {
    static matrix_world one;
    return one;
  }
  static const access_table& table() {
    static const auto read = read_access_table(TESSERA_ACCESS_MATRIX);
    return read;
  }

  static std::string filled(std::string text, const std::map<std::string, std::string>& values) {
    for (const auto& [placeholder, value] : values)
      for (auto at = text.find(placeholder); at != text.npos; at = text.find(placeholder, at + value.size()))
        text.replace(at, placeholder.size(), value);
    return text;
  }

  static http_exchange
  ask(const access_block& what, const std::string& principal, const std::map<std::string, std::string>& values
  ) {
    http_request asked{what.method, filled(what.target, values), {}, filled(what.body, values)};
    asked.headers = {{"X-Application", "crm"}, {"X-Request-Id", "of-the-matrix"}};
    if (!what.body.empty()) asked.headers.emplace_back("Content-Type", "application/json");
    if (principal == "operator") asked.headers.emplace_back("X-Tenant", world().tenant);
    return world().service.client(world().tokens.at(principal)).send(asked);
  }

  /// Calls `use(principal, its place in rows)` for everybody who can be asked.
  template <class Use> static void for_each_principal(Use use) {
    for (std::size_t i = 0; i < table().principals.size(); ++i)
      if (const auto& principal = table().principals[i]; world().tokens.contains(principal))
        use(principal, i);
  }
};

TEST_F(AccessMatrixTest, EveryOperationOfTheDocumentHasItsRows) {
  const auto document = world().service.client().get("/openapi.json").response.body;
  std::vector<std::string> documented;
  for (const auto& path : names_at(document, "/paths"))
    for (auto method : names_at(document, "/paths/" + std::regex_replace(path, std::regex("/"), "~1"))) {
      if (method == "parameters") continue;
      for (auto& letter : method)
        letter = static_cast<char>(std::toupper(letter));
      documented.push_back(method + " " + path);
    }
  std::vector<std::string> tabled;
  for (const auto& block : table().blocks) {
    tabled.push_back(block.name());
    std::vector<std::string> places;
    for (const auto& [place, row] : block.places)
      places.push_back(place);
    EXPECT_THAT(
        places,
        AnyOf(
            ElementsAre("any"),
            ElementsAre("foreign", "missing", "own"),
            ElementsAre("foreign", "missing", "own", "sibling")
        )
    ) << block.name();
  }
  EXPECT_GT(documented.size(), 20u);
  EXPECT_THAT(tabled, testing::UnorderedElementsAreArray(documented));
}

TEST_F(AccessMatrixTest, EverybodyIsAnsweredAsTheTableSays) {
  int asked = 0;
  for (const auto& block : table().blocks)
    for (const auto& [place, row] : block.places)
      for_each_principal([&, &place = place, &row = row](const std::string& principal, std::size_t i) {
        const auto answer = ask(block, principal, world().values(principal, place));
        EXPECT_EQ(row[i], answer.status())
            << block.name() << " at " << place << " by " << principal << ": " << answer.response.body;
        ++asked;
      });
  std::printf("%d calls\n", asked);
}

/// Byte for byte, but for the id that was asked for (contract 2).
TEST_F(AccessMatrixTest, AnotherTenantsIdIsAnsweredLikeOneThatNothingHas) {
  for (const auto& block : table().blocks) {
    if (!block.places.contains("foreign")) continue;
    for_each_principal([&](const std::string& principal, std::size_t) {
      const auto told = [&](const char* place) {
        const auto values = world().values(principal, place);
        auto answer = ask(block, principal, values).response;
        for (const auto& [placeholder, value] : values)
          for (auto at = answer.body.find(value); at != answer.body.npos; at = answer.body.find(value))
            answer.body.replace(at, value.size(), placeholder);
        auto text = std::to_string(answer.status) + "\n" + answer.body;
        for (const auto& [name, value] : answer.headers)
          if (name != "date") text += "\n" + name + ": " + value;
        return text;
      };
      EXPECT_EQ(told("foreign"), told("missing")) << block.name() << " by " << principal;
    });
  }
}

} // namespace

} // namespace tessera::test
