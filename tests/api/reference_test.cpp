// GET /docs and what belongs to it: the API document for people.
#include "tests/api/api_world.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>

namespace tessera::test {

namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

http_exchange get(const std::string& path, header_list headers = {}) {
  return api_world::instance().service().client().get(path, std::move(headers));
}

const std::string& document() {
  static const auto text = get("/openapi.json").response.body;
  return text;
}

std::string page(const std::string& path) {
  const auto answer = get(path);
  EXPECT_EQ(200, answer.status());
  EXPECT_EQ("text/html; charset=utf-8", answer.response.header("content-type"));
  return answer.response.body;
}

std::string unpacked(const std::string& gzip) {
  const auto directory = make_temporary_directory();
  std::ofstream(directory + "/packed", std::ios::binary) << gzip;
  const auto done = run(
      {.command = {"/usr/bin/env", "gzip", "-dc", directory + "/packed"},
       .environment = {},
       .output_file = {}}
  );
  std::filesystem::remove_all(directory);
  EXPECT_TRUE(done.ok());
  return done.output;
}

/// What a page fetches and where it leads.
std::set<std::string> targets(const std::string& html) {
  std::set<std::string> all;
  const std::regex attribute(R"re((?:href|src)="([^"]*)")re");
  for (std::sregex_iterator at(html.begin(), html.end(), attribute), end; at != end; ++at)
    all.insert((*at)[1]);
  return all;
}

std::string escaped_pointer(const std::string& text) {
  return std::regex_replace(text, std::regex("/"), "~1");
}

} // namespace

TEST(ReferenceTest, ShowsEveryOperationWithEveryStatus) {
  const auto html = page("/docs");
  std::size_t operations = 0;
  for (const auto& path : names_at(document(), "/paths"))
    for (const auto& method : names_at(document(), "/paths/" + escaped_pointer(path))) {
      const auto here = "/paths/" + escaped_pointer(path) + "/" + method;
      const auto id = text_at(document(), here + "/operationId");
      const auto begin = html.find("<details class=\"operation\" id=\"" + id + "\">");
      ASSERT_NE(html.npos, begin) << id;
      const auto shown = html.substr(begin, html.find("</details>", begin) - begin);
      EXPECT_THAT(shown, HasSubstr("<code>" + path + "</code>"));
      EXPECT_THAT(shown, HasSubstr("curl ")) << id;
      for (const auto& status : names_at(document(), here + "/responses"))
        EXPECT_THAT(shown, HasSubstr("<th scope=\"row\">" + status + "</th>")) << id;
      ++operations;
    }
  EXPECT_LT(60u, operations);
}

TEST(ReferenceTest, ShowsParametersBodiesAndCodes) {
  const auto html = page("/docs");
  const auto begin = html.find("id=\"captureHold\"");
  const auto shown = html.substr(begin, html.find("</details>", begin) - begin);
  EXPECT_THAT(shown, ContainsRegex("<code>Idempotency-Key</code></td>"));
  EXPECT_THAT(shown, HasSubstr("<code>overage</code>"));
  EXPECT_THAT(shown, HasSubstr("<code>availableCredits</code>"));
  EXPECT_THAT(shown, HasSubstr("<a href=\"/docs/problems#capture_exceeds_hold\">"));
  EXPECT_THAT(shown, HasSubstr("<a href=\"/docs/problems#outcome_unknown\">"))
      << "of a response that is shared";
}

/// `type` of a problem is a link: it leads to where the code is explained.
TEST(ReferenceTest, EveryProblemHasAPlace) {
  const auto html = page("/docs/problems");
  const auto codes = items_at(document(), "/components/schemas/ProblemCode/enum");
  EXPECT_LT(80u, codes.size());
  for (const auto& code : codes) // in quotes
    EXPECT_NE(html.npos, html.find("<code id=" + code + ">")) << code;
  const auto refused = api_world::instance().service().client().get("/api/credits/packages");
  EXPECT_EQ("/docs/problems#unauthorized", text_at(refused.response.body, "/type"));
}

TEST(ReferenceTest, LinksLeadSomewhere) {
  for (const auto* path : {"/docs", "/docs/problems"}) {
    const auto html = page(path);
    for (const auto& target : targets(html)) {
      if (target == "data:,") continue; // no icon
      const auto hash = std::min(target.find('#'), target.size());
      const auto there = hash == 0 ? html : get(target.substr(0, hash)).response.body;
      EXPECT_FALSE(there.empty()) << target;
      if (hash == target.size()) continue;
      EXPECT_NE(there.npos, there.find("id=\"" + target.substr(hash + 1) + "\"")) << target;
    }
  }
}

/// The policy lets a browser run and load only what comes from here, and the page needs nothing else.
TEST(ReferenceTest, ABrowserLoadsNothingFromElsewhere) {
  for (const auto* path : {"/docs", "/docs/problems"}) {
    const auto answer = get(path).response;
    const auto policy = answer.header("content-security-policy");
    EXPECT_THAT(policy, HasSubstr("default-src 'none'; script-src 'self'; style-src 'self'"));
    EXPECT_THAT(policy, HasSubstr("frame-ancestors 'none'"));
    EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
    EXPECT_THAT(answer.body, Not(HasSubstr("style=\"")));
    EXPECT_THAT(answer.body, Not(HasSubstr("<style")));
    EXPECT_THAT(answer.body, Not(ContainsRegex("<script[^>]*>[^<]"))) << "a script in the page";
    EXPECT_THAT(answer.body, Not(ContainsRegex("<[a-z][^>]* on[a-z]+=")));
    for (const auto& target : targets(answer.body))
      EXPECT_THAT(target, Not(HasSubstr("//")));
  }
  EXPECT_EQ(
      "default-src 'none'; frame-ancestors 'none'",
      get("/docs/reference.js").response.header("content-security-policy")
  );
  EXPECT_EQ(404, get("/docs/elsewhere").status());
}

TEST(ReferenceTest, IsSentOnceAndSmall) {
  const std::pair<const char*, const char*> files[] = {
      {"/openapi.json", "application/json"},
      {"/docs", "text/html; charset=utf-8"},
      {"/docs/problems", "text/html; charset=utf-8"},
      {"/docs/reference.css", "text/css; charset=utf-8"},
      {"/docs/reference.js", "text/javascript; charset=utf-8"},
  };
  std::size_t sent = 0;
  for (const auto& [path, type] : files) {
    const auto plain = get(path).response;
    const auto packed = get(path, {{"Accept-Encoding", "br, gzip"}}).response;
    EXPECT_EQ(type, plain.header("content-type"));
    EXPECT_EQ(type, packed.header("content-type"));
    EXPECT_EQ("", plain.header("content-encoding"));
    EXPECT_EQ("gzip", packed.header("content-encoding"));
    EXPECT_EQ(plain.body, unpacked(packed.body));
    EXPECT_NE(plain.header("etag"), packed.header("etag")) << "a strong tag stands for the bytes";
    for (const auto& one : {plain, packed}) {
      EXPECT_EQ("no-cache", one.header("cache-control"));
      const bool is_packed = !one.header("content-encoding").empty();
      const auto again =
          get(path,
              {{"Accept-Encoding", is_packed ? "gzip" : "identity"}, {"If-None-Match", one.header("etag")}});
      EXPECT_EQ(304, again.status());
      EXPECT_EQ(one.header("etag"), again.response.header("etag"));
      EXPECT_TRUE(again.response.body.empty());
    }
    EXPECT_EQ(200, get(path, {{"If-None-Match", "\"0123\""}}).status());
    sent += packed.body.size();
  }
  EXPECT_GT(192u * 1024, sent) << "all of it, to a phone";
}

} // namespace tessera::test
