#include "actors/domain/packages.hpp"

#include <gtest/gtest.h>

namespace tessera {
namespace {

credit_package a_package() {
  credit_package package;
  package.id = "basic-1000";
  package.name = "Basic";
  package.amount = credits{1000};
  package.price_minor = 5000;
  package.currency = "USD";
  package.validity_days = 365;
  package.discount = "0";
  package.version = 3;
  return package;
}

edit_package an_edit(package_terms terms) {
  edit_package command;
  command.package_id = "basic-1000";
  command.terms = std::move(terms);
  return command;
}

TEST(PackageTermsTest, ChangeWhatTheySayAndNothingElse) {
  package_terms terms;
  terms.price = "49.5";
  terms.features = std::vector<std::string>{"Mail"};

  const auto after = with_terms(a_package(), terms);

  ASSERT_TRUE(after);
  auto expected = a_package();
  expected.price_minor = 4950;
  expected.features = {"Mail"};
  EXPECT_EQ(*after, expected);
}

TEST(PackageTermsTest, MayNameThePriceTwiceWhenBothAgree) {
  package_terms terms;
  terms.price = "49.5";
  terms.price_minor = 4950;
  EXPECT_EQ(with_terms(a_package(), terms)->price_minor, 4950);
  terms.price_minor = 4951;
  EXPECT_EQ(with_terms(a_package(), terms).code(), errc::invalid_price);
}

struct priced {
  const char* currency;
  const char* price;
  std::optional<std::int64_t> minor; // nothing: refused
};

TEST(PackageTermsTest, HaveNoMoreDecimalsThanTheirCurrency) {
  const priced table[] = {
      {"USD", "50.01", 5001},
      {"USD", "50.001", std::nullopt},
      {"JPY", "5000", 5000},
      {"JPY", "5000.5", std::nullopt},
      {"KWD", "1.125", 1125},
      {"KWD", "1.1255", std::nullopt},
  };
  for (const auto& row : table) {
    package_terms terms;
    terms.currency = row.currency;
    terms.price = row.price;
    const auto after = with_terms(a_package(), terms);
    EXPECT_EQ(after ? std::optional(after->price_minor) : std::nullopt, row.minor)
        << row.currency << " " << row.price;
  }
}

TEST(PackageTermsTest, SayThePriceAnewWithAnotherCurrency) {
  package_terms terms;
  terms.currency = "JPY";
  EXPECT_EQ(with_terms(a_package(), terms).code(), errc::invalid_price);
  terms.currency = "USD"; // the one that it has
  EXPECT_TRUE(with_terms(a_package(), terms));
  terms.currency = "JPY";
  terms.price_minor = 5000;
  EXPECT_TRUE(with_terms(a_package(), terms));
}

TEST(PackageEditTest, RaisesTheVersion) {
  package_terms terms;
  terms.active = false;
  const auto after = edited(a_package(), an_edit(terms));
  EXPECT_EQ(after->version, 4);
  EXPECT_FALSE(after->active);
}

TEST(PackageEditTest, ThatChangesNothingKeepsTheVersion) {
  package_terms terms;
  terms.name = "Basic";
  EXPECT_EQ(*edited(a_package(), an_edit(terms)), a_package());
}

TEST(PackageEditTest, IsForTheVersionsThatTheCallerHasSeen) {
  auto command = an_edit({});
  command.only_versions = {{2, 3}};
  EXPECT_TRUE(edited(a_package(), command));
  command.only_versions = {{2, 4}};
  EXPECT_EQ(edited(a_package(), command).code(), errc::precondition_failed);
  command.only_versions = std::vector<std::int64_t>{};
  EXPECT_EQ(edited(a_package(), command).code(), errc::precondition_failed);
}

} // namespace
} // namespace tessera
