#include "tests/api/api_world.hpp"

namespace tessera::test {

namespace {

constexpr auto route = "/api/credits/packages";

void expect_problem(const http_exchange& answer, int status, const std::string& code) {
  EXPECT_EQ(status, answer.status()) << answer.response.body;
  EXPECT_EQ(code, text_at(answer.response.body, "/code")) << answer.response.body;
}

/// The operator at a tenant of the test's own.
class PackagesTest : public testing::Test {
protected:
  PackagesTest() : seller(at(tenant)) {
    const auto maker = world.service().create_api_key(tenant, {"directory:write"});
    world.service().create_application(maker, "crm");
    key = world.service().create_api_key(tenant, {"credits:read", "credits:purchase", "directory:write"});
  }

  http_client at(const std::string& named) const {
    auto made = world.service().operator_client();
    made.set_header("X-Tenant", named);
    return made;
  }
  http_client buyer() const { return world.client_with(key, "crm"); }
  http_exchange no_body(http_client& client, const std::string& method, const std::string& target) const {
    return client.send({.method = method, .target = target, .headers = {}, .body = {}});
  }

  static std::string package(const std::string& id, const std::string& more = {}) {
    return R"({"packageId":")" + id + R"(","credits":1000,"price":50,"validityDays":365)" + more + "}";
  }

  api_world& world = api_world::instance();
  const std::string tenant = world.service().create_tenant();
  http_client seller;
  std::string key;
};

} // namespace

TEST_F(PackagesTest, TheOperatorPutsOnSaleWhatKeysSee) {
  const auto made = seller.post(
      route,
      R"({"packageId":"premium-5000","name":"Premium","credits":5000,"price":225.5,"currency":"USD",)"
      R"("validityDays":365,"discount":10,"features":["Mail"],"stripePriceId":"price_premium"})"
  );
  ASSERT_EQ(201, made.status()) << made.response.body;
  EXPECT_EQ("\"v1\"", made.response.header("etag"));

  auto client = buyer();
  const auto list = client.get(route);
  const auto posted = no_body(client, "POST", route); // the brief's route table
  EXPECT_EQ(list.response.body, posted.response.body);
  EXPECT_EQ(
      R"({"success":true,"packages":[{"packageId":"premium-5000","name":"Premium","credits":5000,"price":225.50,)"
      R"("priceMinor":22550,"currency":"USD","validityDays":365,"discount":10,"features":["Mail"],)"
      R"("stripePriceId":"price_premium","active":true}]})",
      list.response.body
  );
  const auto one = client.get(std::string(route) + "/premium-5000");
  EXPECT_EQ(made.response.body, one.response.body);
  EXPECT_EQ("\"v1\"", one.response.header("etag"));
}

TEST_F(PackagesTest, AKeyHasNoAdminRole) {
  auto client = buyer();
  seller.post(route, package("small"));
  expect_problem(client.post(route, package("other")), 403, "insufficient_role");
  expect_problem(client.post(route, R"({"wrong":1})"), 403, "insufficient_role"); // before validation
  expect_problem(client.post(route, "{"), 400, "invalid_json");                   // after syntax
  expect_problem(client.put(std::string(route) + "/small", R"({"price":1})"), 403, "insufficient_role");
  expect_problem(client.remove(std::string(route) + "/small"), 403, "insufficient_role");
  EXPECT_EQ(1u, size_at(client.get(route + std::string("?active=all")).response.body, "/packages"));
}

TEST_F(PackagesTest, TheOperatorNamesATenant) {
  auto unnamed = world.service().operator_client();
  expect_problem(unnamed.get(route), 400, "tenant_required");
  expect_problem(at("no tenant").get(route), 400, "tenant_required");
  expect_problem(at("nobody").get(route), 404, "tenant_unknown");
  auto wrong = world.service().client("operator-key-of-nobody-0123456789");
  expect_problem(wrong.post(route, package("small")), 401, "unauthorized");
  EXPECT_EQ(200, seller.get("/api/credits/purchases").status());
  expect_problem(
      seller.post("/api/credits/consume", "{}"), 403, "insufficient_role"
  ); // metering is not the operator's
}

TEST_F(PackagesTest, TenantsSellTheirOwn) {
  seller.post(route, package("small"));
  const auto other = world.service().create_tenant();
  EXPECT_EQ(201, at(other).post(route, package("small")).status());
  EXPECT_EQ(200, at(other).remove(std::string(route) + "/small").status());
  EXPECT_EQ(true, boolean_at(seller.get(std::string(route) + "/small").response.body, "/active"));
  const auto third = world.service().create_tenant();
  expect_problem(at(third).get(std::string(route) + "/small"), 404, "package_unknown");
  expect_problem(at(third).put(std::string(route) + "/small", "{}"), 404, "package_unknown");
}

TEST_F(PackagesTest, AnIdIsTakenOnce) {
  EXPECT_EQ(201, seller.post(route, package("small")).status());
  expect_problem(seller.post(route, package("small")), 409, "id_taken");
}

TEST_F(PackagesTest, EditsChangeWhatTheySay) {
  seller.post(route, package("small", R"(,"features":["a"],"stripePriceId":"p")"));
  const auto target = std::string(route) + "/small";

  const auto edited = seller.put(target, R"({"price":49.99,"stripePriceId":null})");
  ASSERT_EQ(200, edited.status()) << edited.response.body;
  EXPECT_EQ(4999, integer_at(edited.response.body, "/priceMinor"));
  EXPECT_EQ("a", text_at(edited.response.body, "/features/0"));
  EXPECT_EQ("", text_at(edited.response.body, "/stripePriceId"));
  EXPECT_EQ("\"v2\"", edited.response.header("etag"));
  // What was read can be sent back, and changes nothing.
  auto same = seller.get(target).response.body;
  same.erase(1, std::string(R"("success":true,)").size());
  EXPECT_EQ("\"v2\"", seller.put(target, same).response.header("etag"));
}

TEST_F(PackagesTest, IfMatchGuardsAgainstLostEdits) {
  const auto made = seller.post(route, package("small"));
  const auto target = std::string(route) + "/small";
  const header_list seen{{"If-Match", made.response.header("etag")}};

  EXPECT_EQ(200, seller.put(target, R"({"name":"A"})", seen).status());
  expect_problem(seller.put(target, R"({"name":"B"})", seen), 412, "precondition_failed");
  expect_problem(seller.remove(target, seen), 412, "precondition_failed");
  expect_problem(seller.put(target, "{}", {{"If-Match", "v2"}}), 400, "invalid_if_match");
  EXPECT_EQ(200, seller.remove(target, {{"If-Match", "\"v2\""}}).status());
  EXPECT_EQ("A", text_at(seller.get(target).response.body, "/name"));
}

TEST_F(PackagesTest, AnEndedOneIsNotSoldAndCanComeBack) {
  seller.post(route, package("small"));
  const auto target = std::string(route) + "/small";
  auto client = buyer();
  const auto order =
      R"({"entityType":"tenant","entityId":")" + tenant + R"(","packageId":"small","paymentMethod":"test"})";

  EXPECT_EQ(false, boolean_at(seller.remove(target).response.body, "/active"));
  EXPECT_EQ(200, seller.remove(target).status());
  EXPECT_EQ(0u, size_at(client.get(route).response.body, "/packages"));
  EXPECT_EQ(1u, size_at(client.get(route + std::string("?active=false")).response.body, "/packages"));
  const header_list once{{"Idempotency-Key", "buy-ended"}};
  const auto refused = client.post("/api/credits/purchase", order, once);
  expect_problem(refused, 409, "package_inactive");
  EXPECT_EQ("", refused.response.header("idempotent-replayed"));

  EXPECT_EQ(200, seller.put(target, R"({"active":true})").status());
  const auto again = client.post("/api/credits/purchase", order, once);
  expect_problem(again, 409, "package_inactive"); // remembered: a retry does not buy behind one's back
  EXPECT_EQ("true", again.response.header("idempotent-replayed"));
  EXPECT_EQ(201, client.post("/api/credits/purchase", order).status());
}

TEST_F(PackagesTest, CurrenciesHaveTheirDecimals) {
  const auto make = [&](const std::string& id, const std::string& price, const std::string& currency) {
    return seller.post(
        route,
        R"({"packageId":")" + id + R"(","credits":1,"validityDays":1,"price":)" + price + R"(,"currency":")" +
            currency + "\"}"
    );
  };
  EXPECT_EQ(5000, integer_at(make("yen", "5000", "jpy").response.body, "/priceMinor"));
  EXPECT_EQ("JPY", text_at(seller.get(std::string(route) + "/yen").response.body, "/currency"));
  EXPECT_EQ(1125, integer_at(make("dinar", "1.125", "KWD").response.body, "/priceMinor"));
  expect_problem(make("bad", "5000.5", "JPY"), 422, "invalid_price");
  expect_problem(make("bad", "1.1255", "KWD"), 422, "invalid_price");
  expect_problem(make("bad", "50.005", "USD"), 422, "invalid_price");
  expect_problem(make("bad", "50.000000000000000000001", "USD"), 422, "invalid_price");
  expect_problem(make("bad", "90071992547409.92", "USD"), 422, "invalid_price");
  EXPECT_EQ("/price", text_at(make("bad", "50.005", "USD").response.body, "/errors/0/pointer"));
  expect_problem(make("bad", "50", "XXX"), 422, "unsupported_currency");
  expect_problem(seller.put(std::string(route) + "/yen", R"({"price":5000.5})"), 422, "invalid_price");
  expect_problem(seller.put(std::string(route) + "/yen", R"({"currency":"USD"})"), 422, "invalid_price");
}

struct bad_package {
  std::string body;
  int status;
  std::string code;
};

TEST_F(PackagesTest, BadOnesChangeNothing) {
  const std::string base = R"({"packageId":"bad","credits":1000,"price":50,"validityDays":365)";
  const bad_package table[] = {
      {"[]", 400, "invalid_type"},
      {"null", 400, "invalid_type"},
      {"{", 400, "invalid_json"},
      {base + R"(,"price":51})", 400, "invalid_json"},
      {R"({"packageId":"bad","credits":"1000","price":50,"validityDays":365})", 400, "invalid_type"},
      {R"({"packageId":"bad","credits":1000.0,"price":50,"validityDays":365})", 400, "invalid_type"},
      {R"({"packageId":"bad","credits":1000,"price":"50","validityDays":365})", 400, "invalid_type"},
      {base + R"(,"discount":"10"})", 400, "invalid_type"},
      {base + R"(,"features":"a"})", 400, "invalid_type"},
      {base + R"(,"features":[1]})", 400, "invalid_type"},
      {base + R"(,"active":1})", 400, "invalid_type"},
      {"{}", 422, "validation_failed"},
      {R"({"packageId":"bad","credits":1000,"validityDays":365})", 422, "validation_failed"},
      {R"({"credits":1000,"price":50,"validityDays":365})", 422, "validation_failed"},
      {R"({"packageId":"no good","credits":1000,"price":50,"validityDays":365})", 422, "invalid_id"},
      {R"({"packageId":"bad","credits":0,"price":50,"validityDays":365})", 422, "amount_out_of_range"},
      {R"({"packageId":"bad","credits":9007199254740992,"price":50,"validityDays":365})",
       422,
       "amount_out_of_range"},
      {R"({"packageId":"bad","credits":1000,"price":-50,"validityDays":365})", 422, "validation_failed"},
      {R"({"packageId":"bad","credits":1000,"price":5e1,"validityDays":365})", 422, "validation_failed"},
      {R"({"packageId":"bad","credits":1000,"price":50,"validityDays":0})", 422, "validation_failed"},
      {R"({"packageId":"bad","credits":1000,"price":50,"validityDays":36501})", 422, "validation_failed"},
      {R"({"packageId":"bad","credits":1000,"priceMinor":-1,"validityDays":365})", 422, "invalid_price"},
      {base + R"(,"priceMinor":5001})", 422, "invalid_price"},
      {base + R"(,"currency":"EURO"})", 422, "unsupported_currency"},
      {base + R"(,"discount":100.5})", 422, "validation_failed"},
      {base + R"(,"discount":10.005})", 422, "validation_failed"},
      {base + R"(,"name":""})", 422, "validation_failed"},
      {base +
           R"(,"features":["a","b","c","d","e","f","g","h","i","j","k","l","m","n","o","p","q","r","s","t","u"]})",
       422,
       "too_many_items"},
      {base + R"(,"colour":"red"})", 422, "unknown_field"},
  };
  for (const auto& row : table) {
    const auto answer = seller.post(route, row.body);
    EXPECT_EQ(row.status, answer.status()) << row.body << " " << answer.response.body;
    EXPECT_EQ(row.code, text_at(answer.response.body, "/code")) << row.body << " " << answer.response.body;
  }
  expect_problem(seller.post(route + std::string("?colour=red"), package("bad")), 422, "unknown_parameter");
  expect_problem(seller.get(route + std::string("?active=maybe")), 422, "invalid_parameter");
  expect_problem(seller.put(std::string(route) + "/%ff", "{}"), 404, "package_unknown");
  EXPECT_EQ(0u, size_at(seller.get(route + std::string("?active=all")).response.body, "/packages"));
}

TEST_F(PackagesTest, BadEditsChangeNothing) {
  const auto made = seller.post(route, package("small"));
  const auto target = std::string(route) + "/small";
  const bad_package table[] = {
      {"", 400, "invalid_json"},
      {R"({"credits":"1"})", 400, "invalid_type"},
      {R"({"credits":0})", 422, "amount_out_of_range"},
      {R"({"packageId":"other"})", 422, "validation_failed"},
      {R"({"validityDays":0})", 422, "validation_failed"},
      {R"({"currency":"JPY"})", 422, "invalid_price"},
      {R"({"price":1,"priceMinor":99})", 422, "invalid_price"},
      {R"({"stripePriceId":""})", 422, "validation_failed"},
      {R"({"version":7})", 422, "unknown_field"},
  };
  for (const auto& row : table) {
    const auto answer = seller.put(target, row.body);
    EXPECT_EQ(row.status, answer.status()) << row.body << " " << answer.response.body;
    EXPECT_EQ(row.code, text_at(answer.response.body, "/code")) << row.body << " " << answer.response.body;
  }
  expect_problem(seller.put(std::string(route) + "/other", "{}"), 404, "package_unknown");
  expect_problem(seller.remove(std::string(route) + "/other"), 404, "package_unknown");
  EXPECT_EQ(made.response.body, seller.get(target).response.body);
}

TEST_F(PackagesTest, ChangesAreRepeatedByTheirKey) {
  const header_list key_one{{"Idempotency-Key", "one"}};
  const auto first = seller.post(route, package("small"), key_one);
  const auto again = seller.post(route, package("small"), key_one);
  EXPECT_EQ(201, again.status());
  EXPECT_EQ(first.response.body, again.response.body);
  EXPECT_EQ(first.response.header("etag"), again.response.header("etag"));
  EXPECT_EQ("true", again.response.header("idempotent-replayed"));
  expect_problem(seller.post(route, package("other"), key_one), 422, "idempotency_key_reused");

  const auto target = std::string(route) + "/small";
  const header_list guarded{{"Idempotency-Key", "one"}, {"If-Match", "\"v1\""}};
  const auto edited = seller.put(target, R"({"price":60})", guarded);
  EXPECT_EQ(200, edited.status()) << "another route, another key";
  const auto edited_again = seller.put(target, R"({"price":60})", guarded);
  EXPECT_EQ(edited.response.body, edited_again.response.body) << "and not 412: the key comes first";
  const auto ended = seller.remove(target, key_one);
  EXPECT_EQ(ended.response.body, seller.remove(target, key_one).response.body);
}

/// Contract 4 `Demo data`, and the brief's figures.
TEST(DemoTest, SellsTheSixPackagesOfTheBrief) {
  tessera_service service;
  const std::vector<std::string> demo{"demo", "--base-url", service.base_url(), "--json"};
  ASSERT_TRUE(service.command(demo).ok());
  const auto again = service.command(demo);
  ASSERT_TRUE(again.ok()) << again.output;
  auto client = service.client(text_at(again.output, "/apiKey"));
  client.set_header("X-Application", "crm");
  EXPECT_EQ(6u, size_at(client.get(route).response.body, "/packages"));

  const struct {
    const char* id;
    int credits, price, discount;
    const char* stripe_price_id;
    std::size_t features;
  } table[] = {
      {"basic-1000", 1000, 50, 0, "", 0},
      {"premium-5000", 5000, 225, 10, "", 0},
      {"enterprise-10000", 10000, 400, 20, "", 0},
      {"starter", 1000, 50, 0, "price_starter", 2},
      {"professional", 5000, 225, 0, "price_professional", 3},
      {"enterprise", 25000, 1000, 0, "price_enterprise", 3},
  };
  for (const auto& row : table) {
    const auto seen = client.get(std::string(route) + "/" + row.id).response.body;
    EXPECT_EQ(row.credits, integer_at(seen, "/credits")) << row.id;
    EXPECT_EQ(row.price, integer_at(seen, "/price")) << row.id;
    EXPECT_EQ(row.discount, integer_at(seen, "/discount")) << row.id;
    EXPECT_EQ(365, integer_at(seen, "/validityDays")) << row.id;
    EXPECT_EQ("USD", text_at(seen, "/currency")) << row.id;
    EXPECT_EQ(row.stripe_price_id, text_at(seen, "/stripePriceId")) << row.id;
    EXPECT_EQ(row.features, size_at(seen, "/features")) << row.id;
  }
}

} // namespace tessera::test
