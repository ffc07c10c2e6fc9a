// POST /webhooks/stripe: kept as soon as the signature is good, and taken in afterwards (decision 0047).
#include "http/auth/stripe_signature.hpp"
#include "http/json/writer.hpp"
#include "http/routes/webhooks/webhooks.hpp"
#include "http/routing/rejections.hpp"

#include <utility>

namespace tessera::http {

namespace {

std::string_view reason_of(signature said) {
  switch (said) {
  case signature::good: return {};
  case signature::malformed: return "Stripe-Signature has no time, or no v1.";
  case signature::no_match: return "No secret of ours signed this body.";
  case signature::too_old: return "It was signed more than five minutes ago, or will be.";
  }
  return {};
}

response render(const event_kept& kept) {
  response answer;
  json::writer out(answer.body);
  out.begin_object().field("success", true).field("received", true).field("duplicate", !kept.fresh);
  out.end_object();
  return answer;
}

} // namespace

handler stripe_webhook(service& with) {
  return [&with](request& request, responder respond) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    const auto now = to_microseconds(with.now()) / 1'000'000;
    const auto header = request.header("Stripe-Signature").value_or("");
    const auto said = verify_stripe_signature(request.body, header, with.webhook_secrets, now);
    if (said != signature::good)
      return refuse(
          simple_problem(400, "invalid_signature", "The signature is not good", std::string(reason_of(said)))
      );
    provider_event event;
    event.payload = std::string(request.body);
    with.behind.receive(std::move(event), [respond, refuse](const result<event_kept>& kept) {
      kept ? respond(render(*kept)) : refuse(problem_of(kept.why()));
    });
  };
}

} // namespace tessera::http
