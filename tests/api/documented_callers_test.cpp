// Calls that cannot be read, or by whoever may not make them.
#include "tests/api/documented_errors.hpp"

namespace tessera::test {

TEST_F(DocumentedErrorsTest, WhatCannotBeRead) {
  expect_where_listed(400, "malformed_request", [](const access_block& block) -> attempts {
    auto call = sound(block);
    if (block.method == "GET") return {with_body(call, "{}")};
    call.request.headers.emplace_back("Content-Length", "3");
    call.request.headers.emplace_back("Content-Length", "4");
    return {with_body(call, "{ }")};
  });
  expect_where_listed(400, "malformed_query", [](const access_block& block) -> attempts {
    return {with_query(sound(block), "a=%zz")};
  });
  expect_where_listed(400, "invalid_json", [](const access_block& block) -> attempts {
    return {with_body(sound(block), "{\"a\"")};
  });
  expect_where_listed(400, "invalid_type", [](const access_block& block) -> attempts {
    const auto call = sound(block);
    attempts all{with_body(call, "[1]"), with_body(call, "1")};
    for (const auto& name : names_at(call.request.body, ""))
      for (const auto* value : {"[]", "7", "{}"})
        all.push_back(with_body(call, std::string("{\"") + name + "\":" + value + "}"));
    return all;
  });
  expect_where_listed(400, "invalid_idempotency_key", [](const access_block& block) -> attempts {
    return {with_header(sound(block), "Idempotency-Key", std::string(256, 'k'))};
  });
  expect_where_listed(400, "invalid_if_match", [](const access_block& block) -> attempts {
    return {with_header(sound(block), "If-Match", "v1")};
  });
  expect_where_listed(400, "invalid_cursor", [](const access_block& block) -> attempts {
    return {with_query(sound(block), "cursor=nobody-gave-this")};
  });
  expect_where_listed(415, "unsupported_media_type", [](const access_block& block) -> attempts {
    return {with_body(with_header(sound(block), "Content-Type", "text/plain"), "{}")};
  });
  expect_where_listed(413, "body_too_large", [](const access_block& block) -> attempts {
    return {with_header(announced(block), "Content-Length", "999999999")};
  });
}

TEST_F(DocumentedErrorsTest, WhoCallsAndForWhich) {
  expect_where_listed(401, "unauthorized", [](const access_block& block) -> attempts {
    const auto call = sound(block, "own", "nobody");
    const auto by_a_key = with_header(call, "Authorization", "Bearer tsk_" + std::string(43, 'a'));
    return {call, with_body(call, ""), by_a_key};
  });
  expect_where_listed(400, "tenant_required", [](const access_block& block) -> attempts {
    return {without_header(sound(block, "own", "operator"), "X-Tenant")};
  });
  expect_where_listed(404, "tenant_unknown", [](const access_block& block) -> attempts {
    const auto call = with_header(sound(block, "own", "operator"), "X-Tenant", "nobodys");
    auto named = call;
    named.request.target = std::regex_replace(named.request.target, std::regex("acme"), "nobodys");
    return {call, named};
  });
  expect_where_listed(400, "application_required", [](const access_block& block) -> attempts {
    attempts all;
    for (const auto& each : principals(block))
      all.push_back(without_header(sound(block, "own", each), "X-Application"));
    return all;
  });
  expect_where_listed(422, "unknown_application", [](const access_block& block) -> attempts {
    return {with_header(sound(block), "X-Application", "nobodys")};
  });
  expect_where_listed(403, "application_forbidden", [](const access_block& block) -> attempts {
    attempts all;
    for (const auto& each : principals(block))
      for (const auto* place : {"own", "sibling"})
        if (!ends_something(block) || each != allowed(block))
          all.push_back(with_header(sound(block, place, each), "X-Application", "app-of-acme"));
    all.push_back(sound(block, "sibling", "organization_admin")); // of a path that names one
    return all;
  });
  for (const auto* code : {"insufficient_scope", "insufficient_role", "entity_out_of_scope"})
    expect_where_listed(403, code, [](const access_block& block) -> attempts {
      attempts all;
      for (const auto* each :
           {"scopeless", "idle", "viewer", "bound", "editor", "key", "organization_admin", "operator"})
        for (const auto* place : {"sibling", "own"}) // those who may not come first: nothing is ended
          all.push_back(sound(block, place, each));
      for (const auto* filter :
           {"parentId=org-sib", "organizationId=org-sib", "entityType=organization&entityId=org-sib"})
        if (block.method == "GET") all.push_back(with_query(sound(block, "own", "bound"), filter));
      return all;
    });
  expect_where_listed(403, "not_the_holder", [](const access_block& block) -> attempts {
    const auto call = sound(block, "own", "editor");
    const auto capture = filled(R"({"holdId":"$HOLD","credits":1})", world().values("editor", "own"));
    return {simulates(block) ? trying(call, "capture", capture) : call};
  });
  // As a page of somebody else's would make it.
  expect_where_listed(403, "cross_origin_request", [](const access_block& block) -> attempts {
    const auto cookies = "__Host-tessera-access=" + world().tokens.at("tenant_admin") +
                         "; __Host-tessera-refresh=" + world().refresh_token;
    auto call = with_header(sound(block, "own", "nobody"), "Origin", "https://elsewhere.example");
    const auto asking = with_body(call, with_members(call.request.body, R"("session":"cookie")"));
    call = with_header(call, "Cookie", cookies);
    return block.path == "/api/auth/login" ? attempts{asking} : attempts{call, with_body(call, "")};
  });
}

} // namespace tessera::test
