#include "actors/domain/burn_down.hpp"
#include "tests/support/builders.hpp"

#include <gmock/gmock.h>

namespace tessera::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

struct order_case {
  std::string name;
  lot first;
  lot second;
};

void PrintTo(const order_case& each, std::ostream* out) {
  *out << each.name;
}

class BurnOrderTest : public testing::TestWithParam<order_case> {};

TEST_P(BurnOrderTest, HasOneDirection) {
  EXPECT_TRUE(burns_before(GetParam().first, GetParam().second));
  EXPECT_FALSE(burns_before(GetParam().second, GetParam().first));
}

// In each row the lower keys speak against the order: only the key of the row decides.
INSTANTIATE_TEST_SUITE_P(
    Keys,
    BurnOrderTest,
    testing::Values(
        order_case{
            "PriorityBeforeExpiry",
            a_lot(9, 1, priority(10), of_kind(lot_kind::reinstated)),
            a_lot(1, 1, priority(11), expires_in(1d), only_for("crm"), of_kind(lot_kind::promo))},
        order_case{
            "EarlierExpiryBeforeScope",
            a_lot(9, 1, expires_in(10d), of_kind(lot_kind::paid)),
            a_lot(1, 1, expires_in(11d), only_for("crm"), of_kind(lot_kind::promo))},
        order_case{"OneMicrosecondCounts", a_lot(9, 1, expires_in(10us)), a_lot(1, 1, expires_in(11us))},
        order_case{"NeverIsLast", a_lot(9, 1, expires_in(24h * 36500)), a_lot(1, 1, only_for("crm"))},
        order_case{
            "ScopedBeforeUnscopedBeforeKind",
            a_lot(9, 1, expires_in(10d), only_for("crm"), of_kind(lot_kind::reinstated)),
            a_lot(1, 1, expires_in(10d), of_kind(lot_kind::promo))},
        order_case{
            "PromoBeforePlan", a_lot(9, 1, of_kind(lot_kind::promo)), a_lot(1, 1, of_kind(lot_kind::plan))},
        order_case{
            "PlanBeforeBonus", a_lot(9, 1, of_kind(lot_kind::plan)), a_lot(1, 1, of_kind(lot_kind::bonus))},
        order_case{
            "BonusBeforePaid", a_lot(9, 1, of_kind(lot_kind::bonus)), a_lot(1, 1, of_kind(lot_kind::paid))},
        order_case{
            "PaidBeforeReinstated",
            a_lot(9, 1, of_kind(lot_kind::paid)),
            a_lot(1, 1, of_kind(lot_kind::reinstated))},
        order_case{"EarlierEntryBeforeId", a_lot(9, 1, opened_by(3)), a_lot(1, 1, opened_by(4))},
        order_case{"IdAtLast", a_lot(1, 1, opened_by(3)), a_lot(9, 1, opened_by(3))}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST(BurnOrderTest, DoesNotLookAtTheAmount) {
  const auto small = a_lot(1, 1);
  auto large = small;
  large.amount = large.free = credits{1000};

  EXPECT_FALSE(burns_before(small, large));
  EXPECT_FALSE(burns_before(large, small));
}

struct eligibility_case {
  std::string name;
  lot candidate;
  std::string application;
  bool eligible;
};

void PrintTo(const eligibility_case& each, std::ostream* out) {
  *out << each.name;
}

class EligibilityTest : public testing::TestWithParam<eligibility_case> {};

TEST_P(EligibilityTest, AtTheStartOfTheTest) {
  EXPECT_EQ(is_eligible(GetParam().candidate, GetParam().application, start_of_test), GetParam().eligible);
}

INSTANTIATE_TEST_SUITE_P(
    Boundaries,
    EligibilityTest,
    testing::Values(
        eligibility_case{"NeverOver", a_lot(1, 1), "crm", true},
        eligibility_case{"OverInAMicrosecond", a_lot(1, 1, expires_in(1us)), "crm", true},
        eligibility_case{"OverNow", a_lot(1, 1, expires_in(0us)), "crm", false},
        eligibility_case{"OverBefore", a_lot(1, 1, expires_in(-1us)), "crm", false},
        eligibility_case{"EffectiveBefore", a_lot(1, 1, effective_in(-1us)), "crm", true},
        eligibility_case{"EffectiveNow", a_lot(1, 1, effective_in(0us)), "crm", true},
        eligibility_case{"EffectiveInAMicrosecond", a_lot(1, 1, effective_in(1us)), "crm", false},
        eligibility_case{"InScope", a_lot(1, 1, only_for({"hr", "crm"})), "crm", true},
        eligibility_case{"OutOfScope", a_lot(1, 1, only_for({"hr", "erp"})), "crm", false},
        eligibility_case{"APrefixIsAnotherName", a_lot(1, 1, only_for("crm2")), "crm", false},
        eligibility_case{"AnyApplicationSeesAScopedLot", a_lot(1, 1, only_for("hr")), "", true},
        eligibility_case{"AnyApplicationSeesNothingThatIsOver", a_lot(1, 1, expires_in(0us)), "", false}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST(BurnDownTest, SpendsTheEarliestExpiringLotFirst) {
  const auto account = an_account().with_lot(300, expires_in(90d)).with_lot(200, expires_in(30d)).build();

  const auto spent = burn_down(account.lots, credits{250}, "crm", start_of_test);

  EXPECT_THAT(spent, ElementsAre(part(200, 2), part(50, 1)));
}

TEST(BurnDownTest, TakesNoMoreLotsThanItNeeds) {
  const auto account = an_account().with_lot(200, expires_in(30d)).with_lot(300, expires_in(90d)).build();

  EXPECT_THAT(burn_down(account.lots, credits{200}, "crm", start_of_test), ElementsAre(part(200, 1)));
}

TEST(BurnDownTest, PassesOverWhatCannotPay) {
  const auto account = an_account()
                           .with_lot(10, expires_in(0us))
                           .with_lot(10, expires_in(1d), effective_in(1h))
                           .with_lot(10, expires_in(2d), only_for("hr"))
                           .with_lot(10, expires_in(3d), held(10))
                           .with_lot(10, expires_in(4d), held(4))
                           .with_lot(10)
                           .build();

  EXPECT_THAT(burn_down(account.lots, credits{7}, "crm", start_of_test), ElementsAre(part(6, 5), part(1, 6)));
}

TEST(BurnDownTest, NothingWantedTakesNothing) {
  EXPECT_THAT(burn_down({a_lot(1, 10)}, credits{0}, "crm", start_of_test), IsEmpty());
}

} // namespace
} // namespace tessera::test
