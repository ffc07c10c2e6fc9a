#include "tests/api/access_table.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace tessera::test {

namespace {

std::string rest_of(std::istringstream& words) {
  std::string rest;
  std::getline(words >> std::ws, rest);
  return rest;
}

template <class T> std::vector<T> all_of(std::istringstream& words) {
  std::vector<T> all;
  for (T each; words >> each;)
    all.push_back(each);
  return all;
}

std::string with_placeholders(std::string path) {
  for (const auto& [name, placeholder] : {std::pair{"{entityType}", "$TYPE"}, std::pair{"{entityId}", "$ID"}})
    if (const auto at = path.find(name); at != path.npos)
      path.replace(at, std::string_view(name).size(), placeholder);
  return path;
}

access_block block_of(std::string method, std::istringstream& words) {
  access_block block{std::move(method), {}, {}, {}, {}};
  words >> block.path;
  block.target = with_placeholders(block.path);
  return block;
}

void add_line(access_table& table, const std::string& line) {
  std::istringstream words(line);
  std::string first;
  if (!(words >> first) || first.front() == '#') return;
  if (first == "principals") {
    table.principals = all_of<std::string>(words);
    return;
  }
  if (line.front() != ' ') return table.blocks.push_back(block_of(first, words));
  auto& block = table.blocks.back();
  if (first == "to")
    block.target = rest_of(words);
  else if (first == "body")
    block.body = rest_of(words);
  else if (auto row = all_of<int>(words); row.size() == table.principals.size())
    block.places[first] = std::move(row);
  else
    throw std::runtime_error("access_matrix.txt: " + block.name() + ": " + line);
}

} // namespace

access_table read_access_table(const std::string& path) {
  std::ifstream file(path);
  access_table table;
  for (std::string line; std::getline(file, line);)
    add_line(table, line);
  if (table.blocks.empty()) throw std::runtime_error("nothing in " + path);
  return table;
}

} // namespace tessera::test
