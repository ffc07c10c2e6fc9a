#include "http/routes/credits/cloud_event.hpp"

#include <gtest/gtest.h>

namespace tessera::http {

namespace {

const std::string core =
    R"("specversion":"1.0","id":"1","source":"/s","type":"api.calls","subject":"organization/org-1")";

const auto now = from_microseconds(1'800'000'000'000'000); // 2027-01-15T08:00:00Z

TEST(CloudEventTest, BecomesASpend) {
  json::reader reader("{" + core + R"(,"data":{"credits":7,"metadata":{"a":[1]}},"region":"eu","hops":3})");
  const auto asked = read_cloud_event(reader.object(), now);

  ASSERT_FALSE(reader.refusal());
  EXPECT_EQ((entity_ref{entity_type::organization, "org-1"}), asked.entity);
  EXPECT_EQ(credits{7}, asked.command.amount);
  EXPECT_EQ("api.calls", asked.command.meter);
  EXPECT_EQ(R"({"a":[1],"region":"eu","hops":3})", asked.command.metadata);
  EXPECT_EQ(67u, asked.command.event_id.size());
}

TEST(CloudEventTest, WithoutDataItIsOneCredit) {
  for (const auto* rest : {"", R"(,"data":null)", R"(,"data":{},"time":null,"other":null)"}) {
    json::reader reader("{" + core + rest + "}");
    const auto asked = read_cloud_event(reader.object(), now);
    EXPECT_FALSE(reader.refusal()) << rest;
    EXPECT_EQ(credits{1}, asked.command.amount);
    EXPECT_EQ("", asked.command.metadata);
  }
}

TEST(CloudEventTest, SourceAndIdTogetherNameTheEvent) {
  const auto event_id = [](const std::string& source, const std::string& id) {
    json::reader reader(
        R"({"specversion":"1.0","type":"t","subject":"location/l","source":")" + source + R"(","id":")" + id +
        "\"}"
    );
    return read_cloud_event(reader.object(), now).command.event_id;
  };
  EXPECT_EQ(event_id("a", "1"), event_id("a", "1"));
  EXPECT_NE(event_id("a", "1"), event_id("b", "1"));
  EXPECT_NE(event_id("ab", "1"), event_id("a", "b1"));
}

/// Couriers add attributes, such as where they trace: sent again, they are other ones.
TEST(CloudEventTest, ExtensionAttributesDoNotTellEventsApart) {
  const auto own_metadata = [](const std::string& rest) {
    json::reader reader("{" + core + rest + "}");
    return read_cloud_event(reader.object(), now).own_metadata;
  };
  EXPECT_EQ(R"({"a":1})", own_metadata(R"(,"data":{"metadata":{"a":1}},"traceparent":"00-1")"));
  EXPECT_EQ("{}", own_metadata(R"(,"data":{"metadata":{}},"hops":3)"));
  EXPECT_EQ("", own_metadata(R"(,"hops":3)"));
}

TEST(CloudEventTest, ItsTimeMayHaveAnOffsetAndIsJudgedByTheGivenClock) {
  const auto occurred_at = [](const std::string& time) -> std::optional<time_point> {
    json::reader reader("{" + core + R"(,"time":")" + time + "\"}");
    const auto asked = read_cloud_event(reader.object(), now);
    return reader.refusal() ? std::nullopt : asked.command.occurred_at;
  };
  EXPECT_EQ(now, occurred_at("2027-01-15T08:00:00Z"));
  EXPECT_EQ(now, occurred_at("2027-01-15T10:00:00+02:00"));
  EXPECT_EQ(now - std::chrono::hours(7 * 24), occurred_at("2027-01-08T08:00:00Z"));
  EXPECT_EQ(std::nullopt, occurred_at("2027-01-08T07:59:59Z"));
  EXPECT_EQ(std::nullopt, occurred_at("2027-01-15T08:05:01Z"));
}

TEST(CloudEventTest, RefusesWhatIsNoEvent) {
  const auto without = [](std::string text, const std::string& part, const std::string& other) {
    return "{" + text.replace(text.find(part), part.size(), other) + "}";
  };
  const auto with = [](const std::string& more) { return "{" + core + "," + more + "}"; };
  const struct {
    std::string name, body;
    unsigned status;
    std::string pointer, code;
  } table[] = {
      {"version", without(core, R"("1.0")", R"("0.3")"), 422, "/specversion", "invalid_value"},
      {"no id", without(core, R"("id":"1",)", ""), 422, "/id", "required"},
      {"no source", without(core, R"("source":"/s",)", ""), 422, "/source", "required"},
      {"no type", without(core, R"("type":"api.calls",)", ""), 422, "/type", "required"},
      {"no subject", without(core, R"(,"subject":"organization/org-1")", ""), 422, "/subject", "required"},
      {"subject's type", without(core, "organization/", "planet/"), 422, "/subject", "unknown_entity_type"},
      {"subject's id", without(core, "/org-1", "/org 1"), 422, "/subject", "invalid_id"},
      {"subject alone", without(core, "/org-1", ""), 422, "/subject", "invalid_id"},
      {"old", with(R"("time":"2020-01-01T00:00:00Z")"), 422, "/time", "event_too_old"},
      {"ahead", with(R"("time":"2999-01-01T00:00:00Z")"), 422, "/time", "event_in_future"},
      {"data", with(R"("data":7)"), 400, "/data", "invalid_type"},
      {"nothing", with(R"("data":{"credits":0})"), 422, "/data/credits", "amount_out_of_range"},
      {"unknown in data", with(R"("data":{"x":1})"), 422, "/data/x", "unknown_field"},
      {"binary data", with(R"("data_base64":"AA==")"), 422, "/data_base64", "invalid_value"},
      {"xml", with(R"("datacontenttype":"text/xml")"), 422, "/datacontenttype", "invalid_value"},
      {"name", with(R"("someName":"x")"), 422, "/someName", "unknown_field"},
      {"structure", with(R"("ext":{"a":1})"), 422, "/ext", "invalid_value"},
      {"twice", with(R"("ext":1,"data":{"metadata":{"ext":2}})"), 422, "/ext", "invalid_value"},
      {"large", with(R"("ext":")" + std::string(4'090, 'x') + "\""), 422, "/data", "too_large"},
      {"large, and more",
       with(R"("ext":")" + std::string(4'090, 'x') + R"(","Bad":1)"),
       422,
       "/data",
       "too_large"},
  };
  for (const auto& row : table) {
    json::reader reader(row.body);
    (void)read_cloud_event(reader.object(), now);
    const auto refusal = reader.refusal();
    ASSERT_TRUE(refusal) << row.name;
    EXPECT_EQ(row.status, refusal->status) << row.name;
    ASSERT_EQ(1u, refusal->errors.size()) << row.name;
    EXPECT_EQ(row.pointer, refusal->errors[0].pointer) << row.name;
    EXPECT_EQ(row.code, refusal->errors[0].code) << row.name;
  }
}

} // namespace

} // namespace tessera::http
