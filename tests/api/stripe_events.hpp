#pragma once

#include <cstdint>
#include <string>

namespace tessera::test {

/// What the provider posts of a payment of a purchase of acme.
inline std::string
intent_succeeded(const std::string& event, const std::string& purchase, std::int64_t amount_minor) {
  return R"({"id":")" + event +
         R"(","type":"payment_intent.succeeded","livemode":false,"data":{"object":{"id":"pi_of_)" + event +
         R"(","status":"succeeded","amount":)" + std::to_string(amount_minor) +
         R"(,"currency":"usd","metadata":{"tenantId":"acme","purchaseId":")" + purchase + R"("}}}})";
}

/// All that was taken by it was given back there.
inline std::string
charge_refunded(const std::string& event, const std::string& purchase, std::int64_t amount_minor) {
  const auto amount = std::to_string(amount_minor);
  return R"({"id":")" + event +
         R"(","type":"charge.refunded","livemode":false,"data":{"object":{"id":"ch_of_)" + event +
         R"(","amount":)" + amount + R"(,"amount_refunded":)" + amount +
         R"(,"currency":"usd","metadata":{"tenantId":"acme","purchaseId":")" + purchase + R"("}}}})";
}

/// Of what was taken by `payment` so much was given back there so far.
inline std::string charge_refunded(
    const std::string& event,
    const std::string& purchase,
    const std::string& payment,
    std::int64_t amount_minor,
    std::int64_t refunded_minor
) {
  return R"({"id":")" + event +
         R"(","type":"charge.refunded","livemode":false,"data":{"object":{"id":"ch_of_)" + payment +
         R"(","payment_intent":")" + payment + R"(","amount":)" + std::to_string(amount_minor) +
         R"(,"amount_refunded":)" + std::to_string(refunded_minor) +
         R"(,"currency":"usd","metadata":{"tenantId":"acme","purchaseId":")" + purchase + R"("}}}})";
}

/// One refund of it.
inline std::string refund_created(
    const std::string& event,
    const std::string& purchase,
    const std::string& payment,
    std::int64_t amount_minor
) {
  return R"({"id":")" + event +
         R"(","type":"refund.created","livemode":false,"data":{"object":{"id":"re_of_)" + event +
         R"(","charge":"ch_of_)" + payment + R"(","payment_intent":")" + payment +
         R"(","status":"succeeded","amount":)" + std::to_string(amount_minor) +
         R"(,"currency":"usd","metadata":{"tenantId":"acme","purchaseId":")" + purchase + R"("}}}})";
}

} // namespace tessera::test
