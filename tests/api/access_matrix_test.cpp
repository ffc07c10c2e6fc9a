// Every operation of the document × every principal × every place, against access_matrix.txt.
#include "tests/api/access_table.hpp"
#include "tests/api/people_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <cstdio>
#include <regex>

namespace tessera::test {

namespace {

using testing::AnyOf;
using testing::ElementsAre;

class AccessMatrixTest : public testing::Test {
protected:
  static people_world& world() {
    static people_world one; // of its own: it is changed here
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
    const bool is_form = what.path.starts_with("/webhooks/sms");
    if (!what.body.empty())
      asked.headers.emplace_back(
          "Content-Type", is_form ? "application/x-www-form-urlencoded" : "application/json"
      );
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
          if (name != "date" && name != "ratelimit") text += "\n" + name + ": " + value;
        return text;
      };
      EXPECT_EQ(told("foreign"), told("missing")) << block.name() << " by " << principal;
    });
  }
}

} // namespace

} // namespace tessera::test
