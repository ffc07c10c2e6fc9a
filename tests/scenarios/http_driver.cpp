#include "tests/scenarios/http_driver.hpp"

#include "tests/support/json.hpp"
#include "tests/support/tessera_service.hpp"

#include <map>

namespace tessera::test {

namespace {

const std::string caller = "crm";

std::string quoted(const std::string& name, const std::string& value) {
  return "\"" + name + "\":\"" + value + "\"";
}
std::string counted(const std::string& name, std::int64_t value) {
  return "\"" + name + "\":" + std::to_string(value);
}

class over_http final : public scenario_driver {
public:
  explicit over_http(tessera_service& service)
      : service_(service), tenant_(service.create_tenant()), key_(service.create_api_key(
                                                                 tenant_,
                                                                 {"credits:read",
                                                                  "credits:consume",
                                                                  "credits:hold",
                                                                  "credits:purchase",
                                                                  "credits:allocate",
                                                                  "directory:write"}
                                                             )) {
    for (const auto* application : {"crm", "hr"})
      service_.create_application(key_, application);
  }

  void make(const sell_package& command) override {
    auto seller = service_.operator_client();
    seller.set_header("X-Tenant", tenant_);
    const auto made = seller.post(
        "/api/credits/packages",
        "{" + quoted("packageId", command.name) + "," + counted("credits", command.credits) + "," +
            counted("price", 50) + "," + counted("validityDays", command.days) + "}"
    );
    if (made.status() != 201) throw std::runtime_error(made.response.body);
  }

  void make(const make_entity& command) override {
    types_[command.name] = command.type;
    if (command.type == "location")
      service_.create_location(key_, command.name, command.parent);
    else
      service_.create_organization(key_, command.name, command.parent);
  }

  told take(const buy_credits& command) override {
    const auto body = "{" + named(command.entity, "entityType", "entityId") + "," +
                      quoted("packageId", command.package) + "," + quoted("paymentMethod", "test") + "}";
    const auto answer = post("/api/credits/purchase", body, caller, command.key);
    const auto answered = told_by(answer, "/newBalance");
    if (answered.refused.empty() && !answered.replayed)
      remember_root(command, text_at(answer.response.body, "/purchaseId"));
    return answered;
  }

  told take(const spend_credits& command) override {
    const auto body = "{" + named(command.entity, "entityType", "entityId") + "," +
                      counted("credits", command.credits) + "}";
    return told_by(post("/api/credits/consume", body, command.application, command.key), "/availableCredits");
  }

  told take(const move_credits& command) override {
    if (command.how != move_credits::way::allocate) return take_up(command);
    std::string legs;
    for (const auto& leg : command.legs)
      legs += (legs.empty() ? "{" : ",{") + named(leg.to, "toEntityType", "toEntityId") + "," +
              counted("credits", leg.credits) + "}";
    const auto body = "{" + named(command.from, "fromEntityType", "fromEntityId") + R"(,"allocations":[)" +
                      legs + "]" + choice_of(command) + "}";
    const auto answer = post("/api/credits/allocate", body, caller, command.key);
    if (answer.status() == 202) wait_for(text_at(answer.response.body, "/allocationId"));
    return told_by(answer, "/fromBalance");
  }

  told take(const put_aside& command) override {
    auto body =
        "{" + named(command.entity, "entityType", "entityId") + "," + counted("credits", command.credits);
    if (command.hours > 0) body += "," + counted("ttlSeconds", command.hours * 3600);
    const auto answer = post("/api/credits/holds", body + "}", command.application, command.key);
    const auto answered = told_by(answer, "/availableCredits");
    if (answered.refused.empty()) holds_[command.label] = text_at(answer.response.body, "/holdId");
    return answered;
  }

  told take(const use_held& command) override {
    auto body = "{" + counted("credits", command.credits);
    if (command.more) body += R"(,"final":false)";
    if (command.overage) body += R"(,"overage":"spend")";
    return settle(command.label, "/capture", body + "}", command.application, command.key);
  }

  told take(const let_go& command) override {
    return settle(command.label, "/release", "{}", command.application, command.key);
  }

  told_balance balance(const std::string& entity, const std::string& application) override {
    const auto body = get("/api/credits/balance/" + types_.at(entity) + "/" + entity, application);
    const auto figure = [&](const char* name) { return integer_at(body, name).value_or(-1); };
    return {figure("/availableCredits"), figure("/usedCredits"), figure("/totalCredits")};
  }

  std::vector<told_lot> lots(const std::string& entity) override {
    const auto body = lots_of(entity);
    std::vector<told_lot> seen;
    for (std::size_t i = 0; i < size_at(body, "/lots").value_or(0); ++i) {
      const auto at = "/lots/" + std::to_string(i);
      seen.push_back({integer_at(body, at + "/free").value_or(-1), label_of(body, at)});
    }
    return seen;
  }

private:
  struct root_lot {
    std::string label, terms;
  };

  told take_up(const move_credits& command) {
    const auto& [to, credits] = command.legs.front();
    const bool called_back = command.how == move_credits::way::reclaim;
    auto body = "{" + (called_back ? named(command.from, "entityType", "entityId")
                                   : named(command.from, "fromEntityType", "fromEntityId"));
    if (!to.empty()) body += "," + named(to, "toEntityType", "toEntityId");
    const auto route = called_back ? "/api/credits/reclaim" : "/api/credits/return";
    const auto answer = post(route, body + "," + counted("credits", credits) + "}", caller, command.key);
    if (answer.status() == 202) wait_for(text_at(answer.response.body, "/allocationId"));
    return told_by(answer, "/fromBalance");
  }

  http_client client(const std::string& application) const {
    auto made = service_.client(key_);
    made.set_header("X-Application", application);
    return made;
  }
  http_exchange post(
      const std::string& route,
      const std::string& body,
      const std::string& application,
      const std::string& key
  ) const {
    return client(application)
        .post(route, body, key.empty() ? header_list{} : header_list{{"Idempotency-Key", key}});
  }
  told settle(
      const std::string& label,
      const std::string& how,
      const std::string& body,
      const std::string& application,
      const std::string& key
  ) const {
    return told_by(
        post("/api/credits/holds/" + holds_.at(label) + how, body, application, key), "/availableCredits"
    );
  }
  std::string get(const std::string& target, const std::string& application) const {
    const auto answer = client(application).get(target);
    if (answer.status() != 200) throw std::runtime_error(target + ": " + answer.response.body);
    return answer.response.body;
  }

  std::string named(const std::string& entity, const char* type_field, const char* id_field) const {
    return quoted(type_field, types_.at(entity)) + "," + quoted(id_field, entity);
  }

  std::string choice_of(const move_credits& command) const {
    std::string more;
    if (!command.policy.empty()) more += "," + quoted("lotPolicy", command.policy);
    if (command.lasting_days > 0) more += "," + counted("minRemainingDays", command.lasting_days);
    if (command.only.empty()) return more;
    std::string ids;
    for (const auto& label : command.only)
      ids += (ids.empty() ? "\"" : ",\"") + lot_labelled(command.from, label) + "\"";
    return more + R"(,"lotIds":[)" + ids + "]";
  }

  std::string lot_labelled(const std::string& entity, const std::string& label) const {
    const auto body = lots_of(entity);
    for (std::size_t i = 0; i < size_at(body, "/lots").value_or(0); ++i) {
      const auto at = "/lots/" + std::to_string(i);
      if (label_of(body, at) == label) return text_at(body, at + "/lotId");
    }
    throw std::invalid_argument(entity + " has nothing of " + label);
  }

  std::string lots_of(const std::string& entity) const {
    return get("/api/credits/lots/" + types_.at(entity) + "/" + entity, caller);
  }

  static told told_by(const http_exchange& answer, const char* available) {
    const auto& body = answer.response.body;
    if (!answer.ok()) throw std::runtime_error("no answer");
    if (answer.status() >= 300)
      return {text_at(body, "/code"), false, -1, integer_at(body, "/wouldAllow").value_or(-1)};
    const bool replayed = answer.response.header("idempotent-replayed") == "true";
    return {{}, replayed, integer_at(body, available).value_or(-1), -1};
  }

  void wait_for(const std::string& allocation) const {
    const auto arrived = [&] {
      const auto seen = get("/api/credits/allocations/" + allocation, caller);
      return text_at(seen, "/allocation/status") == "completed";
    };
    if (!wait_until(milliseconds{20'000}, arrived)) throw std::runtime_error("a leg does not arrive");
  }

  /// Everything of a lot that moving must not change. Its cost is its purchase's.
  static std::string terms_at(const std::string& body, const std::string& lot) {
    std::string terms;
    for (const auto* field : {"/purchaseId", "/kind", "/effectiveAt", "/expiresAt", "/expiryDate"})
      terms += text_at(body, lot + field) + "|";
    return terms + std::to_string(integer_at(body, lot + "/priority").value_or(-1));
  }

  void remember_root(const buy_credits& command, const std::string& purchase) {
    const auto body = lots_of(command.entity);
    for (std::size_t i = 0; i < size_at(body, "/lots").value_or(0); ++i) {
      const auto at = "/lots/" + std::to_string(i);
      if (text_at(body, at + "/purchaseId") == purchase)
        roots_[text_at(body, at + "/rootLotId")] = {command.label, terms_at(body, at)};
    }
  }

  std::string label_of(const std::string& body, const std::string& lot) const {
    const auto root = roots_.find(text_at(body, lot + "/rootLotId"));
    if (root == roots_.end()) return "nobody";
    const bool same = terms_at(body, lot) == root->second.terms;
    return same ? root->second.label : root->second.label + ", on other terms";
  }

  tessera_service& service_;
  std::string tenant_;
  std::string key_;
  std::map<std::string, std::string> types_; // of the entities
  std::map<std::string, root_lot> roots_;    // by rootLotId
  std::map<std::string, std::string> holds_; // ids by label
};

} // namespace

std::unique_ptr<scenario_driver> http_driver() {
  static tessera_service service;
  return std::make_unique<over_http>(service);
}

} // namespace tessera::test
