#include "http/routing/csv_line.hpp"
#include "tests/fuzz/target.hpp"

#include <string>
#include <vector>

namespace tessera::fuzz {

namespace {

/// As RFC 4180 says, and nothing besides: throws where it is broken.
std::vector<std::string> cells_of(std::string_view line) {
  std::vector<std::string> cells(1);
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == ',') {
      cells.emplace_back();
    } else if (line[i] == '"') {
      claim(cells.back().empty(), "a quote opens a cell");
      for (++i; i < line.size(); ++i) {
        if (line[i] != '"') {
          cells.back() += line[i];
        } else if (i + 1 < line.size() && line[i + 1] == '"') {
          cells.back() += line[i++];
        } else {
          break;
        }
      }
      claim(i < line.size(), "a quote is closed");
      claim(i + 1 == line.size() || line[i + 1] == ',', "a quote closes a cell");
    } else {
      claim(line[i] != '\r' && line[i] != '\n', "only a cell in quotes has lines");
      cells.back() += line[i];
    }
  }
  return cells;
}

} // namespace

/// Cells, with NULs between.
void run_csv(std::string_view bytes) {
  std::vector<std::string> given;
  while (!bytes.empty())
    given.emplace_back(take_until(bytes, '\0'));
  if (given.empty()) return;
  std::string out;
  http::csv_line line(out);
  for (const auto& cell : given)
    line.text(cell);
  line.number(-7).end();
  claim(out.ends_with(",-7\r\n"), "a line has an end");
  const auto cells = cells_of(std::string_view(out).substr(0, out.size() - 5));
  claim(cells.size() == given.size(), "every cell is there");
  for (std::size_t i = 0; i < given.size(); ++i) {
    const auto& cell = cells[i];
    claim(cell == given[i] || cell == "'" + given[i], "a cell says what it was given");
    claim(
        cell.empty() || std::string_view("=+-@\t\r").find(cell.front()) == std::string_view::npos,
        "no cell is a formula"
    );
  }
}

} // namespace tessera::fuzz
