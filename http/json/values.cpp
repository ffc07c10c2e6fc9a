#include "http/json/reader.hpp"
#include "http/json/reader_state.hpp"
#include "http/json/timestamp.hpp"

#include <algorithm>

namespace tessera::http::json {

namespace {

namespace dom = simdjson::dom;

std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0u) != 0x80u;
  }));
}

std::string range(std::string_view what, auto least, auto most) {
  return "Must " + std::string{what} + " " + std::to_string(least) + " to " + std::to_string(most) + ".";
}

} // namespace

std::string_view value::string(const string_rules& rules) const {
  if (entry_ == none) return {};
  const auto& element = state_->entries[entry_].element;
  if (!element.is_string()) {
    state_->reject_type(entry_, "a string");
    return {};
  }
  const auto text = std::string_view{element.get_string()};
  const auto length = code_points(text);
  if (length < rules.least || length > rules.most)
    reject("invalid_length", range("have a length of", rules.least, rules.most));
  else if (rules.accepts && !rules.accepts(text))
    reject(rules.code, std::string{rules.expected});
  return text;
}

std::int64_t value::integer(const integer_rules& rules) const {
  if (entry_ == none) return rules.least;
  const auto& element = state_->entries[entry_].element;
  if (!element.is_int64() && element.type() != dom::element_type::UINT64) {
    state_->reject_type(entry_, "an integer");
    return rules.least;
  }
  std::int64_t number = 0; // above 2^63 it does not fit and is out of any range
  if (!element.get_int64().get(number) && number >= rules.least && number <= rules.most) return number;
  reject(rules.code, range("be", rules.least, rules.most));
  return rules.least;
}

bool value::boolean() const {
  if (entry_ == none) return false;
  bool truth = false;
  if (state_->entries[entry_].element.get_bool().get(truth)) state_->reject_type(entry_, "true or false");
  return truth;
}

std::int64_t value::time(const time_rules& rules) const {
  const auto before = state_->errors.size();
  const auto text = string({.most = 40});
  if (entry_ == none || state_->errors.size() != before) return 0;
  if (const auto us = rules.with_offset ? parse_timestamp_with_offset(text) : parse_timestamp(text))
    return *us;
  reject(
      "invalid_format",
      std::string{"Must be an RFC 3339 time"} + (rules.with_offset ? "" : " in UTC") +
          ", such as 2026-02-28T09:30:00Z."
  );
  return 0;
}

std::size_t value::choice(std::initializer_list<std::string_view> allowed) const {
  if (entry_ == none) return 0;
  if (!is_string()) return state_->reject_type(entry_, "a string"), 0;
  const auto text = std::string_view{state_->entries[entry_].element.get_string()};
  const auto* found = std::find(allowed.begin(), allowed.end(), text);
  if (found != allowed.end()) return static_cast<std::size_t>(found - allowed.begin());
  std::string detail = "Must be one of";
  for (const auto& candidate : allowed)
    detail.append(&candidate == allowed.begin() ? " " : ", ").append(candidate);
  reject("invalid_value", std::move(detail += '.'));
  return 0;
}

std::string value::raw(const raw_rules& rules) const {
  if (entry_ == none) return {};
  if (rules.must_be_object && !is_object()) {
    state_->reject_type(entry_, "an object");
    return {};
  }
  auto text = simdjson::minify(state_->entries[entry_].element);
  if (text.size() <= rules.most_bytes) return text;
  reject(rules.code, "Must have at most " + std::to_string(rules.most_bytes) + " bytes.");
  return {};
}

object value::object() const {
  if (entry_ != none && is_object()) return {state_, state_->open_object(entry_)};
  if (entry_ != none) state_->reject_type(entry_, "an object");
  return {state_, none};
}

array value::array(const array_rules& rules) const {
  if (entry_ == none) return {state_, 0, 0};
  if (!is_array()) {
    state_->reject_type(entry_, "an array");
    return {state_, 0, 0};
  }
  // Counted before anything is stored: a refused array costs nothing.
  const dom::array items{state_->entries[entry_].element.get_array()};
  const auto count = static_cast<std::size_t>(std::distance(items.begin(), items.end()));
  if (count < rules.least || count > rules.most) {
    reject(
        count > rules.most ? rules.code : "invalid_length",
        range("have a number of items of", rules.least, rules.most)
    );
    return {state_, 0, 0};
  }
  const auto end_of = [count](std::uint32_t first) { return first + static_cast<std::uint32_t>(count); };
  if (const auto first = state_->entries[entry_].opened; first != none) return {state_, first, end_of(first)};
  const auto first = state_->entries[entry_].opened = static_cast<std::uint32_t>(state_->entries.size());
  std::uint32_t index = 0;
  for (const auto item : items)
    state_->entries.push_back({.element = item, .parent = entry_, .index = index++});
  return {state_, first, end_of(first)};
}

bool value::is_null() const {
  return entry_ != none && state_->entries[entry_].element.is_null();
}
bool value::is_number() const {
  return entry_ != none && state_->entries[entry_].element.is_number();
}
bool value::is_string() const {
  return entry_ != none && state_->entries[entry_].element.is_string();
}
bool value::is_object() const {
  return entry_ != none && state_->entries[entry_].element.is_object();
}
bool value::is_array() const {
  return entry_ != none && state_->entries[entry_].element.is_array();
}

void value::reject(std::string_view code, std::string detail) const {
  if (entry_ != none) state_->reject(pointer(), code, std::move(detail));
}

std::string value::pointer() const {
  return entry_ == none ? std::string{} : state_->pointer(entry_);
}

} // namespace tessera::http::json
