// POST /api/credits/grants: credits that nobody pays for. The operator's, or a tenant_admin's where the
// tenant's policy says so (contract 4).
#include "http/json/writer.hpp"
#include "http/routes/credits/commands.hpp"
#include "http/routes/credits/credits.hpp"
#include "http/routes/credits/days_rules.hpp"
#include "http/routes/credits/entity_fields.hpp"
#include "http/routes/credits/nullable_fields.hpp"
#include "http/routing/rejections.hpp"
#include "messages/entry_names.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace tessera::http {

namespace {

constexpr std::string_view grant_template = "POST /api/credits/grants";
constexpr std::array kinds{lot_kind::promo, lot_kind::bonus, lot_kind::plan};
constexpr json::integer_rules priority_rules{.least = 0, .most = 100};
constexpr std::chrono::years longest_life{100}; // R-C 3.9
constexpr std::size_t most_applications = 100;

/// A hundred years later: the same day of the calendar, or the last of its month.
time_point latest_end(time_point now) {
  const auto today = std::chrono::floor<std::chrono::days>(now);
  std::chrono::year_month_day then{today};
  then += longest_life;
  if (!then.ok()) then = then.year() / then.month() / std::chrono::last;
  return std::chrono::sys_days{then} + (now - today);
}

/// When they end: at an instant, or after some days; neither: never.
void read_end(json::object& fields, time_point now, grant_credits& into) {
  if (const auto days = fields.optional_integer("validityDays", days_rules))
    into.validity_days = static_cast<int>(*days);
  const auto at = fields.optional_time("expiresAt");
  if (!at) return;
  into.expires_at = from_microseconds(*at); // whether it has passed is asked when the key is not known
  if (*into.expires_at > latest_end(now))
    fields.reject("expiresAt", "out_of_range", "At most 100 years from now.");
  if (into.validity_days)
    fields.reject("validityDays", "invalid_value", "Either expiresAt or validityDays, not both.");
}

/// Names only: whether the tenant has them is asked when the caller may know.
void read_applications(json::object& fields, grant_credits& into) {
  const auto items = fields.optional_array("applications", {.least = 1, .most = most_applications});
  if (!items) return;
  for (const auto item : *items) {
    const auto name = item.string(id_rules);
    if (std::ranges::find(into.applications, name) != into.applications.end())
      item.reject("invalid_value", "The application stands here twice.");
    into.applications.emplace_back(name);
  }
}

grant_credits read_fields(json::object& fields, time_point now) {
  grant_credits command;
  command.amount = credits{fields.integer("credits", amount_rules)};
  command.kind = kinds.at(fields.choice("kind", {"promo", "bonus", "plan"}));
  read_end(fields, now, command);
  read_applications(fields, command);
  if (const auto priority = fields.optional_integer("priority", priority_rules))
    command.priority = static_cast<std::uint8_t>(*priority);
  command.reason = fields.string("reason", {.most = 500});
  return command;
}

/// Names may be a moment old: throws unknown_name, as for any name.
std::optional<problem> why_unknown(call& from, const std::vector<std::string>& applications) {
  for (std::size_t i = 0; i < applications.size(); ++i) {
    if (from.who.tenant->applications.contains(applications[i])) continue;
    auto unknown = problem_of(errc::application_unknown);
    const auto pointer = from.fields.need("applications").pointer() + "/" + std::to_string(i);
    unknown.errors.push_back({pointer, unknown.code, "The tenant has no such application."});
    return judge_unknown(from.who, std::move(unknown));
  }
  return std::nullopt;
}

fingerprint fingerprint_of(const grant_credits& command, const entity_ref& entity) {
  fingerprint print;
  print.add(to_string(entity.type)).add(entity.id).add(command.amount.value()).add(to_string(command.kind));
  print.add(command.expires_at ? to_microseconds(*command.expires_at) : 0);
  print.add(std::int64_t{command.validity_days.value_or(0)}).add(std::int64_t{command.priority});
  print.add(command.reason).add(command.requested_by.application);
  for (const auto& application : command.applications)
    print.add(application);
  return print;
}

/// Credits that are not there yet have no transaction, no lot, and do not end.
response render(const grant_receipt& receipt) {
  response answer;
  answer.status = receipt.booked ? 201 : 202;
  json::writer out(answer.body);
  out.begin_object().field("success", true).field("grantId", receipt.grant_id);
  out.field("status", receipt.status);
  write_text(out, "transactionId", receipt.booked ? transaction_id_of(*receipt.booked) : std::string());
  out.field("credits", receipt.amount.value()).field("newBalance", receipt.available.value());
  write_text(out, "expiryDate", receipt.booked ? receipt.expiry_date : std::string());
  write_time(out, "expiresAt", receipt.booked ? receipt.expires_at : std::nullopt);
  write_text(out, "lotId", receipt.lot ? to_string(*receipt.lot) : std::string());
  out.field("replayed", receipt.replayed).end_object();
  if (receipt.booked) answer.headers.emplace_back("X-Balance-Seq", std::to_string(receipt.booked->seq));
  if (receipt.replayed) answer.headers.emplace_back("Idempotent-Replayed", "true");
  return answer;
}

/// What the account could not take in is remembered by its row.
problem failure_of(const grant_receipt& receipt) {
  auto why = receipt.refused_code == to_string(errc::amount_out_of_range)
                 ? problem_of(errc::amount_out_of_range)
                 : simple_problem(422, "grant_failed", "The account could not take the credits in");
  if (receipt.replayed) why.headers.emplace_back("Idempotent-Replayed", "true");
  return why;
}

void send(const answering& to, permitted<grant_credits> asked) {
  to.with.behind.grant(
      std::move(asked.command),
      [to, entity = asked.at->ref()](const result<grant_receipt>& receipt) {
        if (receipt.code() == errc::end_has_passed) return to.refuse(end_has_passed("/expiresAt"));
        if (!receipt) return to.refuse(receipt.why(), entity);
        receipt->status == "failed" ? to.refuse(failure_of(*receipt)) : to.respond(render(*receipt));
      }
  );
}

} // namespace

problem end_has_passed(std::string pointer) {
  auto why =
      simple_problem(422, "validation_failed", "The body is not valid", pointer + ": Must be in the future.");
  why.errors.push_back({std::move(pointer), "out_of_range", "Must be in the future."});
  return why;
}

permitted<grant_credits> read_grant(call& from) {
  const auto entity = read_entity(from.fields);
  auto command = read_fields(from.fields, from.with.now());
  const auto at = from.place(act::grant, entity);
  if (at.refused) return {at.refused, {}, nullptr};
  if (auto unknown = why_unknown(from, command.applications)) return {std::move(unknown), {}, nullptr};
  from.sign(command);
  command.account = at.found->account;
  command.idempotency = from.once(grant_template, fingerprint_of(command, entity));
  return {{}, std::move(command), at.found};
}

caller_handler grant(service& with) {
  return command_route<grant_credits>(with, read_grant, send);
}

} // namespace tessera::http
