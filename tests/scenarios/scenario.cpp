#include "tests/scenarios/scenario.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace tessera::test {

namespace {

std::vector<std::string> split(const std::string& line) {
  std::istringstream in(line.substr(0, line.find('#')));
  std::vector<std::string> words;
  for (std::string word; in >> word;)
    words.push_back(word);
  return words;
}

std::string
join(std::vector<std::string>::const_iterator first, std::vector<std::string>::const_iterator end) {
  std::string text;
  for (; first != end; ++first)
    text += (text.empty() ? "" : " ") + *first;
  return text;
}

scenario_step step_of(int line, const std::vector<std::string>& words) {
  const auto arrow = std::find(words.begin(), words.end(), "=>");
  scenario_step step{line, join(words.begin(), words.end()), words.front(), {}, {}};
  step.words.assign(words.begin() + 1, arrow);
  if (arrow != words.end()) step.expected = join(arrow + 1, words.end());
  if (arrow != words.end() && step.expected.empty()) throw std::invalid_argument("nothing behind =>");
  return step;
}

void add_line(scenario& story, int line, const std::vector<std::string>& words) {
  if (words.empty()) return;
  if (words.front() == "=>") throw std::invalid_argument("nothing before =>");
  if (words.front() == "needs")
    story.needs.insert(words.begin() + 1, words.end());
  else
    story.steps.push_back(step_of(line, words));
}

} // namespace

scenario read_scenario(const std::string& path) {
  std::ifstream in(path);
  if (!in) throw std::runtime_error("cannot read " + path);
  scenario story{std::filesystem::path(path).stem(), {}, {}};
  int line = 0;
  for (std::string text; std::getline(in, text);)
    try {
      add_line(story, ++line, split(text));
    } catch (const std::invalid_argument& why) {
      throw std::runtime_error(path + ":" + std::to_string(line) + ": " + why.what());
    }
  if (story.steps.empty()) throw std::runtime_error(path + " tells nothing");
  return story;
}

std::vector<scenario> read_scenarios(const std::string& directory) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(directory))
    if (entry.path().extension() == ".scenario") paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<scenario> stories;
  for (const auto& path : paths)
    stories.push_back(read_scenario(path));
  return stories;
}

std::string step_words::take(std::string_view what) {
  if (done()) throw std::invalid_argument("here must stand " + std::string(what));
  return words_[next_++];
}

std::int64_t step_words::take_number(std::string_view what) {
  const auto word = take(what);
  std::int64_t number = 0;
  const auto parsed = std::from_chars(word.data(), word.data() + word.size(), number);
  if (parsed.ec != std::errc{} || parsed.ptr != word.data() + word.size())
    throw std::invalid_argument(word + " is not " + std::string(what));
  return number;
}

bool step_words::takes(std::string_view word) {
  if (done() || words_[next_] != word) return false;
  ++next_;
  return true;
}

void step_words::need(std::string_view word) {
  if (!takes(word)) throw std::invalid_argument("here must stand \"" + std::string(word) + "\"");
}

void step_words::expect_end() const {
  if (!done()) throw std::invalid_argument("what means \"" + words_[next_] + "\"?");
}

} // namespace tessera::test
