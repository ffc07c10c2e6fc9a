#include "http/routing/accept.hpp"

#include "http/routing/characters.hpp"

#include <vector>

namespace tessera::http {

namespace {

struct media_range {
  std::string_view type;
  int weight = 1000; // q, in thousandths
};

/// `0`, `1`, `0.75`; thousandths. What is malformed counts as 0: it asks for nothing.
int weight_of(std::string_view q) {
  if (q.empty() || (q[0] != '0' && q[0] != '1') || q.size() > 5 || (q.size() > 1 && q[1] != '.')) return 0;
  int weight = (q[0] - '0') * 1000;
  int unit = 100;
  for (std::size_t at = 2; at < q.size(); ++at, unit /= 10) {
    if (!is_digit(q[at])) return 0;
    weight += (q[at] - '0') * unit;
  }
  return weight > 1000 ? 0 : weight;
}

media_range range_of(std::string_view element) {
  const auto end = std::min(element.find(';'), element.size());
  media_range range{trimmed(element.substr(0, end))};
  element.remove_prefix(end);
  while (!element.empty()) {
    element.remove_prefix(1);
    const auto next = std::min(element.find(';'), element.size());
    const auto parameter = trimmed(element.substr(0, next));
    if (parameter.size() > 1 && to_lower(parameter[0]) == 'q' && parameter[1] == '=')
      range.weight = weight_of(parameter.substr(2));
    element.remove_prefix(next);
  }
  return range;
}

/// How closely the range names the type: 3 exactly, 2 `text/*`, 1 `*/*`, 0 not at all.
int closeness(std::string_view range, std::string_view type) {
  if (equal_ignoring_case(range, type)) return 3;
  if (range == "*/*") return 1;
  const auto slash = type.find('/') + 1;
  const bool family = range.size() == slash + 1 && range.back() == '*' &&
                      equal_ignoring_case(range.substr(0, slash), type.substr(0, slash));
  return family ? 2 : 0;
}

struct preference {
  int weight = 0;
  int closest = 0;
  std::size_t position = 0; // in the header
};

/// The closest range decides: `text/csv;q=0, */*` is anything but CSV.
preference preference_of(std::string_view type, const std::vector<media_range>& ranges) {
  preference found;
  for (std::size_t at = 0; at < ranges.size(); ++at)
    if (const int close = closeness(ranges[at].type, type); close > found.closest)
      found = {ranges[at].weight, close, at};
  return found;
}

} // namespace

std::size_t preferred_type(std::string_view accept, std::initializer_list<std::string_view> offered) {
  std::vector<media_range> ranges;
  for_each_element(accept, [&](std::string_view element) { ranges.push_back(range_of(element)); });
  std::size_t best = 0;
  preference wanted;
  std::size_t index = 0;
  for (const auto type : offered) {
    const auto candidate = preference_of(type, ranges);
    const bool better =
        candidate.weight > wanted.weight ||
        (candidate.weight == wanted.weight && candidate.weight > 0 && candidate.position < wanted.position);
    if (better) {
      wanted = candidate;
      best = index;
    }
    ++index;
  }
  return best;
}

bool takes_gzip(std::string_view accept_encoding) {
  preference found;
  for_each_element(accept_encoding, [&](std::string_view element) {
    const auto [coding, weight] = range_of(element);
    const int close = equal_ignoring_case(coding, "gzip") ? 2 : coding == "*" ? 1 : 0;
    if (close > found.closest) found = {weight, close};
  });
  return found.weight > 0;
}

} // namespace tessera::http
