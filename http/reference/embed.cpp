// Build tool: embed OUTPUT.cpp FILE…. Writes the files, and what gzip made of each beside it, as text in a
// C++ source.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace {

std::string read(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw std::runtime_error("can't read " + file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// With three octal digits for whatever a source can't hold as it is: no digit that follows joins them.
void write_text(std::ostream& out, const std::string& bytes) {
  constexpr std::size_t piece = 4'000; // of a string literal
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    std::string text = "\"";
    for (const char each : bytes.substr(at, piece)) {
      const auto byte = static_cast<unsigned char>(each);
      if (byte >= ' ' && byte < 0x7f && byte != '"' && byte != '\\' && byte != '?') {
        text += each;
        continue;
      }
      char escaped[5];
      std::snprintf(escaped, sizeof escaped, "\\%03o", static_cast<unsigned>(byte));
      text += escaped;
    }
    out << text << "\"\n";
  }
}

/// A length of its own: bytes may be zero.
void write_view(std::ostream& out, const std::string& bytes) {
  out << "std::string_view(\n";
  write_text(out, bytes);
  out << ", " << bytes.size() << ")";
}

void write_file(std::ostream& out, const std::string& file) {
  out << "    embedded_file{\"" << std::filesystem::path(file).filename().string() << "\",\n";
  write_view(out, read(file));
  out << ",\n";
  write_view(out, read(file + ".gz"));
  out << "},\n";
}

} // namespace

int main(int argc, char** argv) try {
  if (argc < 3) {
    std::cerr << "usage: embed OUTPUT.cpp FILE...\n";
    return 2;
  }
  std::ofstream out(argv[1]);
  out << "#include \"http/routes/operations/embedded_file.hpp\"\n\n#include <array>\n\nnamespace "
         "tessera::http {\n\n"
         "namespace {\n\nconstexpr std::array files{\n";
  for (int i = 2; i < argc; ++i)
    write_file(out, argv[i]);
  out << "};\n\n} // namespace\n\nstd::span<const embedded_file> embedded_files() {\n  return files;\n}\n\n"
         "} // namespace tessera::http\n";
  return out.flush() ? 0 : 1;
} catch (const std::exception& why) {
  std::cerr << "embed: " << why.what() << '\n';
  return 1;
}
