#pragma once

#include "http/reference/document.hpp"

#include <string>
#include <vector>

namespace tessera::reference {

/// One operation of the document.
struct operation {
  std::string method; // GET
  std::string path;   // /api/credits/holds/{id}
  YAML::Node node;

  std::string id() const { return text_of(node["operationId"]); }
  std::string tag() const { return node["tags"] ? text_of(node["tags"][0]) : "other"; }
};

/// In the document's order.
std::vector<operation> operations_of(const api_document& document);

/// Its part of the page: what it is for, parameters, body, a call to copy, and every answer with every code.
std::string html_of(const api_document& document, const operation& shown);

/// Links to what the codes mean.
std::string codes_html(const std::vector<std::string>& codes);

} // namespace tessera::reference
