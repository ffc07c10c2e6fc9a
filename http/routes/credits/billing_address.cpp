#include "http/routes/credits/billing_address.hpp"

#include "http/json/writer.hpp"

#include <algorithm>
#include <array>

namespace tessera::http {

namespace {

constexpr std::array<std::string_view, 9> parts{
    "name", "company", "street", "street2", "city", "state", "zipCode", "country", "taxId"};

/// A control character has no place in a line of an address.
bool is_one_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
}

constexpr json::string_rules line_rules{
    .most = 200, .accepts = is_one_line, .expected = "Must be one line without control characters."};

} // namespace

std::string read_billing_address(json::object& fields) {
  auto address = fields.optional_object("billingAddress");
  if (!address) return {};
  std::string stored;
  json::writer out(stored);
  out.begin_object();
  for (const auto part : parts)
    if (const auto text = address->optional_string(part, line_rules)) out.field(part, *text);
  out.end_object();
  if (stored != "{}") return stored;
  fields.reject("billingAddress", "required", "Must have at least one line.");
  return {};
}

std::vector<std::string> address_lines(std::string_view stored) {
  std::vector<std::string> lines;
  if (stored.empty()) return lines;
  json::reader reader(stored);
  auto address = reader.object();
  const auto part = [&](std::string_view name) {
    return std::string(address.optional_string(name, line_rules).value_or(""));
  };
  const auto town = [&] {
    auto line = part("zipCode");
    for (const auto* name : {"city", "state"})
      if (const auto text = part(name); !text.empty()) line += (line.empty() ? "" : " ") + text;
    return line;
  };
  for (auto line : {part("name"), part("company"), part("street"), part("street2"), town(), part("country")})
    if (!line.empty()) lines.push_back(std::move(line));
  if (const auto tax = part("taxId"); !tax.empty()) lines.push_back("Tax ID " + tax);
  return lines;
}

} // namespace tessera::http
