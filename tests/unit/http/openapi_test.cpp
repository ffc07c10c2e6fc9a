// The API document says what the code does: the same routes, the same codes.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <utility>

namespace tessera::http {
namespace {

using testing::Contains;
using testing::IsEmpty;

using texts = std::set<std::string>;

const auto root = std::filesystem::path(__FILE__).parent_path() / "../../..";

std::string read(const std::filesystem::path& file) {
  std::ifstream stream(root / file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

const std::string& document() {
  static const auto text = read("http/openapi.yaml");
  return text;
}

/// Calls `found` with every match in the text.
template <class Found> void for_each_match(const std::string& text, const char* pattern, Found found) {
  const std::regex expression(pattern);
  for (std::sregex_iterator at(text.begin(), text.end(), expression), end; at != end; ++at)
    found(*at);
}

/// `GET /api/things/{id}` of every row of the table.
texts routes() {
  texts all;
  for_each_match(
      read("http/routes/routes.cpp") + read("http/routes/webhooks/sms.cpp"),
      R"re(\{\s*"([A-Z]+)",\s*"(/[^"]*)")re",
      [&](const std::smatch& row) {
        all.insert(row.str(1) + " " + std::regex_replace(row.str(2), std::regex(":([A-Za-z]+)"), "{$1}"));
      }
  );
  return all;
}

/// The same of every operation that is described.
texts operations() {
  const auto begin = document().find("\npaths:\n");
  const auto paths = document().substr(begin, document().find("\ncomponents:\n") - begin);
  texts all;
  std::string path;
  for_each_match(
      paths,
      R"re(\n  (/\S*):|\n    (get|put|post|patch|delete):)re",
      [&](const std::smatch& line) {
        if (line[1].matched)
          path = line.str(1);
        else {
          auto method = line.str(2);
          for (auto& c : method)
            c = static_cast<char>(c - 'a' + 'A');
          all.insert(method + " " + path);
        }
      }
  );
  return all;
}

/// The first `enum` of a schema.
texts values_of(const std::string& schema) {
  const auto begin = document().find("\n    " + schema + ":\n");
  const auto list = document().find(" enum:", begin) + 6;
  const auto next_schema = document().find("\n    FieldError:", list);
  const auto end = std::min({document().find(']', list), next_schema, document().size()});
  texts all;
  for_each_match(document().substr(list, end - list), "[a-z_]+", [&](const std::smatch& word) {
    all.insert(word.str());
  });
  return all;
}

/// Quoted words with an underscore in the sources of http, and the words of rejections and of what is wrong
/// with a password.
texts words_of_the_code() {
  texts all;
  const auto collect = [&all](const std::filesystem::path& file) {
    for_each_match(read(file), R"re("([a-z]+(_[a-z]+)*)")re", [&](const std::smatch& word) {
      all.insert(word.str(1));
    });
  };
  for (const auto& file : std::filesystem::recursive_directory_iterator(root / "http"))
    if (file.path().extension() == ".cpp" || file.path().extension() == ".hpp")
      collect(std::filesystem::relative(file.path(), root));
  collect("messages/types/errors.cpp");
  collect("actors/domain/password_policy.cpp");
  return all;
}

/// Calls `found` with what stands there, wherever the word does.
template <class Found>
void for_each_place(const std::string& text, const std::string& word, const char* pattern, Found found) {
  const std::regex expression(pattern);
  for (auto at = text.find(word); at != text.npos; at = text.find(word, at + 1)) {
    std::smatch there;
    const auto rest = text.substr(at, 300);
    if (std::regex_search(rest, there, expression, std::regex_constants::match_continuous))
      found(at, there.str(1));
  }
}

/// Whether the `.code` that stands there is that of a whole problem: beside its status, or set by name.
bool is_of_problem(const std::string& text, std::size_t at) {
  if (std::string("{, \n").find(text[at - 1]) == std::string::npos) return true;
  const auto before = text.substr(at < 120 ? 0 : at - 120, at < 120 ? at : 120);
  const auto status = before.rfind(".status = ");
  return status != before.npos &&
         std::count(before.begin() + static_cast<long>(status), before.end(), ',') == 1;
}

/// What is said to be wrong with a member or a parameter: where one is rejected, or by the rules that it is
/// read by.
texts codes_of_fields() {
  constexpr std::pair<const char*, const char*> places[] = {
      {"reject(", R"re(reject\([^,;{}]*,\s*"([a-z_]+)")re"},
      {"reject(", R"re(reject\(\s*"([a-z_]+)",\s*(?:"[a-z_]*[^a-z_"]|range\(|std::))re"},
      {"field_problem(", R"re(field_problem\(\s*"([a-z_]+)")re"},
      {"wrong_cell(", R"re(wrong_cell\(\s*"([a-z_]+)")re"},
      {"errors.push_back(", R"re(errors\.push_back\(\{[^,]+,\s*"([a-z_]+)")re"},
      {"string_view code = ", R"re(string_view code = "([a-z_]+)")re"},
      {".code = ", R"re(\.code = "([a-z_]+)")re"}};
  texts all;
  for (const auto& file : std::filesystem::recursive_directory_iterator(root / "http")) {
    if (file.path().extension() != ".cpp" && file.path().extension() != ".hpp") continue;
    const auto text = read(std::filesystem::relative(file.path(), root));
    for (const auto& [word, pattern] : places)
      for_each_place(text, word, pattern, [&, is_rule = word[0] == '.'](auto at, const std::string& code) {
        if (!is_rule || !is_of_problem(text, at)) all.insert(code);
      });
  }
  return all;
}

/// Words that look like codes and are none.
const texts other_words = {
    "after_debit_before_nudge",
    "after_grant_before_nudge",
    "after_invitation_before_nudge",
    "after_reservation_before_invitation",
    "after_reservation_before_nudge",
    "after_return_before_deletion",
    "after_purchase_before_nudge",
    "all_or_nothing",
    "charged_back",
    "create_account",
    "email_verified",
    "fraud_review",
    "iat_us",
    "latest_first",
    "location_manager",
    "organization_admin",
    "partially_refunded",
    "pending_approval",
    "sign_in",
    "soonest_first",
    "tenant_admin",
};

texts without(texts all, const texts& some) {
  for (const auto& one : some)
    all.erase(one);
  return all;
}

} // namespace

TEST(OpenapiTest, DescribesEveryRouteAndNoOther) {
  ASSERT_THAT(routes(), Contains("POST /api/credits/consume"));
  ASSERT_THAT(operations(), Contains("GET /healthz"));
  const texts elsewhere = {"GET /metrics"}; // of the admin listener
  EXPECT_THAT(without(without(routes(), operations()), elsewhere), IsEmpty()) << "not described";
  EXPECT_THAT(without(operations(), routes()), IsEmpty()) << "not there";
}

TEST(OpenapiTest, ListsEveryCodeAndNoOther) {
  auto listed = values_of("ProblemCode");
  ASSERT_THAT(listed, Contains("version_not_supported"));
  for (const auto& code : values_of("FieldError"))
    listed.insert(code);
  const auto words = words_of_the_code();
  texts codes;
  for (const auto& word : without(words, other_words))
    if (word.find('_') != std::string::npos) codes.insert(word);
  EXPECT_THAT(without(codes, listed), IsEmpty()) << "not listed";
  EXPECT_THAT(without(listed, words), IsEmpty()) << "never given";
}

/// Several errors that share a code give it to the problem, but for those that say too little by themselves.
TEST(OpenapiTest, ListsEveryCodeOfAField) {
  const auto listed = values_of("FieldError");
  const auto given = codes_of_fields();
  for (const auto* code : {"duplicate_lot", "invalid_email", "out_of_range", "required", "unknown_column"})
    ASSERT_THAT(given, Contains(code)) << "the patterns above find nothing like it any more";
  EXPECT_THAT(without(given, listed), IsEmpty()) << "not listed in FieldError";
  const texts generic = {"invalid_format", "invalid_length", "invalid_value", "too_large"};
  EXPECT_THAT(without(without(listed, generic), values_of("ProblemCode")), IsEmpty())
      << "not listed in ProblemCode";
}

} // namespace tessera::http
