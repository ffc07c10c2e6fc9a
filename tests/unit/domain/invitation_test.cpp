#include "actors/domain/invitation.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tessera {
namespace {

using namespace std::chrono_literals;
using enum invitation_status;
using event = invitation_event;

constexpr auto nothing = std::optional<invitation_status>();

TEST(InvitationTest, FollowsTheTableOfStates) {
  struct row {
    invitation_status before;
    std::optional<invitation_status> accept, decline, cancel, update, resend, expire;
  };
  const row table[] = {
      {pending, accepted, declined, cancelled, pending, pending, expired},
      {expired, nothing, nothing, nothing, nothing, pending, nothing},
      {accepted, nothing, nothing, nothing, nothing, nothing, nothing},
      {declined, nothing, nothing, nothing, nothing, nothing, nothing},
      {cancelled, nothing, nothing, nothing, nothing, nothing, nothing},
  };
  for (const auto& row : table) {
    SCOPED_TRACE(std::string(to_string(row.before)));
    EXPECT_EQ(after(row.before, event::accept), row.accept);
    EXPECT_EQ(after(row.before, event::decline), row.decline);
    EXPECT_EQ(after(row.before, event::cancel), row.cancel);
    EXPECT_EQ(after(row.before, event::update), row.update);
    EXPECT_EQ(after(row.before, event::resend), row.resend);
    EXPECT_EQ(after(row.before, event::expire), row.expire);
  }
}

TEST(InvitationTest, W41WhatWaitsForApprovalIsDecidedCancelledOrOver) {
  EXPECT_EQ(after(pending_approval, event::approve), pending);
  EXPECT_EQ(after(pending_approval, event::reject), cancelled);
  EXPECT_EQ(after(pending_approval, event::cancel), cancelled);
  EXPECT_EQ(after(pending_approval, event::expire), expired);
  for (const auto other : {event::accept, event::decline, event::update, event::resend})
    EXPECT_EQ(after(pending_approval, other), nothing);
  for (const auto status : {pending, expired, accepted, declined, cancelled}) {
    EXPECT_EQ(after(status, event::approve), nothing);
    EXPECT_EQ(after(status, event::reject), nothing);
  }
  const time_point end{1'000'000us};
  EXPECT_EQ(effective(pending_approval, end, end), expired);
}

TEST(InvitationTest, W39FourEyesAreTwoPeople) {
  const principal inviter{principal_kind::user, "usr-1", {}};
  const auto by = [&](const principal& who, const std::string& person) {
    return why_not_decide({who, person}, inviter, "ann@acme.test", "bob@acme.test");
  };
  const principal other{principal_kind::user, "usr-2", {}};

  EXPECT_EQ(by(other, "eve@acme.test"), std::nullopt);
  EXPECT_EQ(by(inviter, "moved@acme.test"), invitation_flaw::own_approval);
  EXPECT_EQ(by(other, "ann@acme.test"), invitation_flaw::own_approval);
  EXPECT_EQ(by(other, "bob@acme.test"), invitation_flaw::own_approval);
  EXPECT_EQ(by({principal_kind::operator_key, {}, {}}, {}), std::nullopt);
}

TEST(InvitationTest, AnApprovalIsOfWhatItGivesNow) {
  invitation_view one;
  one.grant_version = 2;
  EXPECT_FALSE(is_approved(one));
  one.approved_by = "usr-2";
  one.approved_grants = 1;
  EXPECT_FALSE(is_approved(one));
  one.approved_grants = 2;
  EXPECT_TRUE(is_approved(one));
}

TEST(InvitationTest, W15IsOverAtItsEndWhoeverHasNoticed) {
  const time_point end{1'000'000us};

  EXPECT_EQ(effective(pending, end, end - 1us), pending);
  EXPECT_EQ(effective(pending, end, end), expired);
  EXPECT_EQ(effective(accepted, end, end + 1h), accepted);
}

TEST(InvitationTest, W19SaysOfADeadTokenWhyItIsDead) {
  EXPECT_EQ(why_dead(pending, 2, 2), std::nullopt);
  EXPECT_EQ(why_dead(pending, 1, 2), invitation_flaw::superseded);
  EXPECT_EQ(why_dead(accepted, 1, 2), invitation_flaw::already_accepted);
  EXPECT_EQ(why_dead(declined, 1, 1), invitation_flaw::declined);
  EXPECT_EQ(why_dead(cancelled, 1, 1), invitation_flaw::cancelled);
  EXPECT_EQ(why_dead(expired, 1, 1), invitation_flaw::expired);
}

TEST(InvitationTest, W37MatchesDomainsByWholeLabels) {
  const std::vector<std::string> domains{"example.com"};

  EXPECT_TRUE(is_in_domains("a@example.com", domains));
  EXPECT_TRUE(is_in_domains("a@EXAMPLE.com", domains));
  EXPECT_TRUE(is_in_domains("a@mail.example.com", domains));
  EXPECT_FALSE(is_in_domains("a@attacker-example.com", domains));
  EXPECT_FALSE(is_in_domains("a@example.com.evil.org", domains));
  EXPECT_TRUE(is_in_domains("a@anything.org", {}));
}

TEST(InvitationTest, W38TakesAddressesThatDifferInCaseForOnePersons) {
  EXPECT_EQ(canonical_address("John.Doe@Company.com"), canonical_address("john.doe@company.com"));
}

TEST(InvitationTest, W39KnowsThePersonBehindAliases) {
  EXPECT_EQ(address_behind_aliases("me+2@acme.test"), "me@acme.test");
  EXPECT_EQ(address_behind_aliases("J.Doe+x@GoogleMail.com"), "jdoe@gmail.com");
  EXPECT_EQ(address_behind_aliases("j.doe@acme.test"), "j.doe@acme.test");
}

TEST(InvitationTest, W30NoticesWebAddressesInNames) {
  for (const auto* text :
       {"Win at evil.com",
        "http://x",
        "www.x",
        "Free: bit.ly/x",
        "mailto:x",
        "PAYPAL.COM support",
        "t.co/abc",
        "x.com"})
    EXPECT_TRUE(looks_like_link(text)) << text;
  for (const auto* text : {"John Doe", "J. R. Tolkien", "J.R. Smith", "Acme Inc.", "Jean-Luc", "3.5 Ltd"})
    EXPECT_FALSE(looks_like_link(text)) << text;
}

} // namespace
} // namespace tessera
