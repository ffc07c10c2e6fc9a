#include "tools/paysim/payments/products.hpp"

#include "tools/paysim/api/api_error.hpp"
#include "tools/paysim/payments/amounts.hpp"

namespace tessera::paysim {

namespace {

constexpr std::int64_t most_units = 999'999;

std::string product_of(sandbox& account, const parameters& params) {
  if (const auto id = params.text("product"))
    return std::string{text_of(account.get("product", *id, params.name_of("product")), "id")};
  const auto data = params.object("product_data");
  if (!data) throw missing_parameter(params.name_of("product_data"));
  const auto name = data->required_text("name");
  const auto description = data->text("description").value_or("");
  document metadata;
  data->merge_metadata(metadata);
  data->ignore({"images", "tax_code", "unit_label"});
  auto& product = make_product(account, name, description);
  product["metadata"] = metadata.at("metadata");
  product["active"] = false;
  return std::string{text_of(product, "id")};
}

document price_of(sandbox& account, const parameters& params) {
  if (const auto id = params.text("price")) {
    auto& price = account.get("price", *id, params.name_of("price"));
    if (is_set(price, "active")) return price;
    throw invalid_request(
        "The price specified is inactive. This field only accepts active prices.", params.name_of("price")
    );
  }
  const auto data = params.object("price_data");
  if (!data) throw missing_parameter(params.name_of("price"));
  const auto currency = read_currency(data->required_text("currency"), data->name_of("currency"));
  const auto amount = data->required_integer("unit_amount");
  if (amount < 0)
    throw invalid_request(
        "Invalid non-negative integer", data->name_of("unit_amount"), "parameter_invalid_integer"
    );
  data->ignore({"tax_behavior"});
  auto& price = make_price(account, product_of(account, *data), currency, amount);
  price["active"] = false;
  return price;
}

} // namespace

document& make_product(sandbox& account, std::string_view name, std::string_view description) {
  return account.documents.add({
      {"id", account.make_id("prod").substr(0, 19)},
      {"object", "product"},
      {"active", true},
      {"created", account.now()},
      {"default_price", nullptr},
      {"description", text_or_null(description)},
      {"images", json::array{}},
      {"livemode", false},
      {"marketing_features", json::array{}},
      {"metadata", document{}},
      {"name", name},
      {"package_dimensions", nullptr},
      {"shippable", nullptr},
      {"statement_descriptor", nullptr},
      {"tax_code", nullptr},
      {"tax_details", nullptr},
      {"type", "service"},
      {"unit_label", nullptr},
      {"updated", account.now()},
      {"url", nullptr},
  });
}

document&
make_price(sandbox& account, std::string_view product, std::string_view currency, std::int64_t unit_amount) {
  return account.documents.add({
      {"id", account.make_id("price")},
      {"object", "price"},
      {"active", true},
      {"billing_scheme", "per_unit"},
      {"created", account.now()},
      {"currency", currency},
      {"custom_unit_amount", nullptr},
      {"livemode", false},
      {"lookup_key", nullptr},
      {"metadata", document{}},
      {"nickname", nullptr},
      {"product", product},
      {"recurring", nullptr},
      {"tax_behavior", "unspecified"},
      {"tiers_mode", nullptr},
      {"transform_quantity", nullptr},
      {"type", "one_time"},
      {"unit_amount", unit_amount},
      {"unit_amount_decimal", std::to_string(unit_amount)},
  });
}

order_line read_order_line(sandbox& account, const parameters& params) {
  const auto quantity = params.integer("quantity").value_or(1);
  if (quantity < 1 || quantity > most_units)
    throw invalid_request("Invalid quantity.", params.name_of("quantity"), "parameter_invalid_integer");
  params.ignore({"adjustable_quantity", "tax_rates", "dynamic_tax_rates"});
  auto price = price_of(account, params);
  const auto& product = account.get("product", text_of(price, "product"), "product");
  return {price, std::string{text_of(product, "name")}, quantity};
}

} // namespace tessera::paysim
