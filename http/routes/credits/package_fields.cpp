#include "http/routes/credits/package_fields.hpp"

#include "http/routes/credits/days_rules.hpp"
#include "http/routes/credits/entity_fields.hpp"
#include "http/routing/characters.hpp"
#include "http/routing/rejections.hpp"
#include "http/routing/versions.hpp"
#include "messages/types/money.hpp"

#include <algorithm>

namespace tessera::http {

namespace {

constexpr json::integer_rules price_rules{.least = 0, .most = most_minor_units, .code = "invalid_price"};
constexpr std::int64_t whole_in_hundredths = 10'000; // 100 percent

std::optional<std::string> text_if_there(json::object& fields, std::string_view name, std::size_t most) {
  const auto text = fields.optional_string(name, {.most = most});
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

/// Upper case whatever the caller's was.
std::optional<std::string> read_currency(json::object& fields) {
  auto currency = text_if_there(fields, "currency", 64);
  if (!currency) return std::nullopt;
  std::transform(currency->begin(), currency->end(), currency->begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  });
  if (!exponent_of(*currency))
    fields.reject("currency", "unsupported_currency", "Must be a currency of ISO 4217.");
  return currency;
}

/// Percent with at most two decimals.
std::optional<std::string> read_discount(json::object& fields) {
  auto discount = fields.optional_decimal("discount");
  if (!discount) return std::nullopt;
  const auto hundredths = minor_units_of(*discount, 2);
  if (!hundredths || *hundredths > whole_in_hundredths)
    fields.reject("discount", "out_of_range", "Must be 0 to 100 with at most two decimals.");
  return discount;
}

std::optional<std::vector<std::string>> read_features(json::object& fields) {
  const auto items = fields.optional_array("features", {.most = 20});
  if (!items) return std::nullopt;
  std::vector<std::string> features;
  for (const auto item : *items)
    features.emplace_back(item.string({.most = 100}));
  return features;
}

/// null and absent differ: null takes it away.
std::optional<std::string> read_stripe_price_id(json::object& fields) {
  if (fields.is_null("stripePriceId")) return std::string();
  return text_if_there(fields, "stripePriceId", 255);
}

template <class T, class Text>
void add_if_there(fingerprint& print, std::string_view name, const std::optional<T>& field, Text text) {
  if (field) print.add(name).add(text(*field));
}

const std::string& as_it_is(const std::string& text) {
  return text;
}

} // namespace

package_terms read_terms(json::object& fields) {
  package_terms terms;
  terms.name = text_if_there(fields, "name", 200);
  if (const auto amount = fields.optional_integer("credits", amount_rules)) terms.amount = credits{*amount};
  terms.price = fields.optional_decimal("price").value_or("");
  terms.price_minor = fields.optional_integer("priceMinor", price_rules);
  terms.currency = read_currency(fields);
  if (const auto days = fields.optional_integer("validityDays", days_rules))
    terms.validity_days = static_cast<int>(*days);
  terms.discount = read_discount(fields);
  terms.features = read_features(fields);
  terms.stripe_price_id = read_stripe_price_id(fields);
  terms.active = fields.optional_boolean("active");
  return terms;
}

void add_terms(fingerprint& print, const package_terms& terms) {
  add_if_there(print, "name", terms.name, as_it_is);
  add_if_there(print, "credits", terms.amount, [](credits units) { return units.value(); });
  print.add("price").add(terms.price);
  add_if_there(print, "priceMinor", terms.price_minor, [](std::int64_t minor) { return minor; });
  add_if_there(print, "currency", terms.currency, as_it_is);
  add_if_there(print, "validityDays", terms.validity_days, [](int days) { return std::int64_t{days}; });
  add_if_there(print, "discount", terms.discount, as_it_is);
  add_if_there(print, "features", terms.features, [](const std::vector<std::string>& all) {
    fingerprint list;
    for (const auto& each : all)
      list.add(each);
    return list.text();
  });
  add_if_there(print, "stripePriceId", terms.stripe_price_id, as_it_is);
  add_if_there(print, "active", terms.active, [](bool active) { return std::int64_t{active}; });
}

void write_package(json::writer& out, const credit_package& p) {
  out.field("packageId", p.id).field("name", p.name).field("credits", p.amount.value());
  out.key("price").raw(decimal_text(p.price_minor, p.currency));
  out.field("priceMinor", p.price_minor).field("currency", p.currency).field("validityDays", p.validity_days);
  out.key("discount").raw(p.discount.empty() ? "0" : p.discount);
  out.key("features").begin_array();
  for (const auto& feature : p.features)
    out.string(feature);
  out.end_array();
  out.key("stripePriceId");
  p.stripe_price_id.empty() ? out.null() : out.string(p.stripe_price_id);
  out.field("active", p.active);
}

kept_answer word_package(const credit_package& package, std::int16_t status) {
  kept_answer answer{status, {}, etag_of(package.version), false};
  json::writer out(answer.body);
  out.begin_object().field("success", true);
  write_package(out, package);
  out.end_object();
  return answer;
}

problem package_problem(const rejection& why) {
  auto p = problem_of(why);
  if (why.code == errc::invalid_price) p.errors.push_back({"/price", p.code, why.detail});
  return p;
}

} // namespace tessera::http
