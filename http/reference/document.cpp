#include "http/reference/document.hpp"

#include <cstdlib>
#include <stdexcept>

namespace tessera::reference {

namespace {

constexpr std::string_view schemas = "#/components/schemas/";

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      (out += '\\') += c;
    else if (c == '\n')
      out += "\\n";
    else if (c == '\t')
      out += "\\t";
    else
      out += c;
  }
  return out + "\"";
}

/// YAML's plain numbers, booleans and nulls are JSON's; everything else is a string.
std::string scalar(const YAML::Node& node) {
  const auto text = node.Scalar();
  if (node.Tag() == "!") // it was quoted
    return quoted(text);
  if (text == "true" || text == "false" || text == "null") return text;
  char* end = nullptr;
  std::strtod(text.c_str(), &end);
  const bool number =
      !text.empty() && *end == '\0' && text.find_first_not_of("-0123456789.eE") == std::string::npos;
  return number ? text : quoted(text);
}

/// `between` stands before each item, `end` before what closes it, `colon` after a name.
template <class Item> std::string listed(
    const YAML::Node& node, std::string_view between, std::string_view end, std::string_view colon, Item item
) {
  std::string out(node.IsMap() ? "{" : "[");
  for (auto at = node.begin(); at != node.end(); ++at) {
    out.append(at == node.begin() ? "" : ",").append(between);
    if (node.IsMap())
      out.append(quoted(at->first.Scalar())).append(colon).append(item(at->second));
    else
      out.append(item(*at));
  }
  if (node.size() > 0) out.append(end);
  return out += node.IsMap() ? '}' : ']';
}

} // namespace

YAML::Node api_document::resolved(YAML::Node node) const {
  while (node.IsMap() && node["$ref"]) {
    const auto ref = node["$ref"].Scalar();
    YAML::Node there(root_);
    for (std::size_t at = 2; at <= ref.size();) { // after `#/`
      const auto end = std::min(ref.find('/', at), ref.size());
      there.reset(there[ref.substr(at, end - at)]);
      if (!there.IsDefined()) throw std::runtime_error("nothing at " + ref);
      at = end + 1;
    }
    node.reset(there);
  }
  return node;
}

std::string api_document::schema_name(const YAML::Node& node) {
  if (!node.IsMap() || !node["$ref"]) return {};
  const auto ref = node["$ref"].Scalar();
  return ref.starts_with(schemas) ? ref.substr(schemas.size()) : std::string{};
}

std::string api_document::json() const {
  return json_of(root_);
}

std::string text_of(const YAML::Node& node) {
  return node && node.IsScalar() ? node.Scalar() : std::string{};
}

std::string json_of(const YAML::Node& node) {
  if (node.IsNull()) return "null";
  if (node.IsScalar()) return scalar(node);
  return listed(node, "", "", ":", [](const YAML::Node& each) { return json_of(each); });
}

std::string indented_json_of(const YAML::Node& node, int depth) {
  if (node.IsNull() || node.IsScalar()) return json_of(node);
  const auto end = "\n" + std::string(static_cast<std::size_t>(depth) * 2, ' ');
  return listed(node, end + "  ", end, ": ", [depth](const YAML::Node& each) {
    return indented_json_of(each, depth + 1);
  });
}

} // namespace tessera::reference
