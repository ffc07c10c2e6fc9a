#include "tests/api/documented_codes.hpp"

#include "tests/support/json.hpp"

#include <cctype>
#include <regex>

namespace tessera::test {

namespace {

constexpr const char* problem = "/components/schemas/Problem"; // its `code` may be any

std::string escaped(const std::string& name) {
  return std::regex_replace(std::regex_replace(name, std::regex("~"), "~0"), std::regex("/"), "~1");
}

void collect(const std::string& document, const std::string& schema, std::set<std::string>& codes) {
  if (schema == problem) return;
  if (const auto ref = text_at(document, schema + "/$ref"); !ref.empty())
    return collect(document, ref.substr(1), codes);
  for (const auto* several : {"/allOf", "/anyOf", "/oneOf"})
    for (std::size_t i = 0; i < size_at(document, schema + several).value_or(0); ++i)
      collect(document, schema + several + "/" + std::to_string(i), codes);
  for (const auto& code : items_at(document, schema + "/properties/code/enum"))
    codes.insert(code.substr(1, code.size() - 2));
}

} // namespace

documented_codes read_documented_codes(const std::string& document) {
  documented_codes all;
  for (const auto& path : names_at(document, "/paths"))
    for (const auto& method : names_at(document, "/paths/" + escaped(path))) {
      auto name = method;
      for (auto& letter : name)
        letter = static_cast<char>(std::toupper(letter));
      const auto responses = "/paths/" + escaped(path) + "/" + method + "/responses";
      for (const auto& status : names_at(document, responses)) {
        auto response = responses + "/" + status;
        if (const auto ref = text_at(document, response + "/$ref"); !ref.empty()) response = ref.substr(1);
        collect(
            document,
            response + "/content/application~1problem+json/schema",
            all[name + " " + path][std::stoi(status)]
        );
      }
    }
  return all;
}

} // namespace tessera::test
