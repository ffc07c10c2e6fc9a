#include "tools/paysim/payments/products.hpp"

#include "tools/paysim/api/lists.hpp"
#include "tools/paysim/payments/amounts.hpp"
#include "tools/paysim/resources/resources.hpp"

namespace tessera::paysim {

namespace {

void change_product(const parameters& params, document& product) {
  params.copy_texts(
      product, {"name", "description", "statement_descriptor", "unit_label", "url", "default_price"}
  );
  params.merge_metadata(product);
  if (const auto active = params.boolean("active")) product["active"] = *active;
  params.ignore({"images", "marketing_features", "shippable", "tax_code"});
}

json::value create_product(const call& of) {
  const auto name = of.params.required_text("name");
  document details;
  change_product(of.params, details);
  of.params.done();
  auto& product = make_product(of.account, name);
  for (const auto& [member, value] : details)
    product[member] = value;
  of.account.emit("product.created", product);
  return product;
}

json::value update_product(const call& of) {
  auto& product = of.account.get("product", of.ids.front(), "id", 404);
  auto changed = product;
  change_product(of.params, changed);
  of.params.done();
  changed["updated"] = of.account.now();
  product = std::move(changed);
  of.account.emit("product.updated", product);
  return product;
}

json::value create_price(const call& of) {
  const auto currency = read_currency(of.params.required_text("currency"), "currency");
  const auto amount = of.params.required_integer("unit_amount");
  if (amount < 0)
    throw invalid_request("Invalid non-negative integer", "unit_amount", "parameter_invalid_integer");
  const auto product = of.params.text("product").value_or("");
  std::string name;
  if (const auto data = of.params.object("product_data")) {
    name = data->required_text("name");
    data->ignore({"metadata", "statement_descriptor", "unit_label"});
  }
  document details;
  of.params.copy_texts(details, {"nickname", "lookup_key"});
  of.params.merge_metadata(details);
  of.params.ignore({"tax_behavior", "billing_scheme"});
  of.params.done();
  if (product.empty() && name.empty()) throw missing_parameter("product");
  const auto& of_product =
      product.empty() ? make_product(of.account, name) : of.account.get("product", product, "product");
  auto& price = make_price(of.account, text_of(of_product, "id"), currency, amount);
  for (const auto& [member, value] : details)
    price[member] = value;
  of.account.emit("price.created", price);
  return price;
}

json::value update_price(const call& of) {
  auto& price = of.account.get("price", of.ids.front(), "id", 404);
  auto changed = price;
  of.params.copy_texts(changed, {"nickname", "lookup_key"});
  of.params.merge_metadata(changed);
  if (const auto active = of.params.boolean("active")) changed["active"] = *active;
  of.params.done();
  price = std::move(changed);
  of.account.emit("price.updated", price);
  return price;
}

json::value list_products(const call& of) {
  const auto active = of.params.boolean("active");
  return answer_list(of, "product", [&](const document& each) {
    return !active || is_set(each, "active") == *active;
  });
}

json::value list_prices(const call& of) {
  const auto active = of.params.boolean("active");
  const auto product = of.params.text("product");
  return answer_list(of, "price", [&](const document& each) {
    return (!active || is_set(each, "active") == *active) &&
           (!product || text_of(each, "product") == *product);
  });
}

} // namespace

endpoint_table product_endpoints() {
  return {
      {"POST", "/v1/products", create_product},
      {"GET", "/v1/products", list_products},
      {"GET", "/v1/products/:id", retrieving("product")},
      {"POST", "/v1/products/:id", update_product},
      {"POST", "/v1/prices", create_price},
      {"GET", "/v1/prices", list_prices},
      {"GET", "/v1/prices/:id", retrieving("price")},
      {"POST", "/v1/prices/:id", update_price},
  };
}

} // namespace tessera::paysim
