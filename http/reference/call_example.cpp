#include "http/reference/call_example.hpp"

#include "http/reference/schema.hpp"

namespace tessera::reference {

namespace {

constexpr std::string_view next_line = " \\\n  ";

std::string value_of(const api_document& document, const YAML::Node& parameter) {
  if (parameter["example"]) return parameter["example"].Scalar();
  const auto schema = document.resolved(parameter["schema"]);
  if (schema["enum"])
    return schema["enum"][schema["enum"].size() > 1 ? 1 : 0].Scalar(); // an organization, not a tenant
  return "$ID";
}

std::string path_of(const api_document& document, const operation& shown) {
  auto path = shown.path;
  for (const auto& each : shown.node["parameters"]) {
    const auto parameter = document.resolved(each);
    const auto name = "{" + text_of(parameter["name"]) + "}";
    if (const auto at = path.find(name); at != path.npos)
      path.replace(at, name.size(), value_of(document, parameter));
  }
  return path;
}

/// Headers that calls usually have.
bool is_usual(const std::string& name) {
  return name == "X-Application" || name == "Idempotency-Key";
}

std::string quoted(std::string text) {
  for (auto at = text.find('\''); at != text.npos; at = text.find('\'', at + 4))
    text.replace(at, 1, "'\\''");
  return "'" + text + "'";
}

std::string body_of(const api_document& document, const operation& shown) {
  if (!shown.node["requestBody"]) return {};
  const auto content = document.resolved(shown.node["requestBody"])["content"].begin();
  const auto type = content->first.Scalar();
  const auto examples = content->second["examples"];
  const auto body = examples ? json_of(examples.begin()->second["value"])
                             : sample_json(document, content->second["schema"], "text");
  return std::string(next_line) + "-H 'Content-Type: " + type + "'" + std::string(next_line) + "-d " +
         quoted(body);
}

} // namespace

bool is_open(const operation& shown) {
  return shown.node["security"] && shown.node["security"].size() == 0;
}

std::string call_example(const api_document& document, const operation& shown) {
  std::string out = "curl ";
  const auto body = body_of(document, shown);
  if (shown.method != (body.empty() ? "GET" : "POST")) out += "-X " + shown.method + " ";
  out += "\"$BASE" + path_of(document, shown) + "\"";
  if (!is_open(shown)) out.append(next_line).append("-H \"Authorization: Bearer $KEY\"");
  for (const auto& each : shown.node["parameters"]) {
    const auto parameter = document.resolved(each);
    const auto name = text_of(parameter["name"]);
    if (is_usual(name))
      out.append(next_line).append("-H '" + name + ": " + value_of(document, parameter) + "'");
  }
  return out + body;
}

} // namespace tessera::reference
