#include "http/json/reader.hpp"

#include "http/json/reader_state.hpp"

#include <algorithm>

namespace tessera::http::json {

namespace {

constexpr std::size_t max_shared_body =
    256 * 1024; // simdjson keeps about 14 bytes per byte of the largest body

reader_state& state_of_thread() {
  thread_local reader_state state;
  return state;
}

/// Codes that say what is wrong only together with a pointer.
bool is_generic(std::string_view code) {
  constexpr std::string_view generic[] = {
      "required", "invalid_length", "invalid_format", "invalid_value", "out_of_range", "too_large"};
  return std::find(std::begin(generic), std::end(generic), code) != std::end(generic);
}

std::string_view common_code(const std::vector<field_error>& errors) {
  for (const auto& error : errors)
    if (error.code != errors.front().code || is_generic(error.code)) return "validation_failed";
  return errors.front().code;
}

std::string summary(const std::vector<field_error>& errors, std::size_t left_out) {
  const auto total = errors.size() + left_out;
  if (total > 1) return std::to_string(total) + " errors in the body.";
  const auto& only = errors.front();
  return only.pointer.empty() ? only.detail : only.pointer + ": " + only.detail;
}

} // namespace

reader::reader(std::string_view body) : state_(&state_of_thread()) {
  if (state_->busy || body.size() > max_shared_body) {
    own_ = std::make_unique<reader_state>();
    state_ = own_.get();
  }
  state_->busy = true;
  state_->start(body);
}

reader::~reader() {
  state_->finish();
}

value reader::root() const {
  return {state_, parsed() ? 0 : none};
}

bool reader::parsed() const {
  return state_->syntax_error.empty();
}

std::optional<problem> reader::refusal() {
  auto& state = *state_;
  if (!parsed())
    return problem{
        .status = 400,
        .code = "invalid_json",
        .title = "The body is not JSON that can be accepted.",
        .detail = state.syntax_error,
    };
  state.reject_unread_fields();
  if (state.errors.empty()) return std::nullopt;
  return problem{
      .status = state.wrong_type ? 400u : 422u,
      .code = state.wrong_type ? "invalid_type" : common_code(state.errors),
      .title = state.wrong_type ? "A value has the wrong JSON type." : "The body is not valid.",
      .detail = summary(state.errors, state.errors_left_out),
      .errors = std::move(state.errors),
  };
}

value object::need(std::string_view name) {
  if (container_ == none) return {state_, none};
  if (auto found = find(name)) return *found;
  reject(name, "required", "Is missing.");
  return {state_, none};
}

std::optional<value> object::find(std::string_view name) {
  if (container_ == none) return std::nullopt;
  const auto at = state_->find(container_, name);
  if (at == none) return std::nullopt;
  state_->entries[at].read = true;
  return value{state_, at};
}

bool object::has(std::string_view name) const {
  return container_ != none && state_->find(container_, name) != none;
}

bool object::is_null(std::string_view name) {
  if (container_ == none) return false;
  const auto at = state_->find(container_, name);
  if (at == none || !state_->entries[at].element.is_null()) return false;
  return state_->entries[at].read = true;
}

std::optional<std::pair<std::string_view, value>> object::next_unread() {
  if (container_ == none) return std::nullopt;
  auto& fields = state_->objects[container_];
  while (fields.unread != fields.end && state_->entries[fields.unread].read)
    ++fields.unread;
  if (fields.unread == fields.end) return std::nullopt;
  const auto at = fields.unread++;
  state_->entries[at].read = true;
  return std::pair{state_->entries[at].key, value{state_, at}};
}

void object::ignore_unread() {
  while (next_unread()) {
  }
}

void object::reject(std::string_view name, std::string_view code, std::string detail) {
  if (container_ == none) return;
  auto pointer = state_->pointer(state_->objects[container_].entry);
  pointer.append("/").append(name);
  state_->reject(std::move(pointer), code, std::move(detail));
}

} // namespace tessera::http::json
