#include "tests/faults/campaign/bank.hpp"

#include "tests/faults/history/ledger_rows.hpp"
#include "tests/support/json.hpp"

#include <stdexcept>

namespace tessera::test {

namespace {

constexpr const char* tenant = "t1";

class builder {
public:
  explicit builder(node& at) : at_(at) {}

  bank build(std::size_t entities) {
    bank made;
    command({"tenant", "create", "--id", tenant, "--name", "T", "--plan", "enterprise"});
    made.key = text_at(
        command(
            {"key",
             "create",
             "--tenant",
             tenant,
             "--name",
             "k",
             "--scope",
             "credits:consume",
             "--scope",
             "credits:read",
             "--scope",
             "credits:purchase",
             "--scope",
             "credits:reverse",
             "--scope",
             "directory:write"}
        ),
        "/key"
    );
    package(bank::large_package, bank::large_credits);
    package(bank::small_package, bank::small_credits);
    auto client = at_.service().client(made.key);
    post(client, "/api/applications", R"({"id":"crm","name":"CRM"})");
    for (std::size_t i = 0; i < entities; ++i) {
      made.entities.push_back("org-" + std::to_string(i));
      post(client, "/api/organizations", R"({"id":")" + made.entities.back() + R"(","name":"Organization"})");
      made.accounts.push_back(account_of(at_.service().cluster(), at_.database(), made.entities.back()));
    }
    return made;
  }

private:
  /// Runs it as the owner of the database; returns the JSON that it prints.
  std::string command(std::vector<std::string> arguments) {
    for (std::string more :
         {std::string("--database-url"), at_.service().cluster().url(at_.database()), std::string("--json")})
      arguments.push_back(std::move(more));
    const auto done = at_.service().command(arguments);
    if (!done.ok()) throw std::runtime_error("tessera " + arguments[0] + ": " + done.output);
    return done.output;
  }

  void package(const std::string& id, std::int64_t credits) {
    command(
        {"package",
         "create",
         "--tenant",
         tenant,
         "--id",
         id,
         "--credits",
         std::to_string(credits),
         "--price-minor",
         "1000",
         "--currency",
         "USD",
         "--validity-days",
         "365"}
    );
  }

  static void post(http_client& client, const std::string& route, const std::string& json) {
    const auto made = client.post(route, json);
    if (made.status() != 201 && made.status() != 200)
      throw std::runtime_error(
          "POST " + route + ": " + std::to_string(made.status()) + " " + made.response.body
      );
  }

  node& at_;
};

} // namespace

bank open_bank(node& at, std::size_t entities) {
  auto made = builder(at).build(entities);
  wait_until_known(at, made);
  return made;
}

void wait_until_known(node& at, const bank& with) {
  auto client = at.service().client(with.key);
  client.set_header("X-Application", "crm");
  const bool known = wait_until(milliseconds{10'000}, [&] {
    return client.get("/api/credits/balance/organization/" + with.entities.back()).status() == 200;
  });
  if (!known) throw std::runtime_error("the node does not learn of what was made");
}

} // namespace tessera::test
