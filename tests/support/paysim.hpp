#pragma once

#include "tests/support/exchange_log.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/process.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace tessera::test {

/// The payment sandbox (docs/payments-sandbox.md) on a port of its own.
class paysim {
public:
  static constexpr const char* secret_key = "sk_test_of_the_tests";
  static constexpr const char* webhook_secret = "whsec_of_the_tests";

  paysim();

  std::string base_url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  /// What a service is told about it.
  std::map<std::string, std::string> settings() const;
  /// From now on its events are posted to the service at that address.
  void tell(const std::string& service_url);

  /// A call as its owner makes it: GET without a form.
  http_exchange call(const std::string& path, const std::string& form = {}) const;
  /// The same below /_sandbox.
  http_exchange control(const std::string& path, const std::string& form = {}) const;
  /// Nothing goes wrong there any more.
  void mend() const;
  /// The header of an event that it signs now.
  static std::string signature_of(const std::string& body);
  /// What a payer does on the page of a session.
  http_exchange pay_page(const std::string& checkout_url, const std::string& form) const;
  test::process& process() { return *process_; }

private:
  std::uint16_t port_;
  left_out_of_log unlogged_;
  std::unique_ptr<test::process> process_;
};

} // namespace tessera::test
