#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tessera::http {

/// One line of a CSV file (RFC 4180), cell by cell. A spreadsheet takes no cell for a formula.
class csv_line {
public:
  explicit csv_line(std::string& out) : out_(out) {}

  csv_line& text(std::string_view cell) {
    // What makes a spreadsheet take a cell for a formula, at its beginning.
    constexpr std::string_view dangerous = "=+-@\t\r";
    separate();
    const bool formula = !cell.empty() && dangerous.find(cell.front()) != std::string_view::npos;
    if (cell.find_first_of(",\"\r\n") == std::string_view::npos) {
      if (formula) out_ += '\'';
      out_ += cell;
      return *this;
    }
    out_ += '"';
    if (formula) out_ += '\'';
    for (const auto c : cell) {
      if (c == '"') out_ += '"';
      out_ += c;
    }
    out_ += '"';
    return *this;
  }
  csv_line& number(std::int64_t cell) {
    separate();
    out_ += std::to_string(cell);
    return *this;
  }
  void end() { out_ += "\r\n"; }

private:
  void separate() {
    if (!first_) out_ += ',';
    first_ = false;
  }
  std::string& out_;
  bool first_ = true;
};

} // namespace tessera::http
