#include "tools/paysim/api/parameters.hpp"

#include "tools/paysim/api/api_error.hpp"

#include <algorithm>
#include <charconv>

namespace tessera::paysim {

namespace {

void ask_for_all(const form_node& node) {
  node.is_asked = true;
  for (const auto& [name, below] : node.members)
    ask_for_all(below);
}

std::string unknown_below(const form_node& node, const std::string& path) {
  for (const auto& [name, below] : node.members) {
    const auto full = path.empty() ? name : path + "[" + name + "]";
    if (!below.is_asked) return full;
    if (auto deeper = unknown_below(below, full); !deeper.empty()) return deeper;
  }
  return {};
}

} // namespace

std::string parameters::name_of(std::string_view name) const {
  return path_.empty() ? std::string{name} : path_ + "[" + std::string{name} + "]";
}

const form_node* parameters::take(std::string_view name) const {
  const auto* found = form_.find(name);
  if (found) found->is_asked = true;
  return found;
}

bool parameters::has(std::string_view name) const {
  return form_.find(name) != nullptr;
}

std::optional<std::string> parameters::text(std::string_view name) const {
  const auto* found = take(name);
  if (!found) return std::nullopt;
  if (!found->members.empty()) throw invalid_request("Invalid string", name_of(name));
  if (found->text.size() > 5'000)
    throw invalid_request("Invalid string: it is longer than 5000 bytes", name_of(name));
  return found->text;
}

std::string parameters::required_text(std::string_view name) const {
  auto found = text(name);
  if (!found) throw missing_parameter(name_of(name));
  if (found->empty())
    throw invalid_request(
        "You passed an empty string for '" + name_of(name) + "'.", name_of(name), "parameter_invalid_empty"
    );
  return *found;
}

std::optional<std::int64_t> parameters::integer(std::string_view name) const {
  const auto found = text(name);
  if (!found || found->empty()) return std::nullopt;
  std::int64_t number = 0;
  const auto* end = found->data() + found->size();
  const auto read = std::from_chars(found->data(), end, number);
  if (read.ec != std::errc{} || read.ptr != end)
    throw invalid_request("Invalid integer: " + *found, name_of(name), "parameter_invalid_integer");
  return number;
}

std::int64_t parameters::required_integer(std::string_view name) const {
  const auto found = integer(name);
  if (!found) throw missing_parameter(name_of(name));
  return *found;
}

std::optional<bool> parameters::boolean(std::string_view name) const {
  const auto found = text(name);
  if (!found || found->empty()) return std::nullopt;
  if (*found != "true" && *found != "false")
    throw invalid_request("Invalid boolean: " + *found, name_of(name));
  return *found == "true";
}

std::optional<std::string>
parameters::choice(std::string_view name, std::initializer_list<std::string_view> of) const {
  auto found = text(name);
  if (!found || found->empty()) return std::nullopt;
  if (std::ranges::find(of, *found) != of.end()) return found;
  std::string message = "Invalid " + name_of(name) + ": must be one of ";
  for (const auto each : of)
    message.append(each == *of.begin() ? "" : ", ").append(each);
  throw invalid_request(message, name_of(name));
}

std::optional<parameters> parameters::object(std::string_view name) const {
  const auto* found = take(name);
  if (!found || (found->members.empty() && found->text.empty())) return std::nullopt;
  if (!found->text.empty()) throw invalid_request("Invalid object", name_of(name));
  return parameters(*found, name_of(name));
}

std::vector<parameters> parameters::list(std::string_view name) const {
  std::vector<parameters> items;
  const auto* found = take(name);
  if (!found) return items;
  if (!found->text.empty()) throw invalid_request("Invalid array", name_of(name));
  for (const auto& [index, item] : found->members) {
    item.is_asked = true;
    items.emplace_back(item, name_of(name) + "[" + index + "]");
  }
  return items;
}

std::vector<std::string> parameters::texts(std::string_view name) const {
  std::vector<std::string> items;
  const auto* found = take(name);
  if (!found) return items;
  if (!found->text.empty()) throw invalid_request("Invalid array", name_of(name));
  for (const auto& [index, item] : found->members) {
    item.is_asked = true;
    items.push_back(item.text);
  }
  return items;
}

void parameters::merge_metadata(document& into, std::string_view name) const {
  auto& metadata = into[name];
  if (!metadata.is_object()) metadata = document{};
  const auto* found = take(name);
  if (!found) return;
  if (found->members.empty()) { // unset
    metadata = document{};
    return;
  }
  if (found->members.size() > 50) throw invalid_request("Metadata can have up to 50 keys.", name_of(name));
  for (const auto& [key, value] : found->members) {
    value.is_asked = true;
    const auto full = name_of(name) + "[" + key + "]";
    if (key.size() > 40) throw invalid_request("Metadata keys can be up to 40 characters long.", full);
    if (value.text.size() > 500)
      throw invalid_request("Metadata values can be up to 500 characters long.", full);
    if (value.text.empty())
      metadata.get_object().erase(key);
    else
      metadata.get_object()[key] = value.text;
  }
}

void parameters::copy_texts(document& into, std::initializer_list<std::string_view> names) const {
  for (const auto name : names)
    if (const auto found = text(name)) into[name] = text_or_null(*found);
}

json::value
parameters::text_object(std::string_view name, std::initializer_list<std::string_view> members) const {
  const auto inner = object(name);
  if (!inner) return nullptr;
  document result;
  for (const auto member : members)
    result[member] = text_or_null(inner->text(member).value_or(""));
  return result;
}

void parameters::ignore(std::initializer_list<std::string_view> names) const {
  for (const auto name : names)
    if (const auto* found = take(name)) ask_for_all(*found);
}

void parameters::done() const {
  if (auto name = unknown_below(form_, path_); !name.empty())
    throw invalid_request("Received unknown parameter: " + name, name, "parameter_unknown");
}

} // namespace tessera::paysim
