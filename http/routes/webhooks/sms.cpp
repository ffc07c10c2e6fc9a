// POST /webhooks/sms/status: what became of an SMS. POST /webhooks/sms: what somebody answered. Both as
// Twilio posts them, signed by the account's token; what is told twice, or late, changes nothing.
#include "http/routes/webhooks/sms.hpp"

#include "http/auth/invitation_access.hpp"
#include "http/auth/twilio_signature.hpp"
#include "http/json/writer.hpp"
#include "http/notification_gateway.hpp"
#include "http/routing/query.hpp"
#include "http/routing/rejections.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <utility>

namespace tessera::http {

namespace {

constexpr std::size_t body_limit = 256 * 1024; // contract 2 `limits`

std::string field(const form_fields& fields, std::string_view name) {
  const auto found = std::ranges::find(fields, name, &form_fields::value_type::first);
  return found == fields.end() ? std::string() : found->second;
}

std::string address_of(const request& asked, const std::string& base) {
  std::string address = base + std::string(asked.path);
  if (!asked.query.empty()) address.append("?").append(asked.query);
  return address;
}

/// By the address that is configured; without one by that which the caller says it called.
bool is_signed(
    const service& with, const std::string& secret, const request& asked, const form_fields& fields
) {
  const auto given = asked.header("X-Twilio-Signature").value_or("");
  const std::string host(asked.header("Host").value_or(""));
  const std::vector<std::string> bases = with.public_base_url.empty()
                                             ? std::vector<std::string>{"https://" + host, "http://" + host}
                                             : std::vector<std::string>{with.public_base_url};
  return std::ranges::any_of(bases, [&](const std::string& base) {
    return is_twilio_signature(secret, address_of(asked, base), fields, given);
  });
}

/// The form, if it is one that the provider signed.
std::optional<problem>
read_signed(const service& with, const std::string& secret, const request& asked, form_fields& into) {
  auto fields = parse_query(asked.body);
  if (!fields || !is_signed(with, secret, asked, *fields))
    return simple_problem(
        403, "invalid_signature", "The signature is not good", "Nobody who signs for us signed this call."
    );
  into = std::move(*fields);
  return std::nullopt;
}

sms_state state_of(std::string_view word) {
  if (word == "delivered" || word == "read") return sms_state::delivered;
  if (word == "undelivered" || word == "failed") return sms_state::failed;
  return sms_state::under_way;
}

sms_told told_by(const form_fields& fields, std::string_view query) {
  sms_told told;
  if (const auto asked = parse_query(query))
    if (const auto id = uuid::parse(field(*asked, "notification"))) told.notification = *id;
  told.provider_id = field(fields, "MessageSid").substr(0, 64);
  told.state = state_of(field(fields, "MessageStatus"));
  if (told.state != sms_state::failed) return told;
  const auto text = field(fields, "ErrorCode");
  std::from_chars(text.data(), text.data() + text.size(), told.code);
  return told;
}

/// What carriers and the provider take for these words, whatever is around them.
std::string keyword_in(std::string_view text) {
  std::string word;
  for (const char c : text)
    if (std::isalpha(static_cast<unsigned char>(c)) != 0)
      word += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return word;
}

std::optional<sms_wish> wish_in(const form_fields& fields) {
  constexpr std::string_view none[] = {
      "STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPTOUT", "REVOKE"};
  constexpr std::string_view again[] = {"START", "UNSTOP", "YES"};
  const auto word = keyword_in(field(fields, "Body"));
  const auto number = phone_number(field(fields, "From"));
  const bool stops = std::ranges::find(none, word) != std::end(none);
  if (number.empty() || (!stops && std::ranges::find(again, word) == std::end(again))) return std::nullopt;
  return sms_wish{number, stops};
}

response nothing_to_say() {
  response answer;
  answer.content_type = "text/xml; charset=utf-8";
  answer.body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>";
  return answer;
}

response render(const sms_told_answer& kept) {
  response answer;
  json::writer out(answer.body);
  out.begin_object()
      .field("success", true)
      .field("received", true)
      .field("known", kept.is_known)
      .end_object();
  return answer;
}

handler status(service& with, const std::string& secret) {
  return [&with, secret](request& request, responder respond) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    form_fields fields;
    if (const auto wrong = read_signed(with, secret, request, fields)) return refuse(*wrong);
    notification_gateway(with.behind)
        .receive(told_by(fields, request.query), [respond, refuse](const result<sms_told_answer>& kept) {
          kept ? respond(render(*kept)) : refuse(problem_of(kept.why()));
        });
  };
}

handler reply(service& with, const std::string& secret) {
  return [&with, secret](request& request, responder respond) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    form_fields fields;
    if (const auto wrong = read_signed(with, secret, request, fields)) return refuse(*wrong);
    const auto wish = wish_in(fields);
    if (!wish) return respond(nothing_to_say()); // words for people, whom nobody is here to answer
    notification_gateway(with.behind).receive(*wish, [respond, refuse](const result<sms_wish_kept>& kept) {
      kept ? respond(nothing_to_say()) : refuse(problem_of(kept.why()));
    });
  };
}

} // namespace

std::vector<route> sms_routes(service& with, std::string secret) {
  constexpr std::string_view form = "application/x-www-form-urlencoded";
  return {
      {"POST", "/webhooks/sms", reply(with, secret), body_limit, form},
      {"POST", "/webhooks/sms/status", status(with, secret), body_limit, form},
  };
}

} // namespace tessera::http
