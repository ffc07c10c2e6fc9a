#pragma once

#include "http/auth/caller.hpp"
#include "http/json/reader.hpp"
#include "http/json/writer.hpp"
#include "http/routing/request.hpp"
#include "messages/idempotency.hpp"
#include "messages/message_wordings.hpp"

#include <optional>
#include <string>
#include <string_view>

/// Templates in paths and in JSON (shapes.md `Notifications`).
namespace tessera::http {

/// `:key/:channel/:locale`; 404 template_unknown where there can be none.
std::optional<problem> read_wording_place(const request& request, wording_place& into);

/// What is said of the message: fields that are absent are empty.
struct said_fields {
  std::optional<std::string> subject;
  std::optional<std::string> html;
  std::optional<std::string> text;

  bool any() const { return subject || html || text; }
  /// What is absent stays as in `before`.
  wording over(const wording& before) const;
};
said_fields read_said(json::object& fields);

/// 422 with the field and the rule; nothing: it can be used.
std::optional<problem> why_not_said(const wording_place& place, const wording& said);

void write_template(json::writer& out, const worded_template& one);
kept_answer word_one_template(const worded_template& one);

/// Where one message is sent: an address, or a number in E.164.
struct one_recipient {
  std::string text; // as it is sent to
  std::string key;  // what its hash is of
  std::string masked;
};
one_recipient read_recipient(json::object& fields, std::string_view field, notification_channel channel);

} // namespace tessera::http
