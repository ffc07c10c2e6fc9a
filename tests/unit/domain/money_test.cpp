#include "messages/types/money.hpp"

#include <gtest/gtest.h>

namespace tessera {
namespace {

TEST(CurrencyTest, HasTheDecimalsOfTheTable) {
  EXPECT_EQ(exponent_of("USD"), 2);
  EXPECT_EQ(exponent_of("JPY"), 0);
  EXPECT_EQ(exponent_of("MGA"), 0);
  EXPECT_EQ(exponent_of("KWD"), 3);
  EXPECT_EQ(exponent_of("AED"), 2); // the first and the last of the table
  EXPECT_EQ(exponent_of("ZMW"), 2);
}

TEST(CurrencyTest, IsOneThatWeKnowInUpperCase) {
  for (const auto* unknown : {"", "U", "US", "usd", "XXX", "USDX", "SD ", " US", "D A", "ABC"})
    EXPECT_EQ(exponent_of(unknown), std::nullopt) << unknown;
}

TEST(MinorUnitsTest, AreExact) {
  EXPECT_EQ(minor_units_of("225", 2), 22'500);
  EXPECT_EQ(minor_units_of("225.5", 2), 22'550);
  EXPECT_EQ(minor_units_of("0.01", 2), 1);
  EXPECT_EQ(minor_units_of("225.500", 2), 22'550); // the same number
  EXPECT_EQ(minor_units_of("5000", 0), 5'000);
  EXPECT_EQ(minor_units_of("1.125", 3), 1'125);
  EXPECT_EQ(minor_units_of("90071992547409.91", 2), most_minor_units);
  EXPECT_EQ(minor_units_of("0", 2), 0);
}

TEST(MinorUnitsTest, AreNotRounded) {
  EXPECT_EQ(minor_units_of("225.005", 2), std::nullopt);
  EXPECT_EQ(minor_units_of("225.00000000000000000001", 2), std::nullopt);
  EXPECT_EQ(minor_units_of("0.5", 0), std::nullopt);
  EXPECT_EQ(minor_units_of("1.1255", 3), std::nullopt);
}

TEST(MinorUnitsTest, ComeFromPlainNumbersInRangeOnly) {
  for (const auto* bad :
       {"", ".5", "-1", "+1", "1e2", " 1", "1,5", "90071992547409.92", "99999999999999999999999999999999"})
    EXPECT_EQ(minor_units_of(bad, 2), std::nullopt) << bad;
}

TEST(MoneyTextTest, FitsTheCurrency) {
  EXPECT_EQ(decimal_text(22'500, "USD"), "225");
  EXPECT_EQ(decimal_text(22'505, "USD"), "225.05");
  EXPECT_EQ(decimal_text(1'125, "KWD"), "1.125");
  EXPECT_EQ(decimal_text(5'000, "JPY"), "5000");
  EXPECT_EQ(amount_text(22'500, "USD"), "225.00");
  EXPECT_EQ(amount_text(1'500, "KWD"), "1.500");
  EXPECT_EQ(amount_text(5'000, "JPY"), "5000");
  EXPECT_EQ(amount_text(5, "USD"), "0.05");
}

} // namespace
} // namespace tessera
