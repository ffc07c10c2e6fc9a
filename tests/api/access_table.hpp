#pragma once

#include <map>
#include <string>
#include <vector>

namespace tessera::test {

/// One operation of the document, and what each principal is answered at each place.
struct access_block {
  std::string method;
  std::string path;
  std::string target; // with placeholders
  std::string body;   // likewise; empty: none
  std::map<std::string, std::vector<int>> places;

  std::string name() const { return method + " " + path; }
};

/// tests/api/access_matrix.txt, which says what its lines mean.
struct access_table {
  std::vector<std::string> principals;
  std::vector<access_block> blocks;
};
/// Throws std::runtime_error with the line that it does not understand.
access_table read_access_table(const std::string& path);

} // namespace tessera::test
