// What is understood and not valid.
#include "tests/api/documented_errors.hpp"

namespace tessera::test {

namespace {

/// The body with these members, whichever of those names it had.
std::string with_other_members(std::string body, const std::string& members) {
  for (const auto& name : names_at("{" + members + "}", "")) {
    const std::regex member("\"" + name + R"re(":("[^"]*"|\[[^\]]*\]|\{[^}]*\}|[^,}]*),?)re");
    body = std::regex_replace(std::regex_replace(body, member, ""), std::regex(",}"), "}");
  }
  return with_members(body, members);
}

attempted_call with_only_query(attempted_call call, const std::string& query) {
  auto& target = call.request.target;
  target = target.substr(0, target.find('?')) + "?" + query;
  return call;
}

} // namespace

TEST_F(DocumentedErrorsTest, MembersAndParametersThatNobodyKnows) {
  expect_where_listed(422, "unknown_parameter", [](const access_block& block) -> attempts {
    return {with_query(sound(block), "nobody_knows=1")};
  });
  expect_where_listed(422, "duplicate_parameter", [](const access_block& block) -> attempts {
    attempts all;
    for (const auto& name : query_parameters(block))
      for (const auto* value : {"=1", "=true", "=parent", "=html", "=2026-01-01", "=2026-01-01T00:00:00Z"})
        all.push_back(with_query(sound(block), name + value + "&" + name + value));
    return all;
  });
  expect_where_listed(422, "invalid_parameter", [](const access_block& block) -> attempts {
    attempts all;
    for (const auto& name : query_parameters(block))
      all.push_back(with_query(sound(block), name + "=!"));
    return all;
  });
  expect_where_listed(422, "unknown_field", [](const access_block& block) -> attempts {
    const auto call = sound(block);
    return {with_body(call, with_members(call.request.body, R"("nobodyKnows":1)"))};
  });
  expect_where_listed(422, "validation_failed", [](const access_block& block) -> attempts {
    const auto call = sound(block);
    if (block.method == "GET" || block.method == "DELETE") {
      std::string wrong = "nobody_knows=1";
      for (const auto& name : query_parameters(block))
        wrong += "&" + name + "=!";
      return {with_query(call, wrong), with_query(call, "nobody_knows=1&limit=!")};
    }
    const auto two = with_members(call.request.body, R"("nobodyKnows":1,"norThis":2)");
    return {
        with_body(
            call,
            with_members("{}", R"("nobodyKnows":1,"name":"","organizations":[{"id":"!"}],"status":"odd")")
        ),
        with_body(call, R"({"refreshToken":"","nobodyKnows":1})"),
        with_body(call, R"({"expiryHours":-1,"nobodyKnows":1})"),
        with_body(call, R"({"acceptTerms":true,"language":"!","nobodyKnows":1})"),
        with_body(call, R"({"reason":"see http://elsewhere.example","nobodyKnows":1})"),
        with_body(call, R"({"thresholds":[{"credits":-1}],"expiryDays":[0],"nobodyKnows":1})"),
        with_body(call, R"({"text":")" + std::string(33'000, 'x') + R"(","nobodyKnows":1})"),
        with_body(call, two),
        with_body(call, "{}")};
  });
}

TEST_F(DocumentedErrorsTest, IdsThatAreNoneAndTypesThatNothingHas) {
  expect_where_listed(422, "invalid_id", [](const access_block& block) -> attempts {
    const auto call = sound(block);
    attempts all;
    for (const auto& name : names_at(call.request.body, ""))
      if (name == "id" || name.ends_with("Id"))
        all.push_back(with_body(call, with_value(call.request.body, name, R"("!")")));
    for (const auto* name : {"id", "packageId", "keyId", "userId", "tenantId", "organizationId", "parentId"})
      all.push_back(with_body(call, with_members(call.request.body, std::string("\"") + name + R"(":"!")")));
    all.push_back(with_body(call, R"({"organizations":[{"id":"!","name":"No id"}]})"));
    const std::string nowhere = R"([{"entityType":"organization","entityId":"!","role":"viewer"}])";
    all.push_back(with_body(call, with_value(call.request.body, "entityAssignments", nowhere)));
    all.push_back(with_body(call, R"({"role":"user","entityAssignments":)" + nowhere + "}"));
    all.push_back(with_body(call, R"({"entityAssignments":)" + nowhere + "}"));
    if (simulates(block))
      all.push_back(trying(call, "consume", R"({"entityType":"organization","entityId":"!","credits":1})"));
    return all;
  });
  expect_where_listed(422, "unknown_entity_type", [](const access_block& block) -> attempts {
    const auto call = sound(block);
    attempts all;
    for (const auto& name : names_at(call.request.body, ""))
      if (name == "entityType" || name.ends_with("EntityType"))
        all.push_back(with_body(call, with_value(call.request.body, name, R"("planet")")));
    auto elsewhere = call;
    elsewhere.request.target =
        std::regex_replace(call.request.target, std::regex("([/=])organization"), "$1planet");
    all.push_back(elsewhere);
    if (block.method == "GET") all.push_back(with_query(call, "entityType=planet&entityId=mars"));
    all.push_back(with_body(
        call,
        with_value(
            call.request.body,
            "entityAssignments",
            R"([{"entityType":"planet","entityId":"mars","role":"viewer"}])"
        )
    ));
    all.push_back(with_body(call, with_members(call.request.body, R"("entityType":"planet")")));
    if (simulates(block))
      all.push_back(trying(call, "consume", R"({"entityType":"planet","entityId":"mars","credits":1})"));
    all.push_back(with_body(
        call,
        with_members(
            call.request.body,
            R"("entityAssignments":[{"entityType":"planet","entityId":"mars","role":"viewer"}])"
        )
    ));
    return all;
  });
}

TEST_F(DocumentedErrorsTest, MoreThanThereMayBe) {
  expect_where_listed(422, "too_many_items", [](const access_block& block) -> attempts {
    const auto call = sound(block);
    const auto list = [](const char* item, int count) {
      std::string out;
      for (int i = 0; i < count; ++i)
        out += (out.empty() ? "" : ",") + std::string(item);
      return "[" + out + "]";
    };
    attempts all;
    const std::pair<const char*, std::string> members[] = {
        {"features", list("\"a\"", 21)},
        {"applicationAccess", list("\"crm\"", 101)},
        {"applications", list("\"crm\"", 101)},
        {"lotIds", list("\"0198f1c2-7a3e-7b0c-9d4e-5f60718293a5\"", 101)},
        {"policies", "{\"allowedEmailDomains\":" + list("\"a.example\"", 251) + "}"},
        {"organizations", list("{}", 10'001)}};
    for (const auto& [name, value] : members)
      all.push_back(with_body(call, with_members(call.request.body, std::string("\"") + name + "\":" + value))
      );
    const std::pair<const char*, std::string> others[] = {
        {"scopes", list("\"credits:read\"", 33)},
        {"events", list("\"*\"", 51)},
        {"thresholds", list(R"({"credits":1})", 11)},
        {"allocations", list(R"({"toEntityType":"location","toEntityId":"loc-own","credits":1})", 101)}};
    for (const auto& [name, value] : others) {
      all.push_back(with_body(call, with_value(call.request.body, name, value)));
      all.push_back(with_body(call, "{\"" + std::string(name) + "\":" + value + "}"));
    }
    all.push_back(with_body(call, "{\"items\":" + list("{}", 10'001) + "}"));
    if (simulates(block))
      all.push_back(trying(
          call,
          "allocate",
          R"({"fromEntityType":"organization","fromEntityId":"org-own","allocations":)" +
              std::rbegin(others)->second + "}"
      ));
    return all;
  });
}

TEST_F(DocumentedErrorsTest, CurrenciesTimeZonesAndPasswords) {
  for (const auto* code : {"unsupported_currency", "invalid_timezone"})
    expect_where_listed(422, code, [](const access_block& block) -> attempts {
      const auto call = takes_own_invitation(block) ? of_guest(block) : sound(block);
      return {
          with_body(call, with_members(call.request.body, R"("currency":"ZZZ")")),
          with_body(call, with_members(call.request.body, R"("timezone":"Mars/Olympus")"))};
    });
  const std::pair<const char*, const char*> passwords[] = {
      {"password_too_short", "eleven char"},
      {"password_too_common", "aaaaaaaaaaaaaaaa"},
      {"password_too_obvious", "boss tessera"},
  };
  for (const auto& [code, password] : passwords)
    expect_where_listed(422, code, [password = password](const access_block& block) -> attempts {
      const auto admin = std::string(R"({"email":"boss@acme.example","password":")") + password + "\"}";
      return {
          with_body(sound(block), R"({"id":"of-a-password","name":"New","admin":)" + admin + "}"),
          with_body(sound(block), new_password(password)),
          with_body(sound(block), with_password(sound(block).request.body, world().invitee)),
          with_body(sound(block), with_password(sound(block).request.body, password))};
    });
  expect_where_listed(422, "password_too_long", [](const access_block& block) -> attempts {
    const auto password = std::string(R"("password":")") + std::string(1'025, 'p') + "\"}";
    return {
        with_body(sound(block), R"({"email":"idle@acme.test",)" + password),
        with_body(sound(block), new_password(std::string(1'025, 'p'))),
        with_body(sound(block), R"({"name":"New","admin":{"email":"boss@acme.example",)" + password + "}")};
  });
}

/// A member that is wrong by itself, in each body that may have one of those names.
TEST_F(DocumentedErrorsTest, NamesAddressesAndWordsForPeople) {
  struct wrong_member {
    const char* code;
    std::vector<std::string> members;
  };
  const wrong_member all[] = {
      {"invalid_email",
       {R"("email":"nobody")",
        R"("to":"nobody")",
        R"("channel":"email","recipient":"nobody")",
        R"("id":"of-an-address","name":"New","admin":{"email":"nobody"})"}},
      {"invalid_phone", {R"("phone":"12")", R"("channel":"sms","recipient":"12")"}},
      {"invalid_language", {R"("locale":"!!")", R"("language":"!!")"}},
      {"invalid_name",
       {R"("firstName":"see elsewhere.example")", R"("name":"see http://elsewhere.example")"}},
      {"invalid_message", {R"("message":"see http://elsewhere.example")"}},
      {"invalid_reason",
       {R"("status":"cancelled","reason":"see http://elsewhere.example")",
        R"("reason":"see http://elsewhere.example")"}},
  };
  for (const auto& [code, members] : all)
    expect_where_listed(422, code, [&members = members](const access_block& block) -> attempts {
      const auto call = takes_own_invitation(block) ? of_guest(block) : sound(block);
      attempts calls;
      for (const auto& member : members) {
        calls.push_back(with_body(call, with_other_members(call.request.body, member)));
        calls.push_back(with_body(call, "{" + member + "}"));
      }
      calls.push_back(with_only_query(call, "email=nobody"));
      return calls;
    });
}

TEST_F(DocumentedErrorsTest, AssignmentsThatDoNotFit) {
  const auto assignments = [](int count) {
    std::string out;
    for (int i = 0; i < count; ++i)
      out +=
          std::string(i ? "," : "") + R"({"entityType":"organization","entityId":"org-own","role":"viewer"})";
    return R"("entityAssignments":[)" + out + "]";
  };
  const std::pair<const char*, std::string> all[] = {
      {"invalid_assignments", assignments(2)}, {"too_many_assignments", assignments(101)}};
  for (const auto& [code, member] : all)
    expect_where_listed(422, code, [&member = member](const access_block& block) -> attempts {
      const auto call = sound(block);
      return {
          with_body(call, with_other_members(call.request.body, member)),
          with_body(call, "{" + member + "}"),
          with_body(call, R"({"role":"user",)" + member + "}")};
    });
}

/// There is no provider here.
TEST_F(DocumentedErrorsTest, WaysToPayThatAreNotOpen) {
  const auto terms = R"({"enabled":true,"threshold":1,"packageId":"thousand","maxPerDay":1,"maxPerMonth":1,)"
                     R"("maxAmountMinorPerMonth":1})";
  const auto order = R"({"entityType":"organization","entityId":"org-own","packageId":"thousand",)"
                     R"("paymentMethod":"stripe"})";
  expect_where_listed(422, "payment_method_unavailable", [&](const access_block& block) -> attempts {
    const auto call = sound(block);
    return {with_body(call, terms), with_body(call, order), call, trying(call, "purchase", order)};
  });
}

TEST_F(DocumentedErrorsTest, ParentsThatAreNowhereAndIdsThatAreTaken) {
  expect_where_listed(404, "parent_unknown", [](const access_block& block) -> attempts {
    const auto call = sound(block);
    return {
        with_body(call, R"({"parentId":"nowhere"})"),
        with_body(call, R"({"organizationId":"nowhere"})"),
        with_body(call, R"({"locations":[{"id":"loc-new","name":"New","organizationId":"nowhere"}]})")};
  });
  // An id that was given back is nobody else's, either.
  auto maker = world().client_of("key");
  maker.post("/api/organizations", R"({"id":"org-gone","name":"Gone"})");
  EXPECT_EQ(maker.remove("/api/organizations/org-gone").status(), 200);
  expect_where_listed(409, "id_taken", [](const access_block& block) -> attempts {
    const auto call = sound(block);
    attempts all;
    for (const auto* id : {"org-own", "loc-own", "crm", "acme", "org-gone"})
      all.push_back(with_body(
          call,
          with_members(
              std::regex_replace(call.request.body, std::regex(R"re("id":"[^"]*",)re"), ""),
              std::string(R"("id":")") + id + "\""
          )
      ));
    all.push_back(with_body(call, R"({"organizations":[{"id":"org-gone","name":"Gone"}]})"));
    all.push_back(with_body(call, R"({"packageId":"thousand","credits":10,"price":1,"validityDays":1})"));
    return all;
  });
}

TEST_F(DocumentedErrorsTest, LotsThatStandThereTwice) {
  const std::string twice =
      R"("lotIds":["0198f1c2-7a3e-7b0c-9d4e-5f60718293a5","0198f1c2-7a3e-7b0c-9d4e-5f60718293a5"])";
  expect_where_listed(422, "duplicate_lot", [&twice](const access_block& block) -> attempts {
    const auto call = sound(block);
    const auto legs = R"({"toEntityType":"location","toEntityId":"loc-own","credits":1})";
    const auto allocation = R"("fromEntityType":"organization","fromEntityId":"org-own","allocations":[)" +
                            std::string(legs) + "]";
    return {
        with_body(call, with_members(call.request.body, twice)),
        trying(call, "allocate", "{" + allocation + "," + twice + "}")};
  });
}

/// R-R 5 rows 48 and 78: in every member, parameter, header and path.
TEST_F(DocumentedErrorsTest, WordsOfSqlAreTextAndNoErrorTellsWhatIsBehind) {
  const std::string words = "%' OR 1=1; DROP TABLE entities; --";
  const std::string encoded = "%25%27%20OR%201=1;%20DROP%20TABLE%20entities;%20--";
  const auto rows = [] {
    return std::stoi(
        world().service.cluster().query(world().service.database(), "SELECT count(*) FROM entities")
    );
  };
  const auto before = rows();
  int refused = 0;
  for (const auto& block : table().blocks) {
    const auto call = sound(block);
    attempts all{
        with_header(call, "X-Application", words),
        with_header(sound(block, "own", "operator"), "X-Tenant", words)};
    for (const auto& name : names_at(call.request.body, ""))
      all.push_back(with_body(call, with_value(call.request.body, name, "\"" + words + "\"")));
    for (const auto& name : query_parameters(block))
      all.push_back(with_query(call, name + "=" + encoded));
    all.push_back(call);
    all.back().request.target = std::regex_replace(block.path, std::regex(R"(\{[^}]*\})"), encoded);
    for (const auto& each : all) {
      const auto answer = send(each);
      EXPECT_TRUE(answer.ok()) << block.name();
      EXPECT_NE(500, answer.status()) << block.name() << ": " << answer.response.body;
      if (answer.status() < 400) continue;
      ++refused;
      for (const auto* behind : {"syntax error", "SELECT ", "ERROR:", ".cpp", "std::", "PostgreSQL"})
        EXPECT_EQ(std::string::npos, answer.response.body.find(behind)) << block.name() << ": " << behind;
    }
  }
  EXPECT_GT(refused, 300);
  EXPECT_GE(rows(), before);
}

/// As the route of the operation would, with the same code.
TEST_F(DocumentedErrorsTest, WhatIsWrongWithWhatIsSimulated) {
  const auto simulate = std::ranges::find_if(table().blocks, simulates);
  ASSERT_NE(simulate, table().blocks.end());
  struct wrong_request {
    int status;
    const char* code;
    const char* operation;
    const char* request;
  };
  const wrong_request all[] = {
      {422,
       "event_too_old",
       "consume",
       R"({"entityType":"organization","entityId":"org-own","credits":1,"occurredAt":"2020-01-01T00:00:00Z"})"},
      {422,
       "event_in_future",
       "consume",
       R"({"entityType":"organization","entityId":"org-own","credits":1,"occurredAt":"2120-01-01T00:00:00Z"})"},
      {422,
       "same_entity",
       "allocate",
       R"({"fromEntityType":"organization","fromEntityId":"org-own","allocations":[)"
       R"({"toEntityType":"organization","toEntityId":"org-own","credits":1}]})"},
      {422,
       "duplicate_destination",
       "allocate",
       R"({"fromEntityType":"organization","fromEntityId":"org-own","allocations":[)"
       R"({"toEntityType":"location","toEntityId":"loc-own","credits":1},)"
       R"({"toEntityType":"location","toEntityId":"loc-own","credits":2}]})"},
      {422, "no_parent", "return", R"({"fromEntityType":"tenant","fromEntityId":"acme","credits":1})"},
      {422,
       "payment_method_unavailable",
       "purchase",
       R"({"entityType":"organization","entityId":"org-own","packageId":"thousand","paymentMethod":"stripe"})"},
      {403,
       "not_in_subtree",
       "reclaim",
       R"({"entityType":"location","entityId":"loc-sib","credits":1,)"
       R"("toEntityType":"organization","toEntityId":"org-own"})"},
  };
  for (const auto& [status, code, operation, request] : all) {
    const auto answer = send(trying(sound(*simulate), operation, request));
    EXPECT_EQ(status, answer.status()) << answer.response.body;
    EXPECT_EQ(code, code_of(answer)) << answer.response.body;
  }
}

TEST_F(DocumentedErrorsTest, AKeyOfAnotherCommand) {
  int keys = 0;
  expect_where_listed(422, "idempotency_key_reused", [&](const access_block& block) -> attempts {
    if (takes_invitation_token(block)) world().invite_again();
    const auto key = "of-" + std::to_string(++keys);
    const bool is_own = takes_own_invitation(block) && lists(block, 422, "idempotency_key_reused");
    auto first = with_header(is_own ? of_guest(block) : sound(block), "Idempotency-Key", key);
    // Another place, another body: each is another command.
    const auto other = with_header(sound(block, "sibling", first.principal), "Idempotency-Key", key);
    if (block.method == "DELETE" || block.path.ends_with("/release") || sends_again(block))
      if (const auto target = made_to_end(block); !target.empty()) first.request.target = target;
    attempts all{first, other};
    if (block.path.ends_with("/accept"))
      all.push_back(with_body(first, with_members(first.request.body, R"("language":"de")")));
    for (const auto* body :
         {R"({"name":"A third name"})",
          R"({"status":"disabled"})",
          R"({"subject":"S","html":"H","text":"Other"})",
          R"({"organizations":[{"id":"org-sib","name":"Other"}]})"})
      if (block.method == "PUT") all.push_back(with_body(first, body));
    for (const auto* name : {"recipient", "to"})
      if (const auto body = with_value(first.request.body, name, R"("other@elsewhere.test")");
          body != first.request.body)
        all.push_back(with_body(first, body));
    if (block.method == "DELETE") all.push_back(with_header(first, "If-Match", "\"v1\""));
    return all;
  });
  expect_where_listed(412, "precondition_failed", [](const access_block& block) -> attempts {
    return {with_header(sound(block, "own", {}, names::what_is_there), "If-Match", "\"v999999\"")};
  });
}

} // namespace tessera::test
