#include "http/routing/router.hpp"

#include "http/routing/characters.hpp"

#include <algorithm>
#include <stdexcept>

namespace tessera::http {

namespace {

constexpr std::size_t max_segments = 16; // no path of ours comes near; it bounds what find() looks at

char unhex(char c) {
  return static_cast<char>(is_digit(c) ? c - '0' : to_lower(c) - 'a' + 10);
}

/// A segment that could be written in another way, or that a file system or proxy would read in another way,
/// is an alias: it would step around rules that are bound to the path.
bool is_alias(std::string_view segment) {
  if (segment.empty() || segment == "." || segment == "..") return true;
  for (std::size_t at = segment.find('%'); at != std::string_view::npos; at = segment.find('%', at + 3)) {
    if (at + 2 >= segment.size() || !is_hex(segment[at + 1]) || !is_hex(segment[at + 2])) return true;
    const char meant = static_cast<char>(unhex(segment[at + 1]) * 16 + unhex(segment[at + 2]));
    if (is_alnum(meant) || std::string_view{"-._~/\\"}.find(meant) != std::string_view::npos) return true;
    if (meant >= 0 && meant < ' ') return true;
  }
  return false;
}

/// Splits "/a/b" into its segments. Nothing when the path is an alias of another one; "/" has no segments.
bool split(std::string_view path, std::vector<std::string_view>& segments) {
  segments.clear();
  if (path.empty() || path.front() != '/') return false;
  if (path == "/") return true;
  while (!path.empty()) {
    path.remove_prefix(1);
    const auto end = std::min(path.find('/'), path.size());
    if (segments.size() == max_segments || is_alias(path.substr(0, end))) return false;
    segments.push_back(path.substr(0, end));
    path.remove_prefix(end);
    if (path == "/") return false; // a trailing slash
  }
  return true;
}

} // namespace

/// The tree of segments. A node with routes is the end of at least one route's path.
struct router::node {
  std::vector<std::pair<std::string_view, std::unique_ptr<node>>> children;
  std::unique_ptr<node> parameter;
  std::vector<const route*> routes;

  node& child(std::string_view segment) {
    if (segment.starts_with(':')) {
      if (!parameter) parameter = std::make_unique<node>();
      return *parameter;
    }
    for (auto& [name, below] : children)
      if (name == segment) return *below;
    return *children.emplace_back(segment, std::make_unique<node>()).second;
  }

  /// The end of the path below this node, exact segments first; `parameters` gets what was matched on the
  /// way.
  const node* find(
      const std::string_view* segment, const std::string_view* end, std::vector<std::string_view>& parameters
  ) const {
    if (segment == end) return routes.empty() ? nullptr : this;
    for (const auto& [name, below] : children)
      if (name == *segment) {
        if (const auto* found = below->find(segment + 1, end, parameters)) return found;
        break;
      }
    if (!parameter) return nullptr;
    const auto before = parameters.size();
    parameters.push_back(*segment);
    if (const auto* found = parameter->find(segment + 1, end, parameters)) return found;
    parameters.resize(before);
    return nullptr;
  }

  const route* with_method(std::string_view method) const {
    for (const auto* candidate : routes)
      if (candidate->method == method) return candidate;
    return nullptr;
  }

  std::string allowed() const {
    std::string list;
    for (const auto* candidate : routes) {
      if (!list.empty()) list += ", ";
      list += candidate->method;
      if (candidate->method == "GET") list += ", HEAD";
    }
    return list;
  }
};

router::router(std::vector<route> table) : table_(std::move(table)) {
  auto root = std::make_shared<node>();
  std::vector<std::string_view> segments;
  for (const auto& row : table_) {
    if (!split(row.path, segments)) throw std::logic_error{"malformed route path " + std::string{row.path}};
    auto* at = root.get();
    for (const auto segment : segments)
      at = &at->child(segment);
    if (at->with_method(row.method)) throw std::logic_error{"route twice: " + std::string{row.path}};
    at->routes.push_back(&row);
  }
  root_ = std::move(root);
}

router::match router::find(
    std::string_view method, std::string_view path, std::vector<std::string_view>& parameters
) const {
  thread_local std::vector<std::string_view> segments; // kept for its memory
  parameters.clear();
  if (!split(path, segments)) return {};
  const auto* end = root_->find(segments.data(), segments.data() + segments.size(), parameters);
  if (!end) return {};
  if (const auto* found = end->with_method(method == "HEAD" ? "GET" : method)) return {found, {}};
  return {nullptr, end->allowed()};
}

} // namespace tessera::http
