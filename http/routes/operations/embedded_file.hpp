#pragma once

#include <span>
#include <string_view>

namespace tessera::http {

/// A file that was put into the program when it was built (http/reference).
struct embedded_file {
  std::string_view name;
  std::string_view bytes;
  std::string_view gzip; // the same, compressed
};

std::span<const embedded_file> embedded_files();

} // namespace tessera::http
