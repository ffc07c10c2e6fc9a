// POST /api/auth/email/verify: whoever brings the token has the address.
#include "http/auth/limits/sign_in_limits.hpp"
#include "http/json/reader.hpp"
#include "http/notification_gateway.hpp"
#include "http/routes/auth/account_token.hpp"
#include "http/routes/auth/auth.hpp"
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
    notification_gateway(with.behind)
        .change(verify_email{token}, [&with, &request, respond, counted](const result<email_verified>& done) {
          const bool guessed = done && done->standing != token_standing::good;
          if (!guessed) with.sign_ins->forgive(counted);
          auto answer = !done     ? to_response(problem_of(done.why()), request)
                        : guessed ? to_response(not_good(done->standing), request)
                                  : response{.body = R"({"success":true})"};
          for (const auto& header : counted.headers)
            answer.headers.push_back(header);
          respond(std::move(answer));
        });
  };
}

} // namespace tessera::http
