#include "http/reference/markdown.hpp"

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string_view>

namespace tessera::reference {

namespace {

struct free_memory {
  void operator()(char* text) const { std::free(text); }
};

} // namespace

std::string html_of(const std::string& markdown) {
  cmark_gfm_core_extensions_ensure_registered();
  const std::unique_ptr<cmark_parser, decltype(&cmark_parser_free)> parser(
      cmark_parser_new(CMARK_OPT_DEFAULT), cmark_parser_free
  );
  auto* tables = cmark_find_syntax_extension("table");
  if (!tables) throw std::runtime_error("cmark-gfm has no tables");
  cmark_parser_attach_syntax_extension(parser.get(), tables);
  cmark_parser_feed(parser.get(), markdown.data(), markdown.size());
  const std::unique_ptr<cmark_node, decltype(&cmark_node_free)> root(
      cmark_parser_finish(parser.get()), cmark_node_free
  );
  const std::unique_ptr<char, free_memory> html(
      cmark_render_html(root.get(), CMARK_OPT_DEFAULT, cmark_parser_get_syntax_extensions(parser.get()))
  );
  return html.get();
}

std::string inline_html_of(const std::string& markdown) {
  constexpr std::string_view begin = "<p>";
  constexpr std::string_view end = "</p>\n";
  auto html = html_of(markdown);
  if (html.starts_with(begin) && html.ends_with(end) && html.find(begin, 1) == html.npos)
    return html.substr(begin.size(), html.size() - begin.size() - end.size());
  return html;
}

} // namespace tessera::reference
