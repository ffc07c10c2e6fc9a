#include "tests/support/paysim.hpp"

#include "tests/support/stripe_signing.hpp"

#include <chrono>
#include <stdexcept>

namespace tessera::test {

namespace {

http_exchange send(std::uint16_t port, const std::string& target, const std::string& form, bool is_owner) {
  http_client client("127.0.0.1", port);
  if (is_owner) client.set_bearer(paysim::secret_key);
  http_request request;
  request.target = target;
  if (!form.empty()) {
    request.method = "POST";
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
    request.body = form;
  }
  return client.send(request);
}

} // namespace

paysim::paysim() : port_(free_port()), unlogged_(port_) {
  process_ = std::make_unique<test::process>(process_options{
      .command =
          {TESSERA_PAYSIM,
           "--port",
           std::to_string(port_),
           "--secret-key",
           secret_key,
           "--settle-after-ms",
           "300"},
      .environment = {},
      .output_file = {},
  });
  const bool is_up = wait_until(milliseconds{20'000}, [this] { return control("").status() == 200; });
  if (!is_up) throw std::runtime_error("paysim is not there: " + process_->output());
}

std::map<std::string, std::string> paysim::settings() const {
  return {
      {"TESSERA_STRIPE_API_BASE", base_url()},
      {"TESSERA_STRIPE_SECRET_KEY", secret_key},
      {"TESSERA_STRIPE_WEBHOOK_SECRET", webhook_secret},
      {"TESSERA_PAYMENTS_POLL_MS", "50"},
      {"TESSERA_PAYMENTS_CHECK_AFTER_MS", "300"},
      {"TESSERA_PAYMENTS_EVENTS_EVERY_MS", "60000"}};
}

void paysim::tell(const std::string& service_url) {
  const auto added = control(
      "/webhook_endpoints", "url=" + service_url + "/webhooks/stripe&secret=" + std::string(webhook_secret)
  );
  if (added.status() != 200) throw std::runtime_error("no webhooks: " + added.response.body);
}

http_exchange paysim::call(const std::string& path, const std::string& form) const {
  return send(port_, path, form, true);
}

http_exchange paysim::control(const std::string& path, const std::string& form) const {
  return send(port_, "/_sandbox" + path, form, false);
}

std::string paysim::signature_of(const std::string& body) {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return stripe_header(body, webhook_secret, std::chrono::duration_cast<std::chrono::seconds>(since).count());
}

void paysim::mend() const {
  http_client("127.0.0.1", port_).remove("/_sandbox/failures");
}

http_exchange paysim::pay_page(const std::string& checkout_url, const std::string& form) const {
  return send(port_, checkout_url.substr(checkout_url.find('/', 8)), form, false);
}

} // namespace tessera::test
