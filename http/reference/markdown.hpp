#pragma once

#include <string>

namespace tessera::reference {

/// HTML of a text in GitHub's Markdown, tables included. HTML in the text is left out.
std::string html_of(const std::string& markdown);

/// The same of a single line, without a paragraph around it.
std::string inline_html_of(const std::string& markdown);

} // namespace tessera::reference
