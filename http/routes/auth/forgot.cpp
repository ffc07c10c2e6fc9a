// POST /api/auth/password/forgot: somebody wants a new password. The answer says nothing of whether the
// address is anybody's, and neither does its time: that is found out afterwards (decision 0052).
#include "actors/support/email_address.hpp"
#include "http/json/reader.hpp"
#include "http/notification_gateway.hpp"
#include "http/routes/auth/auth.hpp"
#include "http/routes/auth/counted_call.hpp"
#include "http/routes/credits/entity_fields.hpp"
#include "http/routes/text_checks.hpp"
#include "http/routing/rejections.hpp"

namespace tessera::http {

namespace {

std::optional<problem> read(std::string_view body, forgot_password& into) {
  json::reader reader(body);
  auto fields = reader.object();
  into.email_key =
      email_key(fields.string("email", {.most = 320, .accepts = is_email, .code = "invalid_email"}))
          .value_or("");
  into.tenant = fields.optional_string("tenantId", id_rules).value_or("");
  return reader.refusal();
}

} // namespace

handler forgot(service& with) {
  return [&with](request& request, const responder& respond) {
    forgot_password asked;
    if (const auto wrong = read(request.body, asked)) return respond(to_response(*wrong, request));
    auto counted =
        with.sign_ins->begin(address_of(request, with.trusted_proxies), request.received_at_us * 1'000);
    if (counted.refused) return respond(to_response(*counted.refused, request));
    const counted_call call(with, request, respond, std::move(counted));
    notification_gateway(with.behind)
        .change(std::move(asked), [call](const result<password_forgotten>& told) {
          told ? call.answer({.status = 202, .body = R"({"success":true})"}) : call.fail(told.why());
        });
  };
}

} // namespace tessera::http
