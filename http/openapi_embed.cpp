// Build tool: openapi_embed INPUT.yaml OUTPUT.cpp. Writes the document as JSON into a C++ source.
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <yaml-cpp/yaml.h>

namespace {

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

void write(const YAML::Node& node, std::string& out) {
  if (node.IsMap()) {
    out += '{';
    for (auto item = node.begin(); item != node.end(); ++item) {
      if (item != node.begin()) out += ',';
      out += quoted(item->first.Scalar()) + ':';
      write(item->second, out);
    }
    out += '}';
  } else if (node.IsSequence()) {
    out += '[';
    for (std::size_t i = 0; i < node.size(); ++i) {
      if (i > 0) out += ',';
      write(node[i], out);
    }
    out += ']';
  } else {
    out += node.IsNull() ? "null" : scalar(node);
  }
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: openapi_embed INPUT.yaml OUTPUT.cpp\n";
    return 2;
  }
  std::string json;
  write(YAML::LoadFile(argv[1]), json);
  std::ofstream out(argv[2]);
  out << "#include <string_view>\n\nnamespace tessera::http {\n\nextern const std::string_view "
         "openapi_json;\n"
         "const std::string_view openapi_json = ";
  constexpr std::size_t piece = 10'000; // of a string literal
  for (std::size_t at = 0; at < json.size(); at += piece)
    out << "R\"tessera_json(" << json.substr(at, piece) << ")tessera_json\"\n";
  out << ";\n\n} // namespace tessera::http\n";
  return out ? 0 : 1;
}
