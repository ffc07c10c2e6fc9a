#include "actors/payment/stripe_objects.hpp"
#include "http/auth/stripe_signature.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/support/stripe_signing.hpp"

#include <vector>

namespace tessera::fuzz {

namespace {

using http::signature;

constexpr std::int64_t now = 1'800'000'000;
const std::vector<std::string> secrets{"whsec_new", "whsec_old"};

void check_signed(std::string body, std::size_t at, char letter) {
  const auto header = test::stripe_header(body, secrets.back(), now);
  claim(http::verify_stripe_signature(body, header, secrets, now) == signature::good, "who signs is heard");
  claim(
      http::verify_stripe_signature(body, header, secrets, now + 301) == signature::too_old,
      "and not for longer than five minutes"
  );
  if (body.empty()) return;
  at %= body.size();
  const bool same = body[at] == letter;
  body[at] = letter;
  const auto said = http::verify_stripe_signature(body, header, secrets, now);
  claim((said == signature::good) == same, "a byte that is changed breaks the signature");
}

void check_news(const payment_news& news) {
  claim(
      news.what != payment_news::kind::failed || !news.failure_message.empty(),
      "a failure has words for people"
  );
}

void check_answers(std::string_view bytes) {
  outgoing_outcome outcome;
  outcome.answer.status = 200 + take_byte(bytes) * 2;
  outcome.answer.body = bytes;
  check_news(read_payment_answer(outcome).news);
  check_news(read_session_answer(outcome).news);
  (void)read_object_answer(outcome);
  (void)read_method_answer(outcome);
  (void)read_refund_list(outcome, "ref-1");
  for (const auto& event : read_event_page(outcome).events)
    check_news(news_of(event));
}

void check_event(std::string_view bytes) {
  const auto event = read_event(std::string(bytes));
  if (!event) return;
  claim(!event->event_id.empty() && !event->type.empty(), "an event has an id and a type");
  claim(event->payload == bytes, "it is kept as it was signed");
  const auto again = read_event(event->payload);
  claim(
      again && again->event_id == event->event_id && again->live == event->live, "what is kept is read alike"
  );
  check_news(news_of(*event));
}

} // namespace

/// The first byte says what follows: a header, the end of its line and a body; a place, a letter and a body
/// that is signed; an event; or a status and an answer of the provider.
void run_payment_events(std::string_view bytes) {
  switch (take_byte(bytes) % 4) {
  case 0: {
    const auto header = take_until(bytes, '\n');
    claim(
        http::verify_stripe_signature(bytes, header, secrets, now) != signature::good,
        "nobody signs but who has a secret"
    );
    return;
  }
  case 1: {
    const auto at = std::size_t{take_byte(bytes)} * 256 + take_byte(bytes);
    const auto letter = static_cast<char>(take_byte(bytes));
    return check_signed(std::string(bytes), at, letter);
  }
  case 2: return check_event(bytes);
  default: return check_answers(bytes);
  }
}

} // namespace tessera::fuzz
