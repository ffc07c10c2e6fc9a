#include "actors/domain/packages.hpp"

#include "messages/types/money.hpp"

#include <algorithm>

namespace tessera {

namespace {

template <class T> void replace(T& field, const std::optional<T>& value) {
  if (value) field = *value;
}

/// The price in minor units, nothing when it is not said; a rejection when it has no single meaning.
result<std::optional<std::int64_t>> price_of(const package_terms& terms, std::string_view currency) {
  if (terms.price.empty()) return terms.price_minor;
  const auto exponent = exponent_of(currency).value_or(2);
  const auto minor = minor_units_of(terms.price, exponent);
  if (!minor)
    return rejection(
        errc::invalid_price,
        "At most " + std::to_string(exponent) + " decimals in " + std::string(currency) +
            ", and at most 2^53 - 1 minor units."
    );
  if (terms.price_minor && *terms.price_minor != *minor)
    return rejection(errc::invalid_price, "price and priceMinor are not the same amount.");
  return minor;
}

} // namespace

result<credit_package> with_terms(credit_package package, const package_terms& terms) {
  const bool other_currency = terms.currency && *terms.currency != package.currency;
  replace(package.currency, terms.currency);
  const auto price = price_of(terms, package.currency);
  if (!price) return price.why();
  if (other_currency && !*price)
    return rejection(errc::invalid_price, "Say the price anew when the currency changes.");
  replace(package.price_minor, *price);
  replace(package.name, terms.name);
  replace(package.amount, terms.amount);
  replace(package.validity_days, terms.validity_days);
  replace(package.discount, terms.discount);
  replace(package.features, terms.features);
  replace(package.stripe_price_id, terms.stripe_price_id);
  replace(package.active, terms.active);
  return package;
}

result<credit_package> edited(const credit_package& package, const edit_package& command) {
  const auto& seen = command.only_versions;
  if (seen && std::find(seen->begin(), seen->end(), package.version) == seen->end())
    return errc::precondition_failed;
  auto after = with_terms(package, command.terms);
  if (after && *after != package) ++after->version;
  return after;
}

} // namespace tessera
