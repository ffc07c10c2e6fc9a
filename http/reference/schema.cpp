#include "http/reference/schema.hpp"

#include "http/reference/html.hpp"
#include "http/reference/markdown.hpp"

#include <set>

namespace tessera::reference {

namespace {

constexpr const char* choices[] = {"anyOf", "oneOf"};

template <class Each> std::string joined(const YAML::Node& list, std::string_view between, Each each) {
  std::string out;
  for (const auto& item : list)
    out.append(out.empty() ? "" : between).append(each(item));
  return out;
}

/// `1 to 9`, `at least 1`, `at most 9`, with what is counted.
std::string range(const YAML::Node& schema, const char* least, const char* most, const std::string& unit) {
  const auto low = text_of(schema[least]);
  const auto high = text_of(schema[most]);
  if (low.empty() && high.empty()) return {};
  const auto figures = low.empty()    ? "at most " + high
                       : high.empty() ? "at least " + low
                                      : low + " to " + high;
  return ", " + figures + unit;
}

std::string limits(const YAML::Node& schema) {
  auto out = range(schema, "minimum", "maximum", "") +
             range(schema, "minLength", "maxLength", " characters") +
             range(schema, "minItems", "maxItems", " of them") +
             range(schema, "minProperties", "maxProperties", " members");
  if (schema["uniqueItems"]) out += ", each once";
  if (schema["format"]) out += ", " + escaped(text_of(schema["format"]));
  if (schema["pattern"]) out += ", " + code(text_of(schema["pattern"]));
  if (schema["default"]) out += "; " + code(json_of(schema["default"])) + " when absent";
  return out;
}

std::string kind(const api_document& document, const YAML::Node& schema) {
  const auto type = schema["type"];
  if (schema["items"]) return "array of " + type_html(document, schema["items"]);
  if (!type) return schema["properties"] ? "object" : "any value";
  return type.IsScalar()
             ? escaped(type.Scalar())
             : joined(type, " or ", [](const YAML::Node& each) { return escaped(each.Scalar()); });
}

/// Members, of which those in `required` must be there, in `out`.
class member_list {
public:
  explicit member_list(const api_document& document) : document_(document) {}

  void add(const YAML::Node& schema, bool named_too) {
    if (!schema || !schema.IsMap()) return;
    for (const auto& name : schema["required"])
      required_.insert(name.Scalar());
    if (schema["$ref"] && named_too) add(document_.resolved(schema), true);
    for (const auto& part : schema["allOf"])
      add(part, true);
    for (const auto& property : schema["properties"])
      members_.emplace_back(property.first.Scalar(), property.second);
  }

  std::string html() const {
    std::string out;
    for (const auto& [name, schema] : members_)
      out += member(name, schema);
    return out.empty() ? out : in("ul", out);
  }

private:
  std::string member(const std::string& name, const YAML::Node& schema) const {
    auto out = code(name) + " " + (required_.contains(name) ? "<em>required</em> " : "") + "<span>" +
               type_html(document_, schema) + "</span>";
    if (schema["description"]) out += " " + inline_html_of(text_of(schema["description"]));
    const auto within = schema["items"] ? schema["items"] : schema;
    if (!within["$ref"]) out += members_html(document_, within);
    return in("li", out);
  }

  const api_document& document_;
  std::set<std::string> required_;
  std::vector<std::pair<std::string, YAML::Node>> members_;
};

void collect_codes(const api_document& document, const YAML::Node& schema, std::vector<std::string>& codes) {
  if (!schema || !schema.IsMap() || api_document::schema_name(schema) == "Problem") return;
  if (schema["$ref"]) return collect_codes(document, document.resolved(schema), codes);
  for (const auto* several : {"allOf", "anyOf", "oneOf"})
    for (const auto& part : schema[several])
      collect_codes(document, part, codes);
  if (!schema["properties"]) return;
  if (const auto listed = schema["properties"]["code"]; listed && listed["enum"])
    for (const auto& each : listed["enum"])
      codes.push_back(each.Scalar());
}

} // namespace

std::string type_html(const api_document& document, const YAML::Node& schema) {
  if (const auto name = api_document::schema_name(schema); !name.empty())
    return "<a href=\"#schema-" + escaped(name) + "\">" + escaped(name) + "</a>";
  if (schema["const"]) return code(json_of(schema["const"]));
  const auto type_of = [&](const YAML::Node& each) { return type_html(document, each); };
  for (const auto* several : choices)
    if (schema[several]) return joined(schema[several], " or ", type_of);
  if (schema["allOf"]) return joined(schema["allOf"], " and ", type_of);
  if (schema["enum"])
    return joined(schema["enum"], " or ", [](const YAML::Node& each) { return code(json_of(each)); }) +
           limits(schema);
  return kind(document, schema) + limits(schema);
}

std::string members_html(const api_document& document, const YAML::Node& schema) {
  member_list list(document);
  list.add(schema, true);
  auto out = list.html();
  for (const auto* several : choices)
    for (const auto& choice : schema[several])
      if (const auto members = members_html(document, choice); !members.empty())
        out += in("p", type_html(document, choice) + ":") + members;
  return out;
}

std::vector<std::string> codes_of(const api_document& document, const YAML::Node& schema) {
  std::vector<std::string> codes;
  collect_codes(document, schema, codes);
  return codes;
}

std::string
sample_json(const api_document& document, const YAML::Node& schema, const std::string& name, int depth) {
  if (schema["example"]) return json_of(schema["example"]);
  if (schema["const"]) return json_of(schema["const"]);
  if (schema["enum"]) return json_of(schema["enum"][0]);
  if (schema["$ref"]) return sample_json(document, document.resolved(schema), name, depth);
  for (const auto* several : choices)
    if (schema[several]) return sample_json(document, schema[several][0], name, depth);
  const auto type = schema["type"] && schema["type"].IsSequence() ? schema["type"][0] : schema["type"];
  const auto kind = text_of(type);
  if (kind == "integer" || kind == "number") return schema["minimum"] ? json_of(schema["minimum"]) : "1";
  if (kind == "boolean") return "true";
  if (kind == "array") return "[" + sample_json(document, schema["items"], name, depth + 1) + "]";
  if (kind != "object") return "\"" + name + "\"";
  std::string out;
  for (const auto& property : schema["properties"])
    for (const auto& required : schema["required"])
      if (required.Scalar() == property.first.Scalar())
        out += (out.empty() ? "\"" : ",\"") + required.Scalar() +
               "\":" + sample_json(document, property.second, required.Scalar(), depth + 1);
  return "{" + out + "}";
}

} // namespace tessera::reference
