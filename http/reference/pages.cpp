// Build tool: reference_pages OPENAPI.yaml CODES.md FOLDER. Writes openapi.json, reference.html and
// problems.html.
#include "http/reference/html.hpp"
#include "http/reference/markdown.hpp"
#include "http/reference/operation.hpp"
#include "http/reference/schema.hpp"

#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>

namespace tessera::reference {
namespace {

/// No script and no style in the page itself: the browser is told to run none (decision 0037).
std::string page(const std::string& title, const std::string& body) {
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta name=\"color-scheme\" content=\"light dark\">\n"
         "<link rel=\"icon\" href=\"data:,\">\n"
         "<link rel=\"stylesheet\" href=\"/docs/reference.css\">\n"
         "<script src=\"/docs/reference.js\" defer></script>\n"
         "<title>" +
         escaped(title) + "</title>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">To the content</a>\n" +
         body + "</body>\n</html>\n";
}

std::string menu(const api_document& document, const std::vector<operation>& all) {
  std::string out =
      "<nav aria-label=\"Operations\">\n<form role=\"search\" hidden><label for=\"search\">Search</label>"
      "<input id=\"search\" type=\"search\" autocomplete=\"off\" placeholder=\"path, word or code\">"
      "<output for=\"search\"></output></form>\n<ul>\n";
  for (const auto& tag : document["tags"]) {
    const auto name = text_of(tag["name"]);
    out += "<li><a href=\"#tag-" + escaped(name) + "\">" + escaped(name) + "</a><ul>\n";
    for (const auto& each : all)
      if (each.tag() == name)
        out += "<li><a href=\"#" + escaped(each.id()) + "\">" + escaped(each.method + " " + each.path) +
               "</a></li>\n";
    out += "</ul></li>\n";
  }
  return out + "<li><a href=\"#schemas\">Schemas</a></li>\n<li><a href=\"/docs/problems\">Problems</a></li>\n"
               "<li><a href=\"/openapi.json\">openapi.json</a></li>\n</ul>\n</nav>\n";
}

std::string anywhere(const api_document& document) {
  std::string rows;
  for (const auto& each : document["x-answers-of-any-operation"]) {
    std::vector<std::string> codes;
    for (const auto& code : each.second)
      codes.push_back(code.Scalar());
    rows +=
        in("tr", "<th scope=\"row\">" + escaped(each.first.Scalar()) + "</th>" + in("td", codes_html(codes)));
  }
  return "<p>Any call may be answered so:</p><div class=\"wide\" tabindex=\"0\"><table><thead><tr><th "
         "scope=\"col\">status</th><th scope=\"col\">codes</th>"
         "</tr></thead><tbody>" +
         rows + "</tbody></table></div>\n";
}

std::string who_may_call(const api_document& document) {
  std::string out;
  for (const auto& scheme : document["components"]["securitySchemes"])
    out += in("dt", code(scheme.first.Scalar())) +
           in("dd", inline_html_of(text_of(scheme.second["description"])));
  return "<h2 id=\"who\">Who calls</h2>\n" + in("dl", out) + "\n";
}

std::string schemas(const api_document& document) {
  std::string out = "<section><h2 id=\"schemas\">Schemas</h2>\n";
  for (const auto& each : document["components"]["schemas"]) {
    const auto name = each.first.Scalar();
    out += "<article id=\"schema-" + escaped(name) + "\"><h3>" + escaped(name) + "</h3><p>" +
           type_html(document, each.second) + "</p>";
    if (each.second["description"]) out += html_of(text_of(each.second["description"]));
    out += members_html(document, each.second) + "</article>\n";
  }
  return out + "</section>\n";
}

std::string reference_page(const api_document& document) {
  const auto all = operations_of(document);
  const auto title = text_of(document["info"]["title"]);
  auto main = "<main id=\"main\">\n<h1>" + escaped(title) + "</h1>\n<p>" +
              escaped(text_of(document["info"]["summary"])) + " Version " +
              escaped(text_of(document["info"]["version"])) + ".</p>\n" +
              html_of(text_of(document["info"]["description"])) + anywhere(document) + who_may_call(document);
  for (const auto& tag : document["tags"]) {
    const auto name = text_of(tag["name"]);
    main += "<section><h2 id=\"tag-" + escaped(name) + "\">" + escaped(name) + "</h2>\n" +
            html_of(text_of(tag["description"]));
    for (const auto& each : all)
      if (each.tag() == name) main += html_of(document, each);
    main += "</section>\n";
  }
  return page(title + ": API reference", menu(document, all) + main + schemas(document) + "</main>\n");
}

std::string read(const std::string& file) {
  std::ifstream stream(file);
  if (!stream) throw std::runtime_error("can't read " + file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// Links between the documents of the repository lead nowhere here; their words stay.
std::string without_local_links(std::string html) {
  constexpr std::string_view begin = "<a href=\"";
  constexpr std::string_view end = "</a>";
  for (auto at = html.find(begin); at != html.npos; at = html.find(begin, at + 1)) {
    const auto target = html.substr(at + begin.size(), 4);
    if (target == "http" || target.starts_with('/') || target.starts_with('#')) continue;
    html.erase(html.find(end, at), end.size());
    html.erase(at, html.find('>', at) + 1 - at);
  }
  return html;
}

/// The explanation of each code becomes a place that a problem's `type` leads to.
std::string problems_page(const api_document& document, const std::string& markdown) {
  auto html = without_local_links(html_of(markdown));
  for (const auto& each : document["components"]["schemas"]["ProblemCode"]["enum"]) {
    const auto word = "<code>" + each.Scalar() + "</code>";
    auto at = html.find("<td>" + word);
    if (at == html.npos) at = html.find(", " + word); // of several in a row
    at = at == html.npos ? html.find(word) : html.find(word, at);
    if (at == html.npos) throw std::runtime_error("no word about " + each.Scalar());
    html.insert(at + 5, " id=\"" + each.Scalar() + "\"");
  }
  return page(
      "Problems",
      "<nav aria-label=\"Pages\"><ul><li><a href=\"/docs\">API reference</a></li></ul></nav>\n<main "
      "id=\"main\">\n" +
          html + "</main>\n"
  );
}

void write(const std::string& file, const std::string& text) {
  std::ofstream out(file);
  out << text;
  if (!out.flush()) throw std::runtime_error("can't write " + file);
}

} // namespace
} // namespace tessera::reference

int main(int argc, char** argv) try {
  using namespace tessera::reference;
  if (argc != 4) {
    std::cerr << "usage: reference_pages OPENAPI.yaml CODES.md FOLDER\n";
    return 2;
  }
  const api_document document(argv[1]);
  const std::string folder = std::string(argv[3]) + "/";
  write(folder + "openapi.json", document.json());
  write(folder + "reference.html", reference_page(document));
  write(folder + "problems.html", problems_page(document, read(argv[2])));
  return 0;
} catch (const std::exception& why) {
  std::cerr << "reference_pages: " << why.what() << '\n';
  return 1;
}
