#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::http {

/// What a file of comma separated values says (RFC 4180): the byte order mark that spreadsheets put in front
/// is left out, lines end with CRLF or LF, and lines without anything are none. Cells are bytes as they stand
/// there; nobody knows yet whether they are UTF-8.
struct csv_file {
  struct record {
    std::size_t line = 0; // where it begins, from 1
    std::vector<std::string> cells;
  };
  std::vector<record> records;
  std::string flaw; // why it can't be read, and in which line; empty: it can
};
/// Reads no more than so many records and one.
csv_file read_csv(std::string_view text, std::size_t most_records);

/// A spreadsheet would take it for a formula (W-46).
bool is_formula(std::string_view cell);

} // namespace tessera::http
