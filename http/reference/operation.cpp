#include "http/reference/operation.hpp"

#include "http/reference/call_example.hpp"
#include "http/reference/html.hpp"
#include "http/reference/markdown.hpp"
#include "http/reference/schema.hpp"

#include <algorithm>
#include <cctype>

namespace tessera::reference {

namespace {

constexpr std::string_view table_head = "<div class=\"wide\" tabindex=\"0\"><table><thead><tr>";

std::string table(std::initializer_list<std::string_view> names, const std::string& rows) {
  std::string out(table_head);
  for (const auto name : names)
    out.append("<th scope=\"col\">").append(name).append("</th>");
  return out.append("</tr></thead><tbody>").append(rows).append("</tbody></table></div>");
}

std::string parameters_html(const api_document& document, const operation& shown) {
  std::string rows;
  for (const auto& each : shown.node["parameters"]) {
    const auto parameter = document.resolved(each);
    const auto where = text_of(parameter["in"]);
    const bool required = text_of(parameter["required"]) == "true";
    rows +=
        in("tr",
           in("td", code(text_of(parameter["name"])) + (required ? " <em>required</em>" : "")) +
               in("td", escaped(where)) + in("td", type_html(document, parameter["schema"])) +
               in("td", inline_html_of(text_of(parameter["description"]))));
  }
  return rows.empty() ? rows : "<h4>Parameters</h4>" + table({"name", "where", "what", "about"}, rows);
}

std::string examples_html(const YAML::Node& content) {
  std::string out;
  for (const auto& example : content["examples"])
    out += "<figure><figcaption>Example: " + escaped(example.first.Scalar()) +
           "</figcaption><pre tabindex=\"0\">" + escaped(indented_json_of(example.second["value"])) +
           "</pre></figure>";
  return out;
}

/// Each media type with its schema, members and examples.
std::string contents_html(const api_document& document, const YAML::Node& contents) {
  std::string out;
  for (const auto& content : contents) {
    const auto schema = content.second["schema"];
    out +=
        in("p", code(content.first.Scalar()) + (schema ? ": " + type_html(document, schema) : std::string{}));
    if (schema) out += members_html(document, schema);
    out += examples_html(content.second);
  }
  return out;
}

std::string body_html(const api_document& document, const operation& shown) {
  if (!shown.node["requestBody"]) return {};
  const auto body = document.resolved(shown.node["requestBody"]);
  const bool required = text_of(body["required"]) == "true";
  return std::string("<h4>Body") + (required ? "" : " (may be left out)") + "</h4>" +
         contents_html(document, body["content"]);
}

std::string headers_html(const YAML::Node& headers) {
  std::string names;
  for (const auto& header : headers)
    names += (names.empty() ? "" : ", ") + code(header.first.Scalar());
  return names.empty() ? names : in("p", "With " + names + ".");
}

std::string answers_html(const api_document& document, const operation& shown) {
  std::string rows;
  std::string bodies;
  for (const auto& each : shown.node["responses"]) {
    const auto status = each.first.Scalar();
    const auto answer = document.resolved(each.second);
    std::vector<std::string> codes;
    for (const auto& content : answer["content"])
      for (auto& code : codes_of(document, content.second["schema"]))
        codes.push_back(std::move(code));
    rows +=
        in("tr",
           "<th scope=\"row\">" + escaped(status) + "</th>" +
               in("td", html_of(text_of(answer["description"])) + headers_html(answer["headers"])) +
               in("td", codes_html(codes)));
    if (status.starts_with('2') && answer["content"])
      bodies += "<h4>Body of " + escaped(status) + "</h4>" + contents_html(document, answer["content"]);
  }
  return "<h4>Answers</h4>" + table({"status", "when", "codes"}, rows) + bodies;
}

} // namespace

std::vector<operation> operations_of(const api_document& document) {
  std::vector<operation> all;
  for (const auto& path : document["paths"])
    for (const auto& item : path.second) {
      auto method = item.first.Scalar();
      std::ranges::transform(method, method.begin(), [](unsigned char c) {
        return static_cast<char>(std::toupper(c));
      });
      all.push_back({method, path.first.Scalar(), item.second});
    }
  return all;
}

std::string html_of(const api_document& document, const operation& shown) {
  std::string out = "<details class=\"operation\" id=\"" + escaped(shown.id()) +
                    "\"><summary><h3><span class=\"method\">" + shown.method + "</span> " + code(shown.path) +
                    "</h3> " + in("span", inline_html_of(text_of(shown.node["summary"]))) + "</summary>";
  if (shown.node["description"]) out += html_of(text_of(shown.node["description"]));
  if (is_open(shown)) out += "<p>Nobody needs to say who they are.</p>";
  out += parameters_html(document, shown) + body_html(document, shown);
  out += "<h4>A call</h4><pre class=\"call\" tabindex=\"0\">" + escaped(call_example(document, shown)) +
         "</pre>";
  return out + answers_html(document, shown) + "</details>\n";
}

std::string codes_html(const std::vector<std::string>& codes) {
  std::string out;
  for (const auto& each : codes)
    out += (out.empty() ? "" : " ") +
           ("<a href=\"/docs/problems#" + escaped(each) + "\">" + code(each) + "</a>");
  return out;
}

} // namespace tessera::reference
