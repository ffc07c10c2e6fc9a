#include "http/routes/notifications/notification_json.hpp"

#include "actors/support/email_address.hpp"
#include "actors/support/phone_number.hpp"

#include <charconv>

namespace tessera::http {

namespace {

void text_or_null(json::writer& out, std::string_view name, const std::string& text) {
  out.key(name);
  text.empty() ? out.null() : out.string(text);
}

void time_or_null(json::writer& out, std::string_view name, const std::optional<time_point>& at) {
  out.key(name);
  at ? out.string(to_rfc3339(*at)) : out.null();
}

std::string masked(const notification_view& view) {
  if (view.channel == "webhook") return view.recipient; // an endpoint's id
  return view.channel == "sms" ? masked_phone(view.recipient) : masked_email(view.recipient);
}

/// What both have.
void write_common(json::writer& out, const notification_view& view) {
  out.field("status", view.status).field("attempts", std::int64_t{view.attempts});
  time_or_null(out, "nextAttemptAt", view.next_attempt_at);
  text_or_null(out, "lastErrorClass", view.last_error_class);
  text_or_null(out, "lastError", view.last_error);
  out.field("createdAt", to_rfc3339(view.created_at));
  time_or_null(out, "sentAt", view.sent_at);
}

template <class Write> kept_answer word(const notification_view& view, Write write) {
  kept_answer answer{200, {}, {}, false};
  json::writer out(answer.body);
  out.begin_object().field("success", true);
  write(out, view);
  out.end_object();
  return answer;
}

} // namespace

void write_notification(json::writer& out, const notification_view& view) {
  out.field("notificationId", to_string(view.id)).field("kind", view.kind).field("channel", view.channel);
  text_or_null(out, "refType", view.ref_type);
  text_or_null(out, "refId", view.ref_type == "token" ? std::string() : view.ref_id); // tokens are made of it
  out.field("recipientMasked", masked(view));
  write_common(out, view);
}

void write_delivery(json::writer& out, const notification_view& view) {
  out.field("deliveryId", to_string(view.id)).field("event", view.kind);
  out.key("httpStatus");
  view.http_status ? out.integer(*view.http_status) : out.null();
  write_common(out, view);
}

kept_answer word_notification(const notification_view& view) {
  return word(view, write_notification);
}
kept_answer word_delivery(const notification_view& view) {
  return word(view, write_delivery);
}

std::optional<uuid> notification_id_of(std::string_view text) {
  return uuid::parse(text);
}

std::string position_text(const notification_view& view) {
  return std::to_string(view.position);
}

void begin_behind(list_notifications& wanted, const std::optional<std::string>& place) {
  if (!place) return;
  std::int64_t position = 0;
  std::from_chars(place->data(), place->data() + place->size(), position);
  wanted.before = position;
}

} // namespace tessera::http
