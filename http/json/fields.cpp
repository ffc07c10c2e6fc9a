#include "http/json/number_text.hpp"
#include "http/json/reader.hpp"
#include "http/json/reader_state.hpp"

// The fields of an object by type: each is the value's own reading, of a field that must or may be there.

namespace tessera::http::json {

namespace {

/// Reads the field if it is there.
template <class Read> auto if_there(std::optional<value> field, Read read) {
  return field ? std::optional{read(*field)} : std::nullopt;
}

} // namespace

std::string_view object::string(std::string_view name, const string_rules& rules) {
  return need(name).string(rules);
}

std::int64_t object::integer(std::string_view name, const integer_rules& rules) {
  return need(name).integer(rules);
}

bool object::boolean(std::string_view name) {
  return need(name).boolean();
}

std::size_t object::choice(std::string_view name, std::initializer_list<std::string_view> allowed) {
  return need(name).choice(allowed);
}

json::object object::object_at(std::string_view name) {
  return need(name).object();
}

json::array object::array(std::string_view name, const array_rules& rules) {
  return need(name).array(rules);
}

std::optional<std::string_view> object::optional_string(std::string_view name, const string_rules& rules) {
  return if_there(find(name), [&](const value& field) { return field.string(rules); });
}

std::optional<std::int64_t> object::optional_integer(std::string_view name, const integer_rules& rules) {
  return if_there(find(name), [&](const value& field) { return field.integer(rules); });
}

std::optional<bool> object::optional_boolean(std::string_view name) {
  return if_there(find(name), [](const value& field) { return field.boolean(); });
}

std::optional<std::int64_t> object::optional_time(std::string_view name, const time_rules& rules) {
  return if_there(find(name), [&](const value& field) { return field.time(rules); });
}

std::optional<std::size_t>
object::optional_choice(std::string_view name, std::initializer_list<std::string_view> allowed) {
  return if_there(find(name), [&](const value& field) { return field.choice(allowed); });
}

std::optional<std::string> object::optional_raw(std::string_view name, const raw_rules& rules) {
  return if_there(find(name), [&](const value& field) { return field.raw(rules); });
}

std::optional<std::string> object::optional_decimal(std::string_view name) {
  const auto field = find(name);
  if (!field) return std::nullopt;
  if (!field->is_number()) {
    state_->reject_type(field->entry_, "a number");
    return std::nullopt;
  }
  const auto text = number_text(state_->body, name);
  if (!text.empty() && text.find_first_of("-+eE") == text.npos) return std::string(text);
  reject(name, "invalid_format", "Must be a plain number such as 225 or 225.50.");
  return std::nullopt;
}

std::optional<json::object> object::optional_object(std::string_view name) {
  return if_there(find(name), [](const value& field) { return field.object(); });
}

std::optional<json::array> object::optional_array(std::string_view name, const array_rules& rules) {
  return if_there(find(name), [&](const value& field) { return field.array(rules); });
}

} // namespace tessera::http::json
