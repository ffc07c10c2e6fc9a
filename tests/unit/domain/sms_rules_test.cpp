#include "actors/domain/sms_rules.hpp"

#include <gtest/gtest.h>

namespace tessera {

namespace {

using enum notification_status;

const std::vector<std::string> allowed{"IN", "US", "GB"};

delivery_outcome failed(delivery_failure how) {
  return {how, "why", "SM1", {}};
}

} // namespace

TEST(CallingCodesTest, KnowWhoseANumberIs) {
  const std::pair<const char*, const char*> all[] = {
      {"+919876543210", "IN"},
      {"+12025550123", "US"},
      {"+14165550123", "CA"},
      {"+12645550123", "AI"},
      {"+18765550123", "JM"},
      {"+447400123456", "GB"},
      {"+447937123456", "JE"},
      {"+441624123456", "IM"},
      {"+4915112345678", "DE"},
      {"+79161234567", "RU"},
      {"+77011234567", "KZ"},
      {"+390669812345", "VA"},
      {"+393123456789", "IT"},
      {"+5999123456", "CW"},
      {"+38349123456", "XK"},
      {"+6591234567", "SG"},
      {"+8613800138000", "CN"},
      {"+85291234567", "HK"},
      {"+9607712345", "MV"},
      {"+35818123456", "AX"},
      // Satellites, services, numbers that cost more, codes that nobody has, and what is no number.
      {"+8816123456", ""},
      {"+18005550123", ""},
      {"+19005550123", ""},
      {"+447012345678", ""},
      {"+8005550123", ""},
      {"+2101234567", ""},
      {"919876543210", ""},
      {"", ""},
  };
  for (const auto& [number, country] : all)
    EXPECT_EQ(country, country_of_number(number)) << number;
}

TEST(SmsRulesTest, GoOnlyWhereTheTenantsPolicySays) {
  sms_standing standing;
  standing.countries = allowed;
  EXPECT_EQ("", why_no_sms("+919876543210", standing));
  EXPECT_NE("", why_no_sms("+4915112345678", standing));
  EXPECT_NE("", why_no_sms("+12645550123", standing)) << "Anguilla, which has the code of the USA";
  EXPECT_NE("", why_no_sms("+8816123456", standing));
  standing.countries.clear();
  EXPECT_NE("", why_no_sms("+919876543210", standing));
}

TEST(SmsRulesTest, ANumberGetsFiveADay) {
  sms_standing standing;
  standing.countries = allowed;
  standing.to_number_today = 4;
  EXPECT_EQ("", why_no_sms("+919876543210", standing));
  standing.to_number_today = 5;
  EXPECT_NE("", why_no_sms("+919876543210", standing));
  EXPECT_EQ("", why_no_sms("+919876543210", standing, 2)) << "limits.scale";
}

TEST(SmsRulesTest, ABlockOfNumbersGetsSoManyOfATenantAndFewerOfANewOne) {
  sms_standing standing;
  standing.countries = allowed;
  standing.to_prefix_today = 99;
  EXPECT_EQ("", why_no_sms("+919876543210", standing));
  standing.to_prefix_today = 100;
  EXPECT_NE("", why_no_sms("+919876543210", standing));
  standing.to_prefix_today = 20;
  EXPECT_EQ("", why_no_sms("+919876543210", standing));
  standing.is_new = true;
  EXPECT_NE("", why_no_sms("+919876543210", standing));
  EXPECT_EQ("+9198765", sms_prefix("+919876543210"));
}

TEST(SmsRulesTest, WhatWasDeliveredStaysSo) {
  const auto after = [](notification_status now,
                        sms_state told,
                        delivery_failure how = delivery_failure::transient,
                        bool is_last = true,
                        int attempts = 1) {
    const auto report = after_telling(now, is_last, attempts, told, failed(how), 0.5);
    return report ? std::optional(report->status) : std::nullopt;
  };
  for (const auto now : {sent, claimed, queued, dead}) {
    EXPECT_EQ(delivered, after(now, sms_state::delivered));
    EXPECT_EQ(std::nullopt, after(now, sms_state::under_way));
  }
  EXPECT_EQ(std::nullopt, after(delivered, sms_state::delivered));
  EXPECT_EQ(std::nullopt, after(delivered, sms_state::failed));
  EXPECT_EQ(dead, after(sent, sms_state::failed, delivery_failure::permanent_recipient));
  EXPECT_EQ(queued, after(sent, sms_state::failed));
  EXPECT_EQ(dead, after(sent, sms_state::failed, delivery_failure::transient, true, 4)) << "each costs";
  EXPECT_EQ(std::nullopt, after(sent, sms_state::failed, delivery_failure::transient, false))
      << "of an earlier attempt";
  EXPECT_EQ(std::nullopt, after(dead, sms_state::failed));
  EXPECT_EQ(std::nullopt, after(skipped, sms_state::failed));
}

} // namespace tessera
