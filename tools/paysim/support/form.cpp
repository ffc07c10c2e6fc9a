#include "tools/paysim/support/form.hpp"

#include "http/routing/query.hpp"
#include "tools/paysim/api/api_error.hpp"

#include <algorithm>

namespace tessera::paysim {

namespace {

constexpr std::size_t max_depth = 8;
constexpr std::size_t max_pairs = 2'000;

/// "a[b][]" is a, b and nothing. Throws when the brackets do not match.
std::vector<std::string_view> segments_of(std::string_view name) {
  const auto refuse = [&] { throw invalid_request("Invalid parameter name: " + std::string{name}); };
  std::vector<std::string_view> segments;
  const auto head = std::min(name.find('['), name.size());
  segments.push_back(name.substr(0, head));
  auto rest = name.substr(head);
  while (!rest.empty()) {
    const auto end = rest.find(']');
    if (rest.front() != '[' || end == std::string_view::npos) refuse();
    segments.push_back(rest.substr(1, end - 1));
    rest.remove_prefix(end + 1);
  }
  const bool is_named = !segments.front().empty();
  if (!is_named || segments.size() > max_depth || name.find(']') < head) refuse();
  return segments;
}

form_node& member(form_node& of, std::string_view name) {
  const auto key = name.empty() ? std::to_string(of.members.size()) : std::string{name};
  for (auto& [known, value] : of.members)
    if (known == key) return value;
  return of.members.emplace_back(key, form_node{}).second;
}

void put(form_node& into, const std::string& name, std::string text) {
  auto* at = &into;
  for (const auto segment : segments_of(name)) {
    if (!at->text.empty()) throw invalid_request("Invalid parameter: " + name + " is a text and an object");
    at = &member(*at, segment);
  }
  if (!at->members.empty()) throw invalid_request("Invalid parameter: " + name + " is a text and an object");
  at->text = std::move(text);
}

void append_canonical(std::string& out, const form_node& node) {
  const auto text = [&out](std::string_view part) {
    out.append(std::to_string(part.size())).append(":").append(part);
  };
  if (node.members.empty()) return text(node.text);
  std::vector<const std::pair<std::string, form_node>*> sorted;
  for (const auto& each : node.members)
    sorted.push_back(&each);
  std::ranges::sort(sorted, {}, [](const auto* each) -> const std::string& { return each->first; });
  out += '{';
  for (const auto* each : sorted) {
    text(each->first);
    append_canonical(out, each->second);
  }
  out += '}';
}

} // namespace

const form_node* form_node::find(std::string_view name) const {
  for (const auto& [known, value] : members)
    if (known == name) return &value;
  return nullptr;
}

void decode_form(std::string_view encoded, form_node& into) {
  auto pairs = http::parse_query(encoded);
  if (!pairs) throw invalid_request("Invalid encoding of the parameters: use UTF-8, percent-encoded.");
  if (pairs->size() > max_pairs) throw invalid_request("Too many parameters.");
  for (auto& [name, text] : *pairs)
    put(into, name, std::move(text));
}

std::string canonical(const form_node& form) {
  std::string out;
  append_canonical(out, form);
  return out;
}

} // namespace tessera::paysim
