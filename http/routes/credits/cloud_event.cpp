#include "http/routes/credits/cloud_event.hpp"

#include "actors/support/sha256.hpp"
#include "http/auth/idempotency.hpp"
#include "http/routes/credits/entity_fields.hpp"
#include "http/routing/characters.hpp"

#include <algorithm>
#include <utility>

namespace tessera::http {

namespace {

constexpr std::size_t most_metadata = 4'096; // bytes, as of a spend in our own form

/// Two sources may use the same id: together they name the event.
std::string event_id_of(std::string_view source, std::string_view id) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text = "ce-";
  for (const auto byte : sha256::local()(fingerprint().add(source).add(id).text())) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

void read_identity(json::object& fields, consume_credits& into) {
  const auto source = fields.string("source", {.most = 1'024});
  const auto id = fields.string("id", {.most = 255});
  into.event_id = event_id_of(source, id);
}

entity_ref read_subject(json::object& fields) {
  const auto subject = fields.string("subject", {.most = 129});
  if (subject.empty()) return {};
  const auto slash = std::min(subject.find('/'), subject.size());
  const auto type = parse_entity_type(subject.substr(0, slash));
  const auto id = subject.substr(std::min(slash + 1, subject.size()));
  if (!type)
    fields.reject(
        "subject", "unknown_entity_type", "type/id, the type one of tenant, organization, location."
    );
  else if (!is_valid_id(id))
    fields.reject("subject", "invalid_id", "type/id, the id as of an entity.");
  else
    return {*type, std::string(id)};
  return {};
}

/// The optional attributes that say how `data` is written; there is one way here.
void read_about_data(json::object& fields) {
  if (fields.has("data_base64"))
    fields.reject("data_base64", "invalid_value", "The data must be JSON, in `data`.");
  if (!fields.is_null("datacontenttype"))
    if (const auto type = fields.optional_string("datacontenttype"))
      if (!equal_ignoring_case(type->substr(0, type->find(';')), "application/json"))
        fields.reject("datacontenttype", "invalid_value", "application/json.");
  if (!fields.is_null("dataschema")) (void)fields.optional_string("dataschema", {.most = 1'024});
}

/// `members` collects `"name":value` pairs; returns the metadata's own object, to tell which names are taken.
std::optional<json::object> read_data(json::object& fields, consume_credits& into, std::string& members) {
  into.amount = credits{1};
  if (fields.is_null("data")) return std::nullopt;
  auto data = fields.optional_object("data");
  if (!data) return std::nullopt;
  if (const auto amount = data->optional_integer("credits", amount_rules)) into.amount = credits{*amount};
  const auto text = data->optional_raw("metadata");
  if (!text || text->size() < 2) return std::nullopt;
  members = text->substr(1, text->size() - 2);
  auto metadata = data->optional_object("metadata");
  if (metadata) metadata->ignore_unread();
  return metadata;
}

bool is_attribute_name(std::string_view name) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), fits);
}

bool is_too_large(const std::string& members) {
  return members.size() + 2 > most_metadata;
}

/// Whatever else stands in the event is an extension attribute, or a mistake. What no metadata can hold is
/// not read on: each attribute is looked for in the metadata.
void read_extensions(
    json::object& fields, const std::optional<json::object>& metadata, std::string& members
) {
  while (const auto next = fields.next_unread()) {
    const auto& [name, content] = *next;
    if (is_too_large(members)) break;
    if (name == "data_base64" || content.is_null()) continue; // null stands for an absent attribute
    if (!is_attribute_name(name))
      content.reject("unknown_field", "No attribute's name: lower-case letters and digits.");
    else if (content.is_object() || content.is_array())
      content.reject("invalid_value", "An attribute is a text, a number or a truth value.");
    else if (metadata && metadata->has(name))
      content.reject("invalid_value", "Stands in data.metadata, too.");
    else
      members.append(members.empty() ? "\"" : ",\"")
          .append(name)
          .append("\":")
          .append(content.raw({.must_be_object = false}));
  }
  if (!is_too_large(members)) return;
  fields.reject("data", "too_large", "Metadata and extension attributes have at most 4096 bytes.");
  fields.ignore_unread();
}

} // namespace

spend_request read_cloud_event(json::object fields, time_point now) {
  spend_request asked;
  auto& command = asked.command;
  (void)fields.choice("specversion", {"1.0"});
  read_identity(fields, command);
  asked.entity = read_subject(fields);
  command.meter = fields.string("type", {.most = 64});
  if (!fields.is_null("time")) read_occurred_at(fields, "time", {.with_offset = true}, now, command);
  read_about_data(fields);
  std::string members;
  const auto metadata = read_data(fields, command, members);
  asked.own_metadata = metadata ? "{" + members + "}" : std::string();
  read_extensions(fields, metadata, members);
  if (metadata || !members.empty()) command.metadata = "{" + members + "}";
  return asked;
}

bool is_binary_cloud_event(const request& request) {
  return request.header("ce-specversion").has_value() || request.header("ce-id").has_value();
}

} // namespace tessera::http
