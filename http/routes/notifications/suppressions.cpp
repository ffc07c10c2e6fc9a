// GET and POST /api/suppressions, DELETE /api/suppressions/:id (decision 0062)
#include "actors/support/sha256.hpp"
#include "http/routes/directory/changes.hpp"
#include "http/routes/notifications/carry_out_here.hpp"
#include "http/routes/notifications/list_page.hpp"
#include "http/routes/notifications/no_body.hpp"
#include "http/routes/notifications/wording_fields.hpp"
#include "http/routes/notifications/wordings.hpp"

#include <charconv>
#include <utility>

namespace tessera::http {

namespace {

constexpr std::string_view add_route = "POST /api/suppressions";
constexpr std::string_view remove_route = "DELETE /api/suppressions/:id";
constexpr const char* suppressed_channels[] = {"email", "sms"};
constexpr const char* reasons[] = {"bounce", "complaint", "optout", "manual"};

void write_suppression(json::writer& out, const suppression_view& one) {
  out.field("suppressionId", to_string(one.id)).field("channel", one.channel);
  out.field("recipientMasked", one.recipient_masked).field("reason", one.reason).key("until");
  one.until ? out.string(to_rfc3339(*one.until)) : out.null();
  out.key("createdBy");
  one.created_by.empty() ? out.null() : out.string(one.created_by);
  out.field("createdAt", to_rfc3339(one.created_at));
}

kept_answer word_suppression(const suppression_view& one) {
  kept_answer answer{201, {}, {}, false};
  json::writer out(answer.body);
  out.begin_object().field("success", true);
  write_suppression(out, one);
  out.end_object();
  return answer;
}

cursor_purpose purpose_of(const list_suppressions& wanted) {
  cursor_purpose purpose;
  purpose.add("GET /api/suppressions").add(to_string(wanted.tenant));
  return purpose.add(wanted.channel.value_or("")).add(wanted.reason.value_or(""));
}

/// In a cursor: microseconds and the id.
std::string place_of(const suppression_view& one) {
  return std::to_string(to_microseconds(one.created_at)) + "_" + to_string(one.id);
}
std::optional<suppression_place> parse_place(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  std::int64_t at = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), at);
  const auto id = error == std::errc{} && end != text->data() + text->size()
                      ? uuid::parse(std::string_view(end + 1, text->data() + text->size()))
                      : std::nullopt;
  return id ? std::optional(suppression_place{from_microseconds(at), *id}) : std::nullopt;
}

void begin_behind(list_suppressions& wanted, const std::optional<std::string>& place) {
  wanted.after = parse_place(place);
}

constexpr list_form<suppression_view> suppression_form{"suppressions", write_suppression, place_of};

} // namespace

caller_handler suppressions(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    query_reader query(request.query);
    const auto asked = read_page(query);
    list_suppressions wanted;
    if (const auto channel = query.choice("channel", {"email", "sms"}))
      wanted.channel = suppressed_channels[*channel];
    if (const auto reason = query.choice("reason", {"bounce", "complaint", "optout", "manual"}))
      wanted.reason = reasons[*reason];
    if (const auto wrong = query.refusal()) return refuse(*wrong);
    wanted.tenant = who.tenant->tenant;
    wanted.limit = asked.limit;
    list_source<list_suppressions, suppression_page, suppression_view> from{
        wanted, purpose_of(wanted), begin_behind, &suppression_page::suppressions};
    answer_page(with, request, respond, std::move(from), asked, suppression_form);
  };
}

caller_handler add_suppression(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    std::string_view key;
    if (const auto wrong = read_idempotency_key(request, key)) return refuse(*wrong);
    tessera::add_suppression command;
    json::reader reader(request.body);
    auto fields = reader.object();
    const auto channel = fields.choice("channel", {"email", "sms"});
    command.channel = channel == 0 ? notification_channel::email : notification_channel::sms;
    const auto whom = read_recipient(fields, "recipient", command.channel);
    if (const auto until = fields.optional_time("until")) {
      command.until = from_microseconds(*until);
      if (*command.until <= with.now()) fields.reject("until", "out_of_range", "It would be over already.");
    }
    const auto wrong = reader.refusal();
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (const auto foreign = check_application(request, who)) return refuse(*foreign);
    if (wrong) return refuse(*wrong);
    if (const auto unknown = wrong_query(request)) return refuse(*unknown);
    command.tenant = who.tenant->tenant;
    command.recipient_sha256 = sha256::local()(whom.key);
    command.recipient_masked = whom.masked;
    command.origin = origin_of(request, who);
    fingerprint print;
    print.add(to_string(command.channel)).add(whom.key);
    print.add(command.until ? to_microseconds(*command.until) : std::int64_t{-1});
    const auto once = own_key(request, who, command.tenant, add_route, key, print);
    carry_out_here<tessera::add_suppression, suppression_view>(
        with, {std::move(command), once, word_suppression}, respond, request
    );
  };
}

caller_handler remove_suppression(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    std::string_view key;
    if (const auto wrong = read_idempotency_key(request, key)) return refuse(*wrong);
    if (const auto wrong = wrong_body(request)) return refuse(*wrong);
    if (const auto foreign = check_application(request, who)) return refuse(*foreign);
    if (const auto unknown = wrong_query(request)) return refuse(*unknown);
    const std::string id(request.parameters.front());
    const auto named = uuid::parse(id);
    if (!named) return refuse(problem_of(errc::suppression_unknown));
    tessera::remove_suppression command{who.tenant->tenant, *named, origin_of(request, who)};
    fingerprint print;
    print.add(id);
    const auto once = own_key(request, who, command.tenant, remove_route, key, print);
    const auto word = [](const suppression_removed& gone) {
      return word_id("suppressionId", to_string(gone.id));
    };
    carry_out_here<tessera::remove_suppression, suppression_removed>(
        with, {std::move(command), once, word}, respond, request
    );
  };
}

} // namespace tessera::http
