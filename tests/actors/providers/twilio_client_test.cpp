#include "actors/providers/sms_codes.hpp"
#include "actors/providers/twilio_client.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace tessera::test {

namespace {

using enum delivery_failure;

outgoing_outcome answered(int status, std::string body, outgoing_headers headers = {}) {
  outgoing_outcome outcome;
  outcome.answer = {status, std::move(headers), std::move(body)};
  return outcome;
}

outgoing_outcome unanswered(outgoing_failure how) {
  outgoing_outcome outcome;
  outcome.failure = how;
  outcome.why = "why";
  return outcome;
}

std::string error(int code) {
  return R"({"code":)" + std::to_string(code) +
         R"(,"message":"of +12025550123","more_info":"","status":400})";
}

} // namespace

TEST(TwilioClientTest, WritesWhatTwilioReads) {
  const twilio_options options{
      "https://api.example", "AC1", "secret", "+15005550006", "https://us/webhooks/sms/status"};
  const auto request = twilio_request({"id-1", "+919876543210", "Łódź & co", 1}, options);
  EXPECT_EQ("POST", request.method);
  EXPECT_EQ("https://api.example/2010-04-01/Accounts/AC1/Messages.json", request.url);
  EXPECT_EQ(
      "To=%2B919876543210&From=%2B15005550006&Body=%C5%81%C3%B3d%C5%BA%20%26%20co"
      "&StatusCallback=https%3A%2F%2Fus%2Fwebhooks%2Fsms%2Fstatus%3Fnotification%3Did-1",
      request.body
  );
  const auto has = [&](const char* name, const char* value) {
    return std::ranges::find(request.headers, std::pair<std::string, std::string>(name, value)) !=
           request.headers.end();
  };
  EXPECT_TRUE(has("Authorization", "Basic QUMxOnNlY3JldA=="));
  EXPECT_TRUE(has("Content-Type", "application/x-www-form-urlencoded"));
  EXPECT_TRUE(has("Idempotency-Key", "id-1"));
  EXPECT_EQ(1, request.attempts) << "it may not arrive twice";
}

TEST(TwilioClientTest, AMessagingServiceSendsByItsId) {
  const auto service = "MG" + std::string(32, 'a');
  const auto request =
      twilio_request({"id-1", "+919876543210", "x", 1}, {"https://a", "AC1", "s", service, {}});
  EXPECT_EQ("To=%2B919876543210&MessagingServiceSid=" + service + "&Body=x", request.body);
}

TEST(TwilioClientTest, ClassifiesWhatIsAnswered) {
  struct said {
    const char* name;
    outgoing_outcome outcome;
    delivery_failure failure;
    bool opted_out = false;
  };
  const said all[] = {
      {"taken", answered(201, R"({"sid":"SM1","status":"queued"})"), none},
      {"no such number", answered(400, error(21211)), permanent_recipient},
      {"a landline", answered(400, error(21614)), permanent_recipient},
      {"STOP", answered(400, error(21610)), permanent_recipient, true},
      {"a country that the account may not", answered(400, error(21408)), permanent_config},
      {"a sender that is not ours", answered(400, error(21606)), permanent_config},
      {"a token that is wrong", answered(401, error(20003)), permanent_config},
      {"a full queue", answered(400, error(21611)), transient},
      {"too many", answered(429, error(20429), {{"retry-after", "7"}}), transient},
      {"broken", answered(500, "oops"), transient},
      {"away", answered(503, ""), transient},
      {"a page of a proxy", answered(200, "<html>"), ambiguous},
      {"not connected", unanswered(outgoing_failure::not_connected), transient},
      {"lost", unanswered(outgoing_failure::lost), ambiguous},
      {"timed out", unanswered(outgoing_failure::timed_out), ambiguous},
      {"an answer without an end", unanswered(outgoing_failure::too_long), ambiguous},
      {"an address that may not be", unanswered(outgoing_failure::refused_address), permanent_config},
  };
  for (const auto& [name, outcome, failure, opted_out] : all) {
    const auto told = outcome_of_twilio(outcome);
    EXPECT_EQ(failure, told.failure) << name;
    EXPECT_EQ(opted_out, told.opted_out) << name;
    EXPECT_EQ(std::string::npos, told.detail.find("2025550123")) << "no number in a log: " << name;
  }
  EXPECT_EQ("SM1", outcome_of_twilio(all[0].outcome).provider_id);
  EXPECT_EQ(std::chrono::seconds(7), outcome_of_twilio(all[8].outcome).retry_after);
}

TEST(TwilioClientTest, KnowsWhatCarriersSay) {
  EXPECT_EQ(permanent_recipient, failure_of_carriage(30005).failure);
  EXPECT_EQ(permanent_recipient, failure_of_carriage(30006).failure);
  EXPECT_EQ(transient, failure_of_carriage(30003).failure);
  EXPECT_EQ(transient, failure_of_carriage(0).failure);
  EXPECT_EQ(permanent_config, failure_of_carriage(30007).failure);
  EXPECT_TRUE(failure_of_carriage(21610).opted_out);
}

} // namespace tessera::test
