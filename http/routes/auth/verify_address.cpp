// POST /api/auth/email/verify: whoever brings the token has the address.
#include "http/json/reader.hpp"
#include "http/notification_gateway.hpp"
#include "http/routes/auth/account_token.hpp"
#include "http/routes/auth/auth.hpp"
#include "http/routes/auth/counted_call.hpp"
#include "http/routing/rejections.hpp"

namespace tessera::http {

handler verify_address(service& with) {
  return [&with](request& request, const responder& respond) {
    json::reader reader(request.body);
    auto fields = reader.object();
    const auto token = read_account_token(fields, account_token_purpose::verify_email);
    if (const auto wrong = reader.refusal()) return respond(to_response(*wrong, request));
    auto counted =
        with.sign_ins->begin(address_of(request, with.trusted_proxies), request.received_at_us * 1'000);
    if (counted.refused) return respond(to_response(*counted.refused, request));
    const counted_call call(with, request, respond, std::move(counted));
    notification_gateway(with.behind)
        .change(verify_email{token}, [call, &request](const result<email_verified>& done) {
          if (!done) return call.fail(done.why());
          if (done->standing != token_standing::good)
            return call.answer(to_response(not_good(done->standing), request));
          call.forgive();
          call.answer({.body = R"({"success":true})"});
        });
  };
}

} // namespace tessera::http
